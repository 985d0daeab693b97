"""Every problem that the code can raise has a title, in three languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import lilong
from lilong.kernel.base.http import _CODES
from lilong.kernel.base.titles import TITLES, title_of

KINDS = {"Invalid", "Unauthenticated", "Forbidden", "Missing", "Conflict", "Gone", "TooMany", "Busy", "Problem"}


def raised() -> Iterator[tuple[str, bool, str]]:
    """(code, whether it brings a title, file) of each problem made from a literal code anywhere in the house."""
    root = Path(lilong.__file__).parent
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    titled = len(node.args) > 1 or any(word.arg == "title" for word in node.keywords)
                    yield code.value, titled, file.relative_to(root).as_posix()


def test_every_code_has_a_title():
    found = list(raised())
    assert len(found) > 100
    assert [(code, file) for code, titled, file in found if not titled and code not in TITLES] == []
    assert [code for code in _CODES.values() if code not in TITLES] == []


@pytest.mark.parametrize("language", ["zh-hans", "ko"])
def test_every_title_is_translated(language: str):
    english = {code: str(title) for code, title in TITLES.items()}
    with translation.override(language):
        assert [code for code, title in TITLES.items() if str(title) == english[code]] == []


@pytest.mark.parametrize(
    ("code", "titles"),
    [
        ("sold-out", ("Sold out", "售罄", "품절")),
        ("ledger-insufficient", ("There is not enough.", "数量不足。", "부족합니다.")),
        ("insufficient-funds", ("There is not enough money in the wallet.", "钱包余额不足。", "지갑 잔액이 부족합니다.")),
    ],
)  # fmt: skip
def test_a_title_is_read_in_the_readers_language(code: str, titles: tuple[str, ...]):
    title, found = title_of(code), []
    for language in ("en", "zh-hans", "ko"):
        with translation.override(language):
            found.append(str(title))
    assert tuple(found) == titles
