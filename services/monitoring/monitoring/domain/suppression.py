"""Small numbers are not shown to readers who could tell a child by them, nor what would give them away by subtraction.

A count of one to four is small; nought is not: it is nobody. In a list with its total a hidden number is given away when it is the only
one hidden. In a table with totals it is given away exactly when no closed round of hidden numbers, by row and column in turn, goes
through it: in the graph of rows and columns whose edges are the hidden numbers, it is a bridge. So more are hidden, the smallest sum
of them that closes a round, until no hidden number is a bridge.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence

SMALL = 5
"""Counts below it and above nought are not shown."""

Cell = tuple[int, int]


def small(count: int) -> bool:
    """Whether a count is so small that it could tell of one child."""
    return 0 < count < SMALL


def hidden_in_list(counts: Sequence[int]) -> frozenset[int]:
    """Which places of a list must be hidden when its total is shown or can be asked for. ``len(counts)`` stands for the total."""
    hidden = {place for place, count in enumerate(counts) if small(count)}
    if not hidden:
        return frozenset()
    others = sorted((count, place) for place, count in enumerate([*counts, sum(counts)]) if place not in hidden and count)
    if len(hidden) == 1 or sum(counts[place] for place in hidden) < SMALL:
        # The total of what is hidden can be worked out: it must not be small either.
        hidden |= {place for _, place in others[:1]}
    if small(sum(counts)):
        hidden.add(len(counts))
    return frozenset(hidden)


def hidden_in_table(rows: Sequence[Sequence[int]]) -> frozenset[Cell]:
    """Which cells of a table must be hidden when the totals of its rows and columns are shown.

    A total is a cell too: of a row in the column after the last, of a column in the row after the last.
    """
    whole = with_totals(rows)
    hidden = {(r, c) for r, row in enumerate(whole) for c, count in enumerate(row) if small(count)}
    while (bridge := next(bridges(hidden), None)) is not None:
        hidden |= _round_through(bridge, whole, hidden)
    return frozenset(hidden)


def with_totals(rows: Sequence[Sequence[int]]) -> list[list[int]]:
    """A table with the total of each row and column, and of all."""
    whole = [[*row, sum(row)] for row in rows]
    return [*whole, [sum(column) for column in zip(*whole, strict=True)]]


def bridges(hidden: set[Cell]) -> Iterator[Cell]:
    """The hidden cells that the shown ones give away: without the cell its row and its column are no longer joined."""
    joined = _neighbours(hidden)
    for row, column in sorted(hidden):
        start, end = ("row", row), ("column", column)
        seen, waiting = {start}, [start]
        while waiting:
            node = waiting.pop()
            for other in joined[node]:
                if other not in seen and {node, other} != {start, end}:
                    seen.add(other)
                    waiting.append(other)
        if end not in seen:
            yield (row, column)


Node = tuple[str, int]


def _neighbours(cells: set[Cell]) -> Mapping[Node, list[Node]]:
    found: dict[Node, list[Node]] = {}
    for row, column in cells:
        found.setdefault(("row", row), []).append(("column", column))
        found.setdefault(("column", column), []).append(("row", row))
    return found


def _round_through(cell: Cell, whole: Sequence[Sequence[int]], hidden: set[Cell]) -> set[Cell]:
    """The cells of the cheapest round through a cell: hiding a large number costs more than a small one, a nought more than any."""
    dearest = sum(map(sum, whole)) + 1

    def price(row: int, column: int) -> int:
        return 0 if (row, column) in hidden else whole[row][column] or dearest

    start, end = ("row", cell[0]), ("column", cell[1])
    best: dict[Node, int] = {start: 0}
    came: dict[Node, Node] = {}
    waiting: list[tuple[int, Node]] = [(0, start)]
    while waiting:
        cost, node = heapq.heappop(waiting)
        if cost > best[node]:
            continue
        side, place = node
        for other in range(len(whole[0]) if side == "row" else len(whole)):
            row, column = (place, other) if side == "row" else (other, place)
            further: Node = ("column" if side == "row" else "row", other)
            if (row, column) != cell and cost + price(row, column) < best.get(further, 2 * dearest * (len(whole) + len(whole[0]))):
                best[further] = cost + price(row, column)
                came[further] = node
                heapq.heappush(waiting, (best[further], further))
    found: set[Cell] = set()
    node = end
    while node != start:
        before = came[node]
        row, column = (before[1], node[1]) if before[0] == "row" else (node[1], before[1])
        found.add((row, column))
        node = before
    return found
