"""Searching all that is offered, in Chinese, Korean and English."""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from lilong.kernel.base import clock
from lilong.kernel.base.paging import SIZE_DEFAULT, SIZE_MAX
from lilong.kernel.base.problems import Invalid, Violation, invalid
from lilong.kernel.catalog import rules
from lilong.kernel.catalog.drafts import CODE, PRICE_MAX, TAGS_MAX, OfferView
from lilong.kernel.catalog.queries.offers import views

TEXT_MAX = 200
FACET_TAGS = 30

_field = re.compile(CODE)


class _Sort(NamedTuple):
    """What is sorted by, and the cursor's comparison: '<' for falling."""

    key: str
    falling: bool
    kind: type


SORTS = {
    "relevance": _Sort("score", True, int),
    "newest": _Sort("created_at", True, datetime),
    "price": _Sort("price", False, int),
    "-price": _Sort("price", True, int),
}

# Weights of summary (C), tags and brand (B), title (A); longer texts count a little less. Whoever fits exactly comes
# before those that only hold all the words.
_SCORE = """
(round((ts_rank('{0.02, 0.1, 0.4, 1.0}', o.search, %(relaxed)s::tsquery, 1) * 1000000)::numeric)::bigint
 + CASE WHEN o.search @@ %(strict)s::tsquery THEN 10000000 ELSE 0 END)
"""
_AVAILABLE = """
(NOT o.stocked OR EXISTS (
  SELECT FROM catalog_supply s JOIN ledger_account a ON a.id = s.account
  WHERE s.offer_id = o.id AND s.open AND (%(place)s::uuid IS NULL OR s.place = %(place)s::uuid)
    AND (s.use_by IS NULL OR s.use_by >= %(today)s)
    AND NOT a.closed AND (a.floor IS NULL OR a.posted - a.held > a.floor)))
"""
_AT_PLACE = """
(NOT o.place_bound OR EXISTS (
  SELECT FROM catalog_supply s WHERE s.offer_id = o.id AND s.open AND s.place = %(place)s::uuid))
"""
_FACETS = """
WITH found AS (SELECT o.field, o.tags, o.price FROM catalog_offer o WHERE {where})
SELECT 'field', field, count(*) FROM found GROUP BY field
UNION ALL (SELECT 'tag', tag, count(*) FROM found, unnest(tags) AS tag GROUP BY tag ORDER BY 3 DESC, 2 LIMIT {tags})
UNION ALL SELECT 'total', NULL, count(*) FROM found
UNION ALL SELECT 'from', NULL, min(price) FROM found
UNION ALL SELECT 'to', NULL, max(price) FROM found
"""


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """What the whole finding holds: how many offers of each field and tag (the 30 most frequent), and its prices."""

    total: int
    fields: dict[str, int]
    tags: dict[str, int]
    price_from: int | None
    price_to: int | None


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One page of a finding; `next` is the next page's cursor ('' at the end). Facets come with the first page."""

    items: list[OfferView]
    next: str
    facets: Facets | None


def search(
    text: str = "",
    *,
    field: str = "",
    seller: UUID | None = None,
    place: UUID | None = None,
    price_from: int | None = None,
    price_to: int | None = None,
    tags: Sequence[str] = (),
    available_only: bool = False,
    sort: str = "",
    cursor: str = "",
    size: int = SIZE_DEFAULT,
) -> Found:
    """Listed offers that can be bought now and fit all that is asked: every word of `text`, every one of `tags`.

    `place` leaves out place-bound offers that are not sold there; `available_only` what has no stock (there) that is good
    today. `sort` is one of SORTS: by default relevance, without a text the newest. Prices are as offers state them, in
    minor units per their `per`. Raises Invalid for a bad sort, cursor, size, price range, or a text over 200 characters.
    """
    _check(text, field, price_from, price_to, tags, sort, size)
    asked = rules.query(text)
    if text.strip() and not asked.relaxed:  # nothing in it that is ever indexed
        return Found(items=[], next="", facets=_NOTHING)
    order = SORTS[sort or ("relevance" if asked.relaxed else "newest")]
    if order.key == "score" and not asked.relaxed:
        order = SORTS["newest"]
    given = {
        "strict": asked.strict, "relaxed": asked.relaxed, "field": field, "seller": seller, "place": place,
        "from": price_from, "to": price_to, "tags": list(tags), "now": clock.now(), "today": clock.today(),
    }  # fmt: skip
    where = " AND ".join(_where(given, available_only))
    keys = _page(where, given, order, cursor, size)
    shown = keys[:size]
    return Found(
        items=views([id for _, id in shown]),
        next=_encode(*shown[-1]) if len(keys) > size else "",
        facets=None if cursor else _facets(where, given),
    )


_NOTHING = Facets(total=0, fields={}, tags={}, price_from=None, price_to=None)


def _where(given: dict[str, Any], available_only: bool) -> list[str]:
    """The conditions; what is not asked for leaves none behind."""
    asked = [
        ("o.search @@ %(relaxed)s::tsquery", given["relaxed"]),
        ("o.field = %(field)s", given["field"]),
        ("o.seller = %(seller)s", given["seller"]),
        ("o.price >= %(from)s", given["from"] is not None),
        ("o.price <= %(to)s", given["to"] is not None),
        ("o.tags @> %(tags)s::text[]", given["tags"]),
        (_AT_PLACE, given["place"]),
        (_AVAILABLE, available_only),
    ]
    return [
        "o.state = 'listed'",
        "(o.guard = '' OR o.findable)",
        "(o.released_at IS NULL OR o.released_at <= %(now)s)",
        "(o.closes_at IS NULL OR o.closes_at > %(now)s)",
        *(condition for condition, wanted in asked if wanted),
    ]


def _page(where: str, given: dict[str, Any], order: _Sort, cursor: str, size: int) -> list[tuple[Any, UUID]]:
    """The sort keys and ids of a page, and of one more if there is one."""
    key = _SCORE if order.key == "score" else f"o.{order.key}"
    way = "DESC" if order.falling else "ASC"
    beyond = ""
    if cursor:
        given = given | dict(zip(("last", "last_id"), _decode(cursor, order.kind), strict=True))
        beyond = f"WHERE (key, id) {'<' if order.falling else '>'} (%(last)s, %(last_id)s)"
    statement = f"""
SELECT key, id FROM (SELECT {key} AS key, o.id FROM catalog_offer o WHERE {where}) AS found {beyond}
ORDER BY key {way}, id {way} LIMIT {size + 1}
"""  # noqa: S608 (made of constants; what was given goes in as parameters)
    with connection.cursor() as database:
        database.execute(statement, given)
        return database.fetchall()


def _facets(where: str, given: dict[str, Any]) -> Facets:
    counted: dict[str, dict[str, Any]] = {"field": {}, "tag": {}, "total": {}, "from": {}, "to": {}}
    with connection.cursor() as database:
        database.execute(_FACETS.format(where=where, tags=FACET_TAGS), given)
        for facet, value, number in database.fetchall():
            counted[facet][value] = number
    (total,), (lowest,), (highest,) = (counted[name].values() for name in ("total", "from", "to"))
    return Facets(total=total, fields=counted["field"], tags=counted["tag"], price_from=lowest, price_to=highest)


def _check(
    text: str, field: str, price_from: int | None, price_to: int | None, tags: Sequence[str], sort: str, size: int
) -> None:
    found = []
    if len(text) > TEXT_MAX or "\x00" in text:
        found.append(("/text", "max-length", str(TEXT_MAX)))
    if field and not _field.fullmatch(field):
        found.append(("/field", "pattern", CODE))
    for name, price in (("/price_from", price_from), ("/price_to", price_to)):
        if price is not None and not 0 <= price <= PRICE_MAX:
            found.append((name, "range", f"0..{PRICE_MAX}"))
    if len(tags) > TAGS_MAX or any("\x00" in tag for tag in tags):
        found.append(("/tags", "max-length", str(TAGS_MAX)))
    if sort and sort not in SORTS:
        found.append(("/sort", "enum", ", ".join(SORTS)))
    if not 1 <= size <= SIZE_MAX:
        found.append(("/size", "range", f"1..{SIZE_MAX}"))
    if found:
        raise Invalid(
            "invalid", violations=[Violation(pointer=p, rule=rule, detail=detail) for p, rule, detail in found]
        )


def _encode(key: Any, id: UUID) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode([key, id])).decode().rstrip("=")


def _decode(cursor: str, kind: type) -> tuple[Any, UUID]:
    """The last page's end. A cursor of another sort does not fit this one's kind."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(raw, type=tuple[kind, UUID])  # type: ignore[valid-type]
    except (ValueError, binascii.Error, msgspec.DecodeError):
        raise invalid("/cursor", "format") from None
