"""The links that every page offers, for as far as the house has the page they name."""

from typing import Any

import msgspec
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _


class Link(msgspec.Struct, frozen=True):
    href: str
    label: Any
    icon: str = "right"
    current: bool = False


MY_PAGES = (
    ("me", _("My lane"), "home"),
    ("my-orders", _("My orders"), "bag"),
    ("my-wallet", _("My wallet"), "wallet"),
    ("calendar:agenda", _("My calendar"), "calendar"),
    ("parties:profile", _("My profile"), "gear"),
)
FOOT_PAGES = (
    ("plan:board", _("The plan"), "chart"),
    ("search", _("Search"), "search"),
    ("api:openapi-view", _("Interfaces for developers"), "gear"),
)
STAFF_PAGES = (("admin:index", _("Administration"), "gear"),)


def found(url_name: str, *args: Any) -> str:
    """The address of a page, '' if this house has none of that name."""
    if url_name.startswith("/"):
        return url_name
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def links(pages: tuple[tuple[str, Any, str], ...], path: str = "") -> list[Link]:
    return [Link(href, label, icon, href == path) for name, label, icon in pages if (href := found(name))]
