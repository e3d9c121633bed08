"""Who pays for a placement, in per cent: named funders, exactly 100 together; no penny of a fee is lost or paid twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

from matching.domain.faults import Fault

WHOLE = Decimal("100.00")
_STEP = Decimal("0.01")
_PENNY = Decimal("0.01")


class Funder(StrEnum):
    """Whose budget pays a share."""

    EDUCATION = "education"
    HEALTH = "health"
    SOCIAL_CARE = "social_care"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Split:
    """Shares in per cent, in the order of the funders; equal splits are equal values, however they were written."""

    shares: tuple[tuple[Funder, Decimal], ...]

    @classmethod
    def of(cls, shares: Mapping[Funder, Decimal]) -> Split:
        """A split from its shares; 50 and 50.00 are one share."""
        return cls(tuple((funder, _to_hundredths(shares[funder])) for funder in Funder if funder in shares))


def _to_hundredths(per_cent: Decimal) -> Decimal:
    rounded = per_cent.quantize(_STEP)
    return rounded if rounded == per_cent else per_cent


def faults_of_split(split: Split, field: str = "split") -> tuple[Fault, ...]:
    """Every rule a split breaks: each share more than nothing, with two decimals at most, all together exactly 100."""
    return tuple(_faults(split, field))


def _faults(split: Split, field: str) -> Iterable[Fault]:
    for funder, per_cent in split.shares:
        if per_cent <= 0:
            yield Fault(f"{field}.{funder}", "share_of_something", "Give each funder you name more than 0 per cent, or leave it out.")
        elif per_cent != per_cent.quantize(_STEP):
            yield Fault(f"{field}.{funder}", "decimal_places", "Give per cents with two decimals at most.")
    if sum((per_cent for _, per_cent in split.shares), Decimal(0)) != WHOLE:
        yield Fault(field, "adds_up_to_100", "The shares must add up to exactly 100 per cent.")


def pounds_of(split: Split, pounds: Decimal) -> tuple[tuple[Funder, Decimal], ...]:
    """What each funder pays of an amount in pounds, to the penny.

    Law: the shares add up to the amount, and none is a whole penny away from its per cent. Each is rounded down; the pennies left go to
    the largest remainders, of equal ones to the funder named first in ``Funder`` (largest remainder method).
    """
    exact = [(funder, pounds * per_cent / WHOLE) for funder, per_cent in split.shares]
    paid = {funder: share.quantize(_PENNY, ROUND_DOWN) for funder, share in exact}
    left = int((pounds - sum(paid.values(), Decimal(0))) / _PENNY)
    for funder, _ in sorted(exact, key=lambda one: one[1] - paid[one[0]], reverse=True)[:left]:
        paid[funder] += _PENNY
    return tuple((funder, paid[funder]) for funder, _ in exact)
