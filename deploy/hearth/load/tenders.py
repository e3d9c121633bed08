"""A tender round from its opening to the published tiers: bids as each agency, scores as each council, the rest as the procurement lead."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hearth.load import cells
from hearth.load.consortium import AGENCIES, CONSORTIUM, COUNCILS, FRAMEWORKS, LOTS, PRICE_BANDS, QUALITY_QUESTIONS
from hearth.load.rows import Column, Fault, Folder, Row, Shape
from hearth.load.sending import Sender
from hearth.progress import step
from shared import clock

ROUNDS = Shape(
    "tender_rounds.csv",
    (
        Column("round", cells.code),
        Column("framework", cells.lot),
        Column("lot", cells.lot),
        Column("opens_at", cells.moment),
        Column("closes_at", cells.moment),
    ),
    key=("round",),
)
BIDS = Shape(
    "bids.csv",
    (
        Column("round", cells.code),
        Column("lot", cells.lot),
        Column("URN", cells.agency),
        Column("band", cells.text),
        Column("pounds_per_week", cells.pounds),
    ),
    key=("round", "URN", "band"),
)
QUALITY_SCORES = Shape(
    "quality_scores.csv",
    (
        Column("round", cells.code),
        Column("lot", cells.lot),
        Column("URN", cells.agency),
        Column("question", cells.text),
        Column("evaluator_council", cells.council),
        Column("score", cells.amount),
        Column("reason", cells.text),
    ),
    key=("round", "URN", "question", "evaluator_council"),
)
MODERATED_SCORES = Shape(
    "moderated_scores.csv",
    (
        Column("round", cells.code),
        Column("lot", cells.lot),
        Column("URN", cells.agency),
        Column("question", cells.text),
        Column("score", cells.amount),
        Column("reason", cells.text),
    ),
    key=("round", "URN", "question"),
)
SHAPES = (ROUNDS, BIDS, QUALITY_SCORES, MODERATED_SCORES)

ROOM_FOR_BIDS = timedelta(seconds=3)
ROOM_FOR_EACH = timedelta(milliseconds=120)
LONG_WAIT = timedelta(minutes=2)
"""A round that closes later than this is left open: the load is run again after its closing."""


def check(folder: Folder) -> Iterator[Fault]:
    """What is wrong between the rows: a bid of no round, a band without a price, a score above its question's most."""
    rounds = {row["round"]: row for row in folder[ROUNDS.file]}
    for row in rounds.values():
        yield from folder.dangling(row, "framework", {(code,) for (code,) in folder.known(FRAMEWORKS.file, "code")}, FRAMEWORKS.file)
        yield from folder.dangling(row, "lot", folder.known(LOTS.file, "lot"), LOTS.file)
        if row["closes_at"] <= row["opens_at"]:
            yield row.fault("closes_at", "must be after opens_at")
    agencies, bands = folder.known(AGENCIES.file, "URN"), folder.known(PRICE_BANDS.file, "lot", "band")
    questions = {row.key("lot", "question"): row for row in folder[QUALITY_QUESTIONS.file]}
    for file in (BIDS.file, QUALITY_SCORES.file, MODERATED_SCORES.file):
        for row in folder[file]:
            yield from folder.dangling(row, "round", folder.known(ROUNDS.file, "round"), ROUNDS.file)
            if row["round"] in rounds and rounds[row["round"]]["lot"] != row["lot"]:
                yield row.fault("lot", f"is not the lot of this round (line {rounds[row['round']].line} of {ROUNDS.file})")
            yield from folder.dangling(row, "URN", agencies, AGENCIES.file)
    for row in folder[BIDS.file]:
        yield from folder.dangling(row, ("lot", "band"), bands, PRICE_BANDS.file)
    yield from _unpriced(folder)
    asked = folder.known(QUALITY_QUESTIONS.file, "lot", "question")
    for file in (QUALITY_SCORES.file, MODERATED_SCORES.file):
        for row in folder[file]:
            yield from folder.dangling(row, ("lot", "question"), asked, QUALITY_QUESTIONS.file)
            question = questions.get(row.key("lot", "question"))
            if question and Decimal(row["score"]) > Decimal(question["max_score"]):
                yield row.fault("score", f"is above the question's highest score, {question['max_score']}")
    for row in folder[QUALITY_SCORES.file]:
        if folder.has(COUNCILS.file) and (row["evaluator_council"],) not in folder.known(COUNCILS.file, "ons_code"):
            yield row.fault("evaluator_council", f"is not in {COUNCILS.file}")


def _unpriced(folder: Folder) -> Iterator[Fault]:
    needed: dict[str, set[str]] = defaultdict(set)
    for row in folder[PRICE_BANDS.file]:
        needed[row["lot"]].add(row["band"])
    priced = folder.known(BIDS.file, "round", "lot", "URN", "band")
    for (round_name, agency), rows in _bids(folder).items():
        lot = rows[0]["lot"]
        missing = sorted(band for band in needed[lot] if (round_name, lot, agency, band) not in priced)
        if missing:
            yield rows[0].fault("band", f"this bid has no price for: {', '.join(missing)}")


def _bids(folder: Folder) -> dict[tuple[Any, ...], list[Row]]:
    bids: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in folder[BIDS.file]:
        bids[row.key("round", "URN")].append(row)
    return bids


@dataclass(frozen=True)
class Opened:
    """A round as the service keeps it."""

    row: Row
    id: str
    stage: str
    closes_at: datetime


async def open_and_bid(folder: Folder, sender: Sender) -> list[Opened]:
    """Open the rounds that are not there yet and put the bids in; what came of each round.

    A closing hour that would pass before the bids are in is moved a few seconds on: a round may be loaded that was held elsewhere.
    """
    bids = _bids(folder)
    began = clock.now()
    await sender.ask("providers", "GET", "/tender-rounds", CONSORTIUM)
    # A slow or busy machine answers slowly: it gets as much longer.
    answered_in = clock.now() - began
    earliest = clock.now() + ROOM_FOR_BIDS + max(ROOM_FOR_EACH, 3 * answered_in) * len(bids)

    async def one(row: Row) -> Opened | None:
        there = await sender.ask("providers", "GET", f"/tender-rounds?reference={row['round']}", CONSORTIUM)
        items = there.body["items"] if there.good else []
        if not items:
            body = {
                "reference": row["round"],
                "framework": row["framework"],
                "lot": row["lot"],
                "opens_at": row["opens_at"].isoformat(),
                "closes_at": max(row["closes_at"], earliest).isoformat(),
            }
            made = await sender.send(row, "providers", "POST", "/tender-rounds", CONSORTIUM, body)
            items = [made] if made else []
        if not items:
            return None
        return Opened(row, str(items[0]["id"]), str(items[0]["stage"]), datetime.fromisoformat(items[0]["closes_at"]))

    opened = [found for found in await sender.each("Tender rounds", folder[ROUNDS.file], one) if found]
    ids = {found.row["round"]: found.id for found in opened if found.stage == "open"}

    async def bid(first: Row) -> Any:
        prices = [{"band": row["band"], "pounds_per_week": row["pounds_per_week"]} for row in bids[first.key("round", "URN")]]
        path = f"/tender-rounds/{ids[first['round']]}/bid"
        return await sender.send(first, "providers", "PUT", path, f"agency:{first['URN']}", {"prices": prices})

    await sender.each("Sealed bids", [rows[0] for rows in bids.values() if rows[0]["round"] in ids], bid)
    return opened


async def close_and_publish(folder: Folder, sender: Sender, opened: list[Opened]) -> None:
    """Close each round when its hour has come, hand in the scores, evaluate and publish the tiers."""
    for found in opened:
        if found.stage == "published":
            continue
        if found.closes_at - clock.now() > LONG_WAIT:
            sender.notes.append(
                f"Round {found.row['round']} takes bids until {clock.in_uk_words(found.closes_at)}: load this folder again after that."
            )
            continue
        if found.closes_at > clock.now():
            with step(f"Waiting for {found.row['round']} to close, since nobody may read a bid before"):
                await asyncio.sleep((found.closes_at - clock.now()).total_seconds() + 0.05)
        await _evaluate(folder, sender, found)


async def _evaluate(folder: Folder, sender: Sender, found: Opened) -> None:
    row, path = found.row, f"/tender-rounds/{found.id}"

    async def ask(what: str) -> Any:
        answer = await sender.send(row, "providers", "POST", f"{path}/{what}", CONSORTIUM)
        sender.stop_if_refused()
        return answer

    with step(f"Scores, ranked list and tiers of {row['round']}"):
        if found.stage not in ("closed", "evaluated"):
            await ask("closing")
        gate = await sender.ask("providers", "GET", f"{path}/gate", CONSORTIUM)
        passed = {item["agency"] for item in gate.body["items"] if item["passed"]} if gate.good else set()
        by_council: dict[str, list[Row]] = defaultdict(list)
        for score in folder[QUALITY_SCORES.file]:
            if score["round"] == row["round"] and score["URN"] in passed:
                by_council[score["evaluator_council"]].append(score)
        for council, scores in by_council.items():
            await _hand_in(sender, scores, f"{path}/quality-scores", f"council:{council}")
        moderated = [score for score in folder[MODERATED_SCORES.file] if score["round"] == row["round"] and score["URN"] in passed]
        await _hand_in(sender, moderated, f"{path}/moderated-scores", CONSORTIUM)
        await ask("evaluation")
        await ask("publication")


async def _hand_in(sender: Sender, scores: list[Row], path: str, organisation: str) -> None:
    if not scores:
        return
    body = {
        "scores": [
            {"agency": score["URN"], "question": score["question"], "score": score["score"], "reason": score["reason"]} for score in scores
        ]
    }
    await sender.send(scores[0], "providers", "PUT", path, organisation, body)
    sender.stop_if_refused()
