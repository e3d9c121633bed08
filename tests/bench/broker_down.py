"""What a council can write while the broker is away, beside what it can write while it is there."""

from __future__ import annotations

from statistics import median

from tests.bench.creating import Creating
from tests.bench.figures import Section, at_least, rate, spread
from tests.bench.ground import prepared
from tests.bench.progress import say
from tests.running.child import free_port

NAME = "broker_down"
CONNECTIONS = 32


async def measure(quick: bool) -> Section:
    """Api and relay of one service in one process, with the broker and without, in turn."""
    seconds = 2.0 if quick else 4.0
    async with prepared("referrals") as ground:
        bench = Creating(ground, seconds, turns={f"wrk, {CONNECTIONS}": 5})
        await bench.prepare()
        there, found = ground.amqp_url, {"up": list[float](), "down": list[float]()}
        try:
            for turn in ("warm", "up", "down", "down", "up"):
                ground.amqp_url = f"amqp://guest:guest@127.0.0.1:{free_port()}/" if turn == "down" else there
                say(f"broker: {turn}")
                async with ground.running("referrals", "api", "relay", without_broker=turn == "down"):
                    answered = await bench.ours(CONNECTIONS)
                found.setdefault(turn, []).append(answered.per_second)
                await bench.administrator.execute("TRUNCATE outbox")
        finally:
            ground.amqp_url = there
        await bench.administrator.close()
    return Section(
        "The broker away",
        f"`POST /referrals` on one process that is api and relay, asked by `wrk -t1 -c{CONNECTIONS}` for {seconds:g} s, with RabbitMQ "
        "and with nobody at its address, in turn up down down up; medians. Events wait in the outbox until it is back.",
        [
            at_least(
                "referrals created with the broker down, beside up",
                0.9,
                median(found["down"]),
                median(found["up"]),
                measured=f"{rate(median(found['down']))} {spread(found['down'])}",
                against=f"{rate(median(found['up']))} {spread(found['up'])}",
            )
        ],
        ["With the broker up, the same process also carries the events out; that is what the difference is."],
    )
