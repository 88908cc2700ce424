"""CSV of the corpus: encodings, delimiters, quotes, numbers and dates; each with the one answer it gets."""

import gzip

from .corpus import Case, content

CONTACTS = """
[contacts]
timezone = "Europe/Berlin"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
"""
COSTS = CONTACTS + 'cost = "cost"\n'
VALUES = CONTACTS + 'value = "value"\n'
CP1252 = CONTACTS + 'encoding = "cp1252"\n'
UTF16 = CONTACTS + 'encoding = "utf-16"\n'
GERMAN = COSTS + 'delimiter = ";"\ndecimal = ","\n'

HEADER = "customer,time,touchpoint\n"
ROW = "1,2026-03-02,Hotline\n"
OTHERS = 2 * ROW
"""Rows that are in order, around or below the one that is not."""


def table(*lines: str) -> str:
    return HEADER + "".join(f"{line}\n" for line in lines)


def case(name: str, text: str | bytes, mapping: str = CONTACTS, *, file: str = "file.csv", **answer: object) -> Case:
    return Case(name=name, file=file, write=content(text), mapping=mapping, **answer)  # type: ignore[arg-type]


def cost(name: str, cell: str, mapping: str = COSTS, *, accepted: int = 1, code: str = "", answer: str = "") -> Case:
    """A file of two rows: a good one, then one with this cell; a code says that it is refused."""
    column = "value" if "value =" in mapping else "cost"
    text = f"customer;time;touchpoint;{column}\n1;2026-03-02;Hotline;1\n1;2026-03-02;Hotline;{cell}\n"
    refused = ((3, code),) if code else ()
    mapping += "" if "delimiter" in mapping else 'delimiter = ";"\n'
    return case(name, text, mapping, accepted=accepted + (not code), refused=refused, answer=answer)


def date(
    name: str, cell: str, form: str = "", *, code: str = "", answer: str = "", zone: bool = True, alone: bool = False
) -> Case:
    """A file of one good row, unless it is `alone`, and one with this time, maybe in a declared form."""
    mapping = CONTACTS if zone else CONTACTS.replace('timezone = "Europe/Berlin"\n', "")
    if form:
        mapping = mapping.replace('"time"', f'{{ column = "time", format = "{form}" }}')
    times = [cell] if alone else [GOOD[form], cell]
    refused = ((1 + len(times), code),) if code else ()
    text = table(*(f"1,{time},Hotline" for time in times))
    return case(name, text, mapping, accepted=len(times) - len(refused), refused=refused, answer=answer)


GOOD = {
    "": "2026-03-02T09:00Z",
    "%d.%m.%Y": "02.03.2026",
    "%d.%m.%Y %H:%M": "02.03.2026 09:14",
    "excel_1900": "46023",
    "excel_1904": "44561",
}
"""A good time in each declared form."""

ENCODINGS = [
    case("utf8_bom", b"\xef\xbb\xbf" + table("1,2026-03-02,Köln").encode(), accepted=1),
    case("cp1252_umlaut_euro", table("1,2026-03-02,Köln 5 €").encode("cp1252"), CP1252, accepted=1),
    case(
        "cp1252_undeclared",
        table("1,2026-03-02,Köln", "2,2026-03-02,Hotline").encode("cp1252"),
        accepted=1,
        refused=((2, "E-ENC"),),
        answer='encoding = "cp1252"',
    ),
    case("utf8_read_as_cp1252_mojibake", table("1,2026-03-02,für 5 €"), CP1252, accepted=1, warning="W-MOJIBAKE"),
    case(
        "utf8_saved_from_mojibake",
        table("1,2026-03-02,für 5 €".encode().decode("cp1252")),
        accepted=1,
        warning="W-MOJIBAKE",
    ),
    case(
        "mixed_encodings",
        table("1,2026-03-02,Köln").encode() + "2,2026-03-02,Köln\n".encode("cp1252") + ROW.encode(),
        accepted=2,
        refused=((3, "E-ENC"),),
    ),
    case(
        "invalid_byte_0x81",
        HEADER.encode() + b"1,2026-03-02,K\x81ln\n" + ROW.encode(),
        CP1252,
        accepted=1,
        refused=((2, "E-ENC"),),
    ),
    case("utf16le_excel", table("1,2026-03-02,Köln 5 €").encode("utf-16"), UTF16, accepted=1),
    case("utf16be", b"\xfe\xff" + table("1,2026-03-02,Köln").encode("utf-16-be"), UTF16, accepted=1),
    case("utf16_undeclared", table(ROW[:-1]).encode("utf-16"), error="E-ENC", answer='encoding = "utf-16"'),
    case("utf16_without_bom", table(ROW[:-1]).encode("utf-16-le"), UTF16, error="E-ENC"),
    case(
        "utf16_half_a_character",
        b"\xff\xfe" + table(ROW[:-1], "1,2026-03-02,x\ud83dy", ROW[:-1]).encode("utf-16-le", "surrogatepass"),
        UTF16,
        accepted=2,
        refused=((3, "E-ENC"),),
    ),
    case("utf16_cut", table(ROW[:-1]).encode("utf-16")[:-1], UTF16, error="E-ENC"),
    case(
        "bom_against_mapping",
        b"\xef\xbb\xbf" + table(ROW[:-1]).encode(),
        CP1252,
        error="E-ENC",
        answer='encoding = "utf-8"',
    ),
]
LINES = [
    case("semicolon_decimal_comma", "customer;time;touchpoint;cost\n1;2026-03-02;x;1234,5\n", GERMAN, accepted=1),
    case(
        "tab",
        table("1,2026-03-02,Köln; Dom").replace(",", "\t"),
        CONTACTS + 'delimiter = "\\t"\n',
        file="file.tsv",
        accepted=1,
    ),
    case(
        "sep=;_first_line",
        "sep=;\n" + table(ROW[:-1], "1,x,Hotline").replace(",", ";"),
        accepted=1,
        refused=((4, "E-DATE"),),
    ),
    case("sep=tab_utf16", ("sep=\t\n" + table(ROW[:-1]).replace(",", "\t")).encode("utf-16"), UTF16, accepted=1),
    case("lone_cr_lineends", table(ROW[:-1], "2,x,Hotline").replace("\n", "\r"), accepted=1, refused=((3, "E-DATE"),)),
    case("lone_cr_in_a_line", table("1,2026-03-02,x\rHotline", ROW[:-1]), accepted=1, refused=((2, "E-CHAR"),)),
    case("quoted_newlines", table('1,2026-03-02,"Filiale\nKöln"', "2,x,y"), accepted=1, refused=((4, "E-DATE"),)),
    case("no_newline_at_the_end", table(ROW[:-1])[:-1], accepted=1),
    case("unclosed_quote", table(ROW[:-1], '2,2026-03-02,"Hotline') + OTHERS, accepted=3, refused=((3, "E-QUOTE"),)),
    case(
        "unclosed_quote_far_from_the_end",
        table('2,2026-03-02,"Hotline') + 9_000 * ROW,
        accepted=9_000,
        refused=((2, "E-QUOTE"),),
    ),
    case("text_after_quote", table('1,2026-03-02,"x"y') + ROW, accepted=1, refused=((2, "E-QUOTE"),)),
    case(
        "ragged_rows",
        table(ROW[:-1], "2,2026-03-02", "3,2026-03-02,x,y") + ROW,
        accepted=2,
        refused=((3, "E-COLS"), (4, "E-COLS")),
    ),
    case("nul_byte", table("1,2026-03-02,Hot\0line") + ROW, accepted=1, refused=((2, "E-CHAR"),)),
    case("late_control_character", table("1,2026-03-02,Hot\u009bline") + ROW, accepted=1, refused=((2, "E-CHAR"),)),
    case("turned_direction", table("1,2026-03-02,Hot\u202eline") + ROW, accepted=1, refused=((2, "E-CHAR"),)),
    case("freed_direction", table("1,2026-03-02,Hot\u2069line") + ROW, accepted=1, refused=((2, "E-CHAR"),)),
    case("right_to_left_name", table("1,2026-03-02,\u05e7\u05e0\u05d9\u05d4\u200f") + ROW, accepted=2),
    case("control_character", table("1,2026-03-02,Hot\x07line") + ROW, accepted=1, refused=((2, "E-CHAR"),)),
    case("field_200kB", table(f"1,2026-03-02,{'x' * 200_000}") + ROW, accepted=1, refused=((2, "E-LONG"),)),
    case("line_3MB", table(f"1,2026-03-02,{'x' * 3_000_000}") + ROW, accepted=1, refused=((2, "E-LONG"),)),
    case("header_only", HEADER, error="E-NOROWS"),
    case("empty_file", "", error="E-EMPTY"),
    case("empty_lines", "\n\n\n", error="E-EMPTY"),
    case("duplicate_header", "customer,time,touchpoint,time\n1,2026-03-02,x,y\n", error="E-DUPLICATE"),
    case("missing_column", "customer,time\n1,2026-03-02\n", error="E-MISSING"),
    case("20000_columns", ",".join(f"c{i}" for i in range(20_000)) + "\n", error="E-WIDE"),
    case("unclosed_quote_in_header", 'customer,time,"touchpoint\n' + OTHERS, error="E-QUOTE"),
    case("another_ending", HEADER + ROW, file="file.doc", error="E-TYPE"),
    case(
        "formula_cells",
        table(*(f'1,2026-03-02,"{cell}"' for cell in ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx\ty"))),
        accepted=5,
    ),
    case(
        "xss_in_header_and_cell",
        "customer,<script>alert(1)</script>,touchpoint\n1,<img src=x onerror=alert(1)>,x\n1,2026-03-02,<b>x</b>\n",
        CONTACTS.replace('"time"', '"<script>alert(1)</script>"'),
        accepted=1,
        refused=((2, "E-DATE"),),
    ),
    case(
        "gzip_of_several_members",
        gzip.compress(HEADER.encode()) + gzip.compress(ROW.encode()),
        file="file.csv.gz",
        accepted=1,
    ),
]
NUMBERS = [
    cost("ambiguous_1.234", "1.234", code="E-ASK", answer='decimal = "."'),
    cost("ambiguous_1.234_thousands", "1.234", code="E-ASK", answer='thousands = "."'),
    cost("ambiguous_1,234", "1,234", code="E-ASK", answer='decimal = ","'),
    cost("undeclared_decimal_comma", "4,80", code="E-ASK", answer='decimal = ","'),
    cost("undeclared_1.234,56", "1.234,56", code="E-ASK", answer='thousands = "."'),
    cost("comma_decimal_point_undeclared", "1,234.56", code="E-ASK", answer='thousands = ","'),
    cost("comma_decimal_point", "1,234.56", COSTS + 'thousands = ","\n'),
    cost("comma_decimal_point_but_declared_otherwise", "1,234.56", GERMAN, code="E-NUM"),
    cost("nbsp_thousands", "1\u00a0234,50", GERMAN + 'thousands = " "\n'),
    cost("narrow_nbsp_thousands", "1\u202f234,50", GERMAN + 'thousands = " "\n'),
    cost("swiss_apostrophe", "1\u2019234.50", COSTS + 'thousands = "\'"\n'),
    cost("unicode_minus", "\u22125", VALUES),
    cost("trailing_minus", "5-", VALUES, code="E-NUM"),
    cost("amount_with_currency", "5,00 EUR", GERMAN, code="E-NUM"),
    cost("fullwidth_digits", "\uff15", code="E-NUM"),
    cost("1e999", "1e999", code="E-NUM"),
    cost("NaN", "NaN", code="E-NUM"),
    cost("inf", "inf", code="E-NUM"),
    cost("#DIV/0!", "#DIV/0!", code="E-NUM"),
    cost("hexadecimal", "0x1F", code="E-NUM"),
    cost("negative_cost", "-1", code="E-RANGE"),
    cost("5000_digits", "9" * 5_000, code="E-NUM"),
]
DATES = [
    date("31.02.2026", "31.02.2026", "%d.%m.%Y", code="E-DATE"),
    date("29.02.2100", "29.02.2100", "%d.%m.%Y", code="E-DATE"),
    date("iso_2026-02-30", "2026-02-30", code="E-DATE"),
    date("01/02/2026", "01/02/2026", code="E-ASK", alone=True, answer='format = "%d/%m/%Y"'),
    date("01/02/2026_american", "01/02/2026", code="E-ASK", alone=True, answer='format = "%m/%d/%Y"'),
    date("german_date_undeclared", "01.02.2026 10:00", code="E-ASK", alone=True, answer='format = "%d.%m.%Y %H:%M"'),
    date("29.03.2026_02:30_berlin", "29.03.2026 02:30", "%d.%m.%Y %H:%M", code="E-GAP", answer='nonexistent = "shift"'),
    date("25.10.2026_02:30", "25.10.2026 02:30", "%d.%m.%Y %H:%M", code="E-ASK", answer='ambiguous = "earliest"'),
    date("25.10.2026_02:30_latest", "2026-10-25 02:30", code="E-ASK", answer='ambiguous = "latest"'),
    date("25.10.2026_02:30_with_offset", "2026-10-25T02:30+01:00", zone=False),
    date("no_time_zone", "2026-03-02 10:00", code="E-ASK", answer='timezone = "Europe/Berlin"', zone=False),
    date("excel_serial_1900", "46023.5", "excel_1900"),
    date("excel_serial_1904", "44561.5", "excel_1904"),
    date("excel_serial_undeclared", "46023.5", code="E-ASK", alone=True, answer='format = "excel_1900"'),
    date("excel_serial_of_a_day_that_never_was", "60", "excel_1900", code="E-RANGE"),
    date("year_0001", "0001-01-01", code="E-RANGE"),
    date("year_9999", "31.12.9999", "%d.%m.%Y", code="E-RANGE"),
    date("time_24:00", "2026-03-02 24:00", code="E-DATE"),
]
CASES = [*ENCODINGS, *LINES, *NUMBERS, *DATES]
