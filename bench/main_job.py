"""Time the main job on the simulated log of a million contacts, beside a bare read of the same files: `python bench/main_job.py`.

Seconds differ from machine to machine, so the bare read (DuckDB copying both CSV files to Parquet) runs in turn with
the main job, and the ratio is what to compare. Peak memory is that of the whole child process.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "bench" / "out"
CONTACTS = int(os.environ.get("BENCH_CONTACTS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
LIMIT_S, LIMIT_MIB = 30, 2048  # of the main job on a million contacts

BARE = """
import duckdb, sys
connection = duckdb.connect()
for name in ("contacts", "ratings"):
    connection.sql(f"copy (from read_csv('{sys.argv[1]}/{name}.csv', all_varchar=true)) to '{sys.argv[1]}/bare-{name}.parquet' (format parquet)")
"""


def run(*words: object) -> tuple[float, float]:
    """Seconds and peak MiB of a child process."""
    start = time.perf_counter()
    child = os.spawnv(os.P_NOWAIT, str(words[0]), [str(word) for word in words])
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{words[0]} ended with status {status}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    """Print the table and write bench/out/main_job.json."""
    tangente, data = Path(sys.executable).parent / "tangente", OUT / f"data-{CONTACTS}"
    if not (data / "truth.json").exists():
        run(tangente, "simulate", "--contacts", CONTACTS, "--seed", 1, "--out", data)
    files = [f"--{table}={data / table}.csv" for table in ("contacts", "ratings")]
    job = [tangente, "analyse", *files, f"--mapping={data / 'mapping.toml'}", f"--inventory={data / 'inventory.csv'}"]
    rounds = []
    for _ in range(ROUNDS):
        bare, _ = run(sys.executable, "-c", BARE, data)
        seconds, memory = run(*job, "--outcome=purchase", f"--out={OUT / 'report'}")
        rounds.append((seconds, memory, seconds / bare))
    seconds, memory, ratio = (statistics.median(column) for column in zip(*rounds, strict=True))
    result = {
        "job": "analyse",
        "contacts": CONTACTS,
        "ours_s": round(seconds, 2),
        "ours_mib": round(memory),
        "times_bare_read": round(ratio, 1),
    }
    (OUT / "main_job.json").write_text(json.dumps(result) + "\n")
    print(
        f"analyse, {CONTACTS:,} contacts: {seconds:.1f} s (limit {LIMIT_S}), {memory:.0f} MiB (limit {LIMIT_MIB}), {ratio:.1f} × a bare read"
    )


if __name__ == "__main__":
    main()
