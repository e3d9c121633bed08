"""A tier of a lot's list, as a part of a figure says it."""

from __future__ import annotations

NO_TIER = "no tier"


def tier_words(tier: int | None) -> str:
    """A tier as people read it."""
    return NO_TIER if tier is None else f"tier {tier}"
