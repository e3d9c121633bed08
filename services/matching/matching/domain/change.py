"""Changes that would let a home take the children: what would change, by how much, whose it is; and a case with them made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from matching.domain.home import Exemption, Home
from matching.domain.referral import Referral
from matching.domain.suitability import Barrier, Obstacle, Standing, obstacles
from shared.contracts.words import Need, PlacementKind, RiskToChild, RiskToOthers, Sex, Siblings


class Whose(StrEnum):
    """Who can make a change."""

    COUNCIL = "council"
    """The council whose referral it is."""
    AGENCY = "agency"
    OWN_FOSTERING_SERVICE = "own_fostering_service"
    """The council's own fostering service, for its own carers."""
    OTHER_COUNCIL = "other_council"
    AREA_COUNCIL = "council_where_the_carers_live"
    REVIEWING_PANEL = "reviewing_panel"
    """The panel that reviews the carer's terms of approval."""
    CONSORTIUM = "consortium"


class ChangeKind(StrEnum):
    """What would have to change."""

    JOIN_LIST = "agency_joins_list"
    LEND_CARER = "other_council_lends_carer"
    OPEN_VACANCY = "vacancy_opened"
    OFFER_IN_LOT = "vacancy_offered_in_lot"
    APPROVE_KIND = "approval_for_kind"
    APPROVE_YOUNGER = "approval_for_younger"
    APPROVE_OLDER = "approval_for_older"
    APPROVE_SEX = "approval_for_sex"
    APPROVE_MORE = "approval_for_more"
    EXEMPT = "exemption_from_usual_limit"
    END_SUSPENSION = "suspension_lifted"
    BETTER_RATING = "rating_accepted_again"
    MORE_BEDS = "more_beds"
    WELCOME_SIBLINGS = "siblings_welcome"
    SIBLINGS_MAY_PART = "siblings_may_live_apart"
    START_LATER = "start_later"
    FREE_EARLIER = "free_earlier"
    LIFT_DISTRICT = "district_no_longer_avoided"
    NO_OTHER_CHILDREN = "no_other_children_at_home"
    MEET_NEED = "need_met"
    PREFER_NEED = "need_preferred_not_essential"
    TAKE_RISK_TO_CHILD = "risk_to_child_accepted"
    TAKE_RISK_TO_OTHERS = "risk_to_others_accepted"


class Unit(StrEnum):
    """What an amount counts."""

    YEARS = "years"
    BEDS = "beds"
    DAYS = "days"
    CHILDREN = "children"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: ``amount`` of ``unit`` where it is a matter of degree; ``which`` need, risk, sexes, district, lot or kind.

    ``outside`` says that it is arranged between organisations, not in Hearth. ``note`` is what to know before asking for it.
    """

    kind: ChangeKind
    whose: Whose
    words: str
    which: tuple[str, ...] = ()
    amount: int | None = None
    unit: Unit | None = None
    outside: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One home held against one referral. ``answers`` and ``available_on`` are an offer's own word, None where there is no offer."""

    home: Home
    referral: Referral
    standing: Standing
    answers: Mapping[Need, bool] | None = None
    available_on: date | None = None
    stopped: frozenset[Barrier] = frozenset()
    """What the standing of its agency forbids today, whatever the home."""

    @property
    def free_on(self) -> date:
        """The day from which the home can take the children."""
        return self.available_on or self.home.available_from

    @property
    def obstacles(self) -> tuple[Obstacle, ...]:
        """Every reason why not, by the one rule of ``suitability``."""
        return obstacles(
            self.home, self.referral, self.standing, answers=self.answers, available_on=self.available_on, stopped=self.stopped
        )


def applied(changes: Iterable[Change], case: Case) -> Case:
    """The case as it would be with these changes made."""
    for change in changes:
        case = _applied(change, case)
    return case


def _applied(change: Change, case: Case) -> Case:
    on_home, on_referral = _on_home(change, case), _on_referral(change, case)
    if on_home is not None:
        return replace(_on_offer(change, case), home=on_home)
    if on_referral is not None:
        return replace(case, referral=on_referral)
    if change.kind in _OF_STANDING:
        return replace(case, stopped=case.stopped - {_OF_STANDING[change.kind]})
    return replace(case, standing=Standing.ON_LIST)  # JOIN_LIST, LEND_CARER: it may be asked


_OF_STANDING = {ChangeKind.END_SUSPENSION: Barrier.SUSPENDED, ChangeKind.BETTER_RATING: Barrier.RATING}


def _on_home(change: Change, case: Case) -> Home | None:
    home, referral = case.home, case.referral
    match change.kind:
        case ChangeKind.OPEN_VACANCY:
            return replace(home, is_open=True)
        case ChangeKind.OFFER_IN_LOT:
            return replace(home, lots=home.lots | set(change.which))
        case ChangeKind.APPROVE_KIND:
            return replace(home, kinds=home.kinds | {PlacementKind(kind) for kind in change.which})
        case ChangeKind.APPROVE_YOUNGER:
            return replace(home, from_age=home.from_age - (change.amount or 0))
        case ChangeKind.APPROVE_OLDER:
            return replace(home, to_age=home.to_age + (change.amount or 0))
        case ChangeKind.APPROVE_SEX:
            return replace(home, sexes=home.sexes | {Sex(sex) for sex in change.which})
        case ChangeKind.APPROVE_MORE:
            return replace(home, approved_places=(home.approved_places or 0) + (change.amount or 0))
        case ChangeKind.EXEMPT:
            exemption = Exemption(change.amount or 0, 0, home.lives_in or "", min(home.available_from, referral.needed_by))
            return replace(home, exemptions=(*home.exemptions, exemption))
        case ChangeKind.MORE_BEDS:
            return replace(home, free_beds=home.free_beds + (change.amount or 0))
        case ChangeKind.WELCOME_SIBLINGS:
            return replace(home, siblings_welcome=True)
        case ChangeKind.FREE_EARLIER:
            return replace(home, available_from=min(home.available_from, referral.needed_by))
        case ChangeKind.NO_OTHER_CHILDREN:
            return replace(home, children_at_home=0)
        case ChangeKind.MEET_NEED:
            return replace(home, skills=home.skills | {Need(need) for need in change.which})
        case ChangeKind.TAKE_RISK_TO_CHILD:
            return replace(home, risks_to_child=home.risks_to_child | {RiskToChild(risk) for risk in change.which})
        case ChangeKind.TAKE_RISK_TO_OTHERS:
            return replace(home, risks_to_others=home.risks_to_others | {RiskToOthers(risk) for risk in change.which})
    return None


def _on_offer(change: Change, case: Case) -> Case:
    """What the same change does to an offer's own word."""
    if change.kind is ChangeKind.FREE_EARLIER and case.available_on is not None:
        return replace(case, available_on=case.referral.needed_by)
    if case.answers is not None and change.kind is ChangeKind.MEET_NEED:
        return replace(case, answers={**case.answers, **{Need(need): True for need in change.which}})
    if case.answers is not None and change.kind is ChangeKind.NO_OTHER_CHILDREN:
        return replace(case, answers={**case.answers, Need.NO_OTHER_CHILDREN: True})
    return case


def _on_referral(change: Change, case: Case) -> Referral | None:
    referral = case.referral
    match change.kind:
        case ChangeKind.SIBLINGS_MAY_PART:
            return replace(referral, siblings=Siblings.APART_IF_NEEDED)
        case ChangeKind.START_LATER:
            return replace(referral, needed_by=case.free_on)
        case ChangeKind.LIFT_DISTRICT:
            return replace(referral, avoid_districts=referral.avoid_districts - set(change.which))
        case ChangeKind.PREFER_NEED:
            needs = {Need(need) for need in change.which}
            children = (
                replace(
                    child,
                    essential_needs=child.essential_needs - needs,
                    preferred_needs=child.preferred_needs | (child.essential_needs & needs),
                )
                for child in referral.children
            )
            return replace(referral, children=tuple(children))
    return None
