"""The unified social credit code of a Chinese organisation (GB 32100-2015), which is also its tax number."""

from lilong.kernel.base.problems import invalid

LENGTH = 18
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def check_character(body: str) -> str:
    """The 18th character for the first 17."""
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def require(text: str, pointer: str = "/tax_number") -> str:
    """The code in capitals. Raises Invalid with rule `length`, `characters` or `check-digit`."""
    code = text.strip().upper()
    if len(code) != LENGTH:
        raise invalid(pointer, "length", LENGTH)
    if any(character not in _ALPHABET for character in code):
        raise invalid(pointer, "characters")
    if check_character(code[:-1]) != code[-1]:
        raise invalid(pointer, "check-digit")
    return code
