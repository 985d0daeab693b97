"""Searching 20,000 offers in three languages, next to ILIKE over the same texts in the same run on the same server.

Prints one JSON line: milliseconds of a first page with its facets (20 offers) at the median and at the 99th percentile,
for each language and over all; the same for the baseline, which asks with ILIKE for every word in title, summary and tags
and shows its newest hits with the same facets; and how many offers were put a second.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable
from itertools import product
from typing import Any

import django

# (English, Chinese, Korean), combined into names of goods
KINDS = [
    ("Organic", "有机", "유기농"), ("Fresh", "新鲜", "신선한"), ("Frozen", "冷冻", "냉동"), ("Local", "本地", "국내산"),
    ("Imported", "进口", "수입"), ("Sweet", "香甜", "달콤한"), ("Selected", "精选", "엄선한"), ("Low-fat", "低脂", "저지방"),
    ("Premium", "特级", "프리미엄"), ("Family pack", "家庭装", "대용량"),
]  # fmt: skip
PLACES = [
    ("Yantai", "烟台", "옌타이"), ("Chongming", "崇明", "충밍"), ("Yunnan", "云南", "윈난"), ("Jeju", "济州", "제주"),
    ("Nanhui", "南汇", "난후이"), ("Hainan", "海南", "하이난"), ("Xinjiang", "新疆", "신장"), ("Wuchang", "五常", "우창"),
    ("Qiandao Lake", "千岛湖", "천도호"), ("Zhoushan", "舟山", "저우산"),
]  # fmt: skip
GOODS = [
    ("milk", "牛奶", "우유"), ("apples", "苹果", "사과"), ("tomatoes", "番茄", "토마토"), ("rice", "大米", "쌀"),
    ("strawberries", "草莓", "딸기"), ("pork belly", "五花肉", "삼겹살"), ("shrimps", "虾仁", "새우"), ("eggs", "鸡蛋", "계란"),
    ("tofu", "豆腐", "두부"), ("honey", "蜂蜜", "꿀"), ("noodles", "面条", "국수"), ("yoghurt", "酸奶", "요구르트"),
    ("watermelon", "西瓜", "수박"), ("cabbage", "白菜", "배추"), ("soy sauce", "酱油", "간장"), ("crab", "大闸蟹", "민물게"),
    ("peaches", "水蜜桃", "복숭아"), ("grapes", "葡萄", "포도"), ("beef", "牛肉", "소고기"), ("dumplings", "饺子", "만두"),
]  # fmt: skip
SIZES = [("500 g", "500克", "500g"), ("1 kg", "1公斤", "1kg"), ("950 ml", "950毫升", "950ml"), ("6 pieces", "6只", "6개"),
         ("2.5 kg", "2.5公斤", "2.5kg"), ("200 g", "200克", "200g"), ("12 pieces", "12只", "12개"), ("5 L", "5升", "5리터"),
         ("box", "盒装", "상자"), ("gift box", "礼盒", "선물 세트")]  # fmt: skip
QUERIES = {
    "en": ["milk", "organic apples", "fresh straw", "jeju tomatoes 500 g", "soy sauce gift box", "rice"],
    "zh": ["牛奶", "有机苹果", "崇明大米", "新鲜草莓500克", "酱油礼盒", "蟹"],
    "ko": ["우유", "유기농 사과", "신선한딸기", "제주 토마토 500g", "간장 선물", "쌀"],
}
_WORD = "(o.title::text ILIKE %s OR o.summary::text ILIKE %s OR array_to_string(o.tags, ' ') ILIKE %s)"
_OPEN = (
    "o.state = 'listed' AND (o.released_at IS NULL OR o.released_at <= now())"
    " AND (o.closes_at IS NULL OR o.closes_at > now())"
)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="lilong bench search", description=__doc__)
    parser.add_argument("--offers", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20, help="how often each query is asked")
    parser.add_argument("--json", action="store_true", help="accepted for uniformity: the line is JSON anyway")
    options = parser.parse_args(argv)
    django.setup()
    print(json.dumps(run(options.offers, options.rounds)))
    return 0


def run(offers: int, rounds: int) -> dict[str, Any]:
    from lilong.kernel.catalog import queries

    put_seconds = _put(offers)
    found: dict[str, Any] = {"bench": "search", "offers": offers, "offers_put_per_s": round(offers / put_seconds)}
    ours, theirs = _timed(queries.search, rounds), _timed(_baseline, rounds)
    for name, times in (("", ours), ("baseline_", theirs)):
        everything = [time for language in times.values() for time in language]
        found |= {f"{name}p50_ms": _at(everything, 50), f"{name}p99_ms": _at(everything, 99)}
        found |= {f"{name}p50_ms_{language}": _at(one, 50) for language, one in times.items()}
    found["hits"] = {text: queries.search(text).facets.total for texts in QUERIES.values() for text in texts}  # type: ignore[union-attr]
    return found | {"ratio": round(found["baseline_p50_ms"] / found["p50_ms"], 2)}


def _put(count: int) -> float:
    """Seconds for putting so many offers, five hundred in a batch."""
    from django.db import connection

    from lilong.kernel.base import ids
    from lilong.kernel.base.words import Words
    from lilong.kernel.catalog.drafts import OfferDraft
    from lilong.kernel.catalog.services import put_offers
    from lilong.kernel.parties.actor import SYSTEM

    names = list(product(KINDS, PLACES, GOODS, SIZES))
    random.Random(7).shuffle(names)
    drafts = []
    for n in range(count):
        kind, place, goods, size = names[n % len(names)]
        en, zh, ko = (" ".join(words) for words in zip(place, kind, goods, size, strict=True))
        title = Words(en=en, zh=zh.replace(" ", ""), ko=ko)
        summary = Words(
            en=f"{goods[0]} from {place[0]}, packed today", zh=f"{place[1]}直送，今日装箱", ko=f"{place[2]} 산지 직송"
        )
        drafts.append(
            OfferDraft(
                id=ids.uuid7(), field="market", seller=ids.named("bench", n % 50), title=title, summary=summary,
                price=100 + n % 5000, tags=(goods[0], kind[0]),
            )
        )  # fmt: skip
    begun = time.perf_counter()
    for at in range(0, count, 500):
        put_offers(SYSTEM, drafts[at : at + 500])
    passed = time.perf_counter() - begun
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE catalog_offer")
    return passed


def _timed(ask: Callable[[str], Any], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every query, by language; one round to warm up is not counted."""
    times: dict[str, list[float]] = {language: [] for language in QUERIES}
    for turn in range(rounds + 1):
        for language, texts in QUERIES.items():
            for text in texts:
                begun = time.perf_counter()
                ask(text)
                if turn:
                    times[language].append(1000 * (time.perf_counter() - begun))
    return times


def _baseline(text: str) -> None:
    """What a shop without a search engine does: every word somewhere in the texts, newest first; the same facets."""
    from django.db import connection

    from lilong.kernel.catalog.queries import views

    words = text.split()
    where = " AND ".join([_OPEN, *[_WORD] * len(words)])
    given = [f"%{word}%" for word in words for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT o.id FROM catalog_offer o WHERE {where} ORDER BY o.created_at DESC, o.id DESC LIMIT 21", given
        )
        ids = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            f"WITH found AS (SELECT o.field, o.tags, o.price FROM catalog_offer o WHERE {where})"
            " SELECT 'field', field, count(*) FROM found GROUP BY field UNION ALL"
            " (SELECT 'tag', tag, count(*) FROM found, unnest(tags) AS tag GROUP BY tag ORDER BY 3 DESC, 2 LIMIT 30)"
            " UNION ALL SELECT 'price', NULL, min(price) FROM found",
            given,
        )
        cursor.fetchall()
    views(ids[:20])


def _at(times: list[float], percent: int) -> float:
    return round(statistics.quantiles(times, n=100, method="inclusive")[percent - 1], 2)
