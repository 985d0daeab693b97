"""The bodies of the market's API. Quantities are whole pieces or grams, money is minor units."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

Text = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53, strict=True)]


class WordsIn(Schema):
    """A text in the city's languages; at least one."""

    en: Text = ""
    zh: Text = ""
    ko: Text = ""


class ProductIn(Schema):
    """A product; see `drafts.ProductDraft` for what its members mean."""

    id: UUID
    seller: UUID
    code: Text
    name: WordsIn
    category: Text
    price: Whole
    unit: Literal["piece", "g"] = "piece"
    per: Whole = 1
    gtin: Text = ""
    brand: Text = ""
    summary: WordsIn = WordsIn()
    temperature: Literal["ambient", "chilled", "frozen", "live"] | None = None
    vat_percent: Whole | None = None
    shelf_life_days: Whole = 30
    margin_days: Whole = 0
    origin: Text = ""
    image: Text = ""
    emoji: Text = ""
    tags: Annotated[list[Text], Field(max_length=20)] = []
    settle: Literal["now", "later"] | None = None
    tolerance_percent: Whole | None = None
    limit_per_buyer: Whole | None = None
    state: Literal["draft", "listed"] = "listed"


class ProductOut(Schema):
    id: UUID
    seller: UUID
    offer: UUID
    gtin: str
    code: str
    name: Any
    summary: Any
    brand: str
    category: str
    unit: str
    temperature: str
    vat_percent: int
    shelf_life_days: int
    margin_days: int
    origin: str
    image: str
    emoji: str
    price: int
    per: int
    currency: str
    state: str
    tolerance_percent: int
    settle: str


class ProductPage(Schema):
    """One page; `next` is the cursor of the next ('' at the end)."""

    items: list[ProductOut]
    next: str


class PlaceIn(Schema):
    """A place; position in millionths of a degree (WGS 84)."""

    id: UUID
    owner: UUID
    kind: Literal["front-warehouse", "vending-machine", "unmanned-shop", "pick-up-point", "collection-point"]
    name: WordsIn
    district: Text
    address: Text = ""
    serves: Annotated[list[Text], Field(max_length=16)] = []
    latitude_e6: Whole | None = None
    longitude_e6: Whole | None = None
    lead_seconds: Whole = 1800
    day_before: Text = ""


class PlaceOut(Schema):
    id: UUID
    owner: UUID
    kind: str
    name: Any
    district: str
    address: str
    latitude_e6: int | None
    longitude_e6: int | None
    serves: list[str]
    slots: UUID | None
    open: bool


class AvailableOut(Schema):
    """`first_use_by`: the last day on which the first lot to expire may be handed over."""

    offer: UUID
    quantity: int
    first_use_by: date | None


class WindowOut(Schema):
    """A delivery window to name in an order's `slot`; it can be chosen until `closes_at`."""

    resource: UUID
    start: datetime
    end: datetime
    free: int
    closes_at: datetime


class LotIn(Schema):
    """A delivery of a lot; `best_before` is the last day it is good, inclusive."""

    id: UUID
    product: UUID
    place: UUID
    lot_code: Text
    best_before: date
    quantity: Whole
    produced_on: date | None = None
    supplier: Text = ""


class ReceivedOut(Schema):
    id: UUID
    lot: UUID
    quantity: int


class TransferIn(Schema):
    id: UUID
    lot: UUID
    source: UUID
    target: UUID
    quantity: Whole


class WasteIn(Schema):
    id: UUID
    lot: UUID
    place: UUID
    quantity: Whole
    reason: Text


class CountIn(Schema):
    id: UUID
    lot: UUID
    place: UUID
    counted: Whole


class PaperOut(Schema):
    """The paper of a stock movement; `value` in fen at list price that day."""

    id: UUID
    kind: str
    quantity: int
    value: int
    reason: str
    at: datetime


class StockOut(Schema):
    lot: UUID
    product: UUID
    unit: str
    code: str
    place: UUID
    best_before: date
    last_day: date
    days_left: int
    days_in_stock: int
    state: str
    on_hand: int
    available: int


class RecallIn(Schema):
    id: UUID
    reason: Text


class ReachedOut(Schema):
    order: UUID
    buyer: UUID
    buyer_name: str
    taken: int
    held: int


class ReportOut(Schema):
    """A recall: units `taken` by an order, and those `held` for it that were not handed over yet."""

    lot: UUID
    code: str
    reason: str
    at: datetime
    reached: list[ReachedOut]


class ImportOut(Schema):
    """`report` names row, column, rule and detail of everything refused; `unknown` the headers nobody knows."""

    id: UUID
    seller: UUID
    kind: str
    dry_run: bool
    whole: bool
    state: str
    rows: int
    done: int
    taken: int
    report: list[Any]
    unknown: list[str]
    created_at: datetime
    finished_at: datetime | None


class InvoiceIn(Schema):
    """`refund` asks for that refund's credit note instead of the invoice."""

    id: UUID
    order: UUID
    refund: UUID | None = None


class InvoiceOut(Schema):
    """380 is an invoice, 381 a credit note (UNTDID 1001); `total` in fen, tax included."""

    id: UUID
    order: UUID
    refund: UUID | None
    number: int
    type_code: int
    total: int
    issued_at: datetime
