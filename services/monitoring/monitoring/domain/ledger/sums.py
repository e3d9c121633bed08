"""Sums of ledger lines, and what they say: cashable apart from demand, own carers and avoided cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from monitoring.domain.figure import TENTH, rounded
from monitoring.domain.ledger.effects import Effects


class By(StrEnum):
    """What the ledger can be divided by."""

    QUARTER = "quarter"
    LOT = "lot"
    COUNCIL = "council"
    AGENCY = "agency"
    TIER = "tier"


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums of lines in pence and nights. Each is the plain sum of its lines, so it adds up at every level.

    ``baseline`` and ``paid`` are of agencies' placements; ``bought_saving`` is their saving like for like and the cashable part:
    the same nights, at the council's own former prices and as paid. ``in_house_saving`` is the same of own carers' placements: cost
    avoided, because own carers are paid from another budget and most of that is paid whether a child is there or not.
    """

    effects: Effects = Effects()  # noqa: RUF009 (frozen)
    bought_placements: int = 0
    in_house_placements: int = 0
    nights: int = 0
    """Nights of placements that could be compared."""
    slept: int = 0
    """Nights of all placements, those left out among them."""
    bought_nights: int = 0
    baseline: int = 0
    paid: int = 0
    bought_saving: int = 0
    in_house_saving: int = 0
    in_house_baseline: int = 0
    in_house_paid: int = 0
    baseline_real: int = 0
    paid_real: int = 0
    nominal_of_real: int = 0
    """The nominal saving of the lines that have real terms, to be compared with theirs."""
    real_lines: int = 0
    bought_lines: int = 0
    index_missing: tuple[date, ...] = ()
    double_paid_nights: int = 0
    double_paid: int = 0
    moves: int = 0
    without_framework_price: int = 0
    without_tier_one_price: int = 0
    before_first_list: int = 0

    @property
    def per_cent(self) -> Decimal | None:
        """The cashable saving in per cent of the baseline cost of the same nights, to one place; None without such nights."""
        return _per_cent(self.bought_saving, self.baseline)

    @property
    def real_saving(self) -> int | None:
        """The cashable saving in prices of the index's latest month; None where no line has real terms."""
        return self.baseline_real - self.paid_real if self.real_lines else None

    @property
    def real_per_cent(self) -> Decimal | None:
        """The same in per cent of the baseline cost in those prices."""
        return _per_cent(self.baseline_real - self.paid_real, self.baseline_real)

    @property
    def demand(self) -> int:
        """Volume and mix: fewer or other nights, which no price brought about."""
        return self.effects.volume + self.effects.mix


def _per_cent(saving: int, of: int) -> Decimal | None:
    return rounded(100 * Fraction(saving, of), TENTH) if of else None
