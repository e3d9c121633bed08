"""Reading what the checks of the law rest on beside the home and the referral."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from matching.domain.agency_standing import AgencyStanding
from matching.domain.guard import Circumstances
from matching.domain.home import Home
from matching.domain.referral import Referral
from matching.domain.suitability import Barrier, arrival
from matching.store import agencies, register, weights
from shared import clock
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for all homes that are held against one referral."""

    referral: Referral
    today: date
    approval_miles: int
    standings: Mapping[str, AgencyStanding]
    names: Mapping[str, str]

    def of(self, home: Home, about_miles: Decimal | None, available_on: date | None = None) -> Circumstances:
        """What is known beside this home; ``available_on``: an offer's own word."""
        own = home.provider.startswith("council:")
        return Circumstances(
            arrives_on=arrival(home, self.referral, available_on),
            today=self.today,
            about_miles=about_miles,
            approval_miles=self.approval_miles,
            agency=None if own else self.standings.get(home.provider, AgencyStanding()),
            area_name=self.names.get(f"council:{home.lives_in}"),
        )


async def surroundings(transaction: Transaction, referral: Referral, homes: Iterable[Home]) -> Surroundings:
    """What the checks of these homes rest on. A provider that asks is told by the law's own miles: a council's are not its to read."""
    found = list(homes)
    return Surroundings(
        referral=referral,
        today=clock.today(),
        approval_miles=await weights.approval_miles(transaction, f"council:{referral.council}"),
        standings=await agencies.standings(transaction, referral.lot, [home.provider for home in found]),
        names=await register.names(transaction, (f"council:{home.lives_in}" for home in found)),
    )


async def stopped_agencies(transaction: Transaction, lot: str) -> dict[str, frozenset[Barrier]]:
    """The agencies that may take no child in this lot today, each with why."""
    found = await agencies.in_question(transaction, lot)
    stopped = {agency: standing.stopped(clock.today()) for agency, standing in found.items()}
    return {agency: why for agency, why in stopped.items() if why}
