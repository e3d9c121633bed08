"""The consortium's own lists: councils, agencies, lots, published tiers."""

from __future__ import annotations

from monitoring.domain.lessons.lesson import Lesson, Subject, for_all, for_each
from shared.contracts import Envelope
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded, PricesAwarded, TiersPublished


def council_recorded(said: CouncilRecorded, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council is known by name."""
    facts = {"name": said.name, "joined_on": said.joined_on, "lead_roles": list(said.lead_roles)}
    return for_all(Subject.COUNCIL, key={"code": said.council}, version=envelope.version, facts=facts)


def agency_recorded(said: AgencyRecorded, envelope: Envelope) -> tuple[Lesson, ...]:
    """An agency is known by name, rating and sector; each rating is kept, so that a fall is seen whenever it is looked for."""
    facts = {"name": said.name, "rating": said.rating, "sector": said.sector}
    rating = {"rating": said.rating, "inspected_on": said.inspected_on, "recorded_at": envelope.time}
    return (
        *for_all(Subject.AGENCY, key={"urn": said.agency}, version=envelope.version, facts=facts),
        *for_all(Subject.AGENCY_RATING, key={"agency": said.agency, "version": envelope.version}, version=envelope.version, facts=rating),
    )


def lot_recorded(said: LotRecorded, envelope: Envelope) -> tuple[Lesson, ...]:
    """A lot and its age bands are known: baseline prices are given by them."""
    bands = [{"code": band.code, "from_age": band.from_age, "to_age": band.to_age} for band in said.price_bands]
    facts = {"framework": said.framework, "title": said.title, "price_bands": bands}
    return for_all(Subject.LOT, key={"code": said.lot}, version=envelope.version, facts=facts)


def tiers_published(said: TiersPublished, envelope: Envelope) -> tuple[Lesson, ...]:
    """A lot's list replaces the one before it."""
    lines = [{"agency": line.agency, "rank": line.rank, "tier": line.tier} for line in said.lines]
    facts = {"published_at": said.published_at, "tiers": said.tiers, "lines": lines}
    return for_all(Subject.TIER_LIST, key={"lot": said.lot}, version=envelope.version, facts=facts)


def prices_awarded(said: PricesAwarded, envelope: Envelope) -> tuple[Lesson, ...]:
    """The prices of one published list, kept for good: a placement is measured by the list in force when it was agreed.

    The consortium's own rows. Councils read them by its right when they ask for their savings; agencies never do.
    """
    return tuple(
        lesson
        for price in said.prices
        for lesson in for_each(
            (),
            Subject.AWARDED_PRICE,
            key={"lot": said.lot, "round": said.round, "agency": price.agency, "band": price.band},
            version=envelope.version,
            facts={"awarded_at": said.awarded_at, "tier": price.tier, "pounds_per_week": price.pounds_per_week},
        )
    )
