"""Needs without, with late or with far offers: each counted once, against beds found free by going through the whole past again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.domain.facts import PriceBand, VacancyEvent
from monitoring.domain.gaps.analysis import GapBy, gaps, looked_at
from monitoring.domain.gaps.broadcast import broadcasts
from monitoring.domain.gaps.need import Gap, Need
from monitoring.domain.gaps.need import needs as needs_of
from monitoring.domain.gaps.open_beds import OpenBeds, Step
from monitoring.domain.gaps.sought import Answered, Sought
from tests.monitoring.domain.made import an_id

NOON = datetime(2013, 1, 7, 12, tzinfo=UTC)
BANDS = {"general": (PriceBand("0-4", 0, 4), PriceBand("5-10", 5, 10), PriceBand("11-17", 11, 17))}
HOME, NEXT_DOOR, FAR_OFF = "SO14", "SO15", "OX1"


def miles(a: str, b: str) -> Decimal | None:
    if "XX1" in (a, b):
        return None
    return Decimal("60.0") if (a == FAR_OFF) != (b == FAR_OFF) else Decimal("1.5")


def sought(
    number: int, *, hours: int = 0, closes: int = 4, ages: tuple[int, ...] = (7,), district: str | None = HOME, needs: tuple[str, ...] = ()
) -> Sought:
    at = NOON + timedelta(hours=hours)
    return Sought(an_id(number), "E06000045", "general", "same_day", at, at + timedelta(hours=closes), district, ages, needs)


def answer(on: int, *, hours: int, district: str | None = NEXT_DOOR) -> Answered:
    return Answered(an_id(on), NOON + timedelta(hours=hours), district)


def needs(found: list[Sought], answers: list[Answered], earlier: dict[UUID, UUID], *steps: Step) -> tuple[Need, ...]:
    return needs_of(broadcasts(found, answers, OpenBeds(steps, miles), miles), earlier)


def opened(
    number: int, *, hours: int = -10, beds: int = 1, district: str = NEXT_DOOR, ages: tuple[int, int] = (0, 17), lot: str = "general"
) -> Step:
    return Step(an_id(500 + number), 1, NOON + timedelta(hours=hours), VacancyEvent.OPENED, (lot,), beds, district, *ages)


def test_a_need_without_with_a_late_and_with_only_far_offers_is_each_told_apart() -> None:
    found = needs(
        [sought(1), sought(2), sought(3), sought(4), sought(5)],
        [answer(2, hours=5), answer(3, hours=1, district=FAR_OFF), answer(4, hours=1), answer(5, hours=1, district=None)],
        {},
    )
    assert [need.gaps for need in found] == [{Gap.NO_OFFER}, {Gap.LATE}, {Gap.FAR}, set(), set()]
    told = gaps(looked_at(found, BANDS), GapBy.LOT)
    assert (told.total.needs, told.total.missed, told.total.recruit, told.distance_unknown) == (5, 3, 3, 1)


def test_a_need_is_not_called_far_while_where_one_of_its_offers_lies_is_not_known() -> None:
    far, unknown = answer(1, hours=1, district=FAR_OFF), answer(1, hours=2, district=None)
    [certain], [perhaps] = needs([sought(1)], [far], {}), needs([sought(1)], [far, unknown], {})
    assert (certain.gaps, perhaps.gaps) == ({Gap.FAR}, set())
    again = {an_id(2): an_id(1)}
    [chain] = needs([sought(1), sought(2, hours=1)], [far, answer(2, hours=2, district=None)], again)
    assert (chain.gaps, chain.nearest) == (set(), Decimal("60.0"))


def test_one_child_referred_again_is_one_need_and_an_offer_on_either_is_its_offer() -> None:
    again = {an_id(2): an_id(1), an_id(3): an_id(2)}
    [need] = needs([sought(1), sought(2, hours=30), sought(3, hours=60)], [answer(3, hours=61)], again)
    assert (need.referrals, need.offers) == ((an_id(1), an_id(2), an_id(3)), 1)
    assert need.gaps == {Gap.LATE}, "the child waited from the first referral on"
    # The first referral lies before the period: the chain is still one.
    [need] = needs([sought(2, hours=30), sought(3, hours=60)], [], again)
    assert need.first.id == an_id(2)


def test_a_gap_beside_free_suitable_beds_near_home_is_no_missing_carer() -> None:
    one = sought(1, ages=(7, 9))
    cases = {
        "none": ([], True),
        "near": ([opened(1, beds=2)], False),
        "one bed for two": ([opened(1, beds=1)], True),
        "far": ([opened(1, beds=2, district=FAR_OFF)], True),
        "too young": ([opened(1, beds=2, ages=(0, 8))], True),
        "another lot": ([opened(1, beds=2, lot="disabled")], True),
        "opened later": ([opened(1, beds=2, hours=1)], True),
        "closed": ([opened(1, beds=2), Step(an_id(501), 2, NOON - timedelta(hours=1), VacancyEvent.CLOSED)], True),
        "taken": ([opened(1, beds=2), Step(an_id(501), 2, NOON - timedelta(hours=1), VacancyEvent.HELD, (), 1)], True),
    }
    for name, (steps, recruit) in cases.items():
        [each] = looked_at(needs([one], [], {}, *steps), BANDS)
        assert each.recruit is recruit, name


def test_where_to_recruit_is_ranked_by_missing_carers_with_what_they_must_bring() -> None:
    found = needs(
        [
            sought(1, needs=("autism",)),
            sought(2, hours=1, needs=("autism", "no_pets")),
            sought(3, hours=2, ages=(15,), district=FAR_OFF),
            sought(4, hours=3, ages=(15,), district=FAR_OFF),
            sought(5, hours=4, ages=(15,), district=FAR_OFF),
        ],
        [answer(3, hours=2, district=FAR_OFF)],
        {},
    )
    told = gaps(looked_at(found, BANDS), GapBy.NEED)
    assert [(cell.band, cell.area, cell.recruit, cell.missed, cell.needs, cell.most_often) for cell in told.cells] == [
        ("11-17", FAR_OFF, 2, 2, 3, ()),
        ("5-10", HOME, 2, 2, 2, ("autism", "no_pets")),
    ]
    assert [(row.key, row.needs, row.recruit) for row in told.rows] == [("nothing special", 3, 2), ("autism", 2, 2), ("no_pets", 1, 1)]


EVENTS = [VacancyEvent.OPENED, VacancyEvent.CHANGED, VacancyEvent.CLOSED, VacancyEvent.HELD, VacancyEvent.FREED]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    steps = []
    for vacancy in range(draw(st.integers(0, 4))):
        at = NOON - timedelta(hours=50)
        for version in range(1, draw(st.integers(1, 6))):
            at += timedelta(hours=draw(st.integers(1, 30)))
            event = VacancyEvent.OPENED if version == 1 else draw(st.sampled_from(EVENTS[1:]))
            terms = event in EVENTS[:2]
            low = draw(st.integers(0, 10))
            steps.append(
                Step(
                    an_id(700 + vacancy), version, at, event,
                    ("general",) if terms else (),
                    None if event is VacancyEvent.CLOSED else draw(st.integers(0, 3)),
                    draw(st.sampled_from([NEXT_DOOR, FAR_OFF])) if terms else None,
                    low if terms else None,
                    low + 6 if terms else None,
                )
            )  # fmt: skip
    return steps


@settings(max_examples=100, deadline=None)
@given(histories(), st.lists(st.integers(-60, 120), min_size=1, max_size=5), st.lists(st.integers(0, 17), min_size=1, max_size=2))
def test_free_beds_found_step_by_step_are_those_of_going_through_the_whole_past_each_time(
    steps: list[Step], moments: list[int], ages: list[int]
) -> None:
    beds = OpenBeds(steps, miles)
    for number, hours in enumerate(sorted(moments)):
        one = sought(number, hours=hours, ages=tuple(ages))
        anywhere = near = 0
        vacancies: dict[UUID, list[Step]] = {}
        for step in steps:
            if step.happened_at <= one.broadcast_at:
                vacancies.setdefault(step.vacancy, []).append(step)
        for history in vacancies.values():
            terms = [step for step in history if step.event in EVENTS[:2]][-1]
            is_open = [step for step in history if step.event in EVENTS[:3]][-1].event is not VacancyEvent.CLOSED
            free = [step.free_beds for step in history if step.free_beds is not None][-1]
            assert terms.from_age is not None
            assert terms.to_age is not None
            if is_open and free >= len(ages) and all(terms.from_age <= age <= terms.to_age for age in ages):
                anywhere += free
                near += free if terms.district == NEXT_DOOR else 0
        assert (beds.free_for(one).anywhere, beds.free_for(one).near) == (anywhere, near)
