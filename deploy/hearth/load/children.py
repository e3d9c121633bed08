"""Children and the referrals that ask a home for them, as drafts: sending one out is an officer's decision. Sent as their council."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hearth.load import cells
from hearth.load.cells import BadCellError, several
from hearth.load.consortium import COUNCILS, LOTS
from hearth.load.rows import Column, Fault, Folder, Row, Shape
from hearth.load.sending import Answer, Sender, key_of
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex, Siblings, Urgency

PLACES = ("home", "school", "contact", "worship", "health")


def near(cell: str) -> dict[str, str]:
    """``school:SO14``: what the home should be near, and where that is."""
    what, _, where = cell.partition(":")
    if what not in PLACES:
        raise BadCellError(f"must be such as school:SO14, with one of: {', '.join(PLACES)}")
    return {"what": what, "district": cells.district(where.strip())}


_IN_WORDS = ("about_contact", "what_matters")
_OF_A_CHILD_IN_WORDS = ("about_the_child", "routines")

CHILDREN = Shape(
    "children.csv",
    (
        Column("council", cells.council),
        Column("CHILD", cells.code),
        Column("SEX", cells.one_of(Sex)),
        Column("DOB", cells.day),
        Column("ETHNIC", cells.text, optional=True),
        Column(
            "UPN",
            cells.matching(re.compile(r"[A-Z]\d{11}[A-Z0-9]|UN[1-5]"), "must be a UPN of 13 characters, or UN1 to UN5"),
            optional=True,
        ),
        Column("MOTHER", cells.yes_no, optional=True),
        Column("MC_DOB", cells.day, optional=True),
        Column("given_names", cells.text),
        Column("family_name", cells.text),
        Column("HOME_POST", cells.postcode, optional=True),
        Column("school", cells.text, optional=True),
        Column("nhs_number", cells.matching(re.compile(r"\d{10}"), "must be an NHS number of ten digits"), optional=True),
        Column("LS", cells.text, optional=True),
        Column("CIN", cells.text, optional=True),
    ),
    key=("council", "CHILD"),
)
REFERRALS = Shape(
    "referrals.csv",
    (
        Column("council", cells.council),
        Column("CHILD", several(cells.code)),
        Column("lot", cells.lot),
        Column("PLACE", cells.among("U1", "U2", "U3", "U4", "U5", "U6"), optional=True),
        Column("kind", cells.one_of(PlacementKind)),
        Column("urgency", cells.one_of(Urgency)),
        Column("planned", cells.yes_no),
        Column("needed_by", cells.day),
        Column("expected_weeks", cells.whole(1, 1_000), optional=True),
        Column("siblings", cells.one_of(Siblings)),
        Column("languages", several(cells.language), optional=True, default=("en",)),
        Column("religion", cells.one_of(Religion), optional=True),
        Column("essential_needs", several(cells.one_of(Need)), optional=True, default=()),
        Column("preferred_needs", several(cells.one_of(Need)), optional=True, default=()),
        Column("risks_to_child", several(cells.one_of(RiskToChild)), optional=True, default=()),
        Column("risks_to_others", several(cells.one_of(RiskToOthers)), optional=True, default=()),
        Column("near", several(near), optional=True, default=()),
        Column("avoid_districts", several(cells.district), optional=True, default=()),
        Column("preferred_miles", cells.whole(1, 1_000), optional=True),
        *(Column(name, cells.text, optional=True) for name in (*_IN_WORDS, *_OF_A_CHILD_IN_WORDS)),
    ),
    key=("council", "CHILD"),
)
SHAPES = (CHILDREN, REFERRALS)

NOT_HEARD_YET = frozenset({("lot", "known")})
ALREADY = ("children", "one_open_referral")

# The national return's column names, and what the API calls the same thing.
_NAMES = {
    "CHILD": "child_id",
    "SEX": "sex",
    "DOB": "date_of_birth",
    "ETHNIC": "ethnicity",
    "UPN": "upn",
    "MOTHER": "mother",
    "MC_DOB": "mother_child_date_of_birth",
    "given_names": "given_names",
    "family_name": "family_name",
    "HOME_POST": "home_postcode",
    "school": "school",
    "nhs_number": "nhs_number",
    "LS": "legal_status",
    "CIN": "category_of_need",
}
_OF_A_CHILD = ("languages", "religion", "essential_needs", "preferred_needs", "risks_to_child", "risks_to_others")


def check(folder: Folder) -> Iterator[Fault]:
    """What is wrong between the rows: a referral of a child who is not there, one child called siblings, a lot nobody set out."""
    children, councils, lots = (
        folder.known(CHILDREN.file, "council", "CHILD"),
        folder.known(COUNCILS.file, "ons_code"),
        folder.known(LOTS.file, "lot"),
    )
    for file in (CHILDREN.file, REFERRALS.file):
        for row in folder[file]:
            yield from folder.dangling(row, "council", councils, COUNCILS.file)
    for row in folder[REFERRALS.file]:
        yield from folder.dangling(row, "lot", lots, LOTS.file)
        if folder.has(CHILDREN.file) and any((row["council"], child) not in children for child in row["CHILD"]):
            yield row.fault("CHILD", f"names a child of this council that is not in {CHILDREN.file}")
        if (len(row["CHILD"]) == 1) != (row["siblings"] == Siblings.ONLY_CHILD):
            yield row.fault("siblings", "is only_child when one child is named, and only then")


async def send(folder: Folder, sender: Sender) -> None:
    """The children's records, then a draft referral for each row. A child or an open referral that is there already is left as it is."""
    ids: dict[tuple[str, str], str] = {}

    async def child(row: Row) -> Any:
        body = {_NAMES[name]: value for name, value in row.values.items() if name in _NAMES and value is not None}
        answer = await sender.ask("referrals", "POST", "/children", f"council:{row['council']}", body, key=key_of(row, body))
        if answer.status == 409:
            answer = await _twin(sender, row, body, answer)
        if answer.good:
            ids[row["council"], row["CHILD"]] = str(answer.body["id"])
        else:
            sender.faults.extend(answer.faults(row))

    await sender.each("Children's records", folder[CHILDREN.file], child)

    async def referral(row: Row) -> Any:
        for name in row["CHILD"]:
            if not folder.has(CHILDREN.file) and (row["council"], name) not in ids:
                found = await _on_record(sender, row["council"], name)
                if not found:
                    sender.faults.append(row.fault("CHILD", "names a child who is not on this council's record"))
                    return None
                ids[row["council"], name] = found
        return await _draft(sender, row, [ids[row["council"], name] for name in row["CHILD"]])

    drafted = await sender.each("Draft referrals", folder[REFERRALS.file], referral)
    already = sum(1 for outcome in drafted if outcome == "already")
    if already:
        sender.notes.append(f"{already} of the children had an open referral already; it was left as it is.")


async def _twin(sender: Sender, row: Row, body: dict[str, Any], refused: Answer) -> Answer:
    """A twin has the same birth date and family name as a child on record; both stand in the file as two children, which settles it."""
    organisation = f"council:{row['council']}"
    found = await _on_record(sender, row["council"], row["CHILD"])
    if found:
        return Answer(200, {"id": found})
    confirmed = {**body, "confirmed_new": True, "confirmation_reason": "twin_or_sibling"}
    answer = await sender.ask("referrals", "POST", "/children", organisation, confirmed, key=key_of(row, confirmed))
    return answer if answer.good else refused


async def _on_record(sender: Sender, council: str, child_id: str) -> str | None:
    """The id of the record the council keeps under its own number for the child."""
    found = await sender.ask("referrals", "POST", "/children/search", f"council:{council}", {"child_id": child_id})
    items = found.body["items"] if found.good else []
    return str(items[0]["id"]) if items else None


def _referral(row: Row, children: list[str]) -> dict[str, Any]:
    body = {
        name: value
        for name, value in row.values.items()
        if name not in ("council", "CHILD", "PLACE", *_OF_A_CHILD, *_IN_WORDS, *_OF_A_CHILD_IN_WORDS) and value is not None
    }
    needs = {name: row[name] for name in _OF_A_CHILD}
    return {**body, "place": row["PLACE"], "children": [{"child": child, **needs} for child in children]}


def _words(row: Row, children: list[str]) -> dict[str, Any] | None:
    """What is said in words of the referral, and of each of its children alike; None when nothing is."""
    ours = {name: row[name] for name in _IN_WORDS if row[name]}
    of_a_child = {name: row[name] for name in _OF_A_CHILD_IN_WORDS if row[name]}
    return {**ours, "children": [{"child": child, **of_a_child} for child in children if of_a_child]} if ours or of_a_child else None


async def _draft(sender: Sender, row: Row, children: list[str]) -> str:
    """Create the draft, then its words; patient while the council's service has yet to hear of a lot that was recorded a moment ago."""
    body, words = _referral(row, children), _words(row, children)
    answer = await sender.ask_when_known(
        "referrals", "POST", "/referrals", f"council:{row['council']}", body, NOT_HEARD_YET, key=key_of(row, body)
    )
    if answer.good and words:
        address, council, key = f"/referrals/{answer.body['id']}/words", f"council:{row['council']}", key_of(row, words)
        answer = await sender.ask("referrals", "PUT", address, council, words, key=key, whatever_version=True)
    if answer.good:
        return "drafted"
    if answer.status == 409 and ALREADY in answer.broken():
        return "already"
    sender.faults.extend(answer.faults(row))
    return "refused"
