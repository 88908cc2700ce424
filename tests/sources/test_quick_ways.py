"""What is decided by a look at all bytes of a column equals what is decided cell by cell."""

import re
from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tangente.sources.names import UNSHOWABLE, names
from tangente.sources.notation import Notation
from tangente.sources.numerals import scaled
from tangente.sources.parsed import common_shape
from tangente.sources.records import trimmed
from tangente.sources.times import Clock, times

CLOCK = Clock(timezone="Europe/Berlin", ambiguous="earliest", nonexistent="shift", part="contacts")
OTHER_SHAPE = "2026"
DAYS = ("2026-01-31", "2026-02-30", "2026-13-01", "2026-1-1", "1899-12-31")
CLOCKS = ("", " 14:30", "T23:59:59", " 24:00", " 14", " 12:00:60", " 12:00:00.123456", " 12:00:00.1234567", " 12.30")
OFFSETS = ("", "Z", "+01:00", "+23:00", "z")


def problems(parsed, place):
    return [reason for wrong, reason in parsed.problems if wrong[place]]


@given(st.sampled_from(DAYS), st.sampled_from(CLOCKS), st.sampled_from(OFFSETS), st.integers(1, 3), st.booleans())
def test_times_of_one_shape_are_read_as_among_others(day, clock, offset, count, with_gap):
    texts = [day + clock + offset] * count + [None] * with_gap
    alike, among_others = (times(pa.array(cells), None, None, CLOCK) for cells in (texts, [*texts, OTHER_SHAPE]))
    assert alike.values.to_pylist() == among_others.values.to_pylist()[:-1]
    assert [problems(alike, k) for k in range(count)] == [problems(among_others, k) for k in range(count)]


@given(st.lists(st.text("0:-a ", min_size=1, max_size=3), min_size=1, max_size=3))
def test_common_shape_is_that_of_every_text(texts):
    shapes = {re.sub(r"\d", "0", text) for text in texts}
    assert common_shape(pa.array(["", *texts, None]).slice(1)) == (texts[0] if len(shapes) == 1 else None)


@pytest.mark.parametrize("texts", [[], [None], [""], ["", "a"]])
def test_texts_without_letters_have_no_common_shape(texts):
    assert common_shape(pa.array(texts, pa.string())) is None


UNITS = st.sampled_from([(1, 6), (60, 3), (3600, 3), (1, 0)])


@given(st.decimals("-999999999999", "999999999999", allow_nan=False, places=9), UNITS)
@example(Decimal("0.0000005"), (1, 6))
@example(Decimal("0.5022585"), (1, 6))
@example(Decimal("0.2600975"), (1, 6))
@example(Decimal("123456789.0000005"), (1, 6))
def test_numbers_become_the_whole_numbers_that_decimals_give(number, unit):
    factor, places = unit
    parsed = scaled(pa.array([f"{number:f}", None, "x"]), Notation(".", ""), factor, places)
    exact = (number * factor).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN).scaleb(places)
    assert parsed.values.to_pylist() == [int(exact), None, None]


@given(
    st.text(st.sampled_from("aä→\t\n\x1f\x7f\x80\x9f\xa0\u2029\u202a\u2069\u206a\ufffd\ufffe\U0001f600"), max_size=3)
)
def test_names_that_cannot_be_shown_are_found_among_any(text):
    parsed = names(pa.array(["Hotline", None, text]))
    assert [bool(problems(parsed, k)) for k in range(3)] == [False, False, bool(re.search(UNSHOWABLE, text))]


@given(st.lists(st.none() | st.text(" a\t", max_size=3), max_size=6), st.integers(0, 2))
def test_texts_are_trimmed_whatever_part_of_a_column_they_are(texts, first):
    found = trimmed(pa.array(texts, pa.string()).slice(first))
    found.validate(full=True)
    assert found.to_pylist() == [(text and text.strip()) or None for text in texts[first:]]
