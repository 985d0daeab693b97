"""Web processes on the test's database, and clients of `/ws/live`."""

import json
import os
import signal
import subprocess
import sys
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from lilong.host.ports import answers, free_port


class Web:
    """One process; `nats` is the address of the server over which it hears of others' messages."""

    def __init__(self, nats: str = "", port: int = 0) -> None:
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--loop", "uvloop", "--host", "127.0.0.1",
                   "--port", str(self.port), "--log-level", "warning", "tests.kernel.live.trial_site:application"]  # fmt: skip
        mine = {"LILONG_POOL": "8", "NATS_URL": nats}
        self.process = subprocess.Popen(command, env=os.environ | mine, start_new_session=True)
        assert answers("127.0.0.1", self.port, within_seconds=30)

    def end(self, number: int = signal.SIGKILL) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)
        self.process.wait(30)

    def put(self, id: str, value: int) -> None:
        assert httpx.get(f"{self.address}/trial/put", params={"id": id, "value": value}).status_code == 200

    def take_away(self, id: str, to: object) -> None:
        assert httpx.get(f"{self.address}/trial/take-away", params={"id": id, "to": str(to)}).status_code == 200

    def client(self, **how: Any) -> "Client":
        return Client(connect(f"ws://127.0.0.1:{self.port}/ws/live", legacy=True, **how))


class Client:
    """Use it as a context manager, so that the line is closed."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line

    def say(self, **what: Any) -> None:
        self.line.send(json.dumps(what))

    def hear(self, seconds: float = 20) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.line.recv(timeout=seconds))
        return found

    def watch(self, topic: str) -> dict[str, Any]:
        self.say(watch=topic)
        return self.hear()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *given: object) -> None:
        self.line.close()
