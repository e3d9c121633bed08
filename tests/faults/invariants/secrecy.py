"""Who a child is and where a carer lives: with whom it strays, and the record of who may know."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import httpx

from shared.organisation import Role
from tests.faults.asking import carers_in, children_in
from tests.faults.consortium import AGENCIES, COUNCILS
from tests.faults.ground import EVERY
from tests.faults.invariants.evidence import Evidence


async def nothing_strays(seen: Evidence) -> list[str]:
    """Answers, lists, events, logs and figures."""
    allowed = _who_may_know(seen)
    found = [
        f"{one.organisation} was told {'of child ' + str(one.child) if one.child else 'a carer postcode'} by {one.asked}"
        for one in seen.asking.strayed
        if one.child is None or one.organisation not in allowed[one.child]
    ]
    for organisation in COUNCILS:
        listed = await seen.asking.every("referrals", organisation, "/placements")
        found += [f"{organisation} sees a placement of {one['council']}" for one in listed if one["council"] != organisation]
    found += [f"an agency sees an offer of {one['provider']}" for one in seen.offers if one.get("provider", "") not in ("", *AGENCIES)]
    for event in seen.events:
        found += [f"event {event.id} {event.type} tells of {told}" for told in _told(seen, event.text)]
    for log in sorted(seen.ground.deployment.folder.logs.glob("*.log")):
        found += [f"{log.name} tells of {told}" for told in _told(seen, log.read_text(errors="replace"))]
    async with httpx.AsyncClient(timeout=10) as http:
        for service, role in EVERY:
            text = (await http.get(f"{seen.ground.metrics_address(service, role)}/metrics")).text
            found += [f"the figures of {service} {role} tell of {told}" for told in _told(seen, text)]
            found += [f"the figures of {service} {role} name {who}" for who in (*COUNCILS, *AGENCIES) if who.partition(":")[2] in text]
    return found


def _told(seen: Evidence, text: str) -> list[str]:
    told = [f"child {number}" for number in children_in(text, seen.asking.births)]
    return told + [f"the postcode {postcode}" for postcode in sorted(carers_in(text))]


def _who_may_know(seen: Evidence) -> dict[int, set[str]]:
    """Child's number → the agencies that were chosen for it, by the councils' own lists of placements."""
    numbers = {str(sent.answer.said["id"]): int(sent.mark) for sent in seen.asking.sent if sent.path == "/children" and sent.answer.done}
    children = defaultdict(list)
    for row in seen.tables["placed_children"]:
        children[str(row["referral"])].append(str(row["child"]))
    allowed: dict[int, set[str]] = defaultdict(set)
    agreed = {event.subject for event in seen.of_type("placement.agreed")}
    for placement in seen.placements:
        for child in children[placement["referral"]] if placement["id"] in agreed else ():
            if child in numbers:
                allowed[numbers[child]].add(placement["provider"])
    return allowed


async def ledger_whole(seen: Evidence) -> list[str]:
    """Followed by each council's administrator; and each placement's right is given once a child, each decision written once a child."""
    found = []
    for council in COUNCILS:
        proof = await seen.asking.read("referrals", council, "/ledger/verification", role=Role.ADMINISTRATOR)
        counted = await seen.ground.rows("referrals", "SELECT count(*) FROM disclosures WHERE organisation = $1", council)
        lines = counted[0][0]
        if not proof.done or not proof.said["whole"]:
            found.append(f"the ledger of {council} is broken: {proof.said}")
        elif proof.said["lines"] != lines:
            found.append(f"the ledger of {council} proves {proof.said['lines']} lines of {lines}")
    children = Counter(str(row["referral"]) for row in seen.tables["placed_children"])
    granted: Counter[Any] = Counter(str(row["placement"]) for row in seen.tables["disclosures"] if row["act"] == "granted")
    agreed = {event.subject for event in seen.of_type("placement.agreed")}
    for row in seen.tables["placements"]:
        if str(row["id"]) not in agreed:  # the referral was withdrawn while its bed was being asked for
            continue
        given = granted[str(row["id"])]
        if given != children[str(row["referral"])]:
            found.append(f"placement {row['id']}: the right was given {given} times to {children[str(row['referral'])]} children")
    decided = Counter((str(row["decision"]), str(row["child"])) for row in seen.tables["disclosures"] if row["act"] == "decided")
    found += [f"decision {decision} is in the ledger {count} times for one child" for (decision, _), count in decided.items() if count > 1]
    written = {decision for decision, _ in decided}
    chosen = {str(event.data["decision"]) for event in seen.of_type("offer.selected")}
    return found + [f"decision {one} is not in the ledger" for one in sorted(chosen - written)]
