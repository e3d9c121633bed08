"""Carer households and vacancies over HTTP: whose they are, what others see, how many beds may be promised."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from shared import tenancy
from shared.organisation import Organisation
from tests.providers import bodies
from tests.providers.bodies import AGENCY, COUNCIL, OTHER_AGENCY
from tests.providers.conftest import good
from tests.running.services import RunningService


async def test_a_household_keeps_its_postcode_to_itself_and_its_vacancy_shows_the_district(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency, lot.as_(COUNCIL) as council, lot.as_(OTHER_AGENCY) as other:
        recorded = await agency.put("/households/H1", json=bodies.household(postcode="so147ly"))
        assert recorded.status_code == 201
        assert recorded.headers["location"] == "/households/H1"
        assert (good(recorded)["postcode"], good(recorded)["district"]) == ("SO14 7LY", "SO14")
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        seen = await council.get("/vacancies")
        [vacancy] = good(seen)["items"]
        assert (vacancy["district"], vacancy["reference"], vacancy["household_reference"]) == ("SO14", None, None)
        assert "7LY" not in seen.text
        assert good(await other.get("/vacancies"))["items"] == []
        assert (await other.get("/households/H1")).status_code == 404
        assert (await other.get("/vacancies/V1")).status_code == 404
        assert (await council.get("/households/H1")).status_code == 404
    for event in await lot.published():
        assert "7LY" not in event.to_json().decode()


async def test_sending_the_same_again_changes_nothing_and_says_nothing(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for path, body in (("/households/H1", bodies.household()), ("/vacancies/V1", bodies.vacancy())):
            first, again = await agency.put(path, json=body), await agency.put(path, json=body)
            assert (first.status_code, again.status_code) == (201, 200)
            assert first.json() == again.json()
            assert first.headers["etag"] == again.headers["etag"] == '"1"'
    assert len(await lot.published("vacancy.opened")) == 1
    assert await lot.published("vacancy.changed") == []


async def test_a_changed_household_changes_what_its_open_vacancies_say(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        good(await agency.put("/households/H1", json=bodies.household(skills=["adhd"], postcode="SO14 7LW")))
    [changed] = await lot.published("vacancy.changed")
    assert changed.data["facts"]["skills"] == ["adhd"]
    assert changed.version == 2


async def test_a_move_within_the_district_is_no_news_to_anybody(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        good(await agency.put("/households/H1", json=bodies.household(postcode="SO14 7LW")))
    assert await lot.published("vacancy.changed") == []


async def test_places_are_counted_when_households_change(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household(places=2)))
        good(await agency.put("/households/H2", json=bodies.household(places=3)))
        good(await agency.put("/households/H1", json=bodies.household(places=1)))
    counted = await lot.published("places.counted")
    assert [(each.data["households"], each.data["approved_places"], each.version) for each in counted] == [(1, 2, 1), (2, 5, 2), (2, 4, 3)]


async def test_a_councils_own_fostering_service_publishes_in_house_vacancies(lot: RunningService) -> None:
    async with lot.as_(COUNCIL, "fostering_service") as in_house, lot.as_(COUNCIL, "placements_officer") as officer:
        good(await in_house.put("/households/H1", json=bodies.household()))
        published = good(await in_house.put("/vacancies/V1", json=bodies.vacancy()))
        assert published["provider"] == COUNCIL
        assert (await officer.put("/households/H2", json=bodies.household())).status_code == 403


async def test_beds_on_offer_are_never_more_than_the_approved_places(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household(places=2)))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy(free_beds=1)))
        refused = await agency.put("/vacancies/V2", json=bodies.vacancy(free_beds=2))
        assert refused.status_code == 422
        assert [error["rule"] for error in refused.json()["errors"]] == ["more_beds_than_free"]
        good(await agency.put("/vacancies/V2", json=bodies.vacancy(free_beds=1)))
        fewer = await agency.put("/households/H1", json=bodies.household(places=1))
        assert [error["rule"] for error in fewer.json()["errors"]] == ["places_below_taken"]


async def test_a_vacancy_is_closed_with_a_reason_and_can_be_reopened(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
        good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        closed = good(await agency.post("/vacancies/V1/closing", json={"reason": "carer_resting"}))
        assert (closed["status"], closed["free_beds"], closed["close_reason"]) == ("closed", 0, "carer_resting")
        assert (await agency.post("/vacancies/V1/closing", json={"reason": "carer_resting"})).status_code == 409
        reopened = good(await agency.put("/vacancies/V1", json=bodies.vacancy()))
        assert (reopened["status"], reopened["free_beds"], reopened["version"]) == ("open", 1, 3)
    types = [each.type for each in await lot.published() if each.type.startswith("vacancy.")]
    assert types == ["vacancy.opened", "vacancy.closed", "vacancy.opened"]


async def test_an_upload_does_the_good_rows_and_refuses_the_bad_ones_each_with_its_reasons(lot: RunningService) -> None:
    rows: list[Any] = [
        bodies.vacancy(reference="V1"),
        bodies.vacancy(reference="V2", household="NOBODY", lots=["general", "nowhere"]),
        bodies.vacancy(reference="V3", free_beds=-1, available_from="30/02/2026"),
        bodies.vacancy(reference="V1"),
        bodies.vacancy(reference="V4"),
        bodies.vacancy(reference="V5"),
        "no row",
    ]
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household(places=2)))
        done = good(await agency.post("/vacancies/bulk", json={"rows": rows}))
        assert {key: done[key] for key in ("opened", "changed", "unchanged", "refused")} == {
            "opened": 2,
            "changed": 0,
            "unchanged": 0,
            "refused": 5,
        }
        assert [[error["rule"] for error in row["errors"]] for row in done["rows"]] == [
            [],
            ["lot_unknown", "household_unknown"],
            ["at_least", "date"],
            ["reference_twice"],
            [],
            ["more_beds_than_free"],
            ["object"],
        ]
        assert "30/02" not in str(done)
        again = good(await agency.post("/vacancies/bulk", json={"rows": rows[:1]}))
        assert (again["unchanged"], again["rows"][0]["version"]) == (1, 1)
    assert len(await lot.published("vacancy.opened")) == 2


async def test_a_thousand_vacancies_are_taken_in_one_upload_and_one_more_is_too_many(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        for number in range(84):
            good(await agency.put(f"/households/H{number}", json=bodies.household(places=12)))
        rows = [bodies.vacancy(reference=f"V{number}", household=f"H{number % 84}") for number in range(1000)]
        assert good(await agency.post("/vacancies/bulk", json={"rows": rows}))["opened"] == 1000
        too_many = await agency.post("/vacancies/bulk", json={"rows": [*rows, rows[0]]})
        assert too_many.status_code == 422
        seen, cursor = 0, None
        while True:
            page = good(await agency.get("/vacancies", params={"limit": 200} | ({"cursor": cursor} if cursor else {})))
            seen += len({row["id"] for row in page["items"]})
            if (cursor := page["next_cursor"]) is None:
                break
        assert seen == 1000


async def test_a_stale_version_is_refused_and_a_repeated_key_replays_the_reply(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household(), headers={"Idempotency-Key": "k1"}))
        again = await agency.put("/households/H1", json=bodies.household(), headers={"Idempotency-Key": "k1"})
        assert (again.status_code, again.headers["idempotent-replay"]) == (201, "true")
        other = await agency.put("/households/H1", json=bodies.household(places=3), headers={"Idempotency-Key": "k1"})
        assert other.status_code == 422
        changed = await agency.put("/households/H1", json=bodies.household(places=3), headers={"If-Match": '"1"'})
        assert changed.headers["etag"] == '"2"'
        assert (await agency.put("/households/H1", json=bodies.household(), headers={"If-Match": '"1"'})).status_code == 412
        assert (await agency.put("/households/NEW", json=bodies.household(), headers={"If-Match": '"1"'})).status_code == 412


async def test_row_security_shows_a_household_to_its_provider_alone(lot: RunningService) -> None:
    async with lot.as_(AGENCY) as agency:
        good(await agency.put("/households/H1", json=bodies.household()))
    seen = {}
    for organisation in ("consortium", COUNCIL, OTHER_AGENCY, AGENCY):
        async with tenancy.transaction(lot.databases, Organisation.parse(organisation)) as transaction:
            seen[organisation] = await transaction.scalar(text("SELECT count(*) FROM households"))
            changed = await transaction.execute(text("UPDATE households SET postcode = 'SO14 7LY'"))
            assert changed.rowcount == seen[organisation]
    assert seen == {"consortium": 0, COUNCIL: 0, OTHER_AGENCY: 0, AGENCY: 1}
