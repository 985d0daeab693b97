"""Which texts an app asks to be translated: from its templates and from its Python, as `makemessages` would find them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.template.base import Lexer, Token, TokenType
from django.utils.text import smart_split
from django.utils.translation import trim_whitespace

PACKAGE = Path(__file__).resolve().parents[2]
_LITERAL = re.compile(r"""_\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)""")
_FUNCTIONS = {
    "gettext": (0, None, None),
    "gettext_lazy": (0, None, None),
    "gettext_noop": (0, None, None),
    "ngettext": (0, 1, None),
    "ngettext_lazy": (0, 1, None),
    "pgettext": (1, None, 0),
    "pgettext_lazy": (1, None, 0),
    "npgettext": (1, 2, 0),
    "npgettext_lazy": (1, 2, 0),
}  # fmt: skip  (position of the text, its plural, its context)


class Text(msgspec.Struct, frozen=True, order=True):
    """A text to translate: gettext's msgid, msgid_plural and msgctxt ('' is none), and the file it is first asked in."""

    id: str
    plural: str = ""
    context: str = ""
    file: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.id


def apps() -> list[Path]:
    """The folders of the house's apps: what has an `apps.py`."""
    return sorted(path.parent for path in PACKAGE.rglob("apps.py"))


def texts(app: Path) -> list[Text]:
    """What the app's own templates and modules ask for, once each; a plural wins over a singular of the same text."""
    found: dict[tuple[str, str], Text] = {}
    for file in sorted(app.rglob("*")):
        if not _belongs(file, app):
            continue
        read = {".py": _python, ".html": _template, ".txt": _template}.get(file.suffix)
        if read is None or (file.suffix != ".py" and "templates" not in file.parts):
            continue
        name = file.relative_to(PACKAGE.parent).as_posix()
        for text in read(file.read_text(encoding="utf-8"), name):
            known = found.get(text.key)
            if known is None or (text.plural and not known.plural):
                found[text.key] = text
    return [found[key] for key in sorted(found)]


def _belongs(file: Path, app: Path) -> bool:
    """Whether `app` is the nearest app around the file."""
    if "migrations" in file.parts or not file.is_file():
        return False
    nearest = next(folder for folder in file.parents if (folder / "apps.py").exists())
    return nearest == app


def _python(source: str, name: str) -> Iterator[Text]:
    tree = ast.parse(source, name)
    called = _names(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if (kind := called.get(function)) is None:
            continue
        text, plural, context = (
            "" if position is None else _constant(node.args, position) for position in _FUNCTIONS[kind]
        )
        if text:
            yield Text(text, plural or "", context or "", name)


def _names(tree: ast.Module) -> dict[str, str]:
    """What gettext's functions are called in this module: `gettext_lazy as _` makes '_' one of them."""
    names = {name: name for name in _FUNCTIONS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in _FUNCTIONS}
    return names


def _constant(arguments: list[ast.expr], position: int) -> str | None:
    """The text written there; None for what is only known when the program runs."""
    if position >= len(arguments):
        return None
    given = arguments[position]
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _template(source: str, name: str) -> Iterator[Text]:
    tokens = iter(Lexer(source).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            tag = token.contents.partition(" ")[0]
            if tag in ("translate", "trans"):
                yield from _simple(token, name)
            elif tag in ("blocktranslate", "blocktrans"):
                yield _block(token, tokens, name)
        if token.token_type in (TokenType.BLOCK, TokenType.VAR):
            yield from (Text(_doubled(_unquoted(literal)), file=name) for literal in _LITERAL.findall(token.contents))


def _simple(token: Token, name: str) -> Iterator[Text]:
    bits = list(smart_split(token.contents))
    written = bits[1].partition("|")[0]
    if written[:1] in "\"'":
        yield Text(_doubled(_unquoted(written)), context=_context(bits), file=name)


def _block(token: Token, tokens: Iterator[Token], name: str) -> Text:
    bits = list(smart_split(token.contents))
    parts, plural = [""], False
    for inner in tokens:
        if inner.token_type == TokenType.BLOCK:
            tag = inner.contents.partition(" ")[0]
            if tag in ("endblocktranslate", "endblocktrans"):
                break
            plural = tag == "plural"
            parts.append("")
        elif inner.token_type == TokenType.VAR:
            parts[-1] += f"%({inner.contents})s"
        elif inner.token_type == TokenType.TEXT:
            parts[-1] += _doubled(inner.contents)
    if "trimmed" in bits:
        parts = [trim_whitespace(part) for part in parts]
    return Text(parts[0], parts[1] if plural else "", _context(bits), name)


def _context(bits: list[str]) -> str:
    return _unquoted(bits[bits.index("context") + 1]) if "context" in bits else ""


def _unquoted(literal: str) -> str:
    return str(ast.literal_eval(literal))


def _doubled(text: str) -> str:
    """Templates look texts up with their per cent signs doubled."""
    return text.replace("%", "%%")
