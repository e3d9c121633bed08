"""The story from its beginning to its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import httpx

from hearth.story import cast as casting
from hearth.story import choosing, homes, placing, referring
from hearth.story.account import Account
from hearth.story.cast import Cast, Telling
from hearth.tokens import Tokens


@dataclass(frozen=True)
class Told:
    """What a told story leaves behind: who was in it and what to look at next."""

    cast: Cast
    outcome: choosing.Outcome
    placement: str
    checks: int


async def _nothing() -> None:
    return None


async def tell(
    http: httpx.AsyncClient,
    tokens: Tokens,
    addresses: Mapping[str, str],
    account: Account,
    *,
    telling: Telling = Telling(),  # noqa: B008 - frozen
    between: Callable[[], Awaitable[None]] = _nothing,
) -> Told:
    """Tell the main journey on a loaded consortium. NotAsItShouldBeError at the first step that comes out otherwise.

    ``between`` is awaited between any two chapters: where a test ends processes, since none of that may change the story.
    """
    cast = await casting.gather(http, tokens, addresses, telling)
    await _tiers(account, cast)
    await casting.news_has_arrived(cast)
    await between()
    vacant = await homes.publish(account, cast)
    before = await placing.figures_at_rest(cast.project_manager)
    await between()
    asked = await referring.refer(account, cast)
    await between()
    await referring.broadcast(account, cast, asked)
    await between()
    elsewhere = await referring.refer_elsewhere(account, cast)
    await between()
    offers = await choosing.offer(account, cast, vacant, asked, elsewhere)
    await between()
    await choosing.compare(account, vacant, asked, offers)
    await between()
    outcome = await choosing.both_choose(account, cast, vacant, asked, elsewhere, offers)
    await between()
    placement = await placing.disclose(account, cast, outcome, offers)
    await between()
    await placing.start(account, cast, vacant, outcome.winner, placement)
    await between()
    await placing.figures_moved(account, cast, before, outcome.winner)
    return Told(cast, outcome, placement, account.checks)


async def _tiers(account: Account, cast: Cast) -> None:
    """What the tender came to, and how the first line was reached."""
    account.chapter("The tender is decided and published in tiers")
    account.say("Who signs in: " + "; ".join(person.title for person in cast.everybody()) + ".")
    tiers = sorted({line["tier"] for line in cast.lines})
    account.check_that("two or three tiers", len(tiers) in (2, 3))
    for tier in tiers:
        named = [cast.names[f"agency:{line['agency']}"] for line in cast.lines if line["tier"] == tier]
        account.say(f"{cast.lot_title}, tier {tier}: {', '.join(named[:3])}{f' and {len(named) - 3} more' if len(named) > 3 else ''}.")
    first = cast.lines[0]["agency"]
    reached = await cast.procurement_lead.ask("GET", "providers", f"/tender-rounds/{cast.round}/ranked-list/{first}")
    account.check("asking how a line was reached", reached.status, 200)
    account.say(f"How {cast.names[f'agency:{first}']} came first can be asked: GET /tender-rounds/{cast.round}/ranked-list/{first}")
    seen = await cast.lower_tier.get("providers", f"/tender-rounds/{cast.round}/ranked-list")
    account.check(
        "points that agencies see", {line.get(f"{part}_points") for line in seen["lines"] for part in ("total", "price", "quality")}, {None}
    )
    await cast.lower_tier.refused("GET", "providers", f"/tender-rounds/{cast.round}/bids", 403)
    account.say("Agencies see ranks and tiers; nobody but the consortium sees a price.")
