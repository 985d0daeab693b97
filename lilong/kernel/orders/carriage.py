"""Who carries what is ordered: carriers promise before buying, and what was chosen is booked in the order's transaction.

A field that carries registers one `Carriage` in `ready()`. Whoever sells asks `promises`, shows them, and calls `book` with the
token of the one chosen, right after placing the order and in the same transaction: both stand or neither.

A token is what was promised, signed (HMAC-SHA256) by the house and good for ten minutes: a buyer cannot alter the fee, and a
carrier need not keep what it only offered.
"""

import base64
import binascii
from datetime import datetime, timedelta
from typing import NoReturn, Protocol
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Problem, Violation, invalid
from lilong.kernel.base.words import Words
from lilong.kernel.geo.points import Point
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

GOOD_FOR = timedelta(minutes=10)
AT = "/carriage"
_SALT = "lilong.kernel.orders.carriage"


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer is shown: who brings it, by which service, between when, for which fee (minor units).

    A carriage may leave `token` empty, or put one of its own there that it wants back when it books.
    """

    carrier: UUID
    service: str
    name: Words
    earliest: datetime
    latest: datetime
    fee: int
    currency: str
    contactless: bool
    token: str = ""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """What a token stands for. `via` is the carriage's registered name, `inner` its own token; `to` is latitude and longitude
    in millionths of a degree; `until` is when it must have been taken."""

    via: str
    inner: str
    carrier: UUID
    service: str
    place: UUID
    to: tuple[int, int]
    weight_g: int
    temperature: str
    earliest: datetime
    latest: datetime
    fee: int
    currency: str
    until: datetime


class Carriage(Protocol):
    """What a field that carries registers. Times are aware; weights are grams."""

    def promises(self, *, place: UUID, to: Point, weight_g: int, temperature: str, at: datetime) -> list[Promise]:
        """What can be promised from a place to a point; [] where it does not go or has nothing free. Holds nothing."""

    def book(self, actor: Actor, *, order: UUID, token: str, address: UUID) -> UUID:
        """Books what was promised, in the caller's transaction, and answers the shipment. Takes or holds the fee from the order's
        buyer. The same order and token again: the same answer. Raises Conflict when it cannot be kept any more.

        `token` is its own if it gave one, else the house's (`read`). `address` is an entry of the buyer's book.
        """


_carriages: dict[str, Carriage] = {}


def register(carriage: Carriage, name: str = "delivery") -> None:
    """Makes a carriage be asked. Registering a name again replaces."""
    _carriages[name] = carriage


def unregister(name: str = "delivery") -> Carriage | None:
    """Takes one out and answers it (tests put their own in its place)."""
    return _carriages.pop(name, None)


def carries() -> bool:
    """Whether anybody carries at all."""
    return bool(_carriages)


def promises(*, place: UUID, to: Point, weight_g: int, temperature: str, at: datetime | None = None) -> list[Promise]:
    """What all carriages promise, the earliest first, each with a token for `book`; [] when nobody carries there."""
    moment = at or clock.now()
    found = []
    for name, carriage in _carriages.items():
        for promise in carriage.promises(place=place, to=to, weight_g=weight_g, temperature=temperature, at=moment):
            token = sign(promise, place, to, weight_g=weight_g, temperature=temperature, via=name)
            found.append(msgspec.structs.replace(promise, token=token))
    return sorted(found, key=lambda promise: (promise.latest, promise.fee, promise.service))


def book(
    actor: Actor, *, order: UUID, token: str, address: UUID, place: UUID, weight_g: int = 0, temperature: str = ""
) -> UUID:
    """Books a promise for an order of `actor` that has just been placed, in its transaction; answers the shipment's id.

    Raises Invalid for a token that is none, Conflict `promise-expired`, Conflict `promise-differs` (made for another place, point,
    temperature, or for less weight), Missing for an address that is not the actor's, and whatever the carriage refuses.
    Every refusal names `/carriage`.
    """
    try:
        offered = read(token)
        to = parties.address(actor, address)
        if offered.place != place or offered.to != (to.latitude_e6, to.longitude_e6):
            raise Conflict("promise-differs")
        if weight_g > offered.weight_g or temperature not in ("", offered.temperature):
            raise Conflict("promise-differs")
        carriage = _carriages.get(offered.via)
        if carriage is None:
            raise Conflict("promise-expired")
        return carriage.book(actor, order=order, token=offered.inner or token, address=address)
    except Problem as problem:
        _named(problem)


def _named(problem: Problem) -> NoReturn:
    """The refusal again, with where it belongs in front of what the carriage itself named."""
    problem.violations = (Violation(pointer=AT, rule=problem.code), *problem.violations)
    raise problem


def sign(
    promise: Promise, place: UUID, to: Point, *, weight_g: int = 0, temperature: str = "", via: str = "delivery"
) -> str:
    """A token for a promise made now. `promises` does this for every carriage."""
    offered = Offered(
        via=via,
        inner=promise.token,
        carrier=promise.carrier,
        service=promise.service,
        place=place,
        to=(to.latitude_e6, to.longitude_e6),
        weight_g=weight_g,
        temperature=temperature,
        earliest=promise.earliest,
        latest=promise.latest,
        fee=promise.fee,
        currency=promise.currency,
        until=clock.now() + GOOD_FOR,
    )
    body = base64.urlsafe_b64encode(msgspec.json.encode(offered)).rstrip(b"=").decode()
    return f"{body}.{_signature(body)}"


def read(token: str) -> Offered:
    """What a token stands for. Raises Invalid for one that the house did not sign, Conflict `promise-expired` after ten minutes."""
    body, dot, signature = token.encode("ascii", "replace").decode().partition(".")
    if not (dot and constant_time_compare(signature, _signature(body))):
        raise invalid(AT, "token")
    try:
        offered = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=Offered)
    except (binascii.Error, msgspec.DecodeError):
        raise invalid(AT, "token") from None
    if offered.until <= clock.now():
        raise Conflict("promise-expired")
    return offered


def _signature(body: str) -> str:
    return salted_hmac(_SALT, body, secret=settings.TOKEN_KEY, algorithm="sha256").hexdigest()
