"""What the environment says: every setting with its meaning, read once when Django starts.

docs/reference/settings.md is made from `SETTINGS`.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tangente.contactlog.disk import write_synced
from tangente.web.errors import SettingError


@dataclass(frozen=True)
class Setting:
    """A variable of the environment; `default` as people would write it, "" where there is none."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("TANGENTE_DATA", "tangente-data", "The one folder of everything: database, contact logs, uploads, keys."),
    Setting(
        "TANGENTE_URL",
        "",
        "The address people type, as https://tangente.example.com. It says which host is answered, and with https "
        "cookies travel encrypted only.",
    ),
    Setting(
        "TANGENTE_TRUSTED_PROXY",
        "no",
        "yes: a proxy in front sets X-Forwarded-Proto and X-Forwarded-For itself; otherwise both are ignored.",
    ),
    Setting(
        "DATABASE_URL", "", "As postgres://user:password@host/name; left out: SQLite in the data folder, in WAL mode."
    ),
    Setting("TANGENTE_SECRET_KEY", "", "Signs sessions and links; left out: one is made and kept in the data folder."),
    Setting("TANGENTE_OLD_SECRET_KEYS", "", "Earlier keys, separated by commas, that are still accepted."),
    Setting(
        "TANGENTE_MAIL_URL",
        "",
        "As smtp+tls://user:password@host:587; left out: invitations are links to be handed over.",
    ),
    Setting("TANGENTE_MAIL_FROM", "tangente@localhost", "Who mail comes from."),
    Setting(
        "TANGENTE_UPLOAD_MIB", "2048", "The most that is received at once to be imported; the proxy must let it pass."
    ),
    Setting(
        "TANGENTE_WORKER_MIB",
        "500",
        "A worker that holds more memory and has nothing to do ends, and a new one takes its place.",
    ),
    Setting("TANGENTE_LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR; lines of JSON go to standard error."),
    Setting(
        "TANGENTE_DEVELOPMENT",
        "no",
        "yes: pages of errors show the code, /design shows every component. Never where others can reach it.",
    ),
)
"""Everything that can be set; the contact log's own TANGENTE_LOG_KEY is described with it."""

NAMES = frozenset(setting.name for setting in SETTINGS)
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}
YES, NO = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off", ""})

SECRET_KEY_FILE = "secret-key"  # noqa: S105 - where it lies, not what it is


class Environment:
    """The settings as the environment has them; a value that cannot be meant is refused by name."""

    def __init__(self, values: Mapping[str, str] = os.environ) -> None:
        self._values = values

    def text(self, name: str) -> str:
        return self._values.get(name) or DEFAULTS[name]

    def is_on(self, name: str) -> bool:
        said = self.text(name).lower()
        if said not in YES | NO:
            raise SettingError(f"{name} is {said!r}; write yes or no")
        return said in YES

    def whole_number(self, name: str) -> int:
        said = self.text(name)
        if not said.isdecimal():
            raise SettingError(f"{name} is {said!r}; write a whole number")
        return int(said)

    def several(self, name: str) -> list[str]:
        return [one for one in (part.strip() for part in self.text(name).split(",")) if one]

    @property
    def data(self) -> Path:
        """The data folder; it is there afterwards, for nobody else to look into."""
        folder = Path(self.text("TANGENTE_DATA")).expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    @property
    def url(self) -> str:
        """The address people type, without a slash at its end; "" if nobody said."""
        address = self.text("TANGENTE_URL").rstrip("/")
        if address and urlsplit(address).scheme not in ("http", "https"):
            raise SettingError(f"TANGENTE_URL is {address!r}; it begins with http:// or https://")
        return address

    @property
    def secret_key(self) -> str:
        """The key of signatures; made and kept if nobody gave one."""
        given = self.text("TANGENTE_SECRET_KEY")
        if given:
            return given
        file = self.data / SECRET_KEY_FILE
        if not file.exists():
            write_synced(file, secrets.token_urlsafe(48).encode(), mode=0o600)
        return file.read_text("ascii")
