"""The two or three side by side, own carers included, with what each stay would truly cost."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from shared import clock, ids
from shared.contracts.providers import PriceBand
from shared.contracts.referrals import NearPlace, ReferralAmended, ReferralSentInHouse, ReferralView
from shared.contracts.words import Need
from tests.matching import events
from tests.matching.events import ASH, ELM, LOT, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene

BANDS = (PriceBand(code="5-10", from_age=5, to_age=10), PriceBand(code="11-15", from_age=11, to_age=15))
PRICING: dict[str, Any] = {
    "extras": [
        {"what": "therapy", "pounds_per_week": "70.00", "from": None, "until": str(events.soon(28))},
        {"what": "equipment", "pounds_once": "250.00"},
    ],
    "discounts": [{"what": "long_term", "per_cent": "5", "after_weeks": 26}],
    "price_by_band": [{"band": "5-10", "pounds_per_week": "800.00"}, {"band": "11-15", "pounds_per_week": "900.00"}],
    "uplift": {"on": str(events.soon(60)), "per_cent": "3.00"},
}


@pytest.fixture
async def banded(scene: Scene) -> Scene:
    """The scene, its lot with two price bands."""
    lot = events.lot().model_copy(update={"price_bands": BANDS})
    await scene.service.deliver(lot, subject=LOT, organisation="consortium", version=2)
    return scene


async def sheet(scene: Scene, view: ReferralView, query: str = "", council: str = SOUTHAMPTON) -> dict[str, Any]:
    reply = await scene.ask(council, "GET", f"/referrals/{view.referral}/options-sheet{query}")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def adds_up(cost: dict[str, Any]) -> bool:
    return sum(Decimal(line["pounds"]) for line in cost["lines"]) == Decimal(cost["total"])


async def test_an_offer_may_state_all_that_its_price_is_made_of_and_is_shown_it_again(banded: Scene) -> None:
    view = await banded.broadcast()
    made = await banded.offer(view, await banded.vacancy(OAK), **PRICING)
    told = {"from": None, "until": None, "pounds_per_week": None, "pounds_once": None}
    assert made["extras"] == [told | PRICING["extras"][0], told | PRICING["extras"][1]]
    assert made["discounts"] == [{"what": "long_term", "per_cent": "5", "pounds_per_week": None, "after_weeks": 26}]
    assert (made["price_by_band"], made["uplift"]) == (PRICING["price_by_band"], PRICING["uplift"])
    assert (await banded.own_offer(made))["extras"] == made["extras"]
    [option] = (await banded.options(view))["options"]
    assert option["discounts"] == made["discounts"]
    plain = await banded.offer(view, await banded.vacancy(ELM))
    assert (plain["extras"], plain["discounts"], plain["price_by_band"], plain["uplift"]) == ([], [], [], None)


async def test_the_sheet_compares_the_shortlist_or_else_the_best_three_in_their_order(banded: Scene) -> None:
    view = await banded.broadcast(expected_weeks=10)
    made = [
        await banded.offer(view, await banded.vacancy(who), pounds)
        for who, pounds in ((ASH, "700"), (ELM, "900"), (OAK, "800"), (ELM, "950"))
    ]
    shown = await sheet(banded, view)
    assert (shown["compared"], shown["offers_to_decide_on"]) == ("best_three", 4)
    assert [(one["rank"], one["offer"]) for one in shown["options"]] == [
        (1, made[2]["offer"]),
        (2, made[1]["offer"]),
        (3, made[3]["offer"]),
    ]
    body = {"offers": [made[0]["offer"], made[2]["offer"]]}
    assert (await banded.ask(SOUTHAMPTON, "PUT", f"/referrals/{view.referral}/shortlist", body, If_Match="*")).status_code == 200
    shown = await sheet(banded, view)
    assert (shown["compared"], [one["offer"] for one in shown["options"]]) == ("shortlist", [made[2]["offer"], made[0]["offer"]])
    assert [one["least"]["total"] for one in shown["options"]] == ["8000.00", "7000.00"]


async def test_a_stay_is_costed_as_a_range_and_a_total_line_by_line(banded: Scene) -> None:
    view = await banded.broadcast(children=(events.child(age_years=10, essential_needs=(Need.AUTISM,)),))
    await banded.offer(view, await banded.vacancy(OAK), **PRICING)
    shown = await sheet(banded, view, "?weeks_from=10&weeks_to=52")
    [option] = shown["options"]
    assert (shown["weeks_from"], shown["weeks_to"], shown["weeks_words"]) == (10, 52, "10 to 52 weeks, as asked for this sheet")
    assert (option["least"]["nights"], option["most"]["nights"]) == (70, 364)
    assert adds_up(option["least"])
    assert adds_up(option["most"])
    assert [line["kind"] for line in option["most"]["lines"]] == [
        *("weekly_fee", "birthday_into_another_band", "uplift", "discount", "weekly_extra", "one_off"),
    ]
    assert [line["pounds"] for line in option["most"]["lines"]][:2] == ["41600.00", "5185.71"]
    # Fourteen nights of therapy: the child comes on the day the home is needed, in 14 days; therapy ends in 28.
    assert next(line["pounds"] for line in option["most"]["lines"] if line["kind"] == "weekly_extra") == "140.00"
    assert [sorted(extra) for extra in option["extras"]] == [["from", "pounds_once", "pounds_per_week", "until", "what"]] * 2
    [birthday] = option["band_changes"]
    assert (birthday["band_after"], birthday["pounds_per_week_more"]) == ("11-15", "100.00")
    assert option["price_to_be_agreed"] is False


async def test_a_price_after_a_birthday_that_nobody_states_is_said_to_be_agreed(banded: Scene) -> None:
    view = await banded.broadcast(children=(events.child(age_years=10),), expected_weeks=52)
    await banded.offer(view, await banded.vacancy(OAK))
    [option] = (await sheet(banded, view))["options"]
    assert option["price_to_be_agreed"] is True
    assert option["cost_words"] == "£41,600.00, and a price to be agreed after a birthday"
    assert option["band_changes"][0]["words"].endswith("passes into band 11-15: the price after that is to be agreed.")
    young = await banded.broadcast(children=(events.child(age_years=6),), expected_weeks=52)
    await banded.offer(young, await banded.vacancy(OAK))
    [option] = (await sheet(banded, young))["options"]
    assert (option["price_to_be_agreed"], option["cost_words"]) == (False, "£41,600.00")


async def test_the_best_own_carer_stands_beside_the_offers_whenever_one_is_suitable(banded: Scene) -> None:
    view = await banded.broadcast(expected_weeks=10)
    await banded.offer(view, await banded.vacancy(OAK))
    await banded.vacancy(SOUTHAMPTON, to_age=6)
    assert [one["in_house"] for one in (await sheet(banded, view))["options"]] == [False]
    noisy, quiet = await banded.vacancy(SOUTHAMPTON, children_at_home=3), await banded.vacancy(SOUTHAMPTON)
    await banded.vacancy(SURREY)
    shown = await sheet(banded, view)
    assert (shown["in_house_suitable"], [one["in_house"] for one in shown["options"]]) == (2, [False, True])
    own = shown["options"][1]
    assert own["vacancy"] == str(quiet.vacancy) != str(noisy.vacancy)
    assert (own["provider_name"], own["offer"], own["pounds_per_week"], own["tier"]) == ("Southampton City", None, None, None)
    assert (own["least"]["total"], own["most"]["total"]) == ("2130.00", "4890.00")
    changed = await sheet(banded, view, "?in_house_pounds_per_week_from=400&in_house_pounds_per_week_to=400.50")
    assert (changed["options"][1]["least"]["total"], changed["options"][1]["most"]["total"]) == ("4000.00", "4005.00")


async def test_while_the_council_looks_in_house_the_sheet_shows_its_own_carer_alone(banded: Scene) -> None:
    view = events.view()
    await banded.service.deliver(ReferralSentInHouse(view=view), subject=str(view.referral), organisation=SOUTHAMPTON, version=1)
    assert (await sheet(banded, view))["options"] == []
    await banded.vacancy(SOUTHAMPTON)
    assert [one["in_house"] for one in (await sheet(banded, view))["options"]] == [True]


async def test_mileage_and_school_transport_are_counted_by_assumptions_that_are_shown_and_can_be_changed(banded: Scene) -> None:
    near = (NearPlace(what="school", district="RG1"), NearPlace(what="contact", district="SO14", visits_per_week=Decimal(2)))
    view = await banded.broadcast(near=near, expected_weeks=52)
    await banded.offer(view, await banded.vacancy(OAK, district="SO15"))
    [option] = (await sheet(banded, view))["options"]
    lines = {line["kind"]: Decimal(line["pounds"]) for line in option["least"]["lines"]}
    assert lines["school_transport"] > lines["contact_mileage"] > 0
    shown = await sheet(banded, view, "?pounds_per_mile=0.90&school_days_per_week=0")
    doubled = {line["kind"]: Decimal(line["pounds"]) for line in shown["options"][0]["least"]["lines"]}
    assert abs(doubled["contact_mileage"] - 2 * lines["contact_mileage"]) <= Decimal("0.01")
    assert doubled["school_transport"] == 0
    assert shown["assumptions"]["pounds_per_mile"] == "0.90"
    assert any("£0.90 a mile" in words for words in shown["assumption_words"])
    stated = [{"what": "school_transport", "pounds_per_week": "10.00"}, {"what": "contact_travel", "pounds_per_week": "5.00"}]
    other = await banded.broadcast(near=near, expected_weeks=52)
    await banded.offer(other, await banded.vacancy(OAK, district="SO15"), extras=stated)
    [option] = (await sheet(banded, other))["options"]
    assert option["least"]["total"] == "42380.00", "what an offer states is not assumed as well"


async def test_ages_count_from_the_day_they_were_told_and_an_amendment_tells_them_anew(banded: Scene) -> None:
    view = await banded.broadcast(children=(events.child(age_years=10),), expected_weeks=52)
    await banded.offer(view, await banded.vacancy(OAK))
    [before] = (await sheet(banded, view))["options"]
    assert before["band_changes"][0]["latest"] == str(_a_year_after_today())
    amended = ReferralAmended(view=view.model_copy(update={"children": (events.child(age_years=11),)}), changed=("children",))
    await banded.service.deliver(amended, subject=str(view.referral), organisation=SOUTHAMPTON, version=3, council=view.council)
    [after] = (await sheet(banded, view))["options"]
    assert after["band_changes"] == []


def _a_year_after_today() -> Any:
    today = clock.today()
    return today.replace(year=today.year + 1) if (today.month, today.day) != (2, 29) else today.replace(year=today.year + 1, day=28)


async def test_an_uplift_counts_from_the_night_of_its_day(banded: Scene) -> None:
    view = await banded.broadcast(expected_weeks=12)
    start = events.soon(14)
    await banded.offer(view, await banded.vacancy(OAK), uplift={"on": str(start + timedelta(42)), "per_cent": "10"})
    [option] = (await sheet(banded, view))["options"]
    assert (option["uplift"]["per_cent"], option["least"]["total"]) == ("10", "10080.00")


NOT_ACCEPTED = [
    ({"extras": [{"what": "therapy"}]}, {("extras.0", "one_price")}),
    ({"extras": [{"what": "therapy", "pounds_once": "1", "pounds_per_week": "1"}]}, {("extras.0", "one_price")}),
    ({"extras": [{"what": "therapy", "pounds_once": "1", "until": "2099-01-01"}]}, {("extras.0.until", "once_has_no_end")}),
    (
        {"extras": [{"what": "therapy", "pounds_per_week": "1", "from": "2099-01-02", "until": "2099-01-02"}]},
        {("extras.0.until", "until_after_from")},
    ),
    ({"discounts": [{"what": "volume"}]}, {("discounts.0", "one_discount")}),
    ({"discounts": [{"what": "sibling", "per_cent": "5"}]}, {("discounts.0", "sibling_discount_for_siblings")}),
    ({"discounts": [{"what": "volume", "pounds_per_week": "800.01"}]}, {("discounts", "discounts_within_fee")}),
    ({"discounts": [{"what": "volume", "per_cent": "60"}, {"what": "other", "per_cent": "41"}]}, {("discounts", "discounts_within_fee")}),
    ({"price_by_band": [{"band": "0-99", "pounds_per_week": "1"}]}, {("price_by_band.0.band", "band_of_the_lot")}),
    ({"price_by_band": [{"band": "5-10", "pounds_per_week": "1"}] * 2}, {("price_by_band.1.band", "each_band_once")}),
    ({"uplift": {"on": str(events.soon(3)), "per_cent": "3"}}, {("uplift.on", "after_available")}),
]


async def test_a_price_that_contradicts_itself_is_refused_with_every_reason(banded: Scene) -> None:
    view, facts = await banded.broadcast(), await banded.vacancy(OAK)
    for changes, errors in NOT_ACCEPTED:
        reply = await banded.ask(OAK, "POST", "/offers", banded.terms(view, facts) | changes)
        assert reply.status_code == 422, changes
        assert {(error["field"], error["rule"]) for error in reply.json()["errors"]} == errors
    for bad in (
        {"extras": [{"what": "Jemima", "pounds_once": "1"}]},
        {"extras": [{"what": "therapy", "pounds_once": "-1"}]},
        {"discounts": [{"what": "volume", "per_cent": "101"}]},
        {"uplift": {"on": "2099-02-30", "per_cent": "1"}},
        {"extras": [{"what": "therapy", "pounds_once": "1"}] * 13},
    ):
        reply = await banded.ask(OAK, "POST", "/offers", banded.terms(view, facts) | bad)
        assert (reply.status_code, "Jemima" in reply.text) == (422, False), bad
    assert await banded.service.published("offer.made") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?weeks_from=20&weeks_to=10", "weeks_to"),
        ("?weeks_from=0", "weeks_from"),
        ("?weeks_to=soon", "weeks_to"),
        ("?pounds_per_mile=-1", "pounds_per_mile"),
        ("?pounds_per_mile=NaN", "pounds_per_mile"),
        ("?in_house_pounds_per_week_from=500&in_house_pounds_per_week_to=400", "in_house_pounds_per_week_to"),
        ("?school_days_per_week=8", "school_days_per_week"),
    ],
)
async def test_assumptions_that_cannot_be_counted_with_are_refused(banded: Scene, query: str, field: str) -> None:
    view = await banded.broadcast()
    reply = await banded.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/options-sheet{query}")
    assert (reply.status_code, [error["field"] for error in reply.json()["errors"]]) == (422, [field])


async def test_a_misspelt_assumption_another_councils_referral_and_an_agency_are_refused(banded: Scene) -> None:
    view = await banded.broadcast()
    path = f"/referrals/{view.referral}/options-sheet"
    assert (await banded.ask(SOUTHAMPTON, "GET", f"{path}?weeks=10")).status_code == 422
    assert (await banded.ask(SURREY, "GET", path)).status_code == 404
    assert (await banded.ask(SOUTHAMPTON, "GET", f"/referrals/{ids.new_id()}/options-sheet")).status_code == 404
    assert (await banded.ask(OAK, "GET", path)).status_code == 403
