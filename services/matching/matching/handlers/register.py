"""The consortium's register: matching's copies are the consortium's, whoever spoke. And each council's own weights."""

from __future__ import annotations

from matching.handlers.owners import as_owner, council_of
from matching.store import opportunities, register, weights
from shared import clock
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded, TiersPublished
from shared.contracts.referrals import CouncilSettingsChanged
from shared.delivery import Heard
from shared.organisation import CONSORTIUM, Organisation
from shared.tenancy import Transaction


async def on_council_recorded(transaction: Transaction, heard: Heard[CouncilRecorded]) -> None:
    """Keep the council's name."""
    async with as_owner(transaction, CONSORTIUM):
        await register.put_organisation(transaction, f"council:{heard.event.council}", heard.event.name, heard.envelope.version)


async def on_agency_recorded(transaction: Transaction, heard: Heard[AgencyRecorded]) -> None:
    """Keep the agency's name and how it stands: Ofsted's judgement, and whether it is suspended."""
    async with as_owner(transaction, CONSORTIUM):
        await register.put_agency(transaction, heard.event, heard.envelope.version)


async def on_lot_recorded(transaction: Transaction, heard: Heard[LotRecorded]) -> None:
    """Keep the lot."""
    async with as_owner(transaction, CONSORTIUM):
        await register.put_lot(transaction, heard.event, heard.envelope.version)


async def on_tiers_published(transaction: Transaction, heard: Heard[TiersPublished]) -> None:
    """Keep the lot's published list in place of the one before.

    A referral reaches the list as it stood at its broadcast (docs/decisions/0501-who-a-broadcast-reaches.md). So only
    referrals broadcast *after* this list was published, but heard before it, are sent to its providers now.
    """
    event = heard.event
    lines = [(f"agency:{line.agency}", line.rank, line.tier, line.rating) for line in event.lines]
    async with as_owner(transaction, CONSORTIUM):
        if not await register.replace_list(transaction, event.lot, event.round, event.published_at, lines, heard.envelope.version):
            return
        councils = await register.councils(transaction)
    for council in councils:
        async with as_owner(transaction, Organisation.parse(council)):
            await opportunities.broadcast_before_list(transaction, council, event.lot, event.published_at, clock.today())


async def on_council_settings_changed(transaction: Transaction, heard: Heard[CouncilSettingsChanged]) -> None:
    """Keep the council's weights."""
    council, owner = council_of(heard.event.council)
    async with as_owner(transaction, owner):
        await weights.put(transaction, council, heard.event, heard.envelope.version)
