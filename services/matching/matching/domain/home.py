"""A home with a published vacancy, as every provider may see it: no address, no name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex


@dataclass(frozen=True, slots=True)
class Home:
    """One carer household's vacancy: what it is approved for, what it can meet, how many beds are free from when.

    Ages are in years, both inclusive. ``provider`` is an organisation in full (``agency:SC012345``, ``council:E06000045``).
    """

    vacancy: UUID
    household: UUID
    provider: str
    lots: frozenset[str]
    district: str
    free_beds: int
    available_from: date
    from_age: int
    to_age: int
    sexes: frozenset[Sex]
    kinds: frozenset[PlacementKind]
    siblings_welcome: bool
    skills: frozenset[Need]
    risks_to_child: frozenset[RiskToChild]
    risks_to_others: frozenset[RiskToOthers]
    languages: tuple[str, ...]
    religions: tuple[Religion, ...]
    children_at_home: int
    is_open: bool = True

    def accepts(self, sex: Sex) -> bool:
        """Whether the approval covers this sex; a child recorded as U needs a home approved for both, or for U itself."""
        return sex in self.sexes or (sex is Sex.UNKNOWN and {Sex.MALE, Sex.FEMALE} <= self.sexes)
