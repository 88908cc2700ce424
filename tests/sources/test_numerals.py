from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.sources.numerals import Notation, amounts, durations, thousandths, weights, whole_numbers

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


@pytest.mark.parametrize(
    "text",
    [
        "1,5",
        "1e5",
        "1e999",
        "NaN",
        "inf",
        "#DIV/0!",
        "5.00 EUR",
        "٣",
        "１",
        "−5",
        "1.",
        ".5",
        "1 234",
        "5-",
        "0x1",
        "1234567890123",
    ],
)
def test_amounts_refuse_what_is_no_number(text: str):
    parsed = amounts(pa.array(["1", text]), POINT, None)
    assert parsed.values.to_pylist() == [1_000_000, None]
    assert [(wrong.tolist(), reason) for wrong, reason in parsed.problems] == [
        ([False, True], "not a number written with '.' as decimal sign")
    ]


@pytest.mark.parametrize("text", ["1.23,4", "12.34", "1234.567,00", "1,234.56"])
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
