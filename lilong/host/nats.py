"""The embedded NATS server: JetStream in a folder of ours, MQTT for devices."""

import json
import os
import secrets
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

from lilong.host import processes
from lilong.host.failure import HostFailed
from lilong.host.ports import answers, free_port
from lilong.host.programs import engine_user, here, nats_program

ACCOUNT = "LILONG"
USER = "lilong"


def configuration(
    *, host: str, port: int, mqtt_host: str, mqtt_port: int, store: str, password: str, issuer: str = ""
) -> str:
    """The server's configuration file.

    One account holds everything. The house itself signs in as `lilong`; everybody else (devices, over MQTT or NATS) is
    decided by the house when `issuer` is given: the public key (account nkey, `A...`) it signs its answers with. Without
    an issuer only the house can sign in.
    """
    callout = (
        f"authorization {{ auth_callout {{ issuer: {_quoted(issuer)}, account: {ACCOUNT}, auth_users: [{USER}] }} }}\n"
        if issuer
        else ""
    )
    return (
        "server_name: lilong\n"
        f"listen: {_quoted(f'{host}:{port}')}\n"
        "max_payload: 1MB\n"
        f"jetstream {{ store_dir: {_quoted(store)}, max_memory_store: 256MB, sync_interval: always }}\n"
        f"mqtt {{ listen: {_quoted(f'{mqtt_host}:{mqtt_port}')}, ack_wait: 30s, max_ack_pending: 1000 }}\n"
        f"accounts {{ {ACCOUNT}: {{ jetstream: enabled, "
        f"users: [ {{ user: {USER}, password: {_quoted(password)} }} ] }}, SYS: {{ }} }}\n"
        "system_account: SYS\n"
        f"{callout}"
    )


class Nats:
    """A NATS server whose data is under `folder`, for the house on a loopback port, for devices on the MQTT port."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        mqtt_host: str = "127.0.0.1",
        mqtt_port: int = 0,
        password: str = "",
        issuer: str = "",
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.mqtt_host = mqtt_host
        self.mqtt_port = mqtt_port or free_port()
        self.user = USER
        self.password = password or secrets.token_urlsafe(24)
        self.issuer = issuer
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{self.user}:{self.password}@127.0.0.1:{self.port}"

    def start(self, timeout_seconds: float = 20) -> str:
        """Starts it and waits until it takes orders; returns its URL, credentials included."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        user = engine_user(self.folder)
        self._write_configuration(user)
        with (self.folder / "nats.log").open("wb") as log:
            self.process = processes.start(
                [str(nats_program()), "-c", f"{here()}/nats.conf"], log=log, folder=self.folder, user=user
            )
        if not self._ready(time.monotonic() + timeout_seconds):
            words = self._last_words()
            self.stop()
            raise HostFailed(f"NATS did not start: {words}")
        return self.url

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process)

    def _write_configuration(self, user: tuple[int, int] | None) -> None:
        file = self.folder / "nats.conf"
        file.unlink(missing_ok=True)
        text = configuration(
            host="127.0.0.1",
            port=self.port,
            mqtt_host=self.mqtt_host,
            mqtt_port=self.mqtt_port,
            store=f"{here()}/store",
            password=self.password,
            issuer=self.issuer,
        )
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(text)
        if user:
            os.chown(file, *user)

    def _ready(self, deadline: float) -> bool:
        """It greets with JetStream switched on, and listens for MQTT."""
        while self.process and self.process.poll() is None and time.monotonic() < deadline:
            if greets(self.url):
                mqtt_host = "127.0.0.1" if self.mqtt_host in ("0.0.0.0", "::") else self.mqtt_host  # noqa: S104
                return answers(mqtt_host, self.mqtt_port, within_seconds=max(0.1, deadline - time.monotonic()))
            time.sleep(0.02)
        return False

    def _last_words(self) -> str:
        lines = (self.folder / "nats.log").read_text(errors="replace").splitlines()
        telling = [line for line in lines if "[FTL]" in line or "[ERR]" in line or line.startswith("nats-server:")]
        return " ".join((telling or lines)[-2:])


def greets(url: str, *, timeout_seconds: float = 2) -> bool:
    """Whether a server with JetStream greets there (one of them, when `url` lists several)."""
    for one in url.split(","):
        parts = urlsplit(one if "//" in one else f"nats://{one}")
        try:
            with socket.create_connection((parts.hostname or "", parts.port or 4222), timeout_seconds) as line:
                line.settimeout(timeout_seconds)
                greeting = line.makefile("rb").readline()
        except OSError:
            continue
        if greeting.startswith(b"INFO ") and json.loads(greeting[5:]).get("jetstream"):
            return True
    return False


def _quoted(text: str) -> str:
    return json.dumps(text)
