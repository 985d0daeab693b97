"""Every text of the interface is there in every language, and compiled."""

from pathlib import Path

import pytest

from lilong.site.messages import catalogue
from lilong.site.messages.extract import PACKAGE, Text, _python, _template, apps


@pytest.mark.parametrize("language", sorted(catalogue.LANGUAGES))
@pytest.mark.parametrize("app", apps(), ids=lambda app: app.relative_to(PACKAGE).as_posix())
def test_catalogue_is_complete_and_compiled(app: Path, language: str) -> None:
    assert catalogue.findings(app, language) == []


def test_texts_are_found_in_templates() -> None:
    source = (
        '{% translate "One" %}{% translate "Two" context "c" %}{% button _("Three") href=x %}{{ _("Four")|upper }}'
        "{% blocktranslate with a=b %}5% of {{ a }}{% endblocktranslate %}"
        "{% blocktranslate count n=x %}{{ n }} door{% plural %}{{ n }} doors{% endblocktranslate %}"
        "{% blocktranslate trimmed %}\n  six\n  seven\n{% endblocktranslate %}{% translate variable %}"
    )
    assert [(text.id, text.plural, text.context) for text in _template(source, "t.html")] == [
        ("One", "", ""),
        ("Two", "", "c"),
        ("Three", "", ""),
        ("Four", "", ""),
        ("5%% of %(a)s", "", ""),
        ("%(n)s door", "%(n)s doors", ""),
        ("six seven", "", ""),
    ]


def test_texts_are_found_in_python() -> None:
    source = (
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext_lazy as p, gettext as say\n"
        'a = _("One" " and more")\nb = ngettext("%d door", "%d doors", n)\nc = p("money", "Balance")\nd = say(f"{a}")\n'
        'e = other("No")\n'
    )
    assert sorted(_python(source, "t.py")) == [
        Text("%d door", "%d doors", "", "t.py"),
        Text("Balance", "", "money", "t.py"),
        Text("One and more", "", "", "t.py"),
    ]


def test_an_update_keeps_translations_and_drops_what_nobody_asks_for(tmp_path: Path, monkeypatch: object) -> None:
    app = PACKAGE / "ui"
    monkeypatch.setattr(catalogue, "path", lambda app, language: tmp_path / language / "django.po")
    first = catalogue.update(app, "ko")
    assert first and all(finding.startswith("empty: ") for finding in first)
    file = tmp_path / "ko" / "django.po"
    import polib

    kept = polib.pofile(str(file))
    for entry in kept:
        entry.msgstr, entry.msgstr_plural = ("", {0: entry.msgid_plural}) if entry.msgid_plural else (entry.msgid, {})
    kept.append(polib.POEntry(msgid="Nobody asks for this", msgstr="x"))
    kept.save(str(file))
    assert catalogue.update(app, "ko") == []
    assert polib.pofile(str(file)).find("Nobody asks for this") is None


@pytest.mark.parametrize("language", sorted(catalogue.LANGUAGES))
def test_one_text_is_translated_in_one_way(language: str) -> None:
    assert catalogue.conflicts(apps(), language) == {}
