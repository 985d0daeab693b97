"""A locker's terminal: enter the code, the cell opens. For a screen at the bank, and for a recipient's own phone in front of it.

Who may: the bank's terminal, the carrier's office, and a recipient for what is his. A screen at the bank is signed in as a
dispatcher of the carrier's; the page forgets everything after each code.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from lilong.fields.delivery.pages import forms
from lilong.fields.delivery.pages.frame import page
from lilong.fields.delivery.pages.words import said
from lilong.fields.delivery.queries import lockers as queries
from lilong.fields.delivery.services import codes, lockers
from lilong.kernel.base import ids
from lilong.kernel.base.problems import Problem, TooMany
from lilong.kernel.parties.http import actor_of_request, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def terminal(request: HttpRequest, bank: UUID) -> HttpResponse:
    view = queries.bank(bank)
    shown: dict[str, Any] = {
        "bank": view, "id": ids.uuid7(), "tries": codes.PLACE_TRIES, "minutes": codes.PLACE_SECONDS // 60,
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            shown["opened"] = lockers.pick_up(
                actor_of_request(request),
                bank=bank,
                code=request.POST.get("code", "")[:40],
                request=forms.id_of(request),
            )
        except TooMany as problem:
            shown |= {"problem": said(problem), "wait": problem.extra.get("retry_after", codes.PLACE_SECONDS)}
            status = problem.status
        except Problem as problem:
            shown["problem"], status = said(problem), problem.status
    answer = page(request, "lockers/terminal", status=status, **shown)
    answer["Cache-Control"] = "no-store"
    return answer
