"""The child's wishes and feelings in the child's own words: what was heard, how, by whom and when.

They tell who the child is, so they never leave ``referrals``: sealed under the child's key, read only by the child's own council, each
reading in the disclosure ledger. A wish that changes is heard anew; what was said before stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Self

from shared.refusals import Reason

LONGEST = 8_000


class Given(StrEnum):
    """How the child made its wishes known."""

    SAID = "said"
    WRITTEN = "written"
    DRAWN = "drawn"
    SIGNED = "signed"
    """In sign language, or with symbols."""
    THROUGH_ADVOCATE = "through_advocate"
    OBSERVED = "observed"
    """Of a baby, or a child who does not speak of it: what those who know the child have seen."""


@dataclass(frozen=True, repr=False)
class Wishes:
    """What was heard. It has no repr, so that no log line and no traceback can show it."""

    words: str
    given: Given
    language: str
    heard_by: str
    heard_on: date

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values, for sealing."""
        return asdict(self) | {"heard_on": self.heard_on.isoformat()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Self:
        """Back from :meth:`to_plain`."""
        return cls(**{**plain, "given": Given(plain["given"]), "heard_on": date.fromisoformat(plain["heard_on"])})


def broken_rules(wishes: Wishes, today: date) -> tuple[Reason, ...]:
    """Every rule that what was heard breaks: some words, heard by somebody, on a day that has come."""
    return tuple(_broken(wishes, today))


def _broken(wishes: Wishes, today: date) -> Iterator[Reason]:
    if not wishes.words.strip():
        message = (
            "Write what the child said. If the child would not or could not say, record nothing here, and choose that when you decide."
        )
        yield Reason("words", "something_heard", message)
    if not wishes.heard_by.strip():
        yield Reason("heard_by", "heard_by_somebody", "Say who heard it: the social worker, the advocate, the interpreter.")
    if wishes.heard_on > today:
        yield Reason("heard_on", "not_in_the_future", "The day on which the child was heard is in the future.")
