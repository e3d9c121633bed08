"""Carer households and their vacancies, sent as the agency or the council's own fostering service they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from hearth.load import cells
from hearth.load.cells import several
from hearth.load.consortium import AGENCIES, COUNCILS, LOTS
from hearth.load.rows import Column, Fault, Folder, Row, Shape
from hearth.load.sending import Sender
from hearth.progress import step
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex
from shared.organisation import Kind, Organisation

BULK = 1_000

HOUSEHOLDS = Shape(
    "households.csv",
    (
        Column("provider", cells.provider),
        Column("reference", cells.code),
        Column("postcode", cells.postcode),
        Column("from_age", cells.whole(0, 25)),
        Column("to_age", cells.whole(0, 25)),
        Column("sexes", several(cells.one_of(Sex))),
        Column("places", cells.whole(1, 20)),
        Column("kinds", several(cells.one_of(PlacementKind))),
        Column("skills", several(cells.one_of(Need)), optional=True, default=()),
        Column("risks_to_child", several(cells.one_of(RiskToChild)), optional=True, default=()),
        Column("risks_to_others", several(cells.one_of(RiskToOthers)), optional=True, default=()),
        Column("languages", several(cells.language), optional=True, default=("en",)),
        Column("religions", several(cells.one_of(Religion)), optional=True, default=()),
        Column("siblings_welcome", cells.yes_no),
        Column("children_at_home", cells.whole(0, 20)),
        Column("approved_on", cells.day),
        Column("prefers_from_age", cells.whole(0, 25), optional=True),
        Column("prefers_to_age", cells.whole(0, 25), optional=True),
        Column("prefers_sexes", several(cells.one_of(Sex)), optional=True, default=()),
        Column("lives_in", cells.council, optional=True),
        Column("fostered_children", cells.whole(0, 20), optional=True),
        Column("fostered_are_siblings", cells.yes_no, optional=True),
        Column("exemption_children", cells.whole(4, 12), optional=True),
        Column("exemption_named", cells.whole(0, 12), optional=True, default=0),
        Column("exemption_council", cells.council, optional=True),
        Column("exemption_starts_on", cells.day, optional=True),
        Column("exemption_ends_on", cells.day, optional=True),
        Column("exemption_reference", cells.code, optional=True),
    ),
    key=("provider", "reference"),
)
OF_EXEMPTION = ("children", "named", "council", "starts_on", "ends_on", "reference")
VACANCIES = Shape(
    "vacancies.csv",
    (
        Column("provider", cells.provider),
        Column("reference", cells.code),
        Column("household", cells.code),
        Column("lots", several(cells.lot)),
        Column("free_beds", cells.whole(0, 20)),
        Column("available_from", cells.day),
    ),
    key=("provider", "reference"),
)
SHAPES = (HOUSEHOLDS, VACANCIES)


def check(folder: Folder) -> Iterator[Fault]:
    """What is wrong between the rows: a household of nobody, more free beds than places, a lot that is not there."""
    lots = folder.known(LOTS.file, "lot")
    for file in (HOUSEHOLDS.file, VACANCIES.file):
        for row in folder[file]:
            yield from _provider_known(folder, row)
    for row in folder[HOUSEHOLDS.file]:
        if row["to_age"] < row["from_age"]:
            yield row.fault("to_age", "is below from_age")
        if row["exemption_children"] is not None:
            for name in ("exemption_council", "exemption_starts_on", "exemption_reference"):
                if row[name] is None:
                    yield row.fault(name, "is needed with exemption_children")
    households = {row.key("provider", "reference"): row for row in folder[HOUSEHOLDS.file]}
    for row in folder[VACANCIES.file]:
        yield from folder.dangling(row, ("provider", "household"), folder.known(HOUSEHOLDS.file, "provider", "reference"), HOUSEHOLDS.file)
        home = households.get(row.key("provider", "household"))
        if home and row["free_beds"] > home["places"]:
            yield row.fault("free_beds", f"is more than the household's approved places, {home['places']}")
        for lot in row["lots"]:
            if folder.has(LOTS.file) and (lot,) not in lots:
                yield row.fault("lots", f"names a lot that is not in {LOTS.file}")


def _provider_known(folder: Folder, row: Row) -> Iterator[Fault]:
    provider = Organisation.parse(row["provider"])
    shape, column = (AGENCIES, "URN") if provider.kind is Kind.AGENCY else (COUNCILS, "ons_code")
    if folder.has(shape.file) and (provider.code,) not in folder.known(shape.file, column):
        yield row.fault("provider", f"is not in {shape.file}")


async def send(folder: Folder, sender: Sender) -> None:
    """Households, then each provider's vacancies in one request. Both go by the provider's own reference, so repeating changes nothing."""

    async def household(row: Row) -> Any:
        of_exemption = {f"exemption_{name}" for name in OF_EXEMPTION}
        body = {name: value for name, value in row.values.items() if name not in ("provider", "reference") and name not in of_exemption}
        if row["exemption_children"] is not None:
            body["exemptions"] = [{name: row[f"exemption_{name}"] for name in OF_EXEMPTION}]
        return await sender.send(row, "providers", "PUT", f"/households/{row['reference']}", row["provider"], body)

    await sender.each("Carer households", folder[HOUSEHOLDS.file], household)
    await _vacancies(folder, sender)


async def _vacancies(folder: Folder, sender: Sender) -> None:
    by_provider: dict[str, list[Row]] = defaultdict(list)
    for row in folder[VACANCIES.file]:
        by_provider[row["provider"]].append(row)
    with step("Vacancies", len(folder[VACANCIES.file])) as progress:
        for provider, rows in by_provider.items():
            for start in range(0, len(rows), BULK):
                some = rows[start : start + BULK]
                body = {"rows": [{name: value for name, value in row.values.items() if name != "provider"} for row in some]}
                answer = await sender.send(some[0], "providers", "POST", "/vacancies/bulk", provider, body)
                for result in (answer or {}).get("rows", []):
                    sender.faults.extend(
                        some[result["row"] - 1].fault(str(error["field"]), str(error["message"])) for error in result.get("errors") or []
                    )
                progress.done(len(some))
    sender.stop_if_refused()
