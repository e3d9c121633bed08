"""A home with a published vacancy, as every provider may see it: no address, no name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex


@dataclass(frozen=True, slots=True)
class Exemption:
    """Leave by the council where the carers live for so many fostered children there, ``named`` of them by name.

    In force from ``starts_on`` to ``ends_on``, its last day; None: until it is taken back.
    """

    children: int
    named: int
    council: str
    starts_on: date
    ends_on: date | None = None

    def covers(self, children: int, day: date) -> bool:
        """Whether so many fostered children may live there under it on this day."""
        return children <= self.children and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


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
    prefers_from_age: int | None = None
    prefers_to_age: int | None = None
    """Ages in years, both inclusive, that the carers would rather look after; None: they do not say."""
    prefers_sexes: frozenset[Sex] = frozenset()
    """The sexes they would rather look after; empty: they do not say."""
    approved_places: int | None = None
    """How many children the carers are approved for; None: not heard."""
    fostered_children: int | None = None
    """Fostered children there who were not placed through Hearth; None: not stated."""
    fostered_are_siblings: bool | None = None
    lives_in: str | None = None
    """The council where the carers live, by its ONS code; None: not known."""
    exemptions: tuple[Exemption, ...] = ()
    placed_here: int = 0
    """Children placed there through Hearth: beds held or filled, by whichever of the household's vacancies."""

    def prefers(self, age: int, sex: Sex) -> bool:
        """Whether the carers would rather look after such a child; true where they state nothing against it."""
        young = self.prefers_from_age is not None and age < self.prefers_from_age
        old = self.prefers_to_age is not None and age > self.prefers_to_age
        return not young and not old and (not self.prefers_sexes or sex in self.prefers_sexes)

    @property
    def states_preferences(self) -> bool:
        """Whether the carers say whom they would rather look after."""
        return self.prefers_from_age is not None or self.prefers_to_age is not None or bool(self.prefers_sexes)

    @property
    def fostered_at_least(self) -> int:
        """Fostered children who certainly live there, or are about to."""
        return (self.fostered_children or 0) + self.placed_here

    @property
    def fostered_at_most(self) -> int:
        """As many as may live there: where the provider has not said, every child at home may be fostered."""
        return (self.children_at_home if self.fostered_children is None else self.fostered_children) + self.placed_here

    def accepts(self, sex: Sex) -> bool:
        """Whether the approval covers this sex; a child recorded as U needs a home approved for both, or for U itself."""
        return sex in self.sexes or (sex is Sex.UNKNOWN and {Sex.MALE, Sex.FEMALE} <= self.sexes)
