"""An app's catalogues: brought up to date with what its source asks for, checked, compiled. polib is a tool of developers."""

import re
from collections.abc import Iterable
from pathlib import Path

import polib

from lilong.site.messages.extract import Text, texts

LANGUAGES = {"zh_Hans": "nplurals=1; plural=0;", "ko": "nplurals=1; plural=0;"}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|(?<!%)%(?:%%)*[sd](?![A-Za-z])|\{\w+\}")


def path(app: Path, language: str) -> Path:
    return app / "locale" / language / "LC_MESSAGES" / "django.po"


def update(app: Path, language: str) -> list[str]:
    """Adds what is new, drops what nobody asks for any more, compiles. Answers what still wants a translation."""
    wanted = texts(app)
    file = path(app, language)
    if not wanted and not file.exists():
        return []
    before = {(entry.msgctxt or "", entry.msgid): entry for entry in _read(file)}
    catalogue = polib.POFile(wrapwidth=120)
    catalogue.metadata = {
        "Project-Id-Version": "lilong",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": LANGUAGES[language],
    }
    catalogue.extend(_entry(text, before.get(text.key)) for text in wanted)
    file.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(file))
    catalogue.save_as_mofile(str(file.with_suffix(".mo")))
    return findings(app, language)


def findings(app: Path, language: str) -> list[str]:
    """What is wrong with a catalogue: texts missing, empty, fuzzy, with other placeholders, or not compiled."""
    wanted = texts(app)
    known = {(entry.msgctxt or "", entry.msgid): entry for entry in _read(path(app, language))}
    wrong = [problem for text in wanted for problem in _wrong(text, known.get(text.key))]
    compiled = path(app, language).with_suffix(".mo")
    built = polib.mofile(str(compiled)) if compiled.exists() else []
    if _translations(known.values()) != _translations(built):
        wrong.append(f"{compiled.name} is not what {path(app, language).name} says: compile it")
    return wrong


def conflicts(apps: Iterable[Path], language: str) -> dict[tuple[str, str], dict[str, str]]:
    """Texts that apps translate in different ways, as {(context, text): {translation: an app that says so}}.

    Django keeps one catalogue for all apps: of two translations one app would show the other's. Give one of the texts a
    context, other words, or the same translation.
    """
    said: dict[tuple[str, str], dict[str, str]] = {}
    for app in apps:
        for entry in _read(path(app, language)):
            words = entry.msgstr or "".join(entry.msgstr_plural.values())
            if words:
                said.setdefault((entry.msgctxt or "", entry.msgid), {})[words] = app.name
    return {key: ways for key, ways in said.items() if len(ways) > 1}


def _read(file: Path) -> list[polib.POEntry]:
    return [entry for entry in polib.pofile(str(file)) if not entry.obsolete] if file.exists() else []


def _entry(text: Text, before: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.id, msgctxt=text.context or None, occurrences=[(text.file, "")])
    if _PLACEHOLDER.search(text.id):
        entry.flags.append("python-format")
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: _said(before) if before else ""}
    else:
        entry.msgstr = _said(before) if before else ""
    return entry


def _said(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr


def _wrong(text: Text, entry: polib.POEntry | None) -> list[str]:
    if entry is None:
        return [f"missing: {text.id!r} ({text.file})"]
    said = list(entry.msgstr_plural.values()) if text.plural else [entry.msgstr]
    if not said or not all(said):
        return [f"empty: {text.id!r} ({text.file})"]
    if entry.fuzzy:
        return [f"fuzzy: {text.id!r} ({text.file})"]
    asked = set(_PLACEHOLDER.findall(text.plural or text.id))
    return [
        f"placeholders differ: {text.id!r} -> {each!r}" for each in said if set(_PLACEHOLDER.findall(each)) != asked
    ]


def _translations(entries: Iterable[polib.POEntry | polib.MOEntry]) -> dict[tuple[str, str], list[str]]:
    """What is said, without what is empty or only guessed at."""
    said = {
        (entry.msgctxt or "", entry.msgid): list(entry.msgstr_plural.values()) or [entry.msgstr]
        for entry in entries
        if "fuzzy" not in getattr(entry, "flags", ())
    }
    return {key: words for key, words in said.items() if any(words)}
