"""The catalog's refusals, with their titles in the reader's language."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.problems import Conflict, Missing, Violation


def fixed(names: Iterable[str]) -> Conflict:
    """What stock and orders rest on cannot change: withdraw the offer and put another."""
    return Conflict(
        "offer-fixed",
        _("This cannot change any more"),
        violations=[Violation(pointer=f"/{name}", rule="fixed") for name in names],
    )


def stale(version: int) -> Conflict:
    return Conflict(
        "version-stale",
        _("Somebody changed this offer meanwhile"),
        violations=[Violation(pointer="/version", rule="newest", detail=str(version))],
        extra={"version": version},
    )


def unknown_offer() -> Missing:
    return Missing("no-such-offer", _("No such offer"), violations=[Violation(pointer="/id", rule="known")])


def unknown_seller(seller: UUID) -> Missing:
    return Missing(
        "no-such-seller",
        _("No such seller"),
        violations=[Violation(pointer="/seller", rule="known", detail=str(seller))],
    )
