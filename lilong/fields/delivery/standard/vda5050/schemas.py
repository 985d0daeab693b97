"""The published JSON schemas: every message in and out is held against them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from lilong.fields.delivery.standard.vda5050.topics import V2

_FOLDER = Path(__file__).parent / "schemas"
_TOLD = 5


def complaints(version: str, topic: str, document: Any) -> list[str]:
    """What the schema of `topic` says against a document: at most five lines "pointer: what"; empty for a valid one."""
    found = []
    for error in _validator(version, topic).iter_errors(document):
        pointer = "".join(f"/{part}" for part in error.instance_path)
        found.append(f"{pointer or '/'}: {error.message[:200]}")
        if len(found) == _TOLD:
            break
    return found


@cache
def _validator(version: str, topic: str) -> Any:
    schema = json.loads((_FOLDER / version / f"{topic}.json").read_text())
    if version == V2:
        _mend(topic, schema)
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def _mend(topic: str, schema: dict[str, Any]) -> None:
    """Where a schema of 2.1.0 and its text differ, the text applies (section 6).

    The state's forgot PAUSED (6.11, table of action states); the factsheet's wants `blockingTypes`, a list, to be one of
    three texts instead of a list of them (6.16).
    """
    if topic == "state":
        status = schema["properties"]["actionStates"]["items"]["properties"]["actionStatus"]
        status["enum"].append("PAUSED")
    elif topic == "factsheet":
        action = schema["properties"]["protocolFeatures"]["properties"]["agvActions"]["items"]["properties"]
        action["blockingTypes"]["items"] = {"enum": action["blockingTypes"].pop("enum")}
