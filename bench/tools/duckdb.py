"""The jobs in SQL, by DuckDB on the stored files: a peer, and the exact answers ours are compared with.

Codes of touchpoints, hours instead of moments and whole numbers instead of pairs are there because they proved faster.
"""

# ruff: noqa: S608  (every part of the statements is our own)

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from tools import MOST, OUTCOME, PHASES, TIMEZONE, WITHIN_DAYS, Answer, Job, ours, stored_files
from tools.chain import removal_effects

NAMES = """names AS MATERIALIZED (
    SELECT touchpoint, (row_number() OVER (ORDER BY touchpoint))::UTINYINT AS code
    FROM (SELECT DISTINCT touchpoint FROM contacts))"""

PROFILE = """
WITH hours AS MATERIALIZED (
    SELECT hour, date_trunc('month', make_timestamptz(hour * 3600000000))::date AS month
    FROM (SELECT unnest(range(min(epoch_us(occurred_at)) // 3600000000, max(epoch_us(occurred_at)) // 3600000000 + 1)) AS hour
          FROM contacts)),
met AS (
    SELECT touchpoint, month, count(*) AS contacts, count(DISTINCT customer_id) AS customers, sum(cost) / 1e6 AS cost
    FROM contacts JOIN hours ON hour = epoch_us(occurred_at) // 3600000000 GROUP BY ALL),
said AS (
    SELECT touchpoint, month, avg(score) AS mean, median(score) AS median
    FROM ratings JOIN hours ON hour = epoch_us(occurred_at) // 3600000000
    WHERE metric = 'csat' AND answer = 'given' AND rater = 'customer' GROUP BY ALL)
SELECT touchpoint, month, contacts, customers, cost, mean, median
FROM met LEFT JOIN said USING (touchpoint, month)"""

FLOW = """
SELECT here, there, count(*), quantile_cont(wait, [0.5, 0.9])
FROM (SELECT touchpoint AS here, lead(touchpoint) OVER history AS there, lead(us) OVER history - us AS wait
      FROM (SELECT customer_id, touchpoint, sequence, epoch_us(occurred_at) AS us FROM contacts)
      WINDOW history AS (PARTITION BY customer_id ORDER BY us, sequence))
WHERE there IS NOT NULL GROUP BY ALL"""

VARIANTS = f"""
WITH {NAMES},
paths AS (
    SELECT list(code ORDER BY occurred_at, sequence) AS path
    FROM contacts JOIN names USING (touchpoint) GROUP BY customer_id),
best AS (SELECT path, count(*) AS customers FROM paths GROUP BY path ORDER BY customers DESC, path LIMIT {MOST})
SELECT list_transform(path, lambda code: decoded[code]), customers
FROM best, (SELECT list(touchpoint ORDER BY code) AS decoded FROM names)"""

MOVES = f"""
WITH steps AS (
    SELECT touchpoint, lead(touchpoint) OVER history AS next, row_number() OVER history AS number,
        outcome = '{OUTCOME}' AS reached,
        count(*) FILTER (outcome = '{OUTCOME}')
            OVER (history ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached_before
    FROM (SELECT customer_id, touchpoint, outcome, sequence, epoch_us(occurred_at) AS us FROM contacts)
    WINDOW history AS (PARTITION BY customer_id ORDER BY us, sequence)),
path AS MATERIALIZED (SELECT * FROM steps WHERE reached_before = 0)
SELECT touchpoint, CASE WHEN reached THEN 'reached' ELSE coalesce(next, 'not reached') END AS next, count(*)
FROM path GROUP BY ALL
UNION ALL SELECT 'start', touchpoint, count(*) FROM path WHERE number = 1 GROUP BY ALL"""

PLACE = "us::HUGEINT * 4294967296 + sequence"
"""Of a contact in its history, as one number."""


def _funnel() -> str:
    """Step by step: who reached it, and by which contact; the first behind the one that reached the step before."""
    parts = [
        f"""WITH met AS MATERIALIZED (
            SELECT customer_id, us, {PLACE} AS place, phase
            FROM (SELECT customer_id, epoch_us(occurred_at) AS us, sequence, split_part(touchpoint, ' ', 1) AS phase FROM contacts)),
        step0 AS MATERIALIZED (SELECT customer_id, min(place) AS place FROM met WHERE phase = '{PHASES[0]}' GROUP BY ALL)"""
    ]
    parts += [
        f"""step{number} AS MATERIALIZED (
            SELECT customer_id, min(met.place) AS place
            FROM met JOIN step{number - 1} AS before USING (customer_id)
            WHERE phase = '{phase}' AND met.place > before.place
                AND us <= before.place // 4294967296 + {WITHIN_DAYS * 86_400_000_000} GROUP BY ALL)"""
        for number, phase in enumerate(PHASES[1:], 1)
    ]
    counts = (f"SELECT '{phase}', count(*) FROM step{number}" for number, phase in enumerate(PHASES))
    return ", ".join(parts) + " UNION ALL ".join(counts)


def _job(folder: Path, sql: str, answer: Callable[[list[Any]], Answer]) -> Job:
    connection = duckdb.connect(config={"threads": os.cpu_count() or 1, "preserve_insertion_order": False})
    connection.execute(f"SET TimeZone = '{TIMEZONE}'")
    for table, files in stored_files(folder).items():
        connection.execute(f"CREATE VIEW {table} AS FROM read_parquet({files})")
    return Job(lambda: connection.sql(sql).fetchall(), answer)


def profile(folder: Path) -> Job:
    """Touchpoint × month."""
    columns = ("contacts", "customers", "cost", "mean", "median")
    return _job(
        folder,
        PROFILE,
        lambda rows: {
            f"{name} {month:%Y-%m}": dict(zip(columns, values, strict=True)) for name, month, *values in rows
        },
    )


def flow(folder: Path) -> Job:
    """What directly follows what, and how long after."""
    return _job(
        folder,
        FLOW,
        lambda rows: {
            f"{here} > {there}": {"contacts": contacts, "median": median / 1e6, "p90": p90 / 1e6}
            for here, there, contacts, (median, p90) in rows
        },
    )


def variants(folder: Path) -> Job:
    """The most frequent paths."""
    return _job(folder, VARIANTS, lambda rows: {" > ".join(path): {"customers": customers} for path, customers in rows})


def attribution(folder: Path) -> Job:
    """Moves counted in SQL, removal effects from one inverse."""
    job = _job(folder, MOVES, dict)
    return Job(lambda: removal_effects(job.run()), lambda answer: answer)


def funnel(folder: Path) -> Job:
    """How many customers reach each phase."""
    return _job(folder, _funnel(), lambda rows: {phase: {"customers": customers} for phase, customers in rows})


def import_(folder: Path) -> Job:
    """What an import must have stored of the CSV."""
    return _stored(folder, [folder / "contacts.csv"])


def _stored(folder: Path, files: list[Path]) -> Job:
    sql = f"""
        SELECT touchpoint, count(*), sum(cost::DECIMAL(18, 6)), count(satisfaction)
        FROM read_csv({[str(file) for file in files]}, all_varchar=true) GROUP BY ALL"""
    columns = ("contacts", "cost", "answers")
    return _job(
        folder, sql, lambda rows: {name: dict(zip(columns, map(float, values), strict=True)) for name, *values in rows}
    )


def append(folder: Path) -> Job:
    """Both questions, of the log that was added to, and what it must hold of all files that were added."""
    jobs = {job.__name__: job(folder) for job in (profile, flow)}
    jobs["stored"] = _stored(folder, [folder / "contacts.csv", *ours.appended(folder)])
    return Job(
        lambda: {name: job.run() for name, job in jobs.items()},
        lambda rows: {
            f"{name} {key}": row for name, job in jobs.items() for key, row in job.answer(rows[name]).items()
        },
    )
