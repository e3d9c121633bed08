"""A council chooses: one bed, one home, and everybody told."""

from __future__ import annotations

from tests.matching import events
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene


async def test_a_choice_is_pending_until_the_bed_is_held_then_confirmed_and_the_others_are_released(scene: Scene) -> None:
    view = await scene.broadcast()
    oak, elm = await scene.vacancy(OAK), await scene.vacancy(ELM)
    chosen, other = await scene.offer(view, oak), await scene.offer(view, elm, "700.00")

    made = await scene.choose(view, chosen)
    assert made.status_code == 202, made.text
    assert made.json()["state"] == "pending"
    [selected] = await scene.service.published("offer.selected")
    assert selected.data["offer"] == chosen["offer"]
    assert selected.data["beds"] == 1

    await scene.hold(chosen)
    choice = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/choice")).json()
    assert choice["state"] == "confirmed"
    [confirmed] = await scene.service.published("offer.confirmed")
    assert (confirmed.data["offer"], confirmed.data["pounds_per_week"], confirmed.organisation) == (chosen["offer"], "800.00", SOUTHAMPTON)
    [released] = await scene.service.published("offer.released")
    assert (released.data["offer"], released.data["reason"]) == (other["offer"], "higher_tier_chosen")
    told = await scene.own_offer(other, ELM)
    assert told["state"] == "released"
    assert "higher tier" in " ".join(told["words"])
    assert (await scene.own_offer(chosen))["state"] == "confirmed"
