"""Orders on the wire: how a request body becomes drafts and how answers become bytes. Shared by the counter and Django.

One schema, `drafts.OrderDraft`, decodes the bytes and documents the API.
"""

import re
from typing import Any

import msgspec

from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.kernel.orders.drafts import OrderDraft, Placed, Refused

BATCH_MAX = 100
BODY_MAX_BYTES = 512 * 1024

_decoder = msgspec.json.Decoder(OrderDraft | list[OrderDraft])
_encoder = msgspec.json.Encoder(enc_hook=str)
_PATH = re.compile(r"`\$(.*)`$")


def read(body: bytes) -> tuple[list[OrderDraft], bool]:
    """The drafts in a body, and whether it was a list. Raises Invalid, naming the field and the rule."""
    try:
        found = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _invalid(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("not-json", violations=[Violation(pointer="", rule="json", detail=str(error))]) from None
    if isinstance(found, OrderDraft):
        return [found], False
    if not 1 <= len(found) <= BATCH_MAX:
        raise Invalid("invalid", violations=[Violation(pointer="", rule="length", detail=f"1..{BATCH_MAX}")])
    return found, True


def write(answers: list[Placed | Refused], many: bool) -> tuple[int, str, bytes]:
    """Status, content type and body for answers: one order's own status, or 200 with a list of each one's."""
    if many:
        return 200, "application/json", _encoder.encode([_member(answer) for answer in answers])
    (answer,) = answers
    if isinstance(answer, Refused):
        return problem(answer.problem)
    return (201 if answer.created else 200), "application/json", _encoder.encode(answer)


def problem(found: Problem) -> tuple[int, str, bytes]:
    """A problem's status, content type and body."""
    return found.status, "application/problem+json", _encoder.encode(found.body())


def schemas() -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The JSON Schemas of a request body and of an answer, with their components, for OpenAPI."""
    found, components = msgspec.json.schema_components(
        [OrderDraft | list[OrderDraft], Placed], ref_template="#/components/schemas/{name}"
    )
    return list(found), components


def _member(answer: Placed | Refused) -> dict[str, Any]:
    if isinstance(answer, Refused):
        return {"id": answer.id, "problem": answer.problem.body()}
    return {"id": answer.id, "order": answer}


def _invalid(message: str) -> Invalid:
    """msgspec says `Expected `int`, got `str` - at `$.lines[0].quantity``; the path becomes a JSON pointer."""
    found = _PATH.search(message)
    pointer = (
        re.sub(r"\[(\d+)\]|\[\.\.\.\]|\.", lambda m: f"/{m.group(1)}" if m.group(1) else "/", found[1]) if found else ""
    )
    detail = message.rpartition(" - at ")[0] or message
    return Invalid("invalid", violations=[Violation(pointer=pointer, rule=_rule(detail), detail=detail)])


def _rule(detail: str) -> str:
    for sign, rule in (
        (">=", "minimum"),
        ("<=", "maximum"),
        ("length", "length"),
        ("missing", "required"),
        ("unknown field", "unknown-field"),
        ("matching regex", "pattern"),
        ("Invalid", "format"),
    ):
        if sign in detail:
            return rule
    return "type"
