"""What part of a log a member sees: all of it, or what was handled by the own department and its parts."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tangente.web.people.models import Asker, Membership, Workspace


@dataclass(frozen=True)
class Part:
    """departments: their names, sorted; units: what the log calls those it knows; None: all."""

    departments: tuple[str, ...] | None = None
    units: tuple[str, ...] | None = None

    @property
    def is_nothing(self) -> bool:
        """Whether the log knows none of the departments."""
        return self.units == ()


def part_of(person: Asker, workspace: Workspace, known: Iterable[str]) -> Part:
    """The part that a member sees of a log with these units."""
    member: Membership = Membership.objects.visible_to(person).get(workspace=workspace, person=person)
    if member.department is None:
        return Part()
    names = tuple(sorted(member.departments().values_list("name", flat=True)))
    return Part(names, named_alike(known, names))


def named_alike(units: Iterable[str], departments: Collection[str]) -> tuple[str, ...]:
    """The units that bear the name of a department, however it is spaced and capitalised."""
    wanted = {_plain(name) for name in departments}
    return tuple(sorted(unit for unit in units if _plain(unit) in wanted))


def scopes(workspace: Workspace, known: Sequence[str]) -> set[tuple[str, ...]]:
    """The units that members with a scope see, each combination once."""
    members = Membership.objects.filter(workspace=workspace, left_at=None).exclude(department=None)
    found = (named_alike(known, member.departments().values_list("name", flat=True)) for member in members)
    return {units for units in found if units}


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
