"""Serial Shipping Container Codes (GS1 General Specifications, sections 2.2.1 and 7.9.1) and what else names things to others."""

from uuid import UUID

from lilong.kernel.base.problems import invalid

PREFIX_LENGTHS = range(6, 13)
_DIGITS = 17  # without the check digit: extension, company prefix, serial reference
_LENGTH = 18


def check_digit(body: str) -> int:
    """The check digit after these digits: weights 3 and 1 from the right."""
    total = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(reversed(body)))
    return -total % 10


def require_prefix(prefix: str, extension: int) -> None:
    """Raises Invalid `/prefix` (digits, length) or `/extension`."""
    if not (prefix.isascii() and prefix.isdigit()):
        raise invalid("/prefix", "digits")
    if len(prefix) not in PREFIX_LENGTHS:
        raise invalid("/prefix", "length", "6..12")
    if not 0 <= extension <= 9:  # noqa: PLR2004 (one digit)
        raise invalid("/extension", "range", "0..9")


def capacity(prefix: str) -> int:
    """How many serial references a prefix has under one extension digit."""
    return 10 ** (_DIGITS - 1 - len(prefix))


def sscc(prefix: str, extension: int, serial: int) -> str:
    """The 18 digits. Raises ValueError for a serial reference that does not fit."""
    if not 0 <= serial < capacity(prefix):
        raise ValueError("the prefix is used up")
    body = f"{extension}{prefix}{serial:0{_DIGITS - 1 - len(prefix)}d}"
    return f"{body}{check_digit(body)}"


def is_sscc(text: str) -> bool:
    return len(text) == _LENGTH and text.isascii() and text.isdigit() and check_digit(text[:-1]) == int(text[-1])


def epc_urn(code: str, prefix: str) -> str:
    """`urn:epc:id:sscc:<company prefix>.<extension and serial reference>` (EPC Tag Data Standard, section 6.3.2)."""
    return f"urn:epc:id:sscc:{prefix}.{code[0]}{code[1 + len(prefix) : -1]}"


def of_urn(text: str) -> str | None:
    """The 18 digits that such a URN means; None for anything else."""
    head, _, rest = text.rpartition(":")
    prefix, dot, serial = rest.partition(".")
    if head != "urn:epc:id:sscc" or not dot or not (prefix + serial).isdigit() or not serial:
        return None
    body = f"{serial[0]}{prefix}{serial[1:]}"
    return f"{body}{check_digit(body)}" if len(body) == _DIGITS else None


def uuid_urn(id: UUID) -> str:
    """What is not numbered by GS1 is named by its id here: an honest URI, understood by nobody else's resolver."""
    return f"urn:uuid:{id}"


def of_uuid_urn(text: str) -> UUID | None:
    if not text.startswith("urn:uuid:"):
        return None
    try:
        return UUID(text.removeprefix("urn:uuid:"))
    except ValueError:
        return None
