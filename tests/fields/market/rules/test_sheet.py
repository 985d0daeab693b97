from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lilong.fields.market.rules import product_rows, sheet, stock_rows
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Invalid

HEADER = "Code,Name (zh),Category,Price (yuan)\r\n"
ROW = "A1,鸡蛋,eggs,12.90\r\n"


def rules_of(error) -> list[tuple[str, str]]:
    return [(v.pointer, v.rule) for v in error.value.violations]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_usual_encodings_are_read(encoding: str):
    found = sheet.read((HEADER + ROW).encode(encoding), product_rows.COLUMNS)
    assert [row.cells for row in found.rows] == [
        {"code": "A1", "name_zh": "鸡蛋", "category": "eggs", "price": "12.90"}
    ]


@pytest.mark.parametrize(
    "header",
    [
        "商品编码,名称,分类,价格(元)",
        "상품코드;중문명;분류;가격(위안)",
        "sku\tNAME_ZH\tcategory\tprice",
        "货号,商品名称,类目,售价",
    ],
)
def test_headers_of_three_languages_and_three_separators(header: str):
    separator = max(",;\t", key=header.count)
    content = f"{header}\n{separator.join(['A1', '鸡蛋', '蛋类', '12.90'])}\n".encode()
    (row,) = sheet.read(content, product_rows.COLUMNS).rows
    draft = product_rows.draft(row.cells, ids.uuid7(), ids.uuid7())
    assert (draft.code, draft.name.zh, draft.category, draft.price) == ("A1", "鸡蛋", "eggs", 1290)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (HEADER.encode(), "rows"),
        (b"Name,Price\nx,1\n", "header"),
        (b"Code,code,Category,Price\nA,B,eggs,1\n", "repeated"),
        (b"\xff\xfe\x00", "encoding"),
        (b"Code,Category,Price\n\x00,eggs,1\n", "encoding"),
        (b"Code,Category,Price\n" + b"x" * sheet.BYTES_MAX, "size"),
        (b'Code,Category,Price\n"' + b"x" * 200_000 + b'",eggs,1\n', "csv"),
    ],
)
def test_what_spoils_the_whole_file(content: bytes, rule: str):
    with pytest.raises(Invalid) as error:
        sheet.read(content, product_rows.COLUMNS)
    assert rules_of(error) == [("/file", rule)]


def test_unknown_headers_are_told_and_empty_rows_skipped():
    found = sheet.read(b"Code,Shelf,Category,Price\nA,3,eggs,1\n,,,\nB,4,eggs,2\n", product_rows.COLUMNS)
    assert (found.unknown, [row.number for row in found.rows]) == (("Shelf",), [2, 4])


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"price": "12.905"}, ("/price", "decimals")),
        ({"price": "-1"}, ("/price", "minimum")),
        ({"price": "cheap"}, ("/price", "number")),
        ({"price": "NaN"}, ("/price", "number")),
        ({"price": "1e999999"}, ("/price", "number")),
        ({"category": "weapons"}, ("/category", "choice")),
        ({"unit": "dozen"}, ("/unit", "choice")),
        ({"gtin": "6901234567893"}, ("/gtin", "check-digit")),
        ({"shelf_life_days": "1.5"}, ("/shelf_life_days", "whole-number")),
        ({"shelf_life_days": "0"}, ("/shelf_life_days", "minimum")),
        ({"vat_percent": "17%"}, ("/vat_percent", "choice")),
        ({"code": "x" * 41}, ("/code", "length")),
        ({"name_zh": ""}, ("/name_zh", "required")),
    ],
)
def test_a_bad_cell_names_column_and_rule(cells: dict[str, str], expected: tuple[str, str]):
    good = {"code": "A1", "name_zh": "鸡蛋", "category": "eggs", "price": "12.90"}
    with pytest.raises(Invalid) as error:
        product_rows.draft({k: v for k, v in (good | cells).items() if v}, ids.uuid7(), ids.uuid7())
    assert rules_of(error) == [expected]


@pytest.mark.parametrize("text", ["2030-04-08", "2030/4/8", "2030.04.08", "20300408", "2030年4月8日", "2030년 4월 8일"])
def test_dates_as_people_write_them(text: str):
    assert sheet.day({"d": text}, "d") == date(2030, 4, 8)


@pytest.mark.parametrize("text", ["08/04/2030", "2030-02-30", "tomorrow", "9999-12-31", "0203-04-08"])
def test_other_dates_are_refused(text: str):
    with pytest.raises(Invalid) as error:
        sheet.day({"d": text}, "d")
    assert rules_of(error) == [("/d", "date")]


def test_an_arrival_needs_a_date():
    cells = {"code": "A", "place": "W", "lot": "L", "quantity": "5"}
    with pytest.raises(Invalid) as error:
        stock_rows.arrival(cells)
    assert rules_of(error) == [("/best_before", "required")]
    made = stock_rows.arrival(cells | {"produced_on": "2030-04-01"})
    assert stock_rows.best_before(made, 7) == date(2030, 4, 7)


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
def test_nothing_written_runs_as_a_formula(texts: list[str]):
    written = sheet.write(product_rows.COLUMNS[:1], [{"code": text} for text in texts])
    for line in written.decode("utf-8-sig").split("\r\n")[1:]:
        assert not line.lstrip('"').startswith(("=", "+", "-", "@"))


def test_a_guarded_cell_is_read_as_it_was():
    written = sheet.write(product_rows.COLUMNS[:1], [{"code": "-7"}, {"code": "'x"}])
    assert [row.cells["code"] for row in sheet.read(written, product_rows.COLUMNS[:1]).rows] == ["-7", "'x"]
