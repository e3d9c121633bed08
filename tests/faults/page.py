"""Writes docs/faults.md: what each fault is, what must be seen, and what was seen in the run that wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.faults.invariants import INVARIANTS
from tests.faults.kinds import FAULTS, SHORT
from tests.faults.runner import Row
from tests.faults.scene import Fault
from tests.faults.table import HEADER, cells

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
SEEN = Path(__file__).parent / "seen.json"
"""What the runs saw that wrote the page."""
FORM = Path(__file__).parent / "page.md"
"""The page as it is written by hand, with places for what a run gives."""


def write(rows: Sequence[Row]) -> None:
    """The page with what these rows say; of faults that were not run this time, what was seen before."""
    kept = {code: Row(**row) for code, row in (json.loads(SEEN.read_text()) if SEEN.exists() else {}).items()}
    kept |= {row.code: row for row in rows}
    SEEN.write_text(json.dumps({code: asdict(row) for code, row in sorted(kept.items(), key=_order)}, indent=1) + "\n")
    PAGE.write_text(text([row for _, row in sorted(kept.items(), key=_order)]))


def _order(entry: tuple[str, object]) -> tuple[bool, list[int]]:
    """Single faults by their numbers, then mixtures."""
    return "+" in entry[0], [int(code[1:]) for code in entry[0].split("+")]


def text(rows: Sequence[Row]) -> str:
    """The page of these rows."""
    by_code = {row.code: row for row in rows}
    lines = [HEADER, ("---",) * len(HEADER), *(cells(row) for row in rows)]
    return FORM.read_text().format(
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
