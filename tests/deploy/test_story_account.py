"""The story checks itself: what differs ends it, in words, and the demonstration ends with 1."""

from __future__ import annotations

import pytest

from hearth.story.account import Account, NotAsItShouldBeError, until


def test_a_figure_that_differs_ends_the_story_naming_both() -> None:
    account = Account(quiet=True)
    account.check("free beds", 0, 0)
    with pytest.raises(NotAsItShouldBeError, match="free beds: expected 0, found 1"):
        account.check("free beds", 1, 0)
    with pytest.raises(NotAsItShouldBeError, match="nobody else knows"):
        account.check_that("nobody else knows", False)
    assert account.checks == 3


async def test_news_that_never_comes_ends_the_story_naming_what_was_awaited() -> None:
    async def nothing() -> int:
        return 0

    with pytest.raises(NotAsItShouldBeError, match="That the bed is held did not happen"):
        await until(nothing, lambda answer: answer == 1, "That the bed is held", within=0.05)
