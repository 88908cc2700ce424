"""The contact log as questions see it: buckets of histories under filters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from typing import Protocol
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.codes import Codes
from tangente.contactlog.histories import Bucket, select
from tangente.errors import QuestionError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NAMED = ("touchpoint", "channel", "reason", "unit", "role", "segment")


class Buckets(Protocol):
    """Where buckets come from: mapped files of a log folder, or memory."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Bucket: ...


@dataclass(frozen=True)
class Filters:
    """What a filtered log keeps; empty means everything."""

    since: int | None = None  # µs UTC, first moment kept
    before: int | None = None  # µs UTC, first moment no longer kept
    names: Mapping[str, frozenset[int]] = field(default_factory=dict)
    who: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ContactLog:
    """Everything that happened, ready for questions; filters and names apply to every question alike.

    Attributes:
        stored: the buckets, unfiltered.
        codes: the names behind the codes.
        currency: ISO 4217 code of all amounts.
        timezone: reporting time zone: where a day, week or month begins.
    """

    stored: Buckets
    codes: Codes
    currency: str = "EUR"
    timezone: str = "Europe/Berlin"
    filters: Filters = field(default_factory=lambda: Filters())
    renamed: Mapping[int, int] = field(default_factory=dict)

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
        customers_who: Sequence[str] = (),
    ) -> "ContactLog":
        """The same log with only the contacts and ratings that pass; every question then sees nothing else.

        Args:
            since: first day kept, in the reporting time zone.
            before: first day no longer kept.
            touchpoints, channels, reasons, units, roles, segments: names kept; none means all. A rating takes what it
                lacks from the contact it judges; where that is unknown too, it does not pass.
            customers_who: touchpoints or outcomes, each of which a customer must have had at any time.
        Raises: QuestionError naming a value that never occurs, with the nearest that does.

        >>> from tangente.contactlog.testing import journeys
        >>> log = journeys("anna: ad shop", "ben: ad")
        >>> sum(len(bucket.contacts["customer"]) for bucket in log.where(customers_who=["shop"]).buckets())
        2
        """
        chosen = dict(zip(NAMED, (touchpoints, channels, reasons, units, roles, segments), strict=True))
        names = dict(self.filters.names)
        for kind, values in chosen.items():
            if values:
                codes = frozenset(self._code(kind, value) for value in values)
                names[kind] = names[kind] & codes if kind in names else codes
        for value in customers_who:
            self._outcome_or_touchpoint(value)
        starts = [at for at in (self.filters.since, self._midnight(since)) if at is not None]
        ends = [at for at in (self.filters.before, self._midnight(before)) if at is not None]
        filters = Filters(
            max(starts, default=None), min(ends, default=None), names, self.filters.who | frozenset(customers_who)
        )
        return replace(self, filters=filters)

    def with_names(self, names: Mapping[str, str]) -> "ContactLog":
        """The same log with touchpoints renamed, old name → new name; several may become one."""
        codes = self.codes.with_values("touchpoint", names.values())
        place = {name: code for code, name in enumerate(codes["touchpoint"])}
        return replace(
            self, codes=codes, renamed={place[old]: place[new] for old, new in names.items() if old in place}
        )

    def buckets(self) -> Iterator[Bucket]:
        """The buckets as the filters leave them, in a fixed order."""
        return (self.bucket(index) for index in range(len(self.stored)))

    def bucket(self, index: int) -> Bucket:
        """One bucket as the filters leave it."""
        bucket = self._with_new_names(self.stored[index])
        if self.filters == Filters():
            return bucket
        who = self._customers_who(bucket)
        return replace(
            bucket,
            contacts=select(bucket.contacts, self._passing(bucket.contacts, who)),
            ratings=select(bucket.ratings, self._passing(bucket.ratings, who)),
        )

    def _with_new_names(self, bucket: Bucket) -> Bucket:
        if not self.renamed:
            return bucket
        now = np.arange(self.codes.size("touchpoint"), dtype=np.uint16)
        now[list(self.renamed)] = list(self.renamed.values())
        now_named = ({**table, "touchpoint": now[table["touchpoint"]]} for table in (bucket.contacts, bucket.ratings))
        contacts, ratings = (select(table, np.s_[:]) for table in now_named)
        return replace(bucket, contacts=contacts, ratings=ratings)

    def _passing(self, columns: Mapping[str, NDArray[np.generic]], who: NDArray[np.bool_]) -> NDArray[np.bool_]:
        passing = who[columns["customer"]]
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
        for value in self.filters.who:
            kind, code = self._outcome_or_touchpoint(value)
            did = np.zeros(bucket.customers, bool)
            did[bucket.contacts["customer"][bucket.contacts[kind] == code]] = True
            who &= did
        return who

    def _outcome_or_touchpoint(self, value: str) -> tuple[str, int]:
        for kind in ("outcome", "touchpoint"):
            code = self.codes.code(kind, value)
            if code:
                return kind, code
        raise _unknown("outcome or touchpoint", value, [*self.codes["outcome"], *self.codes["touchpoint"]])

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


def midnight(day: date, timezone: str) -> int:
    """The first moment of a day in a time zone, in µs UTC."""
    return round((datetime.combine(day, time(), ZoneInfo(timezone)) - EPOCH).total_seconds()) * 1_000_000


def _unknown(kind: str, value: str, known: Sequence[str | None]) -> QuestionError:
    names = sorted({name for name in known if name})
    near = get_close_matches(value, names, n=3) or names[:3]
    return QuestionError(f"No contact has the {kind} {value!r}; the nearest known: {', '.join(near) or 'none at all'}")
