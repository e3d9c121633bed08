"""What people were answered beside what was done: a yes stands on a deed, and nobody was left without a word of what was done for them.

Looked at once nothing is on its way. What was done is read from what the services said; an offer's price no event tells, so it is read from
the offer. What the services do by themselves when time passes is no person's deed and is left out.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.simulation.people import Deed, Person
from tests.simulation.world import World

SAID = {
    "referral.broadcast": "broadcast",
    "referral.amended": "amend",
    "referral.withdrawn": "withdraw",
    "offer.shortlisted": "shortlist",
    "offer.selected": "choose",
    "offer.withdrawn": "take_back",
    "opportunity.declined": "decline",
    "placement.started": "start",
    "placement.ended": "end",
    "placement.cancelled": "cancel",
}
"""What a service says when an act is done."""
NOTHING_NEW = frozenset(("amend", "shortlist", "keep", "stand_by", "publish", "close"))
"""Acts that may be answered with yes and change nothing, or of which no event names who did them: of these a yes alone shows nothing."""


def accepted_is_there_and_refused_is_not(world: World, people: list[Person]) -> Iterator[str]:
    """Every write answered with yes is there, as often; all that is there was answered with yes or not answered at all."""
    done = Counter(_done(world))
    accepted = Counter(deed for person in people for deed in person.accepted)
    unknown = Counter(deed for person in people for deed in person.unknown)
    for deed, times in accepted.items():
        if done[deed] < times and deed[1] not in NOTHING_NEW:
            yield f"{_told(deed)}: answered with yes {times} times, and done {done[deed]}"
    for deed, times in done.items():
        if times > accepted[deed] + unknown[deed]:
            yield f"{_told(deed)}: done {times} times, answered with yes {accepted[deed]} and left in doubt {unknown[deed]}"


def _done(world: World) -> Iterator[Deed]:
    """All that people did since the run began."""
    for offer in world.databases["matching"].told("offers"):
        if offer["offer"] not in world.founded.offered:
            yield offer["provider"], "offer", f"{offer['referral']} {offer['pounds_per_week']}"
    for service in ("referrals", "matching"):
        for row in world.databases[service].told("outbox"):
            if row["type"] in SAID and row["id"] not in world.founded.said:
                event = json.loads(row["envelope"])
                if not _by_itself(event):
                    yield event["organisation"], SAID[event["type"]], _on(event)


def _by_itself(event: dict[str, Any]) -> bool:
    """An offer that nobody confirmed in time lapses; a placement ends before it began when its bed is gone or its referral over."""
    match event["type"]:
        case "offer.withdrawn":
            return event["data"]["reason"] == "not_confirmed"
        case "placement.cancelled":
            return event["data"]["reason"] != "child_refused"
    return False


def _on(event: dict[str, Any]) -> str:
    """On what it was done, as people name it when they ask."""
    data = event["data"]
    match event["type"]:
        case "referral.amended":
            return f"{event['subject']} {data['view']['needed_by']}"
        case "opportunity.declined":
            return str(data["referral"])
    return str(event["subject"])


def _told(deed: Deed) -> str:
    who, act, on = deed
    return f"{act} {on} by {who}"
