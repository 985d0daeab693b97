"""The typed API of the house: one OpenAPI document at `/api/docs`, problems (RFC 9457) everywhere."""

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from lilong.kernel.base.http import problem_response
from lilong.kernel.base.problems import Invalid, Problem, Violation

api = NinjaAPI(title="Lilong", version="1", description="One lane, twelve doors.", urls_namespace="api")


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
