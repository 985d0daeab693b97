"""A table as data: columns, rows, and which column it is sorted by. Rendered by `{% table %}`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

Kind = Literal["text", "number", "money", "percent", "date", "moment", "ago", "state", "quantity"]


class Column(msgspec.Struct, frozen=True):
    """`key` finds the cell in a row (mapping key or attribute), `sort` is what `?sort=` is given ('' is not sortable)."""

    key: str
    label: Any
    kind: Kind = "text"
    sort: str = ""
    unit: str = "piece"

    @property
    def numeric(self) -> bool:
        return self.kind in ("number", "money", "percent", "quantity")


class Cell(msgspec.Struct, frozen=True):
    """A value that is a link."""

    value: Any
    href: str


class Table(msgspec.Struct, frozen=True):
    """`sorted_by` is a column's `sort`, with '-' in front when descending. The first column heads its row."""

    columns: Sequence[Column]
    rows: Sequence[Any]
    caption: Any = ""
    sorted_by: str = ""

    def cell(self, row: Any, column: Column) -> Any:
        return row.get(column.key) if isinstance(row, Mapping) else getattr(row, column.key, None)
