"""Every KPI from returns, counted a second time in DuckDB from the files that returns go out as: nothing of monitoring is used for it."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import duckdb
import pytest

from monitoring.actions import recounting
from monitoring.domain.catalogue import KPIS
from monitoring.domain.definition import Reader
from monitoring.domain.from_returns import COUNTED_FROM_RETURNS
from shared import clock, tenancy
from shared.organisation import CONSORTIUM
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.returns.filled import RIGHT, last_fortnight, last_quarter
from tests.monitoring.returns.test_prefill import a_stay
from tests.running.services import RunningService

WEEKS = ["child_weeks"]
CAME = ["children_at_start", "starts"]
ENDED = ["endings_planned", "endings_unplanned"]

RATIOS: dict[str, tuple[list[str], list[str], int, str]] = {
    "places_filled_returned": (["places_filled"], ["places_approved"], 100, "0.1"),
    "places_vacant_returned": (["places_vacant"], ["places_approved"], 100, "0.1"),
    "places_not_available": (["places_not_available"], ["places_approved"], 100, "0.1"),
    "places_filled_by_consortium": (["children_at_end"], ["places_filled"], 100, "0.1"),
    "carers_recruited_net": (["households_approved", "-households_left"], ["households"], 100, "0.1"),
    "enquiries_assessed": (["assessments_begun"], ["enquiries"], 100, "0.1"),
    "carer_training_complete": (["training_complete"], ["training_due"], 100, "0.1"),
    "carers_per_supervising_social_worker": (["households"], ["supervising_social_workers"], 1, "0.01"),
    "social_worker_vacancies": (["social_worker_vacancies"], ["social_worker_vacancies", "social_workers"], 100, "0.1"),
    "fee_rise": (["fees_raised_by"], ["fees_raised"], 1, "0.01"),
    "feedback_answered": (["feedback_answers"], ["feedback_asked"], 100, "0.1"),
    "feedback_satisfied": (["feedback_satisfied"], ["feedback_answers"], 100, "0.1"),
    "endings_per_100_children": (ENDED, CAME, 100, "0.1"),
    "unplanned_endings_returned": (["endings_unplanned"], ENDED, 100, "0.1"),
    "unplanned_asked_by_carers": (["unplanned_reasons.CREQB", "unplanned_reasons.CREQO"], ["unplanned_reasons"], 100, "0.1"),
    "moves_within_agency": (["moves"], WEEKS, 100, "0.01"),
    "education_full_time": (["children_full_time"], ["children_school_age"], 100, "0.1"),
    "school_missed": (["children_missed_school"], ["children_school_age"], 100, "0.1"),
    "health_assessments_done": (["health_done"], ["health_due"], 100, "0.1"),
    "dental_checks_done": (["dental_done"], ["dental_due"], 100, "0.1"),
    "missing_per_100_child_weeks": (["missing_episodes"], WEEKS, 100, "0.01"),
    "missing_children_per_100": (["missing_children"], CAME, 100, "0.1"),
    "return_interviews_offered": (["return_interviews"], ["missing_episodes"], 100, "0.1"),
    "allegations_per_100_child_weeks": (["allegations"], WEEKS, 100, "0.01"),
    "complaints_per_100_child_weeks": (["complaints"], WEEKS, 100, "0.01"),
    "complaints_by_children": (["complaints_by.child"], ["complaints_by"], 100, "0.1"),
    "notifiable_events": (["notifiable"], WEEKS, 100, "0.01"),
    "restraints_per_100_child_weeks": (["restraints"], WEEKS, 100, "0.01"),
}
"""KPI → fields of the numerator (a minus takes away), fields of the denominator, for each so many, and the step it is rounded to."""


def made(chance: Random) -> dict[str, str]:
    """A return that breaks no rule, and is like no other."""
    found = {name: int(float(value)) for name, value in RIGHT.items() if not name.startswith(("social", "superv", "child_weeks", "fees"))}
    for council in (SOUTHAMPTON, SLOUGH):
        start, came, planned, unplanned = (chance.randint(*span) for span in ((6, 15), (0, 6), (0, 3), (0, 3)))
        episodes = chance.randint(0, 6)
        found |= {
            f"children_at_start.{council}": start,
            f"starts.{council}": came,
            f"endings_planned.{council}": planned,
            f"endings_unplanned.{council}": unplanned,
            f"children_at_end.{council}": start + came - planned - unplanned,
            f"missing_episodes.{council}": episodes,
            f"missing_children.{council}": min(episodes, chance.randint(1, 3)),
            f"return_interviews.{council}": chance.randint(0, episodes),
            f"allegations.{council}": chance.randint(0, 2),
            f"complaints.{council}": chance.randint(0, 4),
            f"moves.{council}": chance.randint(0, 3),
            f"restraints.{council}": chance.randint(0, 3),
        }
    unplanned = sum(found[f"endings_unplanned.{council}"] for council in (SOUTHAMPTON, SLOUGH))
    complaints = sum(found[f"complaints.{council}"] for council in (SOUTHAMPTON, SLOUGH))
    at_end = sum(found[f"children_at_end.{council}"] for council in (SOUTHAMPTON, SLOUGH))
    carers, child = chance.randint(0, unplanned), chance.randint(0, complaints)
    found |= {"unplanned_reasons.CREQB": carers, "unplanned_reasons.ALLEG": unplanned - carers}
    found |= {"complaints_by.child": child, "complaints_by.parent": complaints - child}
    found |= {"places_filled": at_end + chance.randint(0, 9), "places_vacant": chance.randint(0, 9), "households": chance.randint(10, 30)}
    found["places_approved"] = found["places_filled"] + found["places_vacant"] + 5
    found["children_school_age"] = chance.randint(1, at_end)
    among = {"children_full_time": "children_school_age", "health_done": "health_due", "feedback_answers": "feedback_asked"}
    for part, whole in among.items():
        found[part] = chance.randint(1, found[whole])
    found["children_missed_school"] = chance.randint(0, found["children_school_age"])
    found["feedback_satisfied"] = chance.randint(0, found["feedback_answers"])
    found["households"] = min(found["households"], found["places_approved"])
    figures = {name: str(number) for name, number in found.items()}
    return figures | {
        "social_workers": f"{chance.randint(50, 80) / 10}",
        "social_worker_vacancies": f"{chance.randint(0, 20) / 10}",
        "supervising_social_workers": f"{chance.randint(10, 45) / 10}",
        f"child_weeks.{SOUTHAMPTON}": f"{chance.randint(300, 900) / 20:.1f}",
        f"child_weeks.{SLOUGH}": f"{chance.randint(300, 900) / 20:.1f}",
        f"fees_raised.{SLOUGH}": str(chance.randint(1, 4)),
        f"fees_raised_by.{SLOUGH}": f"{chance.randint(100, 9000) / 100:.2f}",
    }


def past(form: str, begins: date, agency: str, received: date, lines: dict[str, str]) -> dict[str, Any]:
    sent = [{"name": name, "value": value} for name, value in lines.items()]
    return {"form": form, "begins": str(begins), "agency": agency, "received_on": str(received), "lines": sent}


async def taken_out(service: RunningService) -> duckdb.DuckDBPyConnection:
    """Every line of every return as its file has it, and the board, as two tables."""
    manager, table = service.as_("consortium"), duckdb.connect()
    table.execute("CREATE TABLE line (form text, ends date, agency text, field text, part text, value text)")
    table.execute("CREATE TABLE board (due date, received date, agency text)")
    board = (await manager.get("/returns", params={"limit": "200"})).json()["items"]
    for row in board:
        table.execute("INSERT INTO board VALUES (?, ?, ?)", [row["due_on"], row["received_on"], row["agency"]])
        if not row["accepted_version"]:
            continue
        reply = await manager.get(f"/returns/{row['form']}/{row['begins']}/template", params={"agency": row["agency"]})
        for cells in csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))):
            if cells["value"]:
                field, _, part = cells["name"].partition(".")
                table.execute(
                    "INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", [row["form"], row["ends"], row["agency"], field, part, cells["value"]]
                )
    return table


def added(table: duckdb.DuckDBPyConnection, names: list[str], where: str) -> Decimal:
    total = Decimal(0)
    for name in names:
        field, _, part = name.removeprefix("-").partition(".")
        chosen = f"AND part = '{part}'" if part else ""
        found = table.sql(f"SELECT sum(value::decimal(18, 2)) FROM line WHERE field = '{field}' {chosen} AND {where}").fetchall()
        number = found[0][0] or Decimal(0)
        total += -number if name.startswith("-") else number
    return total


def rounded(value: Decimal | None, step: str) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(step), ROUND_HALF_UP)


def by_hand(table: duckdb.DuckDBPyConnection, where: str) -> dict[str, Decimal | None]:
    """The ratios of sums, over the lines chosen."""
    found = {}
    for kpi, (over, under, each, step) in RATIOS.items():
        whole = added(table, under, where)
        found[kpi] = rounded(each * added(table, over, where) / whole, step) if whole else None
    return found


async def told(service: RunningService, who: str, **asked: str) -> dict[str, Decimal | None]:
    reply = await service.as_(who).get("/kpis", params=asked)
    assert reply.status_code == 200, reply.text
    return {kpi["name"]: None if kpi["value"] is None else Decimal(kpi["value"]) for kpi in reply.json()["kpis"]}


def test_each_kpi_from_returns_has_a_recount_here() -> None:
    others = {"placements_unstable", "days_unstable", "unstable_supported", "returns_on_time"}
    assert set(RATIOS) | others == COUNTED_FROM_RETURNS


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_kpi_from_returns_is_what_duckdb_finds_in_the_files(monitoring: RunningService, seed: int) -> None:
    chance = Random(seed)
    sent = []
    for back in range(4):
        quarter = last_quarter(back)
        for agency in (OAK, ASH):
            received = min(quarter.last + timedelta(days=chance.choice([5, 20, 21, 22, 40])), clock.today())
            sent.append(past("quarterly", quarter.first, agency, received, made(chance)))
    reply = await monitoring.as_("consortium").post("/past-returns", json={"returns": sent})
    assert reply.status_code == 200, reply.text
    if seed == 2:  # from kept rows; with the other seed what is due is counted from the facts
        async with tenancy.transaction(monitoring.databases, CONSORTIUM) as transaction:
            await recounting.recount_due(transaction)
    table = await taken_out(monitoring)
    for backs in ((0, 3), (1, 1)):
        first, last = last_quarter(backs[1]).first, last_quarter(backs[0]).last
        span = {"from": str(first), "to": str(last)}
        days = f"form = 'quarterly' AND ends BETWEEN '{first}' AND '{last}'"
        everything = await told(monitoring, "consortium", **span)
        assert {name: everything[name] for name in RATIOS} == by_hand(table, days)
        own = await told(monitoring, f"agency:{OAK}", **span)
        assert {name: own[name] for name in RATIOS} == by_hand(table, f"{days} AND agency = '{OAK}'")
        assert {name: (await told(monitoring, "consortium", agency=OAK, **span))[name] for name in RATIOS} == {n: own[n] for n in RATIOS}
        council = await told(monitoring, f"council:{SLOUGH}", **span)
        parts = by_hand(table, f"{days} AND part = '{SLOUGH}'")
        seen = {name for name in RATIOS if Reader.COUNCIL in KPIS[name].seen_by}
        assert {name: council[name] for name in seen} == {name: parts[name] for name in seen}
        assert not set(council) & (set(RATIOS) - seen)
        (due,) = table.sql(
            f"""SELECT count(*) FILTER (WHERE received <= due), count(*) FROM board
            WHERE due BETWEEN '{first}' AND '{last}' AND due < '{clock.today()}'"""
        ).fetchall()
        assert everything["returns_on_time"] == (rounded(Decimal(100) * due[0] / due[1], "0.1") if due[1] else None)


async def test_unstable_placements_are_counted_one_by_one_and_each_is_there_to_be_opened(monitoring: RunningService) -> None:
    fortnight = last_fortnight()
    chance = Random(3)
    since, whose = fortnight.first - timedelta(days=60), [SLOUGH] * 4 + [SOUTHAMPTON] * 3
    stays = [(council, await a_stay(monitoring, council, first=since)) for council in whose]
    sent, begins = [], fortnight.first
    for _ in range(3):
        lines = {f"placements_held.{SLOUGH}": "4", f"placements_held.{SOUTHAMPTON}": "3"}
        for _, placement in chance.sample(stays, k=3):
            lines |= {
                f"unstable.{placement}": chance.choice(["notice_given", "went_missing"]),
                f"unstable_since.{placement}": str(begins - timedelta(days=chance.randint(0, 30))),
                f"support.{placement}": chance.choice(["none_yet", "more_visits"]),
            }
        sent.append(past("stability", begins, OAK, begins + timedelta(days=15), lines))
        begins -= timedelta(days=14)
    sent = [each for each in sent if date.fromisoformat(each["received_on"]) <= clock.today()] or sent[1:]
    reply = await monitoring.as_("consortium").post("/past-returns", json={"returns": sent})
    assert reply.status_code == 200, reply.text
    table = await taken_out(monitoring)
    span = {"from": str(begins), "to": str(fortnight.last)}
    found = await told(monitoring, "consortium", **span)
    held = added(table, ["placements_held"], "true")
    (unstable, helped), *_ = table.sql(
        """SELECT count(*) FILTER (WHERE field = 'unstable'), count(*) FILTER (WHERE field = 'support' AND value <> 'none_yet') FROM line"""
    ).fetchall()
    (median,), *_ = table.sql("SELECT quantile_cont(ends - value::date, 0.5) FROM line WHERE field = 'unstable_since'").fetchall()
    assert found["placements_unstable"] == rounded(100 * Decimal(unstable) / held, "0.1")
    assert found["unstable_supported"] == rounded(100 * Decimal(helped) / unstable, "0.1")
    assert found["days_unstable"] == rounded(Decimal(median), "0.01")
    own = await told(monitoring, f"council:{SLOUGH}", **span)
    named = {str(placement) for council, placement in stays if council == SLOUGH}
    rows = table.sql("SELECT part FROM line WHERE field = 'unstable'").fetchall()
    slough = sum(part in named for (part,) in rows)
    assert own["placements_unstable"] == rounded(100 * Decimal(slough) / (4 * len(sent)), "0.1")


async def test_figures_without_returns_say_so(monitoring: RunningService) -> None:
    found = (await monitoring.as_("consortium").get("/kpis")).json()["kpis"]
    from_returns = [kpi for kpi in found if kpi["name"] in COUNTED_FROM_RETURNS]
    assert {(kpi["value"], kpi["records"]) for kpi in from_returns} == {(None, 0)}
    assert all(kpi["words"].startswith("No records") for kpi in from_returns)
