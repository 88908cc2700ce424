"""Hazard: after which touchpoints, handovers and silences customers leave sooner than others at the same time would."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.extent import observed_from, observed_until
from tangente.contactlog.log import DAY, LONGEST_DAYS, ContactLog
from tangente.contactlog.person_days import NOBODY, PERIOD, Rules, fine_unit, person_days, risk_sets
from tangente.errors import QuestionError
from tangente.messages import Message
from tangente.method.cox import Numbers, fit
from tangente.method.quantiles import normal_quantile
from tangente.method.reporting import CONFIDENCE

WITHIN_DAYS, SILENCE_DAYS = 90, 180
FEW_EXITS = 10  # among the exposed, and among the others: below, a hazard ratio is too few to say
COMPARABLE = 500  # touchpoints, at most: sums are kept of each two of them
PERIODS = 60  # of time since the entry or the first contact; after five years all in the last
MOST_EFFECT = 12.0  # of an exposure, as a logarithm: a ratio beyond 160,000 has no limit
DIGITS = 9  # kept of floats; those behind rest on the last bits of weights


def hazard(
    log: ContactLog,
    *,
    outcome: str = "exit",
    entry: str | None = "purchase",
    within_days: int = WITHIN_DAYS,
    silence_days: int = SILENCE_DAYS,
) -> pa.Table:
    """Compare how many of the customers leave on a day, after what happened to them, with how many leave otherwise.

    Each customer is followed from the day after the first contact to the first contact with the outcome or to the end of
    observation. Whoever became a customer before that outcome, by a contact with the entry, is followed from the first such
    contact on: a history begins there, and what came before counts for nothing.

    On a day a customer is exposed to a touchpoint after a contact there on one of the `within_days` days before; to a
    handover likewise, after a contact directly followed by one of another department, at most `within_days` later; to
    silence, if the last contact is more than `silence_days` days ago. What happens on a day counts from the next one on; the
    contact with the outcome exposes to nothing. Days are 24 hours from the first contact of a history.

    The hazard ratio says how many times as many leave on a day if exposed, all other exposures being equal, and the month:
    that since the entry among those who have one, that since the first contact among the others (Cox regression, stratified).
    It does not say why.

    Args:
        log: the contact log, filtered as the caller likes.
        outcome: what ends a history: exit or any other outcome.
        entry: the outcome that makes a customer; one that never occurs, or None, makes nobody one.
        within_days: for how many days a touchpoint or a handover exposes, a whole number, >= 1.
        silence_days: after how many days without contact silence begins, a whole number, >= 1; another one than
            `within_days`, else there are no days that are neither.
    Returns: one row per exposure that occurs: event (string: touchpoint, handover, silence), touchpoint (string, null for
        the other two), customers (int64, ever exposed), person_days (int64, exposed), exits (int64, on these),
        hazard_ratio, low, high (float64, 95 %), unknown (string, why these three are null, else null: few_exits, fewer
        than 10 among the exposed or among the others; same_as_others, from which it cannot be told; no_limit, all of the
        exposed leave and nobody else in these months, so that no ratio is too high). The interval furthest from 1 comes first, then by name. The
        schema's metadata say of all: `customers`, `person_days`, `exits`.
    Raises: QuestionError if the outcome never occurs, there are more than 500 different touchpoints, or days are not
        between 1 and a century.
    Cost: about seven passes over the log.  Source: docs/explanation/hazard.md

    >>> from tangente.contactlog.testing import journeys
    >>> lines = ["web call+3d x+9d!exit", "web call+5d x+9d!exit", "web x+20d!exit", "web end+40d", "web call+9d end+40d"]
    >>> log = journeys(*(f"c{number}: {line}" for number, line in enumerate(10 * lines)))
    >>> for row in hazard(log, within_days=10).to_pylist():
    ...     print(row["event"], row["touchpoint"], row["customers"], row["person_days"], row["exits"])
    touchpoint call 30 280 20
    touchpoint end 10 90 0
    touchpoint web 50 500 0
    """
    _check(log, within_days=within_days, silence_days=silence_days)
    begins = log.codes.code("outcome", entry) or NOBODY
    rules = Rules(begins, log.outcome_code(outcome), observed_until(log), within_days, silence_days)
    names = log.codes.size("touchpoint")
    # By name, so that no answer depends on codes; the codes behind those of touchpoints are handover and silence.
    exposures = np.array([*np.argsort(log.codes.ranks("touchpoint"))[1:], names, names + 1])
    counted = person_days(log, rules, exposures, np.zeros(len(exposures)), unit=1.0, periods=1)
    days, exits = counted.weights()
    table = pa.table(
        {
            "event": pa.array(["touchpoint"] * (names - 1) + ["handover", "silence"], pa.string()),
            "touchpoint": pa.array(
                [*log.codes.decode("touchpoint", exposures[:-2]).to_pylist(), None, None], pa.string()
            ),
            "customers": counted.customers[1:],
            "person_days": days[1:],
            "exits": exits[1:],
        }
    )
    enough = (exits[1:] >= FEW_EXITS) & (exits[0] - exits[1:] >= FEW_EXITS)
    ratios, unknown = np.full((3, len(exposures)), np.nan), np.full(len(exposures), "few_exits", object)
    if enough.any():
        ratios[:, enough], unknown[enough] = _ratios(log, rules, exposures[enough], int(days[0]))
    for name, values in zip(("hazard_ratio", "low", "high"), ratios, strict=True):
        table = table.append_column(name, pa.array(values, from_pandas=True))
    table = table.append_column("unknown", pa.array(unknown, pa.string()))
    distance = np.fmax(ratios[1], 1 / ratios[2])
    order = np.argsort(np.where(np.isnan(distance), 0, -distance), kind="stable")
    said = {"customers": counted.customers[0], "person_days": days[0], "exits": exits[0]}
    table = table.take(order[counted.customers[1:][order] > 0])
    return table.replace_schema_metadata({name: str(number) for name, number in said.items()})


def _check(log: ContactLog, **spans: int) -> None:
    for name, days in spans.items():
        if not 1 <= days <= LONGEST_DAYS:
            raise QuestionError(f"{name} is {days}; it must be at least 1 and at most {LONGEST_DAYS:,}")
    if (names := log.codes.size("touchpoint") - 1) > COMPARABLE:
        raise QuestionError(
            Message(
                "E-NAMES",
                "The log has {names:,} different touchpoints; at most {most:,} can be compared: give several of them one "
                "name by a value map in the mapping",
                names=names,
                most=COMPARABLE,
            )
        )


def _ratios(
    log: ContactLog, rules: Rules, exposures: NDArray[np.int64], days: int
) -> tuple[Numbers, NDArray[np.object_]]:
    """Hazard ratio, low and high of each exposure, rows in this order; and why they are NaN, None where they are not."""
    unit = fine_unit(days)
    periods = min(PERIODS, (rules.end - observed_from(log)) // (PERIOD * DAY) + 1)

    def sums(effects: Numbers) -> Numbers:
        return risk_sets(person_days(log, rules, exposures, effects, unit=unit, periods=periods), unit=unit)

    found = fit(sums, len(exposures), most=MOST_EFFECT)
    width = normal_quantile(CONFIDENCE) * np.outer([0, -1, 1], found.errors)
    ratios: Numbers = np.exp(found.coefficients + width)
    unknown = np.where(found.endless, "no_limit", "same_as_others").astype(object)
    unknown[~np.isnan(found.errors)] = None
    return ratios.round(DIGITS), unknown
