"""How the API reads what it is sent: JSON as RFC 8259 means it, and no text that a database cannot keep."""

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from lilong.kernel.base.problems import Invalid, Violation

INTEGER_MAX = 2**63 - 1  # what a bigint holds


class StrictParser(Parser):
    """ninja's parser, refusing with the member's pointer: NUL and lone surrogates in text (`text`), numbers that are none
    (`NaN`) and integers beyond 64 bits (`range`), nesting beyond reason. What is not JSON at all is `not-json`."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = json.loads(request.body, parse_constant=_no_number)
            violations: list[Violation] = []
            _walk(found, "", violations)
        except (ValueError, RecursionError) as error:
            raise Invalid("not-json", violations=[Violation(pointer="", rule="json", detail=str(error))]) from None
        if violations:
            raise Invalid("invalid", violations=violations)
        return found

    def parse_querydict(self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest) -> Any:
        violations: list[Violation] = []
        _walk({name: data.getlist(name) for name in data}, "", violations)
        if violations:
            # The pointer of a value is `/name/0`: its name is meant; a name that cannot be kept has none.
            found = [Violation(pointer="/" + "".join(v.pointer.split("/")[1:2]), rule=v.rule) for v in violations]
            raise Invalid("invalid", violations=found)
        return super().parse_querydict(data, list_fields, request)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _walk(found: Any, pointer: str, violations: list[Violation]) -> None:
    if isinstance(found, str):
        if not _keepable(found):
            violations.append(Violation(pointer=pointer, rule="text"))
    elif isinstance(found, dict):
        for name, value in found.items():
            if _keepable(name):
                _walk(value, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}", violations)
            else:
                violations.append(Violation(pointer=pointer, rule="text"))
    elif isinstance(found, list):
        for n, value in enumerate(found):
            _walk(value, f"{pointer}/{n}", violations)
    elif isinstance(found, int) and abs(found) > INTEGER_MAX:
        violations.append(Violation(pointer=pointer, rule="range", detail=f"-{INTEGER_MAX}..{INTEGER_MAX}"))


def _keepable(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
