"""log.toml: what a log folder says of itself, fixed when the log is made."""

import json
import re
import tomllib
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tangente.contactlog.keys import KEY_VARIABLE
from tangente.errors import ContactLogError
from tangente.messages import Message

FILE = "log.toml"
VERSION = 2
MOST_BUCKETS = 400  # an import holds a file open for each, of either table


class Settings(NamedTuple):
    """Version of the log, currency, reporting time zone, number of buckets, its place, and what tells its key."""

    version: int
    currency: str
    timezone: str
    buckets: int
    folder: str
    key_mark: str

    def text(self) -> str:
        """As they stand in log.toml."""
        lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in self._asdict().items())
        return "".join(lines)


def read_settings(folder: Path) -> Settings:
    """The settings of the log in a folder. Raises: ContactLogError if there is none, or not of this place or version."""
    try:
        found = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if (folder / "catalog.db").exists():
            raise ContactLogError(
                Message("E-RECORD", "{folder} lacks its log.toml; restore it from a backup", folder=folder)
            ) from None
        raise ContactLogError(
            Message(
                "E-LOG",
                "{folder} is no contact log: it has no log.toml; `tangente log append` makes one",
                folder=folder,
            )
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ContactLogError(
            Message("E-LOG", "{file} is damaged ({reason}); restore it from a backup", file=folder / FILE, reason=error)
        ) from None
    missing = sorted({*Settings._fields} - found.keys())
    if missing:
        raise ContactLogError(
            Message("E-LOG", "{file} lacks {names}; restore it from a backup", file=folder / FILE, names=missing)
        )
    settings = Settings(**{name: found[name] for name in Settings._fields})
    if settings.version != VERSION:
        raise ContactLogError(_other_version(folder, settings.version))
    if settings.folder != str(folder):
        raise ContactLogError(
            Message(
                "E-MOVED",
                "{folder} was moved or copied from {place}; Iceberg tables name their place, so open it there",
                folder=folder,
                place=settings.folder,
            )
        )
    return settings


def _other_version(folder: Path, version: int) -> Message:
    if version > VERSION:
        return Message(
            "E-VERSION",
            "{folder} was made by a newer Tangente (log version {version}); update Tangente",
            folder=folder,
            version=version,
        )
    return Message(
        "E-VERSION",
        "{folder} was made by an older Tangente (log version {version}); append its files to a new log",
        folder=folder,
        version=version,
    )


def check_key_mark(folder: Path, own: str, stored: str) -> None:
    """Refuse a log under another key than the one it was begun with."""
    if own != stored:
        raise ContactLogError(
            Message(
                "E-KEY",
                "{folder} was begun with another key; customers would count twice. Restore its file `key`, or set or unset "
                "{variable} as it was then",
                folder=folder,
                variable=KEY_VARIABLE,
            )
        )


def check_settings(currency: str, timezone: str, buckets: int) -> None:
    """Refuse settings that cannot be."""
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ContactLogError(
            Message("E-SETTING", "currency is “{value}”; it must be an ISO 4217 code such as EUR", value=currency)
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ContactLogError(
            Message("E-SETTING", "timezone is “{value}”; it must be an IANA name such as Europe/Berlin", value=timezone)
        ) from None
    if not 1 <= buckets <= MOST_BUCKETS:
        raise ContactLogError(f"buckets is {buckets}; it must be between 1 and {MOST_BUCKETS}")
