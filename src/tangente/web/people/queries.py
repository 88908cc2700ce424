"""Departments as people read them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tangente.web.people.models import Department


@dataclass(frozen=True)
class Branch:
    """A department over its parts."""

    department: Department
    parts: list["Branch"]


def tree(departments: Iterable[Department]) -> list[Branch]:
    """Departments below what they are a part of, in the order given."""
    parts = defaultdict(list)
    for department in departments:
        parts[department.parent_id].append(department)

    def below(above: int | None) -> list[Branch]:
        return [Branch(department, below(department.pk)) for department in parts[above]]

    return below(None)
