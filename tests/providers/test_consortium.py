"""Councils, lead roles, frameworks and lots over HTTP."""

from __future__ import annotations

from tests.providers import bodies
from tests.providers.bodies import CONSORTIUM, HAMPSHIRE, OXFORDSHIRE, SOUTHAMPTON, SURREY
from tests.providers.conftest import Clock, good
from tests.running.services import RunningService

TWELFTH = "/councils/E06000046"


async def test_a_twelfth_council_is_refused_until_three_years_have_run_and_the_refusal_names_the_date(
    providers: RunningService, time: Clock
) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        time.on("2012-01-10")
        for number in range(36, 47):
            joined = "2009-06-01" if number < 41 else "2011-11-01"
            good(await consortium.put(f"/councils/E060000{number}", json=bodies.council(joined_on=joined)))
        established = bodies.framework(established_on="2012-04-01", starts_on="2012-04-01", ends_on="2016-03-31")
        reply = await consortium.put("/frameworks/fostering", json=established)
        assert good(reply)["further_councils_from"] == "2015-04-01"
        twelfth = bodies.council(name="Isle of Wight Council", joined_on="2012-03-01")
        for day, status in (("2012-04-01", 409), ("2014-04-01", 409), ("2015-03-31", 409)):
            time.on(day)
            refused = await consortium.put("/councils/E06000052", json=twelfth)
            assert refused.status_code == status
            assert "1 April 2015" in refused.json()["detail"]
            assert refused.json()["errors"][0] | {"message": ""} == {"field": "ons_code", "rule": "closed_to_new_councils", "message": ""}
        assert (await consortium.get("/councils/E06000052")).status_code == 404
        time.on("2015-04-01")
        assert (await consortium.put("/councils/E06000052", json=twelfth | {"joined_on": "2014-05-01"})).status_code == 409
        assert (await consortium.put("/councils/E06000052", json=twelfth | {"joined_on": "2015-04-01"})).status_code == 201
        renamed = await consortium.put("/councils/E06000036", json=bodies.council(name="Bracknell Forest", joined_on="2009-06-01"))
        assert renamed.status_code == 200
    assert len(await providers.published("council.recorded")) == 13


async def test_a_lead_role_is_held_by_one_council_and_can_be_handed_over(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        good(await consortium.put(f"/councils/{SOUTHAMPTON}", json=bodies.council(lead_roles=["procurement"])))
        hampshire = bodies.council(name="Hampshire County Council", lead_roles=["specification", "procurement"])
        refused = await consortium.put(f"/councils/{HAMPSHIRE}", json=hampshire)
        assert refused.status_code == 409
        assert [(each["field"], each["rule"]) for each in refused.json()["errors"]] == [("lead_roles.1", "role_led_by_another")]
        assert "Southampton City Council (E06000045)" in refused.json()["detail"]
        good(await consortium.put(f"/councils/{SOUTHAMPTON}", json=bodies.council()))
        assert good(await consortium.put(f"/councils/{HAMPSHIRE}", json=hampshire))["lead_roles"] == ["specification", "procurement"]
    assert [each.version for each in await providers.published("council.recorded")] == [1, 2, 1]


async def test_lists_are_read_a_page_at_a_time_without_gap_or_repeat(providers: RunningService) -> None:
    codes = sorted((SOUTHAMPTON, HAMPSHIRE, OXFORDSHIRE, SURREY))
    async with providers.as_(CONSORTIUM) as consortium:
        for code in codes:
            good(await consortium.put(f"/councils/{code}", json=bodies.council()))
    async with providers.as_(bodies.AGENCY) as anybody:
        seen, cursor = [], None
        while True:
            page = good(await anybody.get("/councils", params={"limit": 3} | ({"cursor": cursor} if cursor else {})))
            seen += [each["ons_code"] for each in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
    assert seen == codes


async def test_a_framework_whose_first_day_makes_a_member_a_late_joiner_is_refused(providers: RunningService) -> None:
    async with providers.as_(CONSORTIUM) as consortium:
        good(await consortium.put(f"/councils/{SOUTHAMPTON}", json=bodies.council(joined_on="2013-01-01")))
        refused = await consortium.put("/frameworks/fostering", json=bodies.framework())
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["rule"] == "member_joined_while_closed"


async def test_changed_dates_of_a_framework_are_news_of_each_of_its_lots(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM) as consortium:
        good(await consortium.put("/frameworks/fostering", json=bodies.framework(ends_on="2031-03-31")))
        good(await consortium.put("/frameworks/fostering", json=bodies.framework(ends_on="2031-03-31")))
        shown = good(await consortium.get("/frameworks/fostering/lots/general"))
    news = await lot.published("lot.recorded")
    assert [(each.version, each.data["ends_on"]) for each in news] == [(1, "2030-03-31"), (2, "2031-03-31")]
    assert shown["version"] == 2


async def test_lots_are_data_and_another_kind_of_care_may_follow(lot: RunningService) -> None:
    async with lot.as_(CONSORTIUM) as consortium:
        for code in ("parent_child", "disabled_children", "residential"):
            terms = bodies.lot(title=code, tier_rule={"by": "score", "cuts": ["70"]})
            assert (await consortium.put(f"/frameworks/fostering/lots/{code}", json=terms)).status_code == 201
        listed = good(await consortium.get("/lots"))["items"]
    assert [each["code"] for each in listed] == ["disabled_children", "general", "parent_child", "residential"]
