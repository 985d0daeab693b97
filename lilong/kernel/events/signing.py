"""The log's own key, as the installation holds it."""

from functools import cache

from django.conf import settings

from lilong.kernel.events.rules.notes import Signer


@cache
def _signer(origin: str, seed: str) -> Signer:
    return Signer(origin, seed)


def signer() -> Signer:
    """What heads are signed with."""
    return _signer(settings.LOG_ORIGIN, settings.LOG_KEY)


def verifier_keys() -> list[str]:
    """The keys whose signatures on heads count: the present one first, then those the installation had before."""
    return [signer().verifier_key, *settings.LOG_VERIFIERS]
