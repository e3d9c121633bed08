"""Disks that are full: PostgreSQL's, and the broker's as it sees it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.faults.consortium import AGENCIES, CHILDREN_LIVE, COUNCILS
from tests.faults.journeys import APPROVED_ON, wanted
from tests.faults.scene import Fault, Scene
from tests.providers import bodies

MEGABYTES = 220
BACK_WITHIN = 5.0


def _cannot() -> str:
    if os.geteuid() != 0 or not shutil.which("mount"):
        return "only root may mount the small disk"
    probe = Path("/tmp") / f"hearth-probe-{os.getpid()}"
    probe.mkdir()
    try:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", probe], capture_output=True, text=True)
        if done.returncode == 0:
            subprocess.run(["umount", probe], check=True)
        return "" if done.returncode == 0 else f"no small disk can be mounted here: {done.stderr.strip()}"
    finally:
        probe.rmdir()


async def full(scene: Scene) -> None:
    """The broker believes its disk is full; then providers' database stands on a small disk, which is filled."""
    await _broker_full(scene)
    reason = await asyncio.to_thread(_cannot)
    if reason:
        scene.observe(f"PostgreSQL's full disk was not tried: {reason}")
        return
    await _database_full(scene)


async def _broker_full(scene: Scene) -> None:
    await asyncio.to_thread(scene.ground.broker.control, "set_disk_free_limit", "2000GB")
    try:
        await scene.meanwhile(6)
        council = scene.draw.choice(COUNCILS)
        number, identity = scene.asking.new_child(council, CHILDREN_LIVE)
        made = await scene.asking.write("referrals", council, "POST", "/children", identity, mark=str(number))
        if made.done:
            terms = wanted([made.said["id"]])
            made = await scene.asking.write("referrals", council, "POST", "/referrals", terms, mark=made.said["id"])
        scene.expect(made.done, f"with the broker's disk full a referral was answered {made.status}")
        waiting = (await scene.ground.rows("referrals", "SELECT count(*) FROM outbox WHERE sent_at IS NULL"))[0][0]
        scene.expect(waiting > 0, "nothing waits in the outbox while the broker takes nothing")
    finally:
        await asyncio.to_thread(scene.ground.broker.control, "set_disk_free_limit", "500MB")
    began = time.monotonic()

    async def sent() -> bool:
        return not await scene.ground.rows(
            "referrals", "SELECT FROM outbox WHERE sent_at IS NULL AND recorded_at < now() - interval '3 s' LIMIT 1"
        )

    await scene.until(sent, "that what waited is sent once the broker has room", 40)
    scene.observe(
        f"broker's disk full: referrals were taken, {waiting} events waited, sent {time.monotonic() - began:.1f} s after there was room"
    )


async def _database_full(scene: Scene) -> None:
    server = scene.ground.servers["providers"]
    data, small = server.folder / "data", server.folder / "small"
    owner = data.owner()
    await scene.ground.stop_database("providers")
    small.mkdir()
    await asyncio.to_thread(_run, ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", small])
    try:
        await asyncio.to_thread(_run, ["cp", "-a", data, small / "data"])
        data.rename(server.folder / "data-before")
        data.symlink_to(small / "data")
        shutil.chown(small, owner)
        await scene.ground.start_database("providers")
        await scene.meanwhile(1)
        ballast = small / "ballast"
        ballast.touch()
        free = shutil.disk_usage(small).free
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(free - 64 * 1024, 1))
        statuses = await _write_until_full(scene)
        scene.expect(set(statuses) <= {201, 200, 503}, f"with PostgreSQL's disk full providers answered {statuses}")
        scene.observe(f"PostgreSQL's disk full: providers answered {statuses}")
        ballast.unlink()
        began = time.monotonic()
        if server.ended():
            scene.observe("PostgreSQL had ended itself and was started again, as its supervisor would")
            await scene.ground.start_database("providers")
        await scene.until(lambda: _takes(scene), "that providers takes a household again", 20)
        scene.observe(f"room again: a household was taken {time.monotonic() - began:.1f} s later")
        await scene.meanwhile(2)
    finally:
        await scene.ground.stop_database("providers")
        if data.is_symlink():
            data.unlink()
            await asyncio.to_thread(_run, ["cp", "-a", small / "data", data])
            shutil.rmtree(server.folder / "data-before", ignore_errors=True)
        await asyncio.to_thread(_run, ["umount", small])
        small.rmdir()
        await scene.ground.start_database("providers")


async def _write_until_full(scene: Scene) -> dict[int, int]:
    """What households were answered until some were refused for want of room."""
    statuses: dict[int, int] = {}
    for _ in range(400):
        agency = scene.draw.choice(AGENCIES)
        reference = f"H{scene.asking.new_key()}"
        answer = await scene.asking.write(
            "providers", agency, "PUT", f"/households/{reference}", _household(), mark=reference, gives_up=True
        )
        statuses[answer.status] = statuses.get(answer.status, 0) + 1
        if sum(count for status, count in statuses.items() if status >= 500) >= 5:
            break
    return statuses


def _run(arguments: list[object]) -> None:
    subprocess.run([str(argument) for argument in arguments], check=True)


def _household() -> dict[str, object]:
    return bodies.household(postcode="SO17 3RF", places=1, approved_on=APPROVED_ON)


async def _takes(scene: Scene) -> bool:
    reference = f"H{scene.asking.new_key()}"
    made = await scene.asking.write(
        "providers", AGENCIES[0], "PUT", f"/households/{reference}", _household(), mark=reference, gives_up=True
    )
    return made.done


FAULTS = (
    Fault(
        "F13",
        "disk full",
        f"the broker told that its disk is full (set_disk_free_limit); providers' PostgreSQL on a disk of {MEGABYTES} MB, filled up",
        "councils are served and news waits in the outbox; 503 while PostgreSQL has no room; nothing accepted is lost; well again "
        "unaided once there is room",
        full,
        mixes=False,
    ),
)
