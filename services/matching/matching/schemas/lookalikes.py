"""What a council is told when its open referral could be joined up with another council's: of its own referral, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from matching.domain.lookalikes import RULES, Coincidence
from matching.store.lookalikes import Lookalike
from shared.uk_time import UK


class Coinciding(BaseModel):
    """Something your own referral shows that coincides, and the blur that takes it away, where one does."""

    what: Coincidence
    words: str
    blur: str | None = Field(description="for PATCH /referrals/{referral} of the referrals service, field blurred")


class Lookalikes(BaseModel):
    """Whether your referral could be joined up with an open one of another council, and by what of your own."""

    referral: UUID
    could_be_joined_up: bool
    since: date | None
    coinciding: list[Coinciding]
    words: str

    @classmethod
    def of(cls, referral: UUID, found: Sequence[Lookalike]) -> Self:
        """All that coincides with any of them, together: neither how many there are nor whose they are is told."""
        together = [each for each in Coincidence if any(each in one.coinciding for one in found)]
        return cls(
            referral=referral,
            could_be_joined_up=bool(found),
            since=min(one.found_at for one in found).astimezone(UK).date() if found else None,
            coinciding=[Coinciding(what=each, words=RULES[each].words, blur=RULES[each].blur) for each in together],
            words=_words(together) if found else "No open referral of another council could be joined up with this one.",
        )


def _words(together: Sequence[Coincidence]) -> str:
    said = "; ".join(RULES[each].words for each in together)
    blurs = sorted({rule.blur for rule in (RULES[each] for each in together) if rule.blur})
    advice = f" Blurring one of these may part them: {', '.join(blurs)}." if blurs else ""
    return (
        "Somebody who sees both could take this referral and an open one of another council for the same family. "
        f"What coincides of yours: {said}.{advice} If you think that it is one family, ring the consortium's project manager, "
        "who can bring the two councils together; neither is shown the other's referral."
    )
