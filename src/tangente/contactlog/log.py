"""The contact log as questions see it: buckets of histories under filters."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket
from tangente.contactlog.splicing import Columns, frozen
from tangente.errors import QuestionError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000  # µs
LONGEST_DAYS = 36_525
NAMED = ("touchpoint", "channel", "reason", "unit", "role", "segment")
WHO = ("outcome", "touchpoint")


class Summary(Protocol):
    """What a pass fills: whole numbers that add up over buckets, mostly an array of them."""

    def __add__(self, other: Any, /) -> Any: ...


S = TypeVar("S", bound=Summary)
T = TypeVar("T")


class Engine(Protocol):
    """What runs a pass over the buckets of a log, as its filters leave them; `passes.py` says what comes back."""

    def fold(self, log: "ContactLog", start: Callable[[], S], visit: Callable[[S, Bucket], None]) -> S:
        """Let `visit` add every bucket to summaries begun by `start`, and add these up."""

    def gather(self, log: "ContactLog", visit: Callable[[Bucket], T]) -> list[T]:
        """What `visit` makes of each bucket, in the order of the buckets."""


@dataclass(frozen=True)
class Filters:
    """What a filtered log keeps; empty means everything.

    since, before: first moment kept and first no longer kept, in µs UTC; names: per kind the codes kept; who: what a
    customer must have done, each any one of some (kind, code).
    """

    since: int | None = None
    before: int | None = None
    names: Mapping[str, frozenset[int]] = field(default_factory=dict)
    who: frozenset[frozenset[tuple[str, int]]] = frozenset()

    @property
    def key(self) -> Hashable:
        """Equal for equal filters."""
        return self.since, self.before, frozenset(self.names.items()), self.who


@dataclass(frozen=True)
class ContactLog:
    """Everything that happened, ready for questions; filters and names apply to every question alike.

    Attributes:
        stored: the buckets, unfiltered.
        codes: the names behind the codes.
        currency: ISO 4217 code of all amounts.
        timezone: reporting time zone: where a day, week or month begins.
        engine: what runs the passes; None: the threads of this machine.
        kept: buckets as filters left them, by index and what they were filtered by; None: they are filtered anew.
    """

    stored: Sequence[Bucket]
    codes: Codes
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    filters: Filters = field(default_factory=Filters)
    renamed: Mapping[int, int] = field(default_factory=dict)
    engine: Engine | None = None
    kept: dict[Hashable, Bucket] | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """What goes with a pass to where the buckets are: all but these."""
        return vars(self) | {"stored": (), "engine": None, "kept": None}

    def where(
        self,
        *,
        since: date | None = None,
        before: date | None = None,
        touchpoints: Sequence[str] = (),
        channels: Sequence[str] = (),
        reasons: Sequence[str] = (),
        units: Sequence[str] = (),
        roles: Sequence[str] = (),
        segments: Sequence[str] = (),
        customers_who: Sequence[str | tuple[str, ...]] = (),
        customers_with_outcome: Sequence[str] = (),
    ) -> "ContactLog":
        """The same log with only the contacts and ratings that pass; every question then sees nothing else.

        Args:
            since: first day kept, in the reporting time zone.
            before: first day no longer kept.
            touchpoints, channels, reasons, units, roles, segments: names kept; none means all. A rating takes what it
                lacks from the contact it judges; where that is unknown too, it does not pass.
            customers_who: touchpoints or outcomes, each of which a customer must have had at any time; of several in a
                tuple any one.
            customers_with_outcome: outcomes alike, where a touchpoint of the same name shall not count.
        Raises: QuestionError naming a value that never occurs, with the nearest that does.

        >>> from tangente.contactlog.testing import journeys
        >>> log = journeys("anna: ad shop", "ben: ad")
        >>> sum(len(bucket.contacts["customer"]) for bucket in log.where(customers_who=["shop"]).buckets())
        2
        >>> sum(len(bucket.contacts["customer"]) for bucket in log.where(customers_who=[("ad", "shop")]).buckets())
        3
        >>> log = journeys("anna: ad ad!exit", "ben: exit")
        >>> sum(len(bucket.contacts["customer"]) for bucket in log.where(customers_with_outcome=["exit"]).buckets())
        2
        """
        chosen = dict(zip(NAMED, (touchpoints, channels, reasons, units, roles, segments), strict=True))
        names = dict(self.filters.names)
        for kind, values in chosen.items():
            if values:
                codes = frozenset(code for value in values for _, code in self._named([kind], value))
                names[kind] = names[kind] & codes if kind in names else codes
        starts = [at for at in (self.filters.since, self._midnight(since)) if at is not None]
        ends = [at for at in (self.filters.before, self._midnight(before)) if at is not None]
        met = [(value,) if isinstance(value, str) else value for value in customers_who]
        who = self.filters.who | {frozenset().union(*(self._named(WHO, value) for value in values)) for values in met}
        who |= {self._named(["outcome"], value) for value in customers_with_outcome}
        return replace(self, filters=Filters(max(starts, default=None), min(ends, default=None), names, who))

    def with_names(self, names: Mapping[str, str]) -> "ContactLog":
        """The same log with touchpoints renamed, old name → new name; several may become one.

        >>> from tangente.contactlog.testing import journeys
        >>> log = journeys("anna: app web shop").with_names({"app": "online", "web": "online"})
        >>> len(log.where(touchpoints=["online"]).bucket(0).contacts["customer"])
        2
        """
        known = self.codes["touchpoint"]
        new = {stored: names[str(known[now])] for stored, now in self._now("touchpoint").items() if known[now] in names}
        codes = self.codes.with_values("touchpoint", new.values())
        place = {name: code for code, name in enumerate(codes["touchpoint"])}
        return replace(
            self, codes=codes, renamed={**self.renamed, **{stored: place[name] for stored, name in new.items()}}
        )

    def buckets(self) -> Iterator[Bucket]:
        """The buckets as the filters leave them, in a fixed order."""
        return (self.bucket(index) for index in range(len(self.stored)))

    def bucket(self, index: int) -> Bucket:
        """One bucket as the filters leave it."""
        if self.kept is None:
            return self.seen(self.stored[index])
        key = (index, self.filters.key, frozenset(self.renamed.items()))
        if key not in self.kept:
            self.kept[key] = self.seen(self.stored[index])
        return self.kept[key]

    def keeping(self) -> "ContactLog":
        """The same log for many questions: this one and those filtered from it filter each bucket once.

        That costs the memory of the columns they ask for, for as long as any of them lives.
        """
        return replace(self, kept={})

    def seen(self, bucket: Bucket) -> Bucket:
        """A stored bucket as the filters leave it."""
        if self.filters == Filters() and not self.renamed:
            return bucket
        who = self._customers_who(bucket)
        now = np.array([0, *self._now("touchpoint").values()], np.uint16)
        contacts, ratings = (_Seen(table, self._rows(table, who), now) for table in (bucket.contacts, bucket.ratings))
        return replace(bucket, contacts=contacts, ratings=ratings)

    def _rows(self, columns: Columns, who: NDArray[np.bool_]) -> NDArray[np.intp] | slice:
        return slice(None) if self.filters == Filters() else np.flatnonzero(self._passing(columns, who))

    def _passing(self, columns: Columns, who: NDArray[np.bool_]) -> NDArray[np.bool_]:
        passing: NDArray[np.bool_] = who[columns["customer"]]
        if self.filters.since is not None:
            passing &= columns["occurred_at"] >= self.filters.since
        if self.filters.before is not None:
            passing &= columns["occurred_at"] < self.filters.before
        for kind, kept in self.filters.names.items():
            allowed = np.zeros(self.codes.size(kind), bool)
            allowed[list(kept)] = True
            passing &= allowed[columns[kind]]
        return passing

    def _customers_who(self, bucket: Bucket) -> NDArray[np.bool_]:
        who = np.ones(bucket.customers, bool)
        for doing in self.filters.who:
            did = np.zeros(bucket.customers, bool)
            for kind in {kind for kind, _ in doing}:
                counts = np.zeros(self.codes.size(kind), bool)
                counts[[code for of, code in doing if of == kind]] = True
                did[bucket.contacts["customer"][counts[bucket.contacts[kind]]]] = True
            who &= did
        return who

    def _now(self, kind: str) -> dict[int, int]:
        """For each code in the stored buckets the code of its name now."""
        renamed = self.renamed if kind == "touchpoint" else {}
        return {stored: renamed.get(stored, stored) for stored in range(1, self.codes.size(kind))}

    def _named(self, kinds: Sequence[str], value: str) -> frozenset[tuple[str, int]]:
        """Kind and stored code of all that goes by a name. Raises: QuestionError if nothing does."""
        names = {(kind, stored): self.codes[kind][now] for kind in kinds for stored, now in self._now(kind).items()}
        found = frozenset(place for place, name in names.items() if name == value)
        if not found:
            raise _unknown(" or ".join(kinds), value, list(names.values()))
        return found

    def doing_codes(self, value: str) -> dict[str, int]:
        """For each kind of `WHO` the code of what goes by a name, as buckets hold it under the names of now."""
        self._named(WHO, value)
        return {kind: code for kind in WHO for code in self._now(kind).values() if self.codes[kind][code] == value}

    def outcome_code(self, outcome: str) -> int:
        """The code of an outcome that occurs in the log."""
        return self._code("outcome", outcome)

    def measure_code(self, measure: str) -> int:
        """The code of a measure, as "csat 1..5", that occurs in the log."""
        return self._code("measure", measure)

    def _code(self, kind: str, value: str) -> int:
        code = self.codes.code(kind, value)
        if not code:
            raise _unknown(kind, value, self.codes[kind])
        return code

    def _midnight(self, day: date | None) -> int | None:
        return None if day is None else midnight(day, self.timezone)


class _Seen(Mapping[str, NDArray[Any]]):
    """A table under filters and new names: a column is copied when a pass first asks for it, most never are."""

    def __init__(self, stored: Columns, rows: NDArray[np.intp] | slice, touchpoints: NDArray[np.uint16]) -> None:
        self._stored, self._rows, self._touchpoints = stored, rows, touchpoints
        self._columns: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._columns:
            values = self._stored[name][self._rows]
            self._columns[name] = frozen(self._touchpoints[values] if name == "touchpoint" else values)
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def midnight(day: date, timezone: str) -> int:
    """The first moment of a day in a time zone, in µs UTC."""
    return round((datetime.combine(day, time(), ZoneInfo(timezone)) - EPOCH).total_seconds()) * 1_000_000


def window(within_days: float) -> int:
    """A span of days in µs. Raises: QuestionError unless it is more than 0 and at most a century."""
    if not 0 < within_days <= LONGEST_DAYS:
        raise QuestionError(f"within_days is {within_days}; it must be more than 0 and at most {LONGEST_DAYS:,}")
    return round(within_days * DAY)


def _unknown(kind: str, value: str, known: Sequence[str | None]) -> QuestionError:
    names = sorted({name for name in known if name})
    near = get_close_matches(value, names, n=3) or names[:3]
    return QuestionError(f"The log has no {kind} {value!r}; the nearest known: {', '.join(near) or 'none at all'}")
