"""How many children may live in one foster home: the number approved, and the usual fostering limit.

More than three fostered children need an exemption by the council where the carers live, unless all of them are brothers and sisters
of each other (Children Act 1989, Schedule 7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from providers.domain.household import Household

USUAL_LIMIT = 3


@dataclass(frozen=True, slots=True)
class Coming:
    """Children of one referral who would move in on a day; of one referral, they are brothers and sisters.

    ``confirmed``: a named officer of the placing council confirmed that the usual fostering limit is kept.
    """

    children: int
    arrives_on: date
    confirmed: bool = False


def within_approval(household: Household, in_use: int, coming: Coming) -> bool:
    """Whether they fit the number of children the carers are approved for, beside those who live there."""
    return household.fostered_at_least + in_use + coming.children <= household.approval.places


def within_usual_limit(household: Household, in_use: int, coming: Coming) -> bool:
    """Whether they may move in beside the fostered children already there (stated, and ``in_use`` placed through Hearth).

    Up to three; or one referral's children alone; or under an exemption in force on the day they come; or, where the provider says
    that all those there are brothers and sisters, when a named officer confirmed that the newcomers are theirs too.
    """
    there = household.fostered_at_least + in_use
    total = there + coming.children
    return (
        total <= USUAL_LIMIT
        or there == 0
        or any(
            exemption.children >= total
            and exemption.starts_on <= coming.arrives_on
            and (exemption.ends_on is None or coming.arrives_on <= exemption.ends_on)
            for exemption in household.exemptions
        )
        or (household.fostered_are_siblings is True and coming.confirmed)
    )
