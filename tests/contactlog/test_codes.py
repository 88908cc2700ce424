import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import codes as codes_module
from tangente.contactlog.codes import Codes, measure_name, measure_parts
from tangente.errors import ContactLogError
from tests.contactlog.strategies import examples

COLUMNS = st.lists(st.none() | st.sampled_from(["a", "b", "ä", "Z"]), max_size=8)
ENDS = st.none() | st.integers(-20, 20).map(lambda halves: halves / 2)


@examples
@given(COLUMNS, COLUMNS)
def test_codes_decode_what_they_encode_also_after_they_grew(first, then):
    known = Codes().with_values("role", first)
    coded = known.encode("role", pa.array(first, pa.string()))
    grown = known.with_values("role", then)
    assert grown.decode("role", coded).to_pylist() == first
    assert grown.decode("role", grown.encode("role", pa.chunked_array([then], pa.string()))).to_pylist() == then


def test_codes_encode_dictionaries_with_nulls():
    known = Codes().with_values("role", ["a", "b"])
    column = pa.array(["b", None, "a", "b"]).dictionary_encode()
    assert known.encode("role", column).tolist() == [2, 0, 1, 2]


def test_codes_grow_at_the_end():
    assert Codes().with_values("role", ["b"]).with_values("role", ["a", "b", None])["role"] == (None, "b", "a")


def test_codes_find_a_value():
    known = Codes().with_values("role", ["b", "a"])
    assert (known.code("role", "b"), known.code("role", "x"), known.size("role")) == (2, None, 3)


@examples
@given(COLUMNS)
def test_ranks_order_codes_like_names(names):
    known = Codes().with_values("role", names)
    by_rank = [known["role"][code] for code in np.argsort(known.ranks("role"))]
    assert by_rank == [None, *sorted({name for name in names if name})]


def test_codes_refuse_more_values_than_fit(monkeypatch):
    monkeypatch.setattr(codes_module, "LIMIT", 3)
    with pytest.raises(ContactLogError, match="role has more than 3 different values, such as 'a'; a role groups"):
        Codes().with_values("role", ["a", "b", "c"])


@examples
@given(st.sampled_from(["nps", "csat"]), ENDS, ENDS)
def test_measure_parts_take_a_name_apart_again(metric, low, high):
    assert measure_parts(measure_name(metric, low, high)) == (metric, low, high)


def test_measure_name_is_a_metric_on_its_scale():
    assert [measure_name("csat", 1.0, 5.0), measure_name("ces", None, 7.0)] == ["csat 1..5", "ces ?..7"]
