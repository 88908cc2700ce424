from datetime import datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from tangente.errors import SourceError
from tangente.sources.headings import CONTACTS, RATINGS, find
from tangente.sources.propose import Home, propose

from .files import Outcome, read, write, write_table


def proposed(path: Path) -> Outcome:
    """What is read by the proposed mapping as it is."""
    return read(path, propose(path))


def lines(path: Path) -> list[str]:
    """The proposal without its first comment."""
    return propose(path).splitlines()[2:]


GERMAN = [
    "Kundennummer;Zeitpunkt;Kontaktpunkt;Kanal;Anlass;Richtung;Abteilung;Dauer (min);Kosten;Mitarbeiter",
    *(
        f"k{i};{i % 28 + 1:02}.07.2026 10:{i:02};Filiale Köln;Tel;Frage;ausgehend;Service;1,5;1.234,5;Anna"
        for i in range(30)
    ),
    "k1;31.02.2026 10:00;x;Tel;Frage;eingehend;Service;1;1;Ben",
    "k2;01.07.2026 11:00;x;k.A.;Frage;eingehend;Service;lang;1;Ben",
]


def test_propose_states_every_assumption_for_a_german_file(tmp_path: Path):
    assert lines(write(tmp_path, "\n".join(GERMAN).encode("cp1252"))) == [
        'currency = "EUR"  # the file names none',
        "",
        "[contacts]",
        'encoding = "cp1252"  # 30 lines are not UTF-8',
        'delimiter = ";"',
        'decimal = ","  # as in "1.234,5"',
        'thousands = "."  # as in "1.234,5"',
        'missing = ["k.A."]  # they stand in the file',
        'timezone = "Europe/Berlin"  # no offset in the file',
        'customer_id = "Kundennummer"',
        'occurred_at = { column = "Zeitpunkt", format = "%d.%m.%Y %H:%M" }  # as in "01.07.2026 10:00"',
        'touchpoint = "Kontaktpunkt"',
        'channel = "Kanal"',
        'reason = "Anlass"',
        'direction = { column = "Richtung", values = { "ausgehend" = "out", "eingehend" = "in" } }  # into the log\'s own words',
        'unit = "Abteilung"',
        'duration_s = { column = "Dauer (min)", unit = "min" }  # from the heading',
        'cost = "Kosten"',
        '# not read: "Mitarbeiter" (persons of ours are stored only where a mapping asks for it, as employee = "Mitarbeiter")',
    ]


def test_propose_works_unedited_where_some_values_are_bad(tmp_path: Path):
    outcome = proposed(write(tmp_path, "\n".join(GERMAN).encode("cp1252")))
    assert (len(outcome.contacts), [each[:3] for each in outcome.reasons]) == (
        30,
        [(32, "Zeitpunkt", "31.02.2026 10:00"), (33, "Dauer (min)", "lang")],
    )


@pytest.mark.parametrize(
    "header",
    [
        "Kunde,Datum,Kontaktpunkt",
        "Kunden-Nr.,Zeitstempel,Berührungspunkt",
        "customer_id,timestamp,touchpoint",
        "Customer ID,Date,Activity",
        "case:concept:name,time:timestamp,concept:name",
        "customer_id,Wann,touchpoint",
    ],
)
def test_propose_knows_headings_of_people_and_systems(tmp_path: Path, header: str):
    (contact,) = proposed(write(tmp_path, f"{header}\nk1,2026-07-01T10:00Z,shop\n")).contacts
    assert (contact["customer_id"], contact["touchpoint"]) == ("k1", "shop")


@pytest.mark.parametrize("table", [CONTACTS, RATINGS])
def test_headings_hold_the_name_of_every_field(table: dict[str, str]):
    assert {field: find(words, [field]) for field, words in table.items()} == {field: field for field in table}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2026-07-01"], 'occurred_at = "Datum"'),
        (["2026-07-01T10:00:00+02:00", "2026-07-01 11:00:00+00:00"], 'occurred_at = "Datum"'),
        (["1.7.26 9:05"], 'occurred_at = { column = "Datum", format = "%d.%m.%y %H:%M" }  # as in "1.7.26 9:05"'),
        (["31/12/2026"], 'occurred_at = { column = "Datum", format = "%d/%m/%Y" }  # as in "31/12/2026"'),
        (["12/31/2026"], 'occurred_at = { column = "Datum", format = "%m/%d/%Y" }  # as in "12/31/2026"'),
        (
            ["01/02/2026"],
            'occurred_at = { column = "Datum", format = "%d/%m/%Y" }  # as in "01/02/2026"; %m/%d/%Y would fit as well',
        ),
        (["1767225600"], 'occurred_at = { column = "Datum", format = "unix" }  # as in "1767225600"'),
        (["1767225600000"], 'occurred_at = { column = "Datum", format = "unix_ms" }  # as in "1767225600000"'),
    ],
)
def test_propose_finds_how_times_are_written(tmp_path: Path, cells: list[str], expected: str):
    rows = "".join(f"k,{cell},x\n" for cell in cells)
    assert lines(write(tmp_path, f"Kunde,Datum,Kontaktpunkt\n{rows}"))[-2] == expected


@pytest.mark.parametrize(("time", "zone"), [("2026-07-01 10:00", True), ("2026-07-01 10:00Z", False)])
def test_propose_names_a_zone_only_where_there_is_no_offset(tmp_path: Path, time: str, zone: bool):
    draft = lines(write(tmp_path, f"Kunde,Datum,Kontaktpunkt\nk,{time},x\n"))
    assert ('timezone = "Europe/Berlin"  # no offset in the file' in draft) == zone


def test_propose_joins_day_and_clock_time(tmp_path: Path):
    outcome = proposed(write(tmp_path, "Kunde;Datum;Uhrzeit;Kontaktpunkt\nk;01.07.2026;12:00;x\n"))
    assert outcome.contacts[0]["occurred_at"] == datetime.fromisoformat("2026-07-01T10:00Z")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("Kosten\n1.5\n2.25", ['decimal = "."  # as in "1.5"'], id="point"),
        pytest.param("Kosten\n1,5\nx\n0,25", ['decimal = ","  # as in "1,5"'], id="comma, one bad"),
        pytest.param(
            "Kosten\n1.234",
            ['decimal = ","  # "1.234" could be read otherwise', 'thousands = "."  # as in "1.234"'],
            id="either",
        ),
        pytest.param(
            "Kosten\n1,234.5", ['decimal = "."  # as in "1,234.5"', 'thousands = ","  # as in "1,234.5"'], id="both"
        ),
        pytest.param(
            "Kosten\n1'234.5", ['decimal = "."  # as in "1\'234.5"', 'thousands = "\'"  # as in "1\'234.5"'], id="Swiss"
        ),
        pytest.param(
            "Kosten\n1'234", ['decimal = ","  # as in "1\'234"', 'thousands = "\'"  # as in "1\'234"'], id="Swiss whole"
        ),
        pytest.param("Kosten\n7\n8", [], id="whole"),
    ],
)
def test_propose_decides_the_signs_of_numbers(tmp_path: Path, content: str, expected: list[str]):
    header, *cells = content.split("\n")
    rows = "".join(f"k;2026-01-01;x;{cell}\n" for cell in cells)
    draft = lines(write(tmp_path, f"Kunde;Datum;Kontaktpunkt;{header}\n{rows}"))
    assert [line for line in draft if line.startswith(("decimal", "thousands"))] == expected


def test_propose_reads_utf8_where_most_lines_are(tmp_path: Path):
    content = "Kunde;Datum;Kontaktpunkt\nk;2026-01-01;Tür\nk;2026-01-02;Tür\n".encode() + "k;2026-01-03;Tür\n".encode(
        "cp1252"
    )
    path = write(tmp_path, content)
    assert lines(path)[1] == 'encoding = "utf-8"  # 1 lines are not and will be refused'
    assert (len(proposed(path).contacts), len(proposed(path).refusals)) == (2, 1)


def test_propose_takes_the_delimiter_of_excel(tmp_path: Path):
    assert len(proposed(write(tmp_path, "sep=|\nKunde|Datum|Kontaktpunkt\nk|2026-01-01|a,b,c;d\n")).contacts) == 1


RATED = "Kunde,Datum,Kontaktpunkt"


@pytest.mark.parametrize(
    ("header", "scores", "expected"),
    [
        ("Zufriedenheit", "12345", ["csat", "1", "5"]),
        ("Zufriedenheit", "1234567", ["csat", "1", "7"]),
        ("NPS", "0239", ["nps"]),
        ("Sterne", "135", ["stars", "1", "5"]),
        ("Note", "1236", ["csat", "6", "1"]),
        ("Zufriedenheit", "12345" * 20 + "9", ["csat", "1", "5"]),
    ],
)
def test_propose_judges_metric_and_scale(tmp_path: Path, header: str, scores: str, expected: list[str]):
    rows = "".join(f"k,2026-01-01,x,{score}\n" for score in scores)
    draft = lines(write(tmp_path, f"{RATED},{header}\n{rows}"))
    metric = next(line.split('"')[1] for line in draft if line.startswith("metric"))
    assert [metric, *(line.split()[2] for line in draft if line.startswith("scale"))] == expected


@pytest.mark.parametrize(
    ("header", "row", "tables"),
    [
        pytest.param(f"{RATED},Zufriedenheit", "k,2026-01-01,x,3", ("ratings",), id="rating"),
        pytest.param(f"{RATED},Kosten,Zufriedenheit", "k,2026-01-01,x,1,3", ("contacts", "ratings"), id="both"),
        pytest.param(f"{RATED},Kosten", "k,2026-01-01,x,1", ("contacts",), id="contact"),
        pytest.param(f"{RATED},Kennzahl,Wert", "k,2026-01-01,x,csat,3", ("ratings",), id="long form"),
        pytest.param(f"{RATED},Note", "k,2026-01-01,x,a remark", ("contacts",), id="a note that is none"),
    ],
)
def test_propose_tells_contacts_from_ratings(tmp_path: Path, header: str, row: str, tables: tuple[str, ...]):
    assert proposed(write(tmp_path, f"{header}\n{row}\n")).source.tables == tables


def test_propose_takes_contacts_that_are_mostly_not_rated_as_contacts(tmp_path: Path):
    outcome = proposed(write(tmp_path, f"{RATED},Zufriedenheit\nk,2026-01-01,x,3\nk,2026-01-02,x,\nk,2026-01-03,x,\n"))
    assert (len(outcome.contacts), len(outcome.ratings)) == (3, 1)


SURVEY = [
    "Teilnehmer;Datum;Alter;Zufriedenheit mit der Hotline;Zufriedenheit Shop;Gesamtzufriedenheit;NPS",
    *(
        f"t{i};2026-01-01;{i + 18};{i % 5 + 1};{'nie genutzt' if i % 3 else i % 2 + 3};{'keine Angabe' if i == 7 else i % 4 + 2};{i % 11}"
        for i in range(40)
    ),
]


def test_propose_finds_a_survey_in_wide_form(tmp_path: Path):
    draft = lines(write(tmp_path, "\n".join(SURVEY)))
    assert draft[draft.index('response_id = "Teilnehmer"') + 1 :] == [
        '# not read: "Alter"',
        'metric = { constant = "csat" }  # assumed of every item that names no other',
        "scale_low = 1  # assumed: the worst end; values go from 1 to 5",
        "scale_high = 5",
        'never_used = ["nie genutzt"]',
        'not_answered = ["keine Angabe"]',
        "",
        "[[ratings.items]]",
        'column = "Zufriedenheit mit der Hotline"',
        'touchpoint = "Hotline"',
        "",
        "[[ratings.items]]",
        'column = "Zufriedenheit Shop"',
        'touchpoint = "Shop"',
        "",
        "[[ratings.items]]",
        'column = "Gesamtzufriedenheit"  # the company as a whole',
        "",
        "[[ratings.items]]",
        'column = "NPS"  # the company as a whole',
        'metric = "nps"  # from the heading',
    ]


def test_propose_takes_one_battery_of_questions(tmp_path: Path):
    header = ",".join(["Datum", "Sex", "Lang", *(f"Q7_{i}" for i in range(6))])
    rows = "".join(f"2026-01-01,{i % 2},{i % 3},{','.join([str(i % 5 + 1)] * 6)}\n" for i in range(20))
    assert {row["touchpoint"] for row in proposed(write(tmp_path, f"{header}\n{rows}")).ratings} == {
        f"Q7_{i}" for i in range(6)
    }


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_propose_reads_typed_files(tmp_path: Path, kind: str):
    times = [datetime.fromisoformat("2026-07-01 10:00"), datetime.fromisoformat("2026-07-02 10:00")]
    table = pa.table({"Kunde": ["a", "b"], "Datum": times, "Kontaktpunkt": ["x", "y"], "Kosten in EUR": [1.5, 2.0]})
    outcome = proposed(write_table(tmp_path, table, kind))
    assert [row["cost"] for row in outcome.contacts] == [1_500_000, 2_000_000]
    assert outcome.contacts[0]["occurred_at"] == datetime.fromisoformat("2026-07-01T08:00Z")


def test_propose_leaves_out_parquet_columns_that_hold_no_text(tmp_path: Path):
    table = pa.table(
        {"Kunde": pa.array(["a"]).dictionary_encode(), "Datum": ["2026-01-01"], "Kontaktpunkt": ["x"], "Liste": [[1]]}
    )
    assert lines(write_table(tmp_path, table, "parquet"))[-1] == 'touchpoint = "Kontaktpunkt"'


def test_propose_leaves_out_what_cannot_be_read_as_its_heading_says(tmp_path: Path):
    header = "Kunde,Datum,Kontaktpunkt,Kosten,Dauer,Richtung,Kontakt-ID,Reihenfolge"
    draft = lines(write(tmp_path, f"{header}\na,2026-01-01,x,viel,lang,quer,1,a\nb,2026-01-01,x,viel,kurz,quer,1,b\n"))
    assert [line for line in draft if line.startswith("# not")] == [
        f'# not read: "{heading}"' for heading in ("Kontakt-ID", "Reihenfolge", "Richtung", "Dauer", "Kosten")
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "Datum;Kontaktpunkt\n2026-01-01;x\n",
            "file.csv: no column says who the customer is (a heading like Kundennummer, Kunde, customer_id or case:concept:name "
            'would); write a mapping with customer_id = "…" in [contacts]; the columns are Datum, Kontaktpunkt',
        ),
        (
            "Hotline;Shop\n1;2\n3;4\n",
            "file.csv: no column says when it was (a heading like Zeitpunkt, Datum, timestamp or time:timestamp would); write a "
            'mapping with occurred_at = "…" in [ratings] or, for one date, occurred_at = { constant = "2026-01-31" }; the columns '
            "are Hotline, Shop",
        ),
        (
            "Kunde;Datum;Kontaktpunkt\nk;gestern;x\n",
            "the times in the column 'Datum', as 'gestern', are written in no way that is known; write a mapping with "
            'occurred_at = { column = "Datum", format = "%d.%m.%Y %H:%M" } as it fits',
        ),
        (
            "Kunde;Datum;Kontaktpunkt;Zufriedenheit\nk;2026-01-01;x;500\n",
            "the scale of the column 'Zufriedenheit' cannot be told from its values; write a mapping with scale_low and scale_high",
        ),
        ("Kunde;Datum;Kontaktpunkt\n", "file.csv has column names, but no rows below them that can be read"),
        (
            f"Kunde;Datum;Kontaktpunkt\n{'x' * 200_000};1;2\n",
            "file.csv has column names, but no rows below them that can be read",
        ),
        ("", "file.csv is empty; it needs a row of column names and rows below it"),
    ],
)
def test_propose_asks_what_it_cannot_answer(tmp_path: Path, content: str, message: str):
    with pytest.raises(SourceError) as error:
        propose(write(tmp_path, content))
    assert str(error.value) == message


def test_propose_reads_an_excel_table_with_dates_as_text(tmp_path: Path):
    book = openpyxl.Workbook()
    for row in (
        ("Kunde", "Datum", "Kontaktpunkt"),
        ("a", "01.07.2026", "x"),
        ("b", datetime.fromisoformat("2026-07-02"), "x"),
    ):
        book.active.append(row)
    book.save(tmp_path / "file.xlsx")
    assert len(proposed(tmp_path / "file.xlsx").contacts) == 2


@pytest.mark.parametrize(
    ("heading", "cell", "expected"),
    [
        ("Dauer", "0:04:12", 'duration_s = { column = "Dauer", unit = "h:m:s" }  # as in "0:04:12"'),
        ("Dauer", "4", 'duration_s = { column = "Dauer", unit = "s" }  # the heading names no unit: seconds assumed'),
        ("Dauer in Sekunden", "4", 'duration_s = { column = "Dauer in Sekunden", unit = "s" }'),
        ("duration_min", "4", 'duration_s = { column = "duration_min", unit = "min" }  # from the heading'),
    ],
)
def test_propose_judges_the_unit_of_durations(tmp_path: Path, heading: str, cell: str, expected: str):
    path = write(tmp_path, f"Kunde,Datum,Kontaktpunkt,{heading}\nk,2026-01-01,x,{cell}\n")
    assert lines(path)[-1] == expected


def test_propose_reads_words_of_the_log_as_they_are(tmp_path: Path):
    path = write(tmp_path, "Kunde,Datum,Kontaktpunkt,Ergebnis\nk,2026-01-01,x,gelöst\nk,2026-01-02,x,eskaliert\n")
    assert [row["outcome"] for row in proposed(path).contacts] == ["resolved", "eskaliert"]


def test_propose_takes_the_currency_from_the_heading(tmp_path: Path):
    assert lines(write(tmp_path, "Kunde,Datum,Kontaktpunkt,Kosten (CHF)\nk,2026-01-01,x,1\n"))[0] == (
        'currency = "CHF"  # from the heading'
    )


def test_propose_names_an_empty_file_in_an_archive(tmp_path: Path):
    with pytest.raises(SourceError, match=r"file\.csv\.gz is empty"):
        propose(write(tmp_path, "", "file.csv.gz"))


def test_propose_takes_no_other_column_for_a_clock(tmp_path: Path):
    path = write(tmp_path, "Kunde,Datum,Zeit,Kontaktpunkt\nk,2026-01-01,morgens,x\n")
    assert lines(path)[-2] == 'occurred_at = "Datum"'


COVER = (("Bericht 2026", None), ("Erstellt von", "Team"))
TABLE = (("Kunde", "Datum", "Kontaktpunkt"), ("a", "2026-07-01T10:00Z", "x"))


def workbook(folder: Path, **sheets: tuple[tuple[object, ...], ...]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(folder / "file.xlsx")
    return folder / "file.xlsx"


@pytest.mark.parametrize("cover", [COVER, (), TABLE[:1]])
def test_propose_finds_the_one_table_behind_a_cover_sheet(tmp_path: Path, cover: tuple[tuple[object, ...], ...]):
    path = workbook(tmp_path, Deckblatt=cover, Daten=TABLE, Legende=COVER)
    assert lines(path)[1] == 'sheet = "Daten"  # the first sheet holds no table that could be read'
    assert [row["customer_id"] for row in proposed(path).contacts] == ["a"]


def test_propose_takes_the_first_sheet_where_it_holds_a_table(tmp_path: Path):
    assert lines(workbook(tmp_path, Daten=TABLE, Mehr=TABLE))[:2] == ["[contacts]", 'customer_id = "Kunde"']


@pytest.mark.parametrize("others", [{"Juli": TABLE, "August": TABLE}, {"Juli": COVER, "August": ()}])
def test_propose_names_the_other_sheets_behind_a_cover_sheet(
    tmp_path: Path, others: dict[str, tuple[tuple[object, ...], ...]]
):
    with pytest.raises(SourceError) as error:
        propose(workbook(tmp_path, Deckblatt=COVER, **others))
    assert str(error.value) == (
        "file.xlsx has column names, but no rows below them that can be read; "
        'this is the first sheet, and a mapping may read another one by sheet = "Juli", sheet = "August"'
    )


def test_proposal_assumes_what_it_is_told_where_the_file_does_not_say(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("customer;time;touchpoint;cost\n1;02.03.2026 09:14;Hotline;3,50\n")
    lines = propose(file, Home("CHF", "Europe/Zurich")).splitlines()
    assert 'currency = "CHF"  # the file names none' in lines
    assert 'timezone = "Europe/Zurich"  # no offset in the file' in lines
