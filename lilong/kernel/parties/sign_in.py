"""How people sign in: the settings of django-allauth (account, mfa), of passwords and of mail. Used by `site.settings`."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_SUBMISSION = 587  # RFC 6409


def sign_in_settings(data: Path) -> dict[str, Any]:
    """All of them by name. Without EMAIL_URL there is no mail: it is written to files under `data`/mail, and addresses
    need no confirmation."""
    mail_url = os.environ.get("EMAIL_URL", "")
    return {
        **_passwords(),
        **_accounts(confirmed=bool(mail_url)),
        **_second_factors(confirmed=bool(mail_url)),
        **_mail(mail_url, data),
    }


def _passwords() -> dict[str, Any]:
    base = "django.contrib.auth.password_validation."
    return {
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"{base}UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ["email"]}},
            {"NAME": f"{base}MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
            {"NAME": f"{base}CommonPasswordValidator"},
            {"NAME": f"{base}NumericPasswordValidator"},
        ]
    }


def _accounts(*, confirmed: bool) -> dict[str, Any]:
    return {
        "ACCOUNT_ADAPTER": "lilong.kernel.parties.adapter.Adapter",
        "ACCOUNT_FORMS": {"signup": "lilong.kernel.parties.forms.SignupForm"},
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_USER_DISPLAY": str,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory" if confirmed else "none",
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "[Lilong] ",
        "ACCOUNT_CHANGE_EMAIL": True,  # one address a person; a new one replaces it once it is confirmed
        "ACCOUNT_CONFIRM_EMAIL_ON_GET": False,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": False,  # the other sessions end, this one goes on
        "ACCOUNT_REAUTHENTICATION_REQUIRED": True,
        "ACCOUNT_SESSION_REMEMBER": True,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1 if os.environ.get("LILONG_BEHIND_PROXY") == "1" else 0,
    }


def _second_factors(*, confirmed: bool) -> dict[str, Any]:
    return {
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_TOTP_ISSUER": "Lilong",
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "MFA_ALLOW_UNVERIFIED_EMAIL": not confirmed,
    }


def _mail(url: str, data: Path) -> dict[str, Any]:
    """`smtp://user:password@host:587?from=lane@example.org` (STARTTLS), `smtps://` (TLS at once), `smtp://host?tls=0`."""
    if not url:
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": data / "mail",
            "DEFAULT_FROM_EMAIL": "Lilong <lilong@localhost>",
        }
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("EMAIL_URL is smtp://user:password@host:port?from=address")
    user = unquote(parts.username or "")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else _SUBMISSION),
        "EMAIL_HOST_USER": user,
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp" and query.get("tls", "1") == "1",
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": query.get("from") or user or f"lilong@{parts.hostname}",
    }
