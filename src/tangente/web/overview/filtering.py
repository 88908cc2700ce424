"""The filter bar: what can be chosen, what is, and how to let go of it."""

from dataclasses import dataclass

from tangente.web.overview.chosen import LABELS, Chosen, label_of
from tangente.web.overview.models import Answer


@dataclass(frozen=True)
class Filter:
    """One select; each option is a value, its label, and whether it is chosen."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the query of the address without it."""

    label: str
    rest: str


@dataclass(frozen=True)
class FilterBar:
    """All of it, for the template."""

    filters: list[Filter]
    chips: list[Chip]


def filter_bar(chosen: Chosen, whole: Answer) -> FilterBar:
    """What the log lets choose; a filter without values is left out, and departments where only one may be seen."""
    is_of_one = chosen.units is not None and len(chosen.units) == 1
    filters = [
        Filter(
            name=name,
            label=str(label),
            options=[
                (value, label_of(name, value), value == getattr(chosen, name)) for value in ["", *whole.choices[name]]
            ],
        )
        for name, label in LABELS.items()
        if whole.choices[name] and not (is_of_one and name == "department")
    ]
    chips = [
        Chip(label=f"{LABELS[name]}: {label_of(name, value)}", rest=chosen.without(name).key)
        for name, value in chosen.values.items()
    ]
    return FilterBar(filters=filters, chips=chips)
