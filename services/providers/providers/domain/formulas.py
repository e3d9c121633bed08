"""Formulas that turn a basket price into price points. A lot names the one it uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

POINT_PLACES = Decimal("0.0001")
"""Points are kept to four decimal places, halves rounded up: fine enough that rounding decides no ranking in practice."""


@dataclass(frozen=True, slots=True)
class Baskets:
    """What a formula may look at, in pounds for the whole basket: this bid's, the lowest of all, and the ceilings' own."""

    this: Decimal
    lowest: Decimal
    ceiling: Decimal | None


@dataclass(frozen=True, slots=True)
class Formula:
    """A named price formula: its points, and the same in words for the record."""

    points: Callable[[Decimal, Baskets], Decimal]
    in_words: str
    needs_ceiling: bool


def rounded(points: Decimal) -> Decimal:
    """Points to four decimal places, halves up."""
    return points.quantize(POINT_PLACES, rounding=ROUND_HALF_UP)


def relative(weight: Decimal, baskets: Baskets) -> Decimal:
    """Points = weight × lowest basket / this basket: the cheapest gets the full weight.

    Known defect: it depends on who else bids, so that one bid withdrawn can reverse the order of the others.
    """
    return rounded(weight * baskets.lowest / baskets.this)


def linear(weight: Decimal, baskets: Baskets) -> Decimal:
    """Points = weight × (ceiling basket − this basket) / ceiling basket, never below 0: depends on no other bid.

    ValueError when the lot publishes no ceiling, which its terms refuse beforehand.
    """
    if baskets.ceiling is None:
        raise ValueError("the linear formula needs a published ceiling")
    return rounded(max(Decimal(0), weight * (baskets.ceiling - baskets.this) / baskets.ceiling))


FORMULAS: Mapping[str, Formula] = {
    "relative": Formula(relative, "price weight × lowest basket ÷ this basket", needs_ceiling=False),
    "linear": Formula(linear, "price weight × (ceiling basket − this basket) ÷ ceiling basket, not below 0", needs_ceiling=True),
}
"""Every formula a lot may name."""


def needs_ceiling(formula: str) -> bool:
    """Whether the formula reads a published ceiling; an unknown name reads none."""
    return formula in FORMULAS and FORMULAS[formula].needs_ceiling
