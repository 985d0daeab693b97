"""The plan's own words and the figures of spring 2020."""

from lilong.kernel.base.words import Words
from lilong.plan import content


def test_the_plan_has_23_measures_in_its_own_order() -> None:
    assert [m.code for m in content.measures()] == (
        [f"F{n}" for n in range(1, 13)] + [f"A{n}" for n in range(1, 7)] + [f"S{n}" for n in range(1, 6)]
    )


def test_fields_carry_the_official_chinese_names() -> None:
    assert [(f.number, f.code, f.name.zh) for f in content.fields()] == [
        (1, "factory", "无人工厂"),
        (2, "industry", "工业互联网"),
        (3, "work", "远程办公"),
        (4, "finance", "在线金融"),
        (5, "culture", "在线文娱"),
        (6, "expo", "在线展览展示"),
        (7, "market", "生鲜电商零售"),
        (8, "delivery", "“无接触”配送"),
        (9, "mobility", "新型移动出行"),
        (10, "education", "在线教育"),
        (11, "design", "在线研发设计"),
        (12, "health", "在线医疗"),
    ]
    assert [(f.code, f.target) for f in content.fields() if f.target] == [("factory", 100), ("industry", 20)]


def test_every_text_is_there_in_three_languages() -> None:
    texts: list[Words] = [content.SOURCE]
    for thing in (*content.fields(), *content.goals(), *content.measures(), *content.baseline()):
        for name in thing.__struct_fields__:
            value = getattr(thing, name)
            if isinstance(value, Words):
                texts.append(value)
    assert [t for t in texts if not (t.en and t.zh and t.ko)] == []


def test_baseline_facts_are_the_published_ones() -> None:
    facts = {f.id: (f.value, f.unit, f.change, f.change_unit) for f in content.baseline()}
    assert facts["gdp"] == ("785600000000", "CNY", "-6.7", "percent")
    assert facts["retail"] == ("306000000000", "CNY", "-20.4", "percent")
    assert facts["retail-online"] == ("54300000000", "CNY", "4.4", "percent")
    assert facts["retail-online-share"] == ("17.7", "percent", "4.9", "points")
    assert facts["fresh-food"] == ("8800000000", "CNY", "167", "percent")
    assert facts["festival-orders"] == ("4000000", "orders", None, "percent")
    assert facts["february-revenue"] == ("1200000000", "CNY", None, "percent")
    assert facts["internet-hospitals"][0] == "11"
    assert facts["internet-patients"][0] == "14000"
    assert facts["internet-prescriptions"][0] == "4300"
    assert (facts["audio-users"][2], facts["video-users"][2], facts["video-revenue"][2]) == ("30", "110", "118")
    assert [facts[f"smart-{x}"][0] for x in ("factories-national", "factories-municipal", "lines")] == [
        "14",
        "80",
        "500",
    ]
    assert (facts["welding-automation"][0], facts["broadcast"][0], facts["top-100"][0]) == ("100", "130000", "20")
