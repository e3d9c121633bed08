"""What must be true when all is healed and quiet, whatever was broken before. Each gives every violation it found, in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.invariants import news, promises, rest, scarce, secrecy
from tests.faults.invariants.evidence import Evidence


@dataclass(frozen=True)
class Invariant:
    """One thing that must always be true."""

    code: str
    words: str
    violations: Callable[[Evidence], Awaitable[list[str]]]


INVARIANTS = (
    Invariant(
        "I1",
        "Every change of a referral, placement, vacancy or offer that was committed has exactly one event in its service's outbox, "
        "and every event there was sent.",
        news.every_change_told_once,
    ),
    Invariant(
        "I2",
        "Every service has heard exactly the events published to it, and each had its effect once: nothing lost, nothing from nowhere, "
        "nothing done twice.",
        news.heard_once_each,
    ),
    Invariant(
        "I3",
        "What a service keeps of another's news equals what the whole history of events gives: monitoring's facts and counts when built "
        "again, matching's vacancies and referrals, and the beds held for each placement.",
        news.kept_as_the_history_gives,
    ),
    Invariant("I4", "The versions of each thing grow with every change, without a gap and without a repeat.", news.versions_in_order),
    Invariant(
        "I5",
        "No bed is promised twice and none is held for ever; a referral has at most one confirmed offer and one placement; brothers and "
        "sisters who are not to be parted are placed together or not at all; each offer ends in exactly one way.",
        scarce.no_bed_twice,
    ),
    Invariant(
        "I6", "A referral that was sent reaches every agency of its lot, each exactly once, and nobody else.", scarce.every_agency_once
    ),
    Invariant(
        "I7",
        "Nothing that tells who a child is, or where a carer lives, is in any answer to somebody without the right, in any event, in any "
        "log line or among the figures; no list shows a row of another organisation.",
        secrecy.nothing_strays,
    ),
    Invariant(
        "I8",
        "What a caller saw accepted is there, once. What was refused left nothing. What nobody answered is one of the two, and the same "
        "Idempotency-Key says which.",
        promises.kept,
    ),
    Invariant(
        "I9",
        "The queues are empty, there are no more dead letters than poison that was put in, nothing waits in a transaction or for a lock, "
        "and connections and memory are back where they were.",
        rest.everything_at_rest,
    ),
    Invariant(
        "I10",
        "Each council's disclosure ledger is a whole chain, and names each decision, each right given and each reading once.",
        secrecy.ledger_whole,
    ),
)


async def violations(evidence: Evidence) -> list[str]:
    """Every violation of every invariant; one that cannot be looked at is one too."""
    found = []
    for one in INVARIANTS:
        try:
            found += [f"{one.code}: {each}" for each in await one.violations(evidence)]
        except Exception as error:
            found.append(f"{one.code}: could not be looked at: {type(error).__name__} {error}")
    return found
