from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tangente.sources.occurrences import Occurrences


@given(st.lists(st.lists(st.integers(0, 40) | st.just(2**64 - 1), max_size=30), max_size=12))
def test_occurrences_number_equal_values_in_their_order(batches: list[list[int]]):
    seen, expected = Counter[int](), []
    for value in [value for batch in batches for value in batch]:
        seen[value] += 1
        expected.append(seen[value])
    occurrences = Occurrences()
    found = [number for batch in batches for number in occurrences.numbers(np.array(batch, np.uint64)).tolist()]
    assert found == expected


def test_occurrences_take_twelve_bytes_for_each_different_value():
    occurrences = Occurrences()
    for start in range(0, 100_000, 1_000):
        values = np.arange(start, start + 1_000, dtype=np.uint64)
        occurrences.numbers(np.tile(values, 3))
    assert sum(array.nbytes for run in occurrences._runs for array in run) == 12 * 100_000
