"""The order in which a council sees its offers, each with how it got there.

Suitable before unsuitable; then the better tier; then fit; then price; then distance; then who offered first; then the
offer's id. Each of these is decided from the offer alone, so the order is total and taking one offer away moves no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from matching.domain.distance import within_twenty_miles
from matching.domain.fit import Fit, Part, fit, in_miles
from matching.domain.guard import Check, Circumstances, checks
from matching.domain.home import Home
from matching.domain.offer import Offer
from matching.domain.referral import Referral
from matching.domain.suitability import Barrier, Obstacle, Reason, Standing, obstacles, reasons
from shared.contracts.referrals import WithinTwentyMiles

LAST_TIER = 99
"""Where an offer without a tier sorts."""

UNKNOWN_MILES = Decimal("999.9")
"""The national return's figure for a distance not known."""


class Criterion(StrEnum):
    """What puts one offer before another, in the order they are asked."""

    SUITABILITY = "suitability"
    TIER = "tier"
    FIT = "fit"
    PRICE = "price"
    DISTANCE = "distance"
    FIRST_OFFERED = "first_offered"


@dataclass(frozen=True, slots=True)
class Option:
    """One offer, judged on its own."""

    offer: Offer
    obstacles: tuple[Obstacle, ...]
    reasons: tuple[Reason, ...]
    fit: Fit
    miles: Decimal | None
    checks: tuple[Check, ...] = ()
    """What the law and the framework ask, each check with its outcome."""

    @property
    def suitable(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.obstacles

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is ranked by: smaller is better, and no two offers are equal."""
        return (
            not self.suitable,
            LAST_TIER if self.offer.tier is None else self.offer.tier,
            -self.fit.score,
            self.offer.terms.pounds_per_week,
            UNKNOWN_MILES if self.miles is None else self.miles,
            self.offer.made_at,
            self.offer.offer,
        )


def judged(
    offer: Offer,
    home: Home,
    referral: Referral,
    miles: Sequence[Decimal | None],
    weights: Mapping[Part, Decimal],
    circumstances: Circumstances | None = None,
) -> Option:
    """Judge one offer by its own word, the home as now published and the referral as it now stands.

    ``miles``: to each of ``referral.places`` in order, None where not known; the first is the distance shown. ``circumstances``:
    what the checks of the law rest on; without them none is made.
    """
    stopped = circumstances.stopped if circumstances else frozenset[Barrier]()
    answers = {answer.need: answer.met for answer in offer.terms.answers}
    found = obstacles(home, referral, Standing.ON_LIST, answers=answers, available_on=offer.terms.available_on, stopped=stopped)
    told = reasons(found, home, referral, available_on=offer.terms.available_on)
    checked = checks(home, referral, told, circumstances) if circumstances else ()
    return Option(offer, found, told, fit(home, referral, miles, weights), miles[0] if miles else None, checked)


@dataclass(frozen=True, slots=True)
class Ranked:
    """An option and its place, 1 for the first, with what put it after the one before it."""

    rank: int
    option: Option
    after_because: Criterion | None
    words: tuple[str, ...]


def ranked(options: Iterable[Option]) -> tuple[Ranked, ...]:
    """All offers in order, the best first."""
    order = sorted(options, key=lambda option: option.key)
    before: list[Option | None] = [None, *order[:-1]]
    places = zip(order, before, strict=True) if order else ()
    return tuple(
        Ranked(place, option, None if previous is None else decided_by(previous, option), tuple(_words(option, previous)))
        for place, (option, previous) in enumerate(places, start=1)
    )


def decided_by(better: Option, worse: Option) -> Criterion:
    """The first criterion on which two offers differ."""
    for criterion, ours, theirs in zip(Criterion, better.key, worse.key, strict=False):
        if ours != theirs:
            return criterion
    return Criterion.FIRST_OFFERED


def _words(option: Option, previous: Option | None) -> Iterable[str]:
    count = len(option.reasons)
    yield (
        "Can take the referral: nothing stands in the way."
        if option.suitable
        else (f"Cannot take the referral as it stands: {count} reason{'s' if count > 1 else ''}, listed.")
    )
    yield "In no tier." if option.offer.tier is None else f"Tier {option.offer.tier} of the lot."
    yield f"Fit {option.fit.score} of 100."
    yield f"£{option.offer.terms.pounds_per_week:,.2f} a week."
    if option.miles is None:
        yield "Distance from home is not known."
    else:
        undecided = "; whether within 20 is undecided" if within_twenty_miles(option.miles) is WithinTwentyMiles.UNDECIDED else ""
        yield f"About {in_miles(option.miles)}, from postcode districts{undecided}."
    if previous is not None:
        yield _AFTER[decided_by(previous, option)]


_AFTER = {
    Criterion.SUITABILITY: "After the offer before it because that one can take the referral and this one cannot.",
    Criterion.TIER: "After the offer before it because of its tier.",
    Criterion.FIT: "After the offer before it in the same tier because of its fit.",
    Criterion.PRICE: "After the offer before it, alike in tier and fit, because of its price.",
    Criterion.DISTANCE: "After the offer before it, alike in tier, fit and price, because it is farther.",
    Criterion.FIRST_OFFERED: "Alike in all that counts; the offer before it came first.",
}
