"""What the provider of an offer that was not chosen is told, and what it must not learn.

It learns the reason (domain §9: "no feedback on offers not chosen"), but no price, rank or name of another, and nothing of
the child. Price and what follows it are therefore told as one: they never say which way a comparison of prices went.
"""

from __future__ import annotations

from enum import StrEnum

from matching.domain.fit import Part
from matching.domain.ranking import Criterion, Option, decided_by
from matching.domain.suitability import Barrier


class ReleaseReason(StrEnum):
    """Why an offer was released."""

    NOT_SUITABLE = "not_suitable_as_offered"
    HIGHER_TIER_CHOSEN = "higher_tier_chosen"
    BETTER_FIT_CHOSEN = "better_fit_chosen"
    CLOSE_COMPARISON = "close_comparison"
    COUNCIL_JUDGED_OTHERWISE = "council_judged_otherwise"
    REFERRAL_WITHDRAWN = "referral_withdrawn"
    PLACED_ELSEWHERE = "placed_elsewhere"
    NO_LONGER_CHOSEN = "no_longer_chosen"
    NOT_DECIDED = "council_did_not_decide_in_time"


def why_not_chosen(option: Option, chosen: Option) -> tuple[ReleaseReason, tuple[str, ...]]:
    """The coded reason and the words for the provider of ``option``, once ``chosen`` has its bed.

    Law: the answer is the same whatever the prices of the offers are.
    """
    if not option.suitable:
        shortly = dict.fromkeys(_SHORTLY[reason.barrier] for reason in option.reasons)
        return ReleaseReason.NOT_SUITABLE, (
            "Another home was agreed. Yours could not take the referral as offered:",
            *shortly,
        )
    if option.key < chosen.key and decided_by(option, chosen) in _BEFORE_PRICE:
        return ReleaseReason.COUNCIL_JUDGED_OTHERWISE, (
            "Another home was agreed. Yours was suitable and well placed; the council chose another for a reason it has recorded.",
            "Ask the council's placements team for feedback.",
        )
    match decided_by(*sorted((option, chosen), key=lambda one: one.key)):
        case Criterion.TIER:
            return ReleaseReason.HIGHER_TIER_CHOSEN, (
                "Another home was agreed. Yours was suitable; a suitable home in a higher tier comes first.",
            )
        case Criterion.FIT:
            return ReleaseReason.BETTER_FIT_CHOSEN, (
                "Another home was agreed. Yours was suitable; within the tier another home fitted better.",
                f"Your fit was {option.fit.score} of 100.",
                *(
                    f"{part.part.replace('_', ' ').capitalize()}: {part.points} of {part.most}."
                    for part in option.fit.parts
                    if part.part in _OF_THE_HOME
                ),
            )
        case _:
            return ReleaseReason.CLOSE_COMPARISON, (
                "Another home was agreed. Yours was suitable and the comparison was close: alike in tier and fit.",
                "What remains is compared in this order: price, distance, time of the offer.",
            )


_SHORTLY = {
    Barrier.NOT_ON_LIST: "Your agency was not on the published list of this lot.",
    Barrier.OTHER_COUNCIL: "The carer is another council's own.",
    Barrier.SUSPENDED: "Your agency is suspended by the consortium.",
    Barrier.RATING: "Ofsted's judgement is below what the lot accepts.",
    Barrier.CLOSED: "The vacancy had been closed.",
    Barrier.LOT: "The vacancy was not offered in this lot.",
    Barrier.KIND: "The kind of placement is outside the carer's approval.",
    Barrier.AGE_BELOW: "The age is outside the carer's approval.",
    Barrier.AGE_ABOVE: "The age is outside the carer's approval.",
    Barrier.SEX: "The sex is outside the carer's approval.",
    Barrier.NUMBER: "The carer is not approved for so many children.",
    Barrier.USUAL_LIMIT: "The usual fostering limit would have been passed.",
    Barrier.BEDS: "There were too few free beds.",
    Barrier.SIBLINGS: "The home does not take brothers and sisters together.",
    Barrier.DATE: "The home was not free in time.",
    Barrier.DISTRICT: "The home is in a place that did not suit.",
    Barrier.OTHER_CHILDREN: "There are other children at home.",
    Barrier.NEED: "An essential need was not met.",
    Barrier.RISK_TO_CHILD: "A risk could not be held.",
    Barrier.RISK_TO_OTHERS: "A risk could not be held.",
}
"""Why a home could not, without the child's particulars: these words outlive the referral. The particulars were shown while it was open."""

_OF_THE_HOME = frozenset({Part.DISTANCE, Part.SIBLINGS, Part.SKILLS, Part.OTHER_CHILDREN})
"""The parts of fit that may be told afterwards; language and religion would tell of the child."""

_BEFORE_PRICE = frozenset({Criterion.SUITABILITY, Criterion.TIER, Criterion.FIT})

WORDS: dict[ReleaseReason, tuple[str, ...]] = {
    ReleaseReason.REFERRAL_WITHDRAWN: ("The council has withdrawn the referral. Your home is free for others.",),
    ReleaseReason.PLACED_ELSEWHERE: ("Another home was agreed while your offer was on its way. Your home is free for others.",),
    ReleaseReason.NO_LONGER_CHOSEN: ("The bed was held for an offer that no longer stood; it has been given back.",),
    ReleaseReason.NOT_DECIDED: ("The council did not decide in time. Your home is free for others.",),
}
"""What is said where no comparison was made."""
