"""Attribution by ChannelAttribution, which simulates; the paths are made before its time begins."""

import os
from pathlib import Path

import ChannelAttribution
import pandas as pd
import polars as pl
from polars import col

from tools import OUTCOME, Answer, Job, stored_files


def attribution(folder: Path) -> Job:
    """Its Markov model at its defaults."""
    paths = _paths(folder)

    def run() -> pd.DataFrame:
        found = ChannelAttribution.markov_model(
            paths, "path", "reached", var_null="not_reached", ncore=os.cpu_count(), verbose=False, flg_pro=False
        )
        return found["result"] if isinstance(found, dict) else found

    def answer(table: pd.DataFrame) -> Answer:
        names, conversions = table.iloc[:, 0], table.iloc[:, 1]
        return {name: {"share": value / conversions.sum()} for name, value in zip(names, conversions, strict=True)}

    return Job(run, answer)


def _paths(folder: Path) -> pd.DataFrame:
    """Each path up to the first purchase, and how many customers took it with and without one."""
    contacts = pl.scan_parquet(stored_files(folder)["contacts"]).sort("customer_id", "occurred_at", "sequence")
    reached = (col("outcome") == OUTCOME).fill_null(value=False)
    steps = contacts.with_columns(reached=reached).filter(reached.cum_sum().over("customer_id") - reached == 0)
    paths = steps.group_by("customer_id", maintain_order=True).agg(
        path=col("touchpoint").str.join(" > "), bought=col("reached").any()
    )
    counted = (
        paths.group_by("path")
        .agg(reached=col("bought").sum().cast(pl.Int64), not_reached=(~col("bought")).sum().cast(pl.Int64))
        .collect()
    )
    return pd.DataFrame({name: counted[name].to_list() for name in counted.columns})
