"""What is counted at the end of a month: places, what happened in placements, and each council's own stability figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from hearth.simulate.chance import poisson
from hearth.simulate.living import Living
from hearth.simulate.market import Builder, share_of
from hearth.simulate.world import World

WEEKS = 4.345
RATES = {"missing_episode": 1.1, "complaint": 0.14, "allegation": 0.09, "disruption_meeting": 0.16}
"""Events in 100 child-weeks: chosen."""
SAME_PLACEMENT = 0.68
"""Stability 2 in England, 2024 (domain §7)."""


@dataclass
class Monthly:
    """Counts, month after month."""

    world: World
    living: Living
    builder: Builder
    scale: float
    _told: dict[str, tuple[int, int]] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)

    def end_of(self, month: date, moment: datetime) -> None:
        """What is counted when a month is over."""
        for provider in self.world.providers.values():
            for _ in range(poisson(provider.households * provider.growth / 12, self.world.chance)):
                self.world.beds.publish(moment, self.builder.home(provider, moment))
        self.tell_places(moment)
        self._events(month, moment)
        if (moment - timedelta(days=1)).month % 3 == 0:
            self._stability(moment)

    def tell_places(self, moment: datetime) -> None:
        """Every provider whose places changed tells them."""
        for provider in self.world.providers.values():
            households, places = provider.approved
            if self._told.get(provider.code) != (households, places) and places:
                self._told[provider.code] = (households, places)
                version = self._versions[provider.code] = self._versions.get(provider.code, 0) + 1
                data = {"provider": provider.code, "households": households, "approved_places": places}
                self.world.teller.tell(moment, "places.counted", provider.code, version, provider.code, None, data)

    def _events(self, month: date, moment: datetime) -> None:
        chance = self.world.chance
        for (council, provider), children in sorted(self.living.here.items()):
            for kind, rate in RATES.items():
                count = poisson(children * WEEKS * rate / 100, chance) if children > 0 else 0
                if count:
                    shared = count if kind != "allegation" else sum(chance.random() < 0.5 for _ in range(count))
                    whose = {"council": council, "provider": provider, "month": month.isoformat(), "kind": kind}
                    data = whose | {"count": count, "shared_count": shared}
                    subject = f"{council}/{provider}/{month.isoformat()}/{kind}"
                    self.world.teller.tell(moment, "placement_events.counted", subject, 1, f"council:{council}", council, data)

    def _stability(self, moment: datetime) -> None:
        chance, as_of = self.world.chance, (moment - timedelta(days=1)).date()
        for council in self.world.found.councils:
            long = max(1, round(share_of(council) * 9 * self.scale * chance.uniform(0.95, 1.05)))
            same = sum(chance.random() < SAME_PLACEMENT for _ in range(long))
            data = {"council": council, "as_of": as_of.isoformat(), "looked_after_long": long, "same_placement": same}
            self.world.teller.tell(moment, "council_stability.counted", f"{council}/{as_of}", 1, f"council:{council}", council, data)
