"""Tables into files: CSV and XLSX of exactly what a page shows, in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from monitoring.pages.table import Cell, Table, taken
from shared.spreadsheet_texts import harmless, printable
from shared.uk_time import UK

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
WIDEST = 60
"""Letters of the widest column; longer words run on beside it or are cut there, whole in the cell."""


def as_csv(table: Table) -> bytes:
    """UTF-8 with a mark, so that Excel reads it as such. Numbers plain, dates as 2026-11-22, nothing as an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([harmless(column) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(taken(cell)) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def as_file(tables: Sequence[Table]) -> tuple[bytes, str, str]:
    """One table as CSV; several as a zip of one CSV each: content, media type, ending."""
    if len(tables) == 1:
        return as_csv(tables[0]), CSV, "csv"
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for table in tables:
            archive.writestr(f"{table.name}.csv", as_csv(table))
    return out.getvalue(), ZIP, "zip"


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A sheet a table, its caption above. Text stays text: no cell is a formula, whatever it begins with."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(table.name[:31])
        for place, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.append([_cell(sheet, table.caption, bold=True)])
        sheet.append([_cell(sheet, column, bold=True) for column in table.columns])
        for row in table.rows:
            sheet.append([_cell(sheet, taken(cell)) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _widths(table: Table) -> list[int]:
    """Of each column as wide as its widest cell: a day in a narrower one is shown as ### in place of itself."""
    rows = [table.columns, *([_plain(taken(cell)) for cell in row] for row in table.rows)]
    return [min(WIDEST, max(map(len, column)) + 3) for column in zip(*rows, strict=True)]


def _plain(value: Cell) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UK).isoformat(timespec="minutes")
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case _:
            return harmless(value)


def _cell(sheet: WriteOnlyWorksheet, value: Cell, *, bold: bool = False) -> Any:
    if isinstance(value, datetime):
        value = value.astimezone(UK).replace(tzinfo=None)  # a spreadsheet knows no zones
    written: Any = harmless(printable(value)) if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, written)
    if isinstance(value, str):
        cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
