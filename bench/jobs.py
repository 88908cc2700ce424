"""What is measured: the jobs, who does them, and what must hold. Needs nothing but Python, for peers read it, too."""

from math import isclose
from typing import NamedTuple

from tools import Answer

QUERIES = ("duckdb", "polars")
"""They answer by the best query we could write on the same stored files, ties in time broken by the sequence."""

LIBRARIES = ("pm4py", "retentioneering", "ChannelAttribution")

TOOLS = {
    "import": ("ours", "limit"),
    "profile": ("ours", "limit", *QUERIES),
    "flow": ("ours", "limit", *QUERIES, "pm4py", "retentioneering"),
    "variants": ("ours", "limit", *QUERIES, "pm4py"),
    "attribution": ("ours", "limit", *QUERIES, "ChannelAttribution"),
    "funnel": ("ours", "limit", *QUERIES, "retentioneering"),
    "append": ("ours", "limit"),
}
"""In this order: the questions are asked of the log that `import` makes anew, and that `append` adds to."""

EXACT = "duckdb"
"""Ours must equal its answer."""


class Target(NamedTuple):
    """Our seconds may be at most so many times those of the fastest of some tools."""

    job: str
    against: tuple[str, ...]
    at_most: float


TARGETS = (
    Target("profile", QUERIES, 1 / 8),
    Target("profile", ("limit",), 5),
    Target("flow", ("retentioneering",), 1 / 40),
    Target("flow", ("pm4py",), 1 / 80),
    Target("flow", QUERIES, 1 / 3),
    Target("flow", ("limit",), 10),
    Target("variants", ("pm4py",), 1 / 25),
    Target("variants", QUERIES, 1 / 4),
    Target("variants", ("limit",), 12),
    Target("attribution", ("ChannelAttribution",), 1 / 50),
    Target("attribution", QUERIES, 1 / 20),
    Target("funnel", ("retentioneering",), 1 / 10),
    Target("funnel", QUERIES, 1 / 12),
    Target("funnel", ("limit",), 4),
    Target("import", ("limit",), 3),
    Target("append", ("limit",), 1 / 5),
)
"""Of 10 million contacts on two cores; they count only where the answers agree."""

MOST_MIB = {10_000_000: 2_048, 100_000_000: 4_096}
"""Memory of any job of ours, by the number of contacts up to which it holds."""

MOST_MS_SMALL = 20
MOST_FIRST_S = 10
"""Of a question to 10,000 contacts; and of the first analysis of them, nothing compiled yet."""

LAST_DIGIT = 1e-12
"""Finer than the microsecond of a wait, and the last digit that our removal effects keep."""


def agree(ours: Answer, exact: Answer) -> bool:
    """Whether our answer has all that the other has, with equal numbers."""
    return ours.keys() == exact.keys() and all(
        name in ours[key] and _equal(ours[key][name], value)
        for key, row in exact.items()
        for name, value in row.items()
    )


def difference(ours: Answer, theirs: Answer) -> str:
    """In words, how far the answer of a peer is from ours in what both say."""
    if ours.keys() != theirs.keys():
        return f"other rows: {len(theirs):,} instead of {len(ours):,}, {len(ours.keys() & theirs.keys()):,} of them the same"
    pairs = [(ours[key][name], row[name]) for key, row in theirs.items() for name in ours[key].keys() & row.keys()]
    off = [abs((b or 0) - (a or 0)) / abs(a or b or 1) for a, b in pairs if not _equal(a, b)]
    if not off:
        return "equal"
    return f"{len(off):,} of {len(pairs):,} numbers differ, by {sum(off) / len(pairs):.1%} on average, {max(off):.0%} at most"


def _equal(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=LAST_DIGIT, abs_tol=LAST_DIGIT)
