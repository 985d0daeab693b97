"""Whether a product can be what its draft says; every violation at once."""

import hashlib
from collections.abc import Iterator

import msgspec

from lilong.fields.market.drafts import ProductDraft
from lilong.fields.market.rules import categories, expiry, gtin
from lilong.fields.market.rules.weight import TOLERANCE_PERCENT_MAX
from lilong.kernel.base.problems import Invalid, Problem, Violation

PRICE_MAX = 10**9
PER_MAX = 1_000_000
CODE_MAX, TEXT_MAX, EMOJI_MAX = 40, 80, 16
WEIGHT_TOLERANCE_PERCENT = 10


def checked(draft: ProductDraft) -> ProductDraft:
    """The draft with its defaults filled in and its GTIN as 14 digits. Raises Invalid with every violation found."""
    violations = [*_violations(draft)]
    number = ""
    try:
        number = gtin.require_trade_item(draft.gtin) if draft.gtin else ""
    except Problem as problem:
        violations += problem.violations
    if violations:
        raise Invalid("invalid", violations=violations)
    shelf = categories.category(draft.category)
    weighed = draft.unit == "g"
    return msgspec.structs.replace(
        draft,
        gtin=number,
        temperature=draft.temperature or shelf.temperature,
        vat_percent=shelf.vat_percent if draft.vat_percent is None else draft.vat_percent,
        emoji=draft.emoji or shelf.emoji,
        settle=draft.settle or ("later" if weighed else "now"),
        tolerance_percent=_tolerance(draft, weighed),
    )


def _tolerance(draft: ProductDraft, weighed: bool) -> int:
    if draft.tolerance_percent is not None:
        return draft.tolerance_percent
    return WEIGHT_TOLERANCE_PERCENT if weighed else 0


def _bad(pointer: str, rule: str, detail: object = "") -> Violation:
    return Violation(pointer=pointer, rule=rule, detail=str(detail))


def _violations(draft: ProductDraft) -> Iterator[Violation]:
    if not draft.code.strip():
        yield _bad("/code", "required")
    if not draft.name.within(None):
        yield _bad("/name", "required")
    if draft.category not in categories.CATEGORIES:
        yield _bad("/category", "unknown", ", ".join(categories.CATEGORIES))
    limits = {"brand": TEXT_MAX, "origin": TEXT_MAX, "emoji": EMOJI_MAX, "code": CODE_MAX}
    for name, most in limits.items():
        text = getattr(draft, name)
        if len(text) > most:
            yield _bad(f"/{name}", "length", most)
        if "\0" in text:
            yield _bad(f"/{name}", "characters", "U+0000")
    yield from _price_violations(draft)
    yield from _day_violations(draft)


def _price_violations(draft: ProductDraft) -> Iterator[Violation]:
    weighed = draft.unit == "g"
    if not 1 <= draft.price <= PRICE_MAX:
        yield _bad("/price", "range", f"1..{PRICE_MAX}")
    if not 1 <= draft.per <= (PER_MAX if weighed else 1):
        yield _bad("/per", "range", f"1..{PER_MAX}" if weighed else "1")
    if draft.vat_percent is not None and draft.vat_percent not in categories.VAT_PERCENTS:
        yield _bad("/vat_percent", "choice", ", ".join(map(str, categories.VAT_PERCENTS)))
    tolerance = draft.tolerance_percent
    if tolerance is not None and not 0 <= tolerance <= (TOLERANCE_PERCENT_MAX if weighed else 0):
        yield _bad("/tolerance_percent", "range", f"0..{TOLERANCE_PERCENT_MAX}" if weighed else "0")
    if weighed and draft.settle == "now":
        yield _bad("/settle", "weighed-later")  # the scale decides the price


def _day_violations(draft: ProductDraft) -> Iterator[Violation]:
    if not 1 <= draft.shelf_life_days <= expiry.SHELF_LIFE_DAYS_MAX:
        yield _bad("/shelf_life_days", "range", f"1..{expiry.SHELF_LIFE_DAYS_MAX}")
    if not 0 <= draft.margin_days < max(1, draft.shelf_life_days):
        yield _bad("/margin_days", "range", "0..shelf_life_days - 1")


def fingerprint(draft: ProductDraft) -> str:
    """What tells whether the same registration is asked for again."""
    return hashlib.sha256(msgspec.json.encode(draft, order="sorted")).hexdigest()
