"""Readers at their browsers, each on a connection that stays open: asyncio, HTTP/1.1, nothing else."""

import asyncio
import re
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Reader:
    """One connection, with the cookies of somebody who has signed in."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port, self._cookie = port, cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, said: Mapping[str, str], more_cookies: str = "") -> Answer:
        return await self._ask("POST", path, urlencode(said).encode(), more_cookies)

    async def _ask(self, method: str, path: str, body: bytes, more_cookies: str = "") -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(HOST, self._port, limit=1 << 24)
        reading, writing = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{self._port}", f"Cookie: {self._cookie}{more_cookies}"]
        if body:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        writing.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reading.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        return Answer(
            int(head[0].split()[1]), headers, await reading.readexactly(int(headers.get("content-length", 0)))
        )

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
            await self._streams[1].wait_closed()


async def look(port: int, cookie: str, path: str) -> bytes:
    """A page, once."""
    reader = Reader(port, cookie)
    answer = await reader.get(path)
    await reader.close()
    return answer.body


@dataclass
class Asked:
    """What became of many requests."""

    milliseconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, other: "Asked") -> None:
        self.milliseconds += other.milliseconds
        self.errors += other.errors
        self.seconds += other.seconds

    def figures(self) -> dict[str, Any]:
        points = quantiles(self.milliseconds, n=100)
        return {
            "answers": len(self.milliseconds),
            "a_second": round(len(self.milliseconds) / self.seconds, 1),
            "p50_ms": round(points[49], 1),
            "p95_ms": round(points[94], 1),
            "errors": sum(self.errors.values()),
        }


async def ask_for(port: int, cookies: Sequence[str], path: str, *, seconds: float, pause: float) -> Asked:
    """Let each reader ask for a page for so long: each `pause` seconds, or again as soon as it is there."""
    asked, begun = Asked(), time.perf_counter()
    await asyncio.gather(
        *(
            _ask_on(Reader(port, cookie), path, asked, begun + seconds, pause, number / len(cookies))
            for number, cookie in enumerate(cookies)
        )
    )
    asked.seconds = time.perf_counter() - begun
    return asked


async def ask_each(port: int, cookie: str, paths: Sequence[str]) -> Asked:
    """One reader asks for some pages, one after the other."""
    reader, asked, begun = Reader(port, cookie), Asked(), time.perf_counter()
    for path in paths:
        sent = time.perf_counter()
        answer = await reader.get(path)
        asked.milliseconds.append(1_000 * (time.perf_counter() - sent))
        if answer.status != 200:
            asked.errors[str(answer.status)] += 1
    asked.seconds = time.perf_counter() - begun
    await reader.close()
    return asked


async def _ask_on(reader: Reader, path: str, asked: Asked, until: float, pause: float, part: float) -> None:
    """One reader; `part` of a pause later than the first."""
    await asyncio.sleep(pause * part)
    while (sent := time.perf_counter()) < until:
        try:
            answer = await reader.get(path)
        except (OSError, asyncio.IncompleteReadError) as error:
            asked.errors[type(error).__name__] += 1
            return
        asked.milliseconds.append(1_000 * (time.perf_counter() - sent))
        if answer.status != 200:
            asked.errors[str(answer.status)] += 1
        await asyncio.sleep(max(0.0, sent + pause - time.perf_counter()) if pause else 0)
    await reader.close()


@dataclass
class Clicks:
    """One form sent many times at once."""

    name: str
    statuses: dict[int, int]


async def click_at_once(port: int, cookie: str, path: str, times: int) -> Clicks:
    """Open a form, fill it in, and send it so many times, each on a connection of its own."""
    opener = Reader(port, cookie)
    page = await opener.get(path)
    token = re.findall(r"csrftoken=(\w+)", page.headers["set-cookie"])[0]
    fields = dict(re.findall(r'name="(once|csrfmiddlewaretoken)" value="([^"]+)"', page.body.decode()))
    name = f"Bench {time.time_ns()}"
    readers = [Reader(port, cookie) for _ in range(times)]
    await asyncio.gather(*(reader.get("/health") for reader in readers))  # connected before the first click
    answers = await asyncio.gather(
        *(reader.post(path, fields | {"name": name}, f"; csrftoken={token}") for reader in readers)
    )
    await asyncio.gather(*(reader.close() for reader in (opener, *readers)))
    return Clicks(name, dict(Counter(answer.status for answer in answers)))
