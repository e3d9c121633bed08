"""What each council paid before the framework, by lot and age band: what savings are measured against. Sent as that council."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from hearth.load import cells
from hearth.load.consortium import COUNCILS, LOTS, PRICE_BANDS
from hearth.load.rows import Column, Fault, Folder, Row, Shape
from hearth.load.sending import Sender
from hearth.progress import step

BASELINE = Shape(
    "baseline_prices.csv",
    (
        Column("council", cells.council),
        Column("lot", cells.lot),
        Column("band", cells.text),
        Column("from_date", cells.day),
        Column("pounds_per_week", cells.pounds),
    ),
    key=("council", "lot", "band", "from_date"),
)
SHAPES = (BASELINE,)

NOT_HEARD_YET = frozenset({("lot", "lot_known"), ("band", "band_of_the_lot")})
"""Refusals that pass by themselves while the news of a lot is on its way."""


def check(folder: Folder) -> Iterator[Fault]:
    """What is wrong between the rows: a council, lot or band that is not there."""
    councils, lots = folder.known(COUNCILS.file, "ons_code"), folder.known(LOTS.file, "lot")
    bands = folder.known(PRICE_BANDS.file, "lot", "band")
    for row in folder[BASELINE.file]:
        if folder.has(COUNCILS.file) and (row["council"],) not in councils:
            yield row.fault("council", f"is not in {COUNCILS.file}")
        yield from folder.dangling(row, "lot", lots, LOTS.file)
        yield from folder.dangling(row, ("lot", "band"), bands, PRICE_BANDS.file)


async def send(folder: Folder, sender: Sender) -> None:
    """Each council's prices in one request, which replaces what it told before."""
    by_council: dict[str, list[Row]] = defaultdict(list)
    for row in folder[BASELINE.file]:
        by_council[row["council"]].append(row)
    with step("Baseline prices", len(folder[BASELINE.file])) as progress:
        for council, rows in by_council.items():
            body = {"prices": [{name: value for name, value in row.values.items() if name != "council"} for row in rows]}
            answer = await sender.ask_when_known("monitoring", "PUT", "/baseline-prices", f"council:{council}", body, NOT_HEARD_YET)
            if not answer.good:
                sender.faults.extend(_of_its_row(fault, rows) for fault in answer.faults(rows[0]))
            progress.done(len(rows))
    sender.stop_if_refused()


def _of_its_row(fault: Fault, rows: list[Row]) -> Fault:
    """The service counts the prices it was sent from 1: ``prices.3.band``."""
    parts = fault.column.split(".")
    if len(parts) == 3 and parts[1].isdigit() and 1 <= int(parts[1]) <= len(rows):
        return rows[int(parts[1]) - 1].fault(parts[2], fault.message)
    return fault
