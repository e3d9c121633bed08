"""Events: one for each change, heard once, in order, and what is made of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from shared.contracts import HEARD_BY, SERVICES
from tests.faults.consortium import CONSORTIUM
from tests.faults.invariants.evidence import Evidence

UNCHANGED = "vacancy.refused"
"""News of a vacancy that was not changed by it."""
BESIDE = ("prices.awarded", UNCHANGED)
"""What is told of a thing beside the change of the same version."""


async def every_change_told_once(seen: Evidence) -> list[str]:
    """Versions count changes: as many events of a thing as its version says.

    Two changes of a referral are told otherwise: its own carers' answer is no news, and that it is placed is news of the placement.
    """
    found = [f"{event.service}: {event.type} {event.id} was not sent" for event in seen.events if not event.sent]
    agreed = Counter(str(event.data["referral"]) for event in seen.of_type("placement.agreed"))
    for service, table in (("referrals", "placements"), ("referrals", "sought"), ("providers", "vacancies"), ("matching", "offers")):
        for row in seen.tables[table]:
            subject = str(row["offer"] if table == "offers" else row["id"])
            told = sum(1 for event in seen.by_subject.get((service, subject), []) if event.type != UNCHANGED)
            otherwise = (row["in_house_reason"] is not None) + agreed[subject] if table == "sought" else 0
            if told != row["version"] - otherwise:
                found.append(f"{service}: {subject} was changed {row['version']} times and told {told} times")
    ids = Counter(event.id for event in seen.events)
    return found + [f"event {id} is recorded {count} times" for id, count in ids.items() if count > 1]


async def heard_once_each(seen: Evidence) -> list[str]:
    """Inboxes against outboxes, and effects against inboxes."""
    found = [f"not at rest: {seen.restless}"] if seen.restless else []
    for service in SERVICES:
        published = {event.id for event in seen.events if service in HEARD_BY[event.type]}
        heard = seen.inbox[service] - seen.asking.forged
        found += [f"{service} never heard {id}" for id in sorted(published - heard)]
        found += [f"{service} heard {id}, which nobody recorded" for id in sorted(heard - published)]
    kept = {str(row["id"]) for row in seen.tables["heard"]}
    if kept != seen.inbox["monitoring"]:
        found.append(f"monitoring keeps {len(kept)} events of {len(seen.inbox['monitoring'])} it heard")
    effects: list[tuple[str, Counter[str], Counter[str]]] = [
        (
            "a placement for each confirmed offer",
            Counter(event.subject for event in seen.of_type("offer.confirmed")),
            Counter(str(row["offer"]) for row in seen.tables["placements"]),
        ),
        (
            "an answer to each choice",
            Counter(event.subject for event in seen.of_type("offer.selected")),
            Counter(str(event.data["asked_by"]) for event in seen.of_type("vacancy.held", "vacancy.refused")),
        ),
        (
            "a hold for each bed told held",
            Counter(str(event.data["hold"]) for event in seen.of_type("vacancy.held")),
            Counter(str(row["id"]) for row in seen.tables["holds"]),
        ),
    ]
    for what, causes, made in effects:
        found += [f"{what}: {id} has {made[id]} for {causes[id]}" for id in sorted(causes.keys() | made.keys()) if made[id] != causes[id]]
    told = Counter(
        (row["organisation"], row["type"], row["referral"], row["offer"], row["subject"])
        for row in seen.tables["notices"]
        if row["type"] not in ("opportunity.amended", "home.free_again")
    )
    declined = Counter(str(event.data["referral"]) for event in seen.of_type("opportunity.declined"))  # by more than one agency, perhaps
    return found + [
        f"{key[0]} was told {key[1]} of {key[2]} {count} times"
        for key, count in told.items()
        if count > (declined[str(key[2])] if key[1] == "opportunity.declined" else 1)
    ]


async def kept_as_the_history_gives(seen: Evidence) -> list[str]:
    """Monitoring builds all again itself; the others are compared with the service that owns the thing."""
    rebuilt = await seen.asking.write("monitoring", CONSORTIUM, "POST", "/rebuild", {"write": False}, role="project_manager")
    seen.asking.sent.pop()  # a question, though asked as a write
    if not rebuilt.done:
        return [f"monitoring could not build its facts again: {rebuilt.status} {rebuilt.said}"]
    found = [f"monitoring: {each['kind']} {each['reader']} {each['table']} {each['key']}" for each in rebuilt.said["differences"][:20]]
    copies = {row["vacancy"]: row for row in seen.tables["matching_vacancies"]}
    for row in seen.tables["vacancies"]:
        copy = copies.pop(row["id"], None)
        if copy is None or (copy["free_beds"], copy["is_open"]) != (row["free_beds"], row["status"] == "open"):
            found.append(f"vacancy {row['id']} has {row['free_beds']} free beds, {row['status']}; matching says {_said(copy)}")
    found += [f"matching knows a vacancy {id} that providers does not" for id in copies]
    return found + _stages(seen) + _beds(seen)


def _said(copy: Any) -> str:
    return "nothing" if copy is None else f"{copy['free_beds']}, {'open' if copy['is_open'] else 'closed'}"


def _stages(seen: Evidence) -> list[str]:
    """A referral is where it is in both services: in-house, out with agencies, placed, withdrawn."""
    same = {
        "in_house": {"in_house"},
        "in_house_decided": {"in_house"},
        "broadcast": {"open", "choosing"},
        "placed": {"placed"},
        "withdrawn": {"withdrawn"},
    }
    theirs = {(row["council"], row["referral"]): row["state"] for row in seen.tables["matching_referrals"]}
    found = []
    for row in seen.tables["sought"]:
        said = theirs.get((row["organisation"], row["id"]))
        never_sent = row["state"] == "draft" or (row["state"] == "withdrawn" and said is None)
        if not never_sent and said not in same[row["state"]]:
            found.append(f"referral {row['id']} is {row['state']}; matching says {said}")
    return found


def _beds(seen: Evidence) -> list[str]:
    """A bed is held while its placement is agreed, filled while it lasts, and freed afterwards."""
    should = {"agreed": "held", "started": "filled", "ended": "freed", "cancelled": "freed"}
    placements = {row["hold"]: row["state"] for row in seen.tables["placements"]}
    return [
        f"hold {row['id']} is {row['state']}; its placement is {placements.get(row['id'], 'none')}"
        for row in seen.tables["holds"]
        if row["state"] != should.get(placements.get(row["id"], ""), "freed")
    ]


async def versions_in_order(seen: Evidence) -> list[str]:
    """In the order of recording: 1, 2, 3 …; of a referral, two changes of which make no event of its own, growing."""
    found = []
    for (service, subject), events in seen.by_subject.items():
        versions = [event.version for event in events if event.type not in BESIDE]
        whole = sorted(set(versions)) if events[0].type == "referral.created" else list(range(1, len(versions) + 1))
        if versions != whole:
            found.append(f"{service} {subject}: {[(event.version, event.type) for event in events]}")
    return found
