"""Webhooks: which addresses are allowed, what is signed (Standard Webhooks), when to try again, when to give up."""

import base64
import hmac
import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

DEAD_AFTER = timedelta(days=3)
SECRET_PREFIX = "whsec_"  # noqa: S105 (not a secret, its prefix)
SECRET_BYTES = 32
URL_MAX = 2000

_DELAYS_SECONDS = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
_JITTER = 0.2
_TYPE = re.compile(r"[a-z][a-z0-9]*(\.[a-z][a-z0-9_-]*)*(\.\*)?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAMES = ("localhost",)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def shown(secret: bytes) -> str:
    """The secret as its owner gets it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def headers(secret: bytes, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """`webhook-id`, `-timestamp` and `-signature`: HMAC-SHA-256 over `id.timestamp.body`."""
    timestamp = str(int(at.timestamp()))
    signature = hmac.digest(secret, f"{message}.{timestamp}.".encode() + body, sha256)
    return {
        "webhook-id": message,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def next_try(since: datetime, now: datetime, attempts: int, chance: float) -> datetime | None:
    """When to try again after `attempts` failures, the first due at `since`; None: it is dead.

    `chance` in 0..1 spreads the delay by +-20 %, so that what failed together does not come back together.
    """
    seconds = _DELAYS_SECONDS[min(attempts, len(_DELAYS_SECONDS)) - 1]
    due = now + timedelta(seconds=seconds * (1 - _JITTER + 2 * _JITTER * chance))
    return due if due <= since + DEAD_AFTER else None


def bad_url(url: str, *, private: bool) -> str:
    """The rule that an address breaks ('' for none): https, or http to this machine where `private` is allowed."""
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or " " in url:
        return "format"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "format"
    if not host or port == 0 or parts.fragment or "@" in parts.netloc:
        return "format"
    address = literal(host)
    local = host in _LOCAL_NAMES or host.endswith(".localhost") or (address is not None and address.is_loopback)
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        return "https"
    if not private and (local or (address is not None and not is_public(address))):
        return "public-address"
    return ""


def literal(host: str) -> Address | None:
    """The address that a host name spells out, if it does."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the internet at large; addresses that carry an IPv4 address inside are judged by it."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(inside)
    return address.is_global and not address.is_multicast


def bad_filter(types: Iterable[str], known: frozenset[str]) -> str | None:
    """The first entry of a type filter that is malformed or matches no known type."""
    for entry in types:
        if not _TYPE.fullmatch(entry) or not any(matches((entry,), name) for name in known):
            return entry
    return None


def matches(types: Iterable[str], name: str) -> bool:
    """Whether a type filter takes the type: exact names, or all below a prefix (`market.*`). An empty filter takes all."""
    entries = list(types)
    return not entries or any(
        name.startswith(entry[:-1]) if entry.endswith(".*") else name == entry for entry in entries
    )
