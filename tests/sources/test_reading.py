import pickle
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tangente.contactlog.schema import LIMITS, MICRO
from tangente.errors import SourceError
from tangente.sources.mapping import Mapping
from tangente.sources.reading import open_source

from .files import CONTACTS, RATINGS, read, write

HEADER = "customer,time,touchpoint"


def test_reading_gives_contacts_with_every_kind_of_field(tmp_path: Path):
    path = write(
        tmp_path,
        "Kunde;Tag;Uhr;Punkt;Richtung;Dauer;Kosten;Nr\n 17 ;01.07.2026;09:30;Filiale Köln;ein;1,5;1.234,5;7\n".encode(
            "cp1252"
        ),
    )
    (contact,) = read(
        path,
        """
        [contacts]
        encoding = "cp1252"
        delimiter = ";"
        decimal = ","
        thousands = "."
        timezone = "Europe/Berlin"
        customer_id = { column = "Kunde", prefix = "k-" }
        occurred_at = { columns = ["Tag", "Uhr"], format = "%d.%m.%Y %H:%M" }
        sequence = "Nr"
        touchpoint = "Punkt"
        direction = { column = "Richtung", values = { ein = "in", aus = "out" } }
        duration_s = { column = "Dauer", unit = "min" }
        cost = "Kosten"
        """,
    ).contacts
    assert {name: value for name, value in contact.items() if value is not None} == {
        "customer_id": "k-17",
        "occurred_at": datetime(2026, 7, 1, 7, 30, tzinfo=UTC),
        "sequence": 7,
        "touchpoint": "Filiale Köln",
        "direction": "in",
        "duration_s": 90.0,
        "cost": 1_234_500_000,
    }


def test_reading_numbers_contacts_by_their_place_in_the_file(tmp_path: Path):
    path = write(tmp_path, f"{HEADER}\na,2026-01-01,x\n\nb,2026-02-30,x\nc\nd,2026-01-01,x\n")
    outcome = read(path, CONTACTS)
    assert [(row["customer_id"], row["sequence"]) for row in outcome.contacts] == [("a", 1), ("d", 4)]
    assert [refusal.line for refusal in outcome.refusals] == [4, 5]
    assert not outcome.source.has_sequence


def test_reading_counts_rows_as_accepted_and_rejected(tmp_path: Path):
    path = write(tmp_path, f"{HEADER}\na,2026-01-01,x\nb,x,x\nc\n")
    source = read(path, CONTACTS).source
    assert (source.rows, source.rejected) == ({"contacts": 3}, {"contacts": 2})


ROWS = [
    pytest.param(
        ",2026-01-01,x,1,1,1,in", ("customer", "", "empty; every row of contacts needs its customer_id"), id="customer"
    ),
    pytest.param("a,,x,1,1,1,in", ("time", "", "empty; every row of contacts needs its occurred_at"), id="time"),
    pytest.param(
        "a,2026-01-01, ,1,1,1,in",
        ("touchpoint", "", "empty; every row of contacts needs its touchpoint"),
        id="touchpoint",
    ),
    pytest.param(
        "a,2026-01-01,x,,1,1,in", ("sequence", "", "empty; every row of contacts needs its sequence"), id="no sequence"
    ),
    pytest.param("a,2026-01-01,x,1.5,1,1,in", ("sequence", "1.5", "not a whole number"), id="sequence"),
    pytest.param("a,2026-01-01,x,1,-1,1,in", ("cost", "-1", "negative"), id="cost"),
    pytest.param("a,2026-01-01,x,1,1,-1,in", ("duration", "-1", "negative"), id="duration"),
    pytest.param(
        "a,2026-01-01,x,1,1,1,inbound",
        ("direction", "inbound", "allowed are in, out; translate by values = … in the mapping"),
        id="direction",
    ),
    pytest.param(
        "a,x,,1,-1,z,in",
        ("time", "x", "not an ISO date or time, as 2026-01-31 14:30; another form needs format = …"),
        id="first",
    ),
]


@pytest.mark.parametrize(("row", "expected"), ROWS)
def test_reading_refuses_a_row_for_its_first_bad_column(tmp_path: Path, row: str, expected: tuple[str, str, str]):
    mapping = CONTACTS + 'sequence = "sequence"\ncost = "cost"\nduration_s = "duration"\ndirection = "direction"'
    outcome = read(write(tmp_path, f"{HEADER},sequence,cost,duration,direction\n{row}\n"), mapping)
    assert outcome.reasons == [(2, *expected)]
    assert outcome.contacts == []


@pytest.mark.parametrize(
    ("name", "options", "cell", "reason"),
    [
        ("cost", "", "41", "outside 0 to 40, the limits of cost"),
        ("cost", ', unit = "cent"', "4001", "outside 0 to 4,000 cent, the limits of cost"),
        ("value", "", "-50.000001", "outside -50 to 60, the limits of value"),
        ("value", "", "999999999999", "outside -50 to 60, the limits of value"),
        ("duration_s", "", "100001", "outside 0 to 100,000 s, the limits of duration_s"),
        ("duration_s", ', unit = "min"', "1666.7", "outside 0 to 1,666.67 min, the limits of duration_s"),
        ("duration_s", ', unit = "ms"', "100000001", "outside 0 to 100,000,000 ms, the limits of duration_s"),
        ("duration_s", ', unit = "h:m:s"', "99:00:00", "outside 0 to 100,000 s, the limits of duration_s"),
    ],
)
def test_reading_refuses_numbers_beyond_the_limits_of_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, options: str, cell: str, reason: str
):
    limits = {"duration_s": (0, 100_000), "cost": (0, 40_000_000), "value": (-50_000_000, 60_000_000)}
    monkeypatch.setitem(LIMITS, "contacts", limits)
    path = write(tmp_path, f"{HEADER},n\na,2026-01-01,x,{cell}\nb,2026-01-01,x,1:00:00\nc,2026-01-01,x,1\n")
    outcome = read(path, CONTACTS + f'{name} = {{ column = "n"{options} }}')
    assert outcome.reasons[0] == (2, "n", cell, reason)
    assert len(outcome.contacts) == 1


def test_reading_keeps_numbers_at_the_limits_of_the_log(tmp_path: Path):
    low, high = LIMITS["contacts"]["value"]
    cells = "".join(f"a,2026-01-01,x,{int(end)}\n" for end in (low // MICRO, high // MICRO))
    outcome = read(write(tmp_path, f"{HEADER},value\n{cells}"), CONTACTS + 'value = "value"')
    assert [row["value"] for row in outcome.contacts] == [low, high]


def test_reading_refuses_a_constant_beyond_the_limits_of_the_log(tmp_path: Path):
    with pytest.raises(SourceError, match=r"the constant '-1' for cost in \[contacts\]: negative"):
        read(write(tmp_path, f"{HEADER}\na,2026-01-01,x\n"), CONTACTS + "cost = -1")


def test_reading_names_the_columns_of_a_joined_field(tmp_path: Path):
    mapping = CONTACTS.replace('"time"', '{ columns = ["day", "clock"] }')
    outcome = read(write(tmp_path, "customer,day,clock,touchpoint\na,2026-01-01,25:00,x\n"), mapping)
    assert outcome.reasons[0][:3] == (2, "day + clock", "2026-01-01 25:00")


@pytest.mark.parametrize(
    ("field", "cell", "expected"),
    [
        ('{ column = "r", values = { Tel = "phone" } }', "Tel", "phone"),
        ('{ column = "r", values = { Tel = "phone" } }', "Fax", "Fax"),
        ('{ column = "r", values = { Tel = "phone" }, default = "other" }', "Fax", "other"),
        ('{ column = "r", values = { Tel = "phone" }, default = "other" }', "", "other"),
        ('{ column = "r", values = { Tel = "phone" }, default = "" }', "Fax", None),
        ('{ column = "r", values = { Tel = "" } }', "Tel", None),
        ('{ column = "r", default = "other" }', "Fax", "Fax"),
        ('{ column = "r", missing = ["-"], default = "other" }', "-", "other"),
        ('{ column = "r", missing = ["-"], prefix = "p-" }', "-", None),
        ('{ column = "r", prefix = "p-" }', " x ", "p-x"),
        ('{ columns = ["r", "touchpoint"], join = "/" }', "a", "a/x"),
        ('{ columns = ["r", "touchpoint"], join = "/" }', "", "x"),
    ],
)
def test_reading_rewrites_a_cell_as_the_mapping_says(tmp_path: Path, field: str, cell: str, expected: str | None):
    outcome = read(write(tmp_path, f"{HEADER},r\na,2026-01-01,x,{cell}\n"), CONTACTS + f"reason = {field}")
    assert [row["reason"] for row in outcome.contacts] == [expected]


@pytest.mark.parametrize(
    ("character", "code"),
    [("\x01", "0001"), ("\x0b", "000B"), ("\x1f", "001F"), ("\x7f", "007F"), ("\ufffe", "FFFE"), ("\uffff", "FFFF")],
)
def test_reading_refuses_a_name_with_a_control_character(tmp_path: Path, character: str, code: str):
    path = write(tmp_path, f"{HEADER}\na,2026-01-01,x\nb,2026-01-01,x{character}y\nc,2026-01-01,\x02{character}y\n")
    outcome = read(path, CONTACTS)
    assert [row["customer_id"] for row in outcome.contacts] == ["a"]
    assert sorted(outcome.reasons) == [
        (3, "touchpoint", f"x{character}y", f"a control character, U+{code}"),
        (4, "touchpoint", f"\x02{character}y", "a control character, U+0002"),
    ]


def test_reading_refuses_a_control_character_that_the_mapping_adds(tmp_path: Path):
    mapping = CONTACTS.replace('"customer"', r'{ column = "customer", prefix = "sheet\u001F" }')
    outcome = read(write(tmp_path, f"{HEADER}\n3,2026-01-01,x\n"), mapping)
    assert outcome.reasons == [(2, "customer", "3", "a control character, U+001F")]


def test_reading_keeps_line_breaks_tabs_and_other_scripts_in_names(tmp_path: Path):
    path = write(tmp_path, f'{HEADER}\na,2026-01-01,"x\ny\tz"\nb,2026-01-01,\U0001f600 日本 ä\n')
    assert [row["touchpoint"] for row in read(path, CONTACTS).contacts] == ["x\ny\tz", "\U0001f600 日本 ä"]


def test_reading_names_the_value_that_the_mapping_takes_as_empty(tmp_path: Path):
    mapping = CONTACTS.replace('"time"', '{ column = "time", missing = ["1970-01-01"] }')
    outcome = read(write(tmp_path, "customer,time,touchpoint\na,1970-01-01,x\n"), mapping)
    assert outcome.reasons == [(2, "time", "1970-01-01", "empty; every row of contacts needs its occurred_at")]


def test_reading_takes_missing_words_of_the_part_as_empty(tmp_path: Path):
    outcome = read(
        write(tmp_path, f"{HEADER},cost\nNA,2026-01-01,x,1\nb,2026-01-01,x,NA\n"),
        CONTACTS + 'missing = ["NA"]\ncost = "cost"',
    )
    assert [row["cost"] for row in outcome.contacts] == [None]
    assert [refusal.line for refusal in outcome.refusals] == [2]


def test_reading_gives_a_contact_and_its_rating(tmp_path: Path):
    mapping = CONTACTS + '[contacts.rating]\nmetric = { constant = "nps" }\nscore = "nps"\nnot_answered = ["-"]'
    path = write(tmp_path, f"{HEADER},nps\na,2026-01-01,x,9\nb,2026-01-02,x,\nc,2026-01-03,x,-\nd,2026-01-04,x,11\ne\n")
    outcome = read(path, mapping)
    assert outcome.source.tables == ("contacts", "ratings")
    assert [(row["customer_id"], row["score"], row["answer"]) for row in outcome.ratings] == [
        ("a", 9.0, "given"),
        ("c", None, "not_answered"),
    ]
    assert [(each.table, each.line, each.reason) for each in outcome.refusals] == [
        ("ratings", 5, "outside the scale 0 to 10"),
        ("contacts", 6, "the line has 1 columns, the file has 4"),
        ("ratings", 6, "the line has 1 columns, the file has 4"),
    ]
    assert outcome.source.rows == {"contacts": 5, "ratings": 4}


def test_reading_tells_the_line_of_each_accepted_row(tmp_path: Path):
    mapping = Mapping.from_text(CONTACTS + '[contacts.rating]\nmetric = { constant = "nps" }\nscore = "nps"')
    path = write(tmp_path, f"{HEADER},nps\na,2026-01-01,x,9\nb,never,x,9\nc,2026-01-01,x,\nd,2026-01-01,x,8\n")
    (batch,) = open_source(path, mapping).batches()
    assert {table: lines.tolist() for table, lines in batch.lines.items()} == {"contacts": [2, 4, 5], "ratings": [2, 5]}


def test_reading_tells_the_line_of_each_rating_of_a_sheet(tmp_path: Path):
    items = "".join(f'[[ratings.items]]\ncolumn = "{name}"\nmetric = "csat"\n' for name in "pq")
    part = (
        '[ratings]\ncustomer_id = "customer"\noccurred_at = "time"\ntimezone = "UTC"\nscale_low = 1\nscale_high = 5\n'
    )
    path = write(tmp_path, "customer,time,p,q\na,2026-01-01,1,2\nb,2026-01-01,,3\nc,2026-01-01,9,4\n")
    (batch,) = open_source(path, Mapping.from_text(part + items)).batches()
    scores = batch.tables["ratings"]["score"].to_pylist()
    assert list(zip(batch.lines["ratings"].tolist(), scores, strict=True)) == [
        (2, 1.0),
        (2, 2.0),
        (3, None),
        (3, 3.0),
        (4, 4.0),
    ]


def test_reading_chooses_the_part_whose_columns_are_there(tmp_path: Path):
    contacts = write(tmp_path, f"{HEADER},cost\na,2026-01-01,x,1\n", "contacts.csv")
    ratings = write(tmp_path, f"{HEADER},score\na,2026-01-01,x,5\n", "ratings.csv")
    mapping = Mapping.from_text(CONTACTS + 'cost = "cost"' + RATINGS)
    assert [open_source(path, mapping).part for path in (contacts, ratings)] == ["contacts", "ratings"]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        pytest.param(
            "customer,time,place,x",
            "f.csv has no column 'touchpoint', which [contacts] of mapping.toml reads; "
            "f.csv has no columns 'touchpoint', 'score', which [ratings] of mapping.toml reads; it has customer, time, place, x",
            id="none",
        ),
        pytest.param(
            "customer,time,touchpoint,score",
            "f.csv fits both [contacts] (customer, time, touchpoint) and [ratings] (customer, time, touchpoint, score) of "
            "mapping.toml; leave out the part that is not meant",
            id="both",
        ),
    ],
)
def test_reading_names_the_parts_where_none_or_both_fit(tmp_path: Path, header: str, message: str):
    with pytest.raises(SourceError) as error:
        open_source(write(tmp_path, f"{header}\n", "f.csv"), Mapping.from_text(CONTACTS + RATINGS))
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "customer,time,touch-point",
            "f.csv has no column 'touchpoint', which [contacts] of mapping.toml reads; did you mean 'touch-point'?",
        ),
        (
            "customer,touchpoint,time,touchpoint",
            "f.csv has the column 'touchpoint' more than once (2, 4); give each its own name",
        ),
        (
            "kunde,zeit",
            "f.csv has no columns 'customer', 'time', 'touchpoint', which [contacts] of mapping.toml reads; it has kunde, zeit",
        ),
        (
            "customers,when,where",
            "f.csv has no columns 'customer', 'time', 'touchpoint', which [contacts] of mapping.toml reads; "
            "did you mean 'customers' for 'customer'?",
        ),
        ("customer;time;touchpoint", "its only column is 'customer;time;touchpoint', so the delimiter may not be ','"),
        (",".join(f"c{i:02}" for i in range(22)), "c08, c09 and 12 more"),
    ],
)
def test_reading_names_a_column_that_is_missing_or_double(tmp_path: Path, header: str, message: str):
    with pytest.raises(SourceError) as error:
        open_source(write(tmp_path, f"{header}\n", "f.csv"), Mapping.from_text(CONTACTS))
    assert str(error.value).endswith(message)


@pytest.mark.parametrize(
    ("meant", "told"),
    [
        ("contacts", ("'customer', 'time', 'touchpoint', which [contacts]",)),
        ("ratings", ("'customer', 'time', 'touchpoint' and 1 more, which [ratings]",)),
        (
            None,
            (
                "'customer', 'time', 'touchpoint', which [contacts]",
                "'customer', 'time', 'touchpoint' and 1 more, which [ratings]",
            ),
        ),
    ],
)
def test_reading_tells_the_misfit_of_the_part_that_is_meant(
    tmp_path: Path, meant: Literal["contacts", "ratings"] | None, told: tuple[str, ...]
):
    with pytest.raises(SourceError) as error:
        open_source(write(tmp_path, "a,b\n", "f.csv"), Mapping.from_text(CONTACTS + RATINGS), meant=meant)
    assert str(error.value) == "; ".join(
        [*(f"f.csv has no columns {each} of mapping.toml reads" for each in told), "it has a, b"]
    )


def test_reading_tells_every_misfit_where_no_part_is_for_what_is_meant(tmp_path: Path):
    with pytest.raises(SourceError, match=r"which \[contacts\] of mapping\.toml reads; it has a, b$"):
        open_source(write(tmp_path, "a,b\n"), Mapping.from_text(CONTACTS), meant="ratings")


def test_reading_leaves_double_columns_alone_that_are_not_mapped(tmp_path: Path):
    assert len(read(write(tmp_path, f"{HEADER},,,z,z\na,2026-01-01,x,1,2,3,4\n"), CONTACTS).contacts) == 1


def test_reading_refuses_a_file_without_rows(tmp_path: Path):
    with pytest.raises(SourceError, match=r"file\.csv has column names, but no rows below them"):
        read(write(tmp_path, f"{HEADER}\n"), CONTACTS)


def test_reading_refuses_a_constant_that_cannot_be_read(tmp_path: Path):
    mapping = CONTACTS.replace('"time"', "{ constant = 2026-02-01 }").replace("timezone", "# timezone")
    with pytest.raises(SourceError, match=r"the constant '2026-02-01' for occurred_at in \[contacts\]: no UTC offset"):
        read(write(tmp_path, f"{HEADER}\na,b,c\n"), mapping)


def test_reading_digest_is_of_file_and_mapping(tmp_path: Path):
    one, two = write(tmp_path, f"{HEADER}\n", "1.csv"), write(tmp_path, f"{HEADER}\n\n", "2.csv")
    texts = [CONTACTS, CONTACTS, CONTACTS + "# changed", CONTACTS]
    paths = [one, write(tmp_path, one.read_bytes(), "3.csv"), one, two]
    digests = [open_source(path, Mapping.from_text(text)).digest for path, text in zip(paths, texts, strict=True)]
    assert (digests[0] == digests[1], len(set(digests))) == (True, 3)


@pytest.mark.parametrize("change", [lambda path: path.write_text(f"{HEADER}\n"), Path.unlink])
def test_reading_refuses_a_file_that_changes_meanwhile(tmp_path: Path, change: Callable[[Path], object]):
    path = write(tmp_path, f"{HEADER}\na,2026-01-01,x\n")
    batches = open_source(path, Mapping.from_text(CONTACTS)).batches()
    next(batches)
    change(path)
    with pytest.raises(SourceError, match="changed while it was read") as error:
        next(batches)
    assert error.value.args[0].code == "E-CHANGED"


def test_reading_can_be_done_twice_and_move_to_another_process(tmp_path: Path):
    path = write(tmp_path, f"{HEADER}\na,2026-01-01,x\nb\n")
    source = open_source(path, Mapping.from_text(CONTACTS))
    first, second = list(source.batches()), list(source.batches())
    assert pickle.loads(pickle.dumps(first)) == second  # noqa: S301  our own bytes
    assert source.rows == {"contacts": 2}


CELLS = st.text(st.sampled_from('ab1;,"\n -'), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=9))
def test_reading_loses_no_row(tmp_path: Path, rows: list[list[str]]):
    path = write(tmp_path, "\n".join([HEADER + ",cost", *("a,2026-01-01," + ",".join(row) for row in rows)]))
    outcome = read(path, CONTACTS + 'cost = "cost"')
    rejected = sum(each.table == "contacts" for each in outcome.refusals)
    assert outcome.source.rows["contacts"] == len(outcome.contacts) + rejected
    assert outcome.source.rejected["contacts"] == rejected
