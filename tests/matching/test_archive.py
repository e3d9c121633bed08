"""A council takes out what matching keeps of it, and it loads again elsewhere."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from matching.store.archive import KEEPING, LEFT_OUT
from matching.tables import metadata
from shared.archive import MANIFEST, owner_of
from tests.matching.events import SOUTHAMPTON, SURREY
from tests.matching.scene import Scene
from tests.running.archives import files, zipped
from tests.running.services import RunningService

ME = SOUTHAMPTON


async def test_referrals_offers_and_decisions_load_elsewhere_and_are_taken_there_again_as_they_were(
    scene: Scene, running: Callable[..., Awaitable[RunningService]]
) -> None:
    facts = await scene.vacancy()
    view, other_view = await scene.broadcast(), await scene.broadcast()
    offer = await scene.offer(view, facts)
    assert (await scene.choose(view, offer)).status_code == 202
    await scene.hold(offer)
    await scene.offer(other_view, await scene.vacancy())
    theirs = await scene.broadcast(SURREY)
    client = scene.service.as_(ME, "administrator")
    content = (await client.get("/archive")).content
    inside = files(content)
    assert offer["offer"].encode() in inside["offers.jsonl"]
    assert json.loads(inside[MANIFEST])["files"]["decisions.jsonl"]["rows"] == 1
    assert str(theirs.referral).encode() not in b"".join(inside.values()), "another council's"
    elsewhere = await running("matching")
    loaded = await elsewhere.as_(ME, "administrator").post("/archive", content=content)
    assert loaded.status_code == 200, loaded.text
    again = files((await elsewhere.as_(ME, "administrator").get("/archive")).content)
    assert {name for name in inside if again[name] != inside[name]} == {MANIFEST}
    assert await elsewhere.published() == [], "nothing is told again"
    replies = [await each.as_(ME).get(f"/referrals/{view.referral}/decision") for each in (scene.service, elsewhere)]
    assert [reply.status_code for reply in replies] == [200, 200]
    assert replies[0].json() == replies[1].json()
    refused = await elsewhere.as_(ME, "administrator").post("/archive", content=content)
    assert (refused.status_code, {each["rule"] for each in refused.json()["errors"]}) == (409, {"empty"})
    changed = zipped({**inside, "offers.jsonl": inside["offers.jsonl"].replace(b"800.00", b"700.00")})
    third = await running("matching")
    broken = await third.as_(ME, "administrator").post("/archive", content=changed)
    assert (broken.status_code, broken.json()["errors"][0]["rule"]) == (422, "as_taken")
    wrong = await third.as_(SURREY, "administrator").post("/archive", content=content)
    assert wrong.json()["errors"][0]["rule"] == "your_own_archive"
    assert files((await third.as_(ME, "administrator").get("/archive")).content)["offers.jsonl"] == b"", "nothing of it was kept"
    assert (await third.as_(ME, "placements_officer").get("/archive")).status_code == 403


def test_every_table_that_says_whose_a_row_is_is_taken_or_left_out_with_a_reason() -> None:
    """Whoever adds a table: it is taken already, unless ``LEFT_OUT`` in matching/store/archive.py says why not."""
    owned = {name for name, table in metadata.tables.items() if owner_of(table) is not None}
    assert {table.name for table in KEEPING.tables()} == owned - set(LEFT_OUT)
    assert "referrals" in owned
    assert set(LEFT_OUT) <= set(metadata.tables)
    assert set(metadata.tables) - owned - set(LEFT_OUT) == {"outbox", "inbox"}
