"""The table that a run prints."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.runner import Row

HEADER = ("fault", "what", "runs", "journeys", "writes", "unanswered", "at rest after", "seed", "found")


def cells(row: Row) -> tuple[str, ...]:
    """A row in words."""
    if row.skipped:
        return (row.code, row.title, "0", "", "", "", "", "", f"not run: {row.skipped}")
    return (
        row.code,
        row.title,
        str(row.runs),
        str(row.journeys),
        str(row.writes),
        str(row.unknown),
        f"{row.rest_seconds:.1f} s",
        f"{row.seed}{' (short)' if row.short else ''}",
        str(len(row.found)) if row.found else "nothing",
    )


def printed(rows: Sequence[Row]) -> str:
    """For a terminal."""
    lines = [HEADER, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
    wrong = [f"\n{row.code}\n" + "\n".join(f"  ! {each}" for each in row.found) for row in rows if row.found]
    return text + "\n" + "".join(wrong)
