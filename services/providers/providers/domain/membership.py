"""Who belongs to the consortium, and from when another council may."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.fault import Fault

CLOSED_YEARS = 3
"""Years the model must have run before another council may join. Source: good-practice report 2012, South East case study."""


def day_in_words(day: date) -> str:
    """A date as people write it: ``1 April 2015``."""
    return f"{day.day} {day:%B %Y}"


class MembershipRule(StrEnum):
    """Why a council cannot be recorded as asked."""

    CLOSED_TO_NEW_COUNCILS = "closed_to_new_councils"
    JOINS_WHILE_CLOSED = "joins_while_closed"
    ROLE_LED_BY_ANOTHER = "role_led_by_another"
    ROLE_TWICE = "role_twice"
    MEMBER_JOINED_WHILE_CLOSED = "member_joined_while_closed"


@dataclass(frozen=True, slots=True)
class Council:
    """One member of the consortium: ONS code, name, the day it joined and the work streams it leads."""

    ons_code: str
    name: str
    joined_on: date
    lead_roles: tuple[str, ...] = ()


def opens_again_on(established_on: date) -> date:
    """The first day on which another council may join: the third anniversary of the model's establishment.

    A model established on 29 February has run three full years when 28 February is over, so the day is 1 March.
    """
    year = established_on.year + CLOSED_YEARS
    try:
        return established_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def closed_period(established: Collection[date]) -> tuple[date, date] | None:
    """From the model's establishment to the day it opens again; None while no framework has been set out.

    The model begins with the first framework of all: a successor framework does not close the consortium anew.
    """
    if not established:
        return None
    first = min(established)
    return first, opens_again_on(first)


def joining_faults(council: Council, *, recorded: Council | None, established: Collection[date], today: date) -> tuple[Fault, ...]:
    """Whether this council may join, or have its joining date changed: every reason why not.

    Founding members are the councils recorded before the model's first day, however many. From that day until three
    years later no further council is recorded, whatever joining date is given (backdating is no way round the rule),
    and no joining date may fall after the first day and before the period ends. A council already recorded is no
    newcomer: its name and lead roles can always be put right.
    """
    period = closed_period(established)
    if period is None:
        return ()
    first, opens = period
    faults = []
    why = f"no further council may join until the consortium has run three years, which it does on {day_in_words(opens)}"
    if recorded is None and first <= today < opens:
        faults.append(Fault("ons_code", MembershipRule.CLOSED_TO_NEW_COUNCILS, f"The consortium is closed to new members: {why}."))
    moved = recorded is None or recorded.joined_on != council.joined_on
    if moved and first < council.joined_on < opens:
        message = f"This joining date is not possible: {why}. Give that day or a later one."
        faults.append(Fault("joined_on", MembershipRule.JOINS_WHILE_CLOSED, message))
    return tuple(faults)


def lead_role_faults(council: Council, *, led_by: Mapping[str, Council]) -> tuple[Fault, ...]:
    """Each work stream is led by one council. ``led_by`` maps a role to the council that holds it now."""
    faults = []
    for place, role in enumerate(council.lead_roles):
        field = f"lead_roles.{place}"
        if role in council.lead_roles[:place]:
            faults.append(Fault(field, MembershipRule.ROLE_TWICE, "This lead role is listed twice; list it once."))
        holder = led_by.get(role)
        if holder is not None and holder.ons_code != council.ons_code:
            message = f"{holder.name} ({holder.ons_code}) leads this work already. Take the role from that council first."
            faults.append(Fault(field, MembershipRule.ROLE_LED_BY_ANOTHER, message))
    return tuple(faults)


def establishing_faults(established: Collection[date], *, members: Collection[Council]) -> tuple[Fault, ...]:
    """A framework may not be given a first day that would make a present member a late joiner. One reason a member."""
    period = closed_period(established)
    if period is None:
        return ()
    first, opens = period
    return tuple(
        Fault(
            "established_on",
            MembershipRule.MEMBER_JOINED_WHILE_CLOSED,
            f"{member.name} joined on {day_in_words(member.joined_on)}, while the consortium would have been closed to new"
            f" members (until {day_in_words(opens)}). Correct that joining date or give another first day.",
        )
        for member in sorted(members, key=lambda each: each.ons_code)
        if first < member.joined_on < opens
    )
