"""The manifest says what the field records, and its indicators can be computed from that alone."""

from lilong.fields.delivery import events
from lilong.fields.delivery.field import FIELD
from lilong.kernel.base.manifest import Measure
from lilong.kernel.events import facts


def measures(measure: Measure) -> list[Measure]:
    return [measure, *(inner for each in measure.minus for inner in measures(each))]


def test_every_fact_is_named_in_the_manifest():
    assert events.__doc__
    assert set(FIELD.events) == {name for name in facts.names() if name.startswith("delivery.")}
    assert len(FIELD.events) == len(set(FIELD.events))


def test_indicators_read_what_their_facts_have():
    for indicator in FIELD.indicators:
        for whole in (indicator.numerator, indicator.denominator):
            for measure in measures(whole) if whole else []:
                for name in measure.events:
                    fields = set(facts.declared(name).cls.__struct_fields__)
                    assert {measure.path, *measure.where} - {""} <= fields, indicator.id
                    if whole is indicator.numerator:
                        assert set(indicator.disaggregation) - {"month", "field"} <= fields, indicator.id


def test_no_fact_tells_where_somebody_is():
    positions = [
        (name, field)
        for name in FIELD.events
        for field in facts.declared(name).cls.__struct_fields__
        if "latitude" in field or "longitude" in field or field in ("name", "phone", "line_text", "instructions")
    ]
    assert positions == []
