"""Pure decisions about parties: what a name, an address, a role and a scope may look like; secrets and their digests."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from lilong.kernel.base.districts import BY_SLUG
from lilong.kernel.base.problems import invalid
from lilong.kernel.base.words import LANGUAGES, Words

NAME_MAX = 200
WHY_MIN, WHY_MAX = 5, 500
KEY_PREFIX, DEVICE_PREFIX = "lk_", "ld_"
ROLES_MAX, SCOPES_MAX = 20, 50
EMAIL_MAX = 254
TEXT_MAX = 100
YEARS_MAX = timedelta(days=3652)
ADDRESSES_MAX = 20
LABEL_MAX, RECIPIENT_MAX, LINE_MAX = 40, 100, 300

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f.]+(\.[^@\s\x00-\x1f.]+)*")
_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{3,18}[0-9]")
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SCOPE = re.compile(r"\*|[a-z][a-z0-9-]{0,29}(:(\*|[a-z][a-z0-9-]{0,29}))?")
_CATEGORY = re.compile(r"([a-z][a-z0-9-]{0,39})?")


def words(value: Words | str, pointer: str = "/name") -> Words:
    """A name in one to three languages: 1 to 200 visible characters each, no control characters."""
    checked = Words.read(value)
    checked = Words(en=checked.en.strip(), zh=checked.zh.strip(), ko=checked.ko.strip())
    texts = list(checked.stored().values())
    if not texts:
        raise invalid(pointer, "required")
    for text in texts:
        _plain(text, pointer)
    return checked


def person_name(value: Words | str, pointer: str = "/name") -> Words:
    """People have one name, whatever the reader's language; it is kept as the English member."""
    checked = words(value, pointer)
    return Words(en=checked.en or checked.zh or checked.ko)


def _plain(text: str, pointer: str) -> None:
    if len(text) > NAME_MAX:
        raise invalid(pointer, "max-length", str(NAME_MAX))
    if not text.isprintable():
        raise invalid(pointer, "characters")


def email(value: str, pointer: str = "/email") -> str:
    """The address in lower case: one mailbox is one person, however it is typed."""
    lowered = value.strip().lower()
    if len(lowered) > EMAIL_MAX or not lowered.isprintable() or not _EMAIL.fullmatch(lowered):
        raise invalid(pointer, "email")
    return lowered


def district(value: str, pointer: str = "/district") -> str:
    """One of the sixteen districts, or '' for unknown."""
    if value and value not in BY_SLUG:
        raise invalid(pointer, "unknown-district")
    return value


def language(value: str, pointer: str = "/language") -> str:
    """One of the house's languages; '' means English."""
    if value and value not in LANGUAGES:
        raise invalid(pointer, "unknown-language", ", ".join(LANGUAGES))
    return value or "en"


def category(value: str, pointer: str = "/kind") -> str:
    """What kind of organisation or device: a slug of up to 40 characters, or ''."""
    if not _CATEGORY.fullmatch(value):
        raise invalid(pointer, "slug")
    return value


def roles(values: Iterable[str], pointer: str = "/roles") -> list[str]:
    """At least one role, sorted, each once."""
    return _slugs(values, _ROLE, pointer, ROLES_MAX)


def scopes(values: Iterable[str], pointer: str = "/scopes") -> list[str]:
    """At least one scope ('*', 'orders', 'orders:*', 'orders:place'), sorted, each once."""
    return _slugs(values, _SCOPE, pointer, SCOPES_MAX)


def _slugs(values: Iterable[str], pattern: re.Pattern[str], pointer: str, most: int) -> list[str]:
    found = sorted(set(values))
    if not 1 <= len(found) <= most:
        raise invalid(pointer, "count", f"1..{most}")
    for value in found:
        if not pattern.fullmatch(value):
            raise invalid(pointer, "slug", value[:80])
    return found


def until(value: datetime | None, now: datetime, pointer: str) -> datetime | None:
    """A moment to come, with a time zone, within ten years; or None for no end."""
    if value is not None and (value.tzinfo is None or not now < value < now + YEARS_MAX):
        raise invalid(pointer, "future", "within ten years, with a time zone")
    return value


def short_text(value: str, pointer: str, most: int, *, needed: bool = True) -> str:
    """One line of visible characters."""
    text = " ".join(value.split())
    if needed and not text:
        raise invalid(pointer, "required")
    if len(text) > most:
        raise invalid(pointer, "max-length", str(most))
    if not text.isprintable():
        raise invalid(pointer, "characters")
    return text


def phone(value: str, pointer: str = "/phone") -> str:
    """Five to twenty digits, blanks, hyphens and brackets, a plus in front if wanted."""
    text = " ".join(value.split())
    if not text:
        raise invalid(pointer, "required")
    if not _PHONE.fullmatch(text):
        raise invalid(pointer, "phone")
    return text


def asked(value: str, pointer: str = "/text") -> str:
    """What somebody searches for: up to 100 visible characters."""
    text = " ".join(value.split())
    if len(text) > TEXT_MAX or not text.isprintable():
        raise invalid(pointer, "characters", f"up to {TEXT_MAX} visible ones")
    return text


def why(value: str, pointer: str = "/why") -> str:
    """The reason for reading somebody's data, in words that the person will read: 5 to 500 characters."""
    text = " ".join(value.split())
    if not WHY_MIN <= len(text) <= WHY_MAX or not text.isprintable():
        raise invalid(pointer, "reason", f"{WHY_MIN}..{WHY_MAX}")
    return text


def new_secret(prefix: str) -> str:
    """A random secret of 256 bits that says what it is by its prefix."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret. The secrets have 256 random bits, so a plain hash cannot be searched backwards."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def shown_prefix(secret: str) -> str:
    """The part of a key by which its owner recognises it."""
    return secret[:11]


def search_text(name: Words) -> str:
    """What a search by name looks through."""
    return "\n".join(name.stored().values()).casefold()
