"""Whatever a file makes of the child that reads it ends in one sentence, and the program goes on."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tangente.errors import SourceError
from tangente.messages import Message
from tangente.sources.child import Limits
from tangente.sources.child import limited as limited_work
from tangente.sources.child_frames import HEAD, KINDS, LARGEST, LARGEST_JSON, BadFrame, from_json, receive, to_json

FILE = Path("file.csv")
WORK = "tests.sources.childs_work"
LIMITS = Limits(memory_mib=128, cpu_s=1, stall_s=1)


def limited(name: str, path: Path, *arguments: object, limits: Limits | None = None):
    return limited_work(f"{WORK}:{name}", path, *arguments, limits=limits)


@pytest.fixture(autouse=True, scope="module")
def _program() -> None:
    """Started once, so that the limits of a test are of its child alone."""
    list(limited("counting", FILE, 1))


ENDS = [
    pytest.param("allocating", [4096], "E-MEMORY", "file.csv takes more than 128 MiB of memory", id="one allocation"),
    pytest.param("hoarding", [], "E-MEMORY", "file.csv takes more than 128 MiB of memory", id="many allocations"),
    pytest.param("dying", [signal.SIGKILL], "E-MEMORY", "file.csv takes more than", id="killed by the machine"),
    pytest.param("looping", [60], "E-TIME", "file.csv takes too long to read", id="endless loop"),
    pytest.param("sleeping", [60], "E-TIME", "file.csv takes too long to read", id="no sign of life"),
    pytest.param(
        "dying", [signal.SIGABRT], "E-PARSER", "file.csv breaks the program that reads it (SIGABRT)", id="abort"
    ),
    pytest.param(
        "dying", [signal.SIGSEGV], "E-PARSER", "file.csv breaks the program that reads it (SIGSEGV)", id="fault"
    ),
    pytest.param("exiting", [], "E-PARSER", "file.csv breaks the program that reads it (exit code 3)", id="exit"),
    pytest.param("recursing", [], "E-PARSER", "file.csv breaks the program that reads it (RecursionError:", id="depth"),
    pytest.param("refusing", [], "E-TEST", "file.csv has 4,200 lines", id="its own refusal"),
]


@pytest.mark.parametrize(("function", "arguments", "code", "sentence"), ENDS)
def test_child_that_fails_ends_in_a_sentence_within_seconds(function, arguments, code, sentence):
    begin = time.monotonic()
    with pytest.raises(SourceError) as caught:
        list(limited(function, FILE, *arguments, limits=LIMITS))
    assert (caught.value.code, str(caught.value)[: len(sentence)]) == (code, sentence)
    assert time.monotonic() - begin < 5
    assert list(limited("counting", FILE, 3)) == [0, 1, 2]  # life goes on


@pytest.mark.parametrize(
    ("function", "arguments", "limits"),
    [
        pytest.param("allocating", [4096], Limits(memory_mib=8192), id="memory"),
        pytest.param("looping", [1.5], Limits(cpu_s=60), id="processor time"),
        pytest.param("sleeping", [1.5], Limits(stall_s=30), id="sign of life"),
    ],
)
def test_only_the_limit_stops_the_child(function, arguments, limits):
    assert len(list(limited(function, FILE, *arguments, limits=limits))) == 1


def test_child_writes_nothing_into_a_file(tmp_path: Path):
    with pytest.raises(SourceError, match="File too large"):
        list(limited("writing", tmp_path / "file.csv"))
    assert (tmp_path / "file.csv").read_bytes() == b""


def test_child_opens_few_files(tmp_path: Path):
    (tmp_path / "file.csv").touch()
    with pytest.raises(SourceError, match="Too many open files"):
        list(limited("opening", tmp_path / "file.csv"))


def test_child_gets_no_secrets_no_terminal_and_leaves_no_core(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TANGENTE_LOG_KEY", "00" * 32)
    environment, group, core = limited("telling", FILE)
    assert {"TANGENTE_LOG_KEY", "HOME", "PATH"} & set(environment) == set()
    assert group != os.getpgid(0)
    assert core == [0, 0]


def test_child_waits_while_nobody_takes_what_it_yields():
    told = limited("counting", FILE, 10_000_000, limits=LIMITS)
    assert next(told) == 0
    time.sleep(0.5)
    begin = time.monotonic()
    told.close()
    assert time.monotonic() - begin < 1  # it had not yielded them all


def test_child_ends_with_the_interest_in_it():
    told = limited("sleeping", FILE, 60)
    child = next(told)
    assert lives(child)
    told.close()
    assert not lives(child)


def test_child_ends_on_an_interrupt(monkeypatch: pytest.MonkeyPatch):
    told = limited("sleeping", FILE, 60)
    child = next(told)
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    with pytest.raises(KeyboardInterrupt):
        next(told)
    signal.signal(signal.SIGALRM, before)
    assert not lives(child)


PARENT = """
import sys, time
from pathlib import Path
from tangente.sources.child import limited
told = limited("tests.sources.childs_work:sleeping", Path("file.csv"), 60)
print(next(told), flush=True)
time.sleep(60)
"""


def test_child_ends_with_its_parent():
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert lives(child)
    parent.kill()
    parent.communicate()
    assert eventually(lambda: not lives(child))


def lives(process: int) -> bool:
    """Whether a process runs; what only waits to be buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def eventually(holds, seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return bool(holds())


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(HEAD.pack(99, 0), id="unknown kind"),
        pytest.param(HEAD.pack(KINDS.index("bytes"), LARGEST + 1), id="more bytes than there can be"),
        pytest.param(HEAD.pack(KINDS.index("value"), LARGEST_JSON + 1), id="more JSON than there can be"),
    ],
)
def test_frames_that_no_sound_child_sends_are_refused_unread(sent: bytes):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(sent)
        with pytest.raises(BadFrame):
            receive(ours)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[" * 100_000, id="depth"),
        pytest.param(b'{"code": "E", "text": "{n.__class__}", "values": {"n": 1}}', id="reaching"),
        pytest.param(b'{"code": "E", "text": "{n[0]}", "values": {"n": ["x"]}}', id="reaching into a list"),
        pytest.param(b'{"code": "E", "text": "{n!r}", "values": {"n": "x"}}', id="converting"),
        pytest.param(b'{"code": "E", "text": "{n:>9}", "values": {"n": "x"}}', id="formatting"),
        pytest.param(b'{"code": "E", "text": "{n:{n}}", "values": {"n": "9"}}', id="formatting by a value"),
        pytest.param(b'{"code": 1, "text": "{n}", "values": [1]}', id="no values"),
        pytest.param(b'{"code": ["E"], "text": "", "values": {}}', id="no code"),
    ],
)
def test_json_that_no_sound_child_sends_is_refused(text: bytes):
    with pytest.raises(BadFrame):
        from_json(text)


def test_messages_come_back_as_they_went():
    inner = Message("", "column {n:,}", n=2000)
    message = Message("E-TEST", "{file}: {what}", file="ä\ud800.csv", what=[inner, "x"])
    again = from_json(to_json([message]))[0]
    assert (again, again.code, again.text) == (message, "E-TEST", "{file}: {what}")
    assert isinstance(again.values["what"][0], Message)


@pytest.mark.parametrize(
    ("name", "way"), [("a.csv.gz", "split it into several files"), ("a.xlsx", "split it, or save it as CSV")]
)
def test_child_advises_csv_only_for_other_files(name: str, way: str):
    with pytest.raises(SourceError) as caught:
        list(limited("dying", FILE.with_name(name), signal.SIGKILL, limits=LIMITS))
    assert str(caught.value).partition("; ")[2] == way
