"""Django's settings. Everything that differs from place to place comes from the environment or the data folder."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from lilong.host.folder import DataFolder
from lilong.kernel.parties.sign_in import sign_in_settings
from lilong.site import logs
from lilong.site.fields import FIELD_APPS

PACKAGE = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LILONG_DATA", "data")).resolve()


def _secret(name: str) -> str:
    """A secret of this installation: from the environment, else kept (0600) in the data folder."""
    given = os.environ.get(f"LILONG_{name.upper()}")
    return given or DataFolder(DATA).secret(name)


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    pool = {"min_size": 1, "max_size": int(os.environ.get("LILONG_POOL", "8")), "timeout": 15}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": query | ({"pool": pool} if os.environ.get("LILONG_POOL") else {}),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


SECRET_KEY = _secret("secret_key")
DEBUG = os.environ.get("LILONG_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("LILONG_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("LILONG_ORIGINS", "").split(",") if o]
DEMO_CITY = os.environ.get("LILONG_DEMO") == "1"  # a city of play money: whoever signs in may top up
NATS_URL = os.environ.get("NATS_URL", "")
# Where devices' MQTT listens, `host:port`; the host may be left out where it is NATS' own.
MQTT_ADDRESS = os.environ.get("LILONG_MQTT_HOST", "") + ":" + os.environ.get("LILONG_MQTT_PORT", "")
JT808_HOST = os.environ.get("LILONG_JT808_HOST", "127.0.0.1")
JT808_PORT = int(os.environ.get("LILONG_JT808_PORT", "8808") or 0)  # 0: no door for terminals of JT/T 808
LOG_KEY = _secret("log_key")
LOG_ORIGIN = "lilong/" + os.environ.get("LILONG_NAME", "city")
LOG_VERIFIERS = os.environ.get("LILONG_LOG_VERIFIERS", "").split()  # earlier keys (vkeys) that heads may be signed by
WEBHOOKS_TO_PRIVATE = os.environ.get("LILONG_WEBHOOKS_TO_PRIVATE") == "1"
TOKEN_KEY = _secret("token_key")

INSTALLED_APPS = [
    "lilong.kernel.base",
    "lilong.kernel.events",
    "lilong.kernel.devices",
    "lilong.kernel.parties",
    "lilong.kernel.ledger",
    "lilong.kernel.calendar",
    "lilong.kernel.catalog",
    "lilong.kernel.orders",
    "lilong.ui",
    *FIELD_APPS,
    "lilong.plan",
    "lilong.journeys",
    "lilong.site",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "ninja",  # for the page of the API's documentation and its scripts, from here instead of a CDN
]

MIDDLEWARE = [
    "lilong.site.observe.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "lilong.site.security.ContentSecurityMiddleware",
    "lilong.kernel.base.http.ApiProblemMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lilong.kernel.base.http.ProblemMiddleware",
    "lilong.kernel.parties.sign_in_limit.SignInLimitMiddleware",
    "lilong.kernel.parties.api_limit.ApiLimitMiddleware",
]

ROOT_URLCONF = "lilong.site.urls"
ASGI_APPLICATION = "lilong.site.asgi.application"
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/lilong"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lilong.ui.context.lane",
            ],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文"), ("ko", "한국어")]
LANGUAGE_COOKIE_NAME = "lilong_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("LILONG_STATIC", DATA / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = DATA / "media"

LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
globals().update(sign_in_settings(DATA))
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("LILONG_HTTPS") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("LILONG_BEHIND_PROXY") == "1" else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING = logs.configuration(
    level=os.environ.get("LILONG_LOG_LEVEL", "INFO").upper(), form=os.environ.get("LILONG_LOG_FORMAT", "json")
)
