"""Subscribing to events over HTTP, and the row of tries that each delivery is."""

import secrets
from datetime import datetime, timedelta
from random import random
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from lilong.kernel.base import clock
from lilong.kernel.base.problems import Conflict, Missing, invalid
from lilong.kernel.events import facts, queries
from lilong.kernel.events.models import Delivery, Endpoint
from lilong.kernel.events.queries.webhooks import ROLE, SCOPE, Attempted, Subscribed, attempted, subscribed
from lilong.kernel.events.rules import webhooks as rules
from lilong.kernel.events.rules.envelope import Recorded
from lilong.kernel.events.signing import sealed, unsealed
from lilong.kernel.events.visibility import Reader, may_see, seen_by

LEASE = timedelta(seconds=60)  # a try takes at most deliver.TIMEOUT_SECONDS; after the lease its process must be dead
KEPT = timedelta(days=30)
AT_ONCE_EACH = 4
GONE, OK_FIRST, OK_LAST = 410, 200, 299
ERROR_MAX = 300
ENDPOINTS_MAX = 50

_CLAIM = f"""
WITH next AS (
  SELECT d.key FROM events_endpoint p CROSS JOIN LATERAL (
    SELECT w.key FROM events_delivery w
    WHERE w.endpoint_id = p.id AND w.state IN ('due', 'sending') AND w.due_at <= %s
    ORDER BY w.due_at LIMIT {AT_ONCE_EACH} FOR UPDATE SKIP LOCKED
  ) d WHERE p.open LIMIT %s
)
UPDATE events_delivery w SET state = 'sending', attempts = w.attempts + 1, tried_at = %s, due_at = %s
FROM next, events_endpoint p, events_event e, events_leaf l
WHERE w.key = next.key AND p.id = w.endpoint_id AND e.pk = w.event_pk AND l.event_pk = w.event_pk
RETURNING w.key, w.attempts, p.id, p.url, p.sealed, l.seq, {queries.COLUMNS}
"""  # noqa: S608 (constants only)


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that this process alone may try now. `attempt` tells its tries apart."""

    key: int
    attempt: int
    url: str
    secret: bytes
    event: Recorded


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a try: the HTTP status, or None and what failed."""

    status: int | None
    error: str = ""

    @property
    def good(self) -> bool:
        return self.status is not None and OK_FIRST <= self.status <= OK_LAST


def subscribe(actor: Reader, *, id: UUID, owner: UUID, url: str, types: list[str]) -> tuple[Subscribed, str]:
    """Registers an endpoint for the events that `owner` may see, from now on. Answers it and its secret, shown this once
    ('' when the same endpoint is asked for again). Raises Forbidden, Invalid, Conflict."""
    actor.require(owner, ROLE, scope=SCOPE)
    if rule := rules.bad_url(url, private=settings.WEBHOOKS_TO_PRIVATE):
        raise invalid("/url", rule, _("The address must be public and begin with https://."))
    if (entry := rules.bad_filter(types, facts.names())) is not None:
        raise invalid("/types", "unknown-type", entry)
    secret = secrets.token_bytes(rules.SECRET_BYTES)
    with transaction.atomic():
        if (
            Endpoint.objects.filter(owner=owner).count() >= ENDPOINTS_MAX
            and not Endpoint.objects.filter(id=id).exists()
        ):
            raise Conflict("too-many-endpoints", _("There are too many webhooks already."), detail=str(ENDPOINTS_MAX))
        row, made = Endpoint.objects.get_or_create(
            id=id, defaults={"owner": owner, "url": url, "types": types, "sealed": sealed(secret, id.bytes)}
        )
        if not made and (row.owner, row.url, row.types) != (owner, url, types):
            raise Conflict("endpoint-conflict", _("Another webhook has this id."))
        row.refresh_from_db()
    return subscribed(row), rules.shown(secret) if made else ""


def unsubscribe(actor: Reader, *, id: UUID) -> Subscribed:
    """Closes an endpoint: nothing more is sent; what was is still shown. Closing it again changes nothing."""
    queries.endpoint(actor, id)
    with transaction.atomic():
        row = Endpoint.objects.select_for_update().get(id=id)
        row.open = False
        row.save(update_fields=["open"])
    return subscribed(row)


def redeliver(actor: Reader, *, id: int) -> Attempted:
    """Sends a delivery once more, beginning a new row of tries now. Raises Conflict while one is under way."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint").filter(key=id).first()
        if row is None:
            raise Missing("no-such-delivery", _("There is no such delivery."))
        queries.endpoint(actor, row.endpoint_id)
        if row.state == "sending":
            raise Conflict("delivery-under-way", _("It is being delivered right now."))
        if not row.endpoint.open:
            raise Conflict("endpoint-closed", _("This address is closed."))
        row.state, row.attempts, row.since, row.due_at = "due", 0, clock.now(), clock.now()
        row.save(update_fields=["state", "attempts", "since", "due_at"])
    return attempted(row)


def fan_out(events: list[Recorded]) -> None:
    """Makes a delivery of each event for each open endpoint that wants it and whose owner may see it."""
    open_ones = list(Endpoint.objects.filter(open=True))
    seen = {owner: seen_by(owner) for owner in {row.owner for row in open_ones}}
    wanted = [
        (row.id, event)
        for event in events
        for row in open_ones
        if event.recorded_at >= row.created_at
        and rules.matches(row.types, event.type)
        and may_see(seen[row.owner], event)
    ]
    if not wanted:
        return
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_delivery (endpoint_id, event_pk, event, type, state, attempts, since, due_at, error)"
            " SELECT g.endpoint, e.pk, e.id, e.type, 'due', 0, %s, %s, ''"
            " FROM unnest(%s::uuid[], %s::uuid[]) AS g (endpoint, event) JOIN events_event e ON e.id = g.event"
            " ON CONFLICT DO NOTHING",
            [now, now, [endpoint for endpoint, _event in wanted], [event.id for _endpoint, event in wanted]],
        )


def claim(limit: int) -> list[Claimed]:
    """Takes up to `limit` due deliveries, few of each endpoint, for this process to try within the lease."""
    now = clock.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, [now, limit, now, now + LEASE])
        return [
            Claimed(
                key=key,
                attempt=attempt,
                url=url,
                secret=unsealed(bytes(box), endpoint.bytes),
                event=queries.recorded(row),
            )
            for key, attempt, endpoint, url, box, *row in cursor.fetchall()
        ]


def settle(key: int, attempt: int, answer: Answer) -> None:
    """Writes down what became of a try: delivered, to be tried again, or dead. 410 closes the endpoint.

    A try whose lease has run out and that was claimed again counts for nothing.
    """
    now = clock.now()
    with transaction.atomic():
        row = (
            Delivery.objects.select_for_update(of=("self",)).filter(key=key, attempts=attempt, state="sending").first()
        )
        if row is None:
            return
        again = _again(row.since, now, attempt, answer)
        row.state = "delivered" if answer.good else "due" if again else "dead"
        row.status, row.error, row.due_at = answer.status, answer.error[:ERROR_MAX], again or now
        row.save(update_fields=["state", "status", "error", "due_at"])
        if answer.status == GONE:
            Endpoint.objects.filter(id=row.endpoint_id).update(open=False)


def forget_deliveries() -> int:
    """Removes deliveries that were delivered or given up more than `KEPT` ago; the events stay. Answers how many."""
    ended = Delivery.objects.filter(state__in=["delivered", "dead"], tried_at__lt=clock.now() - KEPT)
    return ended.delete()[0]


def _again(since: datetime, now: datetime, attempt: int, answer: Answer) -> datetime | None:
    if answer.good or answer.status == GONE:
        return None
    return rules.next_try(since, now, attempt, random())  # noqa: S311 (jitter)
