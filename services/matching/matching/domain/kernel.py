"""Suitability of every published vacancy at once: the same rules as ``suitability``, over columns instead of homes.

Each home gets one 64-bit number whose bits are the obstacles of ``suitability.OBSTACLES``; zero means that it can take the
children. ``suitability.obstacles`` is the rule in words; a property test holds the two to the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt

from matching.domain.home import Home
from matching.domain.limit import USUAL_LIMIT, Limit, usual_limit
from matching.domain.referral import Referral
from matching.domain.suitability import OBSTACLES, Barrier, Obstacle, Standing, arrival, standing
from shared.contracts.words import Need, PlacementKind, RiskToChild, RiskToOthers, Sex, Siblings

Mask = npt.NDArray[np.int64]

BIT: Final = {obstacle: position for position, obstacle in enumerate(OBSTACLES)}
_FIRST_NEED = BIT[Obstacle(Barrier.NEED, next(iter(Need)))]
_FIRST_RISK_TO_CHILD = BIT[Obstacle(Barrier.RISK_TO_CHILD, next(iter(RiskToChild)))]
_FIRST_RISK_TO_OTHERS = BIT[Obstacle(Barrier.RISK_TO_OTHERS, next(iter(RiskToOthers)))]

NO_TIER = 255
"""Where a home without a tier sorts: after every tier. In-house homes sort as tier 0, before every tier."""

UNKNOWN_TENTHS = 9999
"""999.9 miles, the national return's figure for a distance not known, in tenths."""

UNLIMITED = 999
"""The number a home is approved for where it has not been heard: no bed is offered beyond it anyway."""

_NOBODY: Final[Mapping[str, Collection[Barrier]]] = {}

_COLUMNS: Final = {
    "open": np.bool_, "from_age": np.int64, "to_age": np.int64, "sexes": np.int64, "kinds": np.int64, "free_beds": np.int64,
    "available": np.int64, "siblings": np.bool_, "at_home": np.int64, "skills": np.int64, "risks_to_child": np.int64,
    "risks_to_others": np.int64, "places": np.int64, "fostered": np.int64, "all_siblings": np.bool_,
    "district": np.int64, "provider": np.int64, "id_high": np.uint64, "id_low": np.uint64,
}  # fmt: skip


def _bits(words: Iterable[Any], of: type[Any]) -> int:
    bit_of, bits = _BIT_OF[of], 0
    for word in words:
        bits |= bit_of[word]
    return bits


_BIT_OF: Final[dict[type[Any], dict[Any, int]]] = {
    of: {word: 1 << position for position, word in enumerate(of)} for of in (Need, PlacementKind, RiskToChild, RiskToOthers, Sex)
}


class Columns:
    """Every published vacancy as columns, one row a vacancy; rows are put in and replaced, never taken out (closed ones say so)."""

    def __init__(self) -> None:
        self.homes: list[Home] = []
        self.row_of: dict[UUID, int] = {}
        self.districts: dict[str, int] = {}
        self.providers: dict[str, int] = {}
        self._of: dict[str, npt.NDArray[Any]] = {name: np.zeros(0, kind) for name, kind in _COLUMNS.items()}
        self._lots: dict[str, npt.NDArray[np.bool_]] = {}
        self._exempted: set[int] = set()
        self._id_rank: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.homes)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """A column, one value a home."""
        return self._of[name][: len(self.homes)]

    def lot(self, lot: str) -> npt.NDArray[np.bool_]:
        """Whether each home's vacancy is offered in the lot."""
        return self._lots.get(lot, np.zeros(len(self._of["open"]), np.bool_))[: len(self.homes)]

    def over_usual_limit(self, referral: Referral) -> npt.NDArray[np.bool_]:
        """Whether the usual fostering limit keeps the children out of each home; the few with an exemption are asked one by one."""
        fostered = self["fostered"]
        over: npt.NDArray[np.bool_] = (fostered > 0) & (fostered + referral.beds > USUAL_LIMIT) & ~self["all_siblings"]
        for row in self._exempted:
            if over[row]:
                home = self.homes[row]
                over[row] = usual_limit(home, referral.beds, arrival(home, referral)) is Limit.OVER
        return over

    @property
    def id_rank(self) -> npt.NDArray[np.int64]:
        """Each home's place among all when sorted by vacancy id: the last tie-break, the same in every process."""
        if self._id_rank is None:
            order = np.lexsort((self["id_low"], self["id_high"]))
            self._id_rank = np.empty(len(self.homes), np.int64)
            self._id_rank[order] = np.arange(len(self.homes))
        return self._id_rank

    def put(self, homes: Sequence[Home]) -> None:
        """Add homes, or replace those whose vacancy is already there."""
        self._make_room(sum(home.vacancy not in self.row_of for home in homes))
        for home in homes:
            row = self.row_of.get(home.vacancy)
            if row is None:
                row = self.row_of[home.vacancy] = len(self.homes)
                self.homes.append(home)
                self._id_rank = None
            else:
                self.homes[row] = home
            self._write(row, home)

    def _make_room(self, more: int) -> None:
        needed, room = len(self.homes) + more, len(self._of["open"])
        if needed <= room:
            return
        grown = max(needed, 2 * room, 64)
        for columns in (self._of, self._lots):
            for name, column in columns.items():
                columns[name] = np.concatenate([column, np.zeros(grown - room, column.dtype)])

    def _write(self, row: int, home: Home) -> None:
        of = self._of
        both = {Sex.MALE, Sex.FEMALE} <= home.sexes
        of["open"][row] = home.is_open
        of["from_age"][row] = home.from_age
        of["to_age"][row] = home.to_age
        of["sexes"][row] = _bits(home.sexes | {Sex.UNKNOWN} if both else home.sexes, Sex)
        of["kinds"][row] = _bits(home.kinds, PlacementKind)
        of["free_beds"][row] = home.free_beds
        of["available"][row] = home.available_from.toordinal()
        of["siblings"][row] = home.siblings_welcome
        of["at_home"][row] = home.children_at_home
        of["skills"][row] = _bits(home.skills, Need)
        of["risks_to_child"][row] = _bits(home.risks_to_child, RiskToChild)
        of["risks_to_others"][row] = _bits(home.risks_to_others, RiskToOthers)
        of["places"][row] = UNLIMITED if home.approved_places is None else home.approved_places
        of["fostered"][row] = home.fostered_at_least
        of["all_siblings"][row] = home.fostered_are_siblings is True
        (self._exempted.add if home.exemptions else self._exempted.discard)(row)
        of["district"][row] = self.districts.setdefault(home.district, len(self.districts))
        of["provider"][row] = self.providers.setdefault(home.provider, len(self.providers))
        of["id_high"][row], of["id_low"][row] = home.vacancy.int >> 64, home.vacancy.int & (2**64 - 1)
        for lot in home.lots - self._lots.keys():
            self._lots[lot] = np.zeros(len(of["open"]), np.bool_)
        for lot, column in self._lots.items():
            column[row] = lot in home.lots


def masks(columns: Columns, referral: Referral, tiers: Mapping[str, int], stopped: Mapping[str, Collection[Barrier]] = _NOBODY) -> Mask:
    """For each home of ``columns`` its obstacles to taking the children of ``referral``, as bits in the order of ``OBSTACLES``.

    ``tiers``: the providers that stood on the lot's list at broadcast, in full (``agency:…``), with their tiers. ``stopped``: what
    the standing of some agencies forbids today.
    """
    found = np.zeros(len(columns), np.int64)

    def rule_out(barrier: Barrier, where: npt.NDArray[np.bool_]) -> None:
        np.bitwise_or(found, where.astype(np.int64) << BIT[Obstacle(barrier)], out=found)

    standings = [standing(provider, referral.council, tiers) for provider in columns.providers]
    for barrier, stands in ((Barrier.NOT_ON_LIST, Standing.NOT_ON_LIST), (Barrier.OTHER_COUNCIL, Standing.OTHER_COUNCIL)):
        rule_out(barrier, np.array([one is stands for one in standings], np.bool_)[columns["provider"]])
    for barrier in {barrier for found_there in stopped.values() for barrier in found_there}:
        rule_out(barrier, np.array([barrier in stopped.get(one, ()) for one in columns.providers], np.bool_)[columns["provider"]])
    sexes, kind = _bits((child.sex for child in referral.children), Sex), _bits((referral.kind,), PlacementKind)
    avoided = np.array([district in referral.avoid_districts for district in columns.districts], np.bool_)
    rule_out(Barrier.CLOSED, ~columns["open"])
    rule_out(Barrier.LOT, ~columns.lot(referral.lot))
    rule_out(Barrier.KIND, columns["kinds"] & kind == 0)
    rule_out(Barrier.AGE_BELOW, columns["from_age"] > referral.youngest)
    rule_out(Barrier.AGE_ABOVE, columns["to_age"] < referral.oldest)
    rule_out(Barrier.SEX, ~columns["sexes"] & sexes != 0)
    rule_out(Barrier.NUMBER, columns["fostered"] + referral.beds > columns["places"])
    rule_out(Barrier.USUAL_LIMIT, columns.over_usual_limit(referral))
    rule_out(Barrier.BEDS, columns["free_beds"] < referral.beds)
    if referral.beds > 1 and referral.siblings is Siblings.TOGETHER:
        rule_out(Barrier.SIBLINGS, ~columns["siblings"])
    rule_out(Barrier.DATE, columns["available"] > referral.needed_by.toordinal())
    rule_out(Barrier.DISTRICT, avoided[columns["district"]])
    if Need.NO_OTHER_CHILDREN in referral.essential_needs:
        rule_out(Barrier.OTHER_CHILDREN, columns["at_home"] > 0)
    for first, column, asked in (
        (_FIRST_NEED, "skills", _bits(referral.essential_needs - {Need.NO_OTHER_CHILDREN}, Need)),
        (_FIRST_RISK_TO_CHILD, "risks_to_child", _bits(referral.risks_to_child, RiskToChild)),
        (_FIRST_RISK_TO_OTHERS, "risks_to_others", _bits(referral.risks_to_others, RiskToOthers)),
    ):
        if asked:
            np.bitwise_or(found, (~columns[column] & asked) << first, out=found)
    return found


def obstacles_of(mask: int) -> tuple[Obstacle, ...]:
    """The obstacles that one home's number stands for, in the order they are told."""
    return tuple(obstacle for position, obstacle in enumerate(OBSTACLES) if mask >> position & 1)


@dataclass(frozen=True)
class Candidate:
    """One home as a candidate: its obstacles, its provider's tier (0 in-house, None not on the list), miles from home to a tenth."""

    home: Home
    obstacles: tuple[Obstacle, ...]
    tier: int | None
    miles: Decimal | None


@dataclass(frozen=True)
class Candidates:
    """Every home considered for one referral, nearest to possible first: fewest obstacles, then tier, then miles, then id."""

    columns: Columns
    rows: npt.NDArray[np.int64]
    masks: Mask
    keys: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def suitable(self) -> int:
        """How many homes could take the children."""
        return int(np.count_nonzero(self.masks == 0))

    def counted(self) -> list[tuple[Obstacle, int]]:
        """For each obstacle that rules any home out, how many; the most frequent first."""
        somewhere = int(np.bitwise_or.reduce(self.masks)) if len(self) else 0
        counts = [
            (obstacle, int(np.count_nonzero(self.masks & (1 << position))))
            for position, obstacle in enumerate(OBSTACLES)
            if somewhere >> position & 1
        ]
        return sorted(counts, key=lambda pair: -pair[1])

    def position_after(self, key: int, vacancy: UUID) -> int:
        """Where the list goes on after the candidate last seen, even if that one has moved since."""
        position = int(np.searchsorted(self.keys >> 30, key, side="left"))
        while position < len(self) and self.key_of(position) == key and self.home_of(position).vacancy <= vacancy:
            position += 1
        return position

    def key_of(self, position: int) -> int:
        """What a candidate is sorted by, without the id."""
        return int(self.keys[position]) >> 30

    def home_of(self, position: int) -> Home:
        """The home at a place in the list."""
        return self.columns.homes[int(self.rows[position])]

    def at(self, position: int) -> Candidate:
        """The candidate at a place in the list."""
        key = self.key_of(position)
        tier, tenths = key >> 18 & 0xFF, key & 0x3FFF
        miles = None if tenths == UNKNOWN_TENTHS else Decimal(tenths).scaleb(-1)
        return Candidate(self.home_of(position), obstacles_of(int(self.masks[position])), None if tier == NO_TIER else tier, miles)


def candidates(
    columns: Columns,
    referral: Referral,
    tiers: Mapping[str, int],
    miles_from_home: Callable[[str], Decimal | None],
    *,
    only_provider: str | None = None,
    stopped: Mapping[str, Collection[Barrier]] = _NOBODY,
) -> Candidates:
    """Every open vacancy held against the referral, in order, each with all its obstacles.

    ``only_provider`` narrows the list to the council's own carers while it looks in-house first. ``miles_from_home`` answers
    for a postcode district and is asked once for each district. Closed vacancies are not considered.
    """
    found = masks(columns, referral, tiers, stopped)
    considered = columns["open"]
    if only_provider is not None:
        considered = considered & (columns["provider"] == columns.providers.get(only_provider, -1))
    rows = np.flatnonzero(considered)
    found = found[rows]
    in_house = f"council:{referral.council}"
    tier_of = np.array([0 if provider == in_house else tiers.get(provider, NO_TIER) for provider in columns.providers], np.int64)
    tenths_of = np.array([_tenths(miles_from_home(district)) for district in columns.districts], np.int64)
    keys = np.bitwise_count(found.view(np.uint64)).astype(np.int64) << 56
    if len(rows):
        keys |= tier_of[columns["provider"][rows]] << 48
        keys |= tenths_of[columns["district"][rows]] << 30
        keys |= columns.id_rank[rows]
    order = np.argsort(keys)
    return Candidates(columns, rows[order], found[order], keys[order])


def _tenths(miles: Decimal | None) -> int:
    return UNKNOWN_TENTHS if miles is None else min(int(miles * 10), UNKNOWN_TENTHS - 1)
