"""The beds that were free at a moment: vacancies followed step by step, asked at rising moments."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from monitoring.domain.facts import VacancyEvent
from monitoring.domain.gaps.sought import NEAR_MILES, Free, Miles, Sought

TERMS = (VacancyEvent.OPENED, VacancyEvent.CHANGED)


class Step(NamedTuple):
    """One thing that happened to a vacancy. Terms (lots, ages, district) come with opening and changing, free beds with most steps."""

    vacancy: UUID
    version: int
    happened_at: datetime
    event: VacancyEvent
    lots: tuple[str, ...] = ()
    free_beds: int | None = None
    district: str | None = None
    from_age: int | None = None
    to_age: int | None = None


class _Vacancy(NamedTuple):
    """Tuples, as steps are: a year of eleven councils makes some ten thousand of each for one question."""

    lots: tuple[str, ...] = ()
    free: int = 0
    district: str | None = None
    from_age: int = 0
    to_age: int = 17
    open: bool = False


_Alike = tuple[str | None, int, int, int]
"""District, ages and free beds: open vacancies alike in these are counted, because there are far fewer kinds than vacancies."""


class OpenBeds:
    """Walk through the steps once. Moments must be asked in rising order."""

    def __init__(self, steps: Iterable[Step], miles: Miles) -> None:
        self._steps = sorted(steps, key=lambda step: (step.happened_at, step.version, step.vacancy))
        self._at = 0
        self._all: dict[UUID, _Vacancy] = {}
        self._alike: dict[str, dict[_Alike, int]] = {}
        self._miles = miles
        self._near: dict[tuple[str, str], bool] = {}

    def free_for(self, sought: Sought) -> Free:
        """What was free at the moment of a broadcast, changes of that very moment included."""
        while self._at < len(self._steps) and self._steps[self._at].happened_at <= sought.broadcast_at:
            self._take(self._steps[self._at])
            self._at += 1
        children, youngest, oldest = max(len(sought.ages), 1), min(sought.ages, default=0), max(sought.ages, default=17)
        anywhere = near = 0
        for (district, from_age, to_age, free), many in self._alike.get(sought.lot, {}).items():
            if free >= children and from_age <= youngest and oldest <= to_age:
                anywhere += free * many
                if sought.district is not None and district is not None and self._is_near(sought.district, district):
                    near += free * many
        return Free(anywhere, near if sought.district is not None else None)

    def _is_near(self, home: str, place: str) -> bool:
        found = self._near.get((home, place))
        if found is None:
            distance = self._miles(home, place)
            found = self._near[home, place] = distance is not None and distance <= NEAR_MILES
        return found

    def _take(self, step: Step) -> None:
        was = self._all.get(step.vacancy, _Vacancy())
        now = was
        if step.event in TERMS:
            now = _Vacancy(
                step.lots or was.lots,
                was.free,
                step.district or was.district,
                was.from_age if step.from_age is None else step.from_age,
                was.to_age if step.to_age is None else step.to_age,
                open=True,
            )
        elif step.event is VacancyEvent.CLOSED:
            now = was._replace(open=False)
        if step.free_beds is not None:
            now = now._replace(free=step.free_beds)
        if now == was:
            return
        self._all[step.vacancy] = now
        self._count(was, -1)
        self._count(now, 1)

    def _count(self, vacancy: _Vacancy, by: int) -> None:
        if not vacancy.open or not vacancy.free:
            return
        alike = (vacancy.district, vacancy.from_age, vacancy.to_age, vacancy.free)
        for lot in vacancy.lots:
            counts = self._alike.setdefault(lot, {})
            counts[alike] = counts.get(alike, 0) + by
            if not counts[alike]:
                del counts[alike]
