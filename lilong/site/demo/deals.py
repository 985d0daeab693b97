"""What makes the market lively: broadcasts, groups, a campaign with its leader, machines that sell and collect."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lilong.fields.market.drafts import (
    BroadcastDraft,
    CampaignDraft,
    CampaignLine,
    GroupOfferDraft,
    JoinDraft,
    LotDraft,
    PlaceDraft,
    Refused,
)
from lilong.fields.market.services import broadcast, campaigns, groups, lots, machine_rehearsal, places
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict
from lilong.kernel.base.words import Words
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.site.demo import city
from lilong.site.demo.people import Town
from lilong.site.demo.shops import Market

CHAIN = "nongtang"
VENDED = ("Spring water", "Cola", "Potato crisps", "Butter biscuits")
FRESH_DAYS = {"Yangshan peaches": 5, "Hairy crab": 3, "Northeast rice": 200, "Fresh eggs": 25}


def open_deals(rng: Random, town: Town, market: Market, end: datetime) -> None:
    """Opens them all around the moment `end`, through the services."""
    warehouse = market.warehouses[CHAIN][0][0]
    with clock.at(end - timedelta(minutes=20)):
        for name, days in FRESH_DAYS.items():
            _receive(name, warehouse, 300, days)
        _broadcast("Yangshan peaches", warehouse, 690, end - timedelta(minutes=10), hours=6)
        _broadcast("Hairy crab", warehouse, 3900, end + timedelta(hours=3), hours=2)
        _groups(town, warehouse)
        _campaign(town, warehouse, end)
    _machines(rng, town, warehouse, end)


def _product(name: str) -> UUID:
    return ids.named("demo", "product", CHAIN, name)


def _receive(name: str, place: UUID, quantity: int, days: int) -> UUID:
    today = clock.today()
    draft = LotDraft(
        id=ids.uuid7(), product=_product(name), place=place, lot_code=f"{today:%y%m%d}-DEAL", quantity=quantity,
        best_before=today + timedelta(days=days), supplier="Demo growers",
    )  # fmt: skip
    (answer,) = lots.receive_lots(SYSTEM, [draft])
    if isinstance(answer, Refused):
        raise answer.problem
    return answer.lot


def _broadcast(name: str, place: UUID, price: int, released_at: datetime, *, hours: int) -> None:
    broadcast.open_broadcast(
        SYSTEM,
        BroadcastDraft(id=ids.named("demo", "broadcast", name), product=_product(name), place=place, price=price,
                       released_at=max(released_at, clock.now() + timedelta(minutes=1)),
                       closes_at=released_at + timedelta(hours=hours), limit_per_buyer=3),
    )  # fmt: skip


def _groups(town: Town, place: UUID) -> None:
    """One offer for three; a group that is complete and one that waits for its last member."""
    offer, price = ids.named("demo", "group", "rice"), 4990
    groups.offer_group(
        SYSTEM, GroupOfferDraft(id=offer, product=_product("Northeast rice"), price=price, size=3, seconds=86_400)
    )
    buyers = [Actor(party=id, kind="person") for id, _ in town.residents[3:8]]
    for members in (buyers[:3], buyers[3:]):
        group = ids.uuid7()
        for n, buyer in enumerate(members):
            draft = JoinDraft(order=ids.uuid7(), group=group, quantity=1, price=price, place=place)
            if n == 0:
                groups.open_group(buyer, offer=offer, draft=draft)
            else:
                groups.join(buyer, draft)


def _campaign(town: Town, source: UUID, end: datetime) -> None:
    """A community campaign with a leader at a pick-up point."""
    seller, point = town.chains[CHAIN], ids.named("demo", "place", "pick-up")
    name = Words(en="Wukang Road pick-up", zh="武康路自提点", ko="우캉루 픽업 지점")
    places.open_place(
        SYSTEM,
        PlaceDraft(id=point, owner=seller, kind="pick-up-point", name=name, district="xuhui", address="武康路 100 号",
                   latitude_e6=31_209_000, longitude_e6=121_437_000),
    )  # fmt: skip
    leader = ids.named("demo", "leader", "xuhui")
    campaigns.appoint_leader(SYSTEM, id=leader, seller=seller, person=city.LEADER, point=point)
    line = CampaignLine(offer=ids.named("demo", "campaign", "eggs"), product=_product("Fresh eggs"), price=990)
    campaigns.open_campaign(
        SYSTEM,
        CampaignDraft(
            id=ids.named("demo", "campaign"), seller=seller, source=source, lines=[line], leaders=[leader],
            title=Words(en="Eggs for the lane", zh="弄堂鸡蛋团", ko="골목 달걀 공동구매"), opens_at=clock.now(),
            cut_off=end + timedelta(hours=20), delivery_day=(end + timedelta(days=2)).astimezone(clock.CITY_ZONE).date(),
            collect_until=end + timedelta(days=3),
        ),
    )  # fmt: skip


def _machines(rng: Random, town: Town, source: UUID, end: datetime) -> None:
    """A vending machine with a week of sales, one of them jammed; a collection point for recyclables."""
    seller = Actor(party=town.chains[CHAIN], kind="organisation")
    vending, collecting = (ids.named("demo", "place", kind) for kind in ("vending", "collecting"))
    with clock.at(end - timedelta(days=7)):
        _place(
            vending,
            seller.party,
            "vending-machine",
            "jingan",
            ("Jing'an Temple machine", "静安寺售货机", "징안사 자판기"),
        )
        _place(
            collecting,
            seller.party,
            "collection-point",
            "putuo",
            ("Suzhou Creek collection", "苏河回收点", "쑤저우강 수거함"),
        )
        loads = [
            (f"A{n}", _product(name), _receive(name, source, 40, 90), 12) for n, name in enumerate(VENDED, start=1)
        ]
        machine, bin_ = ids.named("demo", "machine", "vending"), ids.named("demo", "machine", "collecting")
        machine_rehearsal.set_up(seller, id=machine, place=vending, loads=loads, source=source)
        machine_rehearsal.set_up(seller, id=bin_, place=collecting)
    prices = {"A1": 200, "A2": 350, "A3": 890, "A4": 1580}
    for hour in range(6, 7 * 24, 12):
        with clock.at(end - timedelta(days=7) + timedelta(hours=hour)):
            person = Actor(party=rng.choice(town.residents)[0], kind="person")
            slot = rng.choice(list(prices))
            try:
                machine_rehearsal.buy(
                    person, id=ids.uuid7(), machine=machine, slot=slot, quantity=1, price=prices[slot]
                )
            except Conflict:  # sold out or out of money: the person walks on
                continue
            weights = [("paper", rng.randrange(500, 4000)), ("pet", rng.randrange(100, 900))]
            machine_rehearsal.recycle(person, machine=bin_, place=collecting, weights=weights)  # type: ignore[arg-type]
    with clock.at(end):
        machine_rehearsal.beat(machine)


def _place(id: UUID, owner: UUID, kind: str, district: str, name: tuple[str, str, str]) -> None:
    en, zh, ko = name
    latitude, longitude = city.CENTRES_E6[district]
    places.open_place(
        SYSTEM,
        PlaceDraft(id=id, owner=owner, kind=kind, name=Words(en=en, zh=zh, ko=ko), district=district,  # type: ignore[arg-type]
                   latitude_e6=latitude, longitude_e6=longitude),
    )  # fmt: skip
