"""What all pages of mobility share: the reader, what became of a write, values out of forms, pieces that refresh themselves."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from lilong.fields.mobility.field import FIELD
from lilong.fields.mobility.pages.words import said
from lilong.kernel.base.clock import CITY_ZONE
from lilong.kernel.base.problems import Problem, Unauthenticated, invalid
from lilong.kernel.geo.points import LATITUDE_MAX, LONGITUDE_MAX, Point
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request

MARK = "__mark__"
_TOKENS = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
_DIGITS_MAX = 9


def page(request: HttpRequest, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, f"mobility/{template}.html", {"field": FIELD} | more, status=status)


def piece(request: HttpRequest, template: str, **more: Any) -> HttpResponse:
    """A part of a page that asks for itself again: nothing at all (204) while it is as the asker has it."""
    html = marked(request, template, **more)
    if request.GET.get("mark") == _mark_of(html):
        return HttpResponse(status=204)
    return HttpResponse(html)


def marked(request: HttpRequest, template: str, **more: Any) -> SafeString:
    """The part with the mark of its content where `__mark__` stands, for its own address."""
    html = render_to_string(f"mobility/{template}.html", more, request)
    digest = hashlib.sha256(_TOKENS.sub("", html).encode()).hexdigest()[:16]
    return SafeString(html.replace(MARK, digest))


def _mark_of(html: str) -> str:
    found = re.search(r"mark=([0-9a-f]{16})", html)
    return found.group(1) if found else ""


def reader(request: HttpRequest) -> Actor | None:
    """Who reads a public page; None for nobody."""
    try:
        return actor_of_request(request)
    except Unauthenticated:
        return None


def act(request: HttpRequest, run: Callable[[], Any], done: Any = "") -> bool:
    """Runs a write and tells the reader what became of it."""
    try:
        run()
    except Problem as problem:
        messages.error(request, said(problem))
        return False
    if done:
        messages.success(request, done)
    return True


def uuid_of(text: str | None, pointer: str) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise invalid(pointer, "uuid") from None


def whole(text: str | None, pointer: str, default: int | None = None) -> int:
    """A whole number out of a form; `default` for an empty one. Raises Invalid."""
    text = (text or "").strip()
    if not text and default is not None:
        return default
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _DIGITS_MAX):
        raise invalid(pointer, "whole-number")
    return int(text)


def yuan(text: str | None, pointer: str, default: int | None = None) -> int:
    """An amount in yuan as fen: '12.9' is 1290. Raises Invalid."""
    if not (text or "").strip() and default is not None:
        return default
    major, _dot, minor = (text or "").strip().partition(".")
    digits = major + minor
    if not (major and digits.isascii() and digits.isdigit() and len(minor) <= len("00") and len(major) <= _DIGITS_MAX):
        raise invalid(pointer, "price")
    return int(major + minor.ljust(2, "0"))


def moment_of(text: str | None, pointer: str) -> datetime:
    """What a datetime-local input holds, as the city's wall clock says it. Raises Invalid."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        raise invalid(pointer, "time") from None
    return found if found.tzinfo else found.replace(tzinfo=CITY_ZONE)


def local(moment: datetime) -> str:
    """For a datetime-local input."""
    return f"{moment.astimezone(CITY_ZONE):%Y-%m-%dT%H:%M}"


def point_of(source: Any, latitude: str = "latitude", longitude: str = "longitude") -> Point | None:
    """A position out of a form; None where it holds none. Raises Invalid for numbers that are none."""
    if not source.get(latitude) or not source.get(longitude):
        return None
    numbers = []
    for name, most in ((longitude, LONGITUDE_MAX), (latitude, LATITUDE_MAX)):
        try:
            number = float(source[name])
        except ValueError:
            raise invalid(f"/{name}", "number") from None
        if not -most <= number <= most:
            raise invalid(f"/{name}", "range")
        numbers.append(number)
    return Point(*numbers)
