"""The consortium that the journeys happen in: six councils, eight agencies, all listed in one lot in three tiers."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.journey.deployment import EXAMPLE

COUNCIL_CODES = {
    "E06000045": ("Southampton City Council", "procurement"),
    "E10000014": ("Hampshire County Council", "specification"),
    "E10000025": ("Oxfordshire County Council", "communication"),
    "E06000044": ("Portsmouth City Council", ""),
    "E10000030": ("Surrey County Council", ""),
    "E06000039": ("Slough Borough Council", ""),
}
AGENCY_NAMES = ("North Star", "Willow Bank", "Harbour Wall", "Long Meadow", "High Orchard", "Quiet Lane", "Blue Gate", "Stone Bridge")
"""All invented."""
COUNCILS = tuple(f"council:{code}" for code in COUNCIL_CODES)
URNS = tuple(f"SC9200{number:02d}" for number in range(1, len(AGENCY_NAMES) + 1))
AGENCIES = tuple(f"agency:{urn}" for urn in URNS)
CONSORTIUM = "consortium"
LOT, ROUND = "ordinary", "test-1"
CHILDREN_LIVE = "SO14 7LY"
CARERS_LIVE = ("SO17 3RF", "SO14 1AF", "SO15 5AD", "SO14 0ZA", "SO18 2JQ", "SO16 9JD")
"""Postcodes of homes: none is a child's, so that one found with anybody but its agency is a carer's."""


def written(folder: Path) -> Path:
    """The consortium's files in ``folder``, as ``hearth load`` reads them."""
    folder.mkdir()
    for name in ("frameworks.csv", "price_bands.csv", "quality_questions.csv", "tender_rounds.csv"):
        shutil.copy(EXAMPLE / name, folder)
    lot = ("test_fostering", LOT, "Ordinary placements", "short_term;long_term", "80", "20", "relative", "count:3/3", "1")
    _table(folder / "lots.csv", _header("lots.csv"), [lot])
    councils = [(code, name, "2012-04-02", roles) for code, (name, roles) in COUNCIL_CODES.items()]
    _table(folder / "councils.csv", _header("councils.csv"), councils)
    agencies = [(urn, f"{name} Fostering (test)", "PR4", "good", "2025-03-11", "") for urn, name in zip(URNS, AGENCY_NAMES, strict=True)]
    _table(folder / "agencies.csv", _header("agencies.csv"), agencies)
    prices = [(ROUND, LOT, urn, band, f"{700 + number}.00") for number, urn in enumerate(URNS) for band in ("younger", "older")]
    _table(folder / "bids.csv", _header("bids.csv"), prices)
    _table(
        folder / "quality_scores.csv",
        _header("quality_scores.csv"),
        [(ROUND, LOT, u, "matching", "E10000025", "4", "Clear.") for u in URNS],
    )
    _table(
        folder / "moderated_scores.csv", _header("moderated_scores.csv"), [(ROUND, LOT, urn, "matching", "4", "Agreed.") for urn in URNS]
    )
    return folder


def _header(name: str) -> Sequence[str]:
    with (EXAMPLE / name).open(newline="") as file:
        return next(csv.reader(file))


def _table(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
