"""What journeys heard, in the operators' admin: to look at, and to set going again what stands."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from lilong.journeys import services
from lilong.journeys.models import Heard
from lilong.kernel.base.look_only import LookOnly
from lilong.kernel.base.problems import Problem
from lilong.kernel.parties.http import actor_of_request


@admin.register(Heard)
class HeardAdmin(LookOnly):
    list_display = ("journey", "run", "type", "state", "problem", "tries", "heard_at", "due_at", "ended_at")
    list_filter = ("state", "journey")
    search_fields = ("=run", "=event")
    ordering = ("-heard_at",)
    actions = ("try_again", "done_by_hand")

    @admin.action(description=_("Try again what stands"))
    def try_again(self, request: HttpRequest, rows: QuerySet[Heard]) -> None:
        self._each(request, rows, services.retry)

    @admin.action(description=_("Go on: it was done by hand"))
    def done_by_hand(self, request: HttpRequest, rows: QuerySet[Heard]) -> None:
        self._each(request, rows, services.skip)

    def _each(self, request: HttpRequest, rows: QuerySet[Heard], act: Callable[..., Any]) -> None:
        for row in rows:
            try:
                act(actor_of_request(request), journey=row.journey, event=row.event)
            except Problem as problem:
                messages.error(request, f"{row.run}: {problem.title}")
