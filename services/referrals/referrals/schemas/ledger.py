"""Bodies about the disclosure ledger."""

from __future__ import annotations

from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from referrals.actions.ledger import Verification
from referrals.domain.ledger import BROKEN_WORDS, Break, Position, Rule
from shared.refusals import Reason, invalid


class BrokenLink(BaseModel):
    """The first line that is not as it was written."""

    line: int = Field(description="the line's number; for a missing line, the number it had")
    id: UUID | None = Field(description="the line's id; null for one that is missing")
    rule: Rule
    message: str

    @classmethod
    def of(cls, broken: Break) -> Self:
        """The link as shown."""
        return cls(line=broken.line, id=broken.id, rule=broken.rule, message=BROKEN_WORDS[broken.rule])


class VerificationBody(BaseModel):
    """Whether your council's disclosure ledger is whole."""

    whole: bool
    lines: int = Field(description="how many lines, from the first, are whole; all of them when whole is true")
    hash: str = Field(description="the hash of the last of these: write number and hash down elsewhere and give them at the next check")
    first_broken: BrokenLink | None

    @classmethod
    def of(cls, found: Verification) -> Self:
        """The result as shown."""
        return cls(
            whole=found.broken is None,
            lines=found.whole_to.line,
            hash=found.whole_to.hash.hex(),
            first_broken=BrokenLink.of(found.broken) if found.broken else None,
        )


def kept(line: int | None, hash: str | None) -> Position | None:
    """A line somebody kept elsewhere; refused when only half of it is given."""
    if line is None and hash is None:
        return None
    if line is None or hash is None:
        words = "Give both: the number of a line in kept_line and its hash in kept_hash."
        raise invalid(Reason("kept_line" if line is None else "kept_hash", "both_or_neither", words))
    return Position(line, bytes.fromhex(hash))
