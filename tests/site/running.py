"""A city started as people start it: `lilong up` in a process of its own."""

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from lilong.host.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """As in a fresh shell: nothing of the tests' own engines."""
    mine = {key: value for key, value in os.environ.items()
            if not key.startswith(("LILONG_", "DATABASE_URL", "NATS_URL", "DJANGO_"))}  # fmt: skip
    return mine | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def lilong(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    command = [sys.executable, "-m", "lilong.site.cli", *words]
    return subprocess.run(command, env=environment() | more, capture_output=True, text=True, timeout=120, check=False)


class City:
    """`lilong up` on a free port. `said` is what it printed until it was ready."""

    def __init__(self, data: Path, *words: str) -> None:
        self.data = data
        self.port = free_port()
        command = [sys.executable, "-m", "lilong.site.cli", "up", "--data", str(data), "--port", str(self.port),
                   "--mqtt-port", str(free_port()), "--no-demo", *words]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = ""
        while "Ctrl-C stops everything" not in self.said:
            line = self.process.stdout.readline()
            assert line, f"it ended: {self.said}"
            self.said += line

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def database_url(self) -> str:
        return str(json.loads((self.data / "running.json").read_text())["database_url"])

    def family(self) -> list[int]:
        """Handles on every process it started, however deep, to see each of them end."""
        parents = {}
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                except OSError:
                    continue  # ended meanwhile
        found, fresh = set(), {self.process.pid}
        while fresh := {pid for pid, parent in parents.items() if parent in fresh} - found:
            found |= fresh
        handles = []
        for pid in found:
            try:
                handles.append(os.pidfd_open(pid))
            except ProcessLookupError:
                continue  # one of the database's passing helpers, ended meanwhile
        return handles

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(60)
