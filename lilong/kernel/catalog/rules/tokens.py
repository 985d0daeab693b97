"""How Chinese, Korean, Japanese and Latin text is cut, so that PostgreSQL's `simple` vectors find it without extensions.

Chinese and Japanese put no spaces between words and Korean puts them freely (유기농 우유, 유기농우유), so their runs are
cut into overlapping pairs of characters, and single ones for one-character queries: 新鲜牛奶 is 新鲜, 鲜牛, 牛奶 and 新, 鲜,
牛, 奶, each with its position. A query is cut the same way and asks for its pairs side by side: 牛奶 finds 新鲜牛奶 and
never 奶牛. Latin words are folded (case, width, accents) and kept whole with a light stem for English plurals; amounts are
split from their unit (500g, 500 g). GTINs are found with and without leading zeros.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

WORD_MAX = 64  # characters kept of one Latin word
RUN_MAX = 32  # characters of one Chinese or Korean run a query uses
RUNS_MAX = 16  # words a query uses
RELAXED_FROM = 4  # characters: from here on a run is taken to be several words written together
POSITION_MAX = 16_383  # tsvector's own limit

Kind = Literal["word", "stem", "pair", "single"]
Weight = Literal["A", "B", "C", "D"]

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe"
_HANGUL = "\uac00-\ud7a3"
_JAMO = "\u1100-\u11ff\u3131-\u318e"  # parts of a syllable that is still being typed: left out
_RUNS = re.compile(
    rf"(?P<cjk>[{_HAN}{_KANA}]+|[{_HANGUL}]+)"
    rf"|(?P<amount>\d+(?:\.\d+)?)(?P<unit>[a-z]{{1,3}})(?![^\W_{_HAN}{_KANA}{_HANGUL}{_JAMO}])"
    rf"|(?P<word>(?:(?<=\d)\.(?=\d)|[^\W_{_HAN}{_KANA}{_HANGUL}{_JAMO}])+)"
)
_ACCENTED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile(r"['\u2019\u02bc](?:s\b)?")
_STOP = frozenset(["a", "an", "the", "of", "and", "or", "for", "with", "in", "on", "to", "at", "by"])
_STEM_FROM, _IES_FROM = 4, 5


class Token(NamedTuple):
    text: str
    position: int
    kind: Kind


class Query(NamedTuple):
    """Two tsquery texts: what fits exactly, and the wider one to match by (a superset of it). Empty: nothing to ask."""

    strict: str
    relaxed: str


class _Run(NamedTuple):
    """Neighbouring parts of a text: the characters of a CJK run, or one word, or an amount and its unit."""

    parts: tuple[str, ...]
    cjk: bool


def folded(text: str) -> str:
    """NFKC, casefolded, Latin accents removed: Ｃａｆé -> cafe."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = _ACCENTED.sub(lambda found: unicodedata.normalize("NFD", found[0])[0], text)
    return _APOSTROPHE.sub("", _MARKS.sub("", text))


def stem(word: str) -> str:
    """English plurals only: apples -> apple, berries -> berry, boxes -> box; glass, bus and this stay."""
    if len(word) < _STEM_FROM or not word.isascii() or not word.isalpha() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) >= _IES_FROM:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "zes", "sses", "oes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def tokens(text: str, start: int = 1) -> list[Token]:
    """Every token of `text` with its position, counted from `start`."""
    made: list[Token] = []
    at = start
    for run in _runs(text):
        for n, part in enumerate(run.parts):
            if run.cjk:
                made.append(Token(part, at, "single"))
                if n + 1 < len(run.parts):
                    made.append(Token(part + run.parts[n + 1], at, "pair"))
            else:
                made.append(Token(part, at, "word"))
                if (stemmed := stem(part)) != part:
                    made.append(Token(stemmed, at, "stem"))
            at += 1
    return made


def vector(sections: Iterable[tuple[Weight, Iterable[str]]]) -> str:
    """The text form of a tsvector: each section's texts under its weight, a gap between texts."""
    places: dict[str, list[str]] = {}
    at = 1
    for weight, texts in sections:
        for text in texts:
            found = tokens(text, at)
            for token in found:
                places.setdefault(token.text, []).append(f"{min(token.position, POSITION_MAX)}{weight}")
            at = found[-1].position + 2 if found else at
    return " ".join(f"{_quoted(token)}:{','.join(at)}" for token, at in places.items())


def query(text: str) -> Query:
    """`text` as people type it: all its words must be there, the last Latin one may be unfinished."""
    runs = _runs(text)
    typing = bool(text) and not text[-1].isspace()
    kept = [run for n, run in enumerate(runs) if not _is_stop(run) or (typing and n == len(runs) - 1)] or runs
    kept = kept[:RUNS_MAX]
    strict: list[str] = []
    relaxed: list[str] = []
    for n, run in enumerate(kept):
        exact = _pairs(run.parts[:RUN_MAX]) if run.cjk else _words(run.parts, typing and n == len(kept) - 1)
        strict.append(exact)
        relaxed.append(_apart(run.parts[:RUN_MAX]) if run.cjk and len(run.parts) >= RELAXED_FROM else exact)
    return Query(" & ".join(strict), " & ".join(relaxed))


def _runs(text: str) -> list[_Run]:
    return [_run(found) for found in _RUNS.finditer(folded(text))]


def _run(found: re.Match[str]) -> _Run:
    if found["cjk"]:
        return _Run(tuple(found["cjk"]), True)
    if found["amount"]:
        return _Run((_number(found["amount"]), found["unit"]), False)
    return _Run((_number(found["word"][:WORD_MAX]),), False)


def _number(word: str) -> str:
    """GTIN-8, -12, -13 and -14 are one number with leading zeros (GS1 General Specifications, 3.3)."""
    return word.lstrip("0") or "0" if word.isdecimal() else word


def _is_stop(run: _Run) -> bool:
    return not run.cjk and run.parts[0] in _STOP


def _words(parts: Sequence[str], unfinished: bool) -> str:
    *firsts, last = parts
    stemmed = stem(last)
    ending = _quoted(stemmed)
    if unfinished:
        ending = f"{_quoted(last)}:*" if stemmed == last else f"({_quoted(last)}:* | {ending})"
    return " <-> ".join([*map(_quoted, firsts), ending])


def _pairs(characters: Sequence[str]) -> str:
    """Side by side: 新鲜牛奶 -> '新鲜' <-> '鲜牛' <-> '牛奶'. One character stands for itself."""
    if len(characters) == 1:
        return _quoted(characters[0])
    pairs = [_quoted(a + b) for a, b in pairwise(characters)]
    return pairs[0] if len(pairs) == 1 else f"({' <-> '.join(pairs)})"


def _apart(characters: Sequence[str]) -> str:
    """Several words written together, whose borders nobody marks: both ends as pairs, and every character between."""
    parts = ["".join(characters[:2]), *characters[2:-2], "".join(characters[-2:])]
    return " & ".join(map(_quoted, parts))


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"
