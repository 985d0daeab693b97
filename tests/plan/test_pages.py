"""The plan's pages and its open data, in three languages, for the public, for parties and for operators."""

import csv
import io
import json
import re
from pathlib import Path

import polib
import pytest
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.events import follow
from lilong.kernel.events.services import emit, sequence
from lilong.kernel.parties import tokens
from lilong.kernel.parties.models import User
from tests.kernel.parties import city
from tests.plan import trial
from tests.plan.trial import BUYERS, at, sold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("trial_field")]
LOCALE = Path(__file__).resolve().parents[2] / "lilong/plan/locale"
PAGES = (
    "/plan/",
    "/plan/baseline",
    "/plan/indicators/trial.turnover",
    "/plan/indicators/trial.turnover?period=2020-04",
    "/plan/indicators/trial.growth?period=2020-Q2",
    "/plan/indicators/trial.unattended",
    "/plan/indicators/trial.pieces",
    "/plan/indicators/city.turnover",
)


def advanced() -> None:
    sequence()
    while follow.advance("plan"):
        pass


def trade() -> None:
    for n in range(6):
        sold(100_00, at(2020, 4, 5 + n), buyer=n)
    sold(77_00, at(2020, 4, 20), buyer=1, district="chongming", channel="=cmd()")
    sold(150_00, at(2020, 5, 5), buyer=1)
    advanced()


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_every_page_answers_in_every_language_with_numbers_and_without(language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    for _ in range(2):
        assert [client.get(page).status_code for page in PAGES] == [200] * len(PAGES)
        trade()


def test_the_board_shows_the_23_measures_and_which_doors_are_not_open() -> None:
    body = Client().get("/plan/").content.decode()
    assert [f'<span class="soft">{code}</span>' in body for code in ("A1", "A6", "S1", "S5")] == [True] * 4
    assert body.count('class="n') >= 12
    assert body.count("not yet open</span>") == 4 + 9  # the four registers and all doors but three
    zh = Client(headers={"Accept-Language": "zh-hans"}).get("/plan/").content.decode()
    assert [name in zh for name in ("无人工厂", "“无接触”配送", "在线医疗", "四个目标")] == [True] * 4


def test_numbers_are_written_as_the_language_writes_them() -> None:
    sold(12_345_678_00, at(2020, 4, 5))
    advanced()
    for language, shown in (("en", "¥12.3m"), ("zh-hans", "¥1,235万"), ("ko", "¥1,235만")):
        body = Client(headers={"Accept-Language": language}).get("/plan/indicators/trial.turnover").content.decode()
        assert shown in body


def test_the_public_sees_no_small_cell_anywhere() -> None:
    trade()
    page = Client().get("/plan/indicators/trial.turnover?period=2020-04").content.decode()
    assert "not published" in page
    assert re.search(r"¥77\b", page) is None
    rows = Client().get("/api/plan/indicators/trial.turnover").json()["rows"]
    hidden = [row for row in rows if row["key"] == "chongming"]
    assert [(r["suppressed"], r["value"], r["numerator"], r["events"]) for r in hidden] == [(True, None, None, None)]
    for ending in ("csv", "json"):
        body = Client().get(f"/plan/indicators/trial.turnover/data.{ending}").content.decode()
        assert re.findall(r"\b(?:7700|67700)\b", body) == ["67700"] * 2  # the city's value and numerator only


def test_operators_see_small_cells() -> None:
    trade()
    operator = city.person("Lin", staff=True)
    key = {"Authorization": f"Bearer {tokens.issue(operator, 60)}"}
    rows = Client(headers=key).get("/api/plan/indicators/trial.turnover").json()["rows"]
    assert [row["value"] for row in rows if row["key"] == "chongming"] == [7700]


def test_the_csv_is_the_json_and_runs_no_formula() -> None:
    trade()
    client = Client()
    answer = client.get("/plan/indicators/trial.turnover/data.csv")
    assert answer["Content-Disposition"] == 'attachment; filename="trial.turnover.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    rows = json.loads(client.get("/plan/indicators/trial.turnover/data.json").content)["rows"]
    assert [(line["period"], line["value"]) for line in lines] == [
        (row["period"], "" if row["value"] is None else str(row["value"])) for row in rows
    ]
    assert [line["key"] for line in lines if "cmd" in line["key"]] == ["'=cmd()"]


def test_the_api_lists_indicators_with_their_figures() -> None:
    trade()
    listed = {each["id"]: each for each in Client().get("/api/plan/indicators").json()}
    turnover = listed["trial.turnover"]
    assert (turnover["figure"]["value"], turnover["figure"]["start"]) == (150_00, "2020-05-01")
    assert turnover["disaggregation"] == ["month", "district", "channel"]
    assert "city.buyers" in listed
    whole = Client().get("/api/plan/indicators/trial.turnover").json()
    assert whole["numerator"]["minus"][0]["events"] == ["trial.returned"]
    facts = {fact["id"]: fact for fact in Client().get("/api/plan/baseline").json()}
    assert (facts["fresh-food"]["value"], facts["fresh-food"]["change"]) == ("8800000000", "167")


@pytest.mark.parametrize(
    ("path", "status", "pointer"),
    [
        ("/api/plan/indicators/trial.nothing", 404, None),
        ("/api/plan/indicators/trial.turnover/events?period=2020-13", 422, "/period"),
        ("/api/plan/indicators/trial.turnover/events?slice=buyer%3Dx", 422, "/slice"),
        ("/api/plan/indicators/trial.turnover/events?slice=%00", 422, "/slice"),
        ("/api/plan/indicators/trial.turnover/events?cursor=-1", 422, "/cursor"),
        ("/api/plan/indicators/trial.turnover/events?size=0", 422, "/size"),
    ],
)
def test_a_bad_question_is_answered_by_a_problem_that_names_the_field(
    path: str, status: int, pointer: str | None
) -> None:
    somebody = city.person("Mei")
    answer = Client(headers={"Authorization": f"Bearer {tokens.issue(somebody, 60)}"}).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert [error["pointer"] for error in answer.json().get("errors", [])] == ([pointer] if pointer else [])


def test_events_are_for_those_who_signed_in_and_only_their_own() -> None:
    trade()
    resident = city.person("Mei", password=city.PASSWORD)
    fact = trial.Returned(buyer=resident.party, district="pudong", channel="online", total=5)
    own = emit(fact, subject=ids.uuid7(), at=at(2020, 4, 5))
    advanced()
    assert Client().get("/api/plan/indicators/trial.turnover/events").status_code == 401
    assert Client().get("/plan/indicators/trial.turnover/events").status_code == 302
    client = Client()
    client.force_login(User.objects.get(party_id=resident.party), backend="django.contrib.auth.backends.ModelBackend")
    seen = client.get("/api/plan/indicators/trial.turnover/events?period=2020-04").json()
    assert [event["event"] for event in seen["items"]] == [str(own)]
    page = client.get("/plan/indicators/trial.turnover/events?period=2020-04")
    assert (page.status_code, "trial.returned" in page.content.decode()) == (200, True)
    assert str(BUYERS[0]) not in page.content.decode()
    refused = client.get("/api/plan/indicators/trial.turnover/events?period=2020-04&why=curious+me")
    assert refused.status_code == 403


@pytest.mark.parametrize("language", ["zh_Hans", "ko"])
def test_translations_are_complete(language: str) -> None:
    catalog = polib.pofile(str(LOCALE / language / "LC_MESSAGES/django.po"))
    assert [entry.msgid for entry in catalog if not entry.translated()] == []
    assert (LOCALE / language / "LC_MESSAGES/django.mo").read_bytes() == catalog.to_binary()
