"""A return as a file, CSV or workbook: one row a line with its name, value and reason; read as text and never as formulas."""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from monitoring.domain.returns.lines import LINE_REASONS, MOST_LINES, Line, LineReason, cell_named
from monitoring.schemas.csv_rows import separator, text_of
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.spreadsheet_texts import harmless_and_whole, printable
from shared.zip_sizes import UNREADABLE, hold_to_their_sizes

COLUMNS = ("name", "label", "value", "reason", "words")
NEEDED = {"name", "value"}
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "Return"

MOST_ENTRIES = 100
MOST_BYTES_UNPACKED = 20_000_000
MOST_COLUMNS = 12
_BEGINS_A_FORMULA = ("=", "+", "@", "\t")

Cells = tuple[int, Sequence[str]]
"""A row's number as a spreadsheet counts, and its cells as text."""


def lines_in_csv(content: bytes) -> list[Line]:
    """The lines of a CSV file whose first row names the columns name and value, and if wanted reason and words, in any order.

    Refused with every reason: what is not text in UTF-8, other columns, a formula (its cell is named), an unknown reason.
    """
    try:
        text = text_of(content)
        reader = csv.reader(text, delimiter=separator(text), strict=True)
        rows = [(number, cells) for number, cells in enumerate(reader, start=1) if number <= MOST_LINES + 2]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(RefusalKind.MALFORMED, "The file cannot be read as CSV in UTF-8. Save it again as “CSV UTF-8”.") from error
    return _lines(iter(rows))


def lines_in_workbook(content: bytes) -> list[Line]:
    """The lines of a workbook's sheet Return, or of its first sheet; columns as in the CSV. What a formula would give is never asked.

    Refused: what is no workbook, one that unpacks to more than is taken, and all that a CSV is refused for.
    """
    _unpacks_to_little(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book[SHEET] if SHEET in book.sheetnames else book.worksheets[0]
        found = [
            (number, [_text(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(max_row=MOST_LINES + 2, max_col=MOST_COLUMNS), start=1)
        ]
        book.close()
    except Exception as error:
        # A file made to do harm may break the library that reads it anywhere; whatever breaks, it is a file that cannot be read.
        raise _no_workbook() from error
    return _lines(iter(found))


def _no_workbook() -> Refused:
    return Refused(RefusalKind.MALFORMED, "The file cannot be read as a workbook. Save it again as XLSX, or send it as CSV.")


def _unpacks_to_little(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES_UNPACKED:
                raise Refused(RefusalKind.TOO_LARGE, "This workbook unpacks to more than a return holds. Send the template's one sheet.")
            hold_to_their_sizes(archive)
    except (*UNREADABLE, ValueError) as error:
        raise _no_workbook() from error


def _text(cell: Any) -> str:
    """A cell as text. A formula keeps its sign, so that it is found and refused."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return f"={str(value).removeprefix('=')}"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _lines(rows: Iterator[Cells]) -> list[Line]:
    header = [cell.strip().lower() for cell in next(rows, (1, ()))[1]]
    named = [cell for cell in header if cell]
    if not set(named) >= NEEDED or len(set(named)) != len(named) or not set(named) <= set(COLUMNS):
        words = f"The first row must name the columns name and value, and may name label, reason and words. Use the template. {_LIMITS}"
        raise invalid(Reason("A1", "columns_as_named", words))
    lines, reasons = list[Line](), list[Reason]()
    for number, cells in rows:
        if number > MOST_LINES + 1:
            raise invalid(Reason(f"A{number}", "not_too_many", f"There are more than {MOST_LINES} rows. Send each line of the form once."))
        found = list(_faults(number, header, cells))
        reasons += found
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not found and row.get("name") and (row.get("value") or row.get("reason") or row.get("words")):
            reason = LineReason(row["reason"]) if row.get("reason") else None
            value, words = (row.get(column, "").removeprefix("'") for column in ("value", "words"))
            lines.append(Line(cell_named(row["name"]), value, reason, words))
    if reasons:
        raise invalid(*reasons)
    return lines


_LIMITS = "Other columns are not read."


def _faults(number: int, header: Sequence[str], cells: Sequence[str]) -> Iterator[Reason]:
    for place, text in enumerate(cells, start=1):
        where = f"{get_column_letter(place)}{number}"
        column = header[place - 1] if place <= len(header) else ""
        if _is_formula(text):
            words = f"Cell {where}: this begins like a formula, and formulas are not read. Put the figure itself into the cell."
            yield Reason(where, "no_formula", words)
        elif text.strip() and not column:
            yield Reason(where, "columns_as_named", f"Cell {where}: there is no name above this column. Take the cell out.")
        elif column == "name" and len(text) > 100:
            yield Reason(where, "line_of_the_form", f"Cell {where}: the form has no such line. Use the names of the template.")
        elif column == "reason" and text.strip() and text.strip() not in set(LineReason):
            yield Reason(where, "reason_known", f"Cell {where}: choose one of {', '.join(LineReason)}.")
    if "name" in header and not _at(header, cells, "name") and any(_at(header, cells, each) for each in ("value", "reason", "words")):
        words = f"Row {number}: say which line this is. Use the names of the template."
        yield Reason(f"{get_column_letter(header.index('name') + 1)}{number}", "line_of_the_form", words)


def _at(header: Sequence[str], cells: Sequence[str], column: str) -> str:
    place = header.index(column) if column in header else len(cells)
    return cells[place].strip() if place < len(cells) else ""


def _is_formula(text: str) -> bool:
    """What a spreadsheet would take for a formula. A number below nought is none; a rule of the form says what is wrong with it."""
    # Some programs drop spaces before the sign, and some take a wide sign for the usual one.
    plain = unicodedata.normalize("NFKC", text).strip()
    if text.startswith(_BEGINS_A_FORMULA) or plain.startswith(_BEGINS_A_FORMULA):
        return True
    return plain.startswith("-") and len(plain) > 1 and not plain[1:].strip().replace(",", "").replace(".", "").isdigit()


Row = tuple[str, str, str, str, str]
"""A line as a file has it, in the order of COLUMNS."""


def csv_of(rows: Iterable[Row]) -> bytes:
    """The rows as CSV for a spreadsheet: what would be taken for a formula begins with an apostrophe."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([harmless_and_whole(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def workbook_of(rows: Iterable[Row]) -> bytes:
    """The rows as a workbook: a sheet to fill in, and one that explains the reasons. Text stays text, never a formula."""
    book = Workbook(write_only=True)
    _write(book.create_sheet(SHEET), [COLUMNS, *rows], widths=(34, 70, 14, 22, 40))
    _write(book.create_sheet("Reasons"), [("reason", "means"), *LINE_REASONS.items()], widths=(24, 60))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Any, rows: Iterable[Sequence[str]], *, widths: Sequence[int]) -> None:
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in rows:
        texts = [printable(str(text)) for text in row]
        cells = [WriteOnlyCell(sheet, _number(text)) for text in texts]
        for cell, text in zip(cells, texts, strict=True):
            if not isinstance(cell.value, int | float):
                cell.value, cell.data_type = text or None, "s"
        sheet.append(cells)


def _number(text: str) -> int | float | str:
    """A figure as a spreadsheet's number, so that it can be added up there."""
    plain = text.replace(".", "", 1)
    return (float(text) if "." in text else int(text)) if plain.isascii() and plain.isdigit() and len(plain) < 15 else text
