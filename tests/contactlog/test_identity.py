import hmac
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import StringType

from tangente.contactlog.digests import text_digests
from tangente.contactlog.identity import Pseudonyms, hexadecimal, in_digits, numbered, pseudonyms, row_digests
from tangente.contactlog.schema import TIME
from tests.contactlog.strategies import examples

ROW = st.tuples(
    st.sampled_from([None, "a", "b", ""]), st.sampled_from([None, 0, 1, -1]), st.sampled_from([None, 0.0, 1.5])
)
KINDS = {"name": pa.string(), "count": pa.int64(), "share": pa.float64()}


def table(rows):
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    return pa.table({name: pa.array(list(c), kind) for (name, kind), c in zip(KINDS.items(), columns, strict=True)})


def test_pseudonym_is_an_hmac_and_null_stays_null():
    expected = hmac.new(b"key", "Jürgen".encode(), "sha256").hexdigest()[:32]
    assert pseudonyms(pa.array(["Jürgen", None, "Jürgen"]), b"key").to_pylist() == [expected, None, expected]


def test_pseudonyms_of_dictionaries_are_the_same():
    names = pa.array(["b", None, "a", "b"])
    assert pseudonyms(names.dictionary_encode(), b"k").equals(pseudonyms(names, b"k"))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_pseudonyms_are_hmacs_whatever_the_length_of_the_key(length):
    key, name = b"k" * length, "x" * length
    assert pseudonyms(pa.array([name]), key).to_pylist() == [hmac.digest(key, name.encode(), "sha256").hex()[:32]]


def test_pseudonyms_are_the_same_whether_remembered_or_made_again(monkeypatch):
    monkeypatch.setattr("tangente.contactlog.identity.MOST_KNOWN", 2)
    made, ids = Pseudonyms(b"k"), pa.array(["a", "b", None, "c", "a"])
    assert [in_digits(made.of(ids)).to_pylist() for _ in range(3)] == [pseudonyms(ids, b"k").to_pylist()] * 3


@pytest.mark.parametrize("limit", ["MOST_KNOWN", "MOST_KNOWN_BYTES"])
def test_pseudonyms_are_forgotten_where_they_are_too_many(limit, monkeypatch):
    monkeypatch.setattr(f"tangente.contactlog.identity.{limit}", 2)
    made = Pseudonyms(b"k")
    for ids in (["a", "b", "c"], ["d"]):
        made.of(pa.array(ids))
    assert len(made._known) == 1


@pytest.mark.parametrize("most", [2, 100])
@pytest.mark.parametrize("digests", [text_digests, lambda ids: np.zeros(len(ids), np.uint64)], ids=["own", "met"])
def test_buckets_are_those_of_the_tables_whether_remembered_or_not(most, digests, monkeypatch):
    monkeypatch.setattr("tangente.contactlog.identity.MOST_KNOWN", most)
    monkeypatch.setattr("tangente.contactlog.known_ids.text_digests", digests)
    made, bucket_of = Pseudonyms(b"k", 7), BucketTransform(7).transform(StringType())
    for ids in (pa.array(list("abcdefg")), pa.array(["x", None, "a"]), pa.array(["g", "x", "y"])):
        people, buckets = made.with_buckets(ids)
        assert buckets.tolist() == [bucket_of(person) for person in in_digits(people).dictionary.to_pylist()]


def test_pseudonyms_are_those_of_their_ids_where_digests_of_ids_meet(monkeypatch):
    monkeypatch.setattr("tangente.contactlog.known_ids.text_digests", lambda ids: np.zeros(len(ids), np.uint64))
    made = Pseudonyms(b"k")
    for ids in (pa.array(["a"]), pa.array(["b", "a"]), pa.array(["b", "c"])):
        assert in_digits(made.of(ids)).to_pylist() == [
            hmac.digest(b"k", one.encode(), "sha256").hex()[:32] for one in ids.to_pylist()
        ]
    assert len(made._known) == 1


@examples
@given(st.lists(ROW, max_size=12))
def test_digests_are_equal_exactly_for_equal_rows(rows):
    digests = row_digests(table(rows), list(KINDS)).tolist()
    assert len(set(digests)) == len(set(rows))
    assert len(set(zip(rows, digests, strict=True))) == len(set(rows))


@examples
@given(st.lists(ROW, max_size=6))
def test_digests_do_not_depend_on_the_order_of_columns_or_on_empty_ones(rows):
    plain = table(rows)
    more = plain.append_column("later", pa.nulls(len(rows), pa.string()))
    assert row_digests(more, ["later", "share", "name", "count"]).tolist() == row_digests(plain, list(KINDS)).tolist()


def test_digests_are_those_of_logs_already_written():
    rows = pa.table({"name": ["a"], "cost": [5], "share": [0.5], "at": pa.array([0], TIME)})
    assert hexadecimal(row_digests(rows, rows.column_names)).to_pylist() == ["f765422b985d46e6"]


@examples
@given(st.lists(ROW, min_size=1, max_size=6), st.lists(ROW, max_size=3))
def test_digests_do_not_depend_on_how_rows_are_chunked(rows, more):
    whole = pa.concat_tables([table(rows), table(more)])
    (batch,) = whole.combine_chunks().to_batches()
    assert row_digests(batch, list(KINDS)).tolist() == row_digests(whole, list(KINDS)).tolist()


def test_digest_takes_minus_zero_for_zero():
    zero, minus = row_digests(pa.table({"share": [0.0, -0.0]}), ["share"])
    assert zero == minus


@examples
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=20))
def test_equal_rows_of_a_customer_are_numbered_from_the_second(rows):
    digests, customers = np.array([d for d, _ in rows], np.uint64), np.array([c for _, c in rows], np.int64)
    seen, expected = Counter(), []
    for digest, customer in rows:
        seen[digest, customer] += 1
        number = seen[digest, customer]
        expected.append(f"{digest:016x}" + (f"#{number}" if number > 1 else ""))
    assert numbered(digests, customers).to_pylist() == expected
