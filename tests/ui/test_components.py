"""The components as pages write them."""

from datetime import UTC, datetime
from types import SimpleNamespace

from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from lilong.ui.tables import Cell, Column, Table


def rendered(source: str, path: str = "/", **context: object) -> str:
    request = RequestFactory().get(path)
    return Template("{% load ui %}" + source).render(Context({"request": request} | context))


def test_what_is_shown_is_escaped() -> None:
    for source in (
        "{% button x href=x %}",
        "{% badge x %}",
        "{% state x %}",
        "{% card title=x href=x %}{{ x }}{% endcard %}",
        "{% breadcrumb x x x %}",
        "{% progress 1 2 x %}{% tabs x items %}{% stat x x unit=x note=x %}{% empty x text=x href=x action=x %}",
    ):
        assert "<script" not in rendered(source, x="<script>", items=[("<script>", "<script>")])


def test_a_table_sorts_by_links_that_keep_the_query() -> None:
    table = Table(
        columns=[Column("name", "Name", sort="name"), Column("total", "Total", "money", sort="total")],
        rows=[{"name": Cell("Tea", "/tea"), "total": 1250}, SimpleNamespace(name="Rice", total=None)],
        sorted_by="-total",
    )
    html = rendered("{% table table %}", "/?q=x&cursor=abc", table=table)
    assert '<a href="?q=x&amp;sort=name">Name</a>' in html
    assert 'aria-sort="descending"><a href="?q=x&amp;sort=total">' in html
    assert '<th scope="row" data-label="Name"><a href="/tea">Tea</a></th>' in html
    assert '<td data-label="Total" class="num"><span>¥12.50</span></td>' in html
    assert "<span>–</span>" in html


def test_the_pager_keeps_the_query_and_leads_back() -> None:
    assert rendered('{% pager "" %}').strip() == ""
    html = rendered('{% pager "n2" %}', "/?q=x&cursor=n1")
    assert 'href="?q=x&amp;cursor=n2" rel="next"' in html
    assert 'href="?q=x"' in html


def test_errors_and_hints_are_bound_to_their_field() -> None:
    class Asked(forms.Form):
        name = forms.CharField(help_text="As on the door")
        agreed = forms.BooleanField(required=False)

    html = rendered("{% form_fields form %}", form=Asked({"name": ""}))
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<span class="hint" id="id_name_hint">As on the door</span>' in html
    assert 'id="id_name_error"><li>This field is required.</li>' in html
    assert '<label class="check" for="id_agreed"><input type="checkbox"' in html


def test_a_stat_says_whether_its_trend_is_good() -> None:
    assert 'class="trend good">▲ 12.0%' in rendered('{% stat "Orders" 5 trend=0.12 %}')
    assert 'class="trend bad">▲ 12.0%' in rendered('{% stat "Waste" 5 trend=0.12 better="less" %}')
    assert "trend" not in rendered('{% stat "Orders" 5 %}')


def test_steps_mark_where_we_are() -> None:
    at = datetime(2026, 3, 5, 4, 0, tzinfo=UTC)
    items = [
        SimpleNamespace(label="Placed", mark="done", at=at),
        SimpleNamespace(label="Packed", mark="current", at=None),
    ]
    html = rendered("{% steps items %}", items=items)
    assert '<li class="current" aria-current="step"><b>Packed</b></li>' in html
    assert f'<time datetime="{at.isoformat()}"' in html


def test_a_dialog_is_named_by_its_title() -> None:
    html = rendered('{% dialog id="d" title="Sure?" %}<p>Body</p>{% enddialog %}')
    assert '<dialog id="d" aria-labelledby="d-title"><header><h2 id="d-title">Sure?</h2>' in html
    assert '<div class="body"><p>Body</p></div>' in html


def test_links_to_pages_that_the_house_does_not_have_are_left_out() -> None:
    assert rendered('{% door_of "nowhere:at-all" %}') == ""
    assert rendered('{% door_of "my-wallet" %}') == "/me/wallet"
