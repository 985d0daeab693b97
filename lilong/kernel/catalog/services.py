"""Every write of the catalog."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.kernel.catalog import refusals, rules
from lilong.kernel.catalog.drafts import OfferDraft, OfferView, Refused, SupplyDraft
from lilong.kernel.catalog.events import OfferListed, OfferRepriced, OfferWithdrawn
from lilong.kernel.catalog.models import Offer, Price
from lilong.kernel.catalog.queries import ROLES, view
from lilong.kernel.events.facts import Fact
from lilong.kernel.events.services import Emission, emit_many
from lilong.kernel.parties import queries as parties
from lilong.kernel.parties.actor import Actor

SCOPE = "catalog:write"
_TRIES = 3
_FIXED = ("seller", "field", "unit", "currency", "stocked", "guard")  # what stock and orders already rest on
_PLAIN = (
    "field", "seller", "kind", "unit", "price", "per", "currency", "settle", "released_at", "closes_at",
    "limit_per_buyer", "tolerance_percent", "stocked", "place_bound", "image", "attributes", "guard", "findable", "state",
)  # fmt: skip
_CHANGING = [*_PLAIN, "title", "summary", "tags", "version", "body", "search", "changed_at"]
_SUPPLY = """
INSERT INTO catalog_supply (offer_id, place, account, sink, use_by, rank, open)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::date[], %s::int[], %s::bool[])
ON CONFLICT (offer_id, account) DO UPDATE
SET place = excluded.place, sink = excluded.sink, use_by = excluded.use_by, rank = excluded.rank, open = excluded.open
"""


class _Before(NamedTuple):
    """What of an offer a change is measured by."""

    state: str | None = None
    price: int | None = None
    per: int | None = None


class _Batch:
    """What a batch of drafts comes to: rows to insert and to change, prices and facts to record."""

    def __init__(self, actor: Actor, known: dict[UUID, Offer], now: datetime) -> None:
        self.actor, self.known, self.now = actor, known, now
        self.created: dict[UUID, Offer] = {}
        self.changed: dict[UUID, Offer] = {}
        self.prices: list[Price] = []
        self.facts: list[tuple[_Before, OfferView]] = []

    def put(self, draft: OfferDraft) -> OfferView:
        self.actor.require(draft.seller, *ROLES, scope=SCOPE)
        if problem := rules.check(draft):
            raise problem
        row, body = self.known.get(draft.id), rules.fingerprint(draft)
        if row is not None:
            _refuse_moved(row, draft)
            if bytes(row.body) == body and row.state == draft.state:
                return view(row)
        version = row.version if row else 0
        if draft.version is not None and draft.version != version:
            raise refusals.stale(version)
        before = _Before(row.state, row.price, row.per) if row else _Before()
        if row is None:
            row = self.known[draft.id] = self.created[draft.id] = Offer(id=draft.id, created_at=self.now)
        elif draft.id not in self.created:
            self.changed[draft.id] = row
        _fill(row, draft, body, version + 1, self.now)
        self._note(before, row)
        return view(row)

    def _note(self, before: _Before, row: Offer) -> None:
        if (before.price, before.per) != (row.price, row.per):
            self.prices.append(
                Price(offer_id=row.id, version=row.version, price=row.price, per=row.per, currency=row.currency, at=self.now)
            )  # fmt: skip
        self.facts.append((before, view(row)))

    def write(self) -> None:
        """Three statements and the events', whatever the number."""
        Offer.objects.bulk_create([self.created[id] for id in sorted(self.created)], batch_size=500)
        Offer.objects.bulk_create(
            [self.changed[id] for id in sorted(self.changed)],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=_CHANGING,
            batch_size=500,
        )
        Price.objects.bulk_create(self.prices, batch_size=1000)
        _emit(self.actor, self.facts, self.now)


def put_offer(actor: Actor, draft: OfferDraft) -> OfferView:
    """Creates the offer, or makes a new version of it; an equal draft changes nothing. The price history grows by itself.

    Raises Forbidden unless the actor acts for the seller; Invalid; Conflict `version-stale` when the draft was made from
    another version, `offer-fixed` when it changes what stock and orders rest on (seller, field, unit, currency, stocked,
    guard).
    """
    (answer,) = put_offers(actor, [draft])
    if isinstance(answer, Refused):
        raise answer.problem
    return answer


def put_offers(actor: Actor, drafts: Sequence[OfferDraft]) -> list[OfferView | Refused]:
    """Puts each draft or says why not; one answer for each, in order. A handful of statements, whatever their number."""
    for last in range(_TRIES, 0, -1):
        try:
            with transaction.atomic():
                return _put(actor, drafts)
        except IntegrityError:  # somebody created one of them at the same moment: now it is known
            if last == 1:
                raise
    raise AssertionError("unreachable")


@transaction.atomic
def withdraw(actor: Actor, id: UUID) -> OfferView:
    """Takes an offer out of sale. What was ordered stands; withdrawing again answers the same."""
    row = Offer.objects.select_for_update(no_key=True).defer("search").filter(id=id).first()
    if row is None:
        raise refusals.unknown_offer()
    actor.require(row.seller, *ROLES, scope=SCOPE)
    if row.state != "withdrawn":
        before, now = _Before(row.state, row.price, row.per), clock.now()
        row.state, row.version, row.changed_at = "withdrawn", row.version + 1, now
        row.save(update_fields=["state", "version", "changed_at"])
        _emit(actor, [(before, view(row))], now)
    return view(row)


@transaction.atomic
def set_supplies(drafts: Sequence[SupplyDraft]) -> None:
    """Says where offers' stock comes from; (offer, account) is the key, the last of equal ones counts.

    For the rooms and doors that keep the stock: they have checked who asks. Raises Invalid for unknown offers.
    """
    rows = list({(draft.offer, draft.account): draft for draft in drafts}.values())
    known = set(Offer.objects.filter(id__in={row.offer for row in rows}).values_list("id", flat=True))
    found = [
        Violation(pointer=f"/{n}/{name}", rule=rule)
        for n, draft in enumerate(drafts)
        for name, rule, broken in (
            ("offer", "known", draft.offer not in known),
            ("sink", "differs-from-account", draft.sink == draft.account),
        )
        if broken
    ]
    if found:
        raise Invalid("invalid", violations=found)
    rows.sort(key=lambda row: (row.offer, row.account))
    columns = [[getattr(row, name) for row in rows] for name in SupplyDraft.__struct_fields__]
    with connection.cursor() as cursor:
        cursor.execute(_SUPPLY, columns)


def close_supplies(accounts: Iterable[int]) -> int:
    """Sells nothing from these accounts any more (recall, expiry, a place closed); answers how many were open."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE catalog_supply SET open = false WHERE open AND account = ANY(%s)", [list(accounts)])
        return cursor.rowcount


def _put(actor: Actor, drafts: Sequence[OfferDraft]) -> list[OfferView | Refused]:
    rows = Offer.objects.select_for_update(no_key=True).defer("search").filter(id__in={draft.id for draft in drafts})
    batch = _Batch(actor, {row.id: row for row in rows.order_by("id")}, clock.now())
    answers: list[OfferView | Refused] = []
    for draft in drafts:
        try:
            answers.append(batch.put(draft))
        except Problem as problem:
            answers.append(Refused(id=draft.id, problem=problem))
    batch.write()
    return answers


def _refuse_moved(row: Offer, draft: OfferDraft) -> None:
    found = [name for name in _FIXED if getattr(row, name) != getattr(draft, name)]
    if found:
        raise refusals.fixed(found)


def _fill(row: Offer, draft: OfferDraft, body: bytes, version: int, now: datetime) -> None:
    for name in _PLAIN:
        setattr(row, name, getattr(draft, name))
    row.title, row.summary, row.tags = draft.title.stored(), draft.summary.stored(), list(draft.tags)
    row.version, row.body, row.changed_at = version, body, now
    row.search = rules.vector(rules.searched(draft))


def _emit(actor: Actor, changes: list[tuple[_Before, OfferView]], now: datetime) -> None:
    named = [
        (rules.facts_of(b.state, v.state, repriced=(b.price, b.per) != (v.price, v.per)), b, v) for b, v in changes
    ]
    told = [entry for entry in named if entry[0]]
    districts = parties.districts({v.seller for _, _, v in told}) if told else {}
    emit_many(
        [
            Emission(_fact(name, before, offer, districts.get(offer.seller, "")), offer.id, actor.party, now)
            for name, before, offer in told
        ]
    )


def _fact(name: str, before: _Before, offer: OfferView, district: str) -> Fact:
    common: dict[str, Any] = {
        "field": offer.field, "seller": offer.seller, "district": district, "version": offer.version,
    }  # fmt: skip
    if name == "withdrawn":
        return OfferWithdrawn(**common)
    common |= {"price": offer.price, "per": offer.per, "currency": offer.currency}
    if name == "repriced":
        assert before.price is not None and before.per is not None
        return OfferRepriced(**common, before=before.price, before_per=before.per)
    return OfferListed(**common, kind=offer.kind, unit=offer.unit)
