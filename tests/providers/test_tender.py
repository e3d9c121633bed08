"""A tender round from sealed bid to published tiers, over HTTP."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from shared import clock, tenancy
from shared.organisation import Organisation
from tests.providers import bodies
from tests.providers.bodies import URNS
from tests.providers.conftest import Tender, good

FIRST, SECOND = URNS[0], URNS[1]


async def test_agencies_bid_are_scored_ranked_and_published_in_tiers(tender: Tender) -> None:
    good(await tender.agencies[FIRST].put(f"{tender.path}/bid", json=bodies.bid("800.00", "850.00")))
    good(await tender.agencies[SECOND].put(f"{tender.path}/bid", json=bodies.bid("900.00", "900.00")))
    await tender.closed()
    await tender.scored({FIRST: ("3", "4"), SECOND: ("5", "5")})
    ranked = good(await tender.consortium.post(f"{tender.path}/evaluation"))
    # Baskets: 1000 × 800 + 2000 × 850 = 2,500,000 and 2,700,000. Price 80 and 80 × 25/27; quality 20 × (0.6 × 3/5 + 0.4 × 4/5).
    assert [(line["agency"], line["total_points"], line["tier"]) for line in ranked["lines"]] == [
        (SECOND, "94.0741", 1),
        (FIRST, "93.6000", 2),
    ]
    derivation = good(await tender.consortium.get(f"{tender.path}/ranked-list/{SECOND}"))
    assert derivation["basket"] == "2700000.00"
    assert derivation["lowest_basket"] == "2500000.00"
    assert derivation["price_points"] == "74.0741"
    assert [band["pounds"] for band in derivation["bands"]] == ["900000.00", "1800000.00"]
    assert {first["council"] for first in derivation["questions"][0]["first_scores"]} == {bodies.SOUTHAMPTON, bodies.HAMPSHIRE}
    again = good(await tender.consortium.post(f"{tender.path}/evaluation"))
    assert again == ranked

    assert await tender.service.published("prices.awarded") == [], "no price is told before the list is published"
    hidden = await tender.agencies[FIRST].get(f"{tender.path}/ranked-list")
    assert hidden.status_code == 409
    good(await tender.consortium.post(f"{tender.path}/publication"))
    [event] = await tender.service.published("tiers.published")
    assert [(line["agency"], line["rank"], line["tier"]) for line in event.data["lines"]] == [(SECOND, 1, 1), (FIRST, 2, 2)]
    assert event.data["tiers"] == 3
    assert "pounds" not in str(event.data)
    [awarded] = await tender.service.published("prices.awarded")
    assert [(line["agency"], line["tier"], line["pounds_per_week"]) for line in awarded.data["prices"]] == [
        (FIRST, 2, "800.00"),
        (FIRST, 2, "850.00"),
        (SECOND, 1, "900.00"),
        (SECOND, 1, "900.00"),
    ]
    assert (awarded.organisation, awarded.council) == ("consortium", None)
    shown = good(await tender.agencies[FIRST].get(f"{tender.path}/ranked-list"))
    assert [line["total_points"] for line in shown["lines"]] == [None, None]
    assert good(await tender.agencies[FIRST].get(f"{tender.path}/ranked-list/{FIRST}"))["rank"] == 2
    assert (await tender.agencies[FIRST].get(f"{tender.path}/ranked-list/{SECOND}")).status_code == 404
    late = await tender.consortium.post(f"{tender.path}/evaluation")
    assert late.status_code == 409


async def test_nobody_reads_a_price_before_the_round_is_closed_the_lead_included(tender: Tender) -> None:
    good(await tender.agencies[FIRST].put(f"{tender.path}/bid", json=bodies.bid()))
    everybody = [tender.consortium, tender.agencies[SECOND], *tender.evaluators.values()]
    for person in everybody:
        for what in ("bids", "gate", "answers", f"ranked-list/{FIRST}"):
            reply = await person.get(f"{tender.path}/{what}")
            assert reply.status_code in (403, 404, 409)
            assert "800.00" not in reply.text
    assert (await tender.agencies[SECOND].get(f"{tender.path}/bid")).status_code == 404
    refused = await tender.consortium.post(f"{tender.path}/closing")
    assert refused.status_code == 409
    assert clock.in_uk_words(tender.closes_at) in refused.json()["detail"]


async def test_row_security_hides_a_sealed_bid_from_every_organisation_but_its_own(tender: Tender) -> None:
    good(await tender.agencies[FIRST].put(f"{tender.path}/bid", json=bodies.bid()))
    seen = {}
    for organisation in ("consortium", bodies.COUNCIL, bodies.OTHER_AGENCY, bodies.AGENCY):
        async with tenancy.transaction(tender.service.databases, Organisation.parse(organisation)) as transaction:
            for table in ("sealed_bids", "sealed_prices", "opened_bids", "opened_prices"):
                seen[organisation, table] = await transaction.scalar(text(f"SELECT count(*) FROM {table}"))
    assert {key for key, count in seen.items() if count} == {(bodies.AGENCY, "sealed_bids"), (bodies.AGENCY, "sealed_prices")}


async def test_an_agency_replaces_its_own_bid_until_closing_and_the_last_one_counts(tender: Tender) -> None:
    agency = tender.agencies[FIRST]
    assert (await agency.put(f"{tender.path}/bid", json=bodies.bid("999.00"))).status_code == 201
    assert (await agency.put(f"{tender.path}/bid", json=bodies.bid("700.00"))).status_code == 200
    tender.time.at(tender.closes_at - timedelta(seconds=1))
    good(await agency.put(f"{tender.path}/bid", json=bodies.bid("650.00")))
    await tender.closed()
    [opened] = good(await tender.consortium.get(f"{tender.path}/bids"))["items"]
    assert [price["pounds_per_week"] for price in opened["prices"]] == ["650.00", "850.00"]


async def test_a_late_bid_is_refused_naming_the_closing_time_in_uk_time_and_utc(tender: Tender) -> None:
    tender.time.at(tender.closes_at)
    reply = await tender.agencies[FIRST].put(f"{tender.path}/bid", json=bodies.bid())
    assert reply.status_code == 409
    assert reply.json()["errors"][0]["rule"] == "bid_late"
    assert f"{clock.in_uk_words(tender.closes_at)}" in reply.json()["detail"]
    assert "UTC" in reply.json()["detail"]
    assert (await tender.agencies[FIRST].get(f"{tender.path}/bid")).status_code == 404


async def test_a_bid_comes_as_a_file_too(tender: Tender) -> None:
    file = "\ufeffband,pounds_per_week,note\r\n0-4,800.00,\r\n5-10,850,we hope\r\n"
    as_csv = {"Content-Type": "text/csv; charset=utf-8"}
    reply = await tender.agencies[FIRST].put(f"{tender.path}/bid", content=file.encode(), headers=as_csv)
    assert [price["pounds_per_week"] for price in good(reply)["prices"]] == ["800.00", "850.00"]
    wrong = "band,pounds_per_week\n0-4,eight\n,5\n5-10,1\n"
    reply = await tender.agencies[FIRST].put(f"{tender.path}/bid", content=wrong, headers=as_csv)
    assert [(error["field"], error["rule"]) for error in reply.json()["errors"]] == [("line.2", "csv_price"), ("line.3", "csv_row")]
    assert "eight" not in reply.text


async def test_the_gate_records_every_failing_reason(tender: Tender) -> None:
    strict = {"accepted_ratings": ["outstanding"], "inspected_within_years": 3}
    capped = [band | {"ceiling": "820.00"} for band in bodies.bands("1000", "2000")]
    good(await tender.consortium.put("/frameworks/fostering/lots/general", json=bodies.lot(gate=strict, price_bands=capped)))
    weak = bodies.agency(ofsted_rating="requires_improvement", inspected_on="2019-01-01")
    good(await tender.consortium.put(f"/agencies/{FIRST}", json=weak))
    good(await tender.consortium.put(f"/agencies/{SECOND}", json=bodies.agency(ofsted_rating="outstanding")))
    times = {"opens_at": (tender.closes_at - timedelta(hours=1)).isoformat(), "closes_at": tender.closes_at.isoformat()}
    second = {"reference": "R2", "framework": "fostering", "lot": "general"} | times
    tender.id = good(await tender.consortium.post("/tender-rounds", json=second))["id"]
    for urn in (FIRST, SECOND):
        good(await tender.agencies[urn].put(f"{tender.path}/bid", json=bodies.bid("800.00", "850.00" if urn == FIRST else "820.00")))
    await tender.closed()
    gate = good(await tender.consortium.get(f"{tender.path}/gate"))["items"]
    assert {line["agency"]: [reason["code"] for reason in line["reasons"]] for line in gate} == {
        FIRST: ["rating_not_accepted", "inspection_too_old", "price_above_ceiling"],
        SECOND: [],
    }
    own = good(await tender.agencies[SECOND].get(f"{tender.path}/gate"))["items"]
    assert [line["agency"] for line in own] == [SECOND]


async def test_evaluation_names_every_missing_score(tender: Tender) -> None:
    for urn in (FIRST, SECOND):
        good(await tender.agencies[urn].put(f"{tender.path}/bid", json=bodies.bid()))
    await tender.closed()
    await tender.scored({FIRST: ("3", "4")})
    one = {"scores": [{"agency": SECOND, "question": "q1", "score": "4", "reason": "Good."}]}
    good(await tender.evaluators[bodies.SOUTHAMPTON].put(f"{tender.path}/quality-scores", json=one))
    reply = await tender.consortium.post(f"{tender.path}/evaluation")
    assert reply.status_code == 409
    assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == {
        (f"{SECOND}.q1", "too_few_evaluators"),
        (f"{SECOND}.q1", "moderated_score_missing"),
        (f"{SECOND}.q2", "too_few_evaluators"),
        (f"{SECOND}.q2", "moderated_score_missing"),
    }


async def test_evaluators_score_apart_and_without_prices(tender: Tender) -> None:
    answers = [{"question": "q1", "answer": "We meet the child first."}]
    good(await tender.agencies[FIRST].put(f"{tender.path}/bid", json=bodies.bid() | {"answers": answers}))
    await tender.closed()
    southampton, hampshire = tender.evaluators.values()
    shown = await southampton.get(f"{tender.path}/answers")
    assert good(shown)["items"] == [{"agency": FIRST, "answers": answers}]
    assert "800.00" not in shown.text
    score = {"agency": FIRST, "question": "q1", "score": "4", "reason": "Good."}
    good(await southampton.put(f"{tender.path}/quality-scores", json={"scores": [score]}))
    assert good(await hampshire.get(f"{tender.path}/quality-scores"))["items"] == []
    assert len(good(await tender.consortium.get(f"{tender.path}/quality-scores"))["items"]) == 1


async def test_a_changed_lot_leaves_a_round_under_way_on_its_first_terms(tender: Tender) -> None:
    changed = bodies.lot(price_weight="50", quality_weight="50")
    good(await tender.consortium.put("/frameworks/fostering/lots/general", json=changed))
    assert good(await tender.consortium.get(tender.path))["terms"]["price_weight"] == "80"
