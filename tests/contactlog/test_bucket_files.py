"""A bucket saved by layers: any flipped bit is noticed where its files are checked, and none breaks who reads them."""

import os

import pyarrow as pa
import pytest

from tangente.contactlog.bucket_files import (
    FILES,
    LAYERS,
    DamagedBucket,
    intact_keys,
    is_intact,
    is_readable,
    layers,
    save,
    save_changed,
    usable,
)
from tangente.contactlog.growth import grown
from tangente.contactlog.histories import make_ready
from tests.contactlog.test_growth import CONTACT, RATING, known, tables

ARROW = [layer + name for layer in LAYERS for name in FILES]
EVERY = 5
"""Of so many bytes one is damaged."""


@pytest.fixture
def saved(tmp_path):
    """Histories of two customers, and apart from them those of one more and of one of the two."""
    names = ("anna", "ben"), ("ben", "cem")
    parts = [([CONTACT | {"customer_id": name, "contact_id": f"{n}"} for name in names[n]], [RATING]) for n in (0, 1)]
    _, before, codes = known(parts)
    save(base := make_ready(*tables(*parts[0]), before), tmp_path / "base")
    save_changed(grown(base, None, *tables(*parts[1]), codes), tmp_path / "base", tmp_path / "bucket")
    return tmp_path / "bucket"


def flipped(path, every=EVERY):
    """Write a file again and again, each time with another bit that is not as it was."""
    content = path.read_bytes()
    for place in range(0, len(content), every):
        damaged = bytearray(content)
        damaged[place] ^= 1 << place // every % 8
        path.unlink()  # who has mapped it keeps what it mapped
        path.write_bytes(damaged)
        yield place
    path.write_bytes(content)


def keys(folder, table):
    """What tells rows apart, in plain values; None if that is not as it was written."""
    try:
        return [
            ([columns[name].tolist() for name in ("customer", "id")], people.to_pylist())
            for columns, people in intact_keys(folder, table)
        ]
    except (OSError, DamagedBucket):
        return None


@pytest.mark.parametrize("file", ARROW)
def test_keys_are_as_they_were_or_not_given(saved, file):
    expected = {table: keys(saved, table) for table in ("contacts", "ratings")}
    for place in flipped(saved / file):
        for table, sound in expected.items():
            assert keys(saved, table) in (sound, None), place


@pytest.mark.parametrize("file", [*ARROW, "sha256sums"])
def test_no_flipped_bit_passes_for_intact(saved, file):
    assert is_intact(saved)
    assert [place for place in flipped(saved / file) if is_intact(saved)] == []


@pytest.mark.parametrize("file", ["people.arrow", *ARROW[len(FILES) :], "sha256sums"])
def test_bucket_does_not_grow_on_a_flipped_bit_that_is_looked_for(saved, file):
    assert usable(saved)
    assert [place for place in flipped(saved / file) if usable(saved)] == []


@pytest.mark.parametrize("file", ["contacts.arrow", "ratings.arrow"])
def test_columns_of_a_base_that_grows_have_their_names_and_types(saved, file):
    sound = [{name: len(values) for name, values in table.items()} for table in tables_of(saved)]
    for place in flipped(saved / file):
        if usable(saved):
            assert [{name: len(values) for name, values in table.items()} for table in tables_of(saved)] == sound, place


def tables_of(folder):
    base, _ = layers(folder)
    return base.contacts, base.ratings


@pytest.mark.parametrize("file", [*ARROW, "sha256sums"])
def test_bucket_without_one_of_its_files_is_not_read(saved, file):
    (saved / file).unlink()
    assert (is_intact(saved), is_readable(saved), usable(saved)) == (False, False, None)


def test_all_files_and_folders_are_synced(saved, monkeypatch, tmp_path):
    synced = set()
    monkeypatch.setattr(os, "fsync", lambda handle: synced.add(os.fstat(handle).st_ino))
    base, changed = layers(saved)
    save(base, tmp_path / "one")
    save_changed(changed, tmp_path / "one", tmp_path / "two")
    assert {path.stat().st_ino for path in (tmp_path / "two", *(tmp_path / "two").rglob("*"))} <= synced


@pytest.mark.parametrize("batches", [0, 1])
def test_file_of_another_form_is_not_read(saved, batches):
    (saved / "contacts.arrow").unlink()
    batch = pa.record_batch({"customer": [0], "id": [1]})
    with pa.ipc.new_file(saved / "contacts.arrow", batch.schema) as writer:
        for _ in range(batches):
            writer.write_batch(batch)
    assert not is_readable(saved)
