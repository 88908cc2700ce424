"""Attribution: how conversions are shared out among the touchpoints on the paths that led to them."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from tangente.errors import QuestionError
from tangente.method.absorbing_chain import Numbers, removal_effects

Path = Sequence[str]
Credit = Mapping[str, Fraction]


def _first(path: Path) -> Credit:
    """All to the first touchpoint of the path."""
    return {path[0]: Fraction(1)}


def _last(path: Path) -> Credit:
    """All to the last."""
    return {path[-1]: Fraction(1)}


def _linear(path: Path) -> Credit:
    """To each step the same; a touchpoint met twice gets two parts."""
    return {name: Fraction(times, len(path)) for name, times in Counter(path).items()}


def _position(path: Path) -> Credit:
    """Two fifths each to the first and the last step, the rest to those between; of two steps each gets half."""
    between = len(path) - 2
    ends = Fraction(2, 5) if between > 0 else Fraction(1, min(len(path), 2))
    credit = Counter(path[:1]) + Counter(path[1:][-1:])
    inner = Fraction(1, 5 * between) if between > 0 else Fraction(0)
    return {name: ends * credit[name] + inner * Counter(path[1:-1])[name] for name in dict.fromkeys(path)}


def _shapley(path: Path) -> Credit:
    """To each different touchpoint the same.

    That is the Shapley value of the game in which touchpoints win the conversions of all paths they cover alone:
    v(S) = conversions of the paths whose touchpoints all lie in S. Each path adds 1 as soon as its last touchpoint
    joins, and in a random order each of its touchpoints is equally likely to be that one.
    """
    names = dict.fromkeys(path)
    return dict.fromkeys(names, Fraction(1, len(names)))


_RULES: Mapping[str, Callable[[Path], Credit]] = {
    "shapley": _shapley,
    "first": _first,
    "last": _last,
    "linear": _linear,
    "position": _position,
}


@dataclass(frozen=True, kw_only=True)
class Attributed:
    """One touchpoint: on how many paths, how many of these converted, and its share of the conversions by each rule.

    markov: its removal effect's share in the sum of all. Shares are 0 to 1; None if no path with touchpoints converts.
    """

    touchpoint: str
    paths: int
    conversions: int
    removal_effect: float | None
    markov: float | None
    shapley: float | None
    first: float | None
    last: float | None
    linear: float | None
    position: float | None


def attribute(paths: Iterable[tuple[Path, int, int]]) -> list[Attributed]:
    """Share conversions out among touchpoints by removal effect, Shapley value, first, last, linear and position.

    For paths that come counted, as from an advertising system; a log is asked by `contactlog.attribution`.

    Args:
        paths: of each path its touchpoints in order, how often it converted and how often it did not, both 0 or more.
            Paths without touchpoints count in the rate of conversion alone.
    Returns: one row per touchpoint, by name; the shares of each rule sum to 1.
    Raises: QuestionError if a path was taken less than 0 times.
    Cost: 50 µs a path.  Source: docs/explanation/attribution.md

    >>> rows = attribute([(["G"], 2, 1), (["M"], 1, 0), (["G", "M"], 1, 0)])
    >>> [(row.touchpoint, round(row.removal_effect, 3), round(row.markov, 3), row.shapley, row.first) for row in rows]
    [('G', 0.75, 0.6, 0.625, 0.75), ('M', 0.5, 0.4, 0.375, 0.25)]
    """
    taken = [(list(path), converted, others) for path, converted, others in paths]
    if any(min(times) < 0 for _, *times in taken):
        raise QuestionError("A path was taken less than 0 times; count how often it converted and how often it did not")
    names = sorted({name for path, _, _ in taken for name in path})
    met = _added_up(names, ((dict.fromkeys(path, 1), converted + others) for path, converted, others in taken))
    won = _added_up(names, ((dict.fromkeys(path, 1), converted) for path, converted, _ in taken))
    effects = dict(zip(names, removal_effects(_moves(taken, names)).effects.tolist(), strict=True))
    effects = effects if any(won.values()) else {}
    credit = {
        rule: _added_up(names, ((share(path), converted) for path, converted, _ in taken if path))
        for rule, share in _RULES.items()
    }
    shares = {rule: _shares(parts) for rule, parts in [("markov", effects), *credit.items()]}
    return [
        Attributed(
            touchpoint=name,
            paths=int(met[name]),
            conversions=int(won[name]),
            removal_effect=effects.get(name),
            **{rule: parts.get(name) for rule, parts in shares.items()},
        )
        for name in names
    ]


def _moves(taken: Iterable[tuple[Path, int, int]], names: Sequence[str]) -> Numbers:
    """How often paths went from where to where, as `removal_effects` reads it."""
    place = {name: k for k, name in enumerate(names)}
    moves = np.zeros((len(names) + 1, len(names) + 2))
    for path, converted, others in taken:
        steps = [-1, *(place[name] for name in path)]
        for here, there in pairwise(steps):
            moves[here + 1, there] += converted + others
        moves[steps[-1] + 1, -2:] += converted, others
    return moves


def _added_up(names: Iterable[str], parts: Iterable[tuple[Mapping[str, Fraction | int], int]]) -> dict[str, Fraction]:
    """Of each name what all parts hold of it, each so many times."""
    total = dict.fromkeys(names, Fraction(0))
    for part, times in parts:
        for name, value in part.items():
            total[name] += times * value
    return total


def _shares(parts: Mapping[str, Fraction] | Mapping[str, float]) -> dict[str, float]:
    whole = sum(parts.values())
    return {name: float(part / whole) for name, part in parts.items()} if whole else {}
