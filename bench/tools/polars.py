"""The jobs by Polars on the stored files. Ids as categories, not texts, proved twice as fast."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
from polars import col

from tools import MOST, OUTCOME, PHASES, TIMEZONE, WITHIN_DAYS, Answer, Job, stored_files
from tools.chain import removal_effects

MONTH = col("occurred_at").dt.convert_time_zone(TIMEZONE).dt.truncate("1mo").alias("month")
CUSTOMER = col("customer_id").cast(pl.Categorical).to_physical()
TOUCHPOINT = col("touchpoint").cast(pl.Categorical)
US = col("occurred_at").dt.epoch("us").alias("us")
MET = ("touchpoint", "month")


def profile(folder: Path) -> Job:
    """Touchpoint × month."""
    contacts, ratings = _table(folder, "contacts"), _table(folder, "ratings")

    def run() -> pl.DataFrame:
        met = contacts.select("touchpoint", MONTH, CUSTOMER, "cost").group_by(MET)
        said = (
            ratings.filter(metric="csat", answer="given", rater="customer")
            .select("touchpoint", MONTH, "score")
            .group_by(MET)
        )
        counts = met.agg(contacts=pl.len(), customers=col("customer_id").n_unique(), cost=col("cost").sum() / 1e6)
        scores = said.agg(mean=col("score").mean(), median=col("score").median())
        return counts.join(scores, on=MET, how="left").collect()

    return Job(run, lambda table: _answer(table, lambda row: f"{row.pop('touchpoint')} {row.pop('month'):%Y-%m}"))


def flow(folder: Path) -> Job:
    """What directly follows what, and how long after."""
    history = _history(folder)

    def run() -> pl.DataFrame:
        following = {"next": col("touchpoint").shift(-1), "wait": col("us").shift(-1) - col("us")}
        pairs = history.with_columns(**following, whose=col("customer_id").shift(-1)).filter(
            col("whose") == col("customer_id")
        )
        median, p90 = col("wait").median() / 1e6, col("wait").quantile(0.9, "linear") / 1e6
        return pairs.group_by("touchpoint", "next").agg(contacts=pl.len(), median=median, p90=p90).collect()

    return Job(run, lambda table: _answer(table, lambda row: f"{row.pop('touchpoint')} > {row.pop('next')}"))


def variants(folder: Path) -> Job:
    """The most frequent paths."""
    history = _history(folder)

    def run() -> pl.DataFrame:
        paths = history.group_by("customer_id", maintain_order=True).agg(path=col("touchpoint"))
        counted = paths.group_by("path").agg(customers=pl.len())
        least = col("customers") >= col("customers").top_k(MOST).min()
        return counted.filter(least).collect()

    def answer(table: pl.DataFrame) -> Answer:
        rows = sorted((-row["customers"], row["path"]) for row in table.to_dicts())[:MOST]
        return {" > ".join(path): {"customers": -customers} for customers, path in rows}

    return Job(run, answer)


def attribution(folder: Path) -> Job:
    """Moves counted by Polars, removal effects from one inverse."""
    history = _history(folder, "outcome")

    def run() -> Answer:
        reached = (col("outcome") == OUTCOME).fill_null(value=False)
        begins = col("customer_id") != col("customer_id").shift(1, fill_value=2**32 - 1)
        ends = col("customer_id") != col("customer_id").shift(-1, fill_value=2**32 - 1)
        steps = history.with_columns(reached=reached, begins=begins).with_columns(
            before=reached.cum_sum().over("customer_id") - reached, last=ends
        )
        path = steps.with_columns(
            next=pl.when("reached")
            .then(pl.lit("reached"))
            .when("last")
            .then(pl.lit("not reached"))
            .otherwise(col("touchpoint").shift(-1).cast(pl.String))
        ).filter(col("before") == 0)
        onward = path.group_by(col("touchpoint").cast(pl.String), "next").agg(count=pl.len())
        first = path.filter("begins").group_by(
            pl.lit("start").alias("touchpoint"), col("touchpoint").cast(pl.String).alias("next")
        )
        return removal_effects(pl.concat([onward, first.agg(count=pl.len())]).collect().rows())

    return Job(run, lambda answer: answer)


def funnel(folder: Path) -> Job:
    """How many customers reach each phase: the first contact behind the one that reached the phase before."""
    contacts = _table(folder, "contacts")

    def run() -> list[int]:
        met = (
            contacts.select(CUSTOMER, US, "sequence", phase=col("touchpoint").str.split(" ").list.first())
            .collect()
            .lazy()
        )
        met = met.sort("us", "sequence").with_columns(place=pl.int_range(pl.len()))
        counts, before = [], None
        for phase in PHASES:
            reached = met.filter(phase=phase)
            if before is not None:
                soon = (col("place") > col("place_before")) & (
                    col("us") <= col("us_before") + WITHIN_DAYS * 86_400_000_000
                )
                reached = reached.join(before, on="customer_id").filter(soon)
            found = (
                reached.group_by("customer_id")
                .agg(place_before=col("place").min(), us_before=col("us").min())
                .collect()
            )
            before = found.lazy()
            counts.append(len(found))
        return counts

    return Job(run, lambda counts: {phase: {"customers": count} for phase, count in zip(PHASES, counts, strict=True)})


def _table(folder: Path, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(stored_files(folder)[name])


def _history(folder: Path, *columns: str) -> pl.LazyFrame:
    contacts = _table(folder, "contacts").select(CUSTOMER, US, "sequence", TOUCHPOINT, *columns)
    return contacts.sort("customer_id", "us", "sequence")


def _answer(table: pl.DataFrame, key: Callable[[dict], str]) -> Answer:
    return {key(row): row for row in table.to_dicts()}
