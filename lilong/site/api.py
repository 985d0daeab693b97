"""The typed API of the house: one OpenAPI document at `/api/docs`, problems (RFC 9457) everywhere."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError
from ninja.openapi.schema import OpenAPISchema

from lilong.kernel.base.http import problem_response
from lilong.kernel.base.problems import Invalid, Problem, Violation
from lilong.site.rooms import edges


class HouseAPI(NinjaAPI):
    """One document for all rooms; those whose schemas are not Pydantic's add them themselves (`document`)."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        for _code, room in edges("api"):
            if hasattr(room, "document"):
                room.document(schema)
        return schema


api = HouseAPI(title="Lilong", version="1", description="One lane, twelve doors.", urls_namespace="api")


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


def _pointer(location: tuple[str | int, ...]) -> str:
    kind, *rest = location
    if kind == "body" and rest:
        rest = rest[1:]  # the parameter's own name is not part of the caller's document
    return "".join(f"/{part}" for part in rest) or "/"


for _code, _room in edges("api"):
    api.add_router(getattr(_room, "MOUNT", f"/{_code}"), _room.router)
