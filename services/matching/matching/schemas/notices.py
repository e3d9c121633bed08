"""What an agency or a council was told, as its feed gives it. Nothing of a child: what there is to read is read at ``path``."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

from matching.domain import notice as domain
from matching.domain.notice import NoticeType


class Notice(BaseModel):
    """One thing that happened. ``id`` is the same here and in the header ``webhook-id``."""

    id: UUID
    type: NoticeType
    happened_at: AwareDatetime
    council: str | None = Field(description="ONS code of the council it concerns")
    referral: UUID | None
    reference: str | None = Field(description="the reference read aloud")
    offer: UUID | None
    subject: UUID | None = Field(description="the placement or webhook it is about, when it is about neither an offer nor a referral")
    service: str = Field(description="which service has the rest")
    path: str = Field(description="where the rest is read there, under your own sign-in")

    @classmethod
    def of(cls, one: domain.Notice) -> Self:
        """As it is shown."""
        return cls(
            id=one.notice,
            type=one.type,
            happened_at=one.happened_at,
            council=one.council,
            referral=one.referral,
            reference=one.reference,
            offer=one.offer,
            subject=one.subject,
            service=one.service,
            path=one.path,
        )


class NoticeFeed(BaseModel):
    """Your notices from the one after your cursor on. Keep ``cursor`` and ask again with ``after`` set to it, whenever you like."""

    items: list[Notice]
    cursor: str = Field(description="where to go on; also when there was nothing new")
    more: bool = Field(description="true when there is more to read at once")
