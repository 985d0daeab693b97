"""A seller's table of products: its columns, and a row as a draft."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from lilong.fields.market.drafts import ProductDraft
from lilong.fields.market.rules import categories, expiry, products, sheet
from lilong.fields.market.rules.sheet import Column
from lilong.kernel.base.words import Words

COLUMNS = (
    Column(key="code", en="Code", zh="商品编码", ko="상품코드", also=("sku", "货号"), required=True),
    Column(key="gtin", en="GTIN", zh="条码", ko="바코드", also=("barcode", "ean", "商品条码")),
    Column(key="name_en", en="Name (en)", zh="英文名称", ko="영문명", also=("name", "english name")),
    Column(key="name_zh", en="Name (zh)", zh="名称", ko="중문명", also=("商品名称", "中文名称")),
    Column(key="name_ko", en="Name (ko)", zh="韩文名称", ko="상품명"),
    Column(key="brand", en="Brand", zh="品牌", ko="브랜드"),
    Column(key="category", en="Category", zh="分类", ko="분류", also=("类目",), required=True),
    Column(key="unit", en="Unit", zh="单位", ko="단위"),
    Column(
        key="price", en="Price (yuan)", zh="价格(元)", ko="가격(위안)", also=("price", "售价", "单价"), required=True
    ),
    Column(key="per", en="Price per", zh="计价数量", ko="가격 기준량"),
    Column(key="temperature", en="Storage", zh="储存温度", ko="보관"),
    Column(key="vat_percent", en="VAT %", zh="税率", ko="부가세율"),
    Column(key="shelf_life_days", en="Shelf life (days)", zh="保质期(天)", ko="유통기한(일)", also=("保质期",)),
    Column(key="margin_days", en="Margin (days)", zh="临期天数", ko="여유일수"),
    Column(key="origin", en="Origin", zh="产地", ko="원산지"),
    Column(key="image", en="Image", zh="图片", ko="이미지"),
    Column(key="emoji", en="Emoji", zh="表情", ko="이모지"),
)

_UNITS = {
    word: unit
    for unit, words in (("piece", "piece pieces pc pcs 件 个 盒 袋 瓶 개"), ("g", "g gram grams 克 그램"))
    for word in words.split()
}
_TEMPERATURES = {
    word: kind
    for kind, words in (
        ("ambient", "ambient 常温 상온"),
        ("chilled", "chilled 冷藏 냉장"),
        ("frozen", "frozen 冷冻 냉동"),
        ("live", "live 活鲜 활어"),
    )
    for word in words.split()
}
_CATEGORIES = {
    name.casefold(): category.code
    for category in categories.CATEGORIES.values()
    for name in (category.code, category.name.en, category.name.zh, category.name.ko)
}


def draft(cells: Mapping[str, str], id: UUID, seller: UUID) -> ProductDraft:
    """A row as a checked draft. Raises Invalid naming column and rule."""
    weighed = sheet.choice(cells, "unit", _UNITS, "piece") == "g"
    named = {tongue: sheet.text(cells, f"name_{tongue}", longest=200) for tongue in ("en", "zh", "ko")}
    if not any(named.values()):
        sheet.text(cells, "name_zh", required=True)
    found = ProductDraft(
        id=id,
        seller=seller,
        code=sheet.text(cells, "code", required=True, longest=products.CODE_MAX),
        gtin=sheet.text(cells, "gtin", longest=14),
        name=Words(**named),
        brand=sheet.text(cells, "brand", longest=products.TEXT_MAX),
        category=sheet.choice(cells, "category", _CATEGORIES),
        unit="g" if weighed else "piece",
        price=sheet.money(cells, "price"),
        per=sheet.whole(cells, "per", 500 if weighed else 1, least=1),
        temperature=cast(Any, sheet.choice(cells, "temperature", _TEMPERATURES)) if "temperature" in cells else None,
        vat_percent=sheet.whole({"vat_percent": cells["vat_percent"].rstrip("%％")}, "vat_percent")
        if "vat_percent" in cells
        else None,
        shelf_life_days=sheet.whole(cells, "shelf_life_days", 30, least=1, most=expiry.SHELF_LIFE_DAYS_MAX),
        margin_days=sheet.whole(cells, "margin_days", 0),
        origin=sheet.text(cells, "origin", longest=products.TEXT_MAX),
        image=sheet.text(cells, "image"),
        emoji=sheet.text(cells, "emoji", longest=products.EMOJI_MAX),
    )
    return products.checked(found)
