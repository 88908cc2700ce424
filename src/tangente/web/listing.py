"""A list as its address says: sorted by a column, one page of it. Every choice is a link that keeps the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import QueryDict
from django.utils.functional import Promise

SORT, PAGE = "sort", "page"


def address(query: QueryDict, parameter: str, value: str) -> str:
    """The same list with another choice, from its first page."""
    changed = query.copy()
    changed.pop(PAGE, None)
    changed[parameter] = value
    return f"?{changed.urlencode()}"


@dataclass(frozen=True)
class Column:
    """`key` in the address, `order` as the rows take it: without it the list is not sorted by it; `scale` is drawn below."""

    key: str
    name: str | Promise
    order: str = ""
    is_number: bool = False
    is_wide: bool = False  # has no room on a phone
    scale: str = ""


@dataclass(frozen=True)
class Head:
    """The head of a column, with the way to the other order; `sorted` as ARIA says it."""

    column: Column
    url: str
    sorted: str


@dataclass(frozen=True)
class Listing:
    """A page of `total` rows, in an order."""

    columns: Sequence[Column]
    query: QueryDict
    total: int
    size: int = 50

    @cached_property
    def is_descending(self) -> bool:
        return self.query.get(SORT, "").startswith("-")

    @cached_property
    def sorted_by(self) -> Column:
        """The first column unless the address names another."""
        asked = self.query.get(SORT, "").removeprefix("-")
        sortable = [column for column in self.columns if column.order]
        return next((column for column in sortable if column.key == asked), sortable[0])

    @property
    def order(self) -> str:
        """As `order_by` takes it."""
        return ("-" if self.is_descending else "") + self.sorted_by.order

    @property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.columns]

    def _head(self, column: Column) -> Head:
        if not column.order:
            return Head(column, "", "")
        is_here = column is self.sorted_by
        turned = ("-" if is_here and not self.is_descending else "") + column.key
        state = ("descending" if self.is_descending else "ascending") if is_here else "none"
        return Head(column, address(self.query, SORT, turned), state)

    @cached_property
    def page(self) -> int:
        """From 1; beyond the last one is the last one."""
        asked = self.query.get(PAGE, "")
        return min(int(asked), self.pages) if asked.isdecimal() and int(asked) else 1

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def rows(self) -> slice:
        return slice((self.page - 1) * self.size, self.page * self.size)

    @property
    def first(self) -> int:
        return min(self.total, (self.page - 1) * self.size + 1)

    @property
    def last(self) -> int:
        return min(self.total, self.page * self.size)

    @property
    def before(self) -> str:
        return address(self.query, PAGE, str(self.page - 1)) if self.page > 1 else ""

    @property
    def after(self) -> str:
        return address(self.query, PAGE, str(self.page + 1)) if self.page < self.pages else ""
