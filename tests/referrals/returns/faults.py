"""Faults sown into a good return: each breaks one rule of the sector's validator in a child of its own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

Row = dict[str, str]
Sow = Callable[[Row, Row], None]
"""Changes a row; the row before it is given too."""


def _sets(**cells: str) -> Sow:
    return lambda row, before: row.update(cells)


def _gap(row: Row, before: Row) -> None:
    day, month, year = before["DEC"].split("/")
    before["DEC"] = f"{int(day) - 1:02d}/{month}/{year}" if int(day) > 1 else f"02/{month}/{year}"


def _no_move(row: Row, before: Row) -> None:
    row.update({name: before[name] for name in ("PLACE", "PLACE_PROVIDER", "PL_POST", "URN")})


def _no_reason(row: Row, before: Row) -> None:
    before["REASON_PLACE_CHANGE"] = ""


FAULTS: tuple[tuple[str, str, Sow], ...] = (
    ("144", "LS", _sets(LS="Z9")),
    ("146", "PLACE", _sets(PLACE="Q1")),
    ("178", "PLACE_PROVIDER", _sets(PLACE_PROVIDER="PR9")),
    ("218", "URN", _sets(URN="")),
    ("1008", "URN", _sets(URN="SC000000")),
    ("392c", "PL_POST", _sets(PL_POST="ZZ99 9ZZ")),
    ("145", "CIN", _sets(CIN="N9")),
    ("225", "moved", _no_reason),
    ("433", "moved", _gap),
    ("435", "moved", _no_move),
    ("356", "left", _sets(DEC="01/04/2020")),
    ("148", "left", _sets(REC="")),
)
"""The rule that must fire, which row it needs (any row with that column filled, one after a move, one that ends care), the fault."""


LEFT_OUT_OF_UASC = "392b"
"""The rule that fires when a child without HOME_POST is no longer said to be unaccompanied."""


def take_out_of_uasc(folder: Path) -> int:
    """Take the first child out of the UASC file; the line of its first episode."""
    uasc = folder / "UASC.csv"
    lines = uasc.read_text(encoding="utf-8").splitlines(keepends=True)
    child = lines[1].split(",")[0]
    uasc.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8", newline="")
    with (folder / "Episodes.csv").open(encoding="utf-8", newline="") as file:
        return next(number for number, row in enumerate(csv.DictReader(file), start=2) if row["CHILD"] == child)


def sow(episodes: Path) -> dict[str, int]:
    """Sow every fault into the file; rule → the line of the row it was sown at."""
    with episodes.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    used: set[str] = set()
    sown: dict[str, int] = {}
    for rule, wanted, fault in sorted(FAULTS, key=lambda each: each[1] not in ("moved", "left")):
        for number, (before, row) in enumerate(pairwise(rows), start=3):
            if row["CHILD"] not in used and _fits(wanted, row, before):
                fault(row, before)
                used.add(row["CHILD"])
                sown[rule] = number
                break
    with episodes.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return sown


def _fits(wanted: str, row: Row, before: Row) -> bool:
    if wanted == "moved":
        return row["RNE"] == "P" and row["CHILD"] == before["CHILD"] and bool(before["REASON_PLACE_CHANGE"] and row["URN"])
    if wanted == "left":
        return row["REC"] not in ("", "X1")
    return row["RNE"] == "S" and bool(row[wanted])
