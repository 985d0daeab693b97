"""A few people, a shop and what they bought: enough to fill the pages."""

from typing import Any
from uuid import UUID

import msgspec
from django.contrib.auth import get_user_model
from django.test import Client

from lilong.kernel.base import ids
from lilong.kernel.base.words import Words
from lilong.kernel.ledger import services as ledger
from lilong.kernel.orders import services as orders
from lilong.kernel.parties import services as parties
from lilong.kernel.parties.actor import SYSTEM
from tests.kernel.orders.stall import a_stall

LONG = Words(
    en="Organic Chongming golden melon, hand-picked in the morning and chilled",
    zh="崇明有机金瓜，清晨手工采摘，全程冷链配送到家",
    ko="충밍 유기농 금과, 아침에 손으로 따서 차갑게 배송",
)


class Town(msgspec.Struct, frozen=True):
    """`resident` is signed in by `session`; `order` is one of hers."""

    resident: UUID
    session: str
    order: UUID
    cancelled: UUID


def a_town() -> Town:
    resident, owner = ids.uuid7(), ids.uuid7()
    parties.create_person(SYSTEM, id=resident, name="王小明 Wang Xiaoming", email="wang@example.org", district="pudong")
    parties.create_person(SYSTEM, id=owner, name="Lin", email="lin@example.org", district="xuhui")
    shop = ids.uuid7()
    name = Words(en="Lane corner greengrocer", zh="弄堂口菜店", ko="골목 어귀 채소 가게")
    parties.create_organisation(SYSTEM, id=shop, name=name, owner=owner, kind="shop", district="xuhui")
    ledger.wallet(resident)
    ledger.top_up(SYSTEM, id=ids.uuid7(), owner=resident, amount=5_000_00)
    stalls = [a_stall(seller=shop, price=1290 + n * 700, title=LONG, summary=LONG) for n in range(3)]
    placed = [_placed(stall, resident, n + 1) for n, stall in enumerate(stalls)]
    orders.complete(SYSTEM, id=placed[0])
    orders.cancel(SYSTEM, id=placed[1], reason="changed my mind")
    return Town(resident, _session(resident), placed[2], placed[1])


def _placed(stall: Any, buyer: UUID, quantity: int) -> UUID:
    [answer] = orders.place([stall.draft(buyer, quantity)])
    return answer.id


def _session(person: UUID) -> str:
    client = Client()
    client.force_login(get_user_model().objects.get(party=person), "django.contrib.auth.backends.ModelBackend")
    return str(client.cookies["sessionid"].value)
