"""The usual fostering limit (Children Act 1989, Schedule 7): three fostered children in a home, unless all are brothers and sisters of
each other or the council where the carers live has exempted them.

``providers`` repeats the rule when a bed is taken: a rule is repeated before it is shared.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from matching.domain.home import Exemption, Home

USUAL_LIMIT = 3


class Limit(StrEnum):
    """How a home with more children than before stands to the usual fostering limit."""

    WITHIN = "within"
    ALL_SIBLINGS = "all_siblings"
    """One referral's children alone in the home: brothers and sisters."""
    EXEMPTED = "exempted"
    SIBLINGS_TO_CONFIRM = "siblings_to_confirm"
    """Those there are brothers and sisters; whether the newcomers are theirs too, a named officer must say."""
    NOT_STATED = "not_stated"
    """The provider has not said how many fostered children live there, and it may be too many."""
    OVER = "over"


def usual_limit(home: Home, coming: int, day: date) -> Limit:
    """How ``home`` stands to the limit when ``coming`` children of one referral have moved in on ``day``.

    Counted are the fostered children the provider states and those placed through Hearth. Where it states none, there may be as many
    as there are children at home: what is certainly within is within, what is certainly over is over, the rest is asked for.
    """
    least, most = home.fostered_at_least, home.fostered_at_most
    if most + coming <= USUAL_LIMIT:
        return Limit.WITHIN
    if most == 0:
        return Limit.ALL_SIBLINGS
    if exemption_of(home, most + coming, day):
        return Limit.EXEMPTED
    if home.fostered_are_siblings:
        return Limit.SIBLINGS_TO_CONFIRM
    if least and least + coming > USUAL_LIMIT and not exemption_of(home, least + coming, day):
        return Limit.OVER
    return Limit.NOT_STATED


def exemption_of(home: Home, children: int, day: date) -> Exemption | None:
    """The exemption in force on ``day`` under which so many fostered children may live there, or None."""
    return next((each for each in home.exemptions if each.covers(children, day)), None)
