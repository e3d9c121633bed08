"""What the pages draw beside a figure is what the figure is made of."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from monitoring.actions import looking, recounting
from monitoring.domain.catalogue import CATALOGUE, KPIS
from monitoring.domain.definition import Dimension
from monitoring.domain.monthly import before, months_before, to_show, year_to
from monitoring.domain.period import Period
from monitoring.domain.scope import Scope
from monitoring.store import counts, monthly_sums
from monitoring.store.adding import Choice
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.browser.history import AGENCIES, COUNCILS, envelopes
from tests.running.services import RunningService


@pytest.fixture
async def told(running: object) -> RunningService:
    """Monitoring with two and a half years behind it."""
    service: RunningService = await running("monitoring")  # type: ignore[operator]
    lines = b"\n".join(each.model_dump_json().encode() for each in envelopes(clock.today()))
    reply = await service.as_("consortium").post("/past", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert reply.status_code == 200, reply.text[:1000]
    await recounting.sweep(service.databases)
    return service


async def test_months_and_shares_add_up_to_the_figure_and_agree_with_the_counts_one_by_one(told: RunningService) -> None:
    period = year_to(clock.today())
    sums = [each for each in CATALOGUE if not each.summary.of_each]
    for organisation, scope in (
        (CONSORTIUM, Scope(period)),
        (CONSORTIUM, Scope(period, agency="SC900002")),
        (Organisation.council("E06000045"), Scope(period, council="E06000045")),
    ):
        async with tenancy.transaction(told.databases, organisation) as transaction:
            found = await monthly_sums.of(transaction, sums, Choice(period.first, period.last, scope.council, scope.agency))
            for definition in sums:
                asked = {"first": period.first, "last": period.last, "council": scope.council, "agency": scope.agency}
                one_by_one = await counts.series(transaction, definition.name, **asked)  # type: ignore[arg-type]
                assert {each.month: (each.numerator, each.denominator) for each in found[definition.name]} == {
                    each.begins: (each.numerator, each.denominator or 0) for each in one_by_one
                }, definition.name
            placed = KPIS["placements"]
            (moved,) = await looking.moved(transaction, [placed], scope)
            by_council = await looking.shares(transaction, placed, Dimension.COUNCIL, scope)
            assert sum(each.value or 0 for each in by_council) == moved.now.figure.value
            assert sum(point.value or 0 for point in moved.months[-12:]) == moved.now.figure.value
            behind = await looking.behind(transaction, placed, scope, part=None, side=None, after=None, limit=500)
            assert len(behind) == moved.now.figure.value


async def test_an_agency_is_told_of_all_agencies_only_what_gives_no_other_away(told: RunningService) -> None:
    scope = Scope(year_to(clock.today()), agency="SC900001")
    seen = [KPIS[name] for name in ("unplanned_endings", "offers_made", "spend", "time_to_first_offer_median")]
    async with tenancy.transaction(told.databases, Organisation.agency("SC900001")) as transaction:
        of_all = await looking.of_all_agencies(transaction, seen, scope)
        narrow = await looking.of_all_agencies(
            transaction, seen, Scope(Period(scope.period.last.replace(day=1), scope.period.last), agency="SC900001")
        )
        own = await looking.behind(transaction, KPIS["placements"], scope, part=None, side=None, after=None, limit=500)
    assert set(of_all) == {"unplanned_endings", "time_to_first_offer_median"}  # no sum and no price
    async with tenancy.transaction(told.databases, CONSORTIUM) as transaction:
        (whole,) = await looking.moved(transaction, [KPIS["unplanned_endings"]], Scope(scope.period), months=False)
        ended = await looking.shares(
            transaction, KPIS["unplanned_endings"], Dimension.AGENCY, Scope(Period(scope.period.last.replace(day=1), scope.period.last))
        )
    assert of_all["unplanned_endings"].figure == whole.now.figure
    assert ("unplanned_endings" in narrow) == (sum(1 for each in ended if each.code and each.records) >= 5)
    assert {each.agency for each in own} == {"SC900001"}
    assert len(AGENCIES) > 5
    assert len(COUNCILS) == 3


def test_the_year_shown_first_is_of_twelve_whole_months_and_the_one_before_as_long() -> None:
    assert year_to(date(2026, 11, 22)) == Period(date(2025, 11, 1), date(2026, 10, 31))
    assert before(Period(date(2025, 11, 1), date(2026, 10, 31))) == Period(date(2024, 11, 1), date(2025, 10, 31))
    assert before(Period(date(2026, 1, 1), date(2026, 3, 31))) == Period(date(2025, 10, 1), date(2025, 12, 31))
    assert before(Period(date(2026, 1, 10), date(2026, 1, 12))) == Period(date(2026, 1, 7), date(2026, 1, 9))
    assert months_before(date(2026, 1, 1), 13) == date(2024, 12, 1)


def test_a_value_is_shown_as_its_figure_is_rounded() -> None:
    assert to_show(KPIS["unplanned_endings"], Fraction(100, 3)) == Decimal("33.3")
    assert to_show(KPIS["time_to_first_offer_median"], Fraction(100, 3)) == Decimal("33.33")
    assert str(to_show(KPIS["placements"], Fraction(12))) == "12"
    assert to_show(KPIS["spend"], None) is None
