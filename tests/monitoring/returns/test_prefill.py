"""What Hearth fills in is what its records say, counted a second time in another way; and what differs is shown line by line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.period import Period
from monitoring.domain.returns.lines import Cell
from monitoring.domain.returns.prefill import Held, Stay, filled_in
from monitoring.domain.returns.rules import Given, findings
from shared import clock, ids
from shared.contracts.providers import PlacesCounted
from shared.contracts.referrals import PlacementEnded, PlacementEventsCounted, PlacementStarted
from shared.contracts.words import PlaceChangeReason
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.returns.filled import body, last_quarter, lines, the_form
from tests.running.services import RunningService

QUARTER = Period(date(2012, 7, 1), date(2012, 9, 30))
PATH = f"/returns/quarterly/{last_quarter().first}"

EDGES = [date(2012, 6, 30), date(2012, 7, 1), date(2012, 7, 2), date(2012, 9, 29), date(2012, 9, 30), date(2012, 10, 1)]
DAYS = st.sampled_from(EDGES) | st.dates(date(2012, 5, 1), date(2012, 11, 30))


def stay(number: int, council: str, children: int, one: date, other: date, still: bool, planned: bool) -> Stay:
    first, last = sorted((one, other))
    if still:
        return Stay(UUID(int=number), council, children, first)
    return Stay(UUID(int=number), council, children, first, last, planned, "CHILD")


COUNCILS = st.sampled_from([SOUTHAMPTON, SLOUGH])
STAYS = st.builds(stay, st.integers(1, 9**9), COUNCILS, st.integers(1, 3), DAYS, DAYS, st.booleans(), st.booleans())


def walked(stays: list[Stay], council: str) -> dict[str, Decimal]:
    """Every morning of the quarter, head by head: slow, and as a person would count."""
    found = dict.fromkeys(("children_at_start", "starts", "endings_planned", "endings_unplanned", "children_at_end", "nights"), 0)
    for stay in (stay for stay in stays if stay.council == council):
        assert stay.started_on is not None
        for back in range((QUARTER.last - QUARTER.first).days + 1):
            day = QUARTER.first + timedelta(days=back)
            slept = stay.started_on <= day and (stay.ended_on is None or day < stay.ended_on)
            found["nights"] += stay.children * slept
            found["starts"] += stay.children * (stay.started_on == day)
            if stay.ended_on == day:
                found["endings_planned" if stay.planned else "endings_unplanned"] += stay.children
        before = QUARTER.first - timedelta(days=1)
        found["children_at_start"] += stay.children * (stay.started_on <= before and (stay.ended_on is None or before < stay.ended_on))
        found["children_at_end"] += stay.children * (
            stay.started_on <= QUARTER.last and (stay.ended_on is None or QUARTER.last < stay.ended_on)
        )
    return {name: Decimal(number) for name, number in found.items()}


@given(st.lists(STAYS, max_size=8))
def test_what_is_filled_in_is_what_counting_day_by_day_gives_and_is_in_balance(stays: list[Stay]) -> None:
    filled = filled_in(the_form(), Held(tuple(stays)), QUARTER)
    for council in {stay.council for stay in stays}:
        counted = walked(stays, council)
        for name in ("children_at_start", "starts", "endings_planned", "endings_unplanned", "children_at_end"):
            assert filled[Cell(name, council)] == counted[name], name
        assert abs(filled[Cell("child_weeks", council)] * 7 - counted["nights"]) <= Decimal("0.35")
    typed = {cell.name: str(figure) for cell, figure in filled.items()}
    broken = {each.rule for each in findings(Given(the_form(), QUARTER, lines(typed), filled))}
    assert not broken & {"R031", "R033", "R034", "R020"}, "what Hearth fills in breaks no rule by itself"


async def a_stay(
    service: RunningService, council: str, *, first: date, last: date | None = None, whose: str = OAK, planned: bool = False
) -> UUID:
    """A child moved in, and out again."""
    placement = ids.new_id()
    common = {"placement": placement, "referral": ids.new_id(), "council": council, "provider": f"agency:{whose}"}
    common |= {"vacancy": ids.new_id(), "hold": ids.new_id()}
    started = PlacementStarted(**common, started_on=first, numbers_in_year=(1,))
    await service.deliver(started, subject=str(placement), version=2, organisation=f"council:{council}", council=council)
    if last is not None:
        ended = PlacementEnded(
            **common, started_on=first, ended_on=last, planned=planned, reason=PlaceChangeReason.CARER_ASKED_BEHAVIOUR, children=1
        )
        await service.deliver(ended, subject=str(placement), version=3, organisation=f"council:{council}", council=council)
    return placement


async def told_of_homes(service: RunningService, whose: str = OAK) -> None:
    event = PlacesCounted(provider=f"agency:{whose}", households=20, approved_places=40)
    moment = last_quarter().opens
    await service.deliver(event, subject=f"agency:{whose}", organisation=f"agency:{whose}", time=moment)


async def test_a_return_begins_with_what_events_have_told(monitoring: RunningService) -> None:
    quarter = last_quarter()
    await told_of_homes(monitoring)
    await a_stay(monitoring, SLOUGH, first=quarter.first - timedelta(days=30), last=quarter.first + timedelta(days=7))
    await a_stay(monitoring, SLOUGH, first=quarter.first + timedelta(days=1))
    await a_stay(monitoring, SOUTHAMPTON, first=quarter.last + timedelta(days=1))
    await a_stay(monitoring, SLOUGH, first=quarter.first, whose=ASH)
    counted = PlacementEventsCounted(
        council=SLOUGH, provider=f"agency:{OAK}", month=quarter.first, kind="missing_episode", count=3, shared_count=2
    )
    await monitoring.deliver(counted, subject="x", organisation=f"council:{SLOUGH}", council=SLOUGH)
    found = (await monitoring.as_(f"agency:{OAK}").get(PATH)).json()
    filled = {line["name"]: line["held"] for line in found["lines"]}
    assert found["state"] in ("not_begun", "overdue")
    assert {name: held for name, held in filled.items() if "weeks" not in name} == {
        "households": "20",
        "places_approved": "40",
        f"children_at_start.{SLOUGH}": "1",
        f"starts.{SLOUGH}": "1",
        f"endings_planned.{SLOUGH}": "0",
        f"endings_unplanned.{SLOUGH}": "1",
        "unplanned_reasons.CREQB": "1",
        f"children_at_end.{SLOUGH}": "1",
        f"missing_episodes.{SLOUGH}": "2",
        f"allegations.{SLOUGH}": "0",
        f"complaints.{SLOUGH}": "0",
    }
    nights = 7 + (quarter.last - quarter.first).days
    assert filled[f"child_weeks.{SLOUGH}"] == f"{Decimal(nights) / 7:.1f}".removesuffix(".0")


async def test_a_draft_follows_late_news_until_it_is_accepted_and_a_corrected_figure_needs_a_reason(monitoring: RunningService) -> None:
    quarter = last_quarter()
    await a_stay(monitoring, SLOUGH, first=quarter.first - timedelta(days=9))
    agency = monitoring.as_(f"agency:{OAK}")
    sent = {"lines": [{"name": f"starts.{SLOUGH}", "value": "0"}, {"name": f"children_at_end.{SLOUGH}", "value": "0"}]}
    draft = await agency.put(PATH, json=sent)
    assert ("R020", f"children_at_end.{SLOUGH}") in {(each["rule"], each["name"]) for each in draft.json()["errors"]}
    sent["lines"][1]["reason"] = "wrong_in_hearth"
    draft = await agency.put(PATH, json=sent, headers={"If-Match": draft.headers["etag"]})
    assert "R020" not in {each["rule"] for each in draft.json()["errors"]}
    await a_stay(monitoring, SLOUGH, first=quarter.first + timedelta(days=3))
    late = {line["name"]: (line["value"], line["held"]) for line in (await agency.get(PATH)).json()["lines"]}
    assert late[f"starts.{SLOUGH}"] == ("1", "1"), "it only repeated what Hearth held, so it follows"
    assert late[f"children_at_end.{SLOUGH}"] == ("0", "2"), "it was corrected, so it stays"


async def test_each_side_sees_where_the_return_and_its_own_records_differ(monitoring: RunningService) -> None:
    quarter = last_quarter()
    agency = monitoring.as_(f"agency:{OAK}")
    draft = await agency.put(PATH, json=body())
    done = await agency.post(f"{PATH}/submission", headers={"If-Match": draft.headers["etag"]})
    assert done.status_code == 200, done.text
    await a_stay(monitoring, SLOUGH, first=quarter.first - timedelta(days=9))
    await a_stay(monitoring, SOUTHAMPTON, first=quarter.first + timedelta(days=9))
    seen = {}
    for who in (f"agency:{OAK}", "consortium", f"council:{SLOUGH}", f"council:{SOUTHAMPTON}"):
        reply = await monitoring.as_(who).get(f"{PATH}/differences", params={"agency": OAK})
        assert reply.status_code == 200, reply.text
        seen[who] = {each["name"]: (each["said"], each["held_now"], each["by"]) for each in reply.json()["items"] if each["differs"]}
    assert seen[f"agency:{OAK}"] == seen["consortium"]
    assert seen[f"council:{SLOUGH}"] == {name: what for name, what in seen["consortium"].items() if name.endswith(SLOUGH)}
    assert seen[f"council:{SLOUGH}"][f"children_at_start.{SLOUGH}"] == ("8", "1", "7")
    assert seen[f"council:{SOUTHAMPTON}"][f"starts.{SOUTHAMPTON}"] == ("4", "1", "3")
    elsewhere = await monitoring.as_("council:E10000014").get(f"{PATH}/differences", params={"agency": OAK})
    assert elsewhere.status_code == 404
    assert clock.today() > quarter.last
