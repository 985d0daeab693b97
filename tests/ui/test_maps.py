"""What maps are given: features, the base layers' files, the tag."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.utils import translation

from lilong.kernel.base.districts import SLUGS
from lilong.kernel.geo.points import Point
from lilong.ui import maps
from lilong.ui.maps import features, layers


def found(name: str) -> Path:
    return Path(finders.find(name))


HERE = Point(121.4737, 31.2304)


def test_a_mark_says_only_what_there_is_to_say():
    plain = maps.place(7, HERE, label="Car")
    assert plain["properties"] == {"label": "Car", "kind": "pin", "colour": "door", "id": "7"}
    assert plain["geometry"] == {"type": "Point", "coordinates": [121.4737, 31.2304]}
    full = maps.place(
        7, HERE, label="Car", kind="car", heading=0, text="1234567", open=True, colour="bad", state="busy"
    )
    assert full["properties"] | {"heading": 0, "text": "123456", "open": True, "state": "busy"} == full["properties"]
    for wrong in ({"kind": "submarine"}, {"colour": "#ff0000"}):
        with pytest.raises(ValueError, match=next(iter(wrong.values()))):
            maps.place(7, HERE, label="Car", **wrong)


def test_every_kind_has_an_icon_and_every_colour_a_token():
    sprite = found("ui/icons.svg").read_text()
    assert [kind for kind in features.KINDS if f'id="{kind}"' not in sprite] == []
    tokens = found("ui/tokens.css").read_text()
    names = [name for name in features.COLOURS if name not in ("door", "ink")]
    assert [name for name in names if f"--{name}:" not in tokens] == []


@pytest.mark.parametrize("name", layers.NAMES)
def test_a_base_layer_is_named_by_what_is_in_it(name: str):
    path = found(layers.file_of(name))
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest()[:8] == path.name.split(".")[-2]
    assert json.loads(content)["features"]


def test_the_districts_on_the_map_are_those_of_the_kernel():
    drawn = json.loads(found(layers.file_of("districts")).read_text())
    assert drawn == json.loads(json.dumps(layers.districts()))
    assert [f["properties"]["district"] for f in drawn["features"]] == [*SLUGS, *SLUGS]


def test_vendored_files_are_those_that_their_origin_names():
    origin = found("ui/vendor/maplibre/ORIGIN.txt")
    sums = re.findall(r"^([0-9a-f]{64})  (\S+)$", origin.read_text(), re.M)
    assert len(sums) == 4
    assert [n for digest, n in sums if hashlib.sha256((origin.parent / n).read_bytes()).hexdigest() != digest] == []


@pytest.mark.parametrize(
    ("language", "words"), [("en", "As a list"), ("zh-hans", "以列表显示"), ("ko", "목록으로 보기")]
)
def test_the_tag_lists_what_is_on_the_map_and_lets_no_script_in(language: str, words: str):
    evil = maps.place(1, HERE, label="</script><script>alert(1)</script>", href="/x", note="note")
    with translation.override(language):
        html = Template("{% load ui %}{% map id='m' features=f label='Cars' %}").render(
            Context({"f": maps.collection([evil, maps.area("z", {"type": "Polygon", "coordinates": []})])})
        )
    assert words in html
    assert "<script>alert" not in html
    assert html.count("<li>") == 1
    assert "© OpenStreetMap contributors" in html
    told = json.loads(
        re.search(r'data-told="([^"]*)"', html)
        .group(1)
        .replace("&quot;", '"')
        .replace("&#x27;", "'")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
    )  # type: ignore[union-attr]
    assert told["districts"].startswith("/static/ui/map/districts.")
