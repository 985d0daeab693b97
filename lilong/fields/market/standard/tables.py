"""Products and stock as tables (CSV), in the columns that imports read: what is exported can be imported."""

from collections.abc import Iterable
from uuid import UUID

from lilong.fields.market.queries import places, products, stock
from lilong.fields.market.queries.products import ProductView
from lilong.fields.market.rules import gtin, product_rows, sheet, stock_rows
from lilong.kernel.base.money import major
from lilong.kernel.base.paging import SIZE_MAX
from lilong.kernel.parties.actor import Actor

CONTENT_TYPE = "text/csv; charset=utf-8"


def products_table(actor: Actor, seller: UUID, language: str = "en") -> bytes:
    """A seller's products that are not withdrawn, by code. Missing for others."""
    rows = sorted(_all_products(actor, seller), key=lambda view: view.code)
    return sheet.write(product_rows.COLUMNS, [_product(view) for view in rows], language)


def _all_products(actor: Actor, seller: UUID) -> Iterable[ProductView]:
    cursor = ""
    while True:
        found = products.products_of(actor, seller, cursor=cursor, size=SIZE_MAX)
        yield from (view for view in found.items if view.withdrawn_at is None)
        cursor = found.next
        if not cursor:
            return


def _product(view: ProductView) -> dict[str, object]:
    return {
        "code": view.code,
        "gtin": gtin.shown(view.gtin) if view.gtin else "",
        "name_en": view.name.en,
        "name_zh": view.name.zh,
        "name_ko": view.name.ko,
        "brand": view.brand,
        "category": view.category,
        "unit": view.unit,
        "price": f"{major(view.price, view.currency):.2f}",
        "per": view.per,
        "temperature": view.temperature,
        "vat_percent": view.vat_percent,
        "shelf_life_days": view.shelf_life_days,
        "margin_days": view.margin_days,
        "origin": view.origin,
        "image": view.image,
        "emoji": view.emoji,
    }


def stock_table(actor: Actor, seller: UUID, language: str = "en") -> bytes:
    """What a seller has in stock, first to expire first; `quantity` is what no order holds. Missing for others."""
    rows = stock.stock_at(actor, seller)
    named = places.places({row.place for row in rows})
    codes = {view.id: view.code for view in _all_products(actor, seller)}
    table = [
        {
            "code": codes.get(row.product, ""),
            "place": named[row.place].name.within(language),
            "lot": row.code,
            "best_before": row.best_before.isoformat(),
            "quantity": row.available,
        }
        for row in rows
        if row.available
    ]
    return sheet.write(stock_rows.COLUMNS, table, language)


def template(kind: str, language: str = "en") -> bytes:
    """An empty table with the headers of `products` or `stock`, to fill in."""
    return sheet.write(product_rows.COLUMNS if kind == "products" else stock_rows.COLUMNS, [], language)
