"""Bodies about who knows what of a child."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.actions.knowledge import KnownByName


class KnownBy(BaseModel):
    """What one organisation learnt of the child at one time, by one right."""

    organisation: str | None = Field(description="who knows; null where every provider of a lot was told")
    organisation_name: str | None
    lot: str | None = Field(description="whose every provider was told; null where one organisation knows")
    right: str = Field(description="by which right: broadcast, placement_agreed, own_record, search or national_return")
    placement: UUID | None
    fields: list[str]
    since: datetime
    until: datetime | None = Field(description="when the right to read it here ended; null while it lasts")
    last_read: datetime | None = Field(description="null for what was given and never read here")
    reads: int

    @classmethod
    def of(cls, named: KnownByName) -> Self:
        """One entry."""
        return cls.model_validate({**vars(named.known), "organisation_name": named.name})


class WhoKnows(BaseModel):
    """Who knows what of the child, since when and by which right; oldest first."""

    child: UUID
    known_by: list[KnownBy]

    @classmethod
    def of(cls, child: UUID, known: Sequence[KnownByName]) -> Self:
        """The whole answer."""
        return cls(child=child, known_by=[KnownBy.of(each) for each in known])
