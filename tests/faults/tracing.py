"""A forked process under strace: its system calls as they were made, or with one of them made to fail."""

import ctypes
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

SEEN = "openat,mkdir,mkdirat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,close"
PR_SET_PTRACER, ANY = 0x59616D61, -1

_CALL = re.compile(
    r"(?P<pid>\d+) +(?P<name>\w+)\((?P<arguments>.*?)(?:\) += (?P<result>-?\d+).*| <unfinished \.\.\.>)$"
)
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>.*\) += (?P<result>-?\d+)")
_PATH = re.compile(r'^\d+<(?P<open>[^>]*)>|"(?P<named>[^"]*)"')


class Call(NamedTuple):
    """A system call that succeeded, and the file it was about."""

    name: str
    path: str
    arguments: str


def traced(task: Callable[[], object], trace: Path, options: Sequence[str] = ()) -> int:
    """Do the task in a forked process whose system calls go to `trace`; its exit code, negative if it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            ctypes.CDLL(None).prctl(PR_SET_PTRACER, ANY, 0, 0, 0)
            while "TracerPid:\t0\n" in Path("/proc/self/status").read_text():
                time.sleep(0.005)
            task()
            code = 0
        finally:
            os._exit(code)
    command = ["strace", "-f", "-y", "-qq", "-e", f"trace={SEEN}", *options, "-o", str(trace), "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as strace:
        _, status = os.waitpid(child, 0)
        strace.communicate()
    return os.waitstatus_to_exitcode(status)


def calls(trace: Path) -> Iterator[Call]:
    """The calls in the order in which they ended; only those that succeeded."""
    begun: dict[str, re.Match[str]] = {}
    for line in trace.read_text(errors="replace").splitlines():
        if found := _CALL.match(line):
            if found["result"] is None:
                begun[found["pid"]] = found
            elif int(found["result"]) >= 0:
                yield _call(found)
        elif (found := _RESUMED.match(line)) and int(found["result"]) >= 0:
            yield _call(begun[found["pid"]])


def _call(found: re.Match[str]) -> Call:
    path = _PATH.search(found["arguments"])
    return Call(found["name"], (path["open"] or path["named"]) if path else "", found["arguments"])


def unsynced(made: Sequence[Call], tables: Sequence[Path], commit: Path) -> list[str]:
    """What was not on disk when the commit was made, which is when SQLite removed its journal `commit`."""
    dirty: dict[str, str] = {}
    found: list[str] = []
    for call in made:
        path = call.path
        if call.name == "unlink" and path == str(commit):
            found += [f"{path}: {why}" for path, why in dirty.items()]
        elif call.name in ("fsync", "fdatasync"):
            dirty = {other: why for other, why in dirty.items() if other != path and why != f"name in {path}"}
        elif any(path.startswith(f"{table}/") for table in tables):
            dirty |= _made_dirty(call)
    return found


def _made_dirty(call: Call) -> dict[str, str]:
    match call.name:
        case "write" | "pwrite64":
            return {call.path: "content"}
        case "mkdir" | "mkdirat":
            return {f"{call.path} ": f"name in {Path(call.path).parent}"}
        case "openat" if "O_CREAT" in call.arguments:
            return {f"{call.path} ": f"name in {Path(call.path).parent}"}
    return {}
