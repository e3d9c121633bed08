"""What callers were told, and what is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.faults.asking import Asking, Outcome, Sent, rules
from tests.faults.invariants.evidence import Evidence

REACHED = {"start": ("started", "ended"), "ending": ("ended",), "cancellation": ("cancelled",)}


async def settle(asking: Asking, since: int) -> int:
    """Ask again, under the same key, for each write that nobody answered; how many there were.

    A 503 or 429 that came at once and does not say that the outcome is unknown is an answer: nothing was written. Its caller gave up, so
    it must have left nothing.
    """
    settled = 0
    for number, sent in enumerate(asking.sent[since:], start=since):
        if sent.answer.outcome is not Outcome.UNKNOWN:
            continue
        if sent.answer.tries == 1 and sent.answer.status in (429, 503) and "outcome_unknown" not in rules(sent.answer):
            asking.sent[number] = replace(sent, answer=replace(sent.answer, outcome=Outcome.REFUSED))
            continue
        again = await asking.write(sent.service, sent.organisation, sent.method, sent.path, sent.body, key=sent.key, mark=sent.mark)
        asking.sent.pop()
        asking.sent[number] = replace(sent, answer=again)
        settled += 1
    return settled


async def kept(seen: Evidence) -> list[str]:
    """Each kind of write against what there is; then whether anything is left that nobody knows of."""
    found = [
        f"{sent.method} {sent.service}{sent.path}: after all is healed still {sent.answer.status}"
        for sent in seen.fresh
        if sent.answer.outcome is Outcome.UNKNOWN
    ]
    found += await _children(seen)
    found += _made(seen, "referral", "/referrals", lambda sent: True, Counter(_named(one) for one in seen.referrals))
    offers = Counter(f"{one['referral']}/{one['vacancy']}" for one in seen.offers)
    found += _made(seen, "offer", "/offers", lambda sent: True, offers, again=True)
    homes = Counter(row["reference"] for row in seen.tables["households"])
    found += _made(seen, "household", "/households/", lambda sent: True, homes)
    found += _made(seen, "vacancy", "/vacancies/", lambda sent: True, Counter(row["reference"] for row in seen.tables["vacancies"]))
    return found + _moved(seen)


def _named(referral: dict[str, Any]) -> str:
    return ",".join(sorted(child["child"] for child in referral["children"]))


def _made(seen: Evidence, noun: str, path: str, which: Callable[[Sent], bool], there: Counter[str], *, again: bool = False) -> list[str]:
    """One of each that was seen made (or, with ``again``, at least one where it was made anew), none of what never was."""
    done: Counter[str] = Counter()
    asked: dict[str, list[Sent]] = defaultdict(list)
    for sent in seen.asking.sent:
        if sent.mark and (sent.path.startswith(path) if path.endswith("/") else sent.path == path) and which(sent):
            asked[sent.mark].append(sent)
            done[sent.mark] += sent.answer.done
    found = []
    for mark, tries in asked.items():
        if any(sent.answer.outcome is Outcome.UNKNOWN for sent in tries):
            continue
        right = there[mark] == done[mark] if not again else bool(there[mark]) == bool(done[mark])
        if not right:
            said = [(sent.answer.status, sent.answer.tries) for sent in tries]
            found.append(f"{noun} {mark}: answered {said}, and there are {there[mark]}")
    return found + [f"{noun} {mark} is there and nobody asked for it" for mark in there if mark not in asked]


async def _children(seen: Evidence) -> list[str]:
    """A child's record is found by its council if and only if it was accepted."""
    found = []
    for sent in seen.fresh:
        if sent.path != "/children" or sent.answer.outcome is Outcome.UNKNOWN:
            continue
        wanted = {"child_id": sent.body["child_id"]}
        there = await seen.asking.once("referrals", sent.organisation, "POST", "/children/search", wanted)
        count = len(there.said["items"]) if there.done else -1
        if count != sent.answer.done:
            found.append(f"child {sent.mark}: answered {sent.answer.status}, and {count} found")
    return found


def _moved(seen: Evidence) -> list[str]:
    """What was accepted of a thing that exists shows in its state."""
    found = []
    placements = {one["id"]: one["state"] for one in seen.placements}
    referrals = {one["id"]: one for one in seen.referrals}
    decisions = {(str(row["referral"]), str(row["offer"])) for row in seen.tables["decisions"]}
    for sent in seen.fresh:
        parts = sent.path.strip("/").split("/")
        if not sent.answer.done or len(parts) != 3:
            continue
        noun, id, step = parts
        if noun == "placements" and step in REACHED and placements.get(id) not in REACHED[step]:
            found.append(f"placement {id}: {step} was accepted, and it is {placements.get(id)}")
        if noun == "referrals" and step == "broadcast" and referrals[id]["broadcast_at"] is None:
            found.append(f"referral {id}: it was accepted for sending, and was not sent")
        if noun == "referrals" and step == "withdrawal" and referrals[id]["state"] != "withdrawn":
            found.append(f"referral {id}: its withdrawal was accepted, and it is {referrals[id]['state']}")
        if noun == "referrals" and step == "choice" and (id, sent.mark) not in decisions:
            found.append(f"referral {id}: the choice of {sent.mark} was accepted, and there is no decision")
    return found
