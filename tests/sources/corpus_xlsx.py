"""Worksheets of the corpus, most of them put together by hand as no spreadsheet program would; each with its answer."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from .corpus import Case, content

MAPPING = """
[contacts]
timezone = "Europe/Berlin"
customer_id = "customer"
occurred_at = "time"
touchpoint = "touchpoint"
cost = "cost"
"""
HEADER = ("customer", "time", "touchpoint", "cost")
ROW = ("10023", "2026-03-02", "Hotline", 4.8)

WORKBOOK = (
    """<workbook xmlns:r="r"><workbookPr{}/><sheets><sheet name="Data" sheetId="1" r:id="a"/></sheets></workbook>"""
)
RELATIONS = """<Relationships>
<Relationship Id="a" Type="x/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="b" Type="x/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="c" Type="x/styles" Target="/xl/styles.xml"/>
<Relationship Id="d" Type="x/externalLink" Target="file:///etc/passwd" TargetMode="External"/>
</Relationships>"""
STYLES = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
DATE = 1
"""The style of a date, by its place in STYLES."""


def cell(place: str, value: object, more: str = "") -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{place}" {more}><v>{value}</v></c>'


def row(number: int, *values: object, more: str = "") -> str:
    cells = "".join(cell(f"{'ABCDEFGH'[i]}{number}", value) for i, value in enumerate(values) if value is not None)
    return f'<row r="{number}" {more}>{cells}</row>'


def raw_row(number: int, last: str) -> str:
    """A row whose last cell is given as it stands in the file."""
    return row(number, *ROW[:3]).replace("</row>", f"{last}</row>")


def worksheet(*rows: str, before: str = "", behind: str = "") -> str:
    return f"<worksheet>{before}<sheetData>{''.join(rows)}</sheetData>{behind}</worksheet>"


TABLE = worksheet(row(1, *HEADER), row(2, *ROW))


def parts(sheet: str = TABLE, *, book: str = "", **others: str) -> dict[str, str]:
    """The parts of a workbook with one sheet; `others` by the last word of their name."""
    named = {"sharedStrings": "<sst/>", "styles": STYLES, **others}
    return {
        "xl/workbook.xml": WORKBOOK.format(book),
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet,
        **{name if "/" in name else f"xl/{name}.xml": text for name, text in named.items()},
    }


def zipped(entries: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return data.getvalue()


def xlsx(name: str, entries: dict[str, str] | bytes | Callable[[Path], None], **answer: object) -> Case:
    write = entries if callable(entries) else content(entries if isinstance(entries, bytes) else zipped(entries))
    return Case(name=name, file="book.xlsx", write=write, **{"mapping": MAPPING, **answer})  # type: ignore[arg-type]


def saved(path: Path) -> None:
    """As openpyxl writes it, with a formula that nobody has worked out."""
    book = openpyxl.Workbook()
    for values in (HEADER, ROW, (*ROW[:3], "=1+1")):
        book.active.append(values)
    book.save(path)


def lying(entries: dict[str, str]) -> bytes:
    """The archive, its directory naming a smaller size of the sheet than it has."""
    data = bytearray(zipped(entries))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
        start = data.index(sheet.filename.encode(), archive.start_dir) - 46
    data[start + 24 : start + 28] = (sheet.file_size // 2).to_bytes(4, "little")
    return bytes(data)


def office(*streams: str) -> bytes:
    """An old Office file whose folder names these streams; the folder is its second sector."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0"))
    head[30:32], head[48:52] = (9).to_bytes(2, "little"), (0).to_bytes(4, "little")
    return bytes(head) + b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
BOMB = f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>'
FAR = worksheet(row(1, *HEADER), '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
NO_VALUE = raw_row(3, '<c r="D3"><f>1+1</f></c>')
DIVIDED = raw_row(3, '<c r="D3" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
MERGED = worksheet(row(1, *HEADER), row(2, *ROW), behind='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')
DATES = worksheet(row(1, *HEADER), row(2, *ROW).replace(cell("B2", ROW[1]), cell("B2", 44986, f's="{DATE}"')))
SHARED = worksheet(row(1, *HEADER), raw_row(2, '<c r="D2" t="s"><v>0</v></c>'))
UNUSED = MAPPING.replace('cost = "cost"\n', "")

CASES = [
    xlsx("xlsx_plain", parts(), accepted=1),
    xlsx("xlsx_saved_by_openpyxl", saved, accepted=1, refused=((3, "E-FORMULA"),)),
    xlsx("not_a_zip", b"PK\x03\x04 nothing", error="E-ZIP"),
    xlsx("xls_renamed", office("Workbook"), error="E-TYPE"),
    xlsx("html_renamed", b"<html><table><tr><td>customer</td></tr></table></html>", error="E-TYPE"),
    xlsx("csv_renamed", b"customer,time,touchpoint\n", error="E-TYPE"),
    xlsx("password_protected", office("EncryptionInfo", "EncryptedPackage"), error="E-PASS"),
    xlsx("zip_bomb_1000x", parts(worksheet(row(1, *HEADER), " " * (30 << 20))), error="E-SIZE"),
    xlsx("lying_zip_header", lying(parts()), error="E-ZIP"),
    xlsx("xlsx_cut_off", zipped(parts())[:-300], error="E-ZIP"),
    xlsx("nested_zip", zipped({"inner.xlsx": zipped(parts()).decode("latin-1")}), error="E-TYPE"),
    xlsx("zip_slip_name", parts() | {"../../etc/cron.d/x": "x"}, error="E-ZIP"),
    xlsx("far_corner_cell", parts(FAR), error="E-DIM"),
    xlsx("far_column", parts(worksheet(row(1, *HEADER), raw_row(2, cell("XFD2", 1)))), refused=((2, "E-COLS"),)),
    xlsx("rows_out_of_order", parts(worksheet(row(2, *HEADER), row(1, *ROW))), error="E-DIM"),
    xlsx(
        "shared_strings",
        parts(SHARED, sharedStrings="<sst><si><r><t>4.</t></r><r><t>80</t></r></si></sst>"),
        accepted=1,
    ),
    xlsx("shared_strings_count_4e9", parts(SHARED, sharedStrings='<sst uniqueCount="4000000000"/>'), error="E-ZIP"),
    xlsx(
        "shared_string_missing",
        parts(SHARED),
        error="E-DAMAGED",
    ),
    xlsx("billion_laughs_in_sheet", parts(BOMB + worksheet(row(1, "&l9;"))), error="E-XML"),
    xlsx("billion_laughs_in_strings", parts(SHARED, sharedStrings=f"{BOMB}<sst/>"), error="E-XML"),
    xlsx("external_link_and_dde", parts() | {"xl/externalLinks/externalLink1.xml": "<ddeLink/>"}, accepted=1),
    xlsx("macro_xlsm", parts() | {"xl/vbaProject.bin": "x"}, error="E-TYPE"),
    xlsx("no_workbook", {"xl/styles.xml": STYLES}, error="E-ZIP"),
    xlsx("empty_sheet", parts(worksheet()), error="E-EMPTY"),
    xlsx("names_only", parts(worksheet(row(1, *HEADER))), error="E-NOROWS"),
    xlsx("merged_cells", parts(MERGED), accepted=1, warning="W-MERGED"),
    xlsx(
        "hidden_rows",
        parts(worksheet(row(1, *HEADER), row(2, *ROW, more='hidden="1"'))),
        accepted=1,
        warning="W-HIDDEN",
    ),
    xlsx(
        "hidden_columns",
        parts(worksheet(row(1, *HEADER), row(2, *ROW), before='<cols><col min="2" max="3" hidden="1"/></cols>')),
        accepted=1,
        warning="W-HIDDEN",
    ),
    xlsx(
        "formula_without_cached_value",
        parts(worksheet(row(1, *HEADER), row(2, *ROW), NO_VALUE)),
        accepted=1,
        refused=((3, "E-FORMULA"),),
    ),
    xlsx(
        "formula_in_an_unread_column",
        parts(worksheet(row(1, *HEADER), row(2, *ROW), NO_VALUE)),
        accepted=2,
        mapping=UNUSED,
    ),
    xlsx(
        "formula_with_cached_value",
        parts(worksheet(row(1, *HEADER), raw_row(2, '<c r="D2"><f>2+2</f><v>4</v></c>'))),
        accepted=1,
    ),
    xlsx(
        "error_cell",
        parts(worksheet(row(1, *HEADER), row(2, *ROW), DIVIDED)),
        accepted=1,
        refused=((3, "E-FORMULA"),),
        answer='missing = ["#DIV/0!"]',
    ),
    xlsx("date_as_text", parts(worksheet(row(1, *HEADER), row(2, *ROW))), accepted=1),
    xlsx("xlsx_date_1900", parts(DATES), accepted=1),
    xlsx("xlsx_date_1904", parts(DATES, book=' date1904="1"'), accepted=1),
    xlsx("row_number_of_letters", parts(worksheet('<row r="x"><c><v>1</v></c></row>')), error="E-DAMAGED"),
]
