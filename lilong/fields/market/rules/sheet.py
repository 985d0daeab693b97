"""Tables that sellers bring along (CSV, RFC 4180): decoding, headers in three languages, cells to values.

Nothing here knows what a row means; `rules/product_rows.py` and `rules/stock_rows.py` do.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from lilong.kernel.base.problems import Problem, Violation, invalid

ROWS_MAX = 50_000
CELL_MAX = 500
BYTES_MAX = 4 * 1024 * 1024
_YEARS = range(2000, 2100)  # what stands outside is a slip of the pen
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y년 %m월 %d일")


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column: its key, the headers it is recognised by (the first of each language is written on export)."""

    key: str
    en: str
    zh: str
    ko: str
    also: tuple[str, ...] = ()
    required: bool = False

    def names(self) -> tuple[str, ...]:
        return (self.key, self.en, self.zh, self.ko, *self.also)


class Row(msgspec.Struct, frozen=True):
    """One row: its number as a spreadsheet counts (header is 1) and its non-empty cells by column key."""

    number: int
    cells: dict[str, str]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A read table: rows, and the headers nobody knows (reported, not refused)."""

    rows: tuple[Row, ...]
    unknown: tuple[str, ...]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row was refused: its number, the column as the file calls it, the rule, and a detail."""

    row: int
    column: str
    rule: str
    detail: str = ""


def decode(content: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 with mark, else GB18030.

    Raises Invalid at `/file` with rule `encoding`, `empty` or `size`.
    """
    if not content.strip():
        raise invalid("/file", "empty")
    if len(content) > BYTES_MAX:
        raise invalid("/file", "size", BYTES_MAX)
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise invalid("/file", "encoding", "UTF-8, GB18030")


def read(content: bytes, columns: Sequence[Column]) -> Sheet:
    """The table in `content`, comma, semicolon or tab separated.

    Raises Invalid at `/file` for what spoils the whole file: `encoding`, `header` (a required column is missing; names
    it), `repeated` (a column twice), `rows` (none, or over 50,000).
    """
    text = decode(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        header = next(lines)
        keys, unknown = _keys(header, columns)
        rows = [
            Row(number, _cells(keys, cells))
            for number, cells in enumerate(lines, start=2)
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise invalid("/file", "csv", error) from None
    if not 1 <= len(rows) <= ROWS_MAX:
        raise invalid("/file", "rows", f"1..{ROWS_MAX}")
    return Sheet(rows=tuple(rows), unknown=unknown)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _keys(header: Sequence[str], columns: Sequence[Column]) -> tuple[list[str], tuple[str, ...]]:
    known = {_folded(name): column.key for column in columns for name in column.names()}
    keys = [known.get(_folded(cell), "") for cell in header]
    repeated = {key for key in keys if key and keys.count(key) > 1}
    if repeated:
        raise invalid("/file", "repeated", ", ".join(sorted(repeated)))
    missing = [column.en for column in columns if column.required and column.key not in keys]
    if missing:
        raise invalid("/file", "header", ", ".join(missing))
    return keys, tuple(cell.strip() for cell, key in zip(header, keys, strict=True) if not key and cell.strip())


def _folded(name: str) -> str:
    return name.strip().strip("\ufeff").casefold().replace("_", " ").replace("-", " ")


def _cells(keys: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    return {key: _bare(cell.strip()) for key, cell in zip(keys, cells, strict=False) if key and cell.strip()}


def whole(cells: Mapping[str, str], key: str, default: int | None = None, *, least: int = 0, most: int = 2**53) -> int:
    """A whole number. Raises Invalid at `/<key>` with rule `required`, `whole-number`, `minimum` or `maximum`."""
    text = cells.get(key, "")
    if not text:
        if default is None:
            raise invalid(f"/{key}", "required")
        return default
    number = _decimal(text, key)
    if number != number.to_integral_value():
        raise invalid(f"/{key}", "whole-number", text)
    return _within(int(number), key, least, most)


def money(cells: Mapping[str, str], key: str) -> int:
    """An amount in yuan with at most two decimals, as fen.

    Rules: `required`, `number`, `decimals`, `minimum`, `maximum`.
    """
    text = cells.get(key, "")
    if not text:
        raise invalid(f"/{key}", "required")
    fen = _decimal(text.strip("¥￥元 "), key) * 100
    if fen != fen.to_integral_value():
        raise invalid(f"/{key}", "decimals", "2")
    return _within(int(fen), key, 0, 10**10)


def _within(number: int, key: str, least: int, most: int) -> int:
    if number < least:
        raise invalid(f"/{key}", "minimum", least)
    if number > most:
        raise invalid(f"/{key}", "maximum", most)
    return number


def _decimal(text: str, key: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise invalid(f"/{key}", "number", text) from None
    if not number.is_finite() or abs(number) > 10**15:
        raise invalid(f"/{key}", "number", text)
    return number


def day(cells: Mapping[str, str], key: str) -> date | None:
    """A date (2020-04-08, 2020/4/8, 20200408, 2020年4月8日), or None where the cell is empty. Rule: `date`."""
    text = cells.get(key, "")
    if not text:
        return None
    for form in _DATE_FORMS:
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 (a day has no zone)
        except ValueError:
            continue
        if found.year in _YEARS:
            return found
    raise invalid(f"/{key}", "date", "YYYY-MM-DD")


def text(cells: Mapping[str, str], key: str, *, required: bool = False, longest: int = CELL_MAX) -> str:
    """A text. Rules: `required`, `length`."""
    found = cells.get(key, "")
    if required and not found:
        raise invalid(f"/{key}", "required")
    if len(found) > longest:
        raise invalid(f"/{key}", "length", longest)
    return found


def choice(cells: Mapping[str, str], key: str, choices: Mapping[str, str], default: str = "") -> str:
    """One of `choices` (what a cell may say -> value). Rules: `required`, `choice`."""
    found = cells.get(key, "")
    if not found:
        if default:
            return default
        raise invalid(f"/{key}", "required")
    try:
        return choices[found.casefold()]
    except KeyError:
        raise invalid(f"/{key}", "choice", ", ".join(sorted(set(choices.values())))) from None


def refusals(number: int, problem: Problem) -> list[Refusal]:
    """A problem of one row as lines of the report."""
    found: Sequence[Violation] = problem.violations or [Violation(pointer="/", rule=problem.code)]
    return [
        Refusal(row=number, column=v.pointer.strip("/").replace("/", "."), rule=v.rule, detail=str(v.detail))
        for v in found
    ]


def write(columns: Sequence[Column], rows: Sequence[Mapping[str, object]], language: str = "en") -> bytes:
    """A table as UTF-8 with a mark (spreadsheets then read Chinese and Korean right), CRLF, headers in `language`.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    wanted = language.partition("-")[0]
    writer.writerow(getattr(column, wanted, column.en) for column in columns)
    for row in rows:
        writer.writerow(_safe(row.get(column.key, "")) for column in columns)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def _bare(cell: str) -> str:
    """A cell as it was before `_safe`."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
