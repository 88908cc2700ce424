import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.contactlog import known_ids
from tangente.contactlog.known_ids import KnownIds
from tests.contactlog.strategies import examples

IDS = st.lists(st.lists(st.text(alphabet="abä\0", max_size=3), max_size=6, unique=True).map(sorted), max_size=6)


def numbered(deliveries):
    """What each delivery found of its ids, of which those that can be are added."""
    known, found = KnownIds(), []
    for ids in deliveries:
        texts = pa.array(ids, pa.string())
        numbers, is_known = known.find(texts)
        known.add(texts.filter(pa.array(numbers < 0)))
        found.append([number if one else None for number, one in zip(numbers.tolist(), is_known, strict=True)])
    return found


@examples
@given(IDS)
def test_ids_are_found_by_the_numbers_they_came_in(deliveries):
    numbers, expected = {}, []
    for ids in deliveries:
        expected.append([numbers.get(one) for one in ids])
        for one in ids:
            numbers.setdefault(one, len(numbers))
    assert numbered(deliveries) == expected


def test_thousands_of_ids_are_found_again():
    ids = [f"K{number}" for number in range(5_000)]
    assert numbered([ids[:100], ids[100:], ids])[2] == list(range(5_000))


@pytest.mark.parametrize(("probes", "found"), [(64, [0, 1, 2, 3]), (2, [None, None, 2, 3])])
def test_ids_far_from_their_slots_count_as_unknown(probes, found, monkeypatch):
    same_slot = np.arange(4, dtype=np.uint64) << np.uint64(40)
    monkeypatch.setattr(known_ids, "text_digests", lambda ids: same_slot[: len(ids)])
    monkeypatch.setattr(known_ids, "MOST_PROBES", probes)
    assert numbered([["a", "b", "c", "d"]] * 2)[1] == found


def test_id_is_not_taken_for_another_of_the_same_digest(monkeypatch):
    monkeypatch.setattr(known_ids, "text_digests", lambda ids: np.zeros(len(ids), np.uint64))
    assert numbered([["a"], ["b"], ["b", "a"]]) == [[None], [None], [None, 0]]
