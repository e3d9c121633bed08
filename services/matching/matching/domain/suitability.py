"""Could this home take the child? Every reason why not, each from a closed list, in words and numbers.

Source of the rules: terms of approval (ages, number, sex, kind), the referral's essential needs and risks (domain §6, §7).
A preference (language, religion, distance, a preferred need) never rules a home out; it counts in ``fit``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matching.domain.home import Home
from matching.domain.limit import USUAL_LIMIT, Limit, usual_limit
from matching.domain.plain_words import dated
from matching.domain.referral import Child, Referral
from shared.contracts.words import Need, PlacementKind, RiskToChild, RiskToOthers, Siblings, Urgency


class Barrier(StrEnum):
    """Why a home cannot take the child or children of a referral."""

    NOT_ON_LIST = "provider_not_on_list"
    OTHER_COUNCIL = "another_councils_carers"
    SUSPENDED = "agency_suspended"
    RATING = "agency_rating_below_gate"
    CLOSED = "vacancy_closed"
    LOT = "lot"
    KIND = "kind"
    AGE_BELOW = "age_below_approval"
    AGE_ABOVE = "age_above_approval"
    SEX = "sex"
    NUMBER = "more_than_approved_number"
    USUAL_LIMIT = "usual_fostering_limit"
    BEDS = "beds"
    SIBLINGS = "siblings_not_welcome"
    DATE = "not_free_in_time"
    DISTRICT = "district_to_avoid"
    OTHER_CHILDREN = "other_children_at_home"
    NEED = "essential_need_not_met"
    RISK_TO_CHILD = "risk_to_child_not_accepted"
    RISK_TO_OTHERS = "risk_to_others_not_accepted"


APPROVAL = frozenset({Barrier.KIND, Barrier.AGE_BELOW, Barrier.AGE_ABOVE, Barrier.SEX, Barrier.NUMBER})
"""Barriers that are the carer's terms of approval: outside them only in an emergency."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why not: the barrier, and which need or risk where there are several."""

    barrier: Barrier
    which: Need | RiskToChild | RiskToOthers | None = None


OBSTACLES: tuple[Obstacle, ...] = (
    *(Obstacle(barrier) for barrier in Barrier if barrier not in (Barrier.NEED, Barrier.RISK_TO_CHILD, Barrier.RISK_TO_OTHERS)),
    *(Obstacle(Barrier.NEED, need) for need in Need),
    *(Obstacle(Barrier.RISK_TO_CHILD, risk) for risk in RiskToChild),
    *(Obstacle(Barrier.RISK_TO_OTHERS, risk) for risk in RiskToOthers),
)
"""Every obstacle there can be, in the order they are told; the kernel gives each a bit of one 64-bit number."""


def is_emergency(referral: Referral) -> bool:
    """Whether this is an emergency, which alone may go outside a carer's terms of approval."""
    return referral.urgency is Urgency.EMERGENCY or referral.kind is PlacementKind.EMERGENCY


def arrival(home: Home, referral: Referral, available_on: date | None = None) -> date:
    """The day the children are expected: when the home is needed or free, whichever is later."""
    return max(available_on or home.available_from, referral.needed_by)


class Standing(StrEnum):
    """Whether a provider may be asked for this referral at all."""

    IN_HOUSE = "in_house"
    ON_LIST = "on_list"
    NOT_ON_LIST = "not_on_list"
    OTHER_COUNCIL = "other_council"


def standing(provider: str, council: str, tiers: Mapping[str, int]) -> Standing:
    """Own carers always; an agency when it stood on the lot's list at broadcast; another council's carers never."""
    if provider == f"council:{council}":
        return Standing.IN_HOUSE
    if provider in tiers:
        return Standing.ON_LIST
    return Standing.OTHER_COUNCIL if provider.startswith("council:") else Standing.NOT_ON_LIST


def obstacles(
    home: Home,
    referral: Referral,
    standing: Standing,
    *,
    answers: Mapping[Need, bool] | None = None,
    available_on: date | None = None,
    stopped: Collection[Barrier] = (),
) -> tuple[Obstacle, ...]:
    """Every reason why ``home`` cannot take the children of ``referral``, in the order of ``OBSTACLES``; empty when it can.

    ``answers`` and ``available_on`` are an offer's own word on each essential need and on the date, which then count instead
    of the published vacancy's. Children at home are a fact that no answer removes. ``stopped``: what its agency's own standing
    forbids today (``agency_standing``), whatever the home.
    """
    found = set(_plain(home, referral, standing, available_on or home.available_from))
    found.update(Obstacle(barrier) for barrier in stopped)
    for need in referral.essential_needs:
        if need is Need.NO_OTHER_CHILDREN:
            if home.children_at_home > 0 or (answers is not None and not answers.get(need, False)):
                found.add(Obstacle(Barrier.OTHER_CHILDREN))
        elif not (need in home.skills if answers is None else answers.get(need, False)):
            found.add(Obstacle(Barrier.NEED, need))
    found.update(Obstacle(Barrier.RISK_TO_CHILD, risk) for risk in referral.risks_to_child - home.risks_to_child)
    found.update(Obstacle(Barrier.RISK_TO_OTHERS, risk) for risk in referral.risks_to_others - home.risks_to_others)
    return tuple(obstacle for obstacle in OBSTACLES if obstacle in found)


def _plain(home: Home, referral: Referral, standing: Standing, available: date) -> Iterable[Obstacle]:
    checks = {
        Barrier.NOT_ON_LIST: standing is Standing.NOT_ON_LIST,
        Barrier.OTHER_COUNCIL: standing is Standing.OTHER_COUNCIL,
        Barrier.CLOSED: not home.is_open,
        Barrier.LOT: referral.lot not in home.lots,
        Barrier.KIND: referral.kind not in home.kinds,
        Barrier.AGE_BELOW: referral.youngest < home.from_age,
        Barrier.AGE_ABOVE: referral.oldest > home.to_age,
        Barrier.SEX: not all(home.accepts(child.sex) for child in referral.children),
        Barrier.NUMBER: home.approved_places is not None and home.fostered_at_least + referral.beds > home.approved_places,
        Barrier.USUAL_LIMIT: usual_limit(home, referral.beds, max(available, referral.needed_by)) is Limit.OVER,
        Barrier.BEDS: home.free_beds < referral.beds,
        Barrier.SIBLINGS: referral.beds > 1 and referral.siblings is Siblings.TOGETHER and not home.siblings_welcome,
        Barrier.DATE: available > referral.needed_by,
        Barrier.DISTRICT: home.district in referral.avoid_districts,
    }
    return (Obstacle(barrier) for barrier, stands in checks.items() if stands)


@dataclass(frozen=True, slots=True)
class Reason:
    """An obstacle as it is told to people."""

    barrier: Barrier
    which: str | None
    words: str


def reasons(found: Iterable[Obstacle], home: Home, referral: Referral, *, available_on: date | None = None) -> tuple[Reason, ...]:
    """Each obstacle with its words and numbers, for the council's officer or for the provider of the home."""
    available = available_on or home.available_from
    return tuple(Reason(o.barrier, o.which and str(o.which), _words(o, home, referral, available)) for o in found)


def _words(obstacle: Obstacle, home: Home, referral: Referral, available: date) -> str:
    which = str(obstacle.which or "").replace("_", " ")
    match obstacle.barrier:
        case Barrier.NOT_ON_LIST:
            return "The agency was not on the published list of this lot when the referral was broadcast."
        case Barrier.OTHER_COUNCIL:
            return "This is another council's own carer."
        case Barrier.SUSPENDED:
            return "The agency is suspended: it takes no new referrals."
        case Barrier.RATING:
            return "Ofsted's judgement of the agency has fallen below what this lot accepts."
        case Barrier.CLOSED:
            return "The vacancy has been closed by its provider."
        case Barrier.LOT:
            return f"The vacancy is not offered in the lot {referral.lot.replace('_', ' ')}."
        case Barrier.KIND:
            return f"The carer is not approved for {referral.kind.replace('_', ' ')} placements."
        case Barrier.AGE_BELOW:
            younger = [child for child in referral.children if child.age < home.from_age]
            return f"{_who(younger, referral)} {_aged(younger)}; the carer is approved from {home.from_age} to {home.to_age}."
        case Barrier.AGE_ABOVE:
            older = [child for child in referral.children if child.oldest > home.to_age]
            return f"{_who(older, referral)} {_aged(older)}; the carer is approved from {home.from_age} to {home.to_age}."
        case Barrier.SEX:
            others = [child for child in referral.children if not home.accepts(child.sex)]
            words = " and ".join(sorted({_SEX_WORDS[child.sex] for child in others}))
            return f"{_who(others, referral)} {'is' if len(others) == 1 else 'are'} {words}, which the carer's approval does not cover."
        case Barrier.NUMBER:
            total = home.fostered_at_least + referral.beds
            return f"The carer is approved for {home.approved_places}; with this referral there would be {total} fostered children."
        case Barrier.USUAL_LIMIT:
            total = home.fostered_at_least + referral.beds
            return f"There would be {total} fostered children, not all brothers and sisters; the usual limit is {USUAL_LIMIT}."
        case Barrier.BEDS:
            apart = " The council may refer the children apart." if referral.siblings is Siblings.APART_IF_NEEDED else ""
            together = "" if referral.beds == 1 else " for the children together"
            return f"{_beds(referral.beds)} needed{together}; {home.free_beds} free.{apart}"
        case Barrier.SIBLINGS:
            return f"The {referral.beds} children are to live together, and this home does not take brothers and sisters together."
        case Barrier.DATE:
            days = (available - referral.needed_by).days
            late = f"{days} day{'s' if days > 1 else ''}"
            return f"Free from {dated(available)}, {late} after the home is needed ({dated(referral.needed_by)})."
        case Barrier.DISTRICT:
            return f"The home is in {home.district}, a district to avoid."
        case Barrier.OTHER_CHILDREN:
            if home.children_at_home == 0:
                return "There must be no other children at home, and the offer says this is not met."
            return f"There must be no other children at home; {home.children_at_home} live there."
        case Barrier.NEED:
            return f"Essential need not met: {which}."
        case Barrier.RISK_TO_CHILD:
            return f"The home does not take a child at risk of: {which}."
        case Barrier.RISK_TO_OTHERS:
            return f"The home does not take a child who may bring a risk to others: {which}."


_SEX_WORDS = {"M": "a boy", "F": "a girl", "U": "of a sex not recorded"}


def _who(children: list[Child], referral: Referral) -> str:
    if referral.beds == 1:
        return "The child"
    return ("Child " if len(children) == 1 else "Children ") + " and ".join(str(child.number) for child in children)


def _aged(children: list[Child]) -> str:
    return f"{'is' if len(children) == 1 else 'are'} aged {' and '.join(child.aged for child in children)}"


def _beds(count: int) -> str:
    return f"{count} bed{'s are' if count != 1 else ' is'}"
