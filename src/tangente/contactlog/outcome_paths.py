"""Paths to an outcome: what each customer met until a purchase, an exit or another outcome, or until the log ends."""

from typing import NamedTuple

from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import Column, inlined
from tangente.errors import QuestionError
from tangente.messages import Message

MOST_NAMES = 500
"""So many touchpoints at most: what leads from each to each is a square, and the square is inverted."""

START = 0  # the code of no touchpoint
REACHED, NOT_REACHED = 0, 1  # how a path ends: columns of the moves behind those of the touchpoints


class Until(NamedTuple):
    """What ends a path: the code of an outcome; whether its contact is a step, too; whether a path begins behind it."""

    outcome: int
    closing: bool
    every: bool


def until(log: ContactLog, outcome: str, *, closing: bool, every: bool) -> Until:
    """The same by the name of the outcome. Raises: QuestionError if it never occurs, or for too many touchpoints."""
    names = log.codes.size("touchpoint") - 1
    if names > MOST_NAMES:
        raise QuestionError(
            Message(
                "E-NAMES",
                "The log has {names:,} different touchpoints; at most {most:,} can share an outcome: give several of them "
                "one name by a value map in the mapping",
                names=names,
                most=MOST_NAMES,
            )
        )
    return Until(log.outcome_code(outcome), closing, every)


@inlined
def path_end(customer: Column, outcome: Column, wanted: int, first: int) -> int:
    """The row behind the path that begins at row `first`: behind the outcome, else behind the customer's last contact."""
    row = first
    while outcome[row] != wanted and row + 1 < len(customer) and customer[row + 1] == customer[first]:
        row += 1
    return row + 1


@inlined
def next_path(customer: Column, first: int, end: int, every: bool) -> int:
    """The row where the path behind this one begins: with `every` at once, else with the next customer."""
    row = end
    while not every and row < len(customer) and customer[row] == customer[first]:
        row += 1
    return row
