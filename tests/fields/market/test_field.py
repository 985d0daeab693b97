import re

import pytest
from django.apps import apps

from lilong.fields.market.field import FIELD
from lilong.fields.market.models import Product
from lilong.kernel.base.manifest import Measure


def measures(measure: Measure) -> list[Measure]:
    return [measure, *(inner for each in measure.minus for inner in measures(each))]


def test_every_word_is_in_three_languages():
    words = [FIELD.name, FIELD.promise, *(w for i in FIELD.indicators for w in (i.name, i.definition))]
    assert all(each.en and each.zh and each.ko for each in words)


def test_indicators_name_events_that_exist():
    import lilong.kernel.orders.events  # noqa: F401 (declares its facts)
    from lilong.fields.market.events import papers, products, stock  # noqa: F401
    from lilong.kernel.events import facts

    assert set(FIELD.events) <= facts.names()
    assert set(FIELD.events) == {name for name in facts.names() if name.startswith("market.")}
    for indicator in FIELD.indicators:
        for whole in (indicator.numerator, indicator.denominator):
            for measure in measures(whole) if whole else []:
                for name in measure.events:
                    fields = facts.declared(name).cls.__struct_fields__
                    assert {measure.path or "", *measure.where} - {""} <= set(fields)
                    assert set(indicator.disaggregation) - {"month", "field"} <= set(fields)


@pytest.mark.django_db
def test_tables_hold_no_balance():
    """What is how much where stands in the ledger: no table of the market has a running quantity."""
    names = {
        field.name
        for model in apps.get_app_config("market").get_models()
        if model.__name__ in ("Product", "Lot", "Stock", "Place", "Selling")
        for field in model._meta.get_fields()
    }
    assert not {name for name in names if re.search(r"quantity|balance|on_hand|available", name)}
    assert Product.objects.count() == 0
