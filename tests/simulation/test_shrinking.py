"""A seed that breaks is told by as few parts as still break it, and by the same rule."""

from __future__ import annotations

from tests.simulation.planted import with_mistake
from tests.simulation.run import Ran, run
from tests.simulation.shrinking import played, rule_of, shortest

PARTS = tuple(f"part {number}" for number in range(20))


def _ran(broken: str | None, skip: frozenset[str] = frozenset()) -> Ran:
    return Ran(1, broken, 100, tuple(part for part in PARTS if part not in skip), ())


def test_only_the_parts_that_it_takes_are_left() -> None:
    needed = {"part 3", "part 11", "part 12"}
    found, left_out = shortest(_ran("a rule: of this"), lambda skip: _ran(None if needed & skip else "a rule: of that", skip))
    assert set(PARTS) - left_out == needed
    assert found.broken == "a rule: of that"


def test_a_run_that_breaks_another_rule_is_not_a_shorter_one() -> None:
    def another_without_the_first(skip: frozenset[str]) -> Ran:
        return _ran("another rule: of this" if "part 0" in skip else "a rule: of this", skip)

    _, left_out = shortest(_ran("a rule: of this"), another_without_the_first)
    assert set(PARTS) - left_out == {"part 0"}


def test_a_run_that_breaks_later_and_plays_more_is_not_a_shorter_one() -> None:
    """The first broke after six parts; without one of these it goes on and breaks at the twentieth, by the other fourteen."""

    def again(skip: frozenset[str]) -> Ran:
        if not skip & set(PARTS[:6]):
            return Ran(1, "a rule: of this", 100, PARTS[:6], ())
        return Ran(1, None if skip & set(PARTS[6:]) else "a rule: of this", 100, PARTS, ())

    found, left_out = shortest(again(frozenset()), again)
    assert len(played(found, left_out)) <= 6


def test_what_can_go_only_once_another_part_is_gone_goes_too() -> None:
    """Part 0 may go only when part 6 is gone, which is tried after it."""

    def again(skip: frozenset[str]) -> Ran:
        return _ran(None if ("part 0" in skip and "part 6" not in skip) or "part 7" in skip else "a rule: of this", skip)

    _, left_out = shortest(again(frozenset()), again)
    assert set(PARTS) - left_out == {"part 7"}


def test_it_gives_up_after_so_many_tries_with_the_shortest_it_has() -> None:
    tried = []

    def never(skip: frozenset[str]) -> Ran:
        tried.append(skip)
        return _ran(None, skip)

    found, left_out = shortest(_ran("a rule: of this"), never, most_tries=7)
    assert len(tried) == 7
    assert not left_out
    assert found.parts == PARTS


def test_a_seed_that_breaks_is_played_again_shorter_and_breaks_alike() -> None:
    with with_mistake("an Idempotency-Key is not looked at"):
        found = run(4)
        assert found.broken is not None
        shorter, left_out = shortest(found, lambda skip: run(4, skip=skip))
        again = run(4, skip=left_out, tell=True)
    assert again.broken == shorter.broken
    assert rule_of(again.broken or "") == rule_of(found.broken)
    assert len(played(again, left_out)) <= len(found.parts) // 2
    assert again.steps < found.steps
    assert run(4, skip=left_out).broken is None, "it is the mistake that breaks it, and not what was left out"
