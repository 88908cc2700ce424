"""What is ready grows by new data files, says so when it is damaged, and never passes damage on."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyarrow as pa
import pytest

from tangente.contactlog import ready
from tangente.contactlog.absence import ready_rows
from tangente.contactlog.codes import Codes
from tangente.contactlog.erasure import erase
from tangente.contactlog.schema import CONTACTS, RATINGS
from tangente.contactlog.store import READY, create_log
from tangente.contactlog.testing import START
from tangente.contactlog.upkeep import compact
from tangente.contactlog.verification import verify
from tests.contactlog.deliveries import CONTACT, RATING, deliver
from tests.contactlog.questions import QUESTIONS

pytestmark = pytest.mark.slow

APART, TOGETHER = 0, 1_000_000
"""For `MOST_CHANGED`: whatever changed lies apart, or is written together with all else."""


@pytest.fixture
def store(tmp_path):
    with create_log(tmp_path / "log", buckets=1) as made:
        yield made


def month(store, number):
    """Each time the same customers, one more, a late contact, and ratings of earlier contacts."""
    at = [START + timedelta(days=31 * number + hour) for hour in range(12)]
    met = [
        CONTACT | {"customer_id": f"k{k}", "contact_id": f"{number}", "occurred_at": at[k]} for k in range(number + 8)
    ]
    met += [CONTACT | {"customer_id": "k1", "contact_id": f"late {number}", "role": f"r{number}"}]
    said = [RATING | {"customer_id": "k2", "contact_id": f"{k}", "rating_id": f"{number}/{k}"} for k in range(number)]
    deliver(store, met, said, import_id=str(number))


def answers(store):
    return {name: ask(store.log()) for name, ask in QUESTIONS.items()}


def anew(store):
    ready.clear(store.folder / READY)
    return answers(store)


@pytest.fixture(params=[APART, TOGETHER])
def grown(store, request, monkeypatch):
    """A log that was asked after each of three months."""
    monkeypatch.setattr(ready, "MOST_CHANGED", request.param)
    for number in (0, 1):
        month(store, number)
        store.log()
    return store


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def files(store, pattern):
    found = sorted((store.folder / READY).glob(f"0*/{pattern}"))
    assert found
    return found


class Slow:
    """Contacts at one touchpoint that take their time, so that threads meet."""

    def __init__(self, touchpoint):
        self.rows = pa.Table.from_pylist([{"touchpoint": touchpoint}], CONTACTS)

    def __getitem__(self, name):
        time.sleep(0.001)
        return self.rows[name]


def test_names_of_buckets_that_are_made_at_once_all_stay():
    names, nothing = ready._Names(Codes()), RATINGS.empty_table()
    with ThreadPoolExecutor(4) as threads:
        found = list(
            threads.map(lambda name: names.with_those_of(Slow(name), nothing).code("touchpoint", name), "abcd")
        )
    assert sorted(found) == [1, 2, 3, 4]
    assert [names.codes.code("touchpoint", name) for name in "abcd"] == found


def test_log_that_grew_answers_as_one_made_anew(grown):
    month(grown, 2)
    assert answers(grown) == anew(grown)


def test_compacted_log_is_made_anew(grown, monkeypatch):
    expected = answers(grown)
    monkeypatch.setattr("tangente.contactlog.upkeep.SPARE_FILES", 0)
    assert compact(grown, before=START).merged > 0
    assert answers(grown) == expected


@pytest.mark.parametrize("file", ["contacts.arrow", "people.arrow", "files.json", "sha256sums"])
def test_damage_is_not_passed_on_when_a_bucket_grows(grown, file):
    for path in files(grown, file):
        flip(path)
    month(grown, 2)
    grown.log()
    verify(grown)
    assert answers(grown) == anew(grown)


@pytest.mark.parametrize("file", ["contacts.arrow", "people.arrow", "files.json", "sha256sums"])
def test_lost_file_is_made_anew_when_a_bucket_grows(grown, file):
    for path in files(grown, file):
        path.unlink()
    month(grown, 2)
    assert answers(grown) == anew(grown)


def test_damage_of_what_changed_is_found(store, monkeypatch):
    monkeypatch.setattr(ready, "MOST_CHANGED", APART)
    month(store, 0)
    store.log()
    month(store, 1)
    expected = answers(store)
    damaged = files(store, "changed/contacts.arrow")
    for path in damaged:
        flip(path)
    assert verify(store).rebuilt == [path.parts[-3] for path in damaged]
    assert answers(store) == expected


def test_damage_of_what_changed_is_not_passed_on(store, monkeypatch):
    monkeypatch.setattr(ready, "MOST_CHANGED", APART)
    for number in (0, 1):
        month(store, number)
        store.log()
    for path in files(store, "changed/contacts.arrow"):
        flip(path)
    month(store, 2)
    assert answers(store) == anew(store)


def test_bucket_is_copied_where_files_cannot_be_linked(store, monkeypatch):
    monkeypatch.setattr(ready, "MOST_CHANGED", APART)
    monkeypatch.setattr("os.link", lambda *_: (_ for _ in ()).throw(PermissionError))
    for number in (0, 1):
        month(store, number)
        store.log()
    assert files(store, "changed/contacts.arrow")
    assert answers(store) == anew(store)


def test_lost_changes_are_found(store, monkeypatch):
    monkeypatch.setattr(ready, "MOST_CHANGED", APART)
    for number in (0, 1):
        month(store, number)
        store.log()
    lost = files(store, "changed")
    for path in lost:
        shutil.rmtree(path)
    assert verify(store).rebuilt == [path.parent.name for path in lost]


@pytest.fixture
def of_another_version(store, monkeypatch):
    """A log that was made ready under another version, and not asked since."""
    with monkeypatch.context() as before:
        before.setattr(ready, "VERSION", 1)
        month(store, 0)
        store.log()
    return store


def test_nothing_of_another_version_stays(of_another_version):
    before = {path.name for path in (of_another_version.folder / READY).iterdir()} - {".lock"}
    of_another_version.log()
    assert not before & {path.name for path in (of_another_version.folder / READY).iterdir()}


def test_what_another_version_made_ready_is_not_read(of_another_version):
    assert ready_rows(of_another_version.folder / READY, 0, "contacts") is None


def test_what_another_version_made_ready_is_not_called_damaged(of_another_version):
    assert verify(of_another_version).rebuilt == []


def killed():
    raise KeyboardInterrupt


def test_removed_bucket_goes_as_a_whole(store, monkeypatch):
    """A process that is killed while it removes files leaves nothing under the name of a bucket."""
    month(store, 0)
    store.log()
    old = {path.parent.name for path in files(store, "files.json")}
    month(store, 1)
    monkeypatch.setattr(shutil, "rmtree", lambda folder, ignore_errors=False: None if ignore_errors else killed())
    with pytest.raises(KeyboardInterrupt):
        store.log()
    assert not old & {path.parent.name for path in files(store, "files.json")}


def test_log_that_grew_is_the_log_built_at_once_also_after_an_erasure(tmp_path, monkeypatch):
    """With late contacts, ratings of earlier contacts and names that only the second and third month bring."""
    monkeypatch.setattr(ready, "MOST_CHANGED", APART)
    with (
        create_log(tmp_path / "grown", buckets=2, key=b"key") as one,
        create_log(tmp_path / "at once", buckets=2, key=b"key") as other,
    ):
        for number in (0, 1, 2):
            month(one, number)
            one.log()
            month(other, number)
        assert files(one, "changed/contacts.arrow")
        assert answers(one) == answers(other)
        assert erase(one, ["k1"]) == erase(other, ["k1"]) != {}
        assert answers(one) == answers(other)


def test_clear_leaves_nothing_of_a_killed_process(store):
    month(store, 0)
    store.log()
    (store.folder / READY / "removed/00000-old").mkdir(parents=True)
    ready.clear(store.folder / READY)
    assert [path.name for path in (store.folder / READY).iterdir()] == [".lock"]
