"""What every part of a made-up past shares: who there is, what is still to happen, who tells of it, and one source of chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from hearth.simulate.agenda import Agenda
from hearth.simulate.children import Need
from hearth.simulate.found import Found, Lot
from hearth.simulate.homes import Beds, Household
from hearth.simulate.market import Provider
from hearth.simulate.planting import Plant
from hearth.simulate.shares import IN_HOUSE_POUNDS, SAVED_BY_TIER, USUAL_POUNDS
from hearth.simulate.telling import Teller

PENNY = Decimal("0.01")
DEAREST = Decimal(9000)


@dataclass
class World:
    """The state of a past while it is made."""

    found: Found
    chance: Random
    teller: Teller
    agenda: Agenda
    beds: Beds
    providers: dict[str, Provider]

    def lot(self, code: str) -> Lot:
        """A lot by its code."""
        return next(lot for lot in self.found.lots if lot.code == code)

    def say(self, moment: datetime, type: str, subject: str, version: int, need: Need, data: dict[str, Any], by: str | None = None) -> None:
        """Something about a council's need; said by the council unless by another."""
        self.teller.tell(moment, type, subject, version, by or f"council:{need.council}", need.council, data)

    def after(self, moment: datetime, hours: float) -> datetime:
        """So many hours later, to the second."""
        return moment + timedelta(seconds=round(hours * 3600))

    def pounds_per_week(self, need: Need, provider: Provider, day: date) -> Decimal:
        """The weekly price of a placement, all its children together."""
        if provider.in_house:
            least, mean, most = IN_HOUSE_POUNDS
            each = self.chance.triangular(least, most, 3 * mean - least - most)
            return (Decimal(str(round(each, 2))) * len(need.ages)).quantize(PENNY)
        saved = SAVED_BY_TIER.get(provider.tiers.get(need.lot), 0.03)
        beside = (1 - saved) * provider.price * provider.times(Plant.PRICE_SHOCK, day) * self.chance.gauss(1, 0.018)
        usual = sum(self._baseline(need, age) for age in need.ages)
        return min(DEAREST, (usual * Decimal(str(round(beside, 4)))).quantize(PENNY))

    def within_20_miles(self, need: Need, home: Household, near: set[str]) -> str:
        """Whether home and carers are within 20 miles; now and then only the districts are known."""
        if self.chance.random() < 0.03:
            return "undecided"
        return "yes" if self.chance.random() < (0.96 if home.district in near else 0.62) else "no"

    def _baseline(self, need: Need, age: int) -> Decimal:
        band = self.lot(need.lot).band_of(age)
        usual = Decimal(USUAL_POUNDS.get(need.lot, USUAL_POUNDS["general"]))
        return self.found.baseline.get((need.council, need.lot, band or ""), usual)
