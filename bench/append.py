"""Memory and time of `tangente log append` on simulated contacts: `python bench/append.py [CONTACTS …]`.

By default a million contacts and ten million. Memory is what the command and its children have in use, added up and
sampled ten times a second. What they share counts for each of them, so that the sum does not depend on what else runs
on the machine. It must not grow with the number of rows. Simulating ten million contacts takes a few minutes and 3 GB.
"""

import json
import os
import shutil
import sys
import time
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "bench" / "out"
SIZES = 1_000_000, 10_000_000
LIMIT_MIB, LIMIT_RATIO = 1536, 1.15
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TANGENTE = str(Path(sys.executable).parent / "tangente")


def run(*words: object) -> tuple[float, float]:
    """Seconds of a command, and peak MiB of it and its children together."""
    start, peak = time.perf_counter(), 0.0
    child = os.spawnv(os.P_NOWAIT, TANGENTE, [TANGENTE, *map(str, words)])
    while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
        peak = max(peak, sum(map(mebibytes, family(child))))
        time.sleep(0.1)
    if ended[1]:
        sys.exit(f"tangente {words[0]} ended with status {ended[1]}")
    return time.perf_counter() - start, peak


def family(process: int) -> list[int]:
    """A process and its children, theirs, and so on."""
    try:
        tasks = Path(f"/proc/{process}/task").glob("*/children")
        children = [int(child) for task in tasks for child in task.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [process, *chain.from_iterable(map(family, children))]


def mebibytes(process: int) -> float:
    """Its memory in use; 0 if it has just ended."""
    try:
        _, pages, *_ = Path(f"/proc/{process}/statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return int(pages) * PAGE_BYTES / 2**20


def appended(contacts: int) -> dict[str, float]:
    """Append the contacts of a simulation, and then its ratings, to a new log."""
    data, log = OUT / f"data-{contacts}", OUT / "log"
    if not (data / "truth.json").exists():
        run("simulate", "--contacts", contacts, "--seed", 1, "--out", data)
    shutil.rmtree(log, ignore_errors=True)
    result: dict[str, float] = {"contacts": contacts}
    for table in ("contacts", "ratings"):
        file = data / f"{table}.csv"
        seconds, memory = run("log", "append", file, f"--log={log}", f"--mapping={data / 'mapping.toml'}")
        result |= {f"{table}_s": round(seconds, 1), f"{table}_mib": round(memory)}
        print(f"append {table} of {contacts:,} contacts: {seconds:.1f} s, {memory:.0f} MiB (limit {LIMIT_MIB})")
    return result


def main() -> None:
    """Print the table and write bench/out/append.json."""
    results = [appended(contacts) for contacts in [int(word) for word in sys.argv[1:]] or SIZES]
    (OUT / "append.json").write_text(json.dumps(results) + "\n")
    ratio = results[-1]["contacts_mib"] / results[0]["contacts_mib"]
    print(f"memory of the largest against the smallest: {ratio:.2f} (limit {LIMIT_RATIO})")


if __name__ == "__main__":
    main()
