"""A fail point kills on the pass it was set to and nowhere else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from shared import fail_points


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    fail_points.arm("")


def test_it_kills_on_the_pass_it_was_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(number))
    fail_points.arm("relay.after_mark:2")
    fail_points.passing("relay.after_mark")
    fail_points.passing("delivery.before_ack")
    assert killed == []
    fail_points.passing("relay.after_mark")
    assert killed == [signal.SIGKILL]


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(ValueError, match=r"relay\.after_publish"):
        fail_points.arm("relay.somewhere")
