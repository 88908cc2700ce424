"""The one writer of tables to take away: CSV and XLSX, in which no cell is ever a formula."""

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse

Cell = str | float | int | None

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STARTERS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a text for a formula, or look behind it for one."""

LONGEST_TEXT = 32_767  # that a cell of XLSX holds
WIDEST, NARROWEST = 48, 8


def attachment(
    kind: str, name: str, *, title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> HttpResponse:
    """The table as a file to be saved; `kind` is one of KINDS."""
    content = csv_of(heads, rows) if kind == "csv" else xlsx_of(title, heads, rows)
    disposition = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=KINDS[kind], headers=disposition)


def csv_of(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Comma-separated, in UTF-8 with its mark, so that spreadsheets read umlauts."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([inert(cell) for cell in row] for row in (heads, *rows))
    return text.getvalue().encode("utf-8-sig")


def inert(cell: Cell) -> Cell:
    """The cell, with an apostrophe before what a spreadsheet would take for a formula; numbers are numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTERS) else cell


def xlsx_of(title: str, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """One worksheet; texts are texts whatever they look like, numbers are numbers."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - only who takes an XLSX away needs it

    file = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, safe) as book:
        sheet = book.add_worksheet("Tangente")
        book.set_properties({"title": title[:250]})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for place, head in enumerate(heads):
            texts = [head, *(str(row[place]) for row in rows)]
            sheet.set_column(place, place, min(WIDEST, max(NARROWEST, *map(len, texts[1:]), len(head) // 2 + 2)))
            sheet.write_string(0, place, head[:LONGEST_TEXT], bold)
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, place, cell[:LONGEST_TEXT])
                elif cell is not None:
                    sheet.write_number(number, place, cell)
    return file.getvalue()
