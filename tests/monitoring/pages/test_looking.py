"""What the pages draw beside a figure is what the figure is made of."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from unittest import mock

import httpx
import pytest

from monitoring.actions import drilling, looking, page_sessions, recounting
from monitoring.domain.catalogue import CATALOGUE, KPIS
from monitoring.domain.definition import Dimension
from monitoring.domain.monthly import before, months_before, to_show, year_to
from monitoring.domain.period import Period, quarter_of
from monitoring.domain.scope import Scope
from monitoring.routes.pages.doorway import Doorway
from monitoring.store import counts, monthly_sums
from monitoring.store.adding import Choice
from shared import clock, tenancy
from shared.organisation import CONSORTIUM, Organisation
from tests.browser.history import envelopes
from tests.running.services import RunningService


def year_of_quarters() -> tuple[Period, list[Period]]:
    """The last four quarters that are over, together and each."""
    ends = quarter_of(clock.today())
    begins = [months_before(ends, 3 * back) for back in (4, 3, 2, 1, 0)]
    each = [Period(first, following - timedelta(days=1)) for first, following in pairwise(begins)]
    return Period(begins[0], each[-1].last), each


@pytest.fixture
async def told(running: object) -> RunningService:
    """Monitoring with two and a half years behind it."""
    service: RunningService = await running("monitoring")  # type: ignore[operator]
    lines = b"\n".join(each.model_dump_json().encode() for each in envelopes(clock.today()))
    reply = await service.as_("consortium").post("/past", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert reply.status_code == 200, reply.text[:1000]
    with mock.patch.object(recounting, "STILL_COMING", timedelta(seconds=-5)):  # all of the past has come
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
            (moved,) = await looking.moved(transaction, [placed], scope, may_see_small=True, months=12)
            by_council = await drilling.parts(transaction, placed, scope, Dimension.COUNCIL, may_see_small=True)
            assert sum(each.value or 0 for each in by_council) == moved.now.figure.value
            assert sum(point.value or 0 for point in moved.months) == moved.now.figure.value


async def test_an_agency_is_told_of_all_agencies_only_what_gives_no_other_away(told: RunningService) -> None:
    scope = Scope(year_to(clock.today()), agency="SC900001")
    month = Period(scope.period.last.replace(day=1), scope.period.last)
    seen = [KPIS[name] for name in ("unplanned_endings", "offers_made", "spend", "time_to_first_offer_median")]
    async with tenancy.transaction(told.databases, Organisation.agency("SC900001")) as transaction:
        of_all = await looking.of_all_agencies(transaction, seen, scope)
        narrow = await looking.of_all_agencies(transaction, seen, Scope(month, agency="SC900001"))
    assert set(of_all) == {"unplanned_endings", "time_to_first_offer_median"}  # no sum and no price
    async with tenancy.transaction(told.databases, CONSORTIUM) as transaction:
        (whole,) = await looking.moved(transaction, [KPIS["unplanned_endings"]], Scope(scope.period), may_see_small=True)
        ended = await drilling.parts(transaction, KPIS["unplanned_endings"], Scope(month), Dimension.AGENCY, may_see_small=True)
    assert of_all["unplanned_endings"].figure == whole.now.figure
    assert ("unplanned_endings" in narrow) == (sum(1 for each in ended if each.name and each.records) >= 5)


async def test_an_officer_who_is_not_the_project_manager_is_shown_no_small_number_on_any_page(told: RunningService) -> None:
    at = Doorway.of(told.settings)

    async def page(address: str, role: str) -> httpx.Response:
        async with tenancy.transaction(told.databases, CONSORTIUM) as transaction:
            held = await page_sessions.begin(transaction, subject="somebody", roles=[role], lasting=at.lasting)
        transport = httpx.ASGITransport(told.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=at.origin, cookies={at.session_cookie: str(held)}) as client:
            return await client.get(address)

    few = "/pages/figures/unplanned_endings"
    manager, reader = await page(few, "project_manager"), await page(few, "reader")
    assert "Not shown" not in manager.text
    assert "behind this figure" in manager.text
    assert "behind this figure" not in reader.text
    assert "Quarter by quarter" in reader.text
    assert f"{few}?agency=" not in reader.text
    assert (await page(f"{few}?agency=SC900001", "reader")).status_code == 422
    assert (await page(f"{few}/records", "reader")).status_code == 403
    over, quarters = year_of_quarters()
    listed = f"/pages/agencies?from={over.first}&to={over.last}&format=csv"
    shown = [row[2:4] for row in csv.reader((await page(listed, "reader")).text.splitlines()[1:])]
    of_each = [f"/pages/agencies?from={quarter.first}&to={quarter.last}&format=csv" for quarter in quarters]
    each = [(await page(address, "project_manager")).text.splitlines()[1:] for address in of_each]
    for place, row in enumerate(shown):
        in_quarters = [list(csv.reader(lines))[place][2:4] for lines in each]
        for column, told_so in enumerate(row):
            few_in_one = any(line[column].isdigit() and 0 < int(line[column]) < 5 for line in in_quarters)
            assert told_so == "Not shown" or not few_in_one
    assert any("Not shown" in row for row in shown)
    assert any(number.isdigit() for row in shown for number in row)
    whole = await page("/pages", "reader")
    assert "hearth-spark" not in whole.text, "months are small numbers"
    assert "What stands out" not in whole.text
    for section in ("alerts", "leagues", "savings", "gaps", "market"):
        assert f'href="/pages/{section}"' not in whole.text
        assert (await page(f"/pages/{section}", "reader")).status_code == 403
    board = await page("/pages/returns?form=all", "reader")
    assert board.status_code == 200
    assert "/pages/returns/quarterly/" not in board.text


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
