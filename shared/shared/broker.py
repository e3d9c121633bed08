"""AMQP through pika: one connection with one channel in confirm mode, as coroutines on the running loop.

The only file that imports pika. It uses public calls alone: ``AsyncioConnection`` is the adapter whose public calls confirm in
batches, which is seven times faster than one at a time (limits.md B2). Nothing here knows what a queue is for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.exceptions import AMQPError, ChannelClosedByBroker

from shared import fail_points
from shared.transport import Message, PublishFailed, Received, Unreachable, Unroutable

HEARTBEAT_SECONDS = 20
BLOCKED_SECONDS = 15
CONNECT_SECONDS = 5
PERSISTENT = 2


class Refusal(Unreachable):
    """The broker closed the channel on us and said why: a queue that is there with other arguments, or is not there."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"the broker refused: {code} {text}")
        self.code = code


@dataclass(eq=False, slots=True)
class _Publishing:
    """A batch on its way: how many confirms are missing, and what came back."""

    confirmed: asyncio.Future[None]
    missing: int
    refused: int = 0
    returned: set[str] = field(default_factory=set)


class Link:
    """An open connection and channel. Once lost it stays lost: its owner opens another and declares everything again."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.lost: asyncio.Future[Exception] = loop.create_future()
        self._loop = loop
        self._connection: Any = None
        self._channel: Any = None
        self._next_tag = 1
        self._unconfirmed: dict[int, _Publishing] = {}
        self._by_id: dict[str, _Publishing] = {}

    @classmethod
    async def open(cls, url: str, *, name: str) -> Link:
        """Connect and switch confirms on. Unreachable when the broker does not answer within 5 s."""
        loop = asyncio.get_running_loop()
        link = cls(loop)
        parameters = pika.URLParameters(url)
        parameters.heartbeat = HEARTBEAT_SECONDS
        parameters.blocked_connection_timeout = BLOCKED_SECONDS
        parameters.socket_timeout = CONNECT_SECONDS
        parameters.stack_timeout = CONNECT_SECONDS
        parameters.connection_attempts = 1
        parameters.client_properties = {"connection_name": name}
        opened: asyncio.Future[None] = loop.create_future()

        def failed(_: Any, error: BaseException) -> None:
            link._lose(error)

        link._connection = AsyncioConnection(
            parameters,
            on_open_callback=lambda _: _resolve(opened),
            on_open_error_callback=failed,
            on_close_callback=failed,
            custom_ioloop=loop,
        )
        try:
            await link._answer(opened, seconds=CONNECT_SECONDS + 1)
            channel_open: asyncio.Future[None] = loop.create_future()
            link._channel = link._connection.channel(on_open_callback=lambda _: _resolve(channel_open))
            link._channel.add_on_close_callback(failed)
            link._channel.add_on_cancel_callback(lambda _: link._lose(Refusal(404, "the queue was deleted")))
            await link._answer(channel_open)
            link._channel.add_on_return_callback(link._on_return)
            link._channel.add_callback(lambda _: link._got(None), [pika.spec.Basic.GetEmpty], False)
            await link._ask(link._channel.confirm_delivery, link._on_confirm)
        except BaseException:
            link._abandon()
            raise
        return link

    @property
    def is_open(self) -> bool:
        """Whether it can still be used."""
        return not self.lost.done()

    async def exchange(self, name: str, kind: str) -> None:
        """Declare a durable exchange."""
        await self._ask(self._channel.exchange_declare, exchange=name, exchange_type=kind, durable=True)

    async def queue(self, name: str, arguments: Mapping[str, Any]) -> None:
        """Declare a durable queue. Refusal when it is there with other arguments."""
        await self._ask(self._channel.queue_declare, queue=name, durable=True, arguments=dict(arguments))

    def bind(self, queue: str, exchange: str, routing_key: str) -> None:
        """Have an exchange put messages of a routing key into a queue. Not waited for: the broker takes one thing of a
        channel after the other, so whatever is asked next comes after it, and a refusal ends the link."""
        try:
            self._channel.queue_bind(queue=queue, exchange=exchange, routing_key=routing_key)
        except AMQPError as error:
            self._lose(error)
            raise Unreachable(f"the broker was lost: {type(error).__name__}") from error

    async def empty(self, queue: str) -> None:
        """Throw away every ready message of a queue."""
        await self._ask(self._channel.queue_purge, queue=queue)

    async def waiting(self, queue: str) -> int:
        """Messages ready in a queue. Refusal (and the end of this link) when there is no such queue."""
        return (await self.looked_at(queue))[0]

    async def looked_at(self, queue: str) -> tuple[int, int]:
        """Messages ready in a queue, and who consumes from it. Refusal as above."""
        answer = await self._ask(self._channel.queue_declare, queue=queue, passive=True)
        return int(answer.method.message_count), int(answer.method.consumer_count)

    async def publish(self, exchange: str, messages: Sequence[tuple[str, Message, Mapping[str, Any] | None]], *, seconds: float) -> None:
        """Publish (routing key, message, headers) and return when the broker has confirmed each within ``seconds``.

        Unroutable when some came back (all others are confirmed); PublishFailed when one was refused or the time ran out.
        """
        if not messages:
            return
        batch = _Publishing(self._loop.create_future(), missing=len(messages))
        try:
            for routing_key, message, headers in messages:
                self._unconfirmed[self._next_tag] = batch
                self._by_id[message.id] = batch
                self._next_tag += 1
                properties = pika.BasicProperties(
                    message_id=message.id,
                    type=message.type,
                    content_type="application/cloudevents+json",
                    delivery_mode=PERSISTENT,
                    headers=dict(headers) if headers else None,
                )
                self._channel.basic_publish(exchange, routing_key, message.body, properties, mandatory=True)
            await self._answer(batch.confirmed, seconds=seconds)
        except AMQPError as error:
            self._lose(error)
            raise Unreachable(f"the broker was lost: {type(error).__name__}") from error
        finally:
            for _, message, _ in messages:
                self._by_id.pop(message.id, None)
        if batch.refused:
            raise PublishFailed(f"the broker refused {batch.refused} of {len(messages)} messages")
        if batch.returned:
            raise Unroutable(batch.returned)

    async def consume(self, queue: str, prefetch: int, take: Callable[[Received], None]) -> str:
        """Have every message of a queue given to ``take``, at most ``prefetch`` unanswered; the consumer's tag."""

        def on_message(_: Any, method: Any, properties: Any, body: bytes) -> None:
            take(_received(method, properties, body))

        await self._ask(self._channel.basic_qos, prefetch_count=prefetch)
        answer = await self._ask(self._channel.basic_consume, queue=queue, on_message_callback=on_message)
        return str(answer.method.consumer_tag)

    async def cancel(self, consumer: str) -> None:
        """Take no more for this consumer."""
        await self._ask(self._channel.basic_cancel, consumer)

    async def get(self, queue: str) -> tuple[Received, Mapping[str, Any]] | None:
        """Take one message and its headers, or None when the queue is empty. One at a time."""
        got: asyncio.Future[Any] = self._loop.create_future()
        self._getting = got
        try:
            self._channel.basic_get(queue, lambda _, *parts: self._got(parts))
        except AMQPError as error:
            raise Unreachable(f"the broker was lost: {type(error).__name__}") from error
        parts = await self._answer(got)
        if parts is None:
            return None
        return _received(*parts), dict(parts[1].headers or {})

    def ack(self, tag: int, *, multiple: bool = False) -> None:
        """Forget a message, or it and all before it. Without effect on a lost link: what it held is delivered again."""
        self._answer_for(lambda: self._channel.basic_ack(tag, multiple))

    def give_back(self, tag: int) -> None:
        """Have a message delivered again."""
        self._answer_for(lambda: self._channel.basic_nack(tag, requeue=True))

    async def close(self) -> None:
        """Close; what was not acknowledged is delivered again to others."""
        self._abandon()
        if not self.lost.done():
            await asyncio.wait({self.lost}, timeout=2)
        self._lose(Unreachable("closed"))

    # -- inside ---------------------------------------------------------------------------------------------------------------

    _getting: asyncio.Future[Any] | None = None

    def _got(self, parts: Any) -> None:
        if self._getting is not None and not self._getting.done():
            self._getting.set_result(parts)

    def _answer_for(self, say: Callable[[], None]) -> None:
        if not self.is_open:
            return
        try:
            say()
        except AMQPError as error:
            self._lose(error)

    async def _ask(self, method: Callable[..., Any], *values: Any, **named: Any) -> Any:
        answer: asyncio.Future[Any] = self._loop.create_future()
        try:
            method(*values, callback=lambda frame: _resolve(answer, frame), **named)
        except AMQPError as error:
            self._lose(error)
            raise Unreachable(f"the broker was lost: {type(error).__name__}") from error
        return await self._answer(answer)

    async def _answer(self, answer: asyncio.Future[Any], *, seconds: float = 10.0) -> Any:
        """Wait for the broker, but not beyond the link's end and not for ever: a half-open socket says nothing for a long time."""
        both: set[asyncio.Future[Any]] = {answer, self.lost}
        await asyncio.wait(both, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        if self.lost.done():
            error = self.lost.result()
            if isinstance(error, ChannelClosedByBroker):
                raise Refusal(error.reply_code, error.reply_text)
            raise Unreachable(f"the broker was lost: {type(error).__name__}") from error
        # Which messages arrived is unknown now and tags no longer say: only a new connection is sure of its count.
        silent = Unreachable(f"the broker did not answer within {seconds:g} s")
        self._lose(silent)
        raise silent

    def _on_confirm(self, frame: Any) -> None:
        fail_points.passing("publish.before_confirm")
        refused = isinstance(frame.method, pika.spec.Basic.Nack)
        if frame.method.multiple:
            tags = [tag for tag in self._unconfirmed if tag <= frame.method.delivery_tag]
        else:
            tags = [frame.method.delivery_tag]
        for tag in tags:
            batch = self._unconfirmed.pop(tag, None)
            if batch is None:
                continue
            batch.missing -= 1
            batch.refused += refused
            if not batch.missing:
                _resolve(batch.confirmed)

    def _on_return(self, _: Any, __: Any, properties: Any, ___: bytes) -> None:
        # The broker returns a message before it confirms it, so the batch is still waiting here.
        if (batch := self._by_id.get(properties.message_id)) is not None:
            batch.returned.add(properties.message_id)

    def _lose(self, error: BaseException) -> None:
        if not self.lost.done():
            self.lost.set_result(error if isinstance(error, Exception) else Unreachable(type(error).__name__))
        self._abandon()

    def _abandon(self) -> None:
        connection = self._connection
        if connection is not None and not (connection.is_closing or connection.is_closed):
            with contextlib.suppress(AMQPError):  # it died this moment: either way it is gone
                connection.close()


def _resolve(future: asyncio.Future[Any], value: Any = None) -> None:
    if not future.done():
        future.set_result(value)


def _received(method: Any, properties: Any, body: bytes) -> Received:
    message = Message(properties.message_id or "", properties.type or method.routing_key, body)
    return Received(message, method.redelivered, method.delivery_tag)
