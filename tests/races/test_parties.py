"""Parties under real concurrency: one address, one owner left, one limit, a key that is revoked while it is used."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import Unauthenticated
from lilong.kernel.base.words import Words
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM, Actor
from lilong.kernel.parties.models import Membership, Party, User

_START = """
import json, os, sys, time
import django
django.setup()
from uuid import UUID
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties import queries, services
from lilong.kernel.parties.actor import SYSTEM
from django.db import connection
connection.ensure_connection()
given = json.loads(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
def tried(work):
    try:
        work()
    except Problem as problem:
        return problem.code
    return "done"
"""


def _race(programs: list[tuple[str, dict[str, object]]]) -> list[list[object]]:
    """Runs each program in a process of its own, all set off together; what each printed (JSON lines)."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _START + program, json.dumps(given)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent.parent.parent,
            env=os.environ | {"PYTHONPATH": "."},
        )
        for program, given in programs
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(running)
    return [[json.loads(line) for line in text.splitlines()] for text in printed]


def _person(email: str) -> Actor:
    id = ids.uuid7()
    services.create_person(SYSTEM, id=id, name="P", email=email)
    return queries.actor_of_party(id)


@pytest.mark.usefixtures("fresh_database")
def test_one_address_joins_once_however_many_sign_up_at_once() -> None:
    program = """
from django.test import Client
form = {"name": "Mei", "email": given["email"], "password1": "plum-river-482"}
client = Client()
answer = client.post("/accounts/signup/", form)
print(json.dumps([answer.status_code, client.get("/api/me").status_code]))
"""
    answers = [printed[0] for printed in _race([(program, {"email": "mei@example.org"})] * 4)]
    assert sorted(me for _signup, me in answers) == [200, 401, 401, 401]
    assert {signup for signup, me in answers if me == 401} <= {200, 409}
    assert (User.objects.count(), Party.objects.count()) == (1, 1)


@pytest.mark.usefixtures("fresh_database")
def test_batches_that_overlap_neither_double_nor_deadlock() -> None:
    drafts = [{"id": str(ids.uuid7()), "email": f"r{n}@example.org"} for n in range(200)]
    program = """
from lilong.kernel.parties.drafts import PersonDraft
drafts = [PersonDraft(id=UUID(d["id"]), name="R", email=d["email"]) for d in given]
answers = services.create_people(SYSTEM, drafts)
print(json.dumps(sum(not isinstance(answer, Problem) for answer in answers)))
"""
    orders = [drafts, drafts[::-1], drafts[100:] + drafts[:100]]
    assert [printed[0] for printed in _race([(program, order) for order in orders])] == [200] * 3
    assert (User.objects.count(), Party.objects.count()) == (200, 200)


@pytest.mark.usefixtures("fresh_database")
def test_an_organisation_keeps_an_owner_when_all_leave_at_once() -> None:
    owners = [_person(f"o{n}@example.org") for n in range(4)]
    shop = ids.uuid7()
    services.create_organisation(SYSTEM, id=shop, name=Words(en="Shop"), owner=owners[0].party)
    for owner in owners[1:]:
        services.add_member(SYSTEM, organisation=shop, person=owner.party, roles=["owner"])
    leave = """
me = queries.actor_of_party(UUID(given["person"]))
print(json.dumps(tried(lambda: services.remove_member(me, organisation=UUID(given["shop"]), person=me.party))))
"""
    step_down = leave.replace(
        'services.remove_member(me, organisation=UUID(given["shop"]), person=me.party)',
        'services.add_member(me, organisation=UUID(given["shop"]), person=me.party, roles=["clerk"])',
    )
    erase = leave.replace(
        'services.remove_member(me, organisation=UUID(given["shop"]), person=me.party)',
        "services.erase_person(me, person=me.party)",
    )
    programs = [leave, step_down, erase, leave]
    given = [{"person": str(owner.party), "shop": str(shop)} for owner in owners]
    said = [printed[0] for printed in _race(list(zip(programs, given, strict=True)))]
    assert sorted(said) == ["done"] * 3 + ["last-owner"]
    assert Membership.objects.filter(organisation=shop, roles__contains=["owner"]).count() == 1


@pytest.mark.usefixtures("fresh_database")
def test_a_limit_holds_over_processes() -> None:
    program = """
through = sum(tried(lambda: services.count_against("race", "key", 50, 3600)) == "done" for _ in range(40))
print(json.dumps(through))
"""
    assert sum(printed[0] for printed in _race([(program, {})] * 3)) == 50


@pytest.mark.usefixtures("fresh_database")
def test_a_revoked_key_ends_here_at_once_and_elsewhere_within_seconds() -> None:
    mei = _person("mei@example.org")
    key, secret = services.issue_key(mei, id=ids.uuid7(), party=mei.party, name="Till", scopes=["orders:place"])
    program = """
began, last = time.time(), 0.0
while tried(lambda: queries.actor_of_key(given["secret"])) == "done":
    last = time.time()
    print(json.dumps(last), flush=True)
    time.sleep(0.01)
    assert time.time() - began < 30
print(json.dumps(["refused", time.time()]))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", _START + program, json.dumps({"secret": secret})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert process.stdout.readline() == "ready\n"
    assert queries.actor_of_key(secret).party == mei.party
    process.stdin.write("go\n")
    process.stdin.flush()
    assert float(process.stdout.readline()) > 0
    services.revoke_key(mei, id=key.id)
    revoked = time.time()
    with pytest.raises(Unauthenticated):
        queries.actor_of_key(secret)
    *_used, last = process.communicate(timeout=40)[0].splitlines()
    word, moment = json.loads(last)
    assert (word, process.returncode, moment - revoked < queries.KEY_SECONDS + 1) == ("refused", 0, True)
