"""A provider offers, changes its mind, and learns what became of it."""

from __future__ import annotations

import asyncio
from typing import Any

from shared.contracts.providers import VacancyClosed
from shared.contracts.words import Need, Urgency
from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON
from tests.matching.scene import Scene


def without_referral(terms: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in terms.items() if name != "referral"}


async def test_an_offer_says_at_once_whether_the_home_could_take_the_child_and_every_reason_why_not(scene: Scene) -> None:
    view = await scene.broadcast(urgency=Urgency.EMERGENCY)  # the only one that may go outside a carer's terms of approval
    good = await scene.offer(view, await scene.vacancy(OAK))
    assert (good["suitable"], good["reasons"], good["state"]) == (True, [], "made")
    bad = await scene.offer(view, await scene.vacancy(OAK, to_age=6, sexes=("M",)), needs=[{"need": "autism", "met": False}])
    assert bad["suitable"] is False
    assert [one["reason"] for one in bad["reasons"]] == ["age_above_approval", "sex", "essential_need_not_met"]
    said = await scene.service.published("offer.made")
    assert [(one.data["suitable"], one.data["tier"], one.version) for one in said] == [(True, 1, 1), (False, 1, 1)]
    assert "pounds" not in str(said[0].data)


async def test_one_vacancy_is_offered_once_for_a_referral_however_often_it_is_tried_at_once(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    replies = await asyncio.gather(*(scene.ask(OAK, "POST", "/offers", scene.terms(view, facts)) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 5
    other = await scene.broadcast()
    assert (await scene.ask(OAK, "POST", "/offers", scene.terms(other, facts))).status_code == 201
    again = await scene.offer(view, await scene.vacancy(OAK))
    assert again["state"] == "made"


async def test_an_offer_is_changed_by_its_version_until_it_is_chosen(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    offer = await scene.offer(view, facts)
    path, body = f"/offers/{offer['offer']}", without_referral(scene.terms(view, facts, "777.50"))
    assert (await scene.ask(OAK, "PUT", path, body)).status_code == 428
    changed = await scene.ask(OAK, "PUT", path, body, If_Match='"1"')
    assert (changed.status_code, changed.json()["pounds_per_week"], changed.headers["etag"]) == (200, "777.50", '"2"')
    assert (await scene.ask(OAK, "PUT", path, body, If_Match='"1"')).status_code == 412
    await scene.choose(view, offer)
    assert (await scene.ask(OAK, "PUT", path, body, If_Match='"3"')).status_code == 409


async def test_a_withdrawal_is_coded_and_its_vacancy_may_be_offered_anew(scene: Scene) -> None:
    view = await scene.broadcast()
    facts = await scene.vacancy(OAK)
    offer = await scene.offer(view, facts)
    withdrawn = await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "bed_filled_by_another_council"})
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    [said] = await scene.service.published("offer.withdrawn")
    assert (said.data["reason"], said.data["side"], said.version) == ("bed_filled_by_another_council", "nobody", 2)
    assert [one["reason"] for one in (await scene.options(view))["ended"]] == ["bed_filled_by_another_council"]
    assert (await scene.ask(OAK, "POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "made_by_mistake"})).status_code == 409
    assert (await scene.offer(view, facts))["offer"] != offer["offer"]


async def test_options_are_ranked_and_each_says_how_it_got_its_place(scene: Scene) -> None:
    view = await scene.broadcast()
    lower_tier = await scene.offer(view, await scene.vacancy(ELM), "400.00")
    unsuitable = await scene.offer(view, await scene.vacancy(OAK, free_beds=0), "300.00")
    farther = await scene.offer(view, await scene.vacancy(OAK, district="RG1"), "500.00")
    first = await scene.offer(view, await scene.vacancy(OAK, district="SO14"), "900.00")
    shown = (await scene.options(view))["options"]
    assert [one["offer"] for one in shown] == [first["offer"], farther["offer"], lower_tier["offer"], unsuitable["offer"]]
    assert [one["rank"] for one in shown] == [1, 2, 3, 4]
    assert [one["after_because"] for one in shown] == [None, "fit", "tier", "suitability"]
    assert shown[0]["provider_name"] == "Oak Fostering"
    assert "£900.00 a week." in shown[0]["words"]
    assert any(words.startswith("About ") and "from postcode districts" in words for words in shown[1]["words"])
    assert sum(float(part["points"]) for part in shown[1]["fit"]["parts"]) == float(shown[1]["fit"]["score"])
    assert [one["reason"] for one in shown[3]["reasons"]] == ["beds"]


async def test_a_bed_that_goes_elsewhere_makes_its_offers_unsuitable_and_a_closed_vacancy_too(scene: Scene) -> None:
    view = await scene.broadcast()
    facts, closing = await scene.vacancy(OAK), await scene.vacancy(OAK)
    await scene.offer(view, facts)
    await scene.offer(view, closing)
    other = await scene.broadcast()
    taken = await scene.offer(other, facts)
    await scene.choose(other, taken)
    await scene.hold(taken)
    closed = VacancyClosed(vacancy=closing.vacancy, provider=OAK, reason="carer_unwell")
    await scene.service.deliver(closed, subject=str(closing.vacancy), organisation=OAK, version=2)
    shown = (await scene.options(view))["options"]
    assert sorted(one["reasons"][0]["reason"] for one in shown) == ["beds", "vacancy_closed"]


async def test_a_council_sets_what_counts_towards_fit(scene: Scene) -> None:
    view = await scene.broadcast()
    await scene.offer(view, await scene.vacancy(OAK, children_at_home=3, district="SO14"))
    before = (await scene.options(view))["options"][0]["fit"]["score"]
    weights = {"other_children": "1"}
    settings = events.settings(SOUTHAMPTON, weights)
    await scene.service.deliver(settings, subject="E06000045", organisation=SOUTHAMPTON, version=2)
    await scene.service.deliver(events.settings(SOUTHAMPTON, {"distance": "1"}), subject="E06000045", organisation=SOUTHAMPTON, version=1)
    shown = await scene.options(view)
    assert (before, shown["options"][0]["fit"]["score"]) == ("90.0", "0.0")
    assert shown["weights"] == weights


async def test_every_essential_need_of_every_child_is_asked_for(scene: Scene) -> None:
    children = (events.child(1, essential_needs=(Need.AUTISM,)), events.child(2, essential_needs=(Need.MEDICATION, Need.AUTISM)))
    view = await scene.broadcast(children=children, siblings="together")
    facts = await scene.vacancy(OAK, free_beds=2)
    reply = await scene.ask(OAK, "POST", "/offers", scene.terms(view, facts) | {"needs": []})
    assert [(one["field"], one["rule"]) for one in reply.json()["errors"]] == [("needs", "each_essential_need_answered")] * 2
    assert await scene.service.published("offer.made") == []
    await scene.offer(view, facts)
