"""The market's shelves: what they are called, how they are kept and what value added tax they bear.

Rates: farm products and food of the 9% list (grain, edible oil, fresh produce, meat, eggs, raw milk, salt), all other
food and goods 13%.
"""

from typing import Literal

import msgspec

from lilong.kernel.base.problems import invalid
from lilong.kernel.base.words import Words

Temperature = Literal["ambient", "chilled", "frozen", "live"]
TEMPERATURES: tuple[Temperature, ...] = ("ambient", "chilled", "frozen", "live")
UNITS = ("piece", "g")
VAT_PERCENTS = (0, 6, 9, 13)


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf: `vat_percent` is the rate its goods bear unless the product says otherwise."""

    code: str
    name: Words
    emoji: str
    vat_percent: int
    temperature: Temperature


def _category(code: str, name: tuple[str, str, str], emoji: str, vat: int, temperature: Temperature) -> Category:
    en, zh, ko = name
    return Category(code=code, name=Words(en=en, zh=zh, ko=ko), emoji=emoji, vat_percent=vat, temperature=temperature)


CATEGORIES = {
    category.code: category
    for category in (
        _category("vegetables", ("Vegetables", "蔬菜", "채소"), "🥬", 9, "chilled"),
        _category("fruit", ("Fruit", "水果", "과일"), "🍎", 9, "chilled"),
        _category("meat", ("Meat", "肉类", "육류"), "🥩", 9, "chilled"),
        _category("poultry", ("Poultry", "禽类", "가금류"), "🍗", 9, "chilled"),
        _category("seafood", ("Fish and seafood", "水产", "수산물"), "🐟", 9, "live"),
        _category("eggs", ("Eggs", "蛋类", "달걀"), "🥚", 9, "chilled"),
        _category("milk", ("Fresh milk", "鲜奶", "우유"), "🥛", 9, "chilled"),
        _category("dairy", ("Yoghurt, cheese, butter", "酸奶、奶酪、黄油", "요구르트·치즈·버터"), "🧀", 13, "chilled"),
        _category("tofu", ("Tofu and soy", "豆制品", "두부·콩제품"), "🫘", 13, "chilled"),
        _category("grain", ("Rice, flour, noodles", "米面粮油", "쌀·밀가루·면"), "🍚", 9, "ambient"),
        _category("oil", ("Edible oil", "食用油", "식용유"), "🫒", 9, "ambient"),
        _category("bakery", ("Bakery", "烘焙", "베이커리"), "🍞", 13, "ambient"),
        _category("ready", ("Ready meals", "熟食快手菜", "즉석식품"), "🍱", 13, "chilled"),
        _category("frozen", ("Frozen food", "冷冻食品", "냉동식품"), "🧊", 13, "frozen"),
        _category("snacks", ("Snacks and sweets", "零食糖果", "과자·간식"), "🍪", 13, "ambient"),
        _category("drinks", ("Drinks", "饮料", "음료"), "🧃", 13, "ambient"),
        _category("alcohol", ("Beer, wine, spirits", "酒类", "주류"), "🍺", 13, "ambient"),
        _category("condiments", ("Condiments", "调味品", "조미료"), "🧂", 13, "ambient"),
        _category("coffee-tea", ("Coffee and tea", "咖啡茶饮", "커피·차"), "🍵", 13, "ambient"),
        _category("baby", ("Baby food", "婴儿食品", "이유식"), "🍼", 13, "ambient"),
        _category("household", ("Household", "家居清洁", "생활용품"), "🧻", 13, "ambient"),
        _category("care", ("Personal care", "个人护理", "개인위생"), "🧴", 13, "ambient"),
        _category("pet", ("Pet food", "宠物食品", "반려동물"), "🐾", 13, "ambient"),
        _category("flowers", ("Flowers and plants", "鲜花绿植", "꽃·식물"), "💐", 9, "chilled"),
    )
}


def category(code: str, pointer: str = "/category") -> Category:
    """The shelf named `code`. Raises Invalid with rule `unknown`."""
    try:
        return CATEGORIES[code]
    except KeyError:
        raise invalid(pointer, "unknown", ", ".join(CATEGORIES)) from None
