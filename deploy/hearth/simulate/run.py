"""``hearth simulate``: the whole of it, against a running Hearth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from hearth.load.sending import Sender
from hearth.simulate import before, reading
from hearth.simulate.before import FirstYear
from hearth.simulate.bringing import Brought, bring_in
from hearth.simulate.found import Found
from hearth.simulate.history import past, truth
from hearth.simulate.plan import Plan
from hearth.simulate.planting import Plant, Planted
from hearth.tokens import Tokens

BELOW_THE_GATE = "requires_improvement"


@dataclass(frozen=True)
class Simulated:
    """What came of it."""

    found: Found
    planted: tuple[Planted, ...]
    brought: Brought
    truth: str
    """The truth file's text."""


async def simulate(http: httpx.AsyncClient, tokens: Tokens, addresses: Mapping[str, str], plan: Plan, *, quiet: bool = False) -> Simulated:
    """Make a past for the consortium that is there, and bring it in.

    What is there stays; agencies are added until there are sixty, baseline prices and nights where a council has none, an index
    of prices and unit costs where the consortium has none. NotReadyError when there is no consortium yet, RefusedError when the past is
    not taken. The same plan again changes nothing: its events are known.
    """
    sender = Sender(http, tokens, addresses)
    await reading.register_more(sender, await reading.found(sender), quiet=quiet)
    await reading.tell_baseline_prices(sender, await reading.found(sender), quiet=quiet)
    found = await reading.found(sender)
    made = past(found, plan)
    for planted in made.planted:
        if planted.plant is Plant.OFSTED_DOWNGRADE:
            await _downgrade(sender, found, planted)
    first_year = FirstYear(plan, found)
    brought = await bring_in(sender, replace(made, months=first_year.passing(made.months)), plan, quiet=quiet)
    await before.tell(sender, found, plan, first_year.finish())
    return Simulated(found, made.planted, brought, truth(found, plan, made, dict(sorted(brought.by_type.items()))))


async def _downgrade(sender: Sender, found: Found, planted: Planted) -> None:
    """The agency's record says what Ofsted found, as its own inspection would have it: by the API that keeps it."""
    agency = next(agency for agency in found.agencies if agency.urn == planted.agency)
    body = {
        "name": agency.name,
        "sector": agency.sector,
        "ofsted_rating": BELOW_THE_GATE,
        "inspected_on": planted.since.isoformat(),
        "companies_house_number": agency.companies_house_number,
    }
    await reading.done(sender, "providers", "PUT", f"/agencies/{agency.urn}", reading.CONSORTIUM, body)
