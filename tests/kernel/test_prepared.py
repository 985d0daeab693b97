"""Shapes are prepared before threads read them: unprepared, the first readers at one moment end the process."""

import subprocess
import sys

from lilong.kernel.base import prepared

_THREADS = """
import sys, threading
sys.setswitchinterval(1e-6)
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4
import msgspec
from lilong.kernel.base import prepared
from lilong.kernel.base.words import Words

def shape(n):
    part = msgspec.defstruct(f"Part{n}", [("id", int), ("kind", Literal["x", "y"], "x")], module="lilong.trial")
    parts = [("id", UUID), ("name", Words), ("parts", list[part], []), ("first", part | None, None), ("by", UUID | None, None),
             ("at", datetime | None, None), ("notes", dict[str, int], {})]
    return msgspec.defstruct(f"Shape{n}", parts, module="lilong.trial", forbid_unknown_fields=True)

shapes = [shape(n) for n in range(400)]
if sys.argv[1] == "prepared":
    prepared.prepare()
for shape in shapes:
    gate = threading.Barrier(8)
    def read():
        gate.wait()
        msgspec.convert({"id": str(uuid4()), "name": {"en": "a"}, "parts": [{"id": 1}], "first": {"id": 2}}, shape)
    threads = [threading.Thread(target=read) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
"""


def test_threads_may_read_a_prepared_shape_at_the_same_moment():
    done = subprocess.run([sys.executable, "-c", _THREADS, "prepared"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_house_prepares_all_it_has_imported():
    from lilong.site import api

    assert api.api is not None
    assert prepared.prepare() > 300
