"""The application's German: compiled from its .po file into the data folder, so that nobody needs GNU gettext."""

import hashlib
from importlib.resources import files
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CODES = ("de",)


def compiled(folder: Path) -> Path:
    """Where Django finds the translations, below `folder`; compiled anew when a source differs."""
    sources = {code: files("tangente.web").joinpath("locale", code, "LC_MESSAGES", "django.po") for code in CODES}
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources.values())).hexdigest()[:16]
    place = folder / f"locale-{digest}"
    for code, source in sources.items():
        target = place / code / "LC_MESSAGES" / "django.mo"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with source.open("rb") as text, target.with_suffix(".making").open("wb") as made:
                write_mo(made, read_po(text, locale=code))
            target.with_suffix(".making").replace(target)
    return place
