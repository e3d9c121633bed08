"""Each agency not chosen is told its own reasons by itself: asked of every byte it can read."""

from __future__ import annotations

import re
from typing import Any

from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON
from tests.matching.scene import Scene

NAMES = {OAK: "Oak Fostering", ELM: "Elm Fostering", ASH: "Ash Fostering"}
MESSAGES = {OAK: "the garden is large", ELM: "a quiet house by the sea", ASH: "carers of many years"}
PRICES = {OAK: "811.17", ELM: "722.29", ASH: "633.31"}


async def all_it_can_read(scene: Scene, provider: str, referral: object) -> str:
    """Every byte of every address an agency may read here: all lists, its own offers, the referral, its feed; headers included."""
    said = []
    offers = (await scene.ask(provider, "GET", "/offers")).json()["items"]
    paths = ["/opportunities", f"/opportunities/{referral}", "/offers", "/notices", *(f"/offers/{one['offer']}" for one in offers)]
    for path in paths:
        reply = await scene.ask(provider, "GET", path)
        assert reply.status_code == 200, path
        said.append(reply.text + str(reply.headers))
    return "\n".join(said)


def secrets_of(provider: str, offer: dict[str, Any]) -> set[str]:
    """What tells of one agency's offer."""
    ids = {offer["offer"], offer["vacancy"], offer["household"]}
    return ids | {NAMES[provider], provider.partition(":")[2], PRICES[provider], MESSAGES[provider]}


async def test_each_agency_not_chosen_reads_its_own_reasons_and_not_a_byte_of_anothers(scene: Scene) -> None:
    for chosen_by in (OAK, ELM, ASH):
        view = await scene.broadcast()
        made = {
            provider: await scene.offer(view, await scene.vacancy(provider), PRICES[provider], message=MESSAGES[provider], **unlike)
            for provider, unlike in ((OAK, {}), (ELM, {"needs": [{"need": "autism", "met": False}]}), (ASH, {}))
        }
        reason = {} if chosen_by == OAK else {"reason_code": "known_carer"}
        considered = {"because": {"near_home": "a word for the council alone"}}
        emergency = {"near_home": "not_practicable"}
        body = scene_body(made[chosen_by], emergency) | reason | considered
        reply = await scene.ask(SOUTHAMPTON, "POST", f"/referrals/{view.referral}/choice", body)
        assert reply.status_code == 202, reply.text
        await scene.hold(made[chosen_by], provider=chosen_by)
        [decision] = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/decision")).json()["items"]
        to_be_told = {one["offer"]["provider"]: one["told_if_not_chosen"] for one in decision["record"]["offers"]}
        for provider in set(made) - {chosen_by}:
            own = await scene.own_offer(made[provider], provider)
            assert own["state"] == "released"
            assert (own["reason"], own["words"]) == (to_be_told[provider]["reason"], to_be_told[provider]["words"])
            assert own["words"], "each is told in words"
            said = await all_it_can_read(scene, provider, view.referral)
            for other in set(made) - {provider}:
                for secret in secrets_of(other, made[other]):
                    assert secret not in said, (provider, other, secret)
                for words in (to_be_told[other] or {"words": []})["words"]:
                    if words not in own["words"]:
                        assert words not in said, "another's reasons"
            for secret in (decision["hash"], decision["record"]["blind"], "known_carer", "a word for the council alone", "person@council"):
                assert secret not in said, secret
            assert not re.search(r'"rank"|"fit":|"panel', said)


def scene_body(offer: dict[str, Any], considered: dict[str, str]) -> dict[str, Any]:
    """A choice with every consideration answered."""
    answers = dict.fromkeys(("near_home", "schooling_unbroken", "siblings_together", "disability_met", "inside_area"), "does_not_apply")
    return {"offer": offer["offer"], "considerations": answers | considered, "wishes": "followed"}


async def test_what_is_published_of_a_release_is_the_coded_reason_of_that_one_offer(scene: Scene) -> None:
    view = await scene.broadcast()
    made = {provider: await scene.offer(view, await scene.vacancy(provider), PRICES[provider]) for provider in NAMES}
    await scene.choose(view, made[OAK])
    await scene.hold(made[OAK])
    released = {one.data["provider"]: one for one in await scene.service.published("offer.released")}
    assert set(released) == {ELM, ASH}
    for provider, envelope in released.items():
        assert set(envelope.data) == {"offer", "referral", "council", "provider", "reason"}
        for other in set(NAMES) - {provider}:
            assert not secrets_of(other, made[other]) & set(re.split(r'["\s,:{}]+', envelope.to_json().decode()))
