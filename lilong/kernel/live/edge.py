"""The ASGI route `/ws/live`."""

from typing import Any

from lilong.kernel.base.problems import Problem
from lilong.kernel.live import hub, publishing
from lilong.kernel.live.connection import Connection, Receive, Send
from lilong.kernel.live.handshake import PROTOCOL, Handshake
from lilong.kernel.live.looking import thread


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One WebSocket from its opening to its end. A page of another site is refused before anything is read."""
    await receive()  # websocket.connect
    handshake = Handshake(scope)
    if not handshake.allowed():
        await send({"type": "websocket.close", "code": 4403})
        return
    accepted = {"type": "websocket.accept"} | ({"subprotocol": PROTOCOL} if PROTOCOL in handshake.protocols else {})
    await send(accepted)
    if hub.full():
        await send({"type": "websocket.close", "code": 1013, "reason": "full"})
        return
    secret = handshake.bearer()
    try:
        credential = await thread(
            lambda: handshake.bearer_credential(secret) if secret else handshake.session_credential()
        )
    except Problem as problem:
        await send({"type": "websocket.close", "code": 4401, "reason": problem.code})
        return
    line = publishing.wire()
    if line:
        line.listen()
    await Connection(handshake, credential, receive, send).run()
