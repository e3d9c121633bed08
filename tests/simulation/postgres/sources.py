"""Where a query's rows come from: tables under their policies, WITH queries, subqueries, functions, and joins of these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.postgres.expressions import Compiled, Env


@dataclass
class Source:
    """Sets its row for each it has; what is not true of a row is passed over as early as can be told."""

    slots: set[int]
    filters: list[Compiled] = field(default_factory=list)

    def each(self, env: Env) -> Iterator[None]:
        """Set the rows one combination after the other."""
        raise NotImplementedError

    def take(self, condition: Compiled, slots: set[int], inner: set[int]) -> None:
        """Look at a condition here. ``slots``: the rows it looks at; ``inner``: those of this query."""
        self.filters.append(condition)

    def blank(self, env: Env) -> None:
        """No row: every column NULL."""
        raise NotImplementedError


@dataclass
class One(Source):
    """A source with rows of its own: ``rows`` gives them."""

    slot: int = 0
    width: int = 0
    rows: Callable[[Env], Any] = lambda env: ()

    def each(self, env: Env) -> Iterator[None]:
        """See Source."""
        slot, filters = self.slot, self.filters
        for row in self.rows(env):
            env[slot] = row
            for one in filters:
                if not one(env):
                    break
            else:
                yield

    def blank(self, env: Env) -> None:
        """See Source."""
        env[self.slot] = (None,) * (self.width + 1)


@dataclass
class Nothing(Source):
    """A query without FROM: one row of no columns."""

    def each(self, env: Env) -> Iterator[None]:
        """See Source."""
        if all(one(env) for one in self.filters):
            yield

    def blank(self, env: Env) -> None:
        """See Source."""


@dataclass
class Join(Source):
    """Two sources side by side; ``kept``: the left one's rows stay where the right has none (LEFT JOIN), ``both``: either's (FULL)."""

    left: Source = field(default_factory=lambda: Nothing(set()))
    right: Source = field(default_factory=lambda: Nothing(set()))
    kept: bool = False
    both: bool = False
    on: list[Compiled] = field(default_factory=list)

    def each(self, env: Env) -> Iterator[None]:
        """See Source."""
        filters, on = self.filters, self.on
        met: set[tuple[int, ...]] = set()
        for _ in self.left.each(env):
            matched = False
            for _ in self.right.each(env):
                if all(one(env) for one in on):
                    matched = True
                    if self.both:
                        met.add(self._right_now(env))
                    if all(one(env) for one in filters):
                        yield
            if self.kept and not matched:
                self.right.blank(env)
                if all(one(env) for one in filters):
                    yield
        if self.both:
            for _ in self.right.each(env):
                if self._right_now(env) not in met:
                    self.left.blank(env)
                    if all(one(env) for one in filters):
                        yield

    def _right_now(self, env: Env) -> tuple[int, ...]:
        return tuple(id(env[slot]) for slot in sorted(self.right.slots))

    def take(self, condition: Compiled, slots: set[int], inner: set[int]) -> None:
        """See Source."""
        mine = slots & inner
        if self.both:
            self.filters.append(condition)
        elif mine and mine <= self.left.slots:
            self.left.take(condition, slots, inner)
        elif not self.kept and mine and mine & self.right.slots and mine <= self.left.slots | self.right.slots:
            if mine <= self.right.slots:
                self.right.take(condition, slots, inner)
            else:
                self.on.append(condition)
        else:
            self.filters.append(condition)

    def blank(self, env: Env) -> None:
        """See Source."""
        self.left.blank(env)
        self.right.blank(env)
