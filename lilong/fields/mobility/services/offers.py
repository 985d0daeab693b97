"""What can be rented, in the city's catalogue: one offer for each kind of vehicle that has a price, found by search.

It names the price of an hour (or of a ride by bike), and its page leads to where the vehicles are: nobody orders it singly.
"""

from uuid import UUID

from lilong.fields.mobility.models import Tariff, VehicleType
from lilong.fields.mobility.rules import terms
from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import services as catalog
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.parties.actor import SYSTEM

GUARD, KIND = "mobility.rental", "rental"
_BY = {
    "car-share": Words(en="shared car by the hour", zh="共享汽车 按小时租车", ko="시간제 공유 자동차"),
    "micromobility": Words(en="bike share by the minute", zh="共享单车 扫码骑行", ko="분 단위 공유 자전거"),
}


def offer_of(type_: UUID) -> UUID:
    """The offer of a kind of vehicle."""
    return ids.named("mobility", "offer", type_)


def show(type_: VehicleType, tariff: Tariff | None) -> None:
    """Lists a kind at its price, or brings its offer up to date. Without a price there is nothing to show."""
    by = _BY.get(type_.mode)
    if tariff is None or by is None:
        return
    plan, name = terms.read(tariff.terms), Words.read(type_.name)
    catalog.put_offer(
        SYSTEM,
        OfferDraft(
            id=offer_of(type_.id),
            field="mobility",
            seller=type_.operator_id,
            kind=KIND,
            title=Words(
                en=f"{name.within('en')}, {by.en}", zh=f"{name.within('zh')} {by.zh}", ko=f"{name.within('ko')} {by.ko}"
            ),
            summary=Words.read(tariff.description),
            price=plan.unlock or plan.bands[-1].per_hour,
            settle="later",
            stocked=False,
            tags=(type_.mode, type_.form_factor),
            attributes={"brand": f"{type_.make} {type_.model}".strip(), "type": str(type_.id)},
            guard=GUARD,
            findable=True,
        ),
    )


def reprice(tariff: Tariff) -> None:
    """A plan has a new version: its kinds' offers follow."""
    for type_ in VehicleType.objects.filter(plan=tariff.plan).order_by("id"):
        show(type_, tariff)
