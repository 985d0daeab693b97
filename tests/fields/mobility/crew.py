"""Processes that wait for tasks and do them at the same moment; killed when the test is over."""

import json
import subprocess
import sys
from typing import Any


class Crew:
    """`together` gives each process one task, all at once, and answers what they said, in order."""

    def __init__(self, size: int) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.fields.mobility.ride_racers"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(size)
        ]
        for process in self.processes:
            assert process.stdout is not None and process.stdout.readline() == "ready\n"

    def together(self, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
        for n, task in enumerate(tasks):
            self.tell(n, *task)
        return [self.hear(n) for n in range(len(tasks))]

    def tell(self, n: int, task: str, given: dict[str, Any]) -> None:
        stdin = self.processes[n].stdin
        assert stdin is not None
        stdin.write(json.dumps([task, given], default=str) + "\n")
        stdin.flush()

    def hear(self, n: int) -> Any:
        stdout = self.processes[n].stdout
        assert stdout is not None
        return json.loads(stdout.readline())

    def kill(self, n: int) -> None:
        """SIGKILL, and gone when this returns."""
        self.processes[n].kill()
        self.processes[n].wait()

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
