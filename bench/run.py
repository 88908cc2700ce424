"""Time Tangente beside its peers and beside the bare limits, on one generated log: `make bench`.

BENCH_CONTACTS=1000000 BENCH_ROUNDS=3 make bench, or with options: python bench/run.py --contacts 100000 --jobs flow,funnel
How it is done, and how to read it: docs/explanation/performance.md.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import generate
import small
from jobs import LIBRARIES, QUERIES, TOOLS
from rounds import measure
from summary import results, table

OUT = Path(__file__).parent / "out"


def main() -> None:
    """Print the tables and write results.json."""
    options = _options()
    folder = options.out / f"log-{options.contacts}"
    if not (folder / "mapping.toml").exists():
        print(f"writing {options.contacts:,} contacts", flush=True)
        generate.write(folder, options.contacts)
    peers = [peer for peer in options.peers.split(",") if peer]
    jobs = [job for job in TOOLS if job in options.jobs.split(",")]
    found: dict[str, Any] = {}
    for measured in measure(folder, jobs, peers, options.rounds, processes=options.processes):
        found = results(measured, options.contacts)
        _write(options.out, found)  # should the next round be interrupted
    print(f"\n{options.contacts:,} contacts, {os.cpu_count()} processors, median of {options.rounds} rounds\n")
    print(table(found))
    if options.small:
        found["small"] = small.measure(options.out)
        _write(options.out, found)
        print("\n" + small.table(found["small"]))


def _write(out: Path, found: dict[str, Any]) -> None:
    (out / "results.json").write_text(json.dumps(found, indent=1) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=int(os.environ.get("BENCH_CONTACTS", "10000000")))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("BENCH_ROUNDS", "3")))
    parser.add_argument("--peers", default=",".join((*QUERIES, *LIBRARIES)), help="with commas; empty: none")
    parser.add_argument("--jobs", default=",".join(TOOLS))
    parser.add_argument(
        "--processes", action=argparse.BooleanOptionalAction, default=True, help="one for each tool and job"
    )
    parser.add_argument("--small", action=argparse.BooleanOptionalAction, default=True, help="also small logs")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
