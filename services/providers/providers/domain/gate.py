"""Stage one of a tender, pass or fail: every failing reason is recorded, not the first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from providers.domain.agency import Agency
from providers.domain.bid import Bid
from providers.domain.lot import Gate, LotTerms
from shared.contracts.words import OfstedRating


class GateReason(StrEnum):
    """Why an agency fails stage one."""

    RATING_NOT_ACCEPTED = "rating_not_accepted"
    NOT_YET_INSPECTED = "not_yet_inspected"
    INSPECTION_TOO_OLD = "inspection_too_old"
    BAND_NOT_PRICED = "band_not_priced"
    PRICE_ABOVE_CEILING = "price_above_ceiling"


GATE_WORDS: dict[GateReason, str] = {
    GateReason.RATING_NOT_ACCEPTED: "Ofsted's overall judgement is not one that this lot accepts.",
    GateReason.NOT_YET_INSPECTED: "Ofsted has not inspected the agency yet, which this lot does not accept.",
    GateReason.INSPECTION_TOO_OLD: "The last inspection is longer ago than this lot allows.",
    GateReason.BAND_NOT_PRICED: "The bid leaves a price band of the lot without a price.",
    GateReason.PRICE_ABOVE_CEILING: "The bid goes above the published ceiling in at least one price band.",
}


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """What stage one found for one agency: passed when there is no reason against it."""

    agency: str
    reasons: tuple[GateReason, ...]

    @property
    def passed(self) -> bool:
        """Whether the agency goes on to stage two."""
        return not self.reasons


def through_gate(agency: Agency, bid: Bid, terms: LotTerms, *, closing_day: date) -> GateOutcome:
    """Stage one for one agency: judged as its record stood on the closing day, from its own bid alone.

    No other bid is looked at, so removing one changes nobody's outcome. Source: good-practice report 2012 (all agencies
    judged good or better); how an agency not yet inspected is treated is the lot's configuration.
    """
    return GateOutcome(agency.urn, (*_inspection_reasons(agency, terms.gate, closing_day), *_price_reasons(bid, terms)))


def _inspection_reasons(agency: Agency, gate: Gate, closing_day: date) -> list[GateReason]:
    if agency.rating is OfstedRating.NOT_YET_INSPECTED:
        return [] if gate.accepts_not_yet_inspected else [GateReason.NOT_YET_INSPECTED]
    reasons = []
    if agency.rating not in gate.accepted_ratings:
        reasons.append(GateReason.RATING_NOT_ACCEPTED)
    if gate.inspected_within_years is not None and (
        agency.inspected_on is None or years_before(closing_day, gate.inspected_within_years) > agency.inspected_on
    ):
        reasons.append(GateReason.INSPECTION_TOO_OLD)
    return reasons


def _price_reasons(bid: Bid, terms: LotTerms) -> list[GateReason]:
    prices = bid.by_band
    reasons = []
    if any(band.code not in prices for band in terms.price_bands):
        reasons.append(GateReason.BAND_NOT_PRICED)
    if any(band.ceiling is not None and band.code in prices and prices[band.code] > band.ceiling for band in terms.price_bands):
        reasons.append(GateReason.PRICE_ABOVE_CEILING)
    return reasons


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
