"""Cutting a ranked list into two or three tiers, by places or by score."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from providers.domain.fault import Fault


class CutBy(StrEnum):
    """What decides where one tier stops and the next begins."""

    COUNT = "count"
    SCORE = "score"


class TierRuleFault(StrEnum):
    """Why a tier rule cannot be applied."""

    TWO_OR_THREE_TIERS = "two_or_three_tiers"
    WHOLE_PLACES = "whole_places"
    SCORES_FALL = "scores_fall"
    SCORE_RANGE = "score_range"


@dataclass(frozen=True, slots=True)
class TierRule:
    """One cut makes two tiers, two cuts make three.

    By count, ``cuts`` (5, 10) means: the best five, the next ten, the rest. By score, (70, 50) means: a total of 70 or
    more, of 50 or more, the rest.
    """

    by: CutBy
    cuts: tuple[Decimal, ...]

    @property
    def tiers(self) -> int:
        """How many tiers the rule makes."""
        return len(self.cuts) + 1


def tier_rule_faults(rule: TierRule) -> tuple[Fault, ...]:
    """Two or three tiers; whole numbers of places; scores from 0 to 100 that fall from tier to tier."""
    faults = []
    if len(rule.cuts) not in (1, 2):
        faults.append(Fault("tier_rule.cuts", TierRuleFault.TWO_OR_THREE_TIERS, "Give one cut for two tiers or two cuts for three."))
    for place, cut in enumerate(rule.cuts):
        field = f"tier_rule.cuts.{place}"
        if rule.by is CutBy.COUNT and (cut < 1 or cut != cut.to_integral_value()):
            faults.append(Fault(field, TierRuleFault.WHOLE_PLACES, "Give how many agencies the tier holds, as a whole number from 1."))
        if rule.by is CutBy.SCORE and not 0 <= cut <= 100:
            faults.append(Fault(field, TierRuleFault.SCORE_RANGE, "A total lies between 0 and 100; so must the cut."))
        if rule.by is CutBy.SCORE and place and cut >= rule.cuts[place - 1]:
            faults.append(Fault(field, TierRuleFault.SCORES_FALL, "Each cut must be lower than the one before it."))
    return tuple(faults)


def tier_of(rule: TierRule, *, rank: int, total: Decimal) -> tuple[int, str]:
    """The tier of one line of a ranked list, and why, in words. ``rank`` counts from 1; ``total`` is the line's points."""
    if rule.by is CutBy.COUNT:
        last = 0
        for tier, cut in enumerate(rule.cuts, start=1):
            first, last = last + 1, last + int(cut)
            if rank <= last:
                return tier, f"Rank {rank} is within places {first} to {last}, which make tier {tier}."
        return rule.tiers, f"Rank {rank} is past place {last}, so it is in tier {rule.tiers}, the last."
    for tier, cut in enumerate(rule.cuts, start=1):
        if total >= cut:
            return tier, f"A total of {total} reaches {cut}, the least for tier {tier}."
    return rule.tiers, f"A total of {total} is below {rule.cuts[-1]}, so it is in tier {rule.tiers}, the last."
