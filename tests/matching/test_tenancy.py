"""No organisation sees or touches what is another's: asked of every endpoint and of the catalogue."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from matching.app import SERVICE
from shared import tenancy
from shared.organisation import Organisation
from tests.matching.events import ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import CONSIDERED, Scene, approval

CONSORTIUM = "consortium"
OWN = ("/referrals", "/panels", "/panel-settings", "/weights")
"""What every council has, its own and nobody else's."""
COUNCIL_READS = ("candidates", "options", "options-sheet", "choice", "decision", "decision/replay", "lookalikes")


async def played(scene: Scene) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A referral of Southampton with a confirmed offer of Oak's and a released one of Elm's."""
    view = await scene.broadcast()
    mine, theirs = await scene.offer(view, await scene.vacancy(OAK), "811.11"), await scene.offer(view, await scene.vacancy(ELM), "622.22")
    await scene.choose(view, mine)
    await scene.hold(mine)
    return str(view.referral), mine, theirs


def address(path: str, referral: str, vacancy: str) -> str:
    """The path as it is declared, with names in its gaps."""
    first = "{panel}" if path.startswith("/panels/") else "{referral}"
    return path.replace(referral, first).replace(vacancy, "{question}" if "/questions/" in path else "{vacancy}")


async def test_every_endpoint_refuses_every_wrong_organisation(scene: Scene) -> None:
    referral, offer, _ = await played(scene)
    agency_calls: list[tuple[str, str, Any]] = [
        ("GET", "/opportunities", None),
        ("GET", f"/opportunities/{referral}", None),
        ("POST", f"/opportunities/{referral}/decline", {"reason": "too_far"}),
        ("POST", "/offers", {"referral": referral, "vacancy": offer["vacancy"], "pounds_per_week": "800", "available_on": "2099-01-01"}),
        ("GET", "/offers", None),
        ("GET", f"/offers/{offer['offer']}", None),
        ("PUT", f"/offers/{offer['offer']}", {"vacancy": offer["vacancy"], "pounds_per_week": "800", "available_on": "2099-01-01"}),
        ("POST", f"/offers/{offer['offer']}/withdrawal", {"reason": "made_by_mistake"}),
        ("POST", f"/offers/{offer['offer']}/confirmation", {}),
        ("GET", f"/opportunities/{referral}/changes", None),
        ("POST", f"/opportunities/{referral}/questions", {"topic": "health"}),
        ("GET", f"/opportunities/{referral}/questions", None),
    ]
    choice = {"offer": offer["offer"], "considerations": CONSIDERED, "wishes": "followed"}
    seats = [{"role": "health", "office": "nurse", "subject": "a", "chair": True}, {"role": "education", "office": "head", "subject": "b"}]
    panel = {"offers": [offer["offer"]], "members": seats}
    council_calls: list[tuple[str, str, Any]] = [
        ("GET", "/referrals", None),
        ("GET", "/weights", None),
        *(("GET", f"/referrals/{referral}/{what}", None) for what in COUNCIL_READS),
        ("GET", f"/referrals/{referral}/why-not/{offer['vacancy']}", None),
        ("PUT", f"/referrals/{referral}/shortlist", {"offers": [offer["offer"]]}),
        ("POST", f"/referrals/{referral}/choice", choice),
        ("GET", f"/referrals/{referral}/panels", None),
        ("POST", f"/referrals/{referral}/panels", panel),
        ("GET", "/panels", None),
        ("GET", f"/panels/{referral}", None),
        ("PUT", f"/panels/{referral}/vote", {"vote": "object", "reason": "too_far", "words": "too far"}),
        ("POST", f"/panels/{referral}/chair-decision", {"offer": None, "reason": "no_time_left", "words": "no time"}),
        ("POST", f"/panels/{referral}/extension", {"closes_at": "2099-01-01T00:00:00Z", "reason": "members_away"}),
        ("POST", f"/panels/{referral}/dissolution", {"reason": "offers_ended"}),
        ("GET", "/panel-settings", None),
        ("PUT", "/panel-settings", {"emergency": 1, "same_day": 2, "planned": 24, "long_term": 72}),
        ("POST", f"/referrals/{referral}/hold", {"offer": offer["offer"]}),
        ("GET", f"/referrals/{referral}/hold", None),
        ("DELETE", f"/referrals/{referral}/hold", None),
        ("GET", f"/referrals/{referral}/questions", None),
        ("POST", f"/referrals/{referral}/questions/{offer['vacancy']}/answer", {"answer": "yes"}),
        ("POST", f"/referrals/{referral}/approvals", approval("out_of_area") | {"offer": offer["offer"]}),
        ("GET", f"/referrals/{referral}/approvals", None),
    ]
    for_all = {("GET", "/hold-lengths"), ("PUT", "/hold-lengths"), ("GET", "/archive"), ("POST", "/archive")}
    """The lengths are everybody's to read and the consortium's to set; an archive is always the asking council's own (test_archive)."""
    url = {"url": "http://127.0.0.1:9/"}
    webhook = (await scene.ask(OAK, "POST", "/webhooks", url)).json()["webhook"]
    both_call: list[tuple[str, str, Any]] = [
        ("GET", "/notices", None),
        ("GET", "/webhooks", None),
        ("POST", "/webhooks", url),
        ("GET", f"/webhooks/{webhook}", None),
        ("PUT", f"/webhooks/{webhook}", url),
        ("DELETE", f"/webhooks/{webhook}", None),
        *(("POST", f"/webhooks/{webhook}/{what}", None) for what in ("pause", "resume", "secret", "test")),
        ("GET", f"/webhooks/{webhook}/deliveries", None),
        ("POST", f"/webhooks/{webhook}/deliveries/{offer['offer']}/replay", None),
        ("POST", f"/webhooks/{webhook}/replay", {"since": "2026-01-01T00:00:00Z"}),
    ]
    asked = {(method, path.replace(referral, "{referral}").replace(offer["offer"], "{offer}")) for method, path, _ in agency_calls}
    asked |= {(method, path.replace(webhook, "{webhook}").replace(offer["offer"], "{notice}")) for method, path, _ in both_call}
    asked |= {(method, address(path, referral, offer["vacancy"])) for method, path, _ in council_calls}
    paths = scene.service.app.openapi()["paths"].items()
    served = {(method.upper(), path) for path, item in paths for method in item if not path.startswith(("/health", "/metrics"))}
    assert asked | for_all == served, "an endpoint is not asked"

    stranger, other_council = "agency:SC999999", SURREY
    for method, path, body in agency_calls:
        for wrong in (SOUTHAMPTON, SURREY, CONSORTIUM):
            assert (await scene.ask(wrong, method, path, body)).status_code == 403, (wrong, path)
        reply = await scene.ask(stranger, method, path, body, If_Match='"3"')
        assert reply.status_code == (200 if path in ("/opportunities", "/offers") and method == "GET" else 404), path
    for method, path, body in council_calls:
        for wrong in (OAK, ELM, CONSORTIUM):
            assert (await scene.ask(wrong, method, path, body)).status_code == 403, (wrong, path)
        reply = await scene.ask(other_council, method, path, body, If_Match='"3"')
        assert reply.status_code == (412 if method == "PUT" and path in OWN else 200 if path in OWN else 404), path
    for method, path, body in both_call:
        assert (await scene.ask(CONSORTIUM, method, path, body)).status_code == 403, path
        for wrong in (stranger, other_council):
            reply = await scene.ask(wrong, method, path, body, If_Match='"1"')
            if webhook in path:
                assert reply.status_code == 404, path
            else:
                assert reply.json().get("items", []) == [], path
    assert (await scene.ask(other_council, "GET", "/referrals")).json()["items"] == []
    assert (await scene.ask(stranger, "GET", "/offers")).json()["items"] == []


async def test_a_reader_may_look_but_not_act(scene: Scene) -> None:
    referral, offer, _ = await played(scene)
    async with scene.service.as_(OAK, "reader") as agency, scene.service.as_(SOUTHAMPTON, "reader") as council:
        assert (await agency.get(f"/offers/{offer['offer']}")).status_code == 200
        assert (await agency.post(f"/offers/{offer['offer']}/withdrawal", json={"reason": "made_by_mistake"})).status_code == 403
        assert (await council.get(f"/referrals/{referral}/options")).status_code == 200
        choice = {"offer": offer["offer"], "considerations": CONSIDERED, "wishes": "followed"}
        assert (await council.post(f"/referrals/{referral}/choice", json=choice)).status_code == 403


async def test_an_agency_never_sees_anothers_price_rank_name_or_existence(scene: Scene) -> None:
    referral, mine, theirs = await played(scene)
    read = ["/opportunities", f"/opportunities/{referral}", "/offers", f"/offers/{theirs['offer']}"]
    said = "".join([(await scene.ask(ELM, "GET", path)).text for path in read])
    for secret in ("811.11", "Oak", "SC900001", mine["offer"], mine["vacancy"], mine["household"], "rank"):
        assert secret not in said, secret
    assert theirs["offer"] in said


@pytest.mark.parametrize("organisation", [OAK, SURREY, CONSORTIUM])
async def test_row_security_itself_hides_what_the_routes_hide(scene: Scene, organisation: str) -> None:
    await played(scene)
    async with tenancy.transaction(scene.service.databases, Organisation.parse(organisation)) as transaction:
        for table in ("referrals", "decisions", "decision_outcomes", "council_weights"):
            assert await transaction.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table
        own = 1 if organisation == OAK else 0
        assert await transaction.scalar(text("SELECT count(*) FROM offers")) == own
        assert await transaction.scalar(text("SELECT count(*) FROM opportunities")) == own
        touched = await transaction.execute(text("UPDATE vacancies SET free_beds = 9 WHERE provider = 'agency:SC900002'"))
        assert touched.rowcount == 0
        touched = await transaction.execute(text("UPDATE opportunities SET state = 'placed'"))
        assert touched.rowcount == 0
        touched = await transaction.execute(text("UPDATE tier_lines SET tier = 1"))
        assert touched.rowcount == (3 if organisation == CONSORTIUM else 0)


@pytest.mark.parametrize("statement", ["UPDATE decisions SET reason = 'x'", "DELETE FROM decisions", "DELETE FROM decision_outcomes"])
async def test_a_decision_once_written_cannot_be_changed_or_removed_by_the_application(scene: Scene, statement: str) -> None:
    await played(scene)
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with tenancy.transaction(scene.service.databases, Organisation.parse(SOUTHAMPTON)) as transaction:
            await transaction.execute(text(statement))


async def test_no_table_is_without_forced_row_security(scene: Scene) -> None:
    async with tenancy.transaction(scene.service.databases, Organisation.parse(CONSORTIUM)) as transaction:
        rows = await transaction.execute(
            text(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
                "AND NOT (relrowsecurity AND relforcerowsecurity) AND relname <> 'alembic_version'"
            )
        )
        assert [row.relname for row in rows] == []


def test_the_service_hears_exactly_what_the_topology_says_it_hears() -> None:
    from shared.contracts import HEARD_BY

    assert {event.type for event in SERVICE.hears} == {name for name, services in HEARD_BY.items() if "matching" in services}
