"""Small numbers are not shown to readers who could tell a child by them, nor what would give them away by subtraction.

A count of one to four is small; nought is not: it is nobody. Such readers are told figures for whole quarters, over all or by one
dimension. In one quarter, of each column of counts, what is hidden is never one row alone, and together never small: so the total gives
none away. What is longer than a quarter is shown only where each of its quarters is. So every number that is shown is a sum of
numbers that are shown anyway: subtracted from each other, from a total or from another period, they lead to nothing hidden.
"""

from __future__ import annotations

from collections.abc import Mapping

SMALL = 5
"""Counts below it and above nought are not shown."""

Code = str | None
"""Of a council, an agency, a lot or a part; None is what belongs to none."""
Counts = tuple[int, ...]
"""What is counted of one row: of a share what has it, what has it not, and both; of anything else its records."""


def small(count: int) -> bool:
    """Whether a count is so small that it could tell of one child."""
    return 0 < count < SMALL


def hidden_rows(rows: Mapping[Code, Counts]) -> frozenset[Code]:
    """Which rows of one quarter must be hidden where the sum of all rows may be known.

    Each column is looked at by itself, so that two figures that share a count hide the same rows for its sake.
    """
    columns = [dict(zip(rows, column, strict=True)) for column in zip(*rows.values(), strict=True)]
    return frozenset().union(*(_hidden_of(column) for column in columns))


def _hidden_of(column: Mapping[Code, int]) -> frozenset[Code]:
    """The small ones, and so many more of the smallest that none stands alone and together they are not small.

    Where nothing is left to hide, the total is small itself, and hidden as such.
    """
    hidden = {code for code, count in column.items() if small(count)}
    left = sorted((code for code, count in column.items() if count and code not in hidden), key=lambda code: (column[code], code or ""))
    for code in left:
        if not hidden or (len(hidden) > 1 and not small(sum(column[each] for each in hidden))):
            break
        hidden.add(code)
    return frozenset(hidden)
