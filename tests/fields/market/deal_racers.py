"""What the processes do that race for seats, cut-offs and parcels: each a real process with real commits."""

import json
import os
import signal
import sys
from typing import Any
from uuid import UUID


def main(task: str, given: dict[str, Any]) -> object:
    import django

    django.setup()
    return globals()[task](given)


def wait() -> None:
    print("ready", flush=True)
    sys.stdin.readline()


def answer(act: Any) -> str:
    from lilong.kernel.base.problems import Problem

    try:
        act()
    except Problem as problem:
        return problem.code
    return "ok"


def person(party: str) -> Any:
    from lilong.kernel.parties.actor import Actor

    return Actor(party=UUID(party), kind="person")


def join(given: dict[str, Any]) -> list[str]:
    """Each of the given buyers joins the group; `until_over` joins again and again until refused."""
    from lilong.fields.market.drafts import JoinDraft
    from lilong.fields.market.services import groups
    from lilong.kernel.base import ids

    wait()
    said = []
    for buyer in given["buyers"]:
        draft = JoinDraft(
            order=ids.uuid7(),
            group=UUID(given["group"]),
            quantity=1,
            price=given["price"],
            place=UUID(given["place"]),
        )
        said.append(answer(lambda draft=draft, buyer=buyer: groups.join(person(buyer), draft)))
    return said


def settle(given: dict[str, Any]) -> int:
    """Runs the groups' job until the group is settled."""
    from lilong.fields.market.models import Group
    from lilong.fields.market.services import groups

    wait()
    done = 0
    while Group.objects.get(id=given["group"]).state == "open":
        done += groups.settle_due()
    return done + groups.settle_due()


def die_settling(given: dict[str, Any]) -> None:
    """Is killed (SIGKILL) in the middle of a transaction that gives money back, after `after` orders were done."""
    from lilong.fields.market.services import groups, guards

    count = 0
    cancelled = guards.GroupGuard.cancelled

    def dying(self: Any, order: Any) -> None:
        nonlocal count
        cancelled(self, order)
        count += 1
        if count > given["after"]:
            os.kill(os.getpid(), signal.SIGKILL)

    guards.GroupGuard.cancelled = dying
    wait()
    groups.settle_due()


def order(given: dict[str, Any]) -> list[str]:
    """Orders in a campaign until it is cut off; answers the orders that stand."""
    from lilong.fields.market.services import campaigns
    from lilong.kernel.base import ids
    from lilong.kernel.orders.drafts import LineDraft

    wait()
    stood = []
    while True:
        id, line = ids.uuid7(), LineDraft(offer=UUID(given["offer"]), quantity=1, price=given["price"])
        said = answer(
            lambda id=id, line=line: campaigns.order(
                person(given["buyer"]),
                id=id,
                campaign=UUID(given["campaign"]),
                leader=UUID(given["leader"]),
                lines=[line],
            )
        )
        if said != "ok":
            return [*stood, said]
        stood.append(str(id))


def cut_off(given: dict[str, Any]) -> int:
    from lilong.fields.market.models import Campaign
    from lilong.fields.market.services import campaigns

    wait()
    while Campaign.objects.get(id=given["campaign"]).state == "open":
        campaigns.cut_off_due()
    return 1


def hand_over(given: dict[str, Any]) -> list[str]:
    from lilong.fields.market.services import campaigns

    wait()
    where = {"campaign": UUID(given["campaign"]), "leader": UUID(given["leader"])}
    return [
        answer(lambda code=code: campaigns.hand_over(person(given["person"]), **where, code=code))
        for code in given["codes"]
    ]


def expire(given: dict[str, Any]) -> int:
    from datetime import datetime, timedelta

    from lilong.fields.market.services import campaigns
    from lilong.kernel.base import clock

    wait()
    with clock.at(datetime.fromisoformat(given["at"]) + timedelta(seconds=1)):
        return campaigns.cancel_uncollected()


def die_handing_over(given: dict[str, Any]) -> None:
    """Is killed while handing over, after everything was written and before the commit."""
    from lilong.fields.market.services import campaigns
    from lilong.kernel.orders import services as orders

    complete = orders.complete

    def dying(*args: Any, **kwargs: Any) -> None:
        complete(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    orders.complete = dying
    wait()
    where = {"campaign": UUID(given["campaign"]), "leader": UUID(given["leader"])}
    campaigns.hand_over(person(given["person"]), **where, code=given["codes"][0])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
