"""Time pages of the running application beside a bare Django view: `make bench-web`.

BENCH_WEB_CONTACTS=50000 make bench-web, or with options: python bench/web.py --contacts 50000 --seconds 5
How it is done, and how to read it: docs/explanation/performance.md.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from itertools import combinations, product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import web_client
from web_client import Asked

from tangente.web.serving.web import THREADS

FOLDER = Path(__file__).parent
OUT = FOLDER / "out"
TANGENTE = Path(sys.executable).parent / "tangente"
PATIENCE_S, SETTLED_S = 60, 3
READERS, PAUSE_S, CLICKS = 20, 1.0, 50
TARGET_MS = 300
OVERVIEW = "/w/morgennetz/"
AHEAD = {"period", "segment"}, {"period", "channel"}


def main() -> None:
    """Print the table and write web.json."""
    options = _options()
    data = options.out.absolute() / f"web-{options.contacts}"
    subprocess.run([TANGENTE, "demo", "--no-serve", f"--data={data}", f"--contacts={options.contacts}"], check=True)
    sessions = json.loads(_python("web_sessions.py", str(data), str(READERS)))
    found = asyncio.run(_measured(data, sessions, options.rounds, options.seconds))
    found |= {"contacts": options.contacts, "processors": os.cpu_count(), "readers": READERS}
    (options.out / "web.json").write_text(json.dumps(found, indent=1) + "\n")
    print(_table(found))


def _python(script: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, FOLDER / script, *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


@contextmanager
def _serving(port: int, *command: str | Path, **environment: str) -> Iterator[int]:
    """A server that ends with the block, once it answers; its process."""
    quiet = os.environ | {"TANGENTE_LOG_LEVEL": "ERROR"} | environment
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=quiet, cwd=FOLDER) as server:
        try:
            last = time.monotonic() + PATIENCE_S
            while not web_client.answers(port) and time.monotonic() < last:
                time.sleep(0.1)
            yield server.pid
        finally:
            server.terminate()


def _memory(process: int) -> int:
    """MiB of a process and of all it has started; what several share is counted once."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return (own >> 10) + sum(map(_memory, children))


def _bare(port: int) -> list[str]:
    served = ["--interface=wsgi", f"--port={port}", f"--blocking-threads={THREADS}", "--log-level=error"]
    return [sys.executable, "-m", "granian", *served, "web_bare:application"]


async def _measured(data: Path, sessions: dict[str, str], rounds: int, seconds: float) -> dict[str, Any]:
    """Rounds of each page in turn, so that slow spells of the machine hit all alike."""
    ours, bare = web_client.free_port(), web_client.free_port()
    readers = [cookie for name, cookie in sessions.items() if name != "owner"]
    with _serving(ours, TANGENTE, "serve", f"--data={data}", f"--port={ours}") as server:
        await asyncio.sleep(SETTLED_S)
        memory = [_memory(server)]
        page = await web_client.look(ours, readers[0], OVERVIEW)
        await asyncio.sleep(2 * SETTLED_S)  # it rehearses
        with _serving(bare, *_bare(bare), BENCH_BYTES=str(len(page))):
            asked: dict[str, Asked] = {}
            for _ in range(rounds):
                for name, port, path, pause in (
                    ("overview, each reader once a second", ours, OVERVIEW, PAUSE_S),
                    ("overview, again at once", ours, OVERVIEW, 0.0),
                    ("health, again at once", ours, "/health", 0.0),
                    ("bare view of as many bytes, again at once", bare, "/", 0.0),
                ):
                    more = await web_client.ask_for(port, readers, path, seconds=seconds, pause=pause)
                    asked.setdefault(name, Asked()).add(more)
        asked["two filters nobody asked for, one by one"] = await web_client.ask_each(ours, readers[0], _pairs(page))
        clicks = await web_client.click_at_once(ours, sessions["owner"], f"{OVERVIEW}departments/new/", CLICKS)
        memory.append(_memory(server))
        records = (await web_client.look(ours, sessions["owner"], f"{OVERVIEW}people/")).count(clicks.name.encode())
    return {
        "page_bytes": len(page),
        "memory_mib": memory,
        "asked": {name: one.figures() for name, one in asked.items()},
        "clicks": {"sent": CLICKS, "statuses": clicks.statuses, "records": records},
    }


def _pairs(page: bytes) -> list[str]:
    """The overview under each two filters, but for a segment or a channel in a period: these are asked ahead."""
    selects = re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', page.decode(), re.DOTALL)
    values = {name: [unescape(value) for value in re.findall(r'value="([^"]+)"', inside)] for name, inside in selects}
    pairs = [pair for pair in combinations(values, 2) if set(pair) not in AHEAD]
    chosen = [
        dict(zip(pair, both, strict=True)) for pair in pairs for both in product(*(values[name] for name in pair))
    ]
    return [f"{OVERVIEW}?{urlencode(each)}" for each in chosen]


def _table(found: dict[str, Any]) -> str:
    lines = [
        f"\n{found['contacts']:,} contacts, {found['readers']} signed-in readers, {found['processors']} processors, page of {found['page_bytes']:,} bytes\n",
        "| | answers | a second | p50 ms | p95 ms | errors |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {name} | {one['answers']:,} | {one['a_second']} | {one['p50_ms']} | {one['p95_ms']} | {one['errors']} |"
            for name, one in found["asked"].items()
        ),
    ]
    p95 = next(iter(found["asked"].values()))["p95_ms"]
    clicks = found["clicks"]
    return "\n".join(
        [
            *lines,
            f"\np95 of the overview: {p95} ms, target {TARGET_MS} ms: {'met' if p95 <= TARGET_MS else 'NOT MET'}",
            f"memory: {found['memory_mib'][0]} MiB after the start, {found['memory_mib'][1]} MiB after all of this, targets 500 and 1,228 MiB",
            f"{clicks['sent']} clicks at once on one form: answers {clicks['statuses']}, {clicks['records']} record",
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=int(os.environ.get("BENCH_WEB_CONTACTS", "1200000")))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each page in each round")
    parser.add_argument("--out", type=Path, default=OUT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
