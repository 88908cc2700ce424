"""Removal effects from the counted moves of all paths, written anew in NumPy for the peers that only count."""

from collections.abc import Iterable

import numpy as np

from tools import Answer


def removal_effects(moves: Iterable[tuple[str, str, int]]) -> Answer:
    """From → to → how often, with "start", "reached" and "not reached"; for each touchpoint its effect and share.

    What is lost without touchpoint i is the chance to meet it, times the chance to reach the outcome from there.
    """
    counted = list(moves)
    names = sorted({here for here, _, _ in counted} - {"start"})
    place = {name: number for number, name in enumerate([*names, "reached", "not reached", "start"])}
    counts = np.zeros((len(place), len(place)))
    for here, there, number in counted:
        counts[place[here], place[there]] = number
    size = len(names)
    leaving = counts[:size] / counts[:size].sum(axis=1, keepdims=True)
    visits = np.linalg.inv(np.eye(size) - leaving[:, :size])
    begin = counts[place["start"], :size] / counts[place["start"]].sum()
    reaching = visits @ leaving[:, place["reached"]]
    effects = (begin @ visits) / np.diag(visits) * reaching / (begin @ reaching)
    return {
        name: {"removal_effect": float(effect), "share": float(effect / effects.sum())}
        for name, effect in zip(names, effects, strict=True)
    }
