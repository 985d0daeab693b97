"""Journeys: heard once, answered once, in a run's order, whatever is killed; what is refused waits or stands for people."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.journeys import journey, services
from lilong.journeys.models import Heard
from lilong.kernel.base import clock, ids
from lilong.kernel.base.problems import Conflict, Missing
from lilong.kernel.events import follow
from lilong.kernel.events.models import Event
from lilong.kernel.events.services import emit, sequence
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM, Actor
from tests.journeys import trial
from tests.kernel.events.city import LotReceived, received

STAFF = Actor(party=ids.named("testing", "staff"), kind="person", staff=True)


@pytest.fixture
def trying() -> Iterator[None]:
    """The trial journey in the place of the house's own, heard by a projection of the same name."""
    projections, known = dict(follow._projections), journey.journeys()
    for name in known:
        journey.forget(name)
    journey.register(trial.JOURNEY)
    follow._projections.pop("journeys")
    follow.register(services.projection())
    yield
    follow._projections.clear()
    follow._projections.update(projections)
    journey.forget(trial.JOURNEY.name)
    for each in known.values():
        journey.register(each)
    trial.ready.clear()


def heard() -> None:
    while sequence():
        pass
    while follow.advance("journeys"):
        pass


def sold(run: UUID | None = None) -> list[int]:
    found = Event.objects.filter(type="testing.lot.sold").order_by("recorded_at", "id")
    return [event.data["quantity"] for event in (found.filter(subject=run) if run else found)]


def states() -> list[tuple[str, str]]:
    return list(Heard.objects.order_by("seq").values_list("state", "problem"))


def answer_all() -> int:
    count = 0
    while services.answer_next():
        count += 1
    return count


@pytest.mark.django_db
def test_each_event_is_answered_once_in_order(trying: None) -> None:
    received(1, 2, 3)
    heard()
    assert (answer_all(), sold()) == (3, [1, 2, 3])
    follow.replay("journeys")
    assert (answer_all(), sold(), states()) == (0, [1, 2, 3], [("done", "")] * 3)


@pytest.mark.django_db
def test_what_belongs_to_no_run_is_not_heard(trying: None) -> None:
    emit(LotReceived(lot=ids.uuid7(), quantity=5, district="pudong"), subject=ids.uuid7())
    heard()
    assert (Heard.objects.count(), answer_all(), sold()) == (0, 0, [])


@pytest.mark.django_db
def test_a_refusal_undoes_the_answer_and_holds_up_its_own_run_alone(trying: None) -> None:
    stuck, other = ids.uuid7(), ids.uuid7()
    [first] = received(trial.NEVER, subject=stuck)
    received(7, subject=stuck)
    received(8, subject=other)
    heard()
    assert (answer_all(), sold()) == (2, [8])
    assert states() == [("stuck", "wrong-state"), ("pending", ""), ("done", "")]
    with pytest.raises(Missing):
        services.skip(Actor(party=ids.uuid7(), kind="person"), journey="testing", event=first)
    services.skip(STAFF, journey="testing", event=first)
    with pytest.raises(Conflict):
        services.retry(STAFF, journey="testing", event=first)
    assert (answer_all(), sold(stuck)) == (1, [7])


@pytest.mark.django_db
def test_operators_see_what_stands_and_set_it_going(trying: None) -> None:
    [event] = received(trial.NOT_YET)
    heard()
    with clock.at(clock.now() + services.WAITS_FOR):
        answer_all()
    row = Heard.objects.get(event=event)
    client, stranger = an_operator(), Client()
    listed = client.get("/admin/journeys/heard/?state=stuck")
    assert (listed.status_code, stranger.get("/admin/journeys/heard/").status_code) == (200, 302)
    assert str(row.run) in listed.content.decode()
    client.post("/admin/journeys/heard/", {"action": "try_again", "_selected_action": [str(row.id)]})
    assert [state for state, _ in states()] == ["pending"]
    trial.ready.add(trial.NOT_YET)
    assert (answer_all(), sold()) == (1, [trial.NOT_YET])


@pytest.mark.django_db
def test_what_has_not_come_yet_is_asked_again_after_a_growing_pause(trying: None) -> None:
    [event] = received(trial.NOT_YET)
    heard()
    started = clock.now()
    with clock.at(started):
        assert (answer_all(), sold()) == (1, [])
        first = Heard.objects.get(event=event)
        assert (first.state, first.problem, first.due_at - started) == ("pending", "wrong-step", timedelta(seconds=2))
        assert answer_all() == 0
    with clock.at(started + timedelta(seconds=2)):
        assert answer_all() == 1
        assert Heard.objects.get(event=event).due_at == started + timedelta(seconds=6)
    trial.ready.add(trial.NOT_YET)
    with clock.at(started + timedelta(seconds=6)):
        assert (answer_all(), sold()) == (1, [trial.NOT_YET])


@pytest.mark.django_db
def test_after_two_days_it_stands_for_people_who_may_have_it_tried_again(trying: None) -> None:
    [event] = received(trial.NOT_YET)
    heard()
    late = clock.now() + services.WAITS_FOR
    with clock.at(late):
        answer_all()
        assert states() == [("stuck", "wrong-step")]
        trial.ready.add(trial.NOT_YET)
        services.retry(STAFF, journey="testing", event=event)
        assert (answer_all(), sold()) == (1, [trial.NOT_YET])


@pytest.mark.django_db
def test_a_fault_of_ours_is_tried_eight_times(trying: None) -> None:
    received(trial.BROKEN)
    heard()
    moment = clock.now()
    tries = 0
    while states()[0][0] == "pending":
        moment += services.LONGEST_PAUSE
        with clock.at(moment):
            tries += answer_all()
    assert (tries, states(), sold()) == (services.FAULTS_MAX, [("stuck", "ZeroDivisionError")], [])


def an_operator() -> Client:
    id, client = ids.uuid7(), Client()
    parties.create_person(
        SYSTEM, id=id, name="Operator", email=f"{id}@example.org", district="huangpu", language="en", staff=True
    )
    user = get_user_model().objects.get(party=id)
    user.is_superuser = True
    user.save()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def worker(dies: int = 0) -> "subprocess.Popen[bytes]":
    program = f"import django; django.setup(); from tests.journeys import trial; trial.work({dies})"
    return subprocess.Popen([sys.executable, "-c", program], env=dict(os.environ))


def test_four_workers_answer_everything_once(fresh_database: str, trying: None) -> None:
    runs = [ids.uuid7() for _ in range(8)]
    for quantity in range(1, 6):
        for run in runs:
            received(quantity, subject=run)
    heard()
    crew = [worker() for _ in range(4)]
    assert [each.wait(60) for each in crew] == [0] * 4
    answer_all()  # whoever came last may have passed over what another had locked
    assert [sold(run) for run in runs] == [[1, 2, 3, 4, 5]] * 8


def test_a_worker_killed_while_answering_leaves_nothing_half(fresh_database: str, trying: None) -> None:
    received(1, 2, 3)
    heard()
    assert worker(dies=2).wait(60) == -signal.SIGKILL
    assert (sold(), [state for state, _ in states()]) == ([1], ["done", "pending", "pending"])
    assert (answer_all(), sold()) == (2, [1, 2, 3])
