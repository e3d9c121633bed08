"""Every page, tried by every kind of organisation and role it is not for, and by those it is for."""

from __future__ import annotations

from typing import Any

import httpx

from monitoring.actions import page_sessions
from monitoring.domain.page_session import Held
from monitoring.routes.pages.doorway import Doorway
from shared import tenancy
from shared.organisation import Kind, Organisation, Role
from tests.architecture.test_doors import PAGES, PAGES_BEFORE_SIGN_IN, ROLE_PAIRS, SOMEBODY, Door, every_door, spend_all
from tests.running.services import RunningService


async def running_pages(running: Any) -> tuple[RunningService, list[Door]]:
    service: RunningService = await running("monitoring")
    found = [door for door in every_door(service.app.routes) if door.path.startswith(PAGES) and door.path not in PAGES_BEFORE_SIGN_IN]
    assert found, "no page was found: this test would prove nothing"
    return service, found


def a_browser(service: RunningService, held: Held | None = None) -> httpx.AsyncClient:
    at = Doorway.of(service.settings)
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=at.origin, cookies={at.session_cookie: str(held)} if held else {})


async def signed_in(service: RunningService, organisation: str, *roles: str) -> tuple[httpx.AsyncClient, Held]:
    lasting = Doorway.of(service.settings).lasting
    async with tenancy.transaction(service.databases, Organisation.parse(organisation)) as transaction:
        held = await page_sessions.begin(transaction, subject="somebody", roles=roles, lasting=lasting)
    return a_browser(service, held), held


async def knock(client: httpx.AsyncClient, door: Door, held: Held | None = None) -> httpx.Response:
    form = {} if door.method == "GET" else {"data": {"form_token": held.form_token if held else ""}}
    return await client.request(door.method, door.address(), **form)


async def test_no_page_is_shown_or_changed_without_a_session_or_with_an_access_token(running: Any) -> None:
    service, doors = await running_pages(running)
    bearer = {"Authorization": f"Bearer {service.key.token('consortium')}"}
    for client in (a_browser(service), a_browser(service, Held(Organisation.parse("consortium"), "x" * 43))):
        for door in doors:
            for headers in ({}, bearer):
                client.headers.update(headers)
                reply = await knock(client, door)
                said = f"{door.method} {door.path} → {reply.status_code}"
                if door.method == "GET":
                    assert reply.status_code == 303, said
                    assert reply.headers["location"].startswith("/pages/sign-in?next="), said
                else:
                    assert reply.status_code in (401, 403), said


async def test_every_page_refuses_every_kind_and_role_it_is_not_for_and_lets_in_the_others(running: Any) -> None:
    service, doors = await running_pages(running)
    for kind, role in ROLE_PAIRS:
        client, held = await signed_in(service, SOMEBODY[kind], role)
        for door in doors:
            reply = await knock(client, door, held)
            said = f"{kind} {role}: {door.method} {door.path} → {reply.status_code}"
            assert reply.status_code < 500, said
            if not door.lets_in(kind, role):
                assert reply.status_code == 403, said
                assert reply.headers["content-type"].startswith("text/html"), said
                assert "<h1" in reply.text, said
            else:
                assert reply.status_code != 401, said


async def test_a_session_with_a_role_of_another_kind_of_organisation_sees_nothing(running: Any) -> None:
    service, doors = await running_pages(running)
    client, held = await signed_in(service, "agency:SC012345", "project_manager", "placements_officer")
    for door in doors:
        assert (await knock(client, door, held)).status_code == 403, door


async def test_no_page_takes_a_form_that_is_not_of_this_session(running: Any) -> None:
    service, doors = await running_pages(running)
    for kind, role in ROLE_PAIRS:
        client, _ = await signed_in(service, SOMEBODY[kind], role)
        for door in (door for door in doors if door.method != "GET"):
            assert (await knock(client, door)).status_code == 403, f"{kind} {role}: {door}"


async def test_who_may_only_read_changes_nothing_on_a_page(running: Any) -> None:
    _, doors = await running_pages(running)
    for door in doors:
        if door.method != "GET":
            assert not any(door.lets_in(kind, Role.READER) for kind, _ in ROLE_PAIRS), door


async def test_every_page_counts_towards_what_an_organisation_may_ask(running: Any) -> None:
    service, doors = await running_pages(running)
    client, held = await signed_in(service, SOMEBODY[Kind.COUNCIL])
    spend_all(service)
    for door in doors:
        reply = await knock(client, door, held)
        said = f"{door.method} {door.path} → {reply.status_code}"
        assert reply.status_code == 429, said
        assert int(reply.headers["retry-after"]) > 0, said
