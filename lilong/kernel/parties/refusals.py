"""The refusals of this room, each with its title in the reader's language. No I/O; gettext is all of Django in here."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from lilong.kernel.base.problems import Conflict, Forbidden, Missing, TooMany, Violation


def not_yours(needs: Iterable[str]) -> Forbidden:
    """`needs`: the roles of which one would do."""
    title = _("This belongs to somebody else, or your role does not allow it.")
    return Forbidden("not-yours", title, extra={"needs": list(needs)})


def scope_missing(scope: str) -> Forbidden:
    return Forbidden("scope-missing", _("This credential does not reach that far."), extra={"scope": scope})


def staff_only() -> Forbidden:
    return Forbidden("staff-only", _("Only operators of the city may do this."))


def token_from_token() -> Forbidden:
    return Forbidden("token-from-token", _("A token does not give another token."))


def no_party(pointer: str = "", rule: str = "") -> Missing:
    """Also for a party that is none of the reader's business. `pointer` where the id was part of a body."""
    violations = [Violation(pointer=pointer, rule=rule)] if pointer else []
    title = _("There is nobody and nothing of this number, or not for you to know.")
    return Missing("no-such-party", title, violations=violations)


def no_key() -> Missing:
    return Missing("no-such-key", _("There is no such key."))


def no_consent() -> Missing:
    return Missing("no-such-consent", _("There is no such consent."))


def no_address() -> Missing:
    """Also for another's."""
    return Missing("no-such-address", _("There is no such address."))


def too_many_addresses(most: int) -> Conflict:
    return Conflict("too-many-addresses", _("The address book is full."), extra={"most": most})


def no_page() -> Missing:
    return Missing("no-such-page", _("There is no such page."))


def id_taken(id: object) -> Conflict:
    return Conflict("id-taken", _("This number is taken by something else."), extra={"id": str(id)})


def email_taken() -> Conflict:
    return Conflict(
        "email-taken",
        _("Somebody with this e-mail address has joined already."),
        violations=[Violation(pointer="/email", rule="unique")],
    )


def last_owner(organisation: object) -> Conflict:
    title = _("An organisation keeps at least one owner: name another one first.")
    return Conflict("last-owner", title, extra={"organisation": str(organisation)})


def too_many_keys(most: int) -> Conflict:
    return Conflict("too-many-keys", _("This party has as many keys as it may."), extra={"most": most})


def device_revoked() -> Conflict:
    return Conflict("device-revoked", _("This device is revoked."))


def too_often(retry_after: int) -> TooMany:
    """`retry_after` in seconds."""
    return TooMany("too-many", _("Too often. Please wait a little."), extra={"retry_after": retry_after})
