"""What a page is filtered by: chosen in its address, checked against what the log knows."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """One value of each filter, "" is everything; and to which units whoever asks is limited, None: to none.

    The limit is no part of an address: who asks decides it.
    """

    period: str = ""
    segment: str = ""
    channel: str = ""
    department: str = ""
    units: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if self.units == ():
            raise ValueError("a limit to no unit at all would be none")  # to a log no names mean all of them

    @classmethod
    def read(cls, query: Mapping[str, str], choices: Choices, units: tuple[str, ...] | None = None) -> Self:
        """What an address asks for. Raises: RuleError naming a value that never occurs, with the nearest that does."""
        chosen = cls.unchecked(query, units)
        for name, value in chosen.values.items():
            if value not in choices[name]:
                raise RuleError(_unknown(name, value, choices[name]))
        return chosen

    @classmethod
    def unchecked(cls, query: Mapping[str, str], units: tuple[str, ...] | None = None) -> Self:
        """What an address asks for, whether it occurs or not."""
        return cls(**{name: query.get(name, "") for name in LABELS}, units=units)

    @property
    def values(self) -> dict[str, str]:
        """The filters that are on."""
        return {name: value for name in LABELS if (value := getattr(self, name))}

    @property
    def key(self) -> str:
        """As it stands in the address, in one order; empty for everything."""
        return urlencode(self.values)

    @property
    def name(self) -> str:
        """The key, or a digest where it is long or there is a limit: under it answers are kept."""
        if self.units is None and len(self.key) <= LONGEST_KEY:
            return self.key
        return hashlib.sha256(json.dumps([self.key, self.units]).encode()).hexdigest()

    def without(self, name: str) -> Self:
        return type(self)(**{**self.values, name: ""}, units=self.units)

    def of_log(self, log: "ContactLog", last: date) -> "ContactLog":
        """The log under these filters, and within the limit."""
        weeks = PERIODS.get(self.period)
        return log.where(units=self.units or ()).where(
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
