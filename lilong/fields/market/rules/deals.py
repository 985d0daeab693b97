"""What broadcasts, group offers and campaigns must satisfy; pick-up codes; commissions."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from lilong.fields.market.drafts import BroadcastDraft, CampaignDraft, GroupOfferDraft
from lilong.kernel.base.problems import Invalid, Violation
from lilong.kernel.base.words import Words

PRICE_MAX = 10**12
TITLE_MAX = 120
SIZE_MIN, SIZE_MAX = 2, 1000
SECONDS_MIN, SECONDS_MAX = 60, 7 * 86_400
SALE_DAYS_MAX = 366
LINES_MAX, LEADERS_MAX = 200, 500
COMMISSION_BP_MAX = 3000  # 30 %
CODE_DIGITS = 8

_WHOLE_BP = 10_000
_Found = Iterator[tuple[str, str, bool]]  # pointer, rule, whether it is broken


def fingerprint(draft: msgspec.Struct) -> str:
    """What tells whether the same is asked for again."""
    return hashlib.sha256(msgspec.json.encode(draft, order="sorted")).hexdigest()


def check_broadcast(draft: BroadcastDraft, now: datetime) -> None:
    """Raises Invalid, naming every field and rule."""
    _refuse(
        [
            *_priced(draft.price, draft.limit_per_buyer, ""),
            *_titled(draft.title),
            ("/released_at", "in-the-past", draft.released_at < now),
            *_span("/closes_at", draft.released_at, draft.closes_at),
        ]
    )


def check_group_offer(draft: GroupOfferDraft, now: datetime) -> None:
    """Raises Invalid, naming every field and rule."""
    _refuse(
        [
            *_priced(draft.price, draft.limit_per_buyer, ""),
            *_titled(draft.title),
            ("/size", "range", not SIZE_MIN <= draft.size <= SIZE_MAX),
            ("/seconds", "range", not SECONDS_MIN <= draft.seconds <= SECONDS_MAX),
            ("/closes_at", "in-the-past", draft.closes_at is not None and draft.closes_at <= now),
        ]
    )


def check_campaign(draft: CampaignDraft, now: datetime, cut_off_day: object) -> None:
    """Raises Invalid, naming every field and rule. `cut_off_day` is the city's day of the cut-off."""
    offers = [line.offer for line in draft.lines]
    _refuse(
        [
            *_titled(draft.title),
            ("/title", "required", not draft.title.within(None)),
            ("/lines", "length", not 1 <= len(draft.lines) <= LINES_MAX),
            ("/lines", "unique", len(set(offers)) != len(offers)),
            ("/leaders", "length", not 1 <= len(draft.leaders) <= LEADERS_MAX),
            ("/leaders", "unique", len(set(draft.leaders)) != len(draft.leaders)),
            ("/cut_off", "in-the-past", draft.cut_off <= now),
            *_span("/cut_off", draft.opens_at, draft.cut_off),
            ("/delivery_day", "after-cut-off", draft.delivery_day < cut_off_day),  # type: ignore[operator]
            *_span("/collect_until", draft.cut_off, draft.collect_until),
            ("/commission_bp", "range", not 0 <= draft.commission_bp <= COMMISSION_BP_MAX),
            *(
                each
                for n, line in enumerate(draft.lines)
                for each in _priced(line.price, line.limit_per_buyer, f"/lines/{n}")
            ),
        ]
    )


def commission(paid: int, bp: int) -> int:
    """A leader's share of `paid` fen, rounded down. Of what is left after refunds it is again this: so all refunds of an
    order together take back all of it."""
    return paid * bp // _WHOLE_BP


def pick_up_code(key: bytes, order: UUID, turn: int) -> str:
    """The code that collects an order: eight digits that nobody without the house's key can tell, at its `turn`-th try."""
    digest = hmac.new(key, b"pick-up" + order.bytes + bytes([turn]), hashlib.sha256).digest()
    return str(int.from_bytes(digest[:8], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def code_hash(key: bytes, campaign: UUID, leader: UUID, code: str) -> str:
    """How a pick-up code is kept: keyed, so that a copy of the table does not tell the code."""
    return hmac.new(key, b"kept" + campaign.bytes + leader.bytes + code.encode(), hashlib.sha256).hexdigest()


def _priced(price: int, limit: int | None, at: str) -> _Found:
    yield f"{at}/price", "range", not 0 <= price <= PRICE_MAX
    yield f"{at}/limit_per_buyer", "minimum", limit is not None and limit < 1


def _titled(title: Words) -> _Found:
    texts = (title.en, title.zh, title.ko)
    yield "/title", "length", any(len(text) > TITLE_MAX for text in texts)
    yield "/title", "characters", any("\0" in text for text in texts)


def _span(pointer: str, start: datetime, end: datetime) -> _Found:
    yield pointer, "after-start", end <= start
    yield pointer, "too-long", end > start + timedelta(days=SALE_DAYS_MAX)


def _refuse(found: list[tuple[str, str, bool]]) -> None:
    broken = [Violation(pointer=pointer, rule=rule) for pointer, rule, bad in found if bad]
    if broken:
        raise Invalid("invalid", violations=broken)
