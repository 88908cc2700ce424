"""Every question on both engines: threads of this machine and executors of Spark answer alike, to the last digit."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyspark
import pytest

from tangente.contactlog.erasure import erase
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import fold, gather
from tangente.contactlog.spark import spark_context, spark_log
from tangente.contactlog.store import create_log
from tangente.contactlog.testing import from_rows
from tangente.errors import TangenteError
from tests.contactlog.deliveries import deliver
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.strategies import sixty_customers

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("java"), reason="needs Java 17")]

BUCKETS = (1, 2, 7)
GROWN = ("profile", "flow", "variants", "attribution", "first contacts", "answers")
STOPPED = "Stopped; nothing was left half done."
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # half the processor time of a Java machine that lives long
CLUSTER = {"SPARK_LOCAL_IP": "127.0.0.1", "JAVA_TOOL_OPTIONS": SHORT_LIVED}


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, tuple[ContactLog, ContactLog]]]:
    """For each number of buckets the same log on this machine and on Spark."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", SHORT_LIVED)
        context = stack.enter_context(spark_context("local[2]"))
        logs = {}
        for buckets in BUCKETS:
            folder = tmp_path_factory.mktemp("engines") / "log"
            store = stack.enter_context(create_log(folder, buckets=buckets, key=b"key"))
            deliver(store, *sixty_customers(), import_id="one")
            logs[buckets] = store.log(), spark_log(store, context)
        yield logs


@pytest.mark.parametrize("buckets", BUCKETS)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_engines_answer_alike(question: Any, buckets: int, engines: Any) -> None:
    here, on_spark = engines[buckets]
    assert question(on_spark) == question(here) == question(engines[1][0])


@pytest.mark.parametrize("name", ["profile", "flow", "variants", "answers"])
def test_engines_filter_and_rename_alike(name: str, engines: Any) -> None:
    here, on_spark = (
        log.with_names({"web": "shop", "call": "Hotline"}).where(
            since=date(2026, 1, 15), touchpoints=["shop", "Hotline"], channels=["web"], customers_with_outcome=["exit"]
        )
        for log in engines[7]
    )
    assert QUESTIONS[name](on_spark) == QUESTIONS[name](here)


def test_engines_answer_alike_after_late_rows_and_an_erasure(tmp_path: Path, engines: Any) -> None:
    met, said = sixty_customers()
    met.sort(key=lambda row: row["occurred_at"])
    late = [row | {"touchpoint": f"former {row['touchpoint']}", "outcome": None} for row in met[:300]]
    with create_log(tmp_path / "log", buckets=3) as store:
        for change in (
            lambda: deliver(store, met[300:], said[:200], import_id="one"),
            lambda: deliver(store, late, said[200:], import_id="two"),
            lambda: erase(store, ["c1", "c2"]),
        ):
            change()
            here, on_spark = store.log(), spark_log(store, engines[1][1].engine.buckets.context)
            assert [QUESTIONS[name](on_spark) for name in GROWN] == [QUESTIONS[name](here) for name in GROWN]
            assert ready_on(on_spark) == 3


def ready_on(log: ContactLog) -> int:
    """How many buckets of a log the executors have ready; all lie on this machine."""
    disks = {disk for given in gather(log, lambda bucket: os.environ["SPARK_LOCAL_DIRS"]) for disk in given.split(",")}
    return sum(len(list(Path(disk, "tangente", log.engine.shared.log).iterdir())) for disk in disks)


def test_spark_hands_out_every_bucket_once_and_whole(engines: Any) -> None:
    here, on_spark = engines[7]
    rows = gather(on_spark, lambda bucket: [bucket.customers, len(bucket.contacts["customer"])])
    assert rows == gather(here, lambda bucket: [bucket.customers, len(bucket.contacts["customer"])])
    assert len(rows) == 7


def test_bucket_of_spark_can_be_seen_here(engines: Any) -> None:
    here, on_spark = engines[2]
    names = [
        [log.codes.decode("touchpoint", bucket.contacts["touchpoint"]).to_pylist() for bucket in log.buckets()]
        for log in (here, on_spark)
    ]
    assert names[0] == names[1]
    assert len(on_spark.stored) == 2


def test_spark_tells_in_one_sentence_what_failed_on_an_executor(engines: Any) -> None:
    with pytest.raises(TangenteError, match=r"^Spark gave up: ZeroDivisionError: division by zero$"):
        gather(engines[1][1], lambda bucket: 1 / 0)


def test_spark_passes_on_what_an_executor_refuses(tmp_path: Path, engines: Any) -> None:
    with create_log(tmp_path / "log", buckets=2) as store:
        deliver(store, *sixty_customers(), import_id="one")
        log = spark_log(store, engines[1][1].engine.buckets.context)
        for path in (tmp_path / "log" / "contacts").rglob("*.parquet"):
            path.unlink()
    with pytest.raises(TangenteError, match="is not there on") as refusal:
        fold(log, lambda: np.zeros(1, int), lambda summary, bucket: None)
    assert refusal.value.code == "E-REACH"


def test_spark_without_java_says_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(TangenteError, match="Spark needs Java 17"), spark_context():
        pass


def test_spark_with_a_java_that_does_not_start_says_so(tmp_path: Path) -> None:
    (java := tmp_path / "bin" / "java").parent.mkdir()
    java.write_text("#!/bin/sh\nexit 1\n")
    java.chmod(0o755)
    words = [
        sys.executable,
        "-c",
        "from tangente.contactlog.spark import spark_context as c; c('local[1]').__enter__()",
    ]
    ended = subprocess.run(words, env=os.environ | {"JAVA_HOME": str(tmp_path)}, capture_output=True, text=True)
    assert re.search(r"Error: Spark gave up: .*Java gateway process exited", ended.stderr)


def test_log_goes_with_a_pass_without_its_buckets() -> None:
    log = from_rows(*sixty_customers())
    assert (log.__getstate__()["stored"], log.__getstate__()["codes"]) == ((), log.codes)


@contextmanager
def started(folder: Path, what: str, *words: str) -> Iterator[str]:
    """A part of a cluster on this machine alone; answers the address it announces."""
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), f"org.apache.spark.deploy.{what}", *words]
    announced = folder / what
    with announced.open("w") as output:
        process = subprocess.Popen(command, stderr=output, stdout=output, env=os.environ | CLUSTER)
    try:
        until = time.monotonic() + 60
        while not (
            found := re.search(r"(?:Starting Spark|registered with) master.*?(spark://\S+)", announced.read_text())
        ):
            assert process.poll() is None, announced.read_text()
            assert time.monotonic() < until, announced.read_text()
            time.sleep(0.2)
        yield found[1]
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """The address of a master with two workers, each a process of its own; their work lies in `tmp_path`."""
    here = ["--host", "127.0.0.1", "--webui-port", "0"]
    with ExitStack() as stack:
        address = stack.enter_context(started(tmp_path, "master.Master", *here, "--port", "0"))
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            one_core = ["--cores", "1", "--memory", "1g", "--work-dir", str(tmp_path / name), address]
            stack.enter_context(started(tmp_path / name, "worker.Worker", *here, *one_core))
        yield address


TANGENTE = str(Path(sys.executable).parent / "tangente")


def tangente(*words: object) -> str:
    """What it said on standard error."""
    command = [TANGENTE, *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | CLUSTER)
    assert done.returncode == 0, done.stderr
    return done.stderr


def begun_with(mark: str) -> list[str]:
    """The commands of the processes in whose environment something stands, also where these have outlived others."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text())
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux to look for processes")
@pytest.mark.parametrize("moment", ["java", "pyspark.daemon"])
def test_ctrl_c_ends_spark_and_all_it_began(tmp_path: Path, moment: str) -> None:
    with create_log(tmp_path / "log", buckets=2) as store:
        deliver(store, *sixty_customers(), import_id="one")
    (own := tmp_path / "own").mkdir()
    command = [TANGENTE, "analyse", "--log", str(tmp_path / "log"), "--out", str(tmp_path / "out"), "--engine", "spark"]
    environment = os.environ | {"TMPDIR": str(own), "JAVA_TOOL_OPTIONS": SHORT_LIVED}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment, start_new_session=True) as process:
        while not any(moment in words for words in begun_with(str(own))):
            assert process.poll() is None
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGINT)
        said = process.communicate()[1].decode().splitlines()
    assert (process.returncode, said[-1], said[:-1]) == (130, STOPPED, ["Preparing the questions"] * (len(said) - 1))
    assert list(own.iterdir()) == []
    time.sleep(1)  # Python on an executor ends when it notices that Java has
    assert begun_with(str(own)) == []


def test_report_made_on_a_cluster_is_the_same(tmp_path: Path, master: str) -> None:
    with create_log(tmp_path / "log", buckets=7) as store:
        deliver(store, *sixty_customers(), import_id="one")
    analyse = ["analyse", "--log", tmp_path / "log", "--outcome", "purchase", "--out"]
    said = tangente(*analyse, tmp_path / "here")
    assert tangente(*analyse, tmp_path / "spark", "--engine", "spark", "--spark-master", master) == said
    here, there = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("here", "spark"))
    assert there | {"created": None} == here | {"created": None}
    logs = [next((tmp_path / name).glob("app-*/*/stderr")).read_text() for name in ("one", "two")]
    assert [text.count("Finished task") > 0 for text in logs] == [True, True]
