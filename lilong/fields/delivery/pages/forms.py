"""What stands in forms and addresses, read. Raises Invalid that names the field."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest

from lilong.kernel.base import ids
from lilong.kernel.base.problems import invalid

_LONG = 12


def text(request: HttpRequest, name: str, most: int = 500) -> str:
    given = request.POST.get(name, "").strip()
    if len(given) > most or "\0" in given:
        raise invalid(f"/{name}", "length", f"0..{most}")
    return given


def uuid(request: HttpRequest, name: str) -> UUID:
    found = maybe_uuid(request, name)
    if found is None:
        raise invalid(f"/{name}", "required")
    return found


def maybe_uuid(request: HttpRequest, name: str) -> UUID | None:
    given = request.POST.get(name, "") or request.GET.get(name, "")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise invalid(f"/{name}", "uuid") from None


def id_of(request: HttpRequest) -> UUID:
    """The id that the form was made with, so that sending it twice asks once."""
    return maybe_uuid(request, "id") or ids.uuid7()


def whole(request: HttpRequest, name: str, least: int = 0, most: int = 10**9) -> int:
    given = request.POST.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) <= _LONG and least <= int(given) <= most):
        raise invalid(f"/{name}", "range", f"{least}..{most}")
    return int(given)


def yuan(request: HttpRequest, name: str, *, required: bool = True) -> int:
    """'12.9' yuan as 1290 fen; nothing is 0 where it is not required."""
    given = request.POST.get(name, "").strip()
    if not given and not required:
        return 0
    whole_part, _dot, part = given.partition(".")
    digits = whole_part + part
    if not (whole_part and digits.isascii() and digits.isdigit() and len(part) <= len("00") and len(digits) <= _LONG):
        raise invalid(f"/{name}", "range", "0.01..10000000")
    return int(whole_part + part.ljust(2, "0"))


def grams(request: HttpRequest, name: str, most: int = 200_000) -> int:
    """'1.5' kg as 1500."""
    return _scaled(request, name, Decimal(1000), 1, most)


def millimetres(request: HttpRequest, name: str, most: int = 3_000) -> int:
    """'30' cm as 300."""
    return _scaled(request, name, Decimal(10), 1, most)


def _scaled(request: HttpRequest, name: str, by: Decimal, least: int, most: int) -> int:
    given = request.POST.get(name, "").strip()
    try:
        value = Decimal(given[:_LONG]) * by
    except InvalidOperation:
        raise invalid(f"/{name}", "range", f"{least}..{most}") from None
    if not value.is_finite() or not least <= value <= most:
        raise invalid(f"/{name}", "range", f"{least}..{most}")
    return int(value)
