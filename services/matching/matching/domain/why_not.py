"""Why not this home, and the nearest change that would make it possible.

Each reason why a home cannot take the children has one or more changes that would take it away, the nearest first: what would
have to change, by how much, and whose it is to change. One change for each reason is the smallest set that makes the home
suitable, because no change here takes away two reasons. Referring brothers and sisters apart could, and is never part of the
set: the law asks to keep them together, so only a council may think of it.

Which way is nearest where there are several is a choice of ours (docs/decisions/0506-the-nearest-change.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations

from matching.domain.change import Case, Change, ChangeKind, Unit, Whose
from matching.domain.home import Home
from matching.domain.limit import USUAL_LIMIT
from matching.domain.plain_words import plain
from matching.domain.referral import Referral
from matching.domain.suitability import APPROVAL, Barrier, Obstacle, Reason, Standing, is_emergency, reasons
from shared.contracts.words import Need, Sex, Urgency


@dataclass(frozen=True, slots=True)
class BarrierFound:
    """One reason why not, and the ways to take it away, the nearest first (never empty)."""

    reason: Reason
    ways: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Every reason why not, and the smallest set of changes that makes the home suitable: empty when it is."""

    barriers: tuple[BarrierFound, ...]
    smallest_set: tuple[Change, ...]

    @property
    def suitable(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.barriers


def why_not(case: Case) -> WhyNot:
    """Every reason why the home cannot take the children, what would change each, and the smallest set of changes.

    Law: applying exactly the smallest set makes ``suitability.obstacles`` find nothing; leaving out any of it does not.
    """
    found = case.obstacles
    told = reasons(found, case.home, case.referral, available_on=case.available_on)
    barriers = tuple(BarrierFound(reason, tuple(_ways(obstacle, case))) for obstacle, reason in zip(found, told, strict=True))
    return WhyNot(barriers, tuple(barrier.ways[0] for barrier in barriers))


def summary(answer: WhyNot) -> str:
    """The answer in one sentence, for the head of a page."""
    if answer.suitable:
        return "This home can take the referral: nothing stands in the way."
    count = len(answer.smallest_set)
    if count == 1:
        return "This home cannot take the referral as it stands. One change would make it possible."
    return f"This home cannot take the referral as it stands. {_counted(count, 'change').capitalize()} together would make it possible."


def _ways(obstacle: Obstacle, case: Case) -> Iterable[Change]:
    yield from _of_approval(obstacle, case) if obstacle.barrier in APPROVAL else _of_the_rest(obstacle, case)


def _of_approval(obstacle: Obstacle, case: Case) -> Iterable[Change]:
    home, referral = case.home, case.referral
    emergency = is_emergency(referral)
    note = "In an emergency a child may live outside the terms of approval for at most six working days." if emergency else None
    match obstacle.barrier:
        case Barrier.KIND:
            words = f"The carer's approval to cover {plain(referral.kind)} placements."
            yield Change(ChangeKind.APPROVE_KIND, Whose.REVIEWING_PANEL, words, (referral.kind,), note=note)
        case Barrier.AGE_BELOW:
            years = home.from_age - referral.youngest
            words = (
                f"The carer is approved from age {home.from_age}; the {_youngest_child(referral)} is {referral.youngest}: "
                f"approval {_counted(years, 'year')} lower."
            )
            yield Change(ChangeKind.APPROVE_YOUNGER, Whose.REVIEWING_PANEL, words, (), years, Unit.YEARS, note=note)
        case Barrier.AGE_ABOVE:
            years = referral.oldest - home.to_age
            words = (
                f"The carer is approved to age {home.to_age}; the {_oldest_child(referral)} is {referral.oldest}: "
                f"approval {_counted(years, 'year')} higher."
            )
            yield Change(ChangeKind.APPROVE_OLDER, Whose.REVIEWING_PANEL, words, (), years, Unit.YEARS, note=note)
        case Barrier.NUMBER:
            more = home.fostered_at_least + referral.beds - (home.approved_places or 0)
            words = f"The carer is approved for {home.approved_places}: approval for {_counted(more, 'more child', 'more children')}."
            yield Change(ChangeKind.APPROVE_MORE, Whose.REVIEWING_PANEL, words, (), more, Unit.CHILDREN, note=note)
        case _:
            missing = sexes_to_add(home, referral)
            words = f"The carer's approval to cover {' and '.join(_SEXES[sex] for sex in missing)} as well."
            yield Change(ChangeKind.APPROVE_SEX, Whose.REVIEWING_PANEL, words, tuple(missing), note=note)


def _of_the_rest(obstacle: Obstacle, case: Case) -> Iterable[Change]:
    home, referral, provider = case.home, case.referral, _provider(case)
    which = plain(obstacle.which or "")
    code = (str(obstacle.which),) if obstacle.which else ()
    match obstacle.barrier:
        case Barrier.NOT_ON_LIST:
            words = "The agency to be on the lot's published list, by a later tender round, and the referral to be sent to it."
            yield Change(ChangeKind.JOIN_LIST, Whose.CONSORTIUM, words, outside=True)
        case Barrier.OTHER_COUNCIL:
            words = "The council whose carer this is to agree to lend the carer: a matter between the two councils."
            yield Change(ChangeKind.LEND_CARER, Whose.OTHER_COUNCIL, words, outside=True)
        case Barrier.SUSPENDED:
            words = "The consortium to lift the agency's suspension."
            yield Change(ChangeKind.END_SUSPENSION, Whose.CONSORTIUM, words, outside=True)
        case Barrier.RATING:
            words = "Ofsted to judge the agency as the lot accepts again, or the lot to leave it to a named officer."
            yield Change(ChangeKind.BETTER_RATING, provider, words, outside=True)
        case Barrier.USUAL_LIMIT:
            total = home.fostered_at_least + referral.beds
            words = f"An exemption from the usual fostering limit of {USUAL_LIMIT}, for {total} children."
            note = "Not needed where all the fostered children are brothers and sisters: then let the provider say so."
            yield Change(ChangeKind.EXEMPT, Whose.AREA_COUNCIL, words, (), total, Unit.CHILDREN, note=note, outside=True)
        case Barrier.CLOSED:
            yield Change(ChangeKind.OPEN_VACANCY, provider, "The vacancy to be opened again.")
        case Barrier.LOT:
            words = f"The vacancy to be offered in the lot {plain(referral.lot)} as well."
            yield Change(ChangeKind.OFFER_IN_LOT, provider, words, (referral.lot,))
        case Barrier.BEDS:
            yield _more_beds(home, referral, provider)
        case Barrier.SIBLINGS:
            yield Change(ChangeKind.WELCOME_SIBLINGS, provider, "The carer to take brothers and sisters together.")
            yield Change(ChangeKind.SIBLINGS_MAY_PART, Whose.COUNCIL, "The children to be referred as able to live apart if needed.")
        case Barrier.DATE:
            days = (case.free_on - referral.needed_by).days
            told = f"Available from {_day(case.free_on)}, needed by {_day(referral.needed_by)}: "
            later = Change(ChangeKind.START_LATER, Whose.COUNCIL, f"{told}{_counted(days, 'day')} later.", (), days, Unit.DAYS)
            earlier = Change(ChangeKind.FREE_EARLIER, provider, f"{told}free {_counted(days, 'day')} earlier.", (), days, Unit.DAYS)
            yield from (earlier, later) if referral.urgency in _CANNOT_WAIT else (later, earlier)
        case Barrier.DISTRICT:
            words = f"{home.district} to be no longer among the districts to avoid."
            note = "Ask first why it is to be avoided; the home itself cannot move."
            yield Change(ChangeKind.LIFT_DISTRICT, Whose.COUNCIL, words, (home.district,), note=note)
        case Barrier.OTHER_CHILDREN:
            yield _preferred(Need.NO_OTHER_CHILDREN)
            yield _nobody_else(home, provider)
        case Barrier.NEED:
            yield Change(ChangeKind.MEET_NEED, provider, f"The home to meet this need: {which} (training, equipment or support).", code)
            yield _preferred(Need(str(obstacle.which)))
        case Barrier.RISK_TO_CHILD:
            words = f"The carer to take a child at risk of {which}, with the support that needs."
            yield Change(ChangeKind.TAKE_RISK_TO_CHILD, provider, words, code)
        case Barrier.RISK_TO_OTHERS:
            words = f"The carer to take a child who may bring this risk to others: {which}, with the support that needs."
            yield Change(ChangeKind.TAKE_RISK_TO_OTHERS, provider, words, code)
        case _:  # the terms of approval, told by _of_approval
            raise AssertionError(obstacle)


def _provider(case: Case) -> Whose:
    if case.standing is Standing.IN_HOUSE:
        return Whose.OWN_FOSTERING_SERVICE
    return Whose.OTHER_COUNCIL if case.standing is Standing.OTHER_COUNCIL else Whose.AGENCY


def _more_beds(home: Home, referral: Referral, provider: Whose) -> Change:
    missing = referral.beds - home.free_beds
    note = None
    if home.children_at_home + referral.beds > USUAL_LIMIT:
        note = (
            f"{_counted(home.children_at_home, 'child', 'children')} at home already: more than {USUAL_LIMIT} unrelated fostered children "
            "need an exemption by the council where the carer lives."
        )
    words = f"{_counted(missing, 'more bed', 'more beds').capitalize()} free."
    return Change(ChangeKind.MORE_BEDS, provider, words, (), missing, Unit.BEDS, note=note)


def _preferred(need: Need) -> Change:
    words = f"This need to be preferred, no longer essential: {plain(need)}."
    note = "Only if the child's plan allows it; ask the social worker."
    return Change(ChangeKind.PREFER_NEED, Whose.COUNCIL, words, (need,), note=note)


def _nobody_else(home: Home, provider: Whose) -> Change:
    count = home.children_at_home
    if count == 0:
        return Change(ChangeKind.NO_OTHER_CHILDREN, provider, "The provider to confirm that no other child will live there.")
    words = f"No other children at home: {_counted(count, 'child fewer', 'children fewer')} than now."
    note = "Wait until they move on; nobody's home is to be ended for this."
    return Change(ChangeKind.NO_OTHER_CHILDREN, provider, words, (), count, Unit.CHILDREN, note=note)


def sexes_to_add(home: Home, referral: Referral) -> tuple[Sex, ...]:
    """The fewest sexes by which the approval must grow to cover every child, the first in the order of ``Sex`` where several do."""
    asked = {child.sex for child in referral.children}
    for count in range(len(Sex) + 1):
        for added in combinations(Sex, count):
            grown = replace(home, sexes=home.sexes | set(added))
            if all(grown.accepts(sex) for sex in asked):
                return added
    raise AssertionError("an approval for every sex covers every child")


_CANNOT_WAIT = frozenset({Urgency.EMERGENCY, Urgency.SAME_DAY})
_SEXES = {Sex.MALE: "boys", Sex.FEMALE: "girls", Sex.UNKNOWN: "a child whose sex is not recorded"}


def _youngest_child(referral: Referral) -> str:
    return "child" if referral.beds == 1 else "youngest child"


def _oldest_child(referral: Referral) -> str:
    return "child" if referral.beds == 1 else "oldest child"


_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _counted(count: int, one: str, many: str | None = None) -> str:
    return f"{_SMALL[count] if count < len(_SMALL) else count} {one if count == 1 else many or one + 's'}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B}"
