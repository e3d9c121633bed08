"""Rows of a CSV file as people save it from a spreadsheet, for lists whose rows are checked one by one later."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from monitoring.domain.ledger.uploaded import Row
from shared.refusals import Reason, RefusalKind, Refused, invalid

SEPARATORS = (",", ";", "\t")


def text_of(content: bytes) -> io.StringIO:
    """A file as text, with or without a byte order mark, whatever ends its lines. UnicodeDecodeError where it is not UTF-8.

    Refused: a null byte, which is no text's and which no database keeps. A file in UTF-16, as some programs save it, is full of them.
    """
    if b"\0" in content:
        raise Refused(RefusalKind.MALFORMED, "The file is not text in UTF-8: it holds null bytes. Save it again as “CSV UTF-8”.")
    return io.StringIO(content.decode("utf-8-sig"), newline="")


def separator(text: io.StringIO) -> str:
    """What parts the cells: a comma; a semicolon or a tab where a spreadsheet of another country wrote those into the first line.

    No column's name holds any of them. The text is left at its beginning.
    """
    first = text.readline()
    text.seek(0)
    return max(SEPARATORS, key=first.count)


def rows_of_csv(content: bytes, columns: Sequence[str]) -> list[Row]:
    """The rows of a file with exactly these columns, in any order; lines are counted as an editor does, empty ones skipped.

    Refused: a file that is not text in UTF-8, or whose columns are others.
    """
    try:
        text = text_of(content)
        reader = csv.reader(text, delimiter=separator(text), strict=True)
        header = [name.strip() for name in next(reader, [])]
        if sorted(header) != sorted(columns):
            raise invalid(Reason("rows", "columns_as_named", f"The first line must name exactly these columns: {','.join(columns)}."))
        found = []
        for values in reader:
            if any(value.strip() for value in values):
                cells = dict(zip(header, (value.strip() for value in values), strict=False))
                found.append(Row(reader.line_num, {name: cells.get(name, "") for name in columns}, len(values) > len(header)))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(RefusalKind.MALFORMED, "The file cannot be read as CSV in UTF-8. Save it again as “CSV UTF-8”.") from error
    return found
