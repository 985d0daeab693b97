"""Somebody who subscribes, and their server."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import msgspec

from lilong.kernel.base.problems import Forbidden


class Somebody(msgspec.Struct, frozen=True):
    """One who acts for itself alone."""

    party: UUID

    staff: bool = False

    def require(self, owner: UUID, *roles: str, scope: str = "") -> None:
        if owner != self.party:
            raise Forbidden("not-yours")


class Subscriber:
    """A subscriber's server: keeps what it is sent and answers with `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hooks?of=lilong"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
