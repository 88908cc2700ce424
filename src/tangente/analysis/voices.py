"""What customers said: the company as a whole, each touchpoint, and which touchpoints drive the whole."""

from dataclasses import dataclass, replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from tangente.analysis.model import Effort, Mean, NetPromoter, Overall, Share
from tangente.contactlog.answers import SATISFACTION, Answers, answer_counts, answers, most_answered, sheets
from tangente.contactlog.codes import measure_parts
from tangente.contactlog.histories import SCORE_UNITS
from tangente.contactlog.log import ContactLog
from tangente.contactlog.sums import customer_sums
from tangente.method.drivers import KeyDrivers, chance_of, key_drivers
from tangente.method.effort import V1, V2
from tangente.method.mean import Mean as MethodMean
from tangente.method.mean import clustered_mean, weighted_mean
from tangente.method.net_promoter import clustered_net_promoter
from tangente.method.proportion import wilson
from tangente.method.reporting import CONFIDENCE, FEW

RECOMMENDED = "recommended"
EFFORT = {"ces 5..1": V1, "ces 1..7": V2}
"""The customary versions by their measure, the worst end of the scale first."""


@dataclass(frozen=True)
class Measures:
    """By which measures a log is judged, as "csat 1..5"; None where nobody answered such a question."""

    touchpoints: str | None
    company: str | None
    nps: str | None
    recommended: str | None
    effort: dict[str, int]  # answers to the question of effort, about touchpoints and company, by measure
    left_out: list[str]  # further measures of satisfaction with touchpoints: never averaged with another scale

    @property
    def overall(self) -> str | None:
        """The judgement of the whole that drivers explain: satisfaction with the company, else its recommendation."""
        return self.company or self.nps


@dataclass(frozen=True)
class Voices:
    """All answers of customers and the measures to read them by."""

    log: ContactLog
    measures: Measures
    answers: Answers
    weighted: bool

    def of(self, measure: str | None, *, touchpoint: int | None = None) -> Answers:
        """The answers of one measure about one touchpoint, by its code; None: about the company."""
        if measure is None:
            return self.answers.only(np.zeros(len(self.answers.score), bool))
        about = self.answers.touchpoint == (touchpoint or 0)
        return self.answers.only(about & (self.answers.measure == self.log.measure_code(measure)))


def voices(log: ContactLog, *, weighted: bool) -> Voices:
    """Read all answers of a log."""
    touchpoints, company = answer_counts(log)
    chosen = most_answered(touchpoints, SATISFACTION)
    others = [measure for measure in touchpoints if measure_parts(measure)[0] in SATISFACTION and measure != chosen]
    measures = Measures(
        touchpoints=chosen,
        company=most_answered(company, SATISFACTION),
        nps=most_answered(company, ["nps"]),
        recommended=most_answered(company, [RECOMMENDED]),
        effort={
            measure: touchpoints.get(measure, 0) + company.get(measure, 0)
            for measure in touchpoints | company
            if measure_parts(measure)[0] == "ces"
        },
        left_out=sorted(others),
    )
    return Voices(log, measures, answers(log), weighted)


def overall(said: Voices) -> Overall:
    """NPS, satisfaction with the company, and the share of new customers who came by recommendation."""
    company, came = said.of(said.measures.company), said.of(said.measures.recommended)
    return Overall(
        nps=_net_promoter(said.of(said.measures.nps), weighted=said.weighted) if said.measures.nps else None,
        satisfaction=mean_of(company, said.measures.company, weighted=said.weighted) if said.measures.company else None,
        recommendation=_share_of_answers(came, came.score == 1, weighted=said.weighted)
        if said.measures.recommended
        else None,
        top_two_box=_top_two_box(said) if said.measures.company else None,
        effort=_effort(said),
    )


def _share_of_answers(given: Answers, hits: NDArray[np.bool_], *, weighted: bool) -> Share:
    """The share of the answers that hit; k and n are counts of answers, also where the share is weighted."""
    counted = share_of(int(hits.sum()), len(hits))
    if not weighted:
        return counted
    mean = weighted_mean(hits.astype(float), given.weight, customers=given.customer)
    return replace(counted, share=mean.mean, low=_within(mean.low, 0, 1), high=_within(mean.high, 0, 1))


def _top_two_box(said: Voices) -> Share | None:
    """How many chose one of the two best points; said only of scales of whole points, three or more."""
    _, low, high = measure_parts(said.measures.company or "")
    given = said.of(said.measures.company)
    if low is None or high is None or abs(high - low) < 2 or (given.score % 1).any() or not len(given.score):
        return None
    return _share_of_answers(given, abs(high - given.score) <= 1, weighted=said.weighted)


def _effort(said: Voices) -> Effort | None:
    """Effort by its most answered version, over touchpoints and company; other scales are no customary version."""
    versions = {measure: version for measure, version in EFFORT.items() if measure in said.measures.effort}
    measure = most_answered({name: said.measures.effort[name] for name in versions}, ["ces"])
    if measure is None:
        return None
    given = said.answers.only(said.answers.measure == said.log.measure_code(measure))
    high = np.isin(given.score, list(versions[measure].high_effort))
    return Effort(
        version=versions[measure].name,
        mean=mean_of(given, measure, weighted=said.weighted),
        high_effort=_share_of_answers(given, high, weighted=said.weighted),
    )


def touchpoint_means(said: Voices) -> dict[str, Mean]:
    """Satisfaction with each touchpoint that was judged, by name."""
    measure, names = said.measures.touchpoints, said.log.codes["touchpoint"]
    if measure is None:
        return {}
    judged = said.answers.only((said.answers.touchpoint > 0) & (said.answers.measure == said.log.measure_code(measure)))
    found = {}
    codes = np.unique(judged.touchpoint)
    for code in codes[np.argsort(said.log.codes.ranks("touchpoint")[codes])].tolist():  # by name: codes tell of the log
        one = judged.only(judged.touchpoint == code)
        found[str(names[code])] = mean_of(one, measure, weighted=said.weighted)
    return found


def mean_of(given: Answers, measure: str | None, *, weighted: bool) -> Mean:
    """The mean of answers of one measure; too few to say below 30."""
    _, low, high = measure_parts(measure or "")
    mean = weighted_mean(given.score, given.weight, customers=given.customer) if weighted else _counted_mean(given)
    shown = mean.n >= FEW
    ends = [_within(end, low, high) if shown else None for end in (mean.low, mean.high)]
    return Mean(
        n=mean.n,
        mean=mean.mean if shown else None,
        low=ends[0],
        high=ends[1],
        scale_low=low,
        scale_high=high,
        standard_error=mean.standard_error if shown else None,
        degrees_of_freedom=mean.degrees_of_freedom if shown else None,
    )


def _within(value: float | None, low: float | None, high: float | None) -> float | None:
    """An end of an interval, but never beyond the scale."""
    if value is None or low is None or high is None:
        return value
    return min(max(value, min(low, high)), max(low, high))


def _counted_mean(given: Answers) -> MethodMean:
    points = np.round(given.score * SCORE_UNITS).astype(np.int64)
    return clustered_mean(**customer_sums(given.customer, points), units_per_point=SCORE_UNITS)


def share_of(k: int, n: int) -> Share:
    """k of n with the Wilson interval."""
    found = wilson(k, n)
    return Share(n=n, k=k, share=found.share, low=found.low, high=found.high)


def _net_promoter(given: Answers, *, weighted: bool) -> NetPromoter:
    found = clustered_net_promoter(given.score, given.customer, weights=given.weight if weighted else None)
    return NetPromoter(
        n=found.n,
        promoters=found.promoters,
        passives=found.passives,
        detractors=found.detractors,
        value=found.value,
        low=found.low,
        high=found.high,
    )


@dataclass(frozen=True)
class Driving:
    """The drivers and, per item, the mean on the answer sheets they were derived from (scale points).

    beyond_chance: whether they explain more of the overall judgement than unrelated answers would.
    """

    drivers: KeyDrivers
    sheet_means: NDArray[np.float64]
    beyond_chance: bool


def driving(said: Voices, *, resamples: int, seed: int) -> Driving | None:
    """Which touchpoints drive the judgement of the whole; None where no answer sheet holds both."""
    if said.measures.touchpoints is None or said.measures.overall is None:
        return None
    found = sheets(said.log, measure=said.measures.touchpoints, overall=said.measures.overall)
    judges_both = ~np.isnan(found.overall) & ~np.isnan(found.items).all(axis=1)
    if not judges_both.any():
        return None
    drivers = key_drivers(
        found.items,
        found.overall,
        names=found.touchpoints,
        resamples=resamples,
        seed=seed,
        weights=found.weights if said.weighted else None,
    )
    kept = [found.touchpoints.index(driver.item) for driver in drivers.drivers]
    if not kept:
        return Driving(drivers, np.zeros(0), beyond_chance=False)
    sheets_behind = int(median(drivers.pairs[:-1, -1].tolist()))
    chance = chance_of(drivers.r2 or 0.0, items=len(kept), n=sheets_behind)
    return Driving(drivers, np.nanmean(found.items[:, kept], axis=0), beyond_chance=chance <= 1 - CONFIDENCE)
