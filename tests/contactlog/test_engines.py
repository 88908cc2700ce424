"""Every question on both engines: threads of this machine and executors of Spark answer alike, to the last digit."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyspark
import pytest

from tangente.contactlog.erasure import erase
from tangente.contactlog.log import ContactLog
from tangente.contactlog.passes import fold, gather
from tangente.contactlog.spark import HERE, MASTERS, _check_answers, spark_context, spark_log
from tangente.contactlog.store import create_log
from tangente.contactlog.testing import from_rows
from tangente.errors import TangenteError
from tests.contactlog.deliveries import deliver
from tests.contactlog.questions import QUESTIONS
from tests.contactlog.strategies import sixty_customers

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not shutil.which("java"), reason="needs Java 17")]

BUCKETS = (1, 2, 7)
GROWN = ("profile", "flow", "variants", "attribution", "first contacts", "answers")
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


@pytest.mark.parametrize("master", ["spark://127.0.0.1:1", "spark://127.0.0.1", "spark://127.0.0.1:1,127.0.0.1:2"])
def test_spark_without_a_master_says_so_at_once(master: str) -> None:
    begun = time.monotonic()
    with (
        pytest.raises(TangenteError, match=f"^No Spark answers at {re.escape(master)}; ") as refusal,
        spark_context(master),
    ):
        pass
    assert (refusal.value.code, time.monotonic() - begun < 10) == ("E-SPARK", True)


@pytest.mark.parametrize("master", ["foo", "local[2", "local[x]", "http://127.0.0.1:8080", ""])
def test_spark_refuses_what_is_no_master_before_it_starts(master: str) -> None:
    with pytest.raises(TangenteError, match="is no Spark master; give --spark-master") as refusal:
        _check_answers(master)
    assert refusal.value.code == "E-SPARK"


@pytest.mark.parametrize("master", ["local", "local[2]", "local[*]", "local[2,3]", "yarn", "k8s://https://host:443"])
def test_spark_takes_its_own_masters(master: str) -> None:
    assert MASTERS.fullmatch(master)


def test_spark_is_content_with_one_of_several_masters() -> None:
    with socket.create_server((HERE, 0)) as master:
        _check_answers(f"spark://127.0.0.1:1,{HERE}:{master.getsockname()[1]}")


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


def tangente(*words: object) -> None:
    command = [str(Path(sys.executable).parent / "tangente"), *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | CLUSTER)
    assert done.returncode == 0, done.stderr


def test_report_made_on_a_cluster_is_the_same(tmp_path: Path, master: str) -> None:
    with create_log(tmp_path / "log", buckets=7) as store:
        deliver(store, *sixty_customers(), import_id="one")
    analyse = ["analyse", "--log", tmp_path / "log", "--outcome", "purchase", "--out"]
    tangente(*analyse, tmp_path / "here")
    tangente(*analyse, tmp_path / "spark", "--engine", "spark", "--spark-master", master)
    here, there = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("here", "spark"))
    assert there | {"created": None} == here | {"created": None}
    logs = [next((tmp_path / name).glob("app-*/*/stderr")).read_text() for name in ("one", "two")]
    assert [text.count("Finished task") > 0 for text in logs] == [True, True]
