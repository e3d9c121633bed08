"""What an agency is really sent, held against the declared table."""

from __future__ import annotations

from referrals.domain.disclosure import Noun, Reader, Showing, Stage, cell, fields_seen
from tests.referrals.council import AGENCY, Council


async def test_the_chosen_agency_is_sent_what_the_table_shows_it_and_nothing_else(council: Council) -> None:
    placement = await council.placement()
    agency = council.service.as_(AGENCY)
    (child,) = (await agency.get(f"/placements/{placement}/child")).json()["children"]
    may_see = fields_seen(Noun.CHILD, Stage.PLACED, Reader.SELECTED_PROVIDER)
    assert {name for name, value in child.items() if value is not None} <= may_see
    assert {"given_names", "family_name", "date_of_birth"} <= set(child), "the test proves nothing about an empty reply"
    reply = (await agency.get(f"/placements/{placement}")).json()
    assert set(reply) <= fields_seen(Noun.PLACEMENT, Stage.PLACED, Reader.SELECTED_PROVIDER)


async def test_the_preview_withholds_exactly_what_the_table_does_not_show_every_provider(council: Council) -> None:
    referral = await council.referral(await council.child())
    preview = (await council.client().get(f"/referrals/{referral}/preview")).json()
    withheld = {each["field"] for each in preview["withheld"]}
    for noun in (Noun.CHILD, Noun.REFERRAL):
        for field in fields_seen(noun, Stage.PLACED, Reader.OWN_COUNCIL):
            told = cell(noun, field, Stage.BROADCAST, Reader.PROVIDER_OF_THE_LOT).showing is Showing.SHOWN
            assert told != (f"{noun}.{field}" in withheld), f"{noun}.{field}"
