"""The beds that were free at a moment: vacancies followed step by step, asked at rising moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from monitoring.domain.facts import VacancyEvent
from monitoring.domain.gaps.need import NEAR_MILES, Miles, Sought

TERMS = (VacancyEvent.OPENED, VacancyEvent.CHANGED)


@dataclass(frozen=True, slots=True)
class Step:
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


@dataclass(frozen=True, slots=True)
class _Vacancy:
    lots: tuple[str, ...] = ()
    free: int = 0
    district: str | None = None
    from_age: int = 0
    to_age: int = 17
    open: bool = False


@dataclass(frozen=True, slots=True)
class Free:
    """Beds free for a need when it was broadcast: in its lot, for the ages of all its children, enough of them in one home."""

    anywhere: int
    near: int | None
    """Within 20 miles of home, by the middles of postcode districts; None where the home's district is not known."""


class OpenBeds:
    """Walk through the steps once. Moments must be asked in rising order."""

    def __init__(self, steps: Iterable[Step], miles: Miles) -> None:
        self._steps = sorted(steps, key=lambda step: (step.happened_at, step.version, str(step.vacancy)))
        self._at = 0
        self._all: dict[UUID, _Vacancy] = {}
        self._by_lot: dict[str, dict[UUID, _Vacancy]] = {}
        self._miles = miles

    def free_for(self, sought: Sought) -> Free:
        """What was free at the moment of a broadcast, changes of that very moment included."""
        while self._at < len(self._steps) and self._steps[self._at].happened_at <= sought.broadcast_at:
            self._take(self._steps[self._at])
            self._at += 1
        children, youngest, oldest = max(len(sought.ages), 1), min(sought.ages, default=0), max(sought.ages, default=17)
        anywhere = near = 0
        for vacancy in self._by_lot.get(sought.lot, {}).values():
            if vacancy.free >= children and vacancy.from_age <= youngest and oldest <= vacancy.to_age:
                anywhere += vacancy.free
                if sought.district is not None and vacancy.district is not None:
                    distance = self._miles(sought.district, vacancy.district)
                    near += vacancy.free if distance is not None and distance <= NEAR_MILES else 0
        return Free(anywhere, near if sought.district is not None else None)

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
            now = replace(was, open=False)
        if step.free_beds is not None:
            now = replace(now, free=step.free_beds)
        self._all[step.vacancy] = now
        for lot in {*was.lots, *now.lots}:
            if now.open and now.free and lot in now.lots:
                self._by_lot.setdefault(lot, {})[step.vacancy] = now
            else:
                self._by_lot.get(lot, {}).pop(step.vacancy, None)
