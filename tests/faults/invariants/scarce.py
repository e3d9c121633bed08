"""What there is only one of: a bed, a placement, a place in an agency's list."""

from __future__ import annotations

from collections import Counter, defaultdict

from tests.faults.consortium import AGENCIES
from tests.faults.invariants.evidence import Evidence

LIVE = ("agreed", "started")
OVER = ("released", "withdrawn", "refused", "confirmed")


async def no_bed_twice(seen: Evidence) -> list[str]:
    """Beds add up; one confirmed offer and one placement a referral, of all its children; each offer has ended or may be chosen."""
    found = []
    taken: Counter[object] = Counter()
    for hold in seen.tables["holds"]:
        if hold["state"] != "freed":
            taken[hold["vacancy"]] += hold["beds"]
    for row in seen.tables["vacancies"]:
        if row["status"] == "open" and row["free_beds"] + taken[row["id"]] != row["asked_beds"]:
            found.append(f"vacancy {row['id']}: {row['free_beds']} free and {taken[row['id']]} taken of {row['asked_beds']}")
        if taken[row["id"]] > row["asked_beds"]:
            found.append(f"vacancy {row['id']}: {taken[row['id']]} beds taken of {row['asked_beds']}")
    live = {row["hold"] for row in seen.tables["placements"] if row["state"] in LIVE}
    found += [
        f"bed {hold['id']} is {hold['state']} for no placement"
        for hold in seen.tables["holds"]
        if hold["state"] != "freed" and hold["id"] not in live
    ]
    placed = Counter(row["referral"] for row in seen.tables["placements"] if row["state"] != "cancelled")
    found += [f"referral {referral} has {count} placements" for referral, count in placed.items() if count > 1]
    children = {row["id"]: row["children"] for row in seen.tables["sought"]}
    holds = {row["id"]: row for row in seen.tables["holds"]}
    for row in seen.tables["placements"]:
        hold = holds.get(row["hold"])
        if hold is None or hold["beds"] != children[row["referral"]]:
            found.append(f"placement {row['id']} of {children[row['referral']]} children has {hold['beds'] if hold else 'no'} beds")
    return found + _ends(seen)


def _ends(seen: Evidence) -> list[str]:
    """By the agencies' own lists: at most one offer of a referral is confirmed, and none lingers on a referral that is over."""
    found = []
    states = {str(row["id"]): row["state"] for row in seen.tables["sought"]}
    by_referral = defaultdict(list)
    for offer in seen.offers:
        by_referral[offer["referral"]].append(offer["state"])
    cancelled = Counter(str(row["referral"]) for row in seen.tables["placements"] if row["state"] == "cancelled")
    for referral, ends in by_referral.items():
        if ends.count("confirmed") > 1 + cancelled[referral]:
            found.append(f"referral {referral} has {ends.count('confirmed')} confirmed offers")
        if states.get(referral) != "broadcast" and not all(end in OVER for end in ends):
            found.append(f"referral {referral} is {states.get(referral)} and its offers are {ends}")
    # One that was confirmed may still be released: its referral was withdrawn before the placement was agreed. A bed that was
    # still being taken when its offer had ended is given back by saying so a second time.
    endings = ("offer.refused", "offer.released", "offer.withdrawn")
    ended = Counter(event.subject for event in seen.of_type(*endings) if event.data.get("reason") != "no_longer_chosen")
    confirmed = Counter(event.subject for event in seen.of_type("offer.confirmed"))
    found += [f"offer {offer} ended {count} times" for offer, count in ended.items() if count > 1]
    return found + [f"offer {offer} was confirmed {count} times" for offer, count in confirmed.items() if count > 1]


async def every_agency_once(seen: Evidence) -> list[str]:
    """Every agency is listed in the lot, so each must be shown each referral that was sent, once; or none of them, if matching heard
    that it was withdrawn before it heard that it was sent: then there was nothing left to answer.
    """
    sent = Counter(event.subject for event in seen.of_type("referral.broadcast"))
    found = [f"referral {referral} was sent {count} times" for referral, count in sent.items() if count > 1]
    for referral in _withdrawn_unshown(seen):
        del sent[referral]
    for agency in AGENCIES:
        listed = Counter(seen.opportunities[agency])  # what is open to it now
        found += [f"{agency} is listed {referral} {count} times" for referral, count in listed.items() if count > 1]
        shown = Counter(str(row["referral"]) for row in seen.tables["opportunities"] if row["provider"] == agency)
        found += [f"{agency} is listed {referral}, which is not shown to it" for referral in sorted(listed.keys() - shown.keys())]
        open_now = {str(row["id"]) for row in seen.tables["sought"] if row["state"] == "broadcast"}
        open_now -= {str(row["referral"]) for row in seen.tables["declines"] if row["provider"] == agency}
        found += [f"{agency} is not listed {referral}, which is open" for referral in sorted(open_now - listed.keys())]
        found += [f"{agency} is shown {referral} {count} times" for referral, count in shown.items() if count > 1]
        found += [f"{agency} was never shown {referral}" for referral in sorted(sent.keys() - shown.keys())]
        found += [f"{agency} is shown {referral}, which was never sent" for referral in sorted(shown.keys() - sent.keys())]
    told = Counter((row["organisation"], str(row["referral"])) for row in seen.tables["notices"] if row["type"] == "opportunity.sent")
    found += [f"{who} has {told[who, one]} notices of {one}" for who in AGENCIES for one in sent if told[who, one] != 1]
    return found


def _withdrawn_unshown(seen: Evidence) -> set[str]:
    """Referrals that were withdrawn, as both services say, and that no agency was ever shown."""
    withdrawn = {event.subject for event in seen.of_type("referral.withdrawn")}
    withdrawn &= {str(row["referral"]) for row in seen.tables["matching_referrals"] if row["state"] == "withdrawn"}
    return withdrawn - {str(row["referral"]) for row in seen.tables["opportunities"]}
