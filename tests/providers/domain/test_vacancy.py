"""How many beds a provider may promise, whatever it sends and in whatever order."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from providers.domain.hold import BedsLeft, RefusedHold, refusal_reasons
from providers.domain.vacancy import Beds, Outcome, Published, VacancyStatus, Wanted, plans

DAY = date(2026, 12, 1)
HOMES = {name: UUID(int=number) for number, name in enumerate(("H1", "H2"), start=1)}


def want(reference: str, household: str = "H1", free_beds: int = 1, lots: tuple[str, ...] = ("general",)) -> Wanted:
    """A vacancy as sent."""
    return Wanted(reference, household, lots, free_beds, DAY)


wants = st.lists(
    st.builds(want, st.sampled_from(["A", "B", "C", "D", "E"]), st.sampled_from(["H1", "H2", "H3"]), st.integers(0, 4)), max_size=8
)
beds = st.fixed_dictionaries({"H1": st.tuples(st.integers(1, 4), st.integers(0, 4)), "H2": st.tuples(st.integers(1, 4), st.just(0))})


def stood(sent: list[Wanted], homes: dict[str, Beds]) -> dict[str, Published]:
    """Publish these on an empty list: what stands afterwards."""
    planned = plans(sent, households=homes, standing={}, lots={"general"})
    return {
        plan.wanted.reference: Published(
            UUID(int=100 + number), plan.household or UUID(int=0), plan.wanted, plan.wanted.free_beds, VacancyStatus.OPEN, 1
        )
        for number, plan in enumerate(planned)
        if plan.outcome is Outcome.OPENED
    }


@given(wants, wants, beds)
def test_beds_in_use_and_on_offer_never_exceed_the_approved_places(first, second, counts) -> None:  # type: ignore[no-untyped-def]
    homes = {name: Beds(HOMES[name], places, min(places, in_use)) for name, (places, in_use) in counts.items()}
    standing = stood(first, homes)
    offered = {reference: (each.household, each.free_beds) for reference, each in standing.items()}
    for plan in plans(second, households=homes, standing=standing, lots={"general"}):
        if plan.outcome in (Outcome.OPENED, Outcome.CHANGED):
            offered[plan.wanted.reference] = (plan.household or UUID(int=0), plan.wanted.free_beds)
    for home in homes.values():
        on_offer = sum(free for household, free in offered.values() if household == home.household)
        assert on_offer + home.in_use <= home.places


@given(wants, beds)
def test_sending_the_same_again_changes_nothing(sent, counts) -> None:  # type: ignore[no-untyped-def]
    homes = {name: Beds(HOMES[name], places, min(places, in_use)) for name, (places, in_use) in counts.items()}
    standing = stood(sent, homes)
    again = plans([each.asked for each in standing.values()], households=homes, standing=standing, lots={"general"})
    assert {plan.outcome for plan in again} <= {Outcome.UNCHANGED}


def test_the_same_body_stays_unchanged_after_a_hold_has_taken_a_bed_of_it() -> None:
    held = Published(UUID(int=9), HOMES["H1"], want("A"), 0, VacancyStatus.OPEN, 2)
    [plan] = plans([want("A")], households={"H1": Beds(HOMES["H1"], 2, 1)}, standing={"A": held}, lots={"general"})
    assert plan.outcome is Outcome.UNCHANGED


def test_every_reason_against_a_vacancy_is_given_at_once() -> None:
    [plan] = plans([want("A", "H9", 3, ("general", "nowhere"))], households={}, standing={}, lots={"general"})
    assert [(fault.field, str(fault.rule)) for fault in plan.faults] == [("lots.1", "lot_unknown"), ("household", "household_unknown")]


def test_a_vacancy_does_not_change_its_household() -> None:
    standing = {"A": Published(UUID(int=9), HOMES["H1"], want("A"), 1, VacancyStatus.CLOSED, 2)}
    homes = {name: Beds(id, 2, 0) for name, id in HOMES.items()}
    [plan] = plans([want("A", "H2")], households=homes, standing=standing, lots={"general"})
    assert [str(fault.rule) for fault in plan.faults] == ["household_fixed"]


def test_a_bed_freed_between_the_failed_taking_and_the_look_is_still_refused_as_taken() -> None:
    assert refusal_reasons(BedsLeft(UUID(int=1), VacancyStatus.OPEN, 1), beds=1) == (RefusedHold.BED_TAKEN,)
