"""Webhooks: signed, retried with back-off, stopped and flagged, resumed, replayed, rotated; against a real receiver that verifies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt.api_jwt
import pytest
import standardwebhooks.webhooks
from sqlalchemy import text
from standardwebhooks import WebhookVerificationError

from matching.domain.webhook import MOST_WEBHOOKS, WAITS
from matching.sending.addresses import Resolver
from matching.sending.sender import HOLD, PLACES, Sender
from matching.store import deliveries, webhooks
from matching.store.secrets import Keys
from shared import clock, ids, tenancy
from shared.organisation import Organisation
from tests.matching.events import ELM, OAK, SOUTHAMPTON
from tests.matching.receiver import Receiver, receiving
from tests.matching.scene import Scene
from tests.matching.test_notices import types
from tests.running.services import RunningService


@dataclass
class Clock:
    """The time for everybody: ours, the receiver's verifier's and the sign-in's. It stands still until it is moved."""

    monkeypatch: pytest.MonkeyPatch
    moment: datetime = field(init=False)

    def __post_init__(self) -> None:
        told = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return told.moment

        self.moment = Moved.fromtimestamp(time.time(), UTC)
        self.monkeypatch.setattr(clock, "now", lambda: told.moment)
        self.monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Moved)
        self.monkeypatch.setattr(jwt.api_jwt, "datetime", Moved)

    def move(self, **by: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**by)


@dataclass
class Post:
    """Matching with a sender, and somebody who asks it things."""

    scene: Scene
    sender: Sender
    clock: Any

    async def send(self) -> int:
        """Send all that is due now; how many requests."""
        begun = await self.sender.look()
        await self.sender.finish()
        return begun

    async def register(self, receiver: Receiver, organisation: str = OAK, **changes: Any) -> dict[str, Any]:
        """An organisation registers the receiver."""
        reply = await self.scene.ask(organisation, "POST", "/webhooks", {"url": receiver.url} | changes)
        assert reply.status_code == 201, reply.text
        made: dict[str, Any] = reply.json()
        return made

    async def ask(self, method: str, path: str, body: Any = None, *, status: int = 200, organisation: str = OAK, **headers: str) -> Any:
        """One call that is answered with this status."""
        reply = await self.scene.ask(organisation, method, path, body, **headers)
        assert reply.status_code == status, reply.text
        return reply.json() if reply.content else None

    async def deliveries(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        """What was sent there, the last told first."""
        shown: list[dict[str, Any]] = (await self.ask("GET", f"/webhooks/{webhook['webhook']}/deliveries"))["items"]
        return shown


def sender_of(service: RunningService, **changes: Any) -> Sender:
    """A sender on the service's database, on the launcher's terms: loopback and http are allowed."""
    keys = Keys(service.settings.webhook_keys, development=True)
    return Sender(service.databases, keys, Resolver(), **{"development": True, "chance": lambda: 0.0} | changes)


@pytest.fixture
async def post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Post]:
    sender = sender_of(scene.service)
    yield Post(scene, sender, Clock(monkeypatch))
    await sender.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def test_a_notice_is_sent_once_signed_and_thin(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    view = await post.scene.broadcast()
    assert await post.send() == 1
    assert await post.send() == 0
    [request] = receiver.received
    told = request.verified(webhook["secret"])
    [notice] = (await post.ask("GET", "/notices"))["items"]
    assert request.id == notice["id"]
    assert told == {
        "type": "opportunity.sent",
        "timestamp": notice["happened_at"],
        "data": {name: value for name, value in notice.items() if name not in ("type", "happened_at")},
    }
    assert told["data"]["reference"] == view.reference
    assert "autism" not in request.body
    assert "SO14" not in request.body
    [delivery] = await post.deliveries(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("delivered", 1, 204)
    assert (await post.ask("GET", "/webhooks"))["items"][0]["succeeded_at"]


async def test_another_secret_or_a_changed_body_or_an_old_timestamp_does_not_verify(post: Post, receiver: Receiver) -> None:
    webhook, other = await post.register(receiver), await post.register(receiver, types=["offer.released"])
    await post.scene.broadcast()
    await post.send()
    [request] = receiver.received
    for change in (lambda: request.verified(other["secret"]), lambda: post.clock.move(minutes=6) or request.verified(webhook["secret"])):
        with pytest.raises(WebhookVerificationError):
            change()
    post.clock.move(minutes=-6)
    request.body = request.body.replace("opportunity.sent", "opportunity.gone")
    with pytest.raises(WebhookVerificationError):
        request.verified(webhook["secret"])


async def test_only_the_types_asked_for_are_sent_and_only_from_registration_on(post: Post, receiver: Receiver) -> None:
    await post.scene.broadcast()
    await post.register(receiver, types=["offer.selected"])
    view = await post.scene.broadcast()
    await post.scene.choose(view, await post.scene.offer(view, await post.scene.vacancy(OAK)))
    await post.send()
    assert [request.type for request in receiver.received] == ["offer.selected"]


async def test_a_council_has_webhooks_of_its_own(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver, SOUTHAMPTON)
    view = await post.scene.broadcast()
    offer = await post.scene.offer(view, await post.scene.vacancy(OAK))
    await post.send()
    [request] = receiver.received
    assert request.verified(webhook["secret"])["data"]["offer"] == offer["offer"]


async def test_what_fails_is_tried_again_on_the_schedule_under_the_same_id_and_is_accepted_at_last(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    receiver.answer(500)
    await post.send()
    for wait in WAITS[1:5]:
        post.clock.move(seconds=wait.total_seconds() - 1)
        assert await post.send() == 0, "not before its time"
        post.clock.move(seconds=1)
        assert await post.send() == 1
    [delivery] = await post.deliveries(webhook)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"], delivery["last_failure"]) == (
        "waiting", 5, 500, "status_not_2xx",
    )  # fmt: skip
    receiver.answer(200)
    post.clock.move(hours=6)
    await post.send()
    assert len(receiver.received) == 6
    assert len({request.id for request in receiver.received}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.received}) == 6
    assert receiver.received[-1].verified(webhook["secret"])
    assert (await post.deliveries(webhook))[0]["state"] == "delivered"


async def test_a_busy_receiver_gets_the_pause_it_asks_for(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    receiver.answer(503, Retry_After="600")
    await post.send()
    [delivery] = await post.deliveries(webhook)
    assert datetime.fromisoformat(delivery["next_attempt_at"]) == post.clock.moment + timedelta(seconds=600)
    receiver.answer(500, Retry_After="600")
    post.clock.move(seconds=600)
    await post.send()
    [delivery] = await post.deliveries(webhook)
    assert datetime.fromisoformat(delivery["next_attempt_at"]) == post.clock.moment + WAITS[2], "only with 429 and 503"


async def fail_for_days(post: Post, receiver: Receiver) -> None:
    """Every attempt the schedule allows, all refused."""
    receiver.answer(500)
    for wait in (*WAITS, timedelta(0)):
        post.clock.move(seconds=wait.total_seconds())
        await post.send()


async def test_after_days_of_failure_it_is_stopped_and_flagged_and_once_resumed_nothing_is_lost(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    path = f"/webhooks/{webhook['webhook']}"
    began = post.clock.moment
    failed = await post.scene.broadcast()
    await fail_for_days(post, receiver)
    assert len(receiver.received) == len(WAITS)
    [shown] = (await post.ask("GET", "/webhooks"))["items"]
    assert (shown["state"], shown["stopped_because"]) == ("stopped", "failed_for_days")
    assert "resume" in shown["stopped_because_words"]
    assert (await types(post.scene, OAK))[-1] == "webhook.stopped"
    meanwhile = await post.scene.broadcast()
    post.clock.move(hours=1)
    assert await post.send() == 0
    for refused in (f"{path}/test", f"{path}/pause"):
        await post.ask("POST", refused, status=409)

    receiver.answer(200)
    resumed = await post.ask("POST", f"{path}/resume")
    assert (resumed["state"], resumed["stopped_because"], resumed["failing_since"]) == ("active", None, None)
    await post.send()
    # Several are sent at once: which of them arrives last is nobody's promise.
    assert str(meanwhile.referral) in [one.verified(webhook["secret"])["data"]["referral"] for one in receiver.received[len(WAITS) :]]
    await post.ask("POST", f"{path}/replay", {"since": began.isoformat()}, status=202)
    await post.send()
    accepted = receiver.received[len(WAITS) :]
    assert {one.referral for one in accepted} >= {str(failed.referral), str(meanwhile.referral)}
    assert {one["state"] for one in await post.deliveries(webhook)} == {"delivered"}


async def test_one_notice_that_is_never_accepted_does_not_stop_a_webhook_that_accepts_the_others(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    receiver.answer(500)
    await post.send()
    receiver.answer(200)
    await post.scene.broadcast()
    await post.send()
    await fail_for_days(post, receiver)
    states = {one["state"] for one in await post.deliveries(webhook)}
    assert states == {"delivered", "failed"}
    assert (await post.ask("GET", "/webhooks"))["items"][0]["state"] == "active"


async def test_410_gone_stops_it_at_once(post: Post, receiver: Receiver) -> None:
    await post.register(receiver)
    await post.scene.broadcast()
    receiver.answer(410)
    await post.send()
    [shown] = (await post.ask("GET", "/webhooks"))["items"]
    assert (shown["state"], shown["stopped_because"]) == ("stopped", "gone")
    assert (await types(post.scene, OAK))[-1] == "webhook.stopped"


async def test_a_redirect_is_a_failure_and_is_not_followed(post: Post, receiver: Receiver) -> None:
    async with receiving() as elsewhere:
        webhook = await post.register(receiver)
        receiver.answer(307, Location=elsewhere.url)
        await post.scene.broadcast()
        await post.send()
        assert elsewhere.received == []
    assert (await post.deliveries(webhook))[0]["last_failure"] == "redirects_are_not_followed"


async def test_what_is_not_http_is_a_failure(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    for receiver.answers in ("nonsense\r\n\r\n", ""):
        await post.scene.broadcast()
        await post.send()
        assert (await post.deliveries(webhook))[0]["last_failure"] == "answer_not_understood"


async def test_a_receiver_that_is_not_there_is_tried_again(post: Post) -> None:
    async with receiving() as gone:
        webhook = await post.register(gone)
    await post.scene.broadcast()
    await post.send()
    [delivery] = await post.deliveries(webhook)
    assert (delivery["state"], delivery["last_status"], delivery["last_failure"]) == ("waiting", None, "not_connected")


async def test_nothing_of_a_receivers_answer_is_kept_but_its_status(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    receiver.answers = "HTTP/1.1 500 hunter2\r\nX-Secret: hunter2\r\nContent-Length: 7\r\n\r\nhunter2"
    await post.scene.broadcast()
    await post.send()
    assert "hunter2" not in str(await post.deliveries(webhook)) + str(await post.ask("GET", "/webhooks"))
    async with tenancy.transaction(post.scene.service.databases, Organisation.parse(OAK)) as transaction:
        for table in ("webhooks", "webhook_deliveries", "notices"):
            assert "hunter2" not in str((await transaction.execute(text(f"SELECT * FROM {table}"))).all())


async def test_both_secrets_sign_for_a_day_after_a_rotation_and_then_only_the_new(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    rotated = await post.ask("POST", f"/webhooks/{webhook['webhook']}/secret")
    assert rotated["secret"] != webhook["secret"]
    await post.scene.broadcast()
    await post.send()
    [request] = receiver.received
    assert request.verified(webhook["secret"]) == request.verified(rotated["secret"])
    post.clock.move(hours=25)
    await post.scene.broadcast()
    await post.send()
    assert receiver.received[-1].verified(rotated["secret"])
    with pytest.raises(WebhookVerificationError):
        receiver.received[-1].verified(webhook["secret"])


async def test_a_secret_is_shown_once_and_lies_nowhere_in_the_clear(post: Post, receiver: Receiver) -> None:
    reply = await post.scene.ask(OAK, "POST", "/webhooks", {"url": receiver.url}, Idempotency_Key="once")
    made = reply.json()
    assert made["secret"].startswith("whsec_")
    assert reply.headers["cache-control"] == "no-store"
    again = await post.scene.ask(OAK, "POST", "/webhooks", {"url": receiver.url}, Idempotency_Key="once")
    assert (again.status_code, again.headers["idempotent-replay"], again.json()["secret"]) == (201, "true", None)
    assert (await post.ask("GET", f"/webhooks/{made['webhook']}"))["secret"] is None
    async with tenancy.transaction(post.scene.service.databases, Organisation.parse(OAK)) as transaction:
        for table in ("webhooks", "idempotency_key"):
            rows = (await transaction.execute(text(f"SELECT * FROM {table}"))).all()
            assert made["secret"] not in str(rows)
            assert made["secret"].removeprefix("whsec_") not in str(rows)


async def test_a_sealed_secret_put_into_another_row_does_not_open_and_sends_nothing(post: Post, receiver: Receiver) -> None:
    mine, other = await post.register(receiver), await post.register(receiver, types=["offer.released"])
    async with tenancy.transaction(post.scene.service.databases, Organisation.parse(OAK)) as transaction:
        moved = text("UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE webhook = :other) WHERE webhook = :mine")
        await transaction.execute(moved, {"mine": mine["webhook"], "other": other["webhook"]})
    await post.scene.broadcast()
    await post.send()
    assert receiver.received == []


async def test_a_paused_webhook_is_sent_nothing_and_then_all_that_happened_meanwhile(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    path = f"/webhooks/{webhook['webhook']}"
    assert (await post.ask("POST", f"{path}/pause"))["state"] == "paused"
    await post.scene.broadcast()
    assert await post.send() == 0
    await post.ask("POST", f"{path}/test", status=409)
    await post.ask("POST", f"{path}/resume")
    assert await post.send() == 1


async def test_a_test_goes_to_that_webhook_alone_whatever_its_types(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver, types=["offer.confirmed"])
    async with receiving() as other:
        await post.register(other)
        delivery = await post.ask("POST", f"/webhooks/{webhook['webhook']}/test", status=202)
        assert (delivery["type"], delivery["state"]) == ("webhook.test", "waiting")
        await post.send()
        assert other.received == []
    [request] = receiver.received
    assert request.verified(webhook["secret"])["type"] == "webhook.test"


async def test_one_delivery_or_all_since_a_time_is_sent_again_under_the_same_id(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    path = f"/webhooks/{webhook['webhook']}"
    await post.scene.broadcast()
    post.clock.move(hours=2)
    await post.scene.broadcast()
    await post.send()
    first, second = (request.id for request in receiver.received)
    assert (await post.ask("POST", f"{path}/deliveries/{first}/replay", status=202))["state"] == "waiting"
    await post.send()
    since = (post.clock.moment - timedelta(hours=1)).isoformat()
    assert await post.ask("POST", f"{path}/replay", {"since": since}, status=202) == {"notices": 1}
    await post.send()
    assert [request.id for request in receiver.received] == [first, second, first, second]


async def test_a_notice_from_before_a_webhook_was_registered_can_be_replayed_to_it(post: Post, receiver: Receiver) -> None:
    before = post.clock.moment
    view = await post.scene.broadcast()
    webhook = await post.register(receiver)
    await post.ask("POST", f"/webhooks/{webhook['webhook']}/replay", {"since": before.isoformat()}, status=202)
    await post.send()
    assert receiver.received[0].verified(webhook["secret"])["data"]["referral"] == str(view.referral)


async def test_a_change_needs_the_version_that_was_read_and_a_removed_webhook_is_gone(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    path, body = f"/webhooks/{webhook['webhook']}", {"url": receiver.url + "/2", "types": ["offer.selected"], "description": "ours"}
    await post.ask("PUT", path, body, status=428)
    await post.ask("PUT", path, body, status=412, If_Match='"7"')
    changed = await post.ask("PUT", path, body, If_Match='"1"')
    assert (changed["types"], changed["description"], changed["version"]) == (["offer.selected"], "ours", 2)
    await post.ask("DELETE", path, status=204)
    await post.ask("GET", path, status=404)
    await post.scene.broadcast()
    assert await post.send() == 0


async def test_a_webhook_removed_while_it_is_called_leaves_nothing_behind(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    receiver.answering.clear()
    await post.sender.look()
    await post.ask("DELETE", f"/webhooks/{webhook['webhook']}", status=204)
    receiver.answering.set()
    await post.sender.finish()
    assert (await post.ask("GET", "/webhooks"))["items"] == []


async def test_a_slow_receiver_fills_its_own_places_and_delays_nobody_else(post: Post, receiver: Receiver) -> None:
    receiver.answering.clear()
    await post.register(receiver)
    async with receiving() as quick:
        await post.register(quick, ELM)
        for _ in range(PLACES + 3):
            await post.scene.broadcast()
        begun = await post.sender.look()
        assert begun == 2 * PLACES
        await eventually(lambda: len(quick.received) == PLACES)
        await eventually(lambda: len(quick.received) == PLACES + 3, meanwhile=post.sender.look)
        assert len(receiver.received) <= PLACES
        receiver.answering.set()
        await post.sender.finish()
        await post.send()
    assert len(receiver.received) == PLACES + 3


async def eventually(true: Callable[[], bool], meanwhile: Callable[[], Awaitable[Any]] | None = None) -> None:
    """Let other tasks run until it is so."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.005)
            if meanwhile:
                await meanwhile()


async def test_two_senders_share_the_work_and_send_nothing_twice(post: Post, receiver: Receiver) -> None:
    await post.register(receiver)
    other = sender_of(post.scene.service)
    for _ in range(12):
        await post.scene.broadcast()
    for _ in range(4):
        await asyncio.gather(post.sender.look(), other.look())
        await asyncio.gather(post.sender.finish(), other.finish())
    await other.close()
    names = [request.id for request in receiver.received]
    assert (len(names), len(set(names))) == (12, 12)


async def test_what_one_sender_is_about_to_hold_another_passes_over_without_waiting(post: Post, receiver: Receiver) -> None:
    await post.register(receiver)
    for _ in range(5):
        await post.scene.broadcast()
    oak, now = Organisation.parse(OAK), post.clock.moment

    async def held(transaction: tenancy.Transaction) -> set[int]:
        [webhook] = await webhooks.all_of(transaction, OAK)
        found = await deliveries.hold(transaction, webhook, 3, now, until=now + HOLD, holder=ids.new_id())
        return {one.notice.number for one in found}

    async with tenancy.transaction(post.scene.service.databases, oak) as transaction:
        await deliveries.lay_out(transaction, OAK, now)
    async with tenancy.transaction(post.scene.service.databases, oak) as one:
        first = await held(one)
        async with tenancy.transaction(post.scene.service.databases, oak) as other:
            second = await held(other)
    assert (first, second) == ({1, 2, 3}, {4, 5})


async def test_a_delivery_whose_sender_died_is_sent_again_when_its_hold_is_over(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    lost = sender_of(post.scene.service)
    receiver.answering.clear()
    await lost.look()
    await eventually(lambda: len(receiver.received) == 1)
    for task in lost._sending:
        task.cancel()
    await asyncio.gather(*lost._sending, return_exceptions=True)
    receiver.answering.set()
    assert await post.send() == 0, "held until the hold is over"
    post.clock.move(seconds=HOLD.total_seconds() + 1)
    assert await post.send() == 1
    assert len({request.id for request in receiver.received}) == 1
    assert (await post.deliveries(webhook))[0]["attempts"] == 1


async def test_a_sender_killed_between_calling_and_writing_down_gives_a_repeat_and_never_a_loss(scene: Scene, receiver: Receiver) -> None:
    """A process of its own, killed at the worst place; then another goes on."""
    post = Post(scene, sender_of(scene.service), None)
    webhook = await post.register(receiver)
    await scene.broadcast()
    told = {
        "DATABASE_URL": scene.service.settings.database_url,
        "BROKER_URL": "amqp://unused.test/",
        "ISSUER": "http://issuer.test",
        "PORT": "0",
        "HEARTH_DEVELOPMENT": "1",
        "HEARTH_FAIL_POINT": "send.before_record:1",
    }
    doomed = await asyncio.create_subprocess_exec(sys.executable, "-m", "matching", "send", env={**os.environ, **told})
    assert await asyncio.wait_for(doomed.wait(), 60) == -signal.SIGKILL
    [first] = receiver.received
    assert first.verified(webhook["secret"])
    [delivery] = await post.deliveries(webhook)
    assert (delivery["state"], delivery["attempts"]) == ("waiting", 0)
    async with tenancy.transaction(scene.service.databases, Organisation.parse(OAK)) as transaction:
        await transaction.execute(text("UPDATE webhook_deliveries SET held_until = now() - interval '1 second'"))
    assert await post.send() == 1
    assert [request.id for request in receiver.received] == [first.id, first.id]
    assert (await post.deliveries(webhook))[0]["state"] == "delivered"
    await post.sender.close()


async def test_old_deliveries_go_with_their_notices(post: Post, receiver: Receiver) -> None:
    webhook = await post.register(receiver)
    await post.scene.broadcast()
    await post.send()
    post.clock.move(days=31)
    await post.scene.broadcast()
    await post.send()
    await post.sender.prune(timedelta(days=30))
    assert len(await post.deliveries(webhook)) == 1
    assert len((await post.ask("GET", "/notices"))["items"]) == 1


async def test_an_organisation_has_ten_webhooks_and_no_eleventh(post: Post, receiver: Receiver) -> None:
    replies = await asyncio.gather(*(post.scene.ask(OAK, "POST", "/webhooks", {"url": receiver.url}) for _ in range(MOST_WEBHOOKS + 2)))
    assert sorted(reply.status_code for reply in replies) == [201] * MOST_WEBHOOKS + [409] * 2


async def test_no_organisation_sees_or_touches_another_ones_webhooks_not_even_in_the_database(post: Post, receiver: Receiver) -> None:
    await post.register(receiver)
    await post.scene.broadcast()
    await post.send()
    for organisation in (ELM, SOUTHAMPTON, "consortium"):
        async with tenancy.transaction(post.scene.service.databases, Organisation.parse(organisation)) as transaction:
            for table in ("webhooks", "webhook_deliveries", "notice_feeds"):
                assert await transaction.scalar(text(f"SELECT count(*) FROM {table} WHERE organisation = :oak"), {"oak": OAK}) == 0
            for change in ("UPDATE webhooks SET url = 'x'", "DELETE FROM webhook_deliveries", "UPDATE webhook_owners SET active = false"):
                assert (await transaction.execute(text(f"{change} WHERE organisation = :oak"), {"oak": OAK})).rowcount == 0


async def test_without_keys_webhooks_are_refused_in_words_and_the_feed_works(running: Callable[..., Awaitable[RunningService]]) -> None:
    async def public(host: str, port: int) -> list[str]:
        return ["93.184.215.14"]

    service = await running("matching", development=False)
    service.app.state.resolver = public
    async with service.as_(OAK) as client:
        reply = await client.post("/webhooks", json={"url": "https://hooks.example/hearth"})
        assert reply.status_code == 503
        assert "WEBHOOK_KEYS" in reply.json()["detail"]
        assert (await client.get("/notices")).status_code == 200


async def test_a_registration_that_breaks_a_rule_is_refused_with_field_and_rule(scene: Scene) -> None:
    url = "http://127.0.0.1:9/"
    for body, field_named, rule in (
        ({}, "url", "required"),
        ({"url": ""}, "url", "long_enough"),
        ({"url": "https://x/" + "x" * 500}, "url", "short_enough"),
        ({"url": url, "types": ["no.such"]}, "types.0", "known_code"),
        ({"url": url, "types": ["offer.made"]}, "types", "type_for_you"),
        ({"url": url, "secret": "mine"}, "body", "known_field"),
        ({"url": url, "description": "x" * 201}, "description", "short_enough"),
    ):
        reply = await scene.ask(OAK, "POST", "/webhooks", body)
        assert reply.status_code == 422, body
        assert [(one["field"], one["rule"]) for one in reply.json()["errors"]] == [(field_named, rule)]
    assert (await scene.ask(OAK, "GET", "/webhooks")).json()["items"] == []


async def test_a_replay_from_a_time_to_come_or_without_offset_is_refused(post: Post, receiver: Receiver) -> None:
    path = f"/webhooks/{(await post.register(receiver))['webhook']}/replay"
    for since, rule in (("2150-01-01T00:00:00Z", "not_in_the_future"), ("2999-01-01T00:00:00Z", "year"), ("2026-01-01T00:00:00", "offset")):
        said = await post.ask("POST", path, {"since": since}, status=422)
        assert said["errors"][0]["rule"] == rule
