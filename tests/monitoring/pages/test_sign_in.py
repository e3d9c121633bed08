"""Sign-in to the pages by authorization code with PKCE, against the real local issuer, and everything that must be refused."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from monitoring.domain.page_session import Attempt, Held
from shared import clock
from tests.monitoring.pages.browsing import Browser, Pages


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


async def test_a_page_asked_for_without_a_session_leads_to_sign_in_and_back_to_that_page(browser: Browser) -> None:
    sent_away = await browser.get("/pages", lot="L1")
    assert sent_away.status_code == 303
    begun = await browser.get(sent_away.headers["location"])
    back = await browser.get(await browser.at_issuer(begun.headers["location"], person="priya.shah"))
    assert (back.status_code, back.headers["location"]) == (303, "/pages?lot=L1")
    shown = await browser.get("/pages")
    assert shown.status_code == 200
    assert "The consortium (project manager)" in shown.text


async def test_the_request_to_sign_in_carries_state_nonce_and_the_hash_of_a_verifier(browser: Browser) -> None:
    begun = await browser.get("/pages/sign-in")
    sent = asked(begun.headers["location"])
    assert sent["response_type"] == "code"
    assert sent["code_challenge_method"] == "S256"
    assert "openid" in sent["scope"].split()
    assert len({sent["state"], sent["nonce"], sent["code_challenge"]}) == 3
    again = asked((await browser.get("/pages/sign-in")).headers["location"])
    assert not {again["state"], again["nonce"], again["code_challenge"]} & {sent["state"], sent["nonce"], sent["code_challenge"]}


ELSEWHERE = ["https://evil.test/", "//evil.test", "/pages/../../evil", "/kpis", "/pages\\evil", "/pages@evil.test"]


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
async def test_nobody_is_sent_elsewhere_after_sign_in(browser: Browser, elsewhere: str) -> None:
    back = await browser.sign_in(next=elsewhere, person="priya.shah")
    assert urlsplit(back.headers["location"]).netloc == ""
    assert not back.headers["location"].startswith("//")
    assert back.headers["location"].startswith("/pages")


async def test_a_reply_with_another_state_begins_no_session(browser: Browser) -> None:
    begun = await browser.get("/pages/sign-in")
    back = await browser.at_issuer(begun.headers["location"], person="priya.shah")
    sent = asked(back) | {"state": "another"}
    refused = await browser.get(f"/pages/signed-in?{urlencode(sent)}")
    assert refused.status_code == 401
    assert "Sign in again" in refused.text
    assert (await browser.get("/pages")).status_code == 303


async def test_a_reply_brought_to_another_browser_begins_no_session(pages: Pages, browser: Browser) -> None:
    begun = await browser.get("/pages/sign-in")
    back = await browser.at_issuer(begun.headers["location"], person="priya.shah")
    for other in (pages.browser(), pages.browser()):
        assert (await other.get(back)).status_code == 401
        await other.get("/pages/sign-in")  # even one that has begun a sign-in of its own
        assert (await other.get(back)).status_code == 401


async def test_a_reply_in_the_name_of_another_issuer_is_refused(browser: Browser) -> None:
    begun = await browser.get("/pages/sign-in")
    sent = asked(await browser.at_issuer(begun.headers["location"], person="priya.shah")) | {"iss": "http://elsewhere.test"}
    assert (await browser.get(f"/pages/signed-in?{urlencode(sent)}")).status_code == 401


async def test_a_code_is_good_once(pages: Pages) -> None:
    one = pages.browser()
    begun = await one.get("/pages/sign-in")
    kept = dict(one.client.cookies)
    back = await one.at_issuer(begun.headers["location"], person="priya.shah")
    assert (await one.get(back)).status_code == 303
    thief = pages.browser()
    thief.client.cookies.update(kept)  # with the very cookie of the attempt
    refused = await thief.get(back)
    assert refused.status_code == 401
    assert "may have been used before" in refused.text


async def test_a_code_cannot_be_exchanged_with_another_verifier(pages: Pages, browser: Browser) -> None:
    begun = await browser.get("/pages/sign-in")
    code = asked(await browser.at_issuer(begun.headers["location"], person="priya.shah"))["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "client_id": "hearth-pages",
        "redirect_uri": f"{pages.origin}/pages/signed-in",
    }
    async with httpx.AsyncClient() as outside:
        refused = await outside.post(f"{pages.issuer}/token", data=form | {"code_verifier": Attempt("x" * 43).verifier})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_the_issuer_sends_nobody_to_an_address_that_is_not_registered(pages: Pages, browser: Browser) -> None:
    address = (await browser.get("/pages/sign-in")).headers["location"]
    async with httpx.AsyncClient() as outside:
        for name, value in (
            ("redirect_uri", "http://127.0.0.1:9999/pages/signed-in"),
            ("code_challenge_method", "plain"),
            ("client_id", "council:E06000045"),
            ("response_type", "token"),
            ("nonce", ""),
        ):
            changed = asked(address) | {name: value}
            refused = await outside.get(f"{pages.issuer}/authorize?{urlencode(changed)}")
            assert refused.status_code == 400, name
            posted = await outside.post(f"{pages.issuer}/authorize", data=changed | {"person": "priya.shah"})
            assert posted.status_code == 400, name


async def test_an_id_token_made_for_another_sign_in_is_refused(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Attempt, "nonce", property(lambda self: "the same for all"))
    one = pages.browser()
    begun = await one.get("/pages/sign-in")
    back = await one.at_issuer(begun.headers["location"], person="priya.shah")
    monkeypatch.setattr(Attempt, "nonce", property(lambda self: "another"))
    refused = await one.get(back)
    assert refused.status_code == 401
    assert "not the one that was asked for" in refused.text


async def test_a_session_ends_when_it_was_not_used_and_when_it_is_old(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    began = clock.now()
    visitor = await pages.visitor("priya.shah")

    async def status(minutes: float) -> int:
        monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=minutes))
        return (await visitor.get("/pages/signed-in-test-page-that-is-not-there")).status_code and (await visitor.get("/pages")).status_code

    assert [await status(minutes) for minutes in range(20, 480, 20)] == [200] * 23  # used every twenty minutes
    assert await status(481) == 303  # eight hours, used or not
    monkeypatch.undo()
    visitor = await pages.visitor("priya.shah")
    began = clock.now()
    assert [await status(29), await status(58), await status(89)] == [200, 200, 303]


async def test_signing_out_ends_the_session_at_the_server_and_leads_to_the_issuers_sign_out(pages: Pages) -> None:
    visitor = await pages.visitor("priya.shah")
    kept = dict(visitor.client.cookies)
    token = visitor.form_token((await visitor.get("/pages")).text)
    out = await visitor.post("/pages/sign-out", {"form_token": token})
    assert out.status_code == 303
    assert out.headers["location"].startswith(f"{pages.issuer}/sign-out?")
    async with httpx.AsyncClient() as outside:
        back = await outside.get(out.headers["location"])
    assert back.headers["location"] == f"{pages.origin}/pages/signed-out"
    thief = pages.browser()
    thief.client.cookies.update(kept)
    assert (await thief.get("/pages")).status_code == 303


async def test_what_is_stored_is_not_what_the_browser_holds(pages: Pages) -> None:
    from sqlalchemy import text

    from shared import tenancy
    from shared.organisation import CONSORTIUM, Organisation

    visitor = await pages.visitor("priya.shah")
    held = Held.read(dict(visitor.client.cookies)["hearth-8104"])
    assert held is not None
    async with tenancy.transaction(pages.service.databases, CONSORTIUM) as transaction:
        (row,) = (await transaction.execute(text("SELECT * FROM page_sessions"))).all()
    assert row.digest == held.digest
    assert held.secret not in repr(row)
    assert set(row._fields) == {"organisation", "digest", "subject", "roles", "began_at", "seen_at"}  # and no token
    async with tenancy.transaction(pages.service.databases, Organisation.council("E06000045")) as transaction:
        assert not (await transaction.execute(text("SELECT * FROM page_sessions"))).all()


async def test_a_cookie_renamed_to_another_organisation_is_no_session(pages: Pages) -> None:
    visitor = await pages.visitor(organisation="council:E06000045", role="reader")
    ((name, value),) = dict(visitor.client.cookies).items()
    for forged in (
        value.replace("council:E06000045", "consortium"),
        value.replace("E06000045", "E10000014"),
        value[:-9] + ("A" if value[-9] != "A" else "B") + value[-8:],
        "",
        "x.y",
        "consortium.",
    ):
        other = pages.browser()
        other.client.cookies.set(name, forged)
        assert (await other.get("/pages")).status_code == 303, forged
