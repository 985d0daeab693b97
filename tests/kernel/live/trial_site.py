"""The house's own application with one kind of topic more, `trial.thing`, two addresses that change such a thing, and a page."""

import json
from urllib.parse import parse_qsl

from asgiref.sync import sync_to_async
from django.db import connection, transaction

from lilong.kernel import live
from lilong.kernel.base.problems import Missing, Unauthenticated
from lilong.site.asgi import application as house

TABLE = "CREATE TABLE live_trial (id text PRIMARY KEY, owner uuid, value int NOT NULL)"


def watch(actor, id):
    """A thing without owner is for everybody, one with for its owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner, value FROM live_trial WHERE id = %s", [id])
        found = cursor.fetchone()
    if found is None or (found[0] and actor and found[0] != actor.party):
        raise Missing("not-found")
    if found[0] and actor is None:
        raise Unauthenticated("sign-in")
    return {"value": found[1]}


live.register("trial.thing", watch)


def put(id: str, value: str) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE live_trial SET value = %s WHERE id = %s", [value, id])
        live.publish("trial.thing", id, {"value": int(value)})


def take_away(id: str, to: str) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("UPDATE live_trial SET owner = %s WHERE id = %s", [to, id])
        live.recheck("trial.thing", id)
        live.publish("trial.thing", id, {"secret": "of the next owner"})


PAGE = b"""<!doctype html><html lang="en"><title>Trial</title><p id="value"></p><p id="state"></p>
<script type="module">
import {watch} from "/static/ui/live.js";
watch("trial.thing:page", (said) => { document.querySelector("#value").textContent = said.value; },
  (state) => { document.querySelector("#state").textContent = state; });
watch("trial.thing:not-there", () => {}, (state, problem) => { if (problem) document.title = problem.status; });
</script>"""


async def application(scope, receive, send):
    if scope.get("path") == "/trial/page":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": PAGE})
        return
    act = {"/trial/put": put, "/trial/take-away": take_away}.get(scope.get("path", ""))
    if act is None:
        await house(scope, receive, send)
        return
    await sync_to_async(act)(**dict(parse_qsl(scope["query_string"].decode())))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps("done").encode()})
