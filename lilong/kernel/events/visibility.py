"""Who may see which events. Parties, memberships and credentials live above this room, which is told about them here."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from django.http import HttpRequest

from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.events.rules.envelope import Recorded


class Reader(Protocol):
    """What this room needs of an actor."""

    @property
    def party(self) -> UUID: ...

    @property
    def staff(self) -> bool: ...

    def require(self, owner: UUID, *roles: str, scope: str = "") -> None: ...


Sees = Callable[[UUID], frozenset[UUID] | None]
Authenticate = Callable[[HttpRequest], Reader]


def _only_itself(party: UUID) -> frozenset[UUID]:
    return frozenset({party})


def _nobody(request: HttpRequest) -> Reader:
    raise Unauthenticated("sign-in-needed")


_sees: list[Sees] = [_only_itself]
_authenticate: list[Authenticate] = [_nobody]


def register(sees: Sees) -> None:
    """`sees(party)` answers the parties whose events that party may see: itself and the organisations it belongs to;
    None for staff, who may see all."""
    _sees[:] = [sees]


def register_reader(authenticate: Authenticate) -> None:
    """`authenticate(request)` answers who reads, or raises Unauthenticated."""
    _authenticate[:] = [authenticate]


def seen_by(party: UUID) -> frozenset[UUID] | None:
    """The parties whose events `party` may see; None: all."""
    return _sees[0](party)


def reader_of(request: HttpRequest) -> Reader:
    """Who asks. Raises Unauthenticated."""
    return _authenticate[0](request)


def may_see(parties: frozenset[UUID] | None, event: Recorded) -> bool:
    """Whether one who acts for `parties` (None: staff) may see the event: as its subject or its actor."""
    return parties is None or event.subject in parties or event.actor in parties


def seen_by_reader(reader: Reader, scope: str) -> frozenset[UUID] | None:
    """As `seen_by`, for the credential at hand: an operator's key that does not reach so far sees its own events only.

    Raises Forbidden when the credential does not reach `scope`.
    """
    reader.require(reader.party, scope=scope)
    parties = seen_by(reader.party)
    return frozenset({reader.party}) if parties is None and not reader.staff else parties
