"""How far alerts have looked: what a reader of a list of alerts must know, lest a month not yet looked at be taken for a quiet one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from monitoring.domain.period import month_of, next_month


@dataclass(frozen=True, slots=True)
class Looked:
    """How far."""

    through: date | None
    """The last month looked at, by its first day; None before any was."""
    at: datetime | None
    """When last; None before the first look."""
    to_look: int
    """Ended months still to look at."""
    waiting: bool
    """Whether ended months wait to be counted (again): nothing is looked at before."""


def last_ended(today: date) -> date:
    """The month that ended last."""
    return month_of(month_of(today) - timedelta(days=1))


def looked(mark: tuple[date, datetime] | None, first: date | None, *, today: date, waiting: bool) -> Looked:
    """From the mark of how far alerts have looked, and the first month of which anything is kept.

    A mark before that month was laid to begin from, or set back when a past came in: no month of what is kept has been looked at.
    """
    ended = last_ended(today)
    if mark is None:
        return Looked(None, None, 0 if first is None else _months(first, ended), waiting)
    through, at = mark
    begun = first is not None and through >= first
    return Looked(through if begun else None, at if begun else None, _months(next_month(through), ended), waiting)


def _months(first: date, last: date) -> int:
    """How many months from one to another, both counted; none where they are the other way round."""
    return max(0, (last.year - first.year) * 12 + last.month - first.month + 1)
