"""The savings ledger over HTTP: exact at every level, each reader its own, counted again whenever what it is counted from changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb

from shared import clock, ids
from shared.contracts.providers import AwardedPrice, PricesAwarded
from tests.monitoring.conftest import ASH, OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.told import a_placement, a_referral, baseline
from tests.running.services import RunningService

ME = f"council:{SOUTHAMPTON}"


async def award(service: RunningService, *prices: tuple[str, int, str, str], lot: str = "general", days_ago: int = 400) -> None:
    """Agency, tier, band, pounds a week, published so long ago."""
    lines = tuple(
        AwardedPrice(agency=agency, tier=tier, band=band, pounds_per_week=Decimal(pounds)) for agency, tier, band, pounds in prices
    )
    event = PricesAwarded(framework="f1", lot=lot, round=ids.new_id(), awarded_at=clock.now() - timedelta(days=days_ago), prices=lines)
    await service.deliver(event, subject=lot, organisation="consortium")


async def ledger(service: RunningService, organisation: str = "consortium", **asked: str) -> dict[str, Any]:
    reply = await service.as_(organisation).get("/savings/ledger", params=asked)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def lines(service: RunningService, organisation: str = "consortium", **asked: str) -> list[dict[str, Any]]:
    found, cursor = [], ""
    while True:
        page = (await service.as_(organisation).get("/savings/ledger/lines", params=asked | ({"cursor": cursor} if cursor else {}))).json()
        found += page["items"]
        if not (cursor := page["next_cursor"]):
            return found


async def a_small_consortium(service: RunningService) -> list[tuple[str, str, int, str, int | None, UUID]]:
    """Placements of two councils at three prices, with everything uploaded; what was placed comes back."""
    await award(service, (OAK, 1, "5-10", "740.11"), (ASH, 2, "5-10", "790.07"))
    for code, price in ((SOUTHAMPTON, "812.50"), (SLOUGH, "777.77")):
        council = service.as_(f"council:{code}")
        assert (await council.put("/baseline-prices", json={"prices": [baseline(price)]})).status_code == 200
        cells = [{"lot": "general", "band": "5-10", "nights": "9999"}]
        sent = {"first": "2011-04-01", "last": "2012-03-31", "cells": cells}
        assert (await council.put("/baseline-nights", json=sent)).status_code == 200
    placed = []
    for council, provider, days, pounds, tier in (
        (SOUTHAMPTON, f"agency:{OAK}", 300, "735.13", 1),
        (SOUTHAMPTON, f"agency:{ASH}", 200, "801.99", 2),
        (SOUTHAMPTON, f"council:{SOUTHAMPTON}", 150, "408.03", None),
        (SLOUGH, f"agency:{OAK}", 97, "740.11", 1),
        (SLOUGH, f"agency:{ASH}", 1, "790.00", None),
    ):
        id = await a_placement(service, council, provider, days_ago=days, pounds=pounds, tier=tier)
        placed.append((council, provider, days, pounds, tier, id))
    return placed


async def test_sums_of_lines_are_the_ledger_at_every_level_to_the_penny(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    every = await lines(monitoring)
    keys = {"quarter": "quarter", "lot": "lot", "council": "council", "agency": "provider", "tier": "tier"}
    total = (await ledger(monitoring))["total"]
    for by, column in keys.items():
        found = await ledger(monitoring, by=by)
        assert found["total"] == total
        for name in ("volume", "mix", "rate", "tier", "total"):
            sums: dict[str, Decimal] = defaultdict(Decimal)
            for line in every:
                sums[line[column] or ""] += Decimal(line["effects"][name])
            assert {row["key"]: Decimal(row["effects"][name]) for row in found["rows"]} == dict(sums), (by, name)
            assert sum(sums.values()) == Decimal(total["effects"][name])
        compared = [line for line in every if line["kind"] == "placement" and line["tier"] != "in-house"]
        for row in found["rows"]:
            its_own = {line["id"] for line in compared if (line[column] or "") == row["key"]}
            assert row["cashable"]["placements"] == len(its_own), (by, row["key"])
        assert total["cashable"]["placements"] == len({line["id"] for line in compared})
    effects = {name: Decimal(value) for name, value in total["effects"].items()}
    assert effects["volume"] + effects["mix"] + effects["rate"] + effects["tier"] == effects["total"]
    assert Decimal(total["cashable"]["pounds"]) + Decimal(total["own_carers"]["pounds"]) == effects["rate"] + effects["tier"]
    councils = [await ledger(monitoring, f"council:{code}") for code in (SOUTHAMPTON, SLOUGH)]
    assert sum(Decimal(each["total"]["effects"]["total"]) for each in councils) == effects["total"]


async def test_the_saving_like_for_like_is_the_figure_that_stands_beside_the_expectation(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    found = await ledger(monitoring)
    days = {"from": found["first"], "to": found["last"]}
    told = (await monitoring.as_("consortium").get("/savings", params=days)).json()["total"]
    cashable = found["total"]["cashable"]
    assert (cashable["pounds"], cashable["per_cent"], cashable["placements"]) == (told["pounds"], told["per_cent"], told["placements"])
    assert (cashable["at_baseline"], cashable["paid"]) == (told["cost_at_baseline"], told["cost_paid"])
    assert found["expected"]["per_cent"] == "5.4"


async def test_another_hand_finds_the_same_pennies_in_duckdb(monitoring: RunningService) -> None:
    """From what was placed and the price lists alone, in SQL: whole pence, the charge to date rounded half up."""
    placed = await a_small_consortium(monitoring)
    found = await ledger(monitoring, by="council")
    table = duckdb.connect()
    table.execute("CREATE TABLE placed (council TEXT, provider TEXT, nights INT, paid INT, tier INT)")
    rows = [(council, provider, days, int(Decimal(pounds) * 100), tier) for council, provider, days, pounds, tier, _ in placed]
    table.executemany("INSERT INTO placed VALUES (?, ?, ?, ?, ?)", rows)
    query = """
        WITH prices AS (
            SELECT *, CASE council WHEN 'E06000045' THEN 81250 ELSE 77777 END AS former, 74011 AS top,
                CASE provider WHEN 'agency:SC012345' THEN 74011 WHEN 'agency:SC054321' THEN 79007 ELSE paid END AS list
            FROM placed
        ), charged AS (
            SELECT council, (2 * former * nights + 7) // 14 AS b, (2 * top * nights + 7) // 14 AS r,
                (2 * list * nights + 7) // 14 AS f, (2 * paid * nights + 7) // 14 AS p FROM prices
        )
        SELECT council, SUM(b - r + f - p)::BIGINT, SUM(r - f)::BIGINT, SUM(-p)::BIGINT FROM charged GROUP BY council
    """
    counted = {row[0]: row[1:] for row in table.execute(query).fetchall()}
    for row in found["rows"]:
        effects = {name: round(Decimal(value) * 100) for name, value in row["effects"].items()}
        rate, tier, spent = counted[row["key"]]
        assert (effects["rate"], effects["tier"]) == (rate, tier)
        # The baseline period's part: its nights at its one price, for as many days as there are since the first arrival.
        days, price = (300, 81_250) if row["key"] == SOUTHAMPTON else (97, 77_777)
        assert abs(effects["total"] - spent - Decimal(9999 * price * days) / (7 * 366)) <= 6


async def test_a_council_reads_its_own_the_consortium_all_and_an_agency_nothing(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    own = await lines(monitoring, ME)
    assert {line["council"] for line in own} == {SOUTHAMPTON}
    assert {line["council"] for line in await lines(monitoring)} == {SOUTHAMPTON, SLOUGH}
    for path in ("/savings/ledger", "/savings/ledger/lines", "/price-index", "/baseline-nights", "/unit-costs"):
        assert (await monitoring.as_(f"agency:{OAK}").get(path)).status_code == 403, path
    refused = await monitoring.as_(ME).get("/savings/ledger", params={"council": SLOUGH})
    assert refused.status_code == 403
    assert "another council" in refused.json()["detail"]


async def test_each_change_of_a_fact_or_a_price_is_counted_at_the_next_look(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    before = (await ledger(monitoring, ME))["total"]["cashable"]
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=7, pounds="700.00")
    after = (await ledger(monitoring, ME))["total"]["cashable"]
    assert Decimal(after["pounds"]) - Decimal(before["pounds"]) == Decimal("112.50")
    await monitoring.as_(ME).put("/baseline-prices", json={"prices": [baseline("700.00")]})
    dearer = (await ledger(monitoring, ME))["total"]["cashable"]
    assert Decimal(dearer["pounds"]) < 0
    assert (await ledger(monitoring, council=SOUTHAMPTON))["total"]["cashable"] == dearer
    # A list published in between changes what is rate and what is tier, and not the whole.
    split = (await ledger(monitoring, ME))["total"]["effects"]
    await award(monitoring, (OAK, 1, "5-10", "700.00"), (ASH, 2, "5-10", "705.00"), days_ago=399)
    again = (await ledger(monitoring, ME))["total"]["effects"]
    assert again["tier"] != split["tier"]
    assert again["total"] == split["total"]


async def test_one_agency_is_told_without_the_demand_of_the_baseline_period(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    effects = (await ledger(monitoring, agency=OAK))["total"]["effects"]
    assert (effects["volume"], effects["mix"]) == (None, None)
    assert Decimal(effects["total"]) == Decimal(effects["rate"]) + Decimal(effects["tier"])


async def test_nothing_to_compare_is_no_figure_and_never_nought_per_cent(monitoring: RunningService) -> None:
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}")
    found = await ledger(monitoring, ME)
    assert (found["total"]["cashable"]["pounds"], found["total"]["cashable"]["per_cent"]) == (None, None)
    assert found["left_out"] == [{"why": "no baseline price for the lot, an age band and the day", "placements": 1, "paid": "1400.00"}]


async def test_avoided_cost_needs_a_declared_unit_cost_and_rate_and_is_never_in_the_cashable(monitoring: RunningService) -> None:
    first = await a_referral(monitoring, SOUTHAMPTON)
    again = await a_referral(monitoring, SOUTHAMPTON, again=first)
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=20, referral=first)
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{ASH}", days_ago=5, referral=again)
    undeclared = {each["event"]: each for each in (await ledger(monitoring, ME))["avoided"]}
    assert (undeclared["double_paid_night"]["counted"], undeclared["double_paid_night"]["incurred"]) == (5, "500.00")
    assert (undeclared["move"]["expected"], undeclared["move"]["avoided_cost"]) == (None, None)
    costs = [{"event": "move", "unit_cost": "5000.00", "per_1000_nights": "200", "source": "Norfolk, published case study"}]
    assert (await monitoring.as_("consortium").put("/unit-costs", json={"costs": costs})).status_code == 200
    told = {each["event"]: each for each in (await ledger(monitoring, ME))["avoided"]}
    assert (told["move"]["nights"], told["move"]["expected"], told["move"]["avoided"], told["move"]["avoided_cost"]) == (
        25, "5.0", "5.0", "25000.00",
    )  # fmt: skip
    own = [{"event": "move", "unit_cost": "4000.00", "per_1000_nights": "40", "source": "our own finance return"}]
    assert (await monitoring.as_(ME).put("/unit-costs", json={"costs": own})).status_code == 200
    for reader in (ME, "consortium"):
        [move] = [each for each in (await ledger(monitoring, reader))["avoided"] if each["event"] == "move"]
        assert (move["avoided_cost"], move["source"]) == ("4000.00", "our own finance return")
    assert (await ledger(monitoring, ME))["total"]["cashable"]["pounds"] is None
    twice = await lines(monitoring, ME, kind="double_paid")  # two when a quarter ends within these nights
    assert {each["provider"] for each in twice} == {f"agency:{OAK}"}
    assert (sum(each["nights"] for each in twice), sum(Decimal(each["paid"]) for each in twice)) == (5, Decimal("500.00"))


async def test_an_index_gives_real_terms_beside_the_nominal_and_names_missing_months(monitoring: RunningService) -> None:
    await a_small_consortium(monitoring)
    today = clock.today()
    begins = today.year * 12 + today.month - 1
    months = [f"{m // 12}-{m % 12 + 1:02d}" for m in range(2012 * 12, begins - 4)]
    text = "\n".join(["month,value", *(f"{month},{100 + place / 8}" for place, month in enumerate(months))])
    sent = await monitoring.as_("consortium").put(
        "/price-index", content=text, headers={"Content-Type": "text/csv"}, params={"source": "ONS CPI"}
    )
    assert sent.status_code == 200, sent.text
    found = (await ledger(monitoring))["total"]["cashable"]
    real = found["real_terms"]
    assert real["lines_without"] > 0
    assert real["missing_months"]
    assert all(month > months[-1] for month in real["missing_months"])
    assert Decimal(real["at_baseline"]) - Decimal(real["paid"]) == Decimal(real["saving"])
    assert Decimal(real["saving"]) > Decimal(real["nominal_saving_of_the_same"]), "former prices are worth more today"


async def test_every_fault_of_an_uploaded_list_is_named_and_nothing_is_taken(monitoring: RunningService) -> None:
    manager, council = monitoring.as_("consortium"), monitoring.as_(ME)
    csv = {"Content-Type": "text/csv"}
    text = "month,value\n2012-04,100\n2012-13,101\n2012-04,102\n2012-05,=1+1\n2012-06,-3\n2012-07,1e3,x\n"
    bad = await manager.put("/price-index", content=text, headers=csv, params={"source": "07700 900123"})
    assert bad.status_code == 422
    assert [(error["field"], error["rule"]) for error in bad.json()["errors"]] == [
        ("rows.3.month", "month_readable"),
        ("rows.4.month", "month_once"),
        ("rows.5.value", "value_readable"),
        ("rows.6.value", "value_readable"),
        ("rows.7.rows", "columns_as_named"),
        ("rows.7.value", "value_readable"),
        ("source", "source_stated"),
    ]
    assert "=1+1" not in bad.text
    assert (await manager.get("/price-index")).json() == {"head": None, "months": []}
    cells = [{"lot": "secure", "band": "x", "nights": "1"}, {"lot": "general", "band": "9-9", "nights": "1.5"}]
    bad = await council.put("/baseline-nights", json={"first": "2012-03-31", "last": "2011-04-01", "cells": cells})
    assert [(error["field"], error["rule"]) for error in bad.json()["errors"]] == [
        ("first", "first_before_last"),
        ("rows.1.lot", "lot_known"),
        ("rows.2.band", "band_of_the_lot"),
        ("rows.2.nights", "nights_readable"),
    ]
    costs = [{"event": "party", "unit_cost": "0", "per_1000_nights": "x", "source": "SO14 0YN"}]
    bad = await council.put("/unit-costs", json={"costs": costs})
    assert {error["rule"] for error in bad.json()["errors"]} == {"event_known", "price_readable", "rate_readable", "source_stated"}
    assert (await council.get("/unit-costs")).json() == {"costs": []}


async def test_a_stale_upload_is_refused_and_each_upload_is_a_version(monitoring: RunningService) -> None:
    manager = monitoring.as_("consortium")
    body = {"source": "ONS CPI", "months": [{"month": "2012-04", "value": "100"}]}
    first = await manager.put("/price-index", json=body)
    assert (first.json()["version"], first.headers["etag"]) == (1, '"1"')
    assert (await manager.put("/price-index", json=body, headers={"If-Match": '"1"'})).json()["version"] == 2
    assert (await manager.put("/price-index", json=body, headers={"If-Match": '"1"'})).status_code == 412
    assert (await monitoring.as_(ME).get("/price-index")).json()["head"]["version"] == 2
