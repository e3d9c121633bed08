"""Councils, agencies, the framework and its lots: what everything else refers to. Sent as the consortium."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hearth.load import cells
from hearth.load.cells import BadCellError, several
from hearth.load.rows import Column, Fault, Folder, Row, Shape
from hearth.load.sending import Sender
from shared.contracts.words import OfstedRating, PlacementKind, Sector

CONSORTIUM = "consortium"

COUNCILS = Shape(
    "councils.csv",
    (
        Column("ons_code", cells.council),
        Column("name", cells.text),
        Column("joined_on", cells.day),
        Column("lead_roles", several(cells.text), optional=True, default=()),
    ),
    key=("ons_code",),
)
AGENCIES = Shape(
    "agencies.csv",
    (
        Column("URN", cells.agency),
        Column("name", cells.text),
        Column("sector", cells.one_of(Sector)),
        Column("ofsted_rating", cells.one_of(OfstedRating)),
        Column("inspected_on", cells.day, optional=True),
        Column("companies_house_number", cells.text, optional=True),
    ),
    key=("URN",),
)
FRAMEWORKS = Shape(
    "frameworks.csv",
    (
        Column("code", cells.lot),
        Column("title", cells.text),
        Column("established_on", cells.day),
        Column("starts_on", cells.day),
        Column("ends_on", cells.day),
        Column("standstill_days", cells.whole(0, 365)),
    ),
    key=("code",),
)


def tier_rule(cell: str) -> dict[str, Any]:
    """``count:5/10`` or ``score:70/50``: where the tiers are cut; one number makes two tiers, two make three."""
    by, _, cuts = cell.partition(":")
    if by not in ("count", "score"):
        raise BadCellError("must be count:5/10 or score:70/50")
    try:
        return {"by": by, "cuts": [cells.amount(cut.strip()) for cut in cuts.split("/")]}
    except BadCellError as error:
        raise BadCellError("must be count:5/10 or score:70/50") from error


LOTS = Shape(
    "lots.csv",
    (
        Column("framework", cells.lot),
        Column("lot", cells.lot),
        Column("title", cells.text),
        Column("kinds", several(cells.one_of(PlacementKind))),
        Column("price_weight", cells.amount),
        Column("quality_weight", cells.amount),
        Column("formula", cells.text),
        Column("tier_rule", tier_rule),
        Column("evaluators_needed", cells.whole(1, 11), optional=True),
    ),
    key=("lot",),
)
PRICE_BANDS = Shape(
    "price_bands.csv",
    (
        Column("lot", cells.lot),
        Column("band", cells.text),
        Column("from_age", cells.whole(0, 25)),
        Column("to_age", cells.whole(0, 25)),
        Column("expected_bed_weeks", cells.whole(0, 10_000_000)),
        Column("ceiling", cells.pounds, optional=True),
    ),
    key=("lot", "band"),
)
QUALITY_QUESTIONS = Shape(
    "quality_questions.csv",
    (
        Column("lot", cells.lot),
        Column("question", cells.text),
        Column("title", cells.text),
        Column("max_score", cells.amount),
        Column("weight", cells.amount),
    ),
    key=("lot", "question"),
)
SHAPES = (COUNCILS, AGENCIES, FRAMEWORKS, LOTS, PRICE_BANDS, QUALITY_QUESTIONS)


def check(folder: Folder) -> Iterator[Fault]:
    """What is wrong between the rows: a lot of no framework, weights that do not make 100, bands that leave an age out."""
    frameworks, lots = folder.known(FRAMEWORKS.file, "code"), folder.known(LOTS.file, "lot")
    for row in folder[LOTS.file]:
        if folder.has(FRAMEWORKS.file) and (row["framework"],) not in frameworks:
            yield row.fault("framework", f"is not in {FRAMEWORKS.file}")
        if Decimal(row["price_weight"]) + Decimal(row["quality_weight"]) != 100:
            yield row.fault("quality_weight", "and price_weight must make 100 together")
        bands = sorted((band for band in folder[PRICE_BANDS.file] if band["lot"] == row["lot"]), key=lambda band: int(band["from_age"]))
        if folder.has(PRICE_BANDS.file) and not bands:
            yield row.fault("lot", f"has no price band in {PRICE_BANDS.file}")
        for younger, older in pairwise(bands):
            if older["from_age"] != younger["to_age"] + 1:
                yield older.fault("from_age", f"must follow the band before it, which ends at {younger['to_age']} (line {younger.line})")
        if folder.has(QUALITY_QUESTIONS.file) and (row["lot"],) not in folder.known(QUALITY_QUESTIONS.file, "lot"):
            yield row.fault("lot", f"has no question in {QUALITY_QUESTIONS.file}")
    for file in (PRICE_BANDS.file, QUALITY_QUESTIONS.file):
        for row in folder[file]:
            yield from folder.dangling(row, "lot", lots, LOTS.file)
    for row in folder[PRICE_BANDS.file]:
        if row["to_age"] < row["from_age"]:
            yield row.fault("to_age", "is below from_age")


async def send(folder: Folder, sender: Sender) -> None:
    """Councils and agencies, then frameworks, then their lots. All are told by name, so sending them again changes nothing."""

    async def put(row: Row, path: str, body: dict[str, Any]) -> Any:
        return await sender.send(row, "providers", "PUT", path, CONSORTIUM, body)

    await sender.each(
        "Councils",
        folder[COUNCILS.file],
        lambda row: put(row, f"/councils/{row['ons_code']}", _without(row, "ons_code")),
    )
    await sender.each("Agencies", folder[AGENCIES.file], lambda row: put(row, f"/agencies/{row['URN']}", _without(row, "URN")))
    await sender.each("Frameworks", folder[FRAMEWORKS.file], lambda row: put(row, f"/frameworks/{row['code']}", _without(row, "code")))
    await sender.each(
        "Lots", folder[LOTS.file], lambda row: put(row, f"/frameworks/{row['framework']}/lots/{row['lot']}", _lot(folder, row))
    )


def _without(row: Row, *columns: str) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if name not in columns}


def _lot(folder: Folder, row: Row) -> dict[str, Any]:
    bands = sorted((band for band in folder[PRICE_BANDS.file] if band["lot"] == row["lot"]), key=lambda band: int(band["from_age"]))
    questions = [question for question in folder[QUALITY_QUESTIONS.file] if question["lot"] == row["lot"]]
    body = _without(row, "framework", "lot", "evaluators_needed")
    if row["evaluators_needed"] is not None:
        body["evaluators_needed"] = row["evaluators_needed"]
    return {
        **body,
        "price_bands": [{"code": band["band"], **_present(band, "from_age", "to_age", "expected_bed_weeks", "ceiling")} for band in bands],
        "quality_questions": [
            {"code": question["question"], **_present(question, "title", "max_score", "weight")} for question in questions
        ],
    }


def _present(row: Row, *columns: str) -> dict[str, Any]:
    return {column: row[column] for column in columns if row[column] is not None}
