"""Keeping a handful of child processes alive until told to stop."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lilong.host import processes
from lilong.host.failure import HostFailed

LIVED_SECONDS = 30.0  # a child that lived this long may fail anew without being held to its past
TRIES = 5
LOG_MAX_BYTES = 20 * 1024 * 1024


class Child:
    """One role: how it is started, and how often it failed lately."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], logs: Path) -> None:
        self.name = name
        self.command = command
        self.environment = environment
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        self.started_at = 0.0
        self.due_at = 0.0

    def start(self) -> None:
        self.trim_log()
        with self.log.open("ab") as log:
            self.process = processes.start(self.command, log=log, environment=self.environment)
        self.started_at = time.monotonic()

    def look(self) -> None:
        """Starts it again if it has ended and its pause is over; gives up on one that keeps ending at once."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due_at:
                self.start()
            return
        if self.process.poll() is None:
            return
        self.failures = 1 if now - self.started_at > LIVED_SECONDS else self.failures + 1
        if self.failures >= TRIES:
            raise HostFailed(f"{self.name} ended {TRIES} times in a row ({self.last_words()}); see {self.log}")
        self.process, self.due_at = None, now + 0.2 * 2 ** (self.failures - 1)

    def last_words(self) -> str:
        try:
            lines = self.log.read_text(errors="replace").strip().splitlines()
        except OSError:
            lines = []
        telling = [line for line in lines if "Error" in line or "lilong:" in line]
        return (telling or lines or ["it said nothing"])[-1][:300]

    def trim_log(self) -> None:
        """Keeps the log and one older one."""
        if self.log.exists() and self.log.stat().st_size > LOG_MAX_BYTES:
            older = self.log.with_suffix(".log.1")
            older.write_bytes(self.log.read_bytes())
            os.truncate(self.log, 0)  # the child appends: it goes on at the new end


class Supervisor:
    """Starts children, watches them, ends them in the order opposite to their start."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.engines: list[tuple[str, Callable[[], subprocess.Popen[bytes] | None]]] = []
        self.stopping = False

    def catch_signals(self) -> None:
        """Ctrl-C and SIGTERM (and a closed terminal) ask for an orderly end."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)

    def watch_engine(self, name: str, process: Callable[[], subprocess.Popen[bytes] | None]) -> None:
        """An engine that ends takes the house down: it restarts with the next start, data checked."""
        self.engines.append((name, process))

    def add(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def run(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Watches until asked to stop, or until `until()`; raises HostFailed when something cannot be kept alive."""
        while not self.stopping and not until():
            for child in self.children:
                child.look()
                child.trim_log()
            for name, process in self.engines:
                ended = process()
                if ended is not None and ended.poll() is not None:
                    raise HostFailed(f"{name} ended unexpectedly (code {ended.returncode}); see its log, start again")
            time.sleep(0.1)

    def stop(self) -> None:
        """All at once, then waits for each; nothing is left behind."""
        alive = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in alive:
            process.send_signal(signal.SIGTERM)
        for process in alive:
            processes.stop(process, patience_seconds=15)

    def _asked(self, number: int, frame: object) -> None:
        self.stopping = True
