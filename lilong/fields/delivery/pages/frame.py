"""What delivery's pages share: the frame, and telling the reader what became of a form."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lilong.fields.delivery.field import FIELD
from lilong.fields.delivery.pages.words import said
from lilong.kernel.base.problems import Problem, Unauthenticated
from lilong.kernel.parties.actor import Actor
from lilong.kernel.parties.http import actor_of_request


def reader(request: HttpRequest) -> Actor | None:
    """Who reads a page that is for everybody; None for nobody known."""
    try:
        return actor_of_request(request)
    except Unauthenticated:
        return None


def page(request: HttpRequest, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, f"delivery/{template}.html", {"field": FIELD} | more, status=status)


def partial(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


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
