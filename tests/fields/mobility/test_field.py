"""What mobility says of itself: words, events, indicators that can be computed."""

import importlib
import pkgutil

from lilong.fields.mobility import events
from lilong.fields.mobility.field import FIELD
from lilong.kernel.base.manifest import Measure
from lilong.kernel.events import facts
from lilong.plan.rules.check import check


def _measures(measure: Measure) -> list[Measure]:
    return [measure, *(inner for each in measure.minus for inner in _measures(each))]


def test_every_word_is_in_three_languages():
    words = [FIELD.name, FIELD.promise, *(w for i in FIELD.indicators for w in (i.name, i.definition))]
    assert all(each.en and each.zh and each.ko for each in words)


def test_every_fact_is_named_and_indicators_measure_what_facts_have():
    for module in pkgutil.iter_modules(events.__path__):
        importlib.import_module(f"{events.__name__}.{module.name}")
    assert set(FIELD.events) == {name for name in facts.names() if name.startswith("mobility.")}
    for indicator in FIELD.indicators:
        check(indicator)
        for whole in (indicator.numerator, indicator.denominator):
            for measure in _measures(whole) if whole else []:
                for name in measure.events:
                    fields = set(facts.declared(name).cls.__struct_fields__)
                    assert {measure.path, measure.distinct, *measure.where} - {""} <= fields
                    assert set(indicator.disaggregation) - {"month"} <= fields


def test_facts_hold_no_persons():
    personal = {"rider", "driver", "person", "buyer", "name", "plate", "latitude_e6", "longitude_e6"}
    assert [name for name in FIELD.events if personal & set(facts.declared(name).cls.__struct_fields__)] == []
