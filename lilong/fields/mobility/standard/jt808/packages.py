"""Putting the packages of a long message together again (JT/T 808-2019 section 4.4.3)."""

from lilong.fields.mobility.standard.jt808.frames import Frame

PARTS_MAX = 200  # some 200 kB
OPEN_MAX = 4
SECONDS = 120.0


class Packages:
    """Of one connection. Packages may come in any order and more than once; what stays incomplete is dropped, oldest first."""

    def __init__(self) -> None:
        self._open: dict[tuple[int, int, int], tuple[float, dict[int, bytes]]] = {}

    def add(self, frame: Frame, now: float) -> Frame | str | None:
        """The whole message (with the serial number of its first package), None while parts are missing, or why not.

        `now` is of any clock that counts seconds.
        """
        if frame.total == 1:
            return frame
        if frame.total > PARTS_MAX:
            return "too-many-packages"
        self._forget(now)
        first = (frame.serial - frame.package + 1) & 0xFFFF
        key = (frame.id, frame.total, first)
        if key not in self._open:
            if len(self._open) >= OPEN_MAX:
                del self._open[next(iter(self._open))]
            self._open[key] = (now, {})
        parts = self._open[key][1]
        parts.setdefault(frame.package, frame.body)
        if len(parts) < frame.total:
            return None
        del self._open[key]
        body = b"".join(parts[n] for n in range(1, frame.total + 1))
        return frame._replace(body=body, total=1, package=1, serial=first)

    def _forget(self, now: float) -> None:
        for key in [key for key, (since, _) in self._open.items() if now - since > SECONDS]:
            del self._open[key]
