"""A simulation read back with NumPy alone, and what truth.json claims estimated from it in the simplest way."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tangente.contactlog.simulate import simulate
from tangente.contactlog.simulate.company import touchpoints

DAY = 86_400
BEGIN, END = (int(np.datetime64(moment, "s").astype(int)) for moment in ("2024-09-30T22:00:00", "2026-09-30T22:00:00"))
INFLUENCED = [touchpoint.name_de for touchpoint in touchpoints() if touchpoint.phase == "INFLUENCED"]


@dataclass(frozen=True)
class Estimate:
    """On a scale where it is about normal: a mean, a log odds ratio, a log rate ratio, Fisher's z of a correlation."""

    value: float
    error: float

    def covers(self, true: float) -> bool:
        return abs(self.value - true) <= 1.96 * self.error


def pooled(estimates: Iterable[Estimate]) -> Estimate:
    """Of independent ones, weighted by precision."""
    pairs = np.array([(estimate.value, estimate.error**-2) for estimate in estimates])
    precision = pairs[:, 1].sum()
    return Estimate(float(pairs[:, 0] @ pairs[:, 1] / precision), float(precision**-0.5))


class Simulation:
    """All rows as arrays; contacts by customer, time and sequence; customers numbered from 0."""

    def __init__(self, *, contacts: int, seed: int) -> None:
        batches = list(simulate(contacts=contacts, seed=seed))
        self.arrived = pa.Table.from_batches([happened for happened, _ in batches])
        self.ratings = pa.Table.from_batches([said for _, said in batches])
        by = [(name, "ascending") for name in ("customer_id", "occurred_at", "sequence")]
        self.contacts = self.arrived.sort_by(by)
        ids = self.contacts["customer_id"].combine_chunks().dictionary_encode()
        self.customer = ids.indices.to_numpy()
        self.customers = len(ids.dictionary)
        self.at = seconds(self.contacts["occurred_at"])
        self.touchpoint = texts(self.contacts["touchpoint"])
        self.outcome = texts(self.contacts["outcome"])
        self.first_row = np.flatnonzero(np.diff(self.customer, prepend=-1))
        self.is_prospect = np.isin(self.touchpoint[self.first_row], INFLUENCED)
        self.reason = texts(self.contacts["reason"])
        self.is_inbound = texts(self.contacts["direction"]) == "in"
        self.about = texts(self.ratings["touchpoint"])
        self.metric = texts(self.ratings["metric"])
        self.rated_at = seconds(self.ratings["occurred_at"])
        self.score = self.ratings["score"].to_numpy()

    def met(self, touchpoint: str) -> NDArray[np.bool_]:
        """Of each customer: any contact with it."""
        return np.bincount(self.customer[self.touchpoint == touchpoint], minlength=self.customers) > 0

    def has(self, outcome: str) -> NDArray[np.bool_]:
        return np.bincount(self.customer[self.outcome == outcome], minlength=self.customers) > 0

    def moment_of(self, outcome: str) -> NDArray[np.int64]:
        """When each customer had it; after the end for those who did not."""
        moment = np.full(self.customers, END + 1)
        rows = self.outcome == outcome
        moment[self.customer[rows]] = self.at[rows]
        return moment

    def population(self, outcome: str) -> NDArray[np.bool_]:
        """The customers of whom truth.json speaks."""
        if outcome == "purchase":
            return self.is_prospect & (self.at[self.first_row] < END - 50 * DAY)
        if outcome == "repurchase":
            return self.met("Verlängerungsangebot")
        return self.moment_of("purchase") < END - 150 * DAY

    def odds_ratio(self, outcome: str, touchpoint: str) -> Estimate:
        """Of the outcome, with against without a contact: logarithm, Woolf's error."""
        inside = self.population(outcome)
        cells = np.bincount(2 * self.met(touchpoint)[inside] + self.has(outcome)[inside], minlength=4)
        return Estimate(float(np.log(cells[3] * cells[0] / cells[1] / cells[2])), float(np.sqrt((1 / cells).sum())))

    def rate_ratio(self, touchpoint: str, days: float) -> Estimate:
        """Of exits, in the days after a contact against all other days: logarithm; of customers from the beginning."""
        here, until = ~self.is_prospect, np.minimum(self.moment_of("exit"), END)
        rows = np.flatnonzero((self.touchpoint == touchpoint) & here[self.customer])
        who, start = self.customer[rows], self.at[rows]
        stop = np.minimum(start + days * DAY, until[who])
        again = np.flatnonzero(who[1:] == who[:-1])
        stop[again] = np.minimum(stop[again], start[again + 1])
        last = np.full(self.customers, -END)
        last[who] = start
        exits = self.has("exit") & here
        after = int((exits & (until - last < days * DAY)).sum())
        counts = np.array([after, exits.sum() - after])
        time = float(np.maximum(stop - start, 0).sum())
        rest = float((until[here] - BEGIN).sum()) - time
        return Estimate(float(np.log(counts[0] / time * rest / counts[1])), float(np.sqrt((1 / counts).sum())))

    def repeats(self, touchpoint: str, reason: str) -> tuple[int, int]:
        """How many contacts, and after how many the customer came back for that reason within 7 days."""
        rows = np.flatnonzero((self.reason == reason) & self.is_inbound)
        who, at = self.customer[rows], self.at[rows]
        again = np.append((who[1:] == who[:-1]) & (np.diff(at) <= 7 * DAY), False)
        counted = (self.touchpoint[rows] == touchpoint) & (at <= self.at.max() - 7 * DAY)
        return int(counted.sum()), int(again[counted].sum())

    def scores(self, metric: str, touchpoint: str | None, since: int = BEGIN, until: int = END) -> NDArray[np.float64]:
        """The given answers in a period."""
        in_time = (self.rated_at >= since) & (self.rated_at < until)
        scores = self.score[in_time & (self.metric == metric) & np.equal(self.about, touchpoint)]
        return scores[~np.isnan(scores)]

    def sheets(self, names: list[str]) -> NDArray[np.float64]:
        """Answer sheets × these touchpoints and the company as a whole; NaN where no answer was given."""
        rows = (texts(self.ratings["source"]) == "Kundenbefragung") & (self.metric == "csat")
        column = {name: position for position, name in enumerate([*names, None])}
        columns = np.array([column[name] for name in self.about[rows]])
        sheet = np.unique(texts(self.ratings["response_id"])[rows], return_inverse=True)[1]
        sheets = np.full((sheet.max() + 1, len(column)), np.nan)
        sheets[sheet, columns] = self.score[rows]
        return sheets


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> Estimate:
    """Fisher's z, from the sheets that answer both."""
    both = ~np.isnan(x) & ~np.isnan(y)
    return Estimate(float(np.arctanh(np.corrcoef(x[both], y[both])[0, 1])), float((both.sum() - 3) ** -0.5))


def texts(column: pa.ChunkedArray) -> NDArray[np.object_]:
    return column.to_numpy(zero_copy_only=False)


def seconds(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Since 1970, UTC."""
    return column.cast(pa.int64()).to_numpy() // 1_000_000


def moment(text: str) -> int:
    return int(np.datetime64(text.removesuffix("Z"), "s").astype(int))
