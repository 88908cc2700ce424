"""The Java machine of a Spark application: started quietly, and ended with it however that ends.

PySpark loses sight of a Java machine when Ctrl-C comes while it starts, and that one then never ends.
"""

import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread, current_thread, main_thread
from typing import Any

from py4j.java_gateway import JavaGateway
from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway

ENDING = 2.0
"""Seconds in which Java may tell the cluster that it ends; while Spark starts, it may wait for itself for ever."""

NOISE = re.compile(
    r"WARNING: Using incubator modules|WARNING: package \S+ not in|Picked up \w+:|NOTE: Picked up|"
    r"Using Spark's \S+ log4j profile|Setting default log level|To adjust logging level|"
    r".*Unable to load native-hadoop library|.*Your hostname, \S+ resolves to|.*Set SPARK_LOCAL_IP if"
)
"""What Java and Spark say at every start, and nobody can or need mend."""


@contextmanager
def java(conf: SparkConf) -> Iterator[JavaGateway | None]:
    """A Java machine with Spark, which ends with the block; None if this process has one that somebody else started."""
    if SparkContext._gateway:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="tangente-", ignore_cleanup_errors=True) as folder, _silent_py4j():
        conf.set("spark.driver.defaultJavaOptions", f"-Djava.io.tmpdir={folder} -XX:-UsePerfData")
        gateway, ending = None, Event()
        try:
            with _told(ending) as complaints, _ctrl_c_waits():
                gateway = launch_gateway(conf, {"stderr": complaints})  # type: ignore[no-untyped-call]
            yield gateway
        finally:
            ending.set()
            SparkContext._gateway = SparkContext._jvm = None
            if gateway:
                _end(gateway)


def _end(gateway: JavaGateway) -> None:
    process: subprocess.Popen[bytes] = gateway.proc
    with process:  # whose end closes what it was told through
        process.terminate()
        try:
            process.wait(ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
    gateway.shutdown()


@contextmanager
def _silent_py4j() -> Iterator[None]:
    """Py4J raises what goes wrong, and logs the trace as well, in part in the name of nobody."""
    everybody, py4j = logging.getLogger(), logging.getLogger("py4j")
    level = py4j.level
    everybody.addFilter(_is_not_of_py4j)
    py4j.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        py4j.setLevel(level)
        everybody.removeFilter(_is_not_of_py4j)


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    return Path(record.pathname).parent.name != "py4j"


@contextmanager
def own_ctrl_c() -> Iterator[None]:
    """Leave Ctrl-C after the block to whom it was left before: PySpark takes it, and asks a Java that may not listen."""
    listening = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if current_thread() is main_thread():
            signal.signal(signal.SIGINT, listening)


@contextmanager
def _ctrl_c_waits() -> Iterator[None]:
    """Let the first Ctrl-C take effect at the end of the block."""
    if current_thread() is not main_thread():  # which alone hears it
        yield
        return
    heard = []
    listening = signal.getsignal(signal.SIGINT)

    def hear(number: int, frame: Any) -> None:
        heard.append(number)
        signal.signal(signal.SIGINT, listening)

    signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, listening)
    if heard:
        raise KeyboardInterrupt


@contextmanager
def _told(ending: Event) -> Iterator[int]:
    """Where Java may complain; what is no noise is passed on, until it is ended by us."""
    heard, said = os.pipe()
    Thread(target=_pass_on, args=(heard, ending), daemon=True).start()
    try:
        yield said
    finally:
        os.close(said)


def _pass_on(heard: int, ending: Event) -> None:
    with open(heard, errors="replace") as lines:
        for line in lines:
            if not (ending.is_set() or NOISE.match(line)):
                sys.stderr.write(line)
