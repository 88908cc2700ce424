"""The same passes on Spark: executors take buckets of the log's tables, and only what they counted comes back.

Spark hands out the list of the buckets and never sees a row: it would tear customers apart. `executor.py` is what runs
there.
"""

import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pyiceberg.manifest import DataFile

from tangente.contactlog import executor
from tangente.contactlog.codes import KINDS, Codes
from tangente.contactlog.damage import RecordError
from tangente.contactlog.executor import Shared, StoredBucket, accepted, told
from tangente.contactlog.files import Checksum
from tangente.contactlog.histories import Bucket
from tangente.contactlog.log import ContactLog, S, T
from tangente.contactlog.schema import TABLES
from tangente.contactlog.spark_master import check_master, no_spark
from tangente.contactlog.store import LogStore
from tangente.errors import TangenteError
from tangente.messages import Message

try:
    from py4j.java_gateway import JavaGateway
    from py4j.protocol import Py4JError, Py4JJavaError
    from pyspark import RDD, SparkConf, SparkContext
    from pyspark.cloudpickle import CloudPickler
    from pyspark.errors import PySparkException

    from tangente.contactlog.spark_java import java, own_ctrl_c
except ImportError as error:
    raise TangenteError(
        Message("E-SPARK", "Spark is not installed; `pip install 'tangente[spark]'` brings it, and it needs Java 17")
    ) from error

LOCAL = "local[*]"
"""Spark within one process on this machine, on all of its processors."""

HERE = "127.0.0.1"
QUIET = Path(__file__).with_suffix(".properties")


@dataclass(frozen=True)
class Buckets(Sequence[Bucket]):
    """The buckets of a log as executors make them; one that is asked for here is made ready in memory."""

    files: Sequence[StoredBucket]
    codes: Codes

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: Any) -> Any:
        return self.files[index].made_ready(self.codes)


@dataclass(frozen=True)
class Executors:
    """The engine: the executors of a Spark application, and the list of the buckets of one log.

    Spark remembers which machine held which part of the list, and sends it there again, where the bucket is ready.
    """

    buckets: "RDD[StoredBucket]"
    shared: Shared

    def fold(self, log: ContactLog, start: Callable[[], S], visit: Callable[[S, Bucket], None]) -> S:
        """Add up the buckets of each task, then the sums of the tasks, on executors as long as these are many."""
        job = partial(executor.folded, _pickled(log, start, visit), self.shared)
        with _refusals():
            total: S = accepted(self._asked(job).treeReduce(executor.added))
        return total

    def gather(self, log: ContactLog, visit: Callable[[Bucket], T]) -> list[T]:
        """Bring back what is made of each bucket."""
        job = partial(executor.gathered, _pickled(log, visit), self.shared)
        with _refusals():
            found = list(map(accepted, self._asked(job).collect()))
        return [made for _, made in sorted(found, key=lambda pair: pair[0])]

    def _asked(self, job: executor.Work) -> "RDD[Any]":
        tasks = self.buckets.context.defaultParallelism  # a task costs more than the pass over a bucket
        return self.buckets.coalesce(tasks).mapPartitions(partial(told, job))


def spark_log(store: LogStore, context: SparkContext) -> ContactLog:
    """The log as questions see it, whose passes run on the executors of Spark.

    Args:
        store: an open log, in a folder that all machines see under the same name.
        context: a running Spark application, as `spark_context` starts one; it must outlive the log.
    Returns: the log; it answers as `store.log()` does, to the last digit.
    Raises: ContactLogError if an executor cannot see a data file, or one is not as it was written; TangenteError if
        Spark gives up.
    Cost: the names in the data files are read; the first question then reads these whole.
    Source: docs/how-to/run-on-spark.md
    """
    files = planned(store)
    asked = partial(told, partial(executor.names, executor.code_state()))
    with _refusals():
        buckets = context.parallelize(files, len(files)).persist()
        found = list(map(accepted, buckets.mapPartitions(asked).collect()))
    codes = Codes()
    for kind in KINDS:
        codes = codes.with_values(kind, (name for part in found for name in part[kind]))
    shared = executor.shared(store.folder, files, codes, context.broadcast(codes))
    return ContactLog(
        Buckets(files, codes),
        codes,
        currency=store.currency,
        timezone=store.timezone,
        engine=Executors(buckets, shared),
    )


def planned(store: LogStore) -> list[StoredBucket]:
    """The buckets as one commit left them. Raises: RecordError for a data file that the log does not know."""
    tables, known = store.catalog.tables(), store.catalog.checksums()

    def files(of: list[DataFile]) -> dict[str, Checksum]:
        paths = sorted(file.file_path for file in of)
        if strange := [path for path in paths if path not in known]:
            raise RecordError(strange[0])
        return {path: known[path] for path in paths}

    both = zip(*(store.by_bucket(tables[name]) for name in TABLES), strict=True)
    return [StoredBucket(index, *map(files, of)) for index, of in enumerate(both)]


@contextmanager
def spark_context(master: str = LOCAL) -> Iterator[SparkContext]:
    """A Spark application that runs as long as the `with` block.

    Args:
        master: where: `local[2]`, `spark://host:7077` or what else Spark knows; its own files of settings say the rest.
    Raises: TangenteError if Java is missing or Spark cannot be started there.
    Cost: some seconds.  Source: docs/how-to/run-on-spark.md
    """
    _check_java()
    check_master(master)
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    # Whoever is free takes a bucket at once: to make it ready costs no more than to wait for who has it ready.
    conf = SparkConf().setAppName("tangente").setMaster(master).set("spark.locality.wait", "0s")
    conf.set("spark.ui.showConsoleProgress", "false")
    if master.startswith("local"):
        conf.set("spark.driver.bindAddress", HERE).set("spark.driver.host", HERE).set("spark.ui.enabled", "false")
        conf.set("spark.driver.extraJavaOptions", f"-Dlog4j2.configurationFile={QUIET.as_uri()}")
    with ExitStack() as machine:
        with _refusals():
            gateway = machine.enter_context(java(conf))
            context = _started(conf, master, gateway)
        try:
            yield context
        except BaseException:
            if gateway:
                context._jsc = None  # Java may not listen, or be gone; Spark ends with it
            raise
        finally:
            context.stop()


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    if not shutil.which("java", path=str(Path(home, "bin")) if home else None):
        raise TangenteError(
            Message(
                "E-SPARK",
                "Spark needs Java 17, and there is no java here; install it, on Debian as openjdk-17-jre-headless, or "
                "let JAVA_HOME say where it is",
            )
        )


def _started(conf: SparkConf, master: str, gateway: JavaGateway | None) -> SparkContext:
    """Spark that gave up on its master raises, or is stopped now or soon, without a number for the application."""
    try:
        with own_ctrl_c():
            context = SparkContext(gateway=gateway, conf=conf)
    except Py4JJavaError as error:
        if "stopped SparkContext" in str(error.java_exception.getMessage()):
            raise no_spark(master) from error
        raise
    if context._jsc.sc().isStopped() or context.applicationId.startswith("spark-application-"):
        context.stop()
        raise no_spark(master)
    return context


@contextmanager
def _refusals() -> Iterator[None]:
    """Tell in one sentence what Spark could not do."""
    try:
        yield
    except (Py4JJavaError, PySparkException) as error:
        raise TangenteError(Message("E-SPARK", "Spark gave up: {reason}", reason=_reason(error))) from error
    except (Py4JError, OSError) as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # Py4J hides it when it cannot clear up
            raise error.__context__ from None
        if isinstance(error, Py4JError | ConnectionError):
            raise TangenteError(
                Message(
                    "E-SPARK",
                    "Spark's Java ended by itself, perhaps because memory ran out; spark.driver.memory in "
                    "spark-defaults.conf says how much it may use",
                )
            ) from error
        raise


def _reason(error: Exception) -> str:
    """What Python on an executor said last, or what Java said first."""
    said = str(error.java_exception.getMessage()) if isinstance(error, Py4JJavaError) else str(error)
    told, _, trace = said.partition("Traceback (most recent call last)")
    lines = [line.strip() for line in trace.split("\n\tat ")[0].splitlines()]
    return [told.splitlines()[0], *(line for line in lines if line and not line.startswith("SQLSTATE"))][-1]


class _Pickler(CloudPickler):
    """Functions by value, as Spark sends them, but compiled loops by name: executors have them in their own cache."""

    def reducer_override(self, obj: Any) -> Any:
        """How an object is sent."""
        if hasattr(obj, "py_func"):
            return executor.loop, (obj.py_func.__module__, obj.py_func.__qualname__)
        return super().reducer_override(obj)  # type: ignore[no-untyped-call]


def _pickled(*job: Any) -> bytes:
    content = io.BytesIO()
    _Pickler(content).dump(job)  # type: ignore[no-untyped-call]
    return content.getvalue()
