"""What is told to whom, and when: one table for every field of a child and of a referral. A field that is not in it is seen by nobody.

Four stages, each showing strictly more. A provider's view, the preview's list of what is withheld and the identity an agency may read
after a placement is agreed are all cut from this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any


class Stage(IntEnum):
    """How close a provider has come to the child; a later stage sees all that an earlier one does."""

    BROADCAST = 1
    SHORTLISTED = 2
    SELECTED = 3
    PLACED = 4
    COUNCIL_ONLY = 5


STAGE_WORDS: Mapping[Stage, str] = {
    Stage.BROADCAST: "shown to every provider of the lot",
    Stage.SHORTLISTED: "shown to the two or three shortlisted",
    Stage.SELECTED: "shown to the one chosen",
    Stage.PLACED: "shown to the chosen provider once the placement is agreed",
    Stage.COUNCIL_ONLY: "kept by your council",
}

CHILD: Mapping[str, Stage] = {
    # told in the broadcast, made from the record
    "child_number": Stage.BROADCAST,
    "age_years": Stage.BROADCAST,
    "age_months": Stage.BROADCAST,
    "sex": Stage.BROADCAST,
    "languages": Stage.BROADCAST,
    "religion": Stage.BROADCAST,
    "essential_needs": Stage.BROADCAST,
    "preferred_needs": Stage.BROADCAST,
    "risks_to_child": Stage.BROADCAST,
    "risks_to_others": Stage.BROADCAST,
    # the vault
    "given_names": Stage.PLACED,
    "family_name": Stage.PLACED,
    "date_of_birth": Stage.PLACED,
    "nhs_number": Stage.PLACED,
    "school": Stage.PLACED,
    "ethnicity": Stage.PLACED,
    "legal_status": Stage.PLACED,
    "child_id": Stage.COUNCIL_ONLY,
    "upn": Stage.COUNCIL_ONLY,
    "home_address": Stage.COUNCIL_ONLY,
    "home_postcode": Stage.COUNCIL_ONLY,
    "mother": Stage.COUNCIL_ONLY,
    "mother_child_date_of_birth": Stage.COUNCIL_ONLY,
    "category_of_need": Stage.COUNCIL_ONLY,
    "time_in_care": Stage.COUNCIL_ONLY,
    "relatives": Stage.COUNCIL_ONLY,
}

REFERRAL: Mapping[str, Stage] = {
    "referral": Stage.BROADCAST,
    "reference": Stage.BROADCAST,
    "council": Stage.BROADCAST,
    "lot": Stage.BROADCAST,
    "urgency": Stage.BROADCAST,
    "kind": Stage.BROADCAST,
    "needed_by": Stage.BROADCAST,
    "planned": Stage.BROADCAST,
    "closes_at": Stage.BROADCAST,
    "expected_weeks": Stage.BROADCAST,
    "siblings": Stage.BROADCAST,
    "children": Stage.BROADCAST,
    "home_district": Stage.BROADCAST,
    "near": Stage.BROADCAST,
    "avoid_districts": Stage.BROADCAST,
    "preferred_miles": Stage.BROADCAST,
    "re_referral_of": Stage.BROADCAST,
    "place": Stage.COUNCIL_ONLY,
    "created_by": Stage.COUNCIL_ONLY,
    "in_house_reason": Stage.COUNCIL_ONLY,
}


class Right(StrEnum):
    """By which right somebody saw who a child is."""

    OWN_RECORD = "own_record"
    SEARCH = "search"
    PLACEMENT_AGREED = "placement_agreed"
    NATIONAL_RETURN = "national_return"


def shown(table: Mapping[str, Stage], stage: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of ``values``, what may be seen at ``stage``. A field the table does not hold is left out at every stage."""
    return {name: value for name, value in values.items() if name in table and table[name] <= stage}


def fields_shown(table: Mapping[str, Stage], stage: Stage) -> tuple[str, ...]:
    """The names of all that may be seen at ``stage``."""
    return tuple(name for name, needed in table.items() if needed <= stage)


def withheld(stage: Stage) -> tuple[tuple[str, str], ...]:
    """What is not shown at ``stage``: each field's name, and in words when it will be."""
    return tuple(
        (f"{noun}.{name}", STAGE_WORDS[needed])
        for noun, table in (("child", CHILD), ("referral", REFERRAL))
        for name, needed in table.items()
        if needed > stage
    )
