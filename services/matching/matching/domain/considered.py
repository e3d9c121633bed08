"""What a decision says in words: each consideration of the law answered, why the home was chosen, what each offer met and missed.

Source: Children Act 1989, section 22C: near home, schooling unbroken, siblings together, disability met, inside the council's area, each
so far as is reasonably practicable. So what is not practicable is said with why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matching.domain.choice import Choice, ChoiceReason, Consideration, Considered
from matching.domain.faults import Fault
from matching.domain.fit import in_miles
from matching.domain.message import faults_in_message
from matching.domain.ranking import Option
from matching.domain.referral import Referral
from matching.domain.suitability import Barrier
from shared.contracts.words import Need
from shared.identifying_patterns import WORDS as PATTERN_WORDS
from shared.identifying_patterns import patterns_in

_ASKED = {
    Consideration.NEAR_HOME: "Near the child's home",
    Consideration.SCHOOLING_UNBROKEN: "Schooling not disrupted",
    Consideration.SIBLINGS_TOGETHER: "Living with brothers and sisters who are looked after too",
    Consideration.DISABILITY_MET: "Suited to the child's disability",
    Consideration.INSIDE_AREA: "Inside the council's area",
}

_ANSWERED = {
    Considered.MET: "met",
    Considered.NOT_PRACTICABLE: "not reasonably practicable",
    Considered.DOES_NOT_APPLY: "does not apply",
}

WHY = {
    ChoiceReason.NEARER_HOME: "It is nearer to the child's home.",
    ChoiceReason.SCHOOLING_UNBROKEN: "The child can stay at its school.",
    ChoiceReason.SIBLINGS_TOGETHER: "Brothers and sisters stay together.",
    ChoiceReason.MEETS_NEEDS_BETTER: "It meets the child's needs better.",
    ChoiceReason.CULTURE_OR_FAITH: "It suits the child's culture or faith.",
    ChoiceReason.FAMILY_TIME: "It makes time with the family possible.",
    ChoiceReason.CHILDS_WISHES: "It is what the child wishes.",
    ChoiceReason.KNOWN_CARER: "The child knows the carer.",
    ChoiceReason.RISK_IN_HIGHER_TIER_HOME: "A home of a higher tier carried a risk.",
    ChoiceReason.NOTHING_ELSE_IN_TIME: "Nothing else was to be had in time.",
}
"""The coded reason of a choice in words."""

NO_REASON_OWED = "A suitable home of tier one, or no such home was passed over: no reason was owed."


def faults_of_because(choice: Choice) -> tuple[Fault, ...]:
    """What is not practicable is said with why; words name nobody and hold nothing that identifies by its form."""
    return tuple(_faults(choice))


def _faults(choice: Choice) -> Iterable[Fault]:
    for consideration, answer in choice.considerations.items():
        if answer is Considered.NOT_PRACTICABLE and not choice.because.get(consideration, "").strip():
            words = consideration.replace("_", " ")
            yield Fault("because", "why_not_practicable", f"Say in because why this is not practicable: {words} ({consideration}).")
    for words in choice.because.values():
        for fault in faults_in_message(words):
            yield Fault("because", fault.rule, fault.message)
        for kind in dict.fromkeys(found.kind for found in patterns_in(words)):
            yield Fault("because", "nothing_identifying", PATTERN_WORDS[kind])


def considered(choice: Choice, chosen: Option, referral: Referral) -> list[dict[str, Any]]:
    """Each consideration in the order of the law, answered for the chosen home: in code, in words, and with the officer's own reason."""
    return [
        {
            "consideration": str(asked),
            "answer": str(choice.considerations[asked]),
            "words": f"{_ASKED[asked]}: {_ANSWERED[choice.considerations[asked]]}.{_known(asked, chosen, referral)}",
            "because": choice.because.get(asked),
        }
        for asked in Consideration
        if asked in choice.considerations
    ]


def _known(asked: Consideration, chosen: Option, referral: Referral) -> str:
    match asked:
        case Consideration.NEAR_HOME:
            return " The distance is not known." if chosen.miles is None else f" About {in_miles(chosen.miles)}, from postcode districts."
        case Consideration.SIBLINGS_TOGETHER if referral.beds > 1:
            return f" {referral.beds} children are placed together here."
        case Consideration.DISABILITY_MET:
            missed = met_and_missed(chosen, referral)["missed"]
            return f" Essential needs not met: {', '.join(need.replace('_', ' ') for need in missed)}." if missed else ""
        case _:
            return ""


def met_and_missed(option: Option, referral: Referral) -> dict[str, list[str]]:
    """Each essential need of the referral: met by this offer, or missed. Together they are all of them, and none is in both."""
    stands_in_the_way = {obstacle.which for obstacle in option.obstacles if obstacle.barrier is Barrier.NEED}
    if any(obstacle.barrier is Barrier.OTHER_CHILDREN for obstacle in option.obstacles):
        stands_in_the_way.add(Need.NO_OTHER_CHILDREN)
    needs = sorted(referral.essential_needs)
    return {
        "met": [str(need) for need in needs if need not in stands_in_the_way],
        "missed": [str(need) for need in needs if need in stands_in_the_way],
    }
