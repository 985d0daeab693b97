"""What every operation of the API may answer besides success: the problems, once, in the shared document."""

from typing import Any

from lilong.kernel.base.documented import COMPONENTS

_CHANGING = ("post", "put", "patch", "delete")
_METHODS = ("get", *_CHANGING)

VIOLATION = {
    "title": "Violation",
    "type": "object",
    "description": "One bad input.",
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) of the member, or / and the parameter"},
        "rule": {"type": "string"},
        "detail": {"type": "string"},
    },
    "required": ["pointer", "rule", "detail"],
}
PROBLEM = {
    "title": "Problem",
    "type": "object",
    "description": "Problem details (RFC 9457). Further members belong to the problem's type. `title` is in the reader's "
    "language (Accept-Language); `type` is stable.",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:lilong:problem:[a-z0-9-]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Violation"}},
        "request": {"type": "string", "description": "With 500: the request's id, for asking about it"},
    },
    "required": ["type", "title", "status"],
}
_RETRY = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds"}}
PROBLEMS: dict[int, tuple[str, str, dict[str, Any]]] = {
    400: ("BadRequest", "Not a request that can be read", {}),
    401: ("Unauthenticated", "No credential, or not a valid one", {}),
    403: ("Forbidden", "The credential does not reach this, or a session's write came without its CSRF token", {}),
    404: ("Missing", "No such thing, or not for this reader", {}),
    409: ("Conflict", "The input is fine but the state says no; nothing was changed", {}),
    410: ("Gone", "It was there, and is no longer", {}),
    422: ("Invalid", "The input breaks a rule; `errors` names field and rule", {}),
    429: ("TooMany", "Over a rate limit", _RETRY),
    503: ("Busy", "Nothing was taken; try again", _RETRY),
}


def describe(schema: dict[str, Any]) -> None:
    """Adds the problems to each operation of an OpenAPI document that does not say otherwise of that status."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {}).update(COMPONENTS | {"Problem": PROBLEM, "Violation": VIOLATION})
    components["responses"] = components.get("responses", {}) | {
        name: _response(text, headers) for name, text, headers in PROBLEMS.values()
    }
    for path in schema["paths"].values():
        for method in _METHODS:
            if method in path:
                _describe(method, path[method])


def _describe(method: str, operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    given = {str(status) for status in responses}
    for status, (name, _text, _headers) in PROBLEMS.items():
        if str(status) not in given and _applies(status, method, operation):
            responses[status] = {"$ref": f"#/components/responses/{name}"}


def _applies(status: int, method: str, operation: dict[str, Any]) -> bool:
    if status in (401, 403):
        return bool(operation.get("security"))
    return status not in (409, 410) or method in _CHANGING


def _response(text: str, headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content} | ({"headers": headers} if headers else {})
