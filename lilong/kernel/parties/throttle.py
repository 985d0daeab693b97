"""How often: rate limits at the HTTP edge, counted in the database, so that they hold over many web processes."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from lilong.kernel.parties.services import count_against

_HOST_NETWORK = 64


def throttle(name: str, key: str, limit: int, seconds: int) -> None:
    """Counts one use of `name` by `key` (an address, a party, an e-mail; kept as a digest only) and raises TooMany, with
    `retry_after`, above `limit` in the last `seconds`. Call it before opening a transaction: undone is uncounted."""
    count_against(name, key, limit, seconds)


def client_address(request: HttpRequest) -> str:
    """The caller's address; behind a proxy of ours (LILONG_BEHIND_PROXY) the one that the proxy saw. IPv6 callers have
    whole networks to themselves, so there it is the /64."""
    given = str(request.META.get("REMOTE_ADDR") or "")
    if settings.SECURE_PROXY_SSL_HEADER:
        given = request.headers.get("X-Forwarded-For", given).rpartition(",")[2].strip()
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _HOST_NETWORK), strict=False))
    return str(address)
