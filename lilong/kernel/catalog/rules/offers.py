"""What an offer must satisfy, and which facts a change of it is."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from lilong.kernel.base.money import MINOR_DIGITS
from lilong.kernel.base.problems import Invalid, Violation
from lilong.kernel.base.words import Words
from lilong.kernel.catalog import drafts
from lilong.kernel.catalog.drafts import OfferDraft
from lilong.kernel.catalog.rules.tokens import Weight

_encoder = msgspec.json.Encoder(order="deterministic")
_code = re.compile(drafts.CODE)
_guard = re.compile(drafts.GUARD)
_image = re.compile(r"(https?://[^\s/]+\S*|/(?!/)\S*)?")

Found = Iterator[tuple[str, str, str]]  # pointer, rule, detail


def fingerprint(draft: OfferDraft) -> bytes:
    """16 bytes that two drafts share only if they offer the same (the version they were made from does not count)."""
    plain = msgspec.structs.replace(draft, version=None)
    return hashlib.blake2b(_encoder.encode(plain), digest_size=16).digest()


def check(draft: OfferDraft) -> Invalid | None:
    """Every rule the draft breaks, with its field; None when it is sound."""
    found = [*_texts(draft), *_tags(draft), *_price(draft), *_times(draft), *_extras(draft)]
    if not found:
        return None
    return Invalid("invalid", violations=[Violation(pointer=p, rule=rule, detail=detail) for p, rule, detail in found])


def facts_of(before: str | None, after: str, *, repriced: bool) -> str:
    """What the change from state `before` (None: new) to `after` is to the world: listed, repriced, withdrawn or ''."""
    if after == "listed":
        return "listed" if before != "listed" else "repriced" if repriced else ""
    return "withdrawn" if before == "listed" else ""


def _texts(draft: OfferDraft) -> Found:
    for name in ("field", "kind"):
        if not _code.fullmatch(getattr(draft, name)):
            yield f"/{name}", "pattern", drafts.CODE
    if not any(text.strip() for text in _languages(draft.title)):
        yield "/title", "required", ""
    for name, longest in (("title", drafts.TITLE_MAX), ("summary", drafts.SUMMARY_MAX)):
        for language in ("en", "zh", "ko"):
            text = getattr(getattr(draft, name), language)
            if len(text) > longest:
                yield f"/{name}/{language}", "max-length", str(longest)
            if "\x00" in text:
                yield f"/{name}/{language}", "pattern", "U+0000"


def _tags(draft: OfferDraft) -> Found:
    if len(draft.tags) > drafts.TAGS_MAX:
        yield "/tags", "max-length", str(drafts.TAGS_MAX)
    for n, tag in enumerate(draft.tags):
        if not 0 < len(tag) <= drafts.TAG_MAX or tag != tag.strip() or "\x00" in tag or tag in draft.tags[:n]:
            yield f"/tags/{n}", "tag", f"1..{drafts.TAG_MAX}"


def _price(draft: OfferDraft) -> Found:
    if not 0 <= draft.price <= drafts.PRICE_MAX:
        yield "/price", "range", f"0..{drafts.PRICE_MAX}"
    if not 1 <= draft.per <= drafts.PER_MAX:
        yield "/per", "range", f"1..{drafts.PER_MAX}"
    if draft.currency not in MINOR_DIGITS:
        yield "/currency", "enum", ", ".join(MINOR_DIGITS)
    if draft.unit not in ("piece", "g"):
        yield "/unit", "enum", "piece, g"
    if draft.settle not in ("now", "later"):
        yield "/settle", "enum", "now, later"
    if not 0 <= draft.tolerance_percent <= drafts.TOLERANCE_MAX:
        yield "/tolerance_percent", "range", f"0..{drafts.TOLERANCE_MAX}"
    elif draft.tolerance_percent and draft.settle != "later":
        yield "/tolerance_percent", "needs-settle-later", ""
    if draft.limit_per_buyer is not None and not 1 <= draft.limit_per_buyer <= drafts.LIMIT_MAX:
        yield "/limit_per_buyer", "range", f"1..{drafts.LIMIT_MAX}"


def _times(draft: OfferDraft) -> Found:
    naive = False
    for name in ("released_at", "closes_at"):
        moment = getattr(draft, name)
        if moment is not None and moment.tzinfo is None:
            naive = True
            yield f"/{name}", "time-zone", ""
    if not naive and draft.released_at and draft.closes_at and draft.closes_at <= draft.released_at:
        yield "/closes_at", "after-released-at", ""


def _extras(draft: OfferDraft) -> Found:
    if not _guard.fullmatch(draft.guard):
        yield "/guard", "pattern", drafts.GUARD
    if draft.state not in ("draft", "listed"):
        yield "/state", "enum", "draft, listed"
    if len(draft.image) > drafts.IMAGE_MAX or not _image.fullmatch(draft.image):
        yield "/image", "address", "http, https, /path"
    try:
        stored = _encoder.encode(draft.attributes)
    except (TypeError, ValueError, OverflowError):
        yield "/attributes", "json", ""
        return
    if len(stored) > drafts.ATTRIBUTES_MAX:
        yield "/attributes", "max-length", str(drafts.ATTRIBUTES_MAX)
    if rb"\u0000" in stored:
        yield "/attributes", "pattern", "U+0000"
    for name in ("brand", "gtin"):
        if not _is_text(draft.attributes.get(name, "")):
            yield f"/attributes/{name}", "type", ""


def _is_text(value: Any) -> bool:
    """A plain text, or one in the three languages."""
    if isinstance(value, dict):
        return set(value) <= {"en", "zh", "ko"} and all(isinstance(text, str) for text in value.values())
    return isinstance(value, str)


def _languages(words: Words) -> tuple[str, str, str]:
    return words.en, words.zh, words.ko


def searched(draft: OfferDraft) -> list[tuple[Weight, list[str]]]:
    """The texts an offer is found by, with their weights: title before tags, brand and GTIN, before the summary."""
    brand = draft.attributes.get("brand", "")
    brands = list(brand.values()) if isinstance(brand, dict) else [brand]
    return [
        ("A", list(_languages(draft.title))),
        ("B", [*draft.tags, *brands, str(draft.attributes.get("gtin", ""))]),
        ("C", list(_languages(draft.summary))),
    ]
