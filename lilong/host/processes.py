"""Starting programs that end with us, and ending them in an orderly way."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def start(
    command: Sequence[str],
    *,
    log: IO[bytes] | int | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    user: tuple[int, int] | None = None,
    last_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own (Ctrl-C reaches only us), as `user` (uid, gid) in `folder`.

    On Linux the kernel sends it `last_signal` when we are killed. That is bound to the starting thread, hence the rule
    that only the main thread may start what shall live on.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("programs are started by the main thread: they would end with any other")
    identity = {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}
    return subprocess.Popen(
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        env=None if environment is None else dict(environment),
        start_new_session=True,
        preexec_fn=_bound_to(os.getpid(), last_signal),  # noqa: PLW1509 (one thread, and nothing but system calls)
        **identity,  # type: ignore[arg-type]
    )


def end_with_parent(last_signal: int = signal.SIGKILL) -> None:
    """Binds this process to the one that started it: for grandchildren, which somebody else's code starts."""
    bind = _bound_to(os.getppid(), last_signal)
    if bind:
        bind()


def stop(process: subprocess.Popen[bytes], *, first: int = signal.SIGTERM, patience_seconds: float = 20) -> int:
    """Asks with `first`, waits, and kills what does not listen; returns the exit code."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            return process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def _bound_to(parent: int, last_signal: int) -> Callable[[], None] | None:
    if _libc is None:
        return None

    def bind() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, last_signal)
        if os.getppid() != parent:  # it died before we were bound to it
            os._exit(1)

    return bind
