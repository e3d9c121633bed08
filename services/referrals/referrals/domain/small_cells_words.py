"""A small-cell estimate as an officer reads it: the number, how it came about, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from fractions import Fraction

from referrals.domain.blurs import WORDS, Blur
from referrals.domain.national_shares import Basis
from referrals.domain.small_cells import Population, SmallCells

_TENTH = Decimal("0.1")


class SmallCellReason(StrEnum):
    """Why a referral is sent although few children share what it shows."""

    NEEDED_TO_MATCH = "needed_to_match"
    """Providers cannot judge whether they could take the child without what is shown."""
    CHILD_AT_RISK = "child_at_risk"
    """The child needs a home so soon that there is no time for a second try with less shown."""
    BLURRED_ALREADY = "blurred_already"
    """What can be blurred is blurred."""
    MORE_CHILDREN_KNOWN = "more_children_known"
    """The council knows that more children share it than the estimate says."""
    NOT_STATED = "not_stated"
    """Nobody said why: what is put on record where the council does not hold such referrals. No officer gives it as a reason."""


TO_GIVE = tuple(reason for reason in SmallCellReason if reason is not SmallCellReason.NOT_STATED)
"""The reasons an officer may give."""


REASON_WORDS: Mapping[SmallCellReason, str] = {
    SmallCellReason.NEEDED_TO_MATCH: "providers cannot judge whether they could take the child without what is shown",
    SmallCellReason.CHILD_AT_RISK: "the child needs a home too soon for a second try",
    SmallCellReason.BLURRED_ALREADY: "what can be blurred is blurred",
    SmallCellReason.MORE_CHILDREN_KNOWN: "the council knows that more children share it",
    SmallCellReason.NOT_STATED: "nobody said why",
}


def rounded(number: Fraction) -> Decimal:
    """To a tenth, always downwards, so that a number below a threshold never reads as reaching it."""
    return (Decimal(number.numerator * 10 // number.denominator) * _TENTH).quantize(_TENTH, ROUND_FLOOR)


def in_words(found: SmallCells, size: int) -> str:
    """How many share what is shown, whether that is few, and which single blur raises it most."""
    noun = "looked-after children" if size == 1 else f"groups of {size} brothers and sisters looked after"
    number = f"About {rounded(found.together)} {noun}" if found.together >= 1 else f"Probably no other of the {noun}"
    words = f"{number} in the consortium {'shares' if found.together < 1 else 'share'} all that this referral shows."
    if not found.below:
        return f"{words} That is not below your threshold of {found.threshold}."
    best = found.best
    if best is None:
        return f"{words} That is below your threshold of {found.threshold}, and no single blur raises it."
    return f"{words} That is below your threshold of {found.threshold}. {advice(found, best)}"


def advice(found: SmallCells, best: Blur) -> str:
    """The blur that raises the number most, and to what."""
    return f"The single blur that raises it most, to about {rounded(found.blurs[0].together)}: {WORDS[best]}"


def how(populations: Sequence[Population]) -> tuple[str, ...]:
    """How the number came about, one sentence a thing to know of it."""
    return tuple(_how(populations))


def _how(populations: Sequence[Population]) -> Iterator[str]:
    counted = sorted(one.council for one in populations if one.basis is Basis.COUNTED)
    assumed = [one for one in populations if one.basis not in (None, Basis.COUNTED)]
    unknown = [one for one in populations if one.basis is None]
    yield (
        "It is an estimate: the shares of the attributes shown are multiplied as if they had nothing to do with each other, "
        "except where a council has uploaded a joint count of several."
    )
    if counted:
        yield (
            f"{_councils(len(counted))} uploaded counts; a count of one to four is taken as one, and other councils' counts "
            "are to the nearest five."
        )
    if assumed:
        yield (
            f"For {_councils(len(assumed))} without counts the number of children and every share is a default: published national "
            "shares, approximate figures and assumptions, as GET /looked-after-counts/defaults lists them."
        )
    if counted:
        yield "What a council with counts has not counted has the default share too; homes lie where the council's postcodes do."
    if unknown:
        yield f"{_councils(len(unknown))} without counts and without a default number of children: nothing is added for them."
    yield (
        "Dates, urgency, districts to avoid and which council asks are shown too and not counted: with them, fewer share all that is shown."
    )


def _councils(count: int) -> str:
    return "1 council" if count == 1 else f"{count} councils"
