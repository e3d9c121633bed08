"""An age told as a band: a home that takes only part of the band is never called suitable."""

from __future__ import annotations

from matching.domain.birthdays import Band, band_changes
from matching.domain.referral import Child
from shared.contracts.words import Need, Sex
from tests.matching import events
from tests.matching.events import OAK, SOUTHAMPTON
from tests.matching.scene import Scene


async def test_a_home_must_take_the_whole_band_and_is_told_which_band(scene: Scene) -> None:
    view = await scene.broadcast(children=(events.child(age_years=5, age_to_years=9, essential_needs=(Need.AUTISM,)),))
    homes = {ages: await scene.vacancy(OAK, from_age=ages[0], to_age=ages[1]) for ages in ((5, 9), (0, 17), (6, 12), (0, 8))}
    reply = await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/candidates")
    found = {item["vacancy"]: item for item in reply.json()["items"]}
    suitable = {ages: found[str(home.vacancy)]["suitable"] for ages, home in homes.items()}
    assert suitable == {(5, 9): True, (0, 17): True, (6, 12): False, (0, 8): False}
    (why,) = found[str(homes[6, 12].vacancy)]["reasons"]
    assert "The child is aged 5 to 9; the carer is approved from 6 to 12." in why.values()
    (seen,) = (await scene.ask(OAK, "GET", f"/opportunities/{view.referral}")).json()["view"]["children"]
    assert (seen["age_years"], seen["age_to_years"]) == (5, 9)


def test_a_birthday_out_of_a_band_told_may_be_tomorrow_or_as_late_as_for_the_youngest_of_it() -> None:
    child = Child(1, 5, Sex.FEMALE, age_to=9)
    bands = (Band("5-9", 5, 9), Band("10-15", 10, 15))
    today = events.soon(0)
    (change,) = band_changes([child], bands, today, [], arrives_on=events.soon(1), leaves_on=events.soon(300))
    assert (change.age, change.earliest) == (10, events.soon(2)), "the day after arrival at the earliest"
    assert change.latest.year - today.year == 5
