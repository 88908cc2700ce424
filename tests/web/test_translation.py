"""The application speaks German completely: no text without its twin, none left over, nothing fuzzy, no gap lost."""

import io
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

WEB = Path(str(files("tangente.web")))
GAP = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^>]+>")
KEYWORDS = {
    name: places
    for names, places in (
        (("_", "gettext", "gettext_lazy", "gettext_noop"), None),
        (("ngettext", "ngettext_lazy"), (1, 2)),
        (("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    )
    for name in names
}


def _sources() -> Iterator[str]:
    for path in sorted(WEB.rglob("*.py")):
        yield path.read_text("utf-8")
    for path in sorted((WEB / "templates").rglob("*.*")):
        yield templatize(path.read_text("utf-8"), origin=path.name)


def _texts() -> dict[str, str]:
    """Each text of the application, with its plural form or ""."""
    found = {}
    for source in _sources():
        for _line, text, _comments, _context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
            one, *plural = text if isinstance(text, tuple) else (text,)
            found[one] = plural[0] if plural else found.get(one, "")
    return found


def _catalogue() -> Catalog:
    with (WEB / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        return read_po(file, locale="de")


def _german() -> dict[str, tuple[str, ...]]:
    pairs = ((message.id, message.string) for message in _catalogue() if message.id)
    return {
        (key if isinstance(key, str) else key[0]): ((text,) if isinstance(text, str) else text) for key, text in pairs
    }


def test_german_is_complete():
    assert sorted(_texts().keys() - {key for key, texts in _german().items() if all(texts)}) == []


def test_german_holds_nothing_that_is_not_said():
    assert sorted(_german().keys() - _texts().keys()) == []


def test_german_is_never_fuzzy():
    assert [message.id for message in _catalogue() if message.id and message.fuzzy] == []


def test_german_keeps_every_gap():
    kept = {key: {tuple(sorted(GAP.findall(text))) for text in texts} for key, texts in _german().items()}
    assert [key for key, gaps in kept.items() if len(gaps) == 1 and gaps != {tuple(sorted(GAP.findall(key)))}] == []


def test_german_addresses_formally():
    assert [
        text for texts in _german().values() for text in texts if re.search(r"\b(du|dein\w*|dich|dir)\b", text)
    ] == []
