"""A seller's table of deliveries: its columns, and a row as what came in."""

from collections.abc import Mapping
from datetime import date

import msgspec

from lilong.fields.market.rules import expiry, sheet
from lilong.fields.market.rules.sheet import Column
from lilong.kernel.base.problems import invalid

LOT_MAX = 20
QUANTITY_MAX = 10**9

COLUMNS = (
    Column(key="code", en="Code", zh="商品编码", ko="상품코드", also=("sku", "货号"), required=True),
    Column(key="place", en="Place", zh="仓库", ko="보관처", also=("warehouse", "门店", "前置仓"), required=True),
    Column(key="lot", en="Lot", zh="批次", ko="로트", also=("batch", "批号", "lot code"), required=True),
    Column(key="best_before", en="Best before", zh="保质期至", ko="유통기한", also=("use by", "到期日", "有效期至")),
    Column(key="produced_on", en="Produced on", zh="生产日期", ko="제조일"),
    Column(key="quantity", en="Quantity", zh="数量", ko="수량", also=("qty",), required=True),
    Column(key="supplier", en="Supplier", zh="供应商", ko="공급처"),
)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """A row: product and place as the seller calls them. `best_before` is None where only `produced_on` was given."""

    code: str
    place: str
    lot: str
    best_before: date | None
    produced_on: date | None
    quantity: int
    supplier: str


def arrival(cells: Mapping[str, str]) -> Arrival:
    """A row as what came in. Raises Invalid naming column and rule."""
    found = Arrival(
        code=sheet.text(cells, "code", required=True),
        place=sheet.text(cells, "place", required=True),
        lot=sheet.text(cells, "lot", required=True, longest=LOT_MAX),
        best_before=sheet.day(cells, "best_before"),
        produced_on=sheet.day(cells, "produced_on"),
        quantity=sheet.whole(cells, "quantity", least=1, most=QUANTITY_MAX),
        supplier=sheet.text(cells, "supplier", longest=120),
    )
    if found.best_before is None and found.produced_on is None:
        raise invalid("/best_before", "required")
    return found


def best_before(row: Arrival, shelf_life_days: int) -> date:
    """The row's best-before day, or the one that follows from its day of making."""
    if row.best_before is not None:
        return row.best_before
    if row.produced_on is None:
        raise invalid("/best_before", "required")
    return expiry.best_before_of(row.produced_on, shelf_life_days)
