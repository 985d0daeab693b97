"""The codec of JT/T 808: other people's frames, the round trip, and whatever bytes there are."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import xor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lilong.fields.mobility.standard.jt808 import messages
from lilong.fields.mobility.standard.jt808.frames import (
    BODY_MAX,
    Bad,
    Frame,
    Splitter,
    escaped,
    packages,
    read,
    unescaped,
    written,
)
from lilong.fields.mobility.standard.jt808.location import (
    BATTERY,
    FUEL,
    MILEAGE,
    Location,
    read_location,
    write_location,
)
from lilong.fields.mobility.standard.jt808.messages import Malformed
from lilong.fields.mobility.standard.jt808.packages import OPEN_MAX, Packages

_LINES = (Path(__file__).parents[3] / "data" / "mobility" / "jt808-frames.txt").read_text().splitlines()
REAL = [bytes.fromhex(line.split()[0]) for line in _LINES if line and not line.startswith("#")]

_frames = st.builds(
    Frame,
    id=st.integers(0, 0xFFFF),
    phone=st.from_regex(r"[1-9][0-9]{0,11}", fullmatch=True),
    serial=st.integers(0, 0xFFFF),
    body=st.binary(max_size=200) | st.text("\x7d\x7e\x01\x02", max_size=50).map(str.encode),
    version=st.none() | st.integers(1, 255),
    total=st.just(1),
    package=st.just(1),
)


def heard(stream: bytes) -> list[Frame | Bad]:
    return Splitter().feed(stream)


def test_real_frames_say_what_their_terminals_meant():
    bad, second, third, auth, alarm, batch = (heard(raw)[0] for raw in REAL)
    assert isinstance(bad, Bad) and bad.reason == "checksum"
    assert isinstance(second, Frame) and (second.id, second.phone, second.serial) == (0x0200, "1401249917", 7)
    place = read_location(second.body)
    assert (place.latitude_e6, place.longitude_e6, place.located) == (-19_591_535, -46_912_186, True)
    assert (place.at, place.extras) == (datetime(2015, 1, 1, 11, 42, 57, tzinfo=UTC), {MILEAGE: 119})
    assert isinstance(third, Frame) and read_location(third.body).extras == {MILEAGE: 43_264, 0x30: 27, 0x31: 3}
    assert isinstance(alarm, Frame) and read_location(alarm.body).alarm == 1 << 7  # undervoltage
    assert isinstance(auth, Frame)
    assert messages.read_authentication(auth.body, versioned=False).code == "authentication"
    assert isinstance(batch, Frame)
    supplement, items = messages.read_batch(batch.body)
    places = [read_location(item) for item in items]
    assert (supplement, len(places)) == (True, 8)
    assert [place.at.minute for place in places] == [6, 6, 7, 7, 8, 9, 9, 10]
    assert places[0].extras == {MILEAGE: 29, 0x03: 0}


@settings(deadline=None)
@given(_frames)
def test_a_frame_survives_the_wire(frame: Frame):
    raw = written(frame)
    assert heard(raw) == [frame]
    assert raw.count(b"\x7e") == 2


@settings(deadline=None)
@given(st.lists(_frames, max_size=5), st.integers(1, 40))
def test_however_the_network_cuts_the_stream(frames: list[Frame], size: int):
    stream, splitter = b"".join(written(frame) for frame in frames), Splitter()
    found = [each for n in range(0, len(stream), size) for each in splitter.feed(stream[n : n + size])]
    assert found == frames


@settings(deadline=None)
@given(st.binary(max_size=4000), st.integers(1, 500))
def test_no_bytes_break_the_splitter(noise: bytes, size: int):
    splitter = Splitter()
    for n in range(0, len(noise), size):
        splitter.feed(noise[n : n + size])
    splitter.feed(b"\x7e")  # whatever it was, it is over
    good = Frame(id=2, phone="13800000001", serial=1, body=b"")
    assert splitter.feed(written(good)) == [good]


@settings(deadline=None)
@given(_frames, st.data())
def test_one_wrong_byte_is_noticed(frame: Frame, data: st.DataObject):
    plain = bytearray(unescaped(written(frame)[1:-1]) or b"")
    at = data.draw(st.integers(0, len(plain) - 1))
    plain[at] ^= data.draw(st.integers(1, 255))
    assert isinstance(read(escaped(bytes(plain))), Bad)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_escapes_go_there_and_back(data: bytes):
    assert unescaped(escaped(data)) == data
    assert b"\x7e" not in escaped(data)


def closed(data: bytes) -> bytes:
    return escaped(data + bytes([reduce(xor, data)]))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\x02\x00\x7d\x05", "escape"),
        (b"\x02\x00\x7d", "escape"),
        (b"\x00" * 12, "too-short"),
        (closed(bytes.fromhex("0002040001380000000100 01")), "encrypted"),
        (closed(bytes.fromhex("00020001013800000001 0001")), "length"),
        (closed(bytes.fromhex("00020000013800000a01 0001")), "phone"),
        (closed(bytes.fromhex("00022000013800000001 0001 0002 0003")), "package"),
        (closed(bytes.fromhex("00022000013800000001 0001 0000 0000")), "package"),
    ],
)
def test_bad_frames_say_why(raw: bytes, reason: str):
    (found,) = heard(b"\x7e" + raw + b"\x7e")
    assert found == Bad(raw, reason)


def test_a_frame_without_end_is_given_up_and_the_next_one_heard():
    good = Frame(id=2, phone="13800000001", serial=1, body=b"")
    splitter = Splitter()
    found = [each for _ in range(100) for each in splitter.feed(b"\x01" * 1000)]
    assert [(type(each), each.reason) for each in found if isinstance(each, Bad)] == [(Bad, "too-long")]
    assert splitter.feed(written(good)) == [good]


@settings(deadline=None)
@given(_frames, st.integers(BODY_MAX + 1, 5 * BODY_MAX), st.randoms())
def test_long_messages_travel_in_packages_in_any_order(frame: Frame, length: int, chance):
    whole = frame._replace(body=(frame.body + bytes(range(256))) * (length // 256 + 1))
    parts = packages(whole)
    assert all(len(part.body) <= BODY_MAX for part in parts)
    together = Packages()
    chance.shuffle(parts)
    parts.insert(0, parts[0])  # one of them twice
    heard_all = [together.add(read(written(part)[1:-1]), 0.0) for part in parts]  # type: ignore[arg-type]
    assert [each for each in heard_all if each is not None] == [whole]


def test_unfinished_messages_are_dropped_the_oldest_first_and_in_time():
    together = Packages()
    part = Frame(id=0x0704, phone="1", serial=1, body=b"a", total=2, package=1)
    assert together.add(part, 0.0) is None
    for n in range(OPEN_MAX):
        assert together.add(part._replace(serial=100 * (n + 1)), 1.0) is None
    assert together.add(part._replace(serial=2, package=2), 1.0) is None  # its first half is gone
    assert together.add(part._replace(serial=401, package=2, body=b"b"), 500.0) is None  # and so is this one's
    assert together.add(part._replace(total=5000), 0.0) == "too-many-packages"


@settings(deadline=None)
@given(
    st.builds(
        Location,
        alarm=st.integers(0, 2**32 - 1),
        status=st.just(2) | st.just(3),
        latitude_e6=st.integers(0, 90_000_000),
        longitude_e6=st.integers(0, 180_000_000),
        altitude=st.integers(0, 9000),
        speed=st.integers(0, 3000),
        direction=st.integers(0, 359),
        at=st.integers(0, 3_000_000_000).map(lambda n: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(seconds=n)),
        extras=st.dictionaries(st.just(BATTERY), st.integers(0, 100)) | st.just({MILEAGE: 123, FUEL: 456}),
    )
)
def test_a_location_survives(place: Location):
    assert read_location(write_location(place)) == place


def test_hemispheres_are_told_by_bits():
    place = Location(0, 2, -33_000_000, -70_000_000, 0, 0, 0, datetime(2024, 5, 1, tzinfo=UTC), {})
    assert read_location(write_location(place))[2:4] == (-33_000_000, -70_000_000)


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_bodies_of_any_bytes_are_read_or_malformed(body: bytes):
    readers = (
        read_location,
        messages.read_batch,
        messages.read_answer,
        messages.read_control_answer,
        lambda raw: messages.read_registration(raw, versioned=True),
        lambda raw: messages.read_registration(raw, versioned=False),
        lambda raw: messages.read_authentication(raw, versioned=True),
        lambda raw: messages.read_authentication(raw, versioned=False),
    )
    for reader in readers:
        try:
            reader(body)
        except Malformed:
            continue


def test_unknown_items_are_passed_over_and_cut_ones_refused():
    plain = write_location(Location(0, 2, 1, 1, 0, 0, 0, datetime(2024, 5, 1, tzinfo=UTC), {MILEAGE: 7}))
    assert read_location(plain + b"\xeb\x02ab").extras == {MILEAGE: 7}
    with pytest.raises(Malformed):
        read_location(plain + b"\xeb\x05ab")
    with pytest.raises(Malformed):
        read_location(plain[:22] + b"\x99" * 6)


@pytest.mark.parametrize("versioned", [False, True])
def test_registration_authentication_and_control_there_and_back(versioned: bool):
    asked = messages.Registration(31, 115, "LILON", "TBOX-1", "T000001", 4, "沪AD12345")
    assert (
        messages.read_registration(messages.write_registration(asked, versioned=versioned), versioned=versioned)
        == asked
    )
    code = (
        messages.Authentication("ld_secret", "123456789012345", "1.2")
        if versioned
        else messages.Authentication("ld_secret")
    )
    assert (
        messages.read_authentication(messages.write_authentication(code, versioned=versioned), versioned=versioned)
        == code
    )
    for lock in (False, True):
        body = messages.write_vehicle_control(lock=lock, versioned=versioned)
        assert messages.read_vehicle_control(body, versioned=versioned) is lock
    values = {messages.SPEED_MAX_KMH: 25, messages.HEARTBEAT_SECONDS: 60}
    assert messages.read_parameters(messages.write_parameters(values)) == values
    items = [b"abc", b""]
    assert messages.read_batch(messages.write_batch(items, supplement=True)) == (True, items)
    assert messages.read_register_answer(messages.write_register_answer(9, 0, "code")) == (9, 0, "code")
