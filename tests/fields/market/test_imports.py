import pytest

from lilong.fields.market.models import Product, StockPaper
from lilong.fields.market.queries import products as product_queries
from lilong.fields.market.queries import stock as stock_queries
from lilong.fields.market.services import imports
from lilong.fields.market.standard import tables
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Conflict, Forbidden, Invalid, Missing
from tests.fields.market.scene import Market

pytestmark = pytest.mark.usefixtures("noon")

PRODUCTS = """商品编码,条码,名称,分类,价格(元),单位,计价数量,备注
A1,6901028075831,土鸡蛋,蛋类,15.80,个,,x
A2,6901028075830,坏条码,蛋类,9.90,个,,
A3,,上海青,蔬菜,5.50,克,500,
A4,,无价,蔬菜,,克,500,
A1,,重复,蔬菜,1,个,,
E10,,十枚鸡蛋,eggs,13.90,piece,,
"""
STOCK = """Code,Place,Lot,Best before,Produced on,Quantity
E10,Jing'an warehouse,L1,2030-04-20,,40
V1,jing'an WAREHOUSE仓,L2,,2030/4/7,5000
E10,Lobby machine,L3,2030-04-07,,5
E10,Nowhere,L4,2030-04-20,,5
NOPE,Lobby machine,L5,2030-04-20,,5
E10,Lobby machine,L6,2030-04-20,,1.5
E10,Lobby machine,L7,2030-04-20,,-2
"""


def run(market: Market, kind: str, text: str, **more):
    content = text if isinstance(text, bytes) else text.encode("gb18030" if kind == "products" else "utf-8")
    started = imports.start_import(
        market.owner, id=ids.uuid7(), seller=market.seller, kind=kind, content=content, **more
    )
    return imports.run_import(market.owner, id=started.id)


def report(done) -> list[tuple[int, str, str]]:
    return [(entry["row"], entry["column"], entry["rule"]) for entry in done.report]


def test_good_rows_are_taken_and_each_refused_row_is_named(market: Market):
    done = run(market, "products", PRODUCTS)
    assert (done.state, done.rows, done.done, done.taken) == ("done", 6, 6, 3)
    assert sorted(report(done)) == [(3, "gtin", "check-digit"), (5, "price", "required"), (6, "code", "repeated")]
    assert done.unknown == ["备注"]
    known = product_queries.ids_by_code(market.seller, ["A1", "A2", "A3", "A4", "E10"])
    assert (set(known), known["E10"]) == ({"A1", "A3", "E10"}, market.eggs)
    eggs = product_queries.product(market.eggs)
    assert (eggs.price, eggs.name.zh, eggs.gtin) == (1390, "十枚鸡蛋", "06901234567892")
    assert product_queries.product(known["A3"]).per == 500


def test_the_same_file_again_changes_nothing(market: Market):
    run(market, "products", PRODUCTS)
    versions = {p.id: product_queries.product(p.id) for p in Product.objects.all()}
    again = run(market, "products", PRODUCTS)
    assert again.taken == 3
    assert {p.id: product_queries.product(p.id) for p in Product.objects.all()} == versions


def test_deliveries_come_in_by_table(market: Market):
    done = run(market, "stock", STOCK)
    assert done.taken == 2
    assert sorted(report(done)) == [
        (4, "best_before", "expired"),
        (5, "place", "unknown"),
        (6, "code", "unknown"),
        (7, "quantity", "whole-number"),
        (8, "quantity", "minimum"),
    ]
    stood = {(view.code, view.on_hand) for view in stock_queries.stock_at(market.owner, market.seller)}
    assert stood == {("L1", 40), ("L2", 5000)}
    assert run(market, "stock", STOCK).taken == 2  # the same file under another id
    assert {(v.code, v.on_hand) for v in stock_queries.stock_at(market.owner, market.seller)} == stood
    assert StockPaper.objects.count() == 2


def test_all_or_nothing_takes_nothing_when_one_row_is_bad(market: Market):
    done = run(market, "stock", STOCK, whole=True)
    assert (done.state, done.taken, len(done.report)) == ("refused", 0, 5)
    assert StockPaper.objects.count() == 0
    good = "\n".join(STOCK.splitlines()[:3])
    assert (run(market, "stock", good, whole=True).state, StockPaper.objects.count()) == ("done", 2)


def test_a_dry_run_reports_and_changes_nothing(market: Market):
    done = run(market, "products", PRODUCTS, dry_run=True)
    assert (done.state, done.taken, len(done.report)) == ("done", 3, 3)
    assert product_queries.ids_by_code(market.seller, ["A1", "A3"]) == {}
    assert product_queries.product(market.eggs).price == 1290


def test_progress_is_told(market: Market):
    rows = "\n".join(f"P{n},item {n},eggs,1.00" for n in range(450))
    started = imports.start_import(
        market.owner,
        id=ids.uuid7(),
        seller=market.seller,
        kind="products",
        content=f"Code,Name,Category,Price\n{rows}".encode(),
    )
    told: list[tuple[int, int]] = []
    done = imports.run_import(market.owner, id=started.id, on_progress=lambda *at: told.append(at))
    assert (told, done.taken) == ([(200, 450), (400, 450), (450, 450)], 450)
    assert imports.run_import(market.owner, id=started.id).taken == 450


def test_a_run_that_died_goes_on_from_its_file(market: Market):
    class Killed(BaseException):
        pass

    def die(done: int, rows: int) -> None:
        raise Killed

    content = "Code,Name,Category,Price\n" + "\n".join(f"P{n},item,eggs,1.00" for n in range(300))
    started = imports.start_import(
        market.owner, id=ids.uuid7(), seller=market.seller, kind="products", content=content.encode()
    )
    with pytest.raises(Killed):
        imports.run_import(market.owner, id=started.id, on_progress=die)
    done = imports.run_import(market.owner, id=started.id)
    assert (done.state, done.taken, Product.objects.filter(code__startswith="P").count()) == ("done", 300, 300)


def test_a_spoiled_file_is_refused_at_once(market: Market):
    with pytest.raises(Invalid) as error:
        run(market, "products", b"Name,Price\nx,1\n")
    assert [(v.pointer, v.rule) for v in error.value.violations] == [("/file", "header")]
    with pytest.raises(Invalid):
        imports.start_import(market.owner, id=ids.uuid7(), seller=market.seller, kind="people", content=b"x")


def test_strangers_import_and_export_nothing(market: Market):
    asked = {"id": ids.uuid7(), "seller": market.seller, "content": b"Code,Category,Price\nA,eggs,1\n"}
    for actor, kind in ((market.rival_owner, "products"), (market.picker, "products"), (market.rival_owner, "stock")):
        with pytest.raises(Forbidden):
            imports.start_import(actor, kind=kind, **asked)
    started = imports.start_import(market.owner, kind="products", **asked)
    with pytest.raises(Forbidden):
        imports.run_import(market.rival_owner, id=started.id)
    with pytest.raises(Conflict):
        imports.start_import(market.owner, kind="products", **asked | {"content": b"Code,Category,Price\nB,eggs,1\n"})
    with pytest.raises(Missing):
        tables.products_table(market.rival_owner, market.seller)


@pytest.mark.parametrize("language", ["en", "zh-hans", "ko"])
def test_what_is_exported_can_be_imported(market: Market, language: str):
    run(market, "products", PRODUCTS)
    before = {view.id: view for view in product_queries.products_of(market.owner, market.seller).items}
    done = run(market, "products", tables.products_table(market.owner, market.seller, language))
    assert (done.report, done.taken, done.unknown) == ([], 4, [])
    assert {view.id: view for view in product_queries.products_of(market.owner, market.seller).items} == before
    market.receive(market.eggs, 7, "L9")
    lines = tables.stock_table(market.owner, market.seller, language).decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[0::2][:2] == ["E10", "L9"]
    assert run(market, "stock", tables.stock_table(market.owner, market.seller, language)).taken == 1


def test_the_job_runs_an_import_as_whoever_brought_it(market: Market):
    from lilong.fields.market import jobs

    started = imports.start_import(
        market.clerk,
        id=ids.uuid7(),
        seller=market.seller,
        kind="products",
        content=b"Code,Name,Category,Price\nJ1,item,eggs,1\n",
    )
    jobs.run_import(id=str(started.id), party=str(market.clerk.party))
    assert set(product_queries.ids_by_code(market.seller, ["J1"])) == {"J1"}
