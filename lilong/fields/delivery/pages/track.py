"""Following by link, for whoever has it: the state and the time, nothing else."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lilong.fields.delivery.pages.frame import page, partial
from lilong.fields.delivery.queries import tracking
from lilong.fields.delivery.rules import states
from lilong.kernel.parties.http import client_address, throttle

_TRIES, _SECONDS = 120, 60


@require_safe
def track(request: HttpRequest, token: str) -> HttpResponse:
    throttle("delivery-link", client_address(request), _TRIES, _SECONDS)
    found = tracking.followed(token)
    shown = {"shipment": found, "token": token, "way": way(found.state, to_locker=found.to_locker)}
    answer = page(request, "track_now" if partial(request) else "track", **shown)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def way(state: str, *, to_locker: bool) -> list[tuple[str, str]]:
    """(state, 'done' | 'current' | 'todo' | 'failed') from asking to the end, as far as it is foreseen."""
    plan = [states.REQUESTED, states.COLLECTED, states.OUT]
    plan += [states.IN_LOCKER] if to_locker else []
    plan += [states.DELIVERED]
    merged = {states.ACCEPTED: states.REQUESTED, states.AT_DEPOT: states.COLLECTED}
    at = merged.get(state, state)
    if at not in plan:
        before = 1 if at == states.CANCELLED else 3
        return [*((each, "done") for each in plan[:before]), (at, "failed")]
    place = plan.index(at)
    last = place == len(plan) - 1
    marks = [
        (each, "done" if n < place or last else "current" if n == place else "todo") for n, each in enumerate(plan)
    ]
    return [(state, mark) if n == place else (each, mark) for n, (each, mark) in enumerate(marks)]
