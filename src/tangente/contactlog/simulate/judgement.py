"""The judgement of the company as a whole: what drives it, and how strongly its answers go with those of touchpoints."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.scores import LENIENCY_SHARE, Floats, rounded, thresholds

LIKE_SATISFACTION = 0.84
"""Correlation of the opinion behind the answer 0 to 10 with the one behind overall satisfaction."""


@dataclass(frozen=True)
class Opinions:
    """Of answer sheets, a row each: of the sheet's touchpoints in company.DRIVERS' order, overall, to recommend."""

    items: Floats
    overall: Floats
    recommend: Floats


def opinions(rng: np.random.Generator, leniency: Floats) -> Opinions:
    """Everyone has an opinion of every touchpoint, by hearsay where they never used it: only used ones are asked."""
    own = rng.standard_normal((len(leniency), len(company.DRIVERS)))
    items = math.sqrt(LENIENCY_SHARE) * leniency[:, None] + math.sqrt(1 - LENIENCY_SHARE) * own
    overall = (items @ weights() + company.OWN_MIND * rng.standard_normal(len(leniency))) / overall_sd()
    rest = math.sqrt(1 - LIKE_SATISFACTION**2)
    return Opinions(items, overall, LIKE_SATISFACTION * overall + rest * rng.standard_normal(len(leniency)))


@cache
def weights() -> Floats:
    return np.array(list(company.DRIVERS.values()))


@cache
def overall_sd() -> float:
    shared = LENIENCY_SHARE * weights().sum() ** 2
    return math.sqrt(shared + (1 - LENIENCY_SHARE) * float(weights() @ weights()) + company.OWN_MIND**2)


def overall_leniency() -> float:
    """Correlation of the overall opinion with the customer's leniency."""
    return float(math.sqrt(LENIENCY_SHARE) * weights().sum() / overall_sd())


def overall_thresholds() -> Floats:
    return thresholds(company.SATISFACTION, overall_leniency())


def recommend_thresholds() -> Floats:
    return rounded(company.NPS_CENTRE, company.NPS_SPREAD, 0, 10)
