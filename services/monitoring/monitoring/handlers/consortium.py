"""The consortium's own lists: councils, agencies, lots, published tiers."""

from __future__ import annotations

from monitoring.domain.facts import PriceBand
from monitoring.store import reference
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded, TiersPublished
from shared.delivery import Heard
from shared.organisation import CONSORTIUM
from shared.tenancy import Transaction


async def on_council_recorded(transaction: Transaction, heard: Heard[CouncilRecorded]) -> None:
    """A council is known by name."""
    said = heard.event
    # The consortium's lists are the consortium's, whoever of its officers changed them.
    async with transaction.acting_as(CONSORTIUM):
        await reference.put_council(
            transaction,
            said.council,
            version=heard.envelope.version,
            name=said.name,
            joined_on=said.joined_on,
            lead_roles=list(said.lead_roles),
        )


async def on_agency_recorded(transaction: Transaction, heard: Heard[AgencyRecorded]) -> None:
    """An agency is known by name, rating and sector."""
    said = heard.event
    async with transaction.acting_as(CONSORTIUM):  # as for councils
        await reference.put_agency(
            transaction, said.agency, version=heard.envelope.version, name=said.name, rating=said.rating, sector=said.sector
        )


async def on_lot_recorded(transaction: Transaction, heard: Heard[LotRecorded]) -> None:
    """A lot and its age bands are known: baseline prices are given by them."""
    said = heard.event
    bands = [PriceBand(band.code, band.from_age, band.to_age) for band in said.price_bands]
    async with transaction.acting_as(CONSORTIUM):  # as for councils
        await reference.put_lot(
            transaction, said.lot, version=heard.envelope.version, framework=said.framework, title=said.title, bands=bands
        )


async def on_tiers_published(transaction: Transaction, heard: Heard[TiersPublished]) -> None:
    """A lot's list replaces the one before it."""
    said = heard.event
    lines = [(line.agency, line.rank, line.tier) for line in said.lines]
    async with transaction.acting_as(CONSORTIUM):  # as for councils
        await reference.put_tiers(
            transaction, said.lot, version=heard.envelope.version, published_at=said.published_at, tiers=said.tiers, lines=lines
        )
