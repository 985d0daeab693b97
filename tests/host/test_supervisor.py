"""Children are kept alive, or given up with one line."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lilong.host.failure import HostFailed
from lilong.host.supervisor import Child, Supervisor

_SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    supervisor = Supervisor()
    child = Child("sleeper", _SLEEPER, dict(os.environ), tmp_path)
    supervisor.add(child)
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    supervisor.run(until=lambda: child.process is not None and child.process.pid != first)
    assert child.process.poll() is None
    supervisor.stop()
    assert child.process.returncode == -signal.SIGTERM


def test_a_child_that_ends_at_once_again_and_again_is_given_up(tmp_path: Path) -> None:
    supervisor = Supervisor()
    supervisor.add(
        Child("broken", [sys.executable, "-c", "raise ValueError('no such city')"], dict(os.environ), tmp_path)
    )
    with pytest.raises(HostFailed, match=r"broken ended 5 times in a row \(ValueError: no such city\)"):
        supervisor.run()


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys\nfrom lilong.host.supervisor import Child, Supervisor\ns = Supervisor()\n"
        f"c = Child('sleeper', {_SLEEPER!r}, dict(os.environ), pathlib.Path({str(tmp_path)!r}))\n"
        "s.add(c)\nprint(c.process.pid, flush=True)\ns.run()\n"
    )
    owner = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    handle = os.pidfd_open(int(owner.stdout.readline()))
    owner.kill()
    owner.wait()
    import select

    assert select.select([handle], [], [], 30)[0] == [handle]
