"""The typed API of the house: one OpenAPI document at `/api/docs`, problems (RFC 9457) everywhere."""

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema

from lilong.kernel.base import prepared
from lilong.kernel.base.http import problem_of_status, problem_response
from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.site import openapi
from lilong.site.rooms import edges
from lilong.site.strict_json import StrictParser


class HouseAPI(NinjaAPI):
    """One document for all rooms; those whose schemas are not Pydantic's add them themselves (`document`)."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for _code, room in edges("api"):
            if hasattr(room, "document"):
                room.document(schema)
        openapi.describe(schema)
        return schema


class HouseDocs(Swagger):
    """Swagger UI from our own files: our content security policy lets nothing in from elsewhere. A session may try writes."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **options: Any) -> HttpResponse:
        settings = self.settings | {"url": self.get_openapi_url(api, options)}
        return render(request, "site/api_docs.html", {"swagger_settings": json.dumps(settings)})


ABOUT = """One lane, twelve doors.

Every refusal is a problem (RFC 9457, `application/problem+json`) in the reader's language (`Accept-Language`); `errors`
names field and rule. Lists that may be long come in pages: `items`, and in `next` the `cursor` of the following page, `""`
at the end; rows that arrive meanwhile neither repeat nor hide others. Writes are idempotent by the caller's ids. Who calls
too often is answered 429 with `Retry-After`; `POST /api/orders` is not counted, it answers 503 when its queue is full.
"""

api = HouseAPI(
    title="Lilong", version="1", description=ABOUT, urls_namespace="api", parser=StrictParser(), docs=HouseDocs()
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Pydantic's findings as violations: `('body', 'draft', 'price')` becomes `/price`."""
    violations = [
        Violation(pointer=_pointer(found["loc"]), rule=found["type"], detail=found["msg"]) for found in error.errors
    ]
    return problem_response(Invalid("invalid", violations=violations))


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(problem_of_status(404))


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What ninja itself refuses; our parser's findings reach us as the cause."""
    return problem_response(
        error.__cause__ if isinstance(error.__cause__, Problem) else problem_of_status(error.status_code)
    )


def _pointer(location: tuple[str | int, ...]) -> str:
    kind, *rest = location
    if kind == "body" and rest:
        rest = rest[1:]  # the parameter's own name is not part of the caller's document
    return "".join(f"/{part}" for part in rest) or "/"


for _code, _room in edges("api"):
    api.add_router(getattr(_room, "MOUNT", f"/{_code}"), _room.router)

prepared.prepare()  # every shape is known by now, and no thread is at work yet
