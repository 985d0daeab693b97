"""A terminal of software: it speaks JT/T 808 over TCP, blocking, one thread. For tests, demonstrations and measuring."""

import socket
from collections.abc import Sequence

from lilong.fields.mobility.standard.jt808 import messages
from lilong.fields.mobility.standard.jt808.frames import Bad, Frame, Splitter, packages, written
from lilong.fields.mobility.standard.jt808.location import Location, write_location
from lilong.fields.mobility.standard.jt808.messages import Answer, Authentication, Registration

SECONDS = 30.0


class SimulatedTerminal:
    """`version` None speaks as in 2013, 1 as in 2019. Methods that ask wait for the answer; TimeoutError if none comes."""

    def __init__(self, phone: str, *, port: int, host: str = "127.0.0.1", version: int | None = None) -> None:
        self.phone, self.version = phone, version
        self.serial = 0
        self._line = socket.create_connection((host, port), SECONDS)
        self._splitter = Splitter()
        self._heard: list[Frame] = []

    def close(self) -> None:
        self._line.close()

    def register(self, asked: Registration) -> tuple[int, str]:
        """Result and code."""
        self.say(messages.REGISTER, messages.write_registration(asked, versioned=self.version is not None))
        _, result, code = messages.read_register_answer(self.next(messages.REGISTER_ANSWER).body)
        return result, code

    def authenticate(self, code: str) -> int:
        given = messages.write_authentication(Authentication(code), versioned=self.version is not None)
        return self.ask(messages.AUTHENTICATE, given)

    def locate(self, place: Location) -> int:
        return self.ask(messages.LOCATION, write_location(place))

    def batch(self, places: Sequence[Location], *, supplement: bool = False) -> int:
        items = [write_location(place) for place in places]
        return self.ask(messages.BATCH, messages.write_batch(items, supplement=supplement))

    def ask(self, id: int, body: bytes = b"") -> int:
        """Says it and waits for the platform's general answer: its result."""
        serial = self.say(id, body)
        while True:
            answer = messages.read_answer(self.next(messages.PLATFORM_ANSWER).body)
            if (answer.serial, answer.id) == (serial, id):
                return answer.result

    def say(self, id: int, body: bytes = b"") -> int:
        """Answers the serial number of the (first) frame."""
        sent = packages(Frame(id, self.phone, self.serial, body, self.version))
        self._line.sendall(b"".join(written(frame) for frame in sent))
        first, self.serial = self.serial, (self.serial + len(sent)) & 0xFFFF
        return first

    def say_raw(self, data: bytes) -> None:
        self._line.sendall(data)

    def next(self, id: int) -> Frame:
        """The next frame with that id; others stay for later. Raises ConnectionError when the platform hung up."""
        while True:
            for frame in self._heard:
                if frame.id == id:
                    self._heard.remove(frame)
                    return frame
            data = self._line.recv(65_536)
            if not data:
                raise ConnectionError("the platform hung up")
            for found in self._splitter.feed(data):
                assert not isinstance(found, Bad), found
                self._heard.append(found)

    def obey(self, place: Location) -> bool:
        """Waits for a vehicle control, answers it with `place` (which shows the doors as asked), and says whether to lock."""
        control = self.next(messages.VEHICLE_CONTROL)
        lock = messages.read_vehicle_control(control.body, versioned=self.version is not None)
        self.say(messages.CONTROL_ANSWER, control.serial.to_bytes(2, "big") + write_location(place))
        return lock

    def accept(self, id: int) -> Frame:
        """Waits for another command and answers that it is done."""
        told = self.next(id)
        self.say(messages.ANSWER, messages.write_answer(Answer(told.serial, id, messages.DONE)))
        return told
