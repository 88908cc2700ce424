from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.sources.notation import Notation
from tangente.sources.numerals import amounts, durations, thousandths, weights, whole_numbers

POINT = Notation(".", "")
GERMAN = Notation(",", ".")


@pytest.mark.parametrize(
    ("text", "notation", "expected"),
    [
        ("12", POINT, 12_000_000),
        ("-0.1", POINT, -100_000),
        ("0.0000005", POINT, 0),
        ("0.0000015", POINT, 2),
        ("999999999999.999999", POINT, 999_999_999_999_999_999),
        ("1.234,56", GERMAN, 1_234_560_000),
        ("1234,56", GERMAN, 1_234_560_000),
        ("1.234", GERMAN, 1_234_000_000),
    ],
)
def test_amounts_are_exact_millionths(text: str, notation: Notation, expected: int):
    assert amounts(pa.array([text]), notation, None).values.to_pylist() == [expected]


OTHER = "not a number written with '.' as decimal sign"
NONE = 'not a number; if it means that there is none, write missing = ["…"] in the mapping'
MONEY = "a number with its currency; export it without"
BEHIND = "a number with its minus behind; export it with the minus in front"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,5", OTHER),
        ("1e5", OTHER),
        ("1e999", OTHER),
        ("٣", OTHER),
        ("１", OTHER),
        ("1.", OTHER),
        (".5", OTHER),
        ("1 234", OTHER),
        ("1\u00a0234", OTHER),
        ("0x1", OTHER),
        ("1234567890123", OTHER),
        ("NaN", NONE),
        ("inf", NONE),
        ("-", NONE),
        ("#DIV/0!", OTHER),
        ("5.00 EUR", MONEY),
        ("5,00\u00a0€", MONEY),
        ("$5.00", MONEY),
        ("5-", BEHIND),
    ],
)
def test_amounts_refuse_what_is_no_number(text: str, reason: str):
    parsed = amounts(pa.array(["1", text]), POINT, None)
    assert parsed.values.to_pylist() == [1_000_000, None]
    assert [(wrong.tolist(), said, said.code) for wrong, said in parsed.problems] == [([False, True], reason, "E-NUM")]


@pytest.mark.parametrize(
    ("text", "thousands", "expected"),
    [
        ("\u22125", "", -5_000_000),
        ("1\u00a0234,5", " ", 1_234_500_000),
        ("1\u202f234,5", " ", 1_234_500_000),
        ("\u22121\u2009234,5", " ", -1_234_500_000),
        ("1\u2019234,5", "'", 1_234_500_000),
    ],
)
def test_amounts_take_the_signs_of_typography(text: str, thousands: str, expected: int):
    parsed = amounts(pa.array([text]), Notation(",", thousands), None)
    assert (parsed.values.to_pylist(), parsed.problems) == ([expected], [])


UNDECLARED = Notation(".", "", asks_in="contacts")


@pytest.mark.parametrize("text", ["0", "1234", "1234.567", "0.123", "-12.5", "1.2345"])
def test_amounts_without_declared_signs_are_read_where_only_one_way_is(text: str):
    assert amounts(pa.array([text]), UNDECLARED, None).values.to_pylist() == [int(Decimal(text) * 1_000_000)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1.234", ['decimal = "."', 'thousands = "."']),
        ("-12,345", ['decimal = ","', 'thousands = ","']),
        ("1,5", ['decimal = ","']),
        ("0,123", ['decimal = ","']),
        ("1234,567", ['decimal = ","']),
        ("1.234,56", ['thousands = "."']),
        ("1.234.567", ['thousands = "."']),
        ("1,234.56", ['thousands = ","']),
    ],
)
def test_amounts_ask_for_the_line_that_would_read_them(text: str, lines: list[str]):
    parsed = amounts(pa.array(["1", text]), UNDECLARED, None)
    ((wrong, question),) = parsed.problems
    assert (parsed.values.to_pylist(), wrong.tolist(), question.code) == ([1_000_000, None], [False, True], "E-ASK")
    assert list(question.values.values()) == [*lines, "contacts"]


@given(st.from_regex(r"\A-?[0-9.,]{1,14}\Z"))
def test_amounts_have_one_problem_each_or_none(text: str):
    parsed = amounts(pa.array([text]), UNDECLARED, None)
    assert len(parsed.problems) == (parsed.values[0].as_py() is None)


def test_amounts_do_not_ask_where_the_file_holds_a_number():
    parsed = amounts(pa.array(["1.234", "1.234"]), UNDECLARED.of(np.array([True, False])), None)
    assert parsed.values.to_pylist() == [1_234_000, None]


@pytest.mark.parametrize("text", ["1.23,4", "12.34", "1234.567,00", "1,234.56", "1.234.56", "0.123"])
def test_amounts_need_groups_of_three(text: str):
    ((_, reason),) = amounts(pa.array([text]), GERMAN, None).problems
    assert reason == "not a number written with ',' as decimal sign and '.' as thousands sign"


def test_amounts_may_be_cents():
    assert amounts(pa.array(["0.5", "1250"]), POINT, "cent").values.to_pylist() == [5_000, 12_500_000]


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=9))
def test_amounts_round_half_to_even(number: Decimal):
    expected = int((number * 1_000_000).quantize(Decimal(1), ROUND_HALF_EVEN))
    assert amounts(pa.array([f"{number:f}"]), POINT, None).values.to_pylist() == [expected]


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("1.5", None, 1.5),
        ("1.5", "min", 90.0),
        ("0.25", "h", 900.0),
        ("1500", "ms", 1.5),
        ("1:01:05", "h:m:s", 3665.0),
        ("0.0005", "s", 0.0),
    ],
)
def test_durations_are_seconds_to_the_millisecond(text: str, unit: str | None, expected: float):
    assert durations(pa.array([text]), POINT, unit).values.to_pylist() == [expected]


def test_durations_refuse_what_is_no_clock():
    parsed = durations(pa.array(["0:60:00", None]), POINT, "h:m:s")
    assert [(wrong.tolist(), reason) for wrong, reason in parsed.problems] == [
        ([True, False], "not a duration written as 0:04:12")
    ]


def test_thousandths_are_the_nearest_float():
    assert thousandths(pa.array(["3.1", "4.0005", "0.3", None]), POINT).values.to_pylist() == [3.1, 4.0, 0.3, None]


def test_weights_are_not_rounded():
    assert weights(pa.array(["0.2847177143"]), POINT).values.to_pylist() == [0.2847177143]


def test_whole_numbers_refuse_fractions():
    parsed = whole_numbers(pa.array(["-3", "1.0", "1234567890123456789"]))
    assert parsed.values.to_pylist() == [-3, None, None]
    assert [reason for _, reason in parsed.problems] == ["not a whole number"]
