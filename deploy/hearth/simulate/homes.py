"""Carer households of a made-up past and the beds in them: taken, lived in and given back, and never more than there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hearth.simulate.telling import Teller

KINDS_OF_LOT = {
    "general": ["emergency", "short_term", "long_term", "fostering_for_adoption"],
    "parent_and_child": ["parent_and_child"],
    "disabled_children": ["short_term", "long_term", "short_break"],
}


@dataclass
class Household:
    """One household's published vacancy. ``places`` are its beds; ``free`` of them can be taken now."""

    provider: str
    id: str
    vacancy: str
    lot: str
    places: int
    free: int
    from_age: int
    to_age: int
    district: str
    version: int = 0

    def fits(self, ages: list[int]) -> bool:
        """Whether these children could live there together today."""
        return self.free >= len(ages) and all(self.from_age <= age <= self.to_age for age in ages)


@dataclass
class Beds:
    """Publishes vacancies and says what becomes of their beds."""

    teller: Teller
    households: dict[str, Household] = field(default_factory=dict)
    """By vacancy."""

    def publish(self, moment: datetime, home: Household) -> None:
        """A household takes children from now on."""
        self.households[home.vacancy] = home
        facts = {
            "vacancy": home.vacancy,
            "household": home.id,
            "provider": home.provider,
            "lots": [home.lot],
            "district": home.district,
            "free_beds": home.free,
            "available_from": moment.date().isoformat(),
            "from_age": home.from_age,
            "to_age": home.to_age,
            "sexes": ["F", "M"],
            "kinds": KINDS_OF_LOT.get(home.lot, ["short_term", "long_term"]),
            "siblings_welcome": home.places > 1,
            "approved_places": home.places,
        }
        self._say(moment, "vacancy.opened", home, home.provider, None, {"facts": facts})

    def hold(
        self, moment: datetime, home: Household, council: str, *, referral: str, asked_by: str, held_for: str, beds: int
    ) -> str | None:
        """Take beds for a child on the way; the hold's id, or None (and the refusal said) when gone."""
        asked = {
            "vacancy": home.vacancy,
            "provider": home.provider,
            "held_for": held_for,
            "asked_by": asked_by,
            "referral": referral,
            "council": council,
        }
        if home.free < beds:
            self._say(moment, "vacancy.refused", home, f"council:{council}", council, {**asked, "reasons": ["no_free_bed"]})
            return None
        home.free -= beds
        hold = self.teller.id(moment)
        data = {**asked, "household": home.id, "hold": hold, "beds": beds, "free_beds": home.free}
        self._say(moment, "vacancy.held", home, f"council:{council}", council, data)
        return hold

    def fill(self, moment: datetime, home: Household, council: str, *, hold: str, placement: str, beds: int) -> None:
        """The child moved in."""
        data = {**_hold(home, council, hold, beds), "placement": placement}
        self._say(moment, "vacancy.filled", home, f"council:{council}", council, data)

    def free(self, moment: datetime, home: Household, council: str, *, hold: str, beds: int) -> None:
        """The beds can be taken again."""
        home.free += beds
        self._say(moment, "vacancy.freed", home, f"council:{council}", council, _hold(home, council, hold, beds))

    def _say(self, moment: datetime, type: str, home: Household, organisation: str, council: str | None, data: dict[str, Any]) -> None:
        home.version += 1
        self.teller.tell(moment, type, home.vacancy, home.version, organisation, council, data)


def _hold(home: Household, council: str, hold: str, beds: int) -> dict[str, Any]:
    return {"vacancy": home.vacancy, "provider": home.provider, "hold": hold, "council": council, "beds": beds, "free_beds": home.free}
