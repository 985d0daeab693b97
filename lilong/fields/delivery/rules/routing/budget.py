"""When a search ends: by CPU time, so that a busy machine does not distort it, by the clock, by a call from outside."""

import time
from collections.abc import Callable


class Budget:
    """True once `seconds` of this process' CPU time have passed since it was made, or `wall` seconds of the clock, or `stop()`
    says so; `on_tick(share)` hears about every hundredth of the way."""

    def __init__(
        self,
        seconds: float,
        *,
        wall: float | None = None,
        stop: Callable[[], bool] | None = None,
        on_tick: Callable[[float], None] | None = None,
    ) -> None:
        self.seconds, self.wall = seconds, wall
        self._stop, self._on_tick, self._told = stop, on_tick, 0
        self._cpu, self._clock = time.process_time(), time.monotonic()

    def __call__(self, cost: float = 0) -> bool:
        share = self.share()
        if int(share * 100) > self._told:
            self._told = int(share * 100)
            if self._on_tick is not None:
                self._on_tick(min(share, 1.0))
            if self._stop is not None and self._stop():
                return True
        return share >= 1

    def share(self) -> float:
        """How much of it is spent."""
        spent = (time.process_time() - self._cpu) / self.seconds if self.seconds > 0 else 1.0
        return max(spent, (time.monotonic() - self._clock) / self.wall) if self.wall else spent
