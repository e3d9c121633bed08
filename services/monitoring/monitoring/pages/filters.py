"""The filters of a page as a form: what may be chosen, and what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from monitoring.domain.definition import ANY_WAY, Dimension, Reader
from monitoring.domain.monthly import months_before
from monitoring.domain.period import Period, end_of_month, month_of
from monitoring.domain.scope import Scope
from monitoring.pages import words

_FIXED = {Reader.COUNCIL: Dimension.COUNCIL, Reader.AGENCY: Dimension.AGENCY}
"""What a reader does not choose: a council asks about itself, an agency about itself."""
OVER_ALL = frozenset[Dimension]()
"""Nothing but the period is chosen: what is told to those who may not see small numbers."""
_LABELS = {Dimension.COUNCIL: ("Council", "All councils"), Dimension.AGENCY: ("Agency", "All agencies"), Dimension.LOT: ("Lot", "All lots")}


@dataclass(frozen=True, slots=True)
class Select:
    """One field with its choices: the value and its words, and whether it is the one chosen."""

    name: str
    label: str
    choices: tuple[dict[str, object], ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """The form above a page. ``said`` is what is chosen, in words."""

    address: str
    selects: tuple[Select, ...]
    said: str
    hidden: tuple[tuple[str, str], ...] = ()


def filters(
    address: str,
    scope: Scope,
    reader: Reader,
    names: Mapping[Dimension, Mapping[str, str]],
    *,
    today: date,
    by: frozenset[Dimension] = ANY_WAY,
    hidden: tuple[tuple[str, str], ...] = (),
) -> Filters:
    """The form of a page at ``address``, in whole months: figures are kept by month.

    ``by``: what the page's figures can be divided by; ``hidden``: what else the address carries.
    """
    chosen = {Dimension.COUNCIL: scope.council, Dimension.AGENCY: scope.agency, Dimension.LOT: scope.lot}
    selects = tuple(
        Select(str(dimension), _LABELS[dimension][0], _items(_LABELS[dimension][1], names.get(dimension, {}), chosen[dimension]))
        for dimension in (Dimension.COUNCIL, Dimension.AGENCY, Dimension.LOT)
        if dimension in by and _FIXED.get(reader) is not dimension
    )
    return Filters(address, (*_months(scope.period, today), *selects), said(scope, names), hidden)


def said(scope: Scope, names: Mapping[Dimension, Mapping[str, str]]) -> str:
    """What is asked, as a sentence's part: ``1 April 2025 to 31 March 2026, Southampton City Council``."""
    chosen = [
        names.get(dimension, {}).get(code, code)
        for dimension, code in ((Dimension.COUNCIL, scope.council), (Dimension.AGENCY, scope.agency), (Dimension.LOT, scope.lot))
        if code
    ]
    return ", ".join([f"{words.day(scope.period.first)} to {words.day(scope.period.last)}", *chosen])


def _months(period: Period, today: date) -> tuple[Select, Select]:
    """From the first day of a month to the last of one, four years back; an older month that was asked for stays chosen."""
    begins = [months_before(month_of(today), many) for many in range(48)]
    ends = [end_of_month(month) for month in begins]
    return (
        Select("from", "From", _days(begins, period.first)),
        Select("to", "To the end of", _days(ends, period.last)),
    )


def _days(days: Sequence[date], chosen: date) -> tuple[dict[str, object], ...]:
    listed = days if chosen in days else sorted([*days, chosen], reverse=True)
    return tuple(
        {
            "value": each.isoformat(),
            "text": words.month(each),
            "selected": each == chosen,
        }
        for each in listed
    )


def _items(all_words: str, names: Mapping[str, str], chosen: str | None) -> tuple[dict[str, object], ...]:
    every = ({"value": "", "text": all_words, "selected": chosen is None},)
    return every + tuple({"value": code, "text": name, "selected": code == chosen} for code, name in names.items())
