"""A question asked by one agency is answered once for all, at one moment, without anybody's identity."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from shared.contracts.referrals import ReferralView, ReferralWithdrawn
from tests.matching.conftest import Time
from tests.matching.events import ASH, ELM, OAK, SOUTHAMPTON, SURREY
from tests.matching.scene import Scene

WORDS = "Can the child share a bathroom, and how often does the social worker visit?"


async def ask(scene: Scene, view: ReferralView, provider: str = OAK, **body: Any) -> Any:
    return await scene.ask(provider, "POST", f"/opportunities/{view.referral}/questions", {"topic": "routines", "words": WORDS} | body)


async def asked(scene: Scene, view: ReferralView, provider: str = OAK, **body: Any) -> str:
    reply = await ask(scene, view, provider, **body)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["question"])


async def answer(scene: Scene, view: ReferralView, question: str, council: str = SOUTHAMPTON, **body: Any) -> Any:
    path = f"/referrals/{view.referral}/questions/{question}/answer"
    return await scene.ask(council, "POST", path, {"answer": "in_the_words_now"} | body)


async def seen(scene: Scene, view: ReferralView, provider: str) -> dict[str, Any]:
    found: dict[str, Any] = (await scene.ask(provider, "GET", f"/opportunities/{view.referral}/questions")).json()
    return found


def rules(reply: Any) -> list[str]:
    return [error["rule"] for error in reply.json()["errors"]]


async def test_one_agency_asks_and_all_read_question_and_answer_of_the_same_moment_and_none_who_asked(scene: Scene) -> None:
    view = await scene.broadcast()
    question = await asked(scene, view)
    assert [one["question"] for one in (await seen(scene, view, OAK))["waiting"]] == [question]
    for other in (ELM, ASH):
        assert await seen(scene, view, other) == {"referral": str(view.referral), "waiting": [], "answered": []}
    assert (await answer(scene, view, question)).json()["agencies_told"] == 3
    told = [await seen(scene, view, provider) for provider in (OAK, ELM, ASH)]
    assert told[0] == told[1] == told[2], "the asker is told the same as everybody"
    [one] = told[0]["answered"]
    assert (one["question"], one["words"], one["answer"]) == (question, WORDS, "in_the_words_now")
    for provider in (OAK, ELM, ASH):
        items = (await scene.ask(provider, "GET", "/notices")).json()["items"]
        [notice] = [notice for notice in items if notice["type"] == "question.answered"]
        assert notice["happened_at"] == one["answered_at"]
    for text in (str(told), (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/questions")).text):
        assert "SC900001" not in text


async def test_a_question_is_answered_once_however_many_officers_answer_at_once(scene: Scene) -> None:
    view = await scene.broadcast()
    question = await asked(scene, view)
    replies = await asyncio.gather(*(answer(scene, view, question, answer=code) for code in ("yes", "no", "not_known", "yes")))
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
    assert {rule for reply in replies if reply.status_code == 409 for rule in rules(reply)} == {"answered_once"}
    assert len({str((await seen(scene, view, provider))["answered"]) for provider in (OAK, ELM, ASH)}) == 1


async def test_unanswered_questions_are_shown_first_with_their_age_and_the_council_is_told_of_each(scene: Scene, time: Time) -> None:
    view = await scene.broadcast()
    first = await asked(scene, view)
    time.passes(hours=5)
    second = await asked(scene, view, ELM, topic="health", words=None)
    await answer(scene, view, first, answer="yes")
    time.passes(hours=20)
    shown = (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/questions")).json()
    assert shown["waiting"] == 1
    assert [(one["question"], one["waiting_for"], one["answer"]) for one in shown["items"]] == [
        (second, "20 hours", None),
        (first, None, "yes"),
    ]
    notices = (await scene.ask(SOUTHAMPTON, "GET", "/notices")).json()["items"]
    assert [one["type"] for one in notices].count("question.asked") == 2
    assert (await seen(scene, view, ELM))["waiting"][0]["waiting_for"] == "20 hours"


async def test_a_council_may_keep_back_a_questions_words_and_let_the_topic_stand(scene: Scene) -> None:
    view = await scene.broadcast()
    question = await asked(scene, view, words="Is this the boy whose mother works at the bakery?")
    await answer(scene, view, question, show_words=False, answer="told_to_the_agency_selected")
    [one] = (await seen(scene, view, ELM))["answered"]
    assert (one["words"], one["topic"]) == (None, "routines")


async def test_when_the_referral_closes_the_words_go_and_nobody_waits(scene: Scene) -> None:
    view = await scene.broadcast()
    first, second = await asked(scene, view), await asked(scene, view, ELM)
    await answer(scene, view, first)
    gone = ReferralWithdrawn(referral=view.referral, council=view.council, reason="child_stays_home", side="child")
    await scene.service.deliver(gone, subject=str(view.referral), organisation=SOUTHAMPTON, version=9)
    shown = await seen(scene, view, ELM)
    assert [one["words"] for one in shown["waiting"] + shown["answered"]] == [None, None]
    assert rules(await answer(scene, view, second)) == ["referral_open"]
    assert rules(await ask(scene, view)) == ["referral_not_withdrawn"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"words": "Is the social worker still Jane?"}, {"no_names"}),
        ({"words": "Call me on 07700 900123"}, {"no_numbers", "no_telephone"}),
        ({"words": "write to jo@example.org please"}, {"no_addresses", "no_email"}),
        ({"words": "is the home near so14 one ab"}, {"no_numbers"}),
        ({"words": "x" * 501}, {"string_too_long"}),
        ({"topic": "gossip"}, None),
        ({"asker": "me"}, None),
    ],
)
async def test_a_question_that_may_identify_somebody_is_refused_with_every_reason_and_kept_nowhere(
    scene: Scene, body: dict[str, Any], expected: set[str] | None
) -> None:
    view = await scene.broadcast()
    refused = await ask(scene, view, **body)
    assert refused.status_code == 422
    if expected is not None:
        assert set(rules(refused)) == expected or "string_too_long" in expected
    if "words" in body:
        assert body["words"] not in refused.text
    assert (await scene.ask(SOUTHAMPTON, "GET", f"/referrals/{view.referral}/questions")).json()["items"] == []


async def test_a_question_comes_before_the_closing_time_and_five_wait_at_most(scene: Scene, time: Time) -> None:
    view = await scene.broadcast()
    for _ in range(5):
        await asked(scene, view)
    assert rules(await ask(scene, view)) == ["a_few_at_once"]
    assert (await ask(scene, view, ELM)).status_code == 201
    time.at(view.closes_at)
    assert rules(await ask(scene, view, ELM)) == ["before_closing_time"]


async def test_another_councils_question_and_one_of_another_referral_are_not_found(scene: Scene) -> None:
    view, other = await scene.broadcast(), await scene.broadcast()
    question = await asked(scene, view)
    assert (await answer(scene, view, question, SURREY)).status_code == 404
    assert (await answer(scene, other, question)).status_code == 404
    assert (await scene.ask("agency:SC999999", "POST", f"/opportunities/{view.referral}/questions", {"topic": "health"})).status_code == 404
