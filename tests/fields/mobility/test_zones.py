"""Geofences: what holds where, for whom, and since when."""

from datetime import timedelta

import pytest

from lilong.fields.mobility.drafts import RuleDraft
from lilong.fields.mobility.models import Operator
from lilong.fields.mobility.queries.zones import Ask, Fence, for_ending
from lilong.fields.mobility.rules import zones as rules
from lilong.fields.mobility.services import zones
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from lilong.kernel.geo.points import Point, metres, moved
from lilong.kernel.parties.actor import SYSTEM
from tests.fields.mobility.scene import NOON, SQUARE, Town, later, square

ANY, OTHER = ids.named("any"), ids.named("other")
NOWHERE = RuleDraft(ride_start_allowed=False, ride_end_allowed=False)
NO_END = RuleDraft(ride_end_allowed=False)
SLOW = RuleDraft(maximum_speed_kph=15)
ALL = RuleDraft()
pytestmark = pytest.mark.django_db


def test_the_earlier_rule_counts_then_global_ones_then_everything_is_allowed():
    slow, closed = rules.stored([SLOW]), rules.stored([NOWHERE])
    a, b = ids.named("a"), ids.named("b")
    assert rules.verdict([], [], ANY) == rules.Verdict()
    assert rules.verdict([], closed, ANY).end is False
    found = rules.verdict([(a, slow), (b, closed)], closed, ANY)
    assert (found.end, found.speed_kph, found.zone) == (True, 15, a)
    found = rules.verdict([(b, closed), (a, slow)], [], ANY)
    assert (found.end, found.speed_kph, found.zone, found.rule) == (False, 15, b, 0)


def test_a_rule_for_kinds_concerns_those_alone():
    only = rules.stored([RuleDraft(ride_end_allowed=False, vehicle_type_ids=(ANY,)), SLOW])
    zone = ids.named("zone")
    assert (rules.verdict([(zone, only)], [], ANY).end, rules.verdict([(zone, only)], [], OTHER).end) == (False, True)
    assert rules.verdict([(zone, only)], [], OTHER).speed_kph == 15


def test_a_refusal_names_zone_and_rule_and_the_nearest_place(town: Town, noon: None):
    zone = town.zone("People's Park", square(SQUARE, 120), NO_END)
    fence = Fence(Ask.of(town.small))
    with pytest.raises(Conflict) as refused:
        fence.require(SQUARE, "end")
    problem = refused.value
    assert (problem.code, problem.violations[0].rule) == ("zone-forbids", "ride_end_allowed")
    assert (problem.extra["zone"], problem.extra["zone_name"]["en"]) == (str(zone.zone), "People's Park")
    nearest = problem.extra["nearest"]
    assert 120 < nearest["metres"] <= 200
    assert fence.verdict(moved(SQUARE, nearest["metres"], 0)).end
    fence.require(SQUARE, "start")
    fence.require(moved(SQUARE, 300, 90), "end")


def test_parking_at_stations_alone(town: Town, noon: None):
    town.zone("Docks only", square(SQUARE, 900), RuleDraft(station_parking=True))
    fence = Fence(Ask.of(town.small))
    assert fence.require(SQUARE, "end")[1] == town.station
    with pytest.raises(Conflict) as refused:
        fence.require(moved(SQUARE, 300, 45), "end")
    assert refused.value.extra["rule"] == "station_parking"
    assert refused.value.extra["nearest"]["station"] == str(town.station.id)


def test_outside_the_service_area_nothing_starts_or_ends(town: Town, noon: None):
    Operator.objects.filter(id=town.operator).update(global_rules=rules.stored([NOWHERE]))
    town.zone("Inner city", square(SQUARE, 2000), ALL, precedence=1000)
    town.zone("Park", square(SQUARE, 50), NO_END, precedence=10)
    fence = Fence(Ask.of(town.small))
    assert [fence.verdict(moved(SQUARE, far, 0)).end for far in (0, 100, 1900, 2100)] == [False, True, True, False]
    with pytest.raises(Conflict) as refused:
        fence.require(moved(SQUARE, 2100, 0), "start")
    assert (refused.value.extra["zone"], refused.value.extra["rule"]) == (None, "ride_start_allowed")
    assert refused.value.extra["nearest"]["metres"] <= 200


def test_precedence_decides_where_zones_overlap_and_the_city_can_go_first(town: Town, noon: None):
    town.zone("Ours", square(SQUARE, 500), ALL, precedence=20)
    town.zone("The city's", square(SQUARE, 500), NO_END, precedence=10, operator=None)
    assert Fence(Ask.of(town.small)).verdict(SQUARE).end is False
    town.zone("Ours first", square(SQUARE, 500), ALL, precedence=5)
    assert Fence(Ask.of(town.small)).verdict(SQUARE).end is True


def test_a_zone_of_one_mode_or_firm_concerns_no_other(town: Town, noon: None):
    town.zone("No bikes", square(SQUARE, 500), NO_END, modes=("micromobility",))
    assert Fence(Ask.of(town.small)).verdict(SQUARE).end
    assert not Fence(Ask.of(town.bike_type)).verdict(SQUARE).end
    town.zone("Ours", square(SQUARE, 500), NO_END)
    assert Fence(Ask(town.rival, "car-share", ids.uuid7())).verdict(SQUARE).end


def test_time_windows_open_and_close(town: Town, noon: None):
    town.zone("Market day", square(SQUARE, 500), NO_END, valid_from=later(hours=1), valid_until=later(hours=3))
    ask = Ask.of(town.small)
    found = []
    for minutes in (0, 59, 60, 179, 180):
        with clock.at(NOON + timedelta(minutes=minutes)):
            found.append(Fence(ask).verdict(SQUARE).end)
    assert found == [True, True, False, False, True]


def test_a_zone_published_during_a_trip_does_not_count_against_it(town: Town):
    ask = Ask.of(town.small)
    with clock.at(NOON):
        began = clock.now()
    with clock.at(later(minutes=10)):
        zone = town.zone("New park", square(SQUARE, 200), NO_END)
    with clock.at(later(minutes=20)):
        assert for_ending(ask, began, SQUARE)[0].end
        with pytest.raises(Conflict) as refused:
            for_ending(ask, later(minutes=15), SQUARE)
        assert refused.value.extra["zone"] == str(zone.zone)


def test_a_zone_that_was_withdrawn_or_eased_during_a_trip_counts_no_longer(town: Town):
    ask, zone = Ask.of(town.small), ids.uuid7()
    with clock.at(NOON):
        town.zone("Park", square(SQUARE, 200), NO_END, zone=zone)
        with pytest.raises(Conflict):
            for_ending(ask, NOON, SQUARE)
    with clock.at(later(minutes=10)):
        assert town.zone("Park, open", square(SQUARE, 200), ALL, zone=zone).version == 2
        assert for_ending(ask, NOON, SQUARE)[0].end
    with clock.at(later(minutes=20)):
        town.zone("Park, closed", square(SQUARE, 200), NO_END, zone=zone)
        zones.withdraw_zone(town.owner, zone=zone)
        assert zones.withdraw_zone(town.owner, zone=zone).withdrawn_at == clock.now()
        assert for_ending(ask, later(minutes=20), SQUARE)[0].end


@pytest.mark.parametrize(
    ("geometry", "rule", "more", "pointer"),
    [
        ({"type": "Point", "coordinates": [121, 31]}, ALL, {}, "/geometry/type"),
        (
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
            ALL,
            {},
            "/geometry/coordinates",
        ),
        (square(SQUARE, 100), RuleDraft(maximum_speed_kph=-1), {}, "/rules/0/maximum_speed_kph"),
        (square(SQUARE, 100), RuleDraft(vehicle_type_ids=(ANY,)), {}, "/rules/0/vehicle_type_ids"),
        (square(SQUARE, 100), ALL, {"valid_from": later(days=-1)}, "/valid_from"),
        (square(SQUARE, 100), ALL, {"valid_until": NOON}, "/valid_until"),
        (square(SQUARE, 100), ALL, {"precedence": -1}, "/precedence"),
    ],
)
def test_a_zone_that_cannot_be_is_refused(
    town: Town, noon: None, geometry: dict[str, object], rule: RuleDraft, more: dict[str, object], pointer: str
):
    with pytest.raises(Invalid) as refused:
        town.zone("Odd", geometry, rule, **more)
    assert refused.value.violations[0].pointer == pointer


def test_who_may_publish(town: Town, noon: None):
    zone = town.zone("Ours", square(SQUARE, 100), ALL)
    for actor in (town.rival_owner, town.clerk, town.rider()):
        with pytest.raises(Forbidden):
            zones.withdraw_zone(actor, zone=zone.zone)
    city = town.zone("City's", square(SQUARE, 100), ALL, operator=None)
    with pytest.raises(Forbidden):
        zones.withdraw_zone(town.owner, zone=city.zone)
    assert zones.withdraw_zone(SYSTEM, zone=city.zone).withdrawn_at
    with pytest.raises(Missing):
        zones.withdraw_zone(town.owner, zone=ids.uuid7())


def test_the_nearest_place_is_measured_right(town: Town, noon: None):
    town.zone("Everywhere", square(SQUARE, 5000), NO_END, precedence=50)
    far = moved(SQUARE, 1000, 200)
    town.zone("But here", square(far, 100), ALL, precedence=1)
    nearest = Fence(Ask.of(town.small)).nearest(SQUARE, "end")
    assert nearest is not None
    assert Fence(Ask.of(town.small)).verdict(Point(nearest["longitude"], nearest["latitude"])).end
    assert metres(SQUARE, far) - 150 <= nearest["metres"] <= metres(SQUARE, far) - 90
