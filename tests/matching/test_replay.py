"""Weights are versioned and dated; a decision made under the weights of its day comes out the same years later."""

from __future__ import annotations

import json
from typing import Any

import asyncpg

from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def weights_set(scene: Scene, version: int, **weights: str) -> None:
    """Southampton's administrator sets weights."""
    settings = events.settings(SOUTHAMPTON, weights)
    await scene.service.deliver(settings, subject="E06000045", organisation=SOUTHAMPTON, version=version)


async def got(scene: Scene, path: str, council: str = SOUTHAMPTON) -> Any:
    """What a council reads."""
    reply = await scene.ask(council, "GET", path)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_every_version_of_a_councils_weights_is_kept_with_its_date_however_late_it_is_heard(scene: Scene) -> None:
    assert (await got(scene, "/weights"))["current"]["version"] == 0
    await weights_set(scene, 3, distance="70", siblings="30")
    await weights_set(scene, 2, language="100")
    shown = await got(scene, "/weights")
    assert [one["version"] for one in shown["history"]] == [3, 2]
    assert (shown["current"], shown["current"]["weights"]) == (shown["history"][0], {"distance": "70", "siblings": "30"})
    assert all(one["effective_from"] for one in shown["history"])
    assert (await got(scene, "/weights", SURREY))["history"] == []


async def test_a_decision_comes_out_the_same_after_weights_homes_and_offers_have_changed(scene: Scene) -> None:
    view = await scene.broadcast()
    await weights_set(scene, 2, distance="50", other_children="50")
    near, quiet = await scene.vacancy(OAK, district="SO14", children_at_home=3), await scene.vacancy(ELM, district="GU1", prefers_to_age=12)
    chosen = await scene.offer(view, near)
    await scene.offer(view, quiet, "700.00")
    assert (await scene.choose(view, chosen)).status_code == 202
    await weights_set(scene, 3, language="100")
    closed = events.providers.VacancyClosed(vacancy=near.vacancy, provider=OAK, reason="withdrawn")
    await scene.service.deliver(closed, subject=str(near.vacancy), organisation=OAK, version=2)
    [again] = (await got(scene, f"/referrals/{view.referral}/decision/replay"))["items"]
    assert (again["same"], again["differences"], again["weights_version"]) == (True, [], 2)
    [kept] = (await got(scene, f"/referrals/{view.referral}/decision"))["items"]
    assert kept["record"]["weights"] == {"distance": "50", "other_children": "50"}
    reply = await scene.ask(SURREY, "GET", f"/referrals/{view.referral}/decision/replay")
    assert reply.status_code == 404


async def test_a_record_altered_past_the_service_is_noticed(scene: Scene) -> None:
    view = await scene.broadcast()
    chosen = await scene.offer(view, await scene.vacancy(OAK))
    assert (await scene.choose(view, chosen)).status_code == 202
    connection = await asyncpg.connect(scene.service.owner_urls[None])
    try:
        await connection.execute("ALTER TABLE decisions NO FORCE ROW LEVEL SECURITY")
        kept = json.loads(await connection.fetchval("SELECT record FROM decisions"))
        kept["offers"][0]["fit"]["score"] = "99.9"
        await connection.execute("UPDATE decisions SET record = $1", json.dumps(kept))
        await connection.execute("ALTER TABLE decisions FORCE ROW LEVEL SECURITY")
    finally:
        await connection.close()
    [again] = (await got(scene, f"/referrals/{view.referral}/decision/replay"))["items"]
    assert not again["same"]
    assert again["differences"] == [f"The fit of offer {chosen['offer']} was recorded otherwise than it comes out."]


async def test_a_home_nobody_has_offered_is_said_to_be_in_a_band_and_never_at_a_mile(scene: Scene) -> None:
    view = await scene.broadcast(home_district="SO14")
    await scene.vacancy(OAK, district="PO1")
    [home] = (await got(scene, f"/referrals/{view.referral}/candidates"))["items"]
    assert (home["distance_band"], home["within_20_miles"]) == ("15_to_25_miles", "undecided")
    assert home["distance_words"] == "15 to 25 miles, so whether within 20 is undecided, from postcode districts."
    assert "about_miles" not in json.dumps(home)
