from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tangente.sources.times import Clock, times

BERLIN = Clock(timezone="Europe/Berlin", ambiguous=None, nonexistent=None, part="contacts")
NOWHERE = Clock(timezone=None, ambiguous=None, nonexistent=None, part="contacts")


def read(text: str, form: str | None = None, clock: Clock = BERLIN) -> str:
    """The instant as ISO text, or why there is none."""
    parsed = times(pa.array([text]), None, form, clock)
    for wrong, reason in parsed.problems:
        if wrong[0]:
            return reason
    return str(parsed.values[0].as_py().isoformat())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", "2026-01-30T23:00:00+00:00"),
        ("2026-07-31 14:30", "2026-07-31T12:30:00+00:00"),
        ("2026-07-31T14:30:05.5", "2026-07-31T12:30:05.500000+00:00"),
        ("2026-07-31T14:30:05Z", "2026-07-31T14:30:05+00:00"),
        ("2011-10-11 13:42:22.688000+02:00", "2011-10-11T11:42:22.688000+00:00"),
        ("2011-10-11 13:42:22+0200", "2011-10-11T11:42:22+00:00"),
        ("2011-10-11 13:42-03", "2011-10-11T16:42:00+00:00"),
        ("2026-07-31T14:30:05.1234567Z", "2026-07-31T14:30:05.123456+00:00"),
        ("2024-02-29", "2024-02-28T23:00:00+00:00"),
        ("1900-06-01", "1900-05-31T23:00:00+00:00"),
    ],
)
def test_times_reads_iso(text: str, expected: str):
    assert read(text) == expected


@pytest.mark.parametrize("text", ["2026-1-1", "2026-13-01", "24:00", "2026-01-01 24:00", "２０２６-01-01", "x"])
def test_times_refuses_what_is_no_iso_date(text: str):
    assert read(text) == "not an ISO date or time, as 2026-01-31 14:30; another form needs format = …"


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%d.%m.%Y %H:%M", "1.7.2026 4:05", "2026-07-01T02:05:00+00:00"),
        ("%d.%m.%y", "31.12.68", "2068-12-30T23:00:00+00:00"),
        ("%d.%m.%y", "31.12.69", "1969-12-30T23:00:00+00:00"),
        ("%m/%d/%Y %I:%M:%S %p", "05/11/2016 12:00:00 AM", "2016-05-10T22:00:00+00:00"),
        ("%m/%d/%Y %I:%M %p", "5/11/2016 1:05 pm", "2016-05-11T11:05:00+00:00"),
        ("%Y%m%d%H%M%S.%f", "20260101000000.5", "2025-12-31T23:00:00.500000+00:00"),
        ("%d.%m.%Y %H:%M%z", "01.02.2026 10:00-0130", "2026-02-01T11:30:00+00:00"),
        ("%d.%m.%Y %H:%M %z", "01.02.2026 10:00 Z", "2026-02-01T10:00:00+00:00"),
        ("%Y-%m-%d 100%%", "2026-01-01 100%", "2025-12-31T23:00:00+00:00"),
        ("unix", "1767225600.25", "2026-01-01T00:00:00.250000+00:00"),
        ("unix_ms", "1767225600250", "2026-01-01T00:00:00.250000+00:00"),
    ],
)
def test_times_reads_a_declared_format(form: str, text: str, expected: str):
    assert read(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-02-30", None),
        ("2100-02-29", None),
        ("2026-02-30T10:00Z", None),
        ("31.02.2026", "%d.%m.%Y"),
        ("29.02.2100", "%d.%m.%Y"),
    ],
)
def test_times_refuses_a_day_that_never_is(text: str, form: str | None):
    assert read(text, form) == "there is no such day"


FORMS = [
    ("31.01.2026", ["%d.%m.%Y"]),
    ("1.2.26 9:30", ["%d.%m.%y %H:%M"]),
    ("01/02/2026", ["%d/%m/%Y", "%m/%d/%Y"]),
    ("03/02/2026 1:05 pm", ["%d/%m/%Y %I:%M %p", "%m/%d/%Y %I:%M %p"]),
    ("20260131", ["%Y%m%d"]),
    ("1767225600", ["unix"]),
    ("1767225600250", ["unix_ms"]),
    ("46023.5", ["excel_1900", "excel_1904"]),
]


@pytest.mark.parametrize(("text", "forms"), FORMS)
def test_times_asks_for_the_form_of_a_date(text: str, forms: list[str]):
    parsed = times(pa.array(["2026-01-01", "x", text]), None, None, BERLIN)
    ((asked, question),) = [(wrong.tolist(), said) for wrong, said in parsed.problems if said.code == "E-ASK"]
    assert asked == [False, False, True]
    assert list(question.values.values()) == forms


@pytest.mark.parametrize(("text", "forms"), FORMS)
def test_times_reads_what_it_asked_for(text: str, forms: list[str]):
    assert [read(text, form)[:2] for form in forms] == ["20"] * len(forms)


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("46023", "excel_1900", "2025-12-31T23:00:00+00:00"),
        ("44561", "excel_1904", "2025-12-31T23:00:00+00:00"),
        ("46023.395833333336", "excel_1900", "2026-01-01T08:30:00+00:00"),
        ("61", "excel_1900", "1900-02-28T23:00:00+00:00"),
        ("60", "excel_1900", "a day before 1 March 1900, which Excel counts wrongly"),
        ("9999999", "excel_1900", "the year is outside 1900 to 2100"),
        ("-1", "excel_1904", "not a number of days, as Excel counts them"),
    ],
)
def test_times_counts_days_as_spreadsheets_do(text: str, form: str, expected: str):
    assert read(text, form) == expected


@pytest.mark.parametrize("text", ["2026-02-01", "01.02.26", "01.02.2026 10:00", "32.01.2026", "00.01.2026"])
def test_times_refuses_what_breaks_the_format(text: str):
    assert read(text, "%d.%m.%Y") == "not a date of the form %d.%m.%Y"


def test_times_refuses_what_is_no_unix_time():
    assert read("12 o'clock", "unix") == "not a number of seconds since 1970"


@pytest.mark.parametrize("text", ["1899-12-31", "2101-01-02", "0001-01-01", "9999-12-31"])
def test_times_refuses_years_outside_two_centuries(text: str):
    assert read(text) == "the year is outside 1900 to 2100"


@pytest.mark.parametrize("form", ["unix", "unix_ms"])
@pytest.mark.parametrize("text", ["99999999999999", "-99999999999999.999999"])
def test_times_refuses_unix_times_of_far_years(form: str, text: str):
    assert read(text, form) == "the year is outside 1900 to 2100"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2208988800", "1900-01-01T00:00:00+00:00"),
        ("-2208988800.000001", "the year is outside 1900 to 2100"),
        ("4133980799.999999", "2100-12-31T23:59:59.999999+00:00"),
        ("4133980800", "the year is outside 1900 to 2100"),
    ],
)
def test_times_reads_unix_times_to_the_ends_of_the_range(text: str, expected: str):
    assert read(text, "unix") == expected


def test_times_without_offset_need_a_zone():
    assert read("2026-01-01", clock=NOWHERE).startswith("no UTC offset; name the time zone in [contacts]")
    assert read("2026-01-01T00:00Z", clock=NOWHERE) == "2026-01-01T00:00:00+00:00"


def test_times_refuses_a_skipped_hour_and_names_the_answer():
    assert read("29.03.2026 02:30", "%d.%m.%Y %H:%M") == (
        'this local time is skipped in Europe/Berlin; answer it in [contacts] by nonexistent = "shift"'
    )
    shift = Clock(timezone="Europe/Berlin", ambiguous=None, nonexistent="shift", part="contacts")
    assert read("2026-03-29 02:30", clock=shift) == "2026-03-29T01:30:00+00:00"


@pytest.mark.parametrize(("answer", "hour"), [("earliest", 0), ("latest", 1)])
def test_times_refuses_a_doubled_hour_unless_answered(answer: str, hour: int):
    assert read("2026-10-25 02:30").startswith("this local time occurs twice in Europe/Berlin; answer it in [contacts]")
    answered = Clock(timezone="Europe/Berlin", ambiguous=answer, nonexistent=None, part="contacts")
    assert read("2026-10-25 02:30", clock=answered) == f"2026-10-25T0{hour}:30:00+00:00"


def test_times_takes_typed_cells_before_texts():
    at = pa.array([datetime.fromisoformat("2026-01-01"), None], pa.timestamp("us"))
    parsed = times(pa.array(["2026-01-01", "01.02.2026"]), at, "%d.%m.%Y", BERLIN)
    assert [value.isoformat() for value in parsed.values.to_pylist()] == [
        "2025-12-31T23:00:00+00:00",
        "2026-01-31T23:00:00+00:00",
    ]
    assert parsed.problems == []


def test_times_keeps_an_empty_cell_empty():
    parsed = times(pa.array([None, "2026-01-01"]), None, None, BERLIN)
    assert (parsed.values[0].as_py(), parsed.problems) == (None, [])


@given(
    at=st.datetimes(min_value=datetime.fromisoformat("1901-01-01"), max_value=datetime.fromisoformat("2099-12-31")),
    zone=st.sampled_from(
        ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]
    ),
    fold=st.sampled_from([0, 1]),
)
def test_times_localises_as_zoneinfo_does(at: datetime, zone: str, fold: int):
    clock = Clock(timezone=zone, ambiguous=("earliest", "latest")[fold], nonexistent=None, part="contacts")
    expected = at.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    exists = expected.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == at
    parsed = times(pa.array([at.isoformat()]), None, None, clock)
    assert (parsed.values[0].as_py() == expected and not parsed.problems) if exists else len(parsed.problems) == 1
