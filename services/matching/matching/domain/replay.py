"""A decision replayed: from its record alone, the same offers in the same order for the same reasons, by the weights of its day.

Nothing else is read: not the homes as they are now, nor the weights that count now. So what was shown to the officer can be worked
out again years later, and a record that was altered, or software that has come to judge otherwise, is noticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from cattrs import BaseValidationError, Converter

from matching.domain.decision import plain
from matching.domain.fit import RULES, Part
from matching.domain.guard import Circumstances
from matching.domain.home import Home
from matching.domain.offer import Offer
from matching.domain.ranking import Ranked, judged, ranked
from matching.domain.referral import Referral

T = TypeVar("T")

_FROM_PLAIN = Converter(forbid_extra_keys=True)
_FROM_PLAIN.register_structure_hook(UUID, lambda value, _: UUID(value))
_FROM_PLAIN.register_structure_hook(Decimal, lambda value, _: Decimal(value))
_FROM_PLAIN.register_structure_hook(date, lambda value, _: date.fromisoformat(value))
_FROM_PLAIN.register_structure_hook(datetime, lambda value, _: datetime.fromisoformat(value))


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of replaying a decision: whether it could be, and everything that differs; none when it comes out the same."""

    replayable: bool
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether the decision came out as it was recorded."""
        return self.replayable and not self.differences


def replayed(record: Mapping[str, Any]) -> Replayed:
    """Judge and rank the offers of a decision record again from what the record holds.

    A record made under other rules of fit, or of another form, cannot be replayed by this release, and that is said.
    """
    if record.get("fit_rules") != RULES:
        words = f"It was made under rules of fit named {record.get('fit_rules') or 'otherwise'}; this release judges by {RULES}."
        return Replayed(False, (words,))
    try:
        order = _order(record)
    except (BaseValidationError, KeyError, ValueError, TypeError):
        return Replayed(False, ("The record is not of the form that this release writes, so it cannot be replayed.",))
    return Replayed(True, tuple(_differences(record["offers"], order)))


def _order(record: Mapping[str, Any]) -> Sequence[Ranked]:
    referral = _read(record["referral"], Referral)
    weights = {Part(part): Decimal(weight) for part, weight in record["weights"].items()}
    return ranked(
        judged(_read(one["offer"], Offer), _read(one["home"], Home), referral, _miles(one["miles_to_places"]), weights, _circumstances(one))
        for one in record["offers"]
    )


def _circumstances(one: Mapping[str, Any]) -> Circumstances | None:
    kept = one.get("circumstances")
    return None if kept is None else _read(kept, Circumstances)


def _miles(kept: Sequence[str | None]) -> list[Decimal | None]:
    return [None if miles is None else Decimal(miles) for miles in kept]


def _read(kept: Mapping[str, Any], kind: type[T]) -> T:
    return _FROM_PLAIN.structure(kept, kind)


def _differences(offers: Sequence[Mapping[str, Any]], order: Sequence[Ranked]) -> Iterable[str]:
    for was, now in zip(offers, order, strict=True):
        offer, place = was["offer"]["offer"], was["rank"]
        if str(now.option.offer.offer) != offer:
            yield f"Place {place} was offer {offer}; it comes out as offer {now.option.offer.offer}."
            continue
        for what, then, again in (
            ("place", was["rank"], now.rank),
            ("suitability", was["suitable"], now.option.suitable),
            ("reasons", was["reasons"], plain(now.option.reasons)),
            ("fit", was["fit"], plain(now.option.fit)),
            ("words", was["words"], list(now.words)),
            ("checks", was.get("checks", []), plain(now.option.checks)),
        ):
            if then != again:
                yield f"The {what} of offer {offer} was recorded otherwise than it comes out."
