"""The address book: kept by its owner; read by others only with a reason that the owner sees."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from lilong.kernel.base import clock
from lilong.kernel.base.problems import invalid
from lilong.kernel.events.services import emit
from lilong.kernel.geo.districts import district_of
from lilong.kernel.geo.points import LATITUDE_MAX, LONGITUDE_MAX, Point
from lilong.kernel.parties import queries, refusals, rules
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.drafts import AddressDraft
from lilong.kernel.parties.events import AddressKept, AddressRemoved
from lilong.kernel.parties.models import Address, Party
from lilong.kernel.parties.services.access import Access, record_accesses
from lilong.kernel.parties.views import AddressView

WRITE = "parties:write"
ROLES = ("manager", "clerk")
KEPT_AFTER_REMOVAL = timedelta(days=60)  # as long as something may still be under way to it, or be disputed
WHAT = "address"
_E6 = 1_000_000


@transaction.atomic
def put_address(actor: Actor, draft: AddressDraft) -> AddressView:
    """Makes an entry or changes it. For the party itself, or a manager or clerk of it.

    Raises Invalid (also for a point outside the city), Conflict `too-many-addresses` or `id-taken` (another party's, or removed).
    """
    actor.require(draft.party, *ROLES, scope=WRITE)
    asked = _checked(draft)
    party = Party.objects.select_for_update(no_key=True).filter(id=draft.party, closed_at=None).first()
    if party is None:
        raise refusals.no_party("/party", "party")
    known = Address.objects.filter(id=draft.id).first()
    if known is not None and (known.party_id != party.id or known.removed_at is not None):
        raise refusals.id_taken(draft.id)
    others = Address.objects.filter(party=party, removed_at=None).exclude(id=draft.id)
    count = others.count()
    if known is None and count >= rules.ADDRESSES_MAX:
        raise refusals.too_many_addresses(rules.ADDRESSES_MAX)
    asked["default"] = draft.default or count == 0 or bool(known and known.default)
    if known is not None and all(getattr(known, member) == value for member, value in asked.items()):
        return queries.address_view(known)
    if asked["default"]:
        others.filter(default=True).update(default=False)
    try:
        kept, _ = Address.objects.update_or_create(id=draft.id, party=party, defaults=asked)
    except IntegrityError:  # another party has just taken this id
        raise refusals.id_taken(draft.id) from None
    emit(AddressKept(address=kept.id, party=party.id, district=kept.district), subject=party.id, actor=actor.party)
    return queries.address_view(kept)


def _checked(draft: AddressDraft) -> dict[str, object]:
    for name, value, most in (
        ("/latitude_e6", draft.latitude_e6, LATITUDE_MAX),
        ("/longitude_e6", draft.longitude_e6, LONGITUDE_MAX),
    ):
        if not -most * _E6 <= value <= most * _E6:
            raise invalid(name, "range", f"{-most * _E6}..{most * _E6}")
    stands_in = district_of(Point.of_e6(draft.latitude_e6, draft.longitude_e6))
    if not stands_in:
        raise invalid("/latitude_e6", "in-the-city")
    return {
        "label": rules.short_text(draft.label, "/label", rules.LABEL_MAX, needed=False),
        "recipient": rules.short_text(draft.recipient, "/recipient", rules.RECIPIENT_MAX),
        "phone": rules.phone(draft.phone),
        "line": rules.short_text(draft.line, "/line", rules.LINE_MAX),
        "district": rules.district(draft.district) or stands_in,
        "latitude_e6": draft.latitude_e6,
        "longitude_e6": draft.longitude_e6,
    }


@transaction.atomic
def remove_address(actor: Actor, *, id: UUID) -> None:
    """Takes it out of the book; done again it changes nothing. If it was the default, the oldest left becomes it."""
    actor.require_scope(WRITE)
    found = Address.objects.filter(id=id).first()
    if found is None or not actor.acts_for(found.party_id, *ROLES):
        raise refusals.no_address()
    Party.objects.select_for_update(no_key=True).get(id=found.party_id)
    found.refresh_from_db()
    if found.removed_at is not None:
        return
    was_default, found.default, found.removed_at = found.default, False, clock.now()
    found.save(update_fields=["default", "removed_at"])
    if was_default:
        heir = Address.objects.filter(party=found.party_id, removed_at=None).order_by("created_at", "id").first()
        if heir is not None:
            Address.objects.filter(id=heir.id).update(default=True)
    emit(AddressRemoved(address=id, party=found.party_id), subject=found.party_id, actor=actor.party)


def read_address(actor: Actor, id: UUID, why: str) -> AddressView:
    """One address by whoever has a reason, which its owner sees in the access log. Raises Missing; Invalid without a reason.

    It does not decide who may: the calling service has checked that this actor carries, or answers for, something bound there.
    """
    return read_addresses(actor, [id], why)[id]


@transaction.atomic
def read_addresses(actor: Actor, ids: Sequence[UUID], why: str) -> dict[UUID, AddressView]:
    """Any number by two statements, removed ones too. Raises Missing if one is not there (any more)."""
    found = {row.id: queries.address_view(row) for row in Address.objects.filter(id__in=ids)}
    if found.keys() != set(ids):
        raise refusals.no_address()
    others = {view.party for view in found.values() if not actor.acts_for(view.party, *ROLES)}
    record_accesses(actor, [Access(party, WHAT, why) for party in sorted(others)])
    return found


def forget_removed_addresses(limit: int = 1_000) -> int:
    """Deletes entries that were removed long ago (60 days); answers how many."""
    due = Address.objects.filter(removed_at__lt=clock.now() - KEPT_AFTER_REMOVAL).values("id")[:limit]
    return Address.objects.filter(id__in=due).delete()[0]
