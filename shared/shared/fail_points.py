"""Named places where a test may kill the process, to prove that nothing is lost or done twice there.

``HEARTH_FAIL_POINT=relay.after_publish:3`` ends the process with SIGKILL on its third pass of that place. Without the
setting a pass costs one comparison. Places: ``write.before_commit`` and ``write.after_commit`` (of a request, not yet answered),
``relay.before_publish``, ``publish.before_confirm`` (the broker has it and says so), ``relay.after_publish`` (confirmed, not yet marked),
``relay.after_mark``, ``delivery.before_commit``, ``delivery.before_ack``, ``send.before_record`` (a webhook was called, not yet
written down).
"""

from __future__ import annotations

import os
import signal

PLACES = (
    "write.before_commit",
    "write.after_commit",
    "relay.before_publish",
    "publish.before_confirm",
    "relay.after_publish",
    "relay.after_mark",
    "delivery.before_commit",
    "delivery.before_ack",
    "send.before_record",
)

_armed = ""
_passes_left = 0


def arm(setting: str) -> None:
    """Choose the place and the pass, ``<place>`` or ``<place>:<pass>``; empty disarms. ValueError for an unknown place."""
    global _armed, _passes_left
    place, _, count = setting.partition(":")
    if place and place not in PLACES:
        raise ValueError(f"no such fail point; there are {', '.join(PLACES)}")
    _armed, _passes_left = place, int(count or 1)


def passing(place: str) -> None:
    """Say that the process is at ``place``; it does not return if this is where the test wants it killed."""
    global _passes_left
    if place != _armed:
        return
    _passes_left -= 1
    if _passes_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
