"""Every address of the service, tried by everybody who has no business there; and what its document says of each."""

from __future__ import annotations

from typing import Any

import pytest

from providers.app import SERVICE
from shared.contracts import HEARD_BY
from tests.providers import bodies
from tests.providers.bodies import AGENCY, CONSORTIUM, COUNCIL, URNS
from tests.running.services import RunningService

ROUND = "/tender-rounds/01900000-0000-7000-8000-000000000000"

ALL_COUNCIL = {"placements_officer", "social_worker", "fostering_service", "evaluator", "administrator", "reader"}
ALL_AGENCY = {"referrals_officer", "administrator", "reader"}
ALL_CONSORTIUM = {"project_manager", "procurement_lead", "specification_lead", "communication_lead", "reader"}
ROLES = {COUNCIL: ALL_COUNCIL, AGENCY: ALL_AGENCY, CONSORTIUM: ALL_CONSORTIUM}

EVERYBODY = {(organisation, role) for organisation, roles in ROLES.items() for role in roles}
REGISTRARS = {(CONSORTIUM, "project_manager"), (CONSORTIUM, "procurement_lead")}
LEAD = {(CONSORTIUM, "procurement_lead")}
IN_CONSORTIUM = {(CONSORTIUM, role) for role in ALL_CONSORTIUM}
IN_AGENCY = {(AGENCY, role) for role in ALL_AGENCY}
OFFICERS = IN_AGENCY - {(AGENCY, "reader")}
EVALUATOR = {(COUNCIL, "evaluator")}
IN_HOUSE = {(COUNCIL, "fostering_service")}
PLACING = IN_HOUSE | {(COUNCIL, "placements_officer"), (COUNCIL, "social_worker")}

DOORS: list[tuple[str, str, Any, set[tuple[str, str]]]] = [
    ("PUT", "/councils/E06000045", bodies.council(), REGISTRARS),
    ("GET", "/councils/E06000045", None, EVERYBODY),
    ("GET", "/councils", None, EVERYBODY),
    ("PUT", f"/agencies/{URNS[0]}", bodies.agency(), REGISTRARS),
    ("GET", f"/agencies/{URNS[0]}", None, EVERYBODY),
    ("GET", "/agencies", None, EVERYBODY),
    ("POST", f"/agencies/{URNS[0]}/suspensions", {}, REGISTRARS),
    ("POST", f"/agencies/{URNS[0]}/suspensions/01900000-0000-7000-8000-000000000000/lifting", {}, REGISTRARS),
    ("GET", f"/agencies/{URNS[0]}/suspensions", None, EVERYBODY),
    ("PUT", "/register/SC960001", {}, REGISTRARS),
    ("GET", "/register", None, EVERYBODY),
    ("GET", "/register/ofsted-list.xlsx", None, EVERYBODY),
    ("PUT", "/frameworks/fostering", bodies.framework(), REGISTRARS),
    ("GET", "/frameworks/fostering", None, EVERYBODY),
    ("GET", "/frameworks", None, EVERYBODY),
    ("PUT", "/frameworks/fostering/lots/general", bodies.lot(), REGISTRARS),
    ("GET", "/frameworks/fostering/lots/general", None, EVERYBODY),
    ("GET", "/lots", None, EVERYBODY),
    ("POST", "/tender-rounds", {}, LEAD),
    ("GET", "/tender-rounds", None, EVERYBODY),
    ("GET", ROUND, None, EVERYBODY),
    ("POST", f"{ROUND}/closing", None, LEAD),
    ("GET", f"{ROUND}/gate", None, IN_AGENCY | IN_CONSORTIUM),
    ("PUT", f"{ROUND}/bid", bodies.bid(), OFFICERS),
    ("GET", f"{ROUND}/bid", None, IN_AGENCY),
    ("GET", f"{ROUND}/bids", None, IN_CONSORTIUM),
    ("GET", f"{ROUND}/answers", None, EVALUATOR | IN_CONSORTIUM),
    ("PUT", f"{ROUND}/quality-scores", {}, EVALUATOR),
    ("GET", f"{ROUND}/quality-scores", None, EVALUATOR | IN_CONSORTIUM),
    ("PUT", f"{ROUND}/moderated-scores", {}, LEAD),
    ("POST", f"{ROUND}/evaluation", None, LEAD),
    ("GET", f"{ROUND}/ranked-list", None, EVERYBODY),
    ("GET", f"{ROUND}/ranked-list/{URNS[0]}", None, IN_AGENCY | IN_CONSORTIUM),
    ("POST", f"{ROUND}/publication", None, LEAD),
    ("POST", "/households/H9/park", {}, OFFICERS | IN_HOUSE),
    ("DELETE", "/households/H9/park", None, OFFICERS | IN_HOUSE),
    ("PUT", "/households/H1", bodies.household(), OFFICERS | IN_HOUSE),
    ("GET", "/households/H1", None, IN_AGENCY | IN_HOUSE),
    ("GET", "/households", None, IN_AGENCY | IN_HOUSE),
    ("POST", "/household-locations", {"households": ["01900000-0000-7000-8000-000000000000"]}, PLACING),
    ("PUT", "/vacancies/V1", bodies.vacancy(), OFFICERS | IN_HOUSE),
    ("GET", "/vacancies/V1", None, IN_AGENCY | IN_HOUSE),
    ("POST", "/vacancies/V1/closing", {"reason": "carer_left"}, OFFICERS | IN_HOUSE),
    ("POST", "/vacancies/bulk", {"rows": []}, OFFICERS | IN_HOUSE),
    ("GET", "/vacancies", None, EVERYBODY),
]  # fmt: skip


async def test_each_address_opens_to_those_it_is_for_and_to_nobody_else(providers: RunningService) -> None:
    wrong = []
    for organisation, role in sorted(EVERYBODY):
        async with providers.as_(organisation, role) as caller:
            for method, path, body, allowed in DOORS:
                reply = await caller.request(method, path, **({} if body is None else {"json": body}))
                refused = reply.status_code == 403 and reply.json()["errors"][0]["rule"] in ("organisation_kind", "role")
                if refused == ((organisation, role) in allowed):
                    wrong.append(f"{method} {path} by {organisation} {role}: {reply.status_code}")
    assert not wrong, "\n".join(wrong)


async def test_no_address_of_the_service_is_missing_from_the_table_of_doors(providers: RunningService) -> None:
    document = providers.app.openapi()
    ours = {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if not path.startswith(("/health", "/metrics"))
    }
    tried = {(method, path) for method, path in ours if any(method == door[0] and _fits(path, door[1]) for door in DOORS)}
    assert ours == tried
    assert len(ours) == len(DOORS)


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(part == each or part.startswith("{") for part, each in zip(parts, given, strict=True))


async def test_each_address_is_described_in_plain_words_with_its_reply_and_its_problems(providers: RunningService) -> None:
    document = providers.app.openapi()
    for path, item in document["paths"].items():
        if path.startswith(("/health", "/metrics")):
            continue
        for method, operation in item.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert len(operation["description"]) > 20, where
            success = next(reply for status, reply in operation["responses"].items() if status.startswith("2"))
            if path.endswith(".xlsx"):
                assert list(success["content"]) == ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"], where
            else:
                assert "$ref" in success["content"]["application/json"]["schema"], where
            assert "422" in operation["responses"], where
            if method in ("put", "post") and path != "/household-locations":
                names = {parameter["name"].lower() for parameter in operation["parameters"]}
                assert "idempotency-key" in names, where


@pytest.mark.parametrize("path", ["/openapi.json", "/health/live"])
async def test_the_document_and_the_health_of_the_service_need_no_sign_in(providers: RunningService, path: str) -> None:
    async with providers.with_token(None) as nobody:
        assert (await nobody.get(path)).status_code == 200


def test_it_listens_to_all_that_the_topology_sends_it_and_to_nothing_else() -> None:
    assert {event.type for event in SERVICE.hears} == {type for type, services in HEARD_BY.items() if "providers" in services}
