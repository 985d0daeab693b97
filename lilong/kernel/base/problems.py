"""Problem details (RFC 9457): what every refusal, anywhere in the house, is raised as and answered with.

A problem has a stable `code` (its type is `urn:lilong:problem:<code>`), an HTTP status, a title in the reader's language,
and for each bad input the field (an RFC 6901 JSON pointer) and the rule it broke. Raising one inside a transaction
undoes the transaction: nothing was changed.
"""

from typing import Any

import msgspec

from lilong.kernel.base.titles import title_of


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One bad input: where (`/lines/0/quantity`), which rule (`minimum`), and what to say."""

    pointer: str
    rule: str
    detail: str = ""


class Problem(Exception):
    """Base of all refusals. Subclass for a status, instantiate with a code.

    `title` (by default that of `titles.TITLES`) and `detail` may be lazy translations; `extra` members are added to the body (for example the new price).
    """

    status = 400

    def __init__(
        self,
        code: str,
        title: Any = "",
        *,
        detail: Any = "",
        violations: tuple[Violation, ...] | list[Violation] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.title = title or title_of(code)
        self.detail = detail
        self.violations = tuple(violations)
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """The RFC 9457 members, with `errors` as in the RFC's own validation example."""
        body: dict[str, Any] = {
            "type": f"urn:lilong:problem:{self.code}",
            "title": str(self.title),
            "status": self.status,
        }
        if self.detail:
            body["detail"] = str(self.detail)
        if self.violations:
            body["errors"] = [{"pointer": v.pointer, "rule": v.rule, "detail": str(v.detail)} for v in self.violations]
        return body | self.extra


class Invalid(Problem):
    """The input breaks a rule: names the field and the rule."""

    status = 422


class Unauthenticated(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class Missing(Problem):
    """No such thing, or not for this reader (the two are not told apart)."""

    status = 404


class Conflict(Problem):
    """The input is fine but the state says no: sold out, slot taken, price changed, same id with another body."""

    status = 409


class Gone(Problem):
    status = 410


class TooMany(Problem):
    """Over a rate limit. `extra['retry_after']` is in seconds."""

    status = 429


class Busy(Problem):
    """The queue is full: nothing was taken. `extra['retry_after']` is in seconds."""

    status = 503


def invalid(pointer: str, rule: str, detail: Any = "") -> Invalid:
    """The usual refusal of one bad field."""
    return Invalid("invalid", violations=[Violation(pointer=pointer, rule=rule, detail=str(detail))])
