"""Panels in lists: those of a referral, and those a member sits on."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from matching.domain.panel import Panel, PanelState, Standing
from matching.schemas.panels_shown import PanelShown
from shared.uk_time import in_uk_words


class PanelLine(BaseModel):
    """A panel you sit on, and what it asks of you."""

    panel: UUID
    referral: UUID
    state: PanelState
    closes_at: AwareDatetime
    closes_at_words: str
    asked_of_you: str

    @classmethod
    def of(cls, panel: Panel, stands: Standing, subject: str) -> Self:
        """As it is shown to one member."""
        member = panel.member_of(subject)
        assert member is not None
        if stands.state is PanelState.OPEN:
            asked = "vote" if panel.vote_of(member.member) is None else "nothing_more"
        else:
            asked = "decide_as_chair" if member.chair else "nothing_more"
        return cls(
            panel=panel.panel,
            referral=panel.referral,
            state=stands.state,
            closes_at=panel.closes_at,
            closes_at_words=in_uk_words(panel.closes_at),
            asked_of_you=asked,
        )


class Panels(BaseModel):
    """Every panel on a referral, the last first."""

    items: list[PanelShown]


class MyPanels(BaseModel):
    """The panels you sit on that are not decided, the first to close first; at most 200."""

    items: list[PanelLine]
