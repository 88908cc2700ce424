"""What a page is filtered by: chosen in its address, checked against what the log knows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tangente.web.errors import RuleError

if TYPE_CHECKING:
    from tangente.contactlog.log import ContactLog

Choices = Mapping[str, Sequence[str]]
"""For each filter what can be chosen; "last" is the last day of the log."""

PERIODS = {"52w": 52, "26w": 26, "13w": 13}
"""Weeks up to the last day of the log."""

LABELS = {
    "period": gettext_lazy("Period"),
    "segment": gettext_lazy("Segment"),
    "channel": gettext_lazy("Channel"),
    "department": gettext_lazy("Department"),
}
EVERYTHING = {
    "period": gettext_lazy("whole time"),
    "segment": gettext_lazy("all segments"),
    "channel": gettext_lazy("all channels"),
    "department": gettext_lazy("all departments"),
}
LONGEST_KEY = 200

KINDS = {"segment": "segment", "channel": "channel", "department": "unit"}
"""What the log calls them."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One value of each filter; "" is everything."""

    period: str = ""
    segment: str = ""
    channel: str = ""
    department: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str], choices: Choices) -> Self:
        """What an address asks for. Raises: RuleError naming a value that never occurs, with the nearest that does."""
        chosen = cls.unchecked(query)
        for name, value in asdict(chosen).items():
            if value and value not in choices[name]:
                raise RuleError(_unknown(name, value, choices[name]))
        return chosen

    @classmethod
    def unchecked(cls, query: Mapping[str, str]) -> Self:
        """What an address asks for, whether it occurs or not."""
        return cls(**{name: query.get(name, "") for name in LABELS})

    @property
    def key(self) -> str:
        """As it stands in the address, in one order; empty for everything."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def name(self) -> str:
        """The key, or its digest where it is long: under it answers are kept."""
        key = self.key
        return key if len(key) <= LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()

    def without(self, name: str) -> Self:
        return type(self)(**asdict(self) | {name: ""})

    def of_log(self, log: "ContactLog", last: date) -> "ContactLog":
        """The log under these filters."""
        weeks = PERIODS.get(self.period)
        return log.where(
            since=last - timedelta(days=7 * weeks - 1) if weeks else None,
            segments=_kept(self.segment),
            channels=_kept(self.channel),
            units=_kept(self.department),
        )


def _kept(value: str) -> list[str]:
    return [value] if value else []


def label_of(name: str, value: str) -> str:
    """A value as a person reads it."""
    if not value:
        return str(EVERYTHING[name])
    if name == "period":
        return ngettext("last week", "last %(n)s weeks", PERIODS[value]) % {"n": PERIODS[value]}
    return value


def _unknown(name: str, value: str, known: Sequence[str]) -> str:
    near = get_close_matches(value, known, n=1, cutoff=0.0) or [""]
    said = {"what": LABELS[name], "value": value[:60], "near": near[0]}
    if not near[0]:
        return _("%(what)s: there is no “%(value)s” in this log, nor anything else to choose.") % said
    return _("%(what)s: there is no “%(value)s” in this log; the nearest is “%(near)s”.") % said
