"""How many children looked after by the consortium share what a referral shows: an estimate, exact in its arithmetic.

For each council: its joint cell that holds most of the shown traits where it has uploaded one, times the shares of the other traits;
without one, its total times the share of each. Shares multiply as if the traits had nothing to do with each other, which is not so:
that is why the number is an estimate and its words say so. Brothers and sisters referred together are counted as groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import factorial, prod

from referrals.domain.blurs import Blur
from referrals.domain.counts import AGE_BANDS, PARTS, Attribute, Cell, Counts, Trait
from referrals.domain.national_shares import MULTIPLE_BIRTH, Basis, share_of, total_of
from shared.contracts.referrals import ChildView, ReferralView

Districts = Mapping[tuple[str, str], Fraction]
"""(council, postcode district) → the share of the council's postcodes that lie there: where its children live, until it has counted."""

_NOBODY, _ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class AgeShown:
    """An age as it is shown: from and to in years, both included, and in months where it is."""

    youngest: int
    oldest: int
    months: int | None = None

    @property
    def exact(self) -> bool:
        """Whether it is told to the year, or closer."""
        return self.youngest == self.oldest


@dataclass(frozen=True)
class ChildShown:
    """What is shown of one child alone."""

    age: AgeShown
    traits: frozenset[Trait]


@dataclass(frozen=True)
class Shown:
    """What is shown of a referral: of each child, and of the family (home, places to be near, what all its children share)."""

    children: tuple[ChildShown, ...]
    family: frozenset[Trait]


def shown(view: ReferralView) -> Shown:
    """The traits that a view shows. A language or religion that all the children share is the family's, and counts once."""
    languages = [frozenset((Attribute.LANGUAGE, language) for language in child.languages) for child in view.children]
    religions = [frozenset([(Attribute.RELIGION, str(child.religion))] if child.religion else []) for child in view.children]
    shared = frozenset[Trait]().union(*(each[0] for each in (languages, religions) if len(set(each)) == 1))
    home = {(Attribute.HOME_DISTRICT, view.home_district)} if view.home_district else set()
    near = {(Attribute.NEAR_DISTRICT, place.district) for place in view.near if place.district != view.home_district}
    family = shared | home | near
    return Shown(
        tuple(
            ChildShown(_age(child), (_own(child) | languages[number] | religions[number]) - shared)
            for number, child in enumerate(view.children)
        ),
        family,
    )


def _age(child: ChildView) -> AgeShown:
    return AgeShown(child.age_years, child.age_years if child.age_to_years is None else child.age_to_years, child.age_months)


def _own(child: ChildView) -> frozenset[Trait]:
    return frozenset(
        (
            (Attribute.SEX, str(child.sex)),
            *((Attribute.NEED, str(need)) for need in (*child.essential_needs, *child.preferred_needs)),
            *((Attribute.RISK_TO_CHILD, str(risk)) for risk in child.risks_to_child),
            *((Attribute.RISK_TO_OTHERS, str(risk)) for risk in child.risks_to_others),
        )
    )


class Population:
    """The children one council looks after, as it counted them; where it did not, as the national shares have it.

    A suppressed count is taken at its least, one child. ``total`` is None for a council that neither counted nor is in the data.
    """

    def __init__(self, council: str, counts: Counts | None, districts: Districts) -> None:
        default = total_of(council)
        self.council = council
        self.counts = counts
        self.basis = Basis.COUNTED if counts else default.basis if default else None
        self.total = Fraction(counts.total) if counts else default.share if default else None
        self._districts = districts
        cells = counts.cells if counts else ()
        self._parts = {cell.of[0]: Fraction(cell.count.low) for cell in cells if len(cell.of) == 1}
        self._counted = {attribute for attribute, _ in self._parts}
        self._joint = [cell for cell in cells if len(cell.of) > 1]

    def share(self, trait: Trait) -> Fraction:
        """The share of the council's children with this trait, by its own count or the default."""
        if not self.total:
            return _NOBODY
        attribute, value = trait
        if trait in self._parts:
            return min(self._parts[trait] / self.total, _ALL)
        if attribute in PARTS & self._counted:
            return _NOBODY  # the counts add up: there is nobody else
        if attribute is Attribute.NEAR_DISTRICT:
            return self._districts.get((self.council, value), _NOBODY)
        if attribute is Attribute.HOME_DISTRICT:
            left = _ALL - sum(count for of, count in self._parts.items() if of[0] is attribute) / self.total
            return max(min(self._districts.get((self.council, value), _NOBODY), left), _NOBODY)
        default = share_of(attribute, value)
        return default.share if default else _NOBODY

    def share_aged(self, age: AgeShown) -> Fraction:
        """The share of the council's children of an age as shown; inside a counted band every year is taken to be as frequent."""
        years = sum((self._share_of_year(year) for year in range(age.youngest, age.oldest + 1)), _NOBODY)
        return years / 12 if age.months is not None else years

    def _share_of_year(self, year: int) -> Fraction:
        if Attribute.AGE in self._counted:
            return self.share((Attribute.AGE, str(year)))
        band, (youngest, oldest) = next((code, ages) for code, ages in AGE_BANDS.items() if ages[0] <= year <= ages[1])
        return self.share((Attribute.AGE_BAND, band)) / (oldest - youngest + 1)

    def sharing(self, age: AgeShown | None, traits: frozenset[Trait]) -> Fraction:
        """How many of the council's children have this age and all these traits."""
        cells = [cell for cell in self._joint if self._inside(cell, age, traits)]
        if not cells:
            aged = self.share_aged(age) if age else _ALL
            return (self.total or _NOBODY) * aged * prod((self.share(trait) for trait in traits), start=_ALL)
        best = min(cells, key=lambda cell: (-len(cell.of), cell.of))
        rest = Fraction(best.count.low) * prod((self.share(trait) for trait in traits - set(best.of)), start=_ALL)
        return rest if age is None else rest * self._age_within(best, age)

    def _inside(self, cell: Cell, age: AgeShown | None, traits: frozenset[Trait]) -> bool:
        """Whether whoever is shown so is in the cell."""
        return all(_has_age(of, age) if of[0] in _AGES else of in traits for of in cell.of)

    def _age_within(self, cell: Cell, age: AgeShown) -> Fraction:
        for attribute, value in cell.of:
            if attribute is Attribute.AGE:
                return Fraction(1, 12) if age.months is not None else _ALL
            if attribute is Attribute.AGE_BAND:
                youngest, oldest = AGE_BANDS[value]
                band = self.share_aged(AgeShown(youngest, oldest))
                return self.share_aged(age) / band if band else Fraction(age.oldest - age.youngest + 1, oldest - youngest + 1)
        return self.share_aged(age)


_AGES = (Attribute.AGE, Attribute.AGE_BAND)


def _has_age(of: Trait, age: AgeShown | None) -> bool:
    if age is None:
        return False
    if of[0] is Attribute.AGE:
        return age.exact and of[1] == str(age.youngest)
    youngest, oldest = AGE_BANDS[of[1]]
    return youngest <= age.youngest and age.oldest <= oldest


@dataclass(frozen=True)
class Estimate:
    """How many share what is shown: of the whole referral (children, or groups of brothers and sisters), and of each child of it."""

    together: Fraction
    each: tuple[Fraction, ...]
    by_council: Mapping[str, Fraction]


def estimate(view: ReferralView, populations: Iterable[Population]) -> Estimate:
    """How many children, or groups of so many brothers and sisters, looked after by these councils share what the view shows."""
    told, councils = shown(view), list(populations)
    if len(told.children) == 1:
        child = told.children[0]
        alone = {one.council: one.sharing(child.age, child.traits | told.family) for one in councils}
        return Estimate(sum(alone.values(), _NOBODY), (sum(alone.values(), _NOBODY),), alone)
    groups = {one.council: _groups(one, told) for one in councils}
    each = tuple(sum((_in_groups(one, told, child) for one in councils), _NOBODY) for child in told.children)
    return Estimate(sum(groups.values(), _NOBODY), each, groups)


def _children_in_groups(of: Population, size: int) -> Fraction:
    return (of.total or _NOBODY) * of.share((Attribute.SIBLING_GROUP, str(size)))


def _share_of_children(of: Population, age: AgeShown | None, traits: frozenset[Trait]) -> Fraction:
    return min(of.sharing(age, traits) / of.total, _ALL) if of.total else _NOBODY


def _in_groups(of: Population, told: Shown, child: ChildShown) -> Fraction:
    """How many children in groups of this size are shown like this child of the group."""
    alike = _share_of_children(of, child.age, child.traits) * _share_of_children(of, None, told.family)
    return _children_in_groups(of, len(told.children)) * alike


def _groups(of: Population, told: Shown) -> Fraction:
    """Groups of this size × the ways its children may be these × each child's share × the family's.

    A further child shown with the same age as one before it is a twin: it counts by the share of multiple births where that is less.
    """
    size = len(told.children)
    groups = _children_in_groups(of, size) / size
    ways = factorial(size) // prod(factorial(alike) for alike in Counter(told.children).values())
    shares, seen = _ALL, set[AgeShown]()
    for child in told.children:
        share = _share_of_children(of, child.age, child.traits)
        if child.age.exact and child.age in seen and (aged := of.share_aged(child.age)):
            share *= min(_ALL, MULTIPLE_BIRTH.share / aged)
        seen.add(child.age)
        shares *= share
    return groups * min(_ALL, ways * shares) * _share_of_children(of, None, told.family)


@dataclass(frozen=True)
class Blurred:
    """What one more blur would make of the number."""

    blur: Blur
    together: Fraction


@dataclass(frozen=True)
class SmallCells:
    """How many share what is shown now, and with each single blur more: the one that raises it most first."""

    now: Estimate
    together: Fraction
    threshold: int
    blurs: tuple[Blurred, ...]

    @property
    def below(self) -> bool:
        """Whether fewer share it than the council's threshold."""
        return self.together < self.threshold

    @property
    def best(self) -> Blur | None:
        """The single blur that raises the number most; None when none raises it."""
        return self.blurs[0].blur if self.blurs and self.blurs[0].together > self.together else None


Render = Callable[[frozenset[Blur]], ReferralView]
"""What providers would be shown with these blurs."""


def small_cells(render: Render, blurred: frozenset[Blur], populations: Sequence[Population], threshold: int) -> SmallCells:
    """How many share what is shown with these blurs, and what each further single blur would make of it.

    Whoever shares what is shown exactly shares what is shown blurred. So a number is never less than that with fewer blurs, whatever the
    estimates say each by itself. Equal numbers stand in the order of ``Blur``; a blur that would change nothing is not named.
    """
    views = {blurs: render(blurs) for blurs in {fewer for blur in Blur for fewer in _subsets(blurred | {blur})}}
    estimates = {blurs: estimate(view, populations) for blurs, view in views.items()}

    def number(blurs: frozenset[Blur]) -> Fraction:
        return max(estimates[fewer].together for fewer in _subsets(blurs))

    offered = [blur for blur in Blur if blur not in blurred and views[blurred | {blur}] != views[blurred]]
    order = list(Blur)
    raised = sorted((Blurred(blur, number(blurred | {blur})) for blur in offered), key=lambda one: (-one.together, order.index(one.blur)))
    return SmallCells(estimates[blurred], number(blurred), threshold, tuple(raised))


def _subsets(blurs: frozenset[Blur]) -> Iterator[frozenset[Blur]]:
    named = sorted(blurs)
    return (frozenset(chosen) for size in range(len(named) + 1) for chosen in combinations(named, size))
