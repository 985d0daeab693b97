"""The shapes of answers in the API's document where an operation answers msgspec's structs, which ninja does not know."""

from typing import Any

import msgspec

COMPONENTS: dict[str, Any] = {}  # what the document of the house needs besides ninja's own schemas


def answers(shape: Any, *statuses: int) -> dict[str, Any]:
    """For an operation's `openapi_extra`: `shape` (a struct, `list[struct]`, ...) as JSON, with these statuses (200)."""
    return _answers(_schema(shape), statuses)


def pages(shape: Any) -> dict[str, Any]:
    """The same for a page of `shape`: `items`, and in `next` the cursor of the following page, '' at the end."""
    properties = {"items": {"type": "array", "items": _schema(shape)}, "next": {"type": "string"}}
    return _answers({"type": "object", "properties": properties, "required": ["items", "next"]}, ())


def sends(content_type: str) -> dict[str, Any]:
    """The same for an operation that answers text: a table, an XML document."""
    content = {content_type: {"schema": {"type": "string"}}}
    return {"responses": {200: {"description": "OK", "content": content}}}


def _answers(schema: dict[str, Any], statuses: tuple[int, ...]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {
        "responses": {
            status: {"description": "Created" if status == 201 else "OK", "content": content}  # noqa: PLR2004
            for status in statuses or (200,)
        }
    }


def _schema(shape: Any) -> dict[str, Any]:
    (schema,), components = msgspec.json.schema_components([shape], ref_template="#/components/schemas/{name}")
    COMPONENTS.update(components)
    return schema
