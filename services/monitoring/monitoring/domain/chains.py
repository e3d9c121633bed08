"""Referrals that repeat one another: a need is one, however often it is referred again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID


def first_of_chain(referral: UUID, re_referrals: Mapping[UUID, UUID]) -> UUID:
    """The referral that a re-referral goes back to, however many lie between.

    Works while a link between is still unheard: then the earliest known one names the chain. A ring, which only a
    mistake upstream could make, is named by its smallest id, so that each member gets the same answer.
    """
    seen = [referral]
    while (earlier := re_referrals.get(seen[-1])) is not None:
        if earlier in seen:
            return min(seen[seen.index(earlier) :])
        seen.append(earlier)
    return seen[-1]
