"""The components, as template tags and filters: `{% load ui %}`."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext, to_locale

from lilong.kernel.base.money import CNY
from lilong.kernel.geo.points import Point
from lilong.ui import links, shown
from lilong.ui.maps import tag as tag_of_map
from lilong.ui.states import state_words
from lilong.ui.tables import Cell, Column, Table

register = template.Library()

register.filter("number", shown.number)
register.filter("compact", shown.compact)
register.filter("percent", shown.percent)
register.filter("measured", shown.measured)
register.filter("quantity", shown.quantity)
register.filter("day", shown.day)


@register.filter
def money(minor: int | None, currency: str = CNY) -> str:
    """`{{ fen|money }}` in full."""
    return shown.amount(minor, currency or CNY)


@register.filter
def money_compact(minor: int | None, currency: str = CNY) -> str:
    return shown.amount_compact(minor, currency or CNY)


def _time(value: date | datetime | None, text: str, title: str = "") -> str:
    if value is None:
        return shown.DASH
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), title, text)


@register.filter
def moment(value: datetime | None) -> str:
    return _time(value, shown.moment(value))


@register.filter
def ago(value: datetime | None) -> str:
    return _time(value, shown.ago(value), shown.moment(value))


@register.filter
def tag(code: str) -> str:
    """Django's language code as BCP 47 writes it: 'zh-hans' -> 'zh-Hans'."""
    return to_locale(code).replace("_", "-")


@register.filter
def own_name(code: str) -> str:
    return str(get_language_info(code)["name_local"]) if code else ""


@register.simple_tag
def language_tag() -> str:
    return tag(get_language() or "en")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of the sprite; without a label it is hidden from screen readers."""
    named = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    sprite = static("ui/icons.svg")
    return format_html('<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>', named, sprite, name)


@register.simple_tag
def button(
    label: str, href: str = "", kind: str = "", icon: str = "", name: str = "", value: str = "", opens: str = ""
) -> SafeString:
    """A link that looks like a button (`href`), a dialog's opener (`opens`), or a form's button.
    Kinds: '' (the main action), 'quiet', 'danger', 'plain'; 'small' and 'wide' may be added."""
    inner = format_html("{}{}", globals()["icon"](icon) if icon else "", label)
    if href:
        return format_html('<a class="button {}" href="{}">{}</a>', kind, href, inner)
    if opens:
        return format_html('<button class="button {}" type="button" data-opens="{}">{}</button>', kind, opens, inner)
    named = format_html(' name="{}" value="{}"', name, value) if name else ""
    return format_html('<button class="button {}"{}>{}</button>', kind, named, inner)


@register.simple_tag
def badge(label: Any, kind: str = "") -> SafeString:
    return format_html('<span class="badge {}">{}</span>', kind, label)


@register.simple_tag
def state(name: str) -> SafeString:
    """The chip of a state by its code ('placed', 'cancelled', ...)."""
    return badge(*state_words(name))


@register.filter
def state_word(name: str) -> str:
    return state_words(name)[0]


@register.simple_block_tag
def card(content: str, title: str = "", href: str = "", level: int = 2) -> SafeString:
    """`{% card title=_("...") %}...{% endcard %}`; with `href` the whole card is the link."""
    head = format_html('<a class="cover" href="{}">{}</a>', href, title) if href else title
    heading = format_html("<h{0}>{1}</h{0}>", level, head) if title else ""
    return format_html('<section class="card{}">{}{}</section>', " link" if href else "", heading, content)


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A native dialog; `{% button opens=id %}` opens it, Escape, the cross and the backdrop close it."""
    return format_html(
        '<dialog id="{0}" aria-labelledby="{0}-title"><header><h2 id="{0}-title">{1}</h2>'
        '<button class="tool" type="button" data-closes aria-label="{2}">{3}</button></header>'
        '<div class="body">{4}</div></dialog>',
        id, title, gettext("Close"), icon("close"), content,
    )  # fmt: skip


@register.inclusion_tag("ui/parts/stat.html")
def stat(
    label: str,
    value: Any,
    unit: str = "",
    trend: float | None = None,
    better: str = "more",
    note: str = "",
    href: str = "",
) -> dict[str, Any]:
    """A figure. `trend` is a ratio against what it is compared with (0.12 is +12%); `better` says which way is good."""
    good = "" if not trend else "good" if (trend > 0) == (better == "more") else "bad"
    arrow = "" if not trend else "▲" if trend > 0 else "▼"
    return locals() | {"shown_trend": shown.percent(abs(trend)) if trend is not None else ""}


@register.inclusion_tag("ui/parts/table.html", takes_context=True)
def table(context: template.Context, table: Table) -> dict[str, Any]:
    heads = [_head(context, column, table) for column in table.columns]
    rows = [[_cell(table, row, column) for column in table.columns] for row in table.rows]
    return {"heads": heads, "rows": rows, "caption": table.caption}


def _head(context: template.Context, column: Column, table: Table) -> dict[str, Any]:
    head: dict[str, Any] = {"label": column.label, "numeric": column.numeric}
    if column.sort:
        ascending = table.sorted_by == column.sort
        head["sorted"] = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(table.sorted_by, "")
        head["href"] = query_with(context, sort=f"-{column.sort}" if ascending else column.sort, cursor="")
    return head


def _cell(table: Table, row: Any, column: Column) -> dict[str, Any]:
    found = table.cell(row, column)
    value, href = (found.value, found.href) if isinstance(found, Cell) else (found, "")
    return {"label": column.label, "numeric": column.numeric, "href": href, "text": _cell_text(column, value)}


def _cell_text(column: Column, value: Any) -> Any:
    if value is None:
        return shown.DASH
    readers = {
        "number": shown.number, "money": shown.amount, "percent": shown.percent, "date": shown.day,
        "moment": moment, "ago": ago, "state": state,
    }  # fmt: skip
    if column.kind == "quantity":
        return shown.quantity(value, column.unit)
    return readers[column.kind](value) if column.kind in readers else value


@register.simple_tag(takes_context=True)
def query_with(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed ('' removes one): '?q=tea&sort=-price'."""
    request = context.get("request")
    query = request.GET.copy() if request else {}
    for key, value in changes.items():
        if value in ("", None):
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode() if request else ""
    return f"?{encoded}" if encoded else "?"


@register.inclusion_tag("ui/parts/pager.html", takes_context=True)
def pager(context: template.Context, cursor: str) -> dict[str, Any]:
    """`cursor` is a Slice's `next`; the first page's link shows when this is not it."""
    request = context.get("request")
    beyond = bool(request and request.GET.get("cursor"))
    return {
        "next": query_with(context, cursor=cursor) if cursor else "",
        "first": query_with(context, cursor="") if beyond else "",
    }


@register.inclusion_tag("ui/parts/empty.html")
def empty(title: str, text: str = "", href: str = "", action: str = "", icon: str = "box") -> dict[str, Any]:
    return {"title": title, "text": text, "href": href, "action": action, "icon_name": icon}


@register.inclusion_tag("ui/parts/field.html")
def form_field(field: BoundField) -> dict[str, Any]:
    """One field with label, hint and errors, bound to its input by aria-describedby."""
    described = [f"{field.id_for_label}_hint"] if field.help_text else []
    if field.errors:
        described.append(f"{field.id_for_label}_error")
    attributes: dict[str, str] = {"aria-describedby": " ".join(described)} if described else {}
    if field.errors:
        attributes["aria-invalid"] = "true"
    kind = getattr(field.field.widget, "input_type", "")
    return {"field": field, "input": field.as_widget(attrs=attributes), "check": kind == "checkbox"}


@register.inclusion_tag("ui/parts/map.html")
def map(
    id: str,
    src: str = "",
    features: dict[str, Any] | None = None,
    label: str = "",
    height: str = "",
    every: int = 0,
    free: bool = False,
    listed: bool = True,
    fit: bool = True,
    zoom: float = tag_of_map.ZOOM,
    centre: Point | None = None,
) -> dict[str, Any]:
    """A map of what `src` answers (a FeatureCollection, see `ui.maps`), asked again `every` so many seconds, or of `features`.

    `height`: '', 'tall' or 'small'. `listed` puts the same things in words under it. `free`: one finger moves the map.
    Where nothing is to `fit` it opens at `centre` (People's Square).
    """
    return tag_of_map.context(
        id=id, src=src, features=features, label=str(label or gettext("Map")), height=height, every=every, free=free,
        listed=listed, fit=fit, zoom=zoom, centre=centre,
    )  # fmt: skip


@register.inclusion_tag("ui/parts/map_point.html")
def map_point(latitude: BoundField, longitude: BoundField, label: str = "") -> dict[str, Any]:
    """Two number fields of a form (degrees, WGS 84) with a map to choose the point on."""
    shown_as = str(label or gettext("Where it is"))
    return {"latitude": latitude, "longitude": longitude, "label": shown_as, "map_id": f"map-{latitude.id_for_label}"}


@register.inclusion_tag("ui/parts/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """All fields of a form, with what is wrong with the whole of it on top."""
    return {"form": form}


@register.simple_tag(takes_context=True)
def tabs(context: template.Context, label: str, items: Iterable[tuple[str, str]]) -> SafeString:
    """Pages beside each other: `items` are (label, address); the one we are on is marked."""
    path = getattr(context.get("request"), "path", "")
    entries = [(href, SafeString(' aria-current="page"') if href == path else "", text) for text, href in items]
    inner = format_html_join("", '<a href="{}"{}>{}</a>', entries)
    return format_html('<nav class="tabs" aria-label="{}">{}</nav>', label, inner)


@register.simple_tag
def breadcrumb(*trail: str) -> SafeString:
    """`{% breadcrumb "Lane" "/" "Orders" "/me/orders/" "This one" %}`: label and address in turn; the last has none."""
    pairs = [(trail[i], trail[i + 1] if i + 1 < len(trail) else "") for i in range(0, len(trail), 2)]
    inner = format_html_join(
        "",
        "<li{}>{}</li>",
        (
            ("", format_html('<a href="{}">{}</a>', href, text)) if href else (SafeString(' aria-current="page"'), text)
            for text, href in pairs
        ),
    )
    return format_html('<nav class="crumbs" aria-label="{}"><ol>{}</ol></nav>', gettext("You are here"), inner)


@register.simple_tag
def progress(value: float, maximum: float, label: str, text: str = "") -> SafeString:
    said = text or shown.percent(value / maximum if maximum else 0, 0)
    return format_html(
        '<div class="progress"><span class="row apart"><span>{0}</span><span>{3}</span></span>'
        '<progress value="{1}" max="{2}" aria-label="{0}">{3}</progress></div>',
        label, value, maximum, said,
    )  # fmt: skip


@register.inclusion_tag("ui/parts/steps.html")
def steps(items: Iterable[Any], label: str = "") -> dict[str, Any]:
    """What happened and what comes: each has `label`, `at` (or None), `mark` ('done', 'current', 'todo', 'failed')."""
    return {"items": items, "label": label or gettext("Progress")}


@register.simple_tag
def door_of(url_name: str) -> str:
    return links.found(url_name)


@register.simple_tag(takes_context=True)
def my_pages(context: template.Context) -> list[links.Link]:
    user = context.get("user")
    pages = links.MY_PAGES + (links.STAFF_PAGES if getattr(user, "is_staff", False) else ())
    return links.links(pages, getattr(context.get("request"), "path", ""))


@register.simple_tag
def foot_pages() -> list[links.Link]:
    return links.links(links.FOOT_PAGES)


@register.simple_tag(takes_context=True)
def field_pages(context: template.Context, field: Any) -> list[links.Link]:
    """The field's own menu: its public pages, and those of the roles that the page says its reader holds (`roles`)."""
    path = getattr(context.get("request"), "path", "")
    roles = context.get("roles") or ()
    pages = tuple((p.url, p.name, "right") for p in field.pages if not p.role or p.role in roles or "owner" in roles)
    return links.links(pages, path)
