"""Writes docs/faults.md: what each fault is, what must be seen, and what was seen in the run that wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.faults.invariants import INVARIANTS
from tests.faults.kinds import FAULTS, SHORT
from tests.faults.runner import Row
from tests.faults.scene import Fault
from tests.faults.table import HEADER, cells

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
FORM = Path(__file__).parent / "page.md"
"""The page as it is written by hand, with places for what a run gives."""


def write(rows: Sequence[Row], seed: int, seconds: float) -> None:
    """The whole page, in place of the one before."""
    PAGE.write_text(text(rows, seed, seconds))


def text(rows: Sequence[Row], seed: int, seconds: float) -> str:
    """The page of one run."""
    by_code = {row.code: row for row in rows}
    lines = [HEADER, ("---",) * len(HEADER), *(cells(row) for row in rows)]
    return FORM.read_text().format(
        seed=seed,
        minutes=round(seconds / 60),
        short=", ".join(SHORT),
        table="\n".join("| " + " | ".join(line) + " |" for line in lines),
        invariants="\n".join(f"- **{one.code}** {one.words}" for one in INVARIANTS),
        faults="\n\n".join("\n".join(_told(fault, by_code.get(fault.code))) for fault in FAULTS)
        + "".join("\n\n" + "\n".join(_seen(f"### Mixture: {row.code}", row)) for row in rows if row.code not in {f.code for f in FAULTS}),
    )


def _told(fault: Fault, row: Row | None) -> Iterator[str]:
    yield from (f"### {fault.code} {fault.title}", "", f"*How:* {fault.injection}.", "", f"*Expected:* {fault.expected}.", "")
    if row is None:
        yield "Not run."
    elif row.skipped:
        yield f"Not run here: {row.skipped}."
    else:
        yield from _list(row)


def _seen(heading: str, row: Row) -> Iterator[str]:
    yield from (heading, "", *_list(row))


def _list(row: Row) -> Iterator[str]:
    yield from (f"- {each}" for each in row.observed)
    yield from (f"- **found:** {each}" for each in row.found)
    if not row.found:
        yield "- nothing was found"
