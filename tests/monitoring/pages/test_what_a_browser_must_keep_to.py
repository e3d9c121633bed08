"""Cookies, headers and forms: what keeps a session to its own browser and its own pages."""

from __future__ import annotations

import pytest

from monitoring.routes.pages.doorway import Doorway
from shared.settings import Settings, SettingsMissing
from tests.monitoring.pages.browsing import Browser, Pages

PLACE = {"database_url": "postgresql://x", "broker_url": "amqp://x", "issuer": "https://issuer.test"}


async def test_the_sessions_cookie_is_closed_to_scripts_and_to_other_sites(browser: Browser) -> None:
    reply = await browser.sign_in(person="priya.shah")
    attempt, session = sorted(reply.headers.get_list("set-cookie"), key=lambda cookie: cookie.startswith("hearth-8104"))
    assert session.startswith("hearth-8104=consortium.")
    for flag in ("HttpOnly", "Path=/", "SameSite=lax"):
        assert flag in session
    assert "Secure" not in session  # plain http, this machine alone
    assert "Domain" not in session
    assert "Max-Age" not in session  # ends with the browser
    assert "Max-Age=0" in attempt


async def test_served_over_https_cookies_are_secure_and_of_this_host_alone() -> None:
    from starlette.responses import Response

    at = Doorway.of(Settings(**PLACE, pages_url="https://pages.test"))
    for which in ("session", "attempt"):
        reply = Response()
        at.give(reply, which, "x")  # type: ignore[arg-type]
        cookie = reply.headers["set-cookie"]
        assert cookie.startswith("__Host-hearth")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie


@pytest.mark.parametrize("url", ["http://pages.test", "ftp://127.0.0.1", "http://127.0.0.1.pages.test"])
def test_pages_on_plain_http_are_for_this_machine_alone(url: str) -> None:
    with pytest.raises(SettingsMissing, match="PAGES_URL"):
        Settings(**PLACE, pages_url=url)


async def test_every_answer_lets_the_browser_load_nothing_but_its_own_and_keep_nothing(pages: Pages) -> None:
    visitor, stranger = await pages.visitor("priya.shah"), pages.browser()
    for reply in (
        await visitor.get("/pages"),
        await visitor.get("/pages/nowhere"),
        await visitor.get("/pages", lot="no such lot"),
        await stranger.get("/pages"),
        await stranger.get("/pages/signed-in"),
        await stranger.get("/pages/signed-out"),
    ):
        policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["style-src"] == policy["img-src"] == "'self'"
        assert "script-src" not in policy
        assert set(policy["form-action"].split()) <= {"'self'", pages.issuer}
        assert "unsafe" not in str(policy)
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["referrer-policy"] == "same-origin"
        assert reply.headers["cache-control"] == "no-store"


async def test_a_page_has_no_script_no_inline_style_and_no_address_elsewhere(pages: Pages) -> None:
    shown = (await (await pages.visitor("priya.shah")).get("/pages")).text
    for never in ("<script", "style=", "<style", "javascript:", "onclick", "http://", "https://"):
        assert never not in shown, never


async def test_the_style_sheet_is_our_own_and_asks_for_nothing_elsewhere(browser: Browser) -> None:
    reply = await browser.get("/pages/static/hearth.css")
    assert reply.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in reply.headers["cache-control"]
    for never in ("url(", "@import", "@font-face", "gds transport", "crown"):
        assert never not in reply.text.partition("\n")[2].lower(), never
    assert (await browser.get("/pages/static/base.html")).status_code == 404


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, ""),
        ({}, "another"),
        ({"sec-fetch-site": "cross-site"}, None),
        ({"sec-fetch-site": "same-site"}, None),
        ({"origin": "http://127.0.0.1:9999"}, None),
        ({"origin": "null"}, None),
    ],
)
async def test_a_form_that_is_not_our_own_changes_nothing(pages: Pages, headers: dict[str, str], token: str | None) -> None:
    visitor = await pages.visitor("priya.shah")
    right = visitor.form_token((await visitor.get("/pages")).text)
    refused = await visitor.post("/pages/sign-out", {"form_token": right if token is None else token}, **headers)
    assert refused.status_code == 403
    assert "not sent from a page you have open here" in refused.text
    assert (await visitor.get("/pages")).status_code == 200


async def test_a_form_of_another_session_changes_nothing(pages: Pages) -> None:
    first, second = await pages.visitor("priya.shah"), await pages.visitor("priya.shah")
    theirs = first.form_token((await first.get("/pages")).text)
    assert (await second.post("/pages/sign-out", {"form_token": theirs})).status_code == 403


async def test_a_browser_that_does_not_say_where_a_form_comes_from_is_held_to_the_forms_own_mark(pages: Pages) -> None:
    visitor = await pages.visitor("priya.shah")
    token = visitor.form_token((await visitor.get("/pages")).text)
    out = await visitor.post("/pages/sign-out", {"form_token": token}, **{"origin": "", "sec-fetch-site": ""})
    assert out.status_code == 303


async def test_every_no_is_a_page_that_says_what_to_do(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = await pages.visitor("priya.shah")
    missing = await visitor.get("/pages/nowhere")
    assert missing.status_code == 404
    assert "There is no page at this address" in missing.text
    wrong = await visitor.get("/pages", lot="<script>", agency="SC999999", **{"from": "2026-13-45"})
    assert wrong.status_code == 422
    assert "From: This must be a date, as in 2026-11-02." in wrong.text
    assert "Lot: This is not written in the form expected here." in wrong.text
    assert "<script>" not in wrong.text
    monkeypatch.setattr("monitoring.actions.figures.answers", None)
    fault = await visitor.get("/pages")
    assert fault.status_code == 500
    assert "Nothing was written" in fault.text
    assert "NoneType" not in fault.text
