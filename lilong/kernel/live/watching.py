"""One topic of one connection: what it waits for, and when it is looked at again. No I/O."""

import random
from typing import Literal

State = Literal["checking", "live", "stale"]

PENDING_MAX = 16
RECHECK_SECONDS = 30.0
AGAIN_SECONDS = 1.0


class Watching:
    """`checking`: rights and snapshot are being read, messages wait. `live`: messages pass. `stale`: messages were lost,
    those that come are let go until a snapshot has been read."""

    def __init__(self) -> None:
        self.state: State = "stale"
        self.snapshot = b""
        self.pending: list[str] = []
        self.checked_at = 0.0
        self.again = False

    def push(self, frame: str) -> bool:
        """Takes a message in; False when this or earlier ones had to go."""
        if self.state == "stale":
            return False
        if len(self.pending) < PENDING_MAX:
            self.pending.append(frame)
            return True
        self.lose()
        return False

    def pop(self) -> str:
        """The next message on its way: from now on the last snapshot is no longer what the watcher knows."""
        self.snapshot = b""
        return self.pending.pop(0)

    def lose(self) -> None:
        """Lets what waits go: a snapshot will say it."""
        self.pending.clear()
        self.snapshot = b""
        if self.state == "live":
            self.state = "stale"
        else:
            self.again = True

    def due(self, now: float) -> bool:
        """Whether rights and snapshot are to be read now."""
        if self.state == "checking":
            return False
        if self.state == "stale":
            return now - self.checked_at >= AGAIN_SECONDS
        return now - self.checked_at >= RECHECK_SECONDS

    def begin(self) -> None:
        """What waits now was committed before the snapshot is read, which will say it."""
        if self.pending:
            self.lose()
        self.state, self.again = "checking", False

    def fail(self, now: float) -> None:
        """Neither rights nor snapshot could be read: nothing passes until they have been."""
        self.lose()
        self.state, self.checked_at = "stale", now

    def end(self, snapshot: bytes, now: float) -> bool:
        """The topic may still be watched. Answers whether the snapshot says anything new."""
        self.checked_at = now - random.uniform(0, RECHECK_SECONDS / 10)  # noqa: S311 (watchers drift apart)
        self.state = "stale" if self.again else "live"
        new = snapshot != self.snapshot
        self.snapshot = snapshot
        return new
