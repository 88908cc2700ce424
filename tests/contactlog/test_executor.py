"""What an executor of Spark does, done here."""

import pickle
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangente.contactlog import executor
from tangente.contactlog.executor import Refused, SharedCodes, StoredBucket
from tangente.contactlog.extent import extent
from tangente.contactlog.files import RecordError
from tangente.contactlog.spark import planned
from tangente.contactlog.store import LogStore
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, deliver


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this executor keeps what it made ready."""
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{tmp_path},/another/disk")
    return tmp_path / "tangente"


@pytest.fixture
def buckets(store: LogStore) -> list[StoredBucket]:
    """Four buckets; anna, ben and cem met us, anna and dora said something."""
    met = [CONTACT | {"customer_id": name} for name in ("anna", "ben", "ben", "cem")]
    said = [RATING | {"customer_id": name, "channel": "web"} for name in ("anna", "dora")]
    deliver(store, met, said, import_id="one")
    return planned(store)


def start() -> Any:
    return np.zeros(2, int)


def count(summary: Any, bucket: Any) -> None:
    summary += len(bucket.contacts["customer"]), len(bucket.ratings["customer"])


def sizes(bucket: Any) -> int:
    return len(bucket.contacts["customer"])


def shared(store: LogStore) -> SharedCodes:
    return SharedCodes("known", SimpleNamespace(value=store.log().codes))


def test_folded_adds_up_all_buckets(store, buckets):
    job = pickle.dumps((store.log(), start, count))
    assert [total.tolist() for total in executor.folded(job, shared(store), buckets)] == [[4, 2]]


def test_folded_sees_what_the_filters_leave(store, buckets):
    job = pickle.dumps((store.log().where(channels=["web"]), start, count))
    assert [total.tolist() for total in executor.folded(job, shared(store), buckets)] == [[0, 2]]


def test_gathered_names_the_place_of_each_bucket(store, buckets):
    log = store.log()
    found = executor.gathered(pickle.dumps((log, sizes)), shared(store), buckets[::-1])
    assert list(found) == [(index, sizes(log.bucket(index))) for index in (3, 2, 1, 0)]


def test_bucket_is_made_ready_once(store, buckets):
    log, codes = store.log(), shared(store)
    job = pickle.dumps((log, start, count))
    list(executor.folded(job, codes, buckets))
    for path in (path for bucket in buckets for path in (*bucket.contacts, *bucket.ratings)):
        Path(path).unlink()
    assert [total.tolist() for total in executor.folded(job, codes, buckets)] == [[4, 2]]


def test_bucket_is_made_anew_for_other_codes_and_other_files(store, buckets, own_folder):
    job, codes = pickle.dumps((store.log(), start, count)), shared(store)
    full = next(bucket for bucket in buckets if bucket.contacts)
    for bucket, known in ((full, codes), (full, replace(codes, state="other")), (replace(full, contacts={}), codes)):
        list(executor.folded(job, known, [bucket]))
    assert len(list(own_folder.iterdir())) == 3


def test_bucket_that_another_task_made_meanwhile_is_taken(store, buckets, own_folder):
    job, codes = pickle.dumps((store.log(), start, count)), shared(store)

    class Late:
        """Codes that arrive when another task has made the bucket ready."""

        @property
        def value(self) -> Any:
            list(executor.folded(job, codes, buckets[:1]))
            return codes.sent.value

    list(executor.folded(job, SharedCodes("known", Late()), buckets[:1]))
    assert len(list(own_folder.iterdir())) == 1


def test_names_are_those_of_both_tables(store, buckets):
    found = list(executor.names(executor.code_state(), buckets))
    assert {name for codes in found for name in codes["channel"]} == {None, "web"}
    assert {name for codes in found for name in codes["touchpoint"]} == {None, "shop"}
    assert {name for codes in found for name in codes["measure"]} == {None, "csat 1..5"}


def test_names_are_not_told_to_another_version(buckets):
    with pytest.raises(ContactLogError, match="runs another version of Tangente than this machine does"):
        executor.names("another", buckets)


def test_made_ready_refuses_a_file_that_is_not_as_it_was_written(store, buckets):
    met = next(bucket for bucket in buckets if bucket.contacts)
    other = {path: checksum._replace(sha256="0" * 64) for path, checksum in met.contacts.items()}
    with pytest.raises(RecordError):
        replace(met, contacts=other).made_ready(store.log().codes)


@pytest.mark.parametrize("ask", [lambda bucket, codes: bucket.names(), StoredBucket.made_ready])
def test_bucket_refuses_a_file_it_does_not_see(store, buckets, ask):
    hidden = next(bucket for bucket in buckets if bucket.contacts)
    codes = store.log().codes
    Path(*hidden.contacts).unlink()
    with pytest.raises(ContactLogError, match=f"{next(iter(hidden.contacts))} is not there on .*, where an executor"):
        ask(hidden, codes)


def test_told_ends_with_what_was_refused():
    def work(buckets):
        yield from buckets
        raise ContactLogError("no more")

    assert list(executor.told(work, [1, 2])) == [1, 2, Refused("no more")]


def test_accepted_raises_what_was_refused():
    assert executor.accepted(7) == 7
    with pytest.raises(ContactLogError, match="no more"):
        executor.accepted(Refused("no more"))


@pytest.mark.parametrize("pair", [(3, Refused("no")), (Refused("no"), 3), (Refused("no"), Refused("never"))])
def test_added_keeps_what_was_refused(pair):
    assert (executor.added(3, 4), executor.added(*pair)) == (7, Refused("no"))


def test_loop_is_found_by_its_name():
    assert executor.loop("tangente.contactlog.extent", "extent") is extent


def test_planned_refuses_a_file_the_log_does_not_know(store, buckets):
    store.catalog.forget(next(bucket.contacts for bucket in buckets if bucket.contacts))
    with pytest.raises(RecordError):
        planned(store)
