"""What an executor of Spark does, done here."""

import pickle
import tempfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangente.contactlog import executor
from tangente.contactlog.codes import Codes
from tangente.contactlog.damage import RecordError
from tangente.contactlog.erasure import erase
from tangente.contactlog.executor import Refused, Shared, StoredBucket
from tangente.contactlog.extent import extent
from tangente.contactlog.spark import planned
from tangente.contactlog.store import LogStore
from tangente.errors import ContactLogError
from tests.contactlog.deliveries import CONTACT, RATING, deliver


@pytest.fixture(autouse=True)
def disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Where this executor keeps what it made ready."""
    given = [tmp_path / "one", tmp_path / "two"]
    monkeypatch.setenv("SPARK_LOCAL_DIRS", ",".join(map(str, given)))
    return [disk / "tangente" for disk in given]


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


def shared(store: LogStore) -> Shared:
    codes = store.log().codes
    return executor.shared(store.folder, planned(store), codes, SimpleNamespace(value=codes))


def asked(store: LogStore) -> list[int]:
    """How many contacts and ratings there are, as an executor counts them; it makes all buckets ready."""
    (total,) = executor.folded(pickle.dumps((store.log(), start, count)), shared(store), planned(store))
    return total.tolist()


def ready(disks: list[Path]) -> list[str]:
    """The names of the buckets that are ready; nothing else lies there."""
    return sorted(path.name for disk in disks if disk.exists() for log in disk.iterdir() for path in log.iterdir())


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


def test_buckets_lie_on_all_disks(store, buckets, disks):
    asked(store)
    assert [[name[:5] for name in ready([disk])] for disk in disks] == [["00000", "00002"], ["00001", "00003"]]


def test_buckets_lie_in_a_folder_of_this_process_where_spark_gives_none(store, buckets, disks, monkeypatch):
    monkeypatch.delenv("SPARK_LOCAL_DIRS")
    assert asked(store) == [4, 2]
    own = Path(executor._own_folder().name)
    assert (own.parent, len(ready([own / "tangente"])), ready(disks)) == (Path(tempfile.gettempdir()), 4, [])


def test_bucket_of_an_erased_customer_is_removed_from_all_disks(store, buckets, disks):
    asked(store)
    before = ready(disks)
    erase(store, ["anna"])
    assert asked(store) == [3, 1]
    assert [old[:5] == new[:5] for old, new in zip(before, ready(disks), strict=True)] == [True] * 4
    assert len(set(ready(disks)) & set(before)) == 3


def test_bucket_of_an_erased_customer_goes_with_a_task_for_another_bucket(store, buckets, disks):
    asked(store)
    before = ready(disks)
    erase(store, ["anna"])
    job, now = pickle.dumps((store.log(), start, count)), shared(store)
    kept = [bucket for bucket in planned(store) if now.names[bucket.index] in before]
    list(executor.folded(job, now, kept[:1]))
    assert ready(disks) == [now.names[bucket.index] for bucket in kept]


def test_buckets_are_made_anew_for_other_codes_and_replace_the_others(store, buckets, disks):
    asked(store)
    before = ready(disks)
    deliver(store, [CONTACT | {"customer_id": "eve", "touchpoint": "new"}], import_id="two")
    assert asked(store) == [5, 2]
    assert (len(ready(disks)), set(ready(disks)) & set(before)) == (4, set())


def test_buckets_of_another_log_stay(store, buckets, disks):
    asked(store)
    job, other = pickle.dumps((store.log(), start, count)), replace(shared(store), log="other")
    list(executor.folded(job, other, buckets[:1]))
    assert len(ready(disks)) == 5


def test_bucket_that_another_task_made_meanwhile_is_taken(store, buckets, disks):
    job, known = pickle.dumps((store.log(), start, count)), shared(store)

    class Late:
        """Codes that arrive when another task has made the bucket ready."""

        @property
        def value(self) -> Codes:
            list(executor.folded(job, known, buckets[:1]))
            return known.codes.value

    list(executor.folded(job, replace(known, codes=Late()), buckets[:1]))
    assert len(ready(disks)) == 1


def test_bucket_that_another_task_removes_meanwhile_is_made_anew(store, buckets, disks):
    asked(store)
    full = next(bucket for bucket in buckets if bucket.contacts)
    people = next(disk for disk in disks for disk in disk.glob(f"*/{shared(store).names[full.index]}/people.arrow"))
    people.unlink()
    assert asked(store) == [4, 2]


def test_bucket_that_another_task_removed_first_is_gone(store, buckets, disks, monkeypatch):
    asked(store)
    other = replace(shared(store), names=[])
    rename = Path.rename

    def slow(path: Path, target: Path) -> None:
        """As if another task moved the bucket just before."""
        rename(path, disks[0].parent / path.name)
        rename(path, target)

    monkeypatch.setattr(Path, "rename", slow)
    executor._remove_others(disks[0], other)
    assert ready(disks[:1]) == []


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
