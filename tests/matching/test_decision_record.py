"""The decision record: what each offer met and missed, what the law asks, who decided and why; hashed, and never changed unseen."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from shared.contracts.words import Need
from tests.architecture.catalogue import as_superuser, connected
from tests.matching import events
from tests.matching.events import ELM, OAK, SOUTHAMPTON
from tests.matching.scene import CONSIDERED, Scene


async def decided(scene: Scene, referral: object) -> dict[str, Any]:
    """The one decision on a referral, and how its hash is said to be made."""
    reply = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{referral}/decision")).json()
    assert "sha256sum" in reply["how_hash_is_made"]
    [one] = reply["items"]
    found: dict[str, Any] = one
    return found


def hashed_by_anybody(record: Any) -> str:
    """The hash as its description says, worked out by other code than the service's."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(b"hearth/1/decision" + b"\x00" + text.encode("ascii")).hexdigest()


async def test_the_hash_goes_out_with_choice_and_confirmation_and_anybody_works_it_out_from_the_record(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await scene.choose(view, offer)
    await scene.hold(offer)
    one = await decided(scene, view.referral)
    [selected] = await scene.service.published("offer.selected")
    [confirmed] = await scene.service.published("offer.confirmed")
    assert one["hash"] == hashed_by_anybody(one["record"]) == selected.data["decision_hash"] == confirmed.data["decision_hash"]
    assert (one["as_written"], one["altered"]) == (True, [])


async def test_each_offer_says_what_it_met_and_missed_of_every_essential_need(scene: Scene) -> None:
    needs = (Need.AUTISM, Need.WHEELCHAIR_ACCESS, Need.NO_OTHER_CHILDREN)
    view = await scene.broadcast(children=(events.child(essential_needs=needs),))
    whole = await scene.offer(view, await scene.vacancy(OAK))
    facts = await scene.vacancy(OAK, children_at_home=2)
    told = [{"need": need, "met": need != Need.WHEELCHAIR_ACCESS} for need in needs]
    part = await scene.offer(view, facts, needs=told)
    await scene.choose(view, whole)
    kept = {one["offer"]["offer"]: (one["met"], one["missed"]) for one in (await decided(scene, view.referral))["record"]["offers"]}
    assert kept == {
        whole["offer"]: (["autism", "no_other_children", "wheelchair_access"], []),
        part["offer"]: (["autism"], ["no_other_children", "wheelchair_access"]),
    }


async def test_each_consideration_is_answered_in_words_with_who_decided_and_why(scene: Scene) -> None:
    view = await scene.broadcast()
    await scene.offer(view, await scene.vacancy(OAK))
    second = await scene.offer(view, await scene.vacancy(ELM))
    body = {
        "offer": second["offer"],
        "considerations": CONSIDERED | {"near_home": "not_practicable"},
        "because": {"near_home": "no home nearer could hold the risk"},
        "wishes": "followed",
        "reason_code": "childs_wishes",
    }
    async with scene.service.as_(SOUTHAMPTON, "social_worker", "placements_officer", sub="officer-7") as officer:
        assert (await officer.post(f"/referrals/{view.referral}/choice", json=body)).status_code == 202
    record = (await decided(scene, view.referral))["record"]
    assert record["decided_by"] == {"subject": "officer-7", "roles": ["placements_officer", "social_worker"]}
    assert record["why"] == "It is what the child wishes."
    assert [one["consideration"] for one in record["considered"]] == list(CONSIDERED)
    near = record["considered"][0]
    assert near["because"] == "no home nearer could hold the risk"
    assert re.fullmatch(
        r"Near the child's home: not reasonably practicable\. About \d+(\.\d)? miles?, from postcode districts\.", near["words"]
    )
    assert all(one["words"].endswith(".") for one in record["considered"])


async def test_what_is_not_practicable_is_said_with_why_and_names_nobody(scene: Scene) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    not_practicable = CONSIDERED | {"inside_area": "not_practicable"}
    for because, rules in (
        ({}, {"why_not_practicable"}),
        ({"inside_area": "  "}, {"why_not_practicable"}),
        ({"inside_area": "near his mother Ottoline at 12 the lane"}, {"no_names", "no_numbers"}),
        ({"inside_area": "x" * 281}, {"short_enough"}),
        ({"shoe_size": "no"}, {"known_code"}),
    ):
        reply = await scene.choose(view, offer, considerations=not_practicable, because=because)
        assert (reply.status_code, {error["rule"] for error in reply.json()["errors"]}) == (422, rules), because
        assert "Ottoline" not in reply.text
    assert (await scene.choose(view, offer, considerations=not_practicable, because={"inside_area": "no home inside"})).status_code == 202


async def test_alike_decisions_have_unlike_hashes_so_that_no_guess_can_be_tried_against_one(scene: Scene) -> None:
    blinds, hashes = set(), set()
    for _ in range(2):
        view = await scene.broadcast()
        await scene.choose(view, await scene.offer(view, await scene.vacancy(OAK)))
        one = await decided(scene, view.referral)
        assert re.fullmatch("[0-9a-f]{32}", one["record"]["blind"])
        blinds.add(one["record"]["blind"])
        hashes.add(one["hash"])
        for envelope in await scene.service.published():
            assert one["record"]["blind"] not in envelope.to_json().decode(), "the blind is the council's own"
    assert (len(blinds), len(hashes)) == (2, 2)


ALTERED = [
    ("UPDATE decisions SET record = jsonb_set(record, '{offers,0,offer,terms,pounds_per_week}', '\"800.01\"')", ["record"]),
    ("UPDATE decisions SET record = replace(record::text, 'Near the child', 'near the child')::jsonb", ["record"]),
    ("UPDATE decisions SET record = record - 'wishes'", ["record"]),
    ("UPDATE decisions SET hash = sha256('x')", ["record"]),
    ("UPDATE decisions SET decided_by = 'somebody else'", ["decided_by"]),
    ("UPDATE decisions SET decided_at = decided_at + interval '1 microsecond'", ["decided_at"]),
    ("UPDATE decisions SET reason = 'nearer_home'", ["reason_code"]),
    ("UPDATE decisions SET offer = gen_random_uuid()", ["offer"]),
]


async def test_one_byte_altered_by_a_superuser_is_named(scene: Scene, admin_url: str) -> None:
    url = scene.service.owner_urls[None]
    for statement, named in ALTERED:
        view = await scene.broadcast()
        await scene.choose(view, await scene.offer(view, await scene.vacancy(OAK)))
        async with connected(as_superuser(admin_url, url)) as superuser:
            assert await superuser.execute(f"{statement} WHERE referral = '{view.referral}'") == "UPDATE 1"
        one = await decided(scene, view.referral)
        assert (one["as_written"], one["altered"]) == (False, named), statement


async def test_a_decision_older_than_hashes_is_shown_and_not_called_altered(scene: Scene, admin_url: str) -> None:
    view = await scene.broadcast()
    offer = await scene.offer(view, await scene.vacancy(OAK))
    await scene.choose(view, offer)
    async with connected(as_superuser(admin_url, scene.service.owner_urls[None])) as superuser:
        await superuser.execute("UPDATE decisions SET hash = NULL")
    one = await decided(scene, view.referral)
    assert (one["hash"], one["as_written"], one["altered"]) == (None, None, [])
    await scene.hold(offer)
    [confirmed] = await scene.service.published("offer.confirmed")
    assert confirmed.data["decision_hash"] is None


@pytest.mark.parametrize("path", ["decision", "choice"])
async def test_no_agency_reads_a_decision(scene: Scene, path: str) -> None:
    view = await scene.broadcast()
    await scene.choose(view, await scene.offer(view, await scene.vacancy(OAK)))
    assert (await scene.ask(OAK, "GET", f"/referrals/{view.referral}/{path}")).status_code == 403
