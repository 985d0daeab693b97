"""What the racing processes do: each is a real process of its own, with real commits."""

import json
import os
import sys
from datetime import date
from uuid import UUID


def main(task: str, given: dict[str, str]) -> object:
    import django

    django.setup()
    from lilong.fields.market.drafts import LotDraft
    from lilong.fields.market.services import lots, recalls
    from lilong.kernel.base import ids
    from lilong.kernel.base.problems import Problem
    from lilong.kernel.orders import services as orders
    from lilong.kernel.orders.drafts import LineDraft, OrderDraft, Placed
    from lilong.kernel.parties.actor import SYSTEM

    if task == "approve":
        return _approve(given)
    product, place = UUID(given["product"]), UUID(given["place"])
    print("ready", flush=True)
    sys.stdin.readline()
    if task == "receive":
        draft = LotDraft(
            id=UUID(given["id"]) if "id" in given else ids.uuid7(),
            product=product,
            place=place,
            lot_code="RACE",
            best_before=date.fromisoformat(given["best_before"]),
            quantity=10,
        )
        try:
            return str(lots.receive_lot(SYSTEM, draft).lot)
        except Problem as problem:
            return problem.code
    if task == "buy":
        bought = []
        for _ in range(30):
            line = LineDraft(offer=product, quantity=1, price=1290)
            order = OrderDraft(id=ids.uuid7(), buyer=UUID(given["buyer"]), lines=[line], place=place)
            (answer,) = orders.place([order])
            if isinstance(answer, Placed):
                bought.append(str(order.id))
        return bought
    recall = recalls.recall_lot(SYSTEM, id=ids.uuid7(), lot=UUID(given["lot"]), reason="race")
    return [str(each.order) for each in recall.reached.all()]


def _approve(given: dict[str, str]) -> object:
    from lilong.fields.market.services import returns
    from lilong.kernel.parties.actor import SYSTEM

    print("ready", flush=True)
    sys.stdin.readline()
    return returns.approve_return(SYSTEM, id=UUID(given["id"])).amount


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lilong.site.settings")
    print(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))), flush=True)
