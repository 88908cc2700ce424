"""What the components show on the sample page; the figures are invented."""

from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.safestring import SafeString, mark_safe

from tangente.charts.marks import experience_bar
from tangente.charts.sparkline import sparkline
from tangente.charts.whisker import Axis, dot_whisker, whisker_head
from tangente.web.listing import Column, Listing
from tangente.web.overview.filtering import Chip, Filter, FilterBar
from tangente.web.tags import number

AXIS = Axis(3, 9, 6.0, 7.5)
WEEKS = (26.1, 24.8, 27.9, 25.5, 26.6, 24.2, 28.1, 26.9, 25.1, 27.2)


@dataclass(frozen=True)
class Touchpoint:
    """A row of the sample table; without a mean, too few answered."""

    name: str
    department: str
    n: int
    contacts: int
    mean: float | None = None
    low: float = 0.0
    high: float = 0.0
    judgement: str = ""
    step: int = 1
    evidence: str = "asked"
    is_key: bool = False
    is_stale: bool = False

    @property
    def stands_at(self) -> str:
        return STEPS[self.step - 1]

    @cached_property
    def whisker(self) -> SafeString:
        if self.mean is None:
            return SafeString()
        label = f"{number(self.mean, 1)}, {number(self.low, 1)}–{number(self.high, 1)}, {self.judgement}"
        return mark_safe(dot_whisker(AXIS, self.mean, self.low, self.high, label))  # noqa: S308 - label escaped


TOUCHPOINTS = (
    Touchpoint("Day of the switch", "Network", 121, 2_140, 5.1, 4.5, 5.7, "surely below the standard", 2, is_key=True),
    Touchpoint("Hotline: report a fault", "Technical service", 412, 18_420, 6.4, 5.9, 6.9, "undecided", 4, is_key=True),
    Touchpoint("Bill, as PDF and letter", "Billing", 1_204, 412_000, 6.8, 6.6, 7.0, "surely above the standard", 3),
    Touchpoint("Moving house", "Customer service", 133, 780, 8.0, 7.6, 8.4, "target surely reached"),
    Touchpoint("Birthday greeting", "Marketing", 52, 1_100, 7.2, 6.8, 7.6, "above, 14 months old", is_stale=True),
    Touchpoint("Call back after notice", "Retention", 24, 1_120),
    Touchpoint("Router by post", "Logistics", 0, 2_600, evidence="assumed"),
    Touchpoint("Yearly letter", "Marketing", 310, 22_300, 6.7, 6.4, 7.0, "surely above the standard"),
)
COLUMNS = (
    Column("name", "Touchpoint", "name"),
    Column("whisker", "Judgement", is_wide=True, scale=mark_safe(whisker_head(AXIS, ("3", "6", "9")))),  # noqa: S308 - digits
    Column("n", "n", "n", is_number=True, is_wide=True),
    Column("contacts", "Contacts a month", "contacts", is_number=True),
    Column("step", "Stands at", "step"),
)
TABS = (
    {"name": "Experience", "url": "#dialogs", "is_here": True},
    {"name": "Cost", "url": "#dialogs"},
    {"name": "Course", "url": "#dialogs"},
)
STEPS = ("As is", "To be", "To do", "Check")


@dataclass(frozen=True)
class Phase:
    """A phase of the journey, with what its answers say."""

    name: str
    touchpoints: int
    shares: tuple[float, float, float]
    is_here: bool = False
    url: str = "#ribbon"

    @property
    def bar(self) -> SafeString:
        bad, okay, good = (round(100 * share) for share in self.shares)
        label = f"{bad}% disappointed, {okay}% okay, {good}% delighted"
        return mark_safe(experience_bar(self.shares, label))  # noqa: S308 - label escaped


PHASES = (
    Phase("Being influenced", 31, (0.22, 0.56, 0.22)),
    Phase("Preparing to buy", 28, (0.15, 0.58, 0.27)),
    Phase("Buying", 22, (0.19, 0.55, 0.26)),
    Phase("Use and loyalty", 42, (0.34, 0.50, 0.16), is_here=True),
    Phase("Influencing others", 25, (0.26, 0.47, 0.27)),
)


def listing(query: QueryDict) -> tuple[Listing, list[Touchpoint]]:
    """The sample table as the address wants it."""
    shown = Listing(COLUMNS, query, len(TOUCHPOINTS), 7)
    key = shown.order.removeprefix("-")
    rows = sorted(TOUCHPOINTS, key=lambda row: getattr(row, key), reverse=shown.order.startswith("-"))
    return shown, rows[shown.rows]


def filters() -> FilterBar:
    """Two filters to choose from, and one that is on."""
    channels = [("", "all channels", True), ("phone", "telephone", False)]
    phases = [("", "all phases", False), ("4", "Use and loyalty", True)]
    return FilterBar(
        filters=[Filter("channel", "Channel", channels), Filter("phase", "Phase", phases)],
        chips=[Chip("Phase: Use and loyalty", "")],
    )


def series() -> list[tuple[str, SafeString]]:
    """A series within what chance explains, and one that leaves it."""
    told = (("within what chance explains", WEEKS), ("latest week above the limit", (*WEEKS[:-1], 31.4)))
    return [
        (text, mark_safe(sparkline(values, 22.7, 26.2, 29.7, 4, text)))  # noqa: S308 - label escaped
        for text, values in told
    ]
