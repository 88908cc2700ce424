"""The refused rows in short: how many of each kind, with an example; the rows themselves stand in rejects.csv."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tangente.messages import Message
from tangente.sources.rejects import Refusal


@dataclass(kw_only=True)
class Kind:
    """Rows refused with one code for one column ("": for the whole line), and the first of them."""

    table: str
    column: str
    code: str
    rows: int = 0
    line: int
    value: str
    reason: Message


@dataclass
class Tally:
    """How often rows of a file were refused for what; takes no more memory for more rows."""

    _kinds: dict[tuple[str, str, str], Kind] = field(default_factory=dict)

    def add(self, refusals: Iterable[Refusal]) -> None:
        for one in refusals:
            key = (one.table, one.column, one.reason.code)
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = Kind(
                    table=one.table,
                    column=one.column,
                    code=one.reason.code,
                    line=one.line,
                    value=one.value,
                    reason=one.reason,
                )
            kind.rows += 1

    def kinds(self) -> list[Kind]:
        """The most frequent first."""
        return sorted(self._kinds.values(), key=lambda kind: (-kind.rows, kind.line, kind.column, kind.code))
