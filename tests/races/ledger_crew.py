"""Starts processes of `ledger_work` and hears what they say."""

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import Any


class Crew:
    """`processes` x `threads` writers at one task, all connected before any begins. Use as a context manager."""

    def __init__(self, task: str, processes: int, threads: int, **arguments: Any) -> None:
        self.threads = threads
        self._stack = ExitStack()
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.ledger_work", task, str(threads), str(n * threads), json.dumps(arguments)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
            for n in range(processes)
        ]  # fmt: skip

    def __enter__(self) -> "Crew":
        for process in self.processes:
            assert [self.hear(process) for _ in range(self.threads)] == ["ready"] * self.threads
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()

    def hear(self, process: "subprocess.Popen[str]") -> Any:
        """The next thing a process says; None once it has ended."""
        assert process.stdout is not None
        line = process.stdout.readline()
        return json.loads(line) if line.endswith("\n") else None

    def rest(self) -> list[Any]:
        """Everything still said, until all have ended of themselves."""
        said = [json.loads(line) for process in self.processes for line in process.communicate()[0].splitlines()]
        assert [process.returncode for process in self.processes] == [0] * len(self.processes)
        return said
