"""Whether a column is one of several values, as one parameter however many they are.

SQLAlchemy's ``in_`` writes a parameter for each value: a list of another length is another statement, which every connection parses, plans
and keeps anew in place of one it will need again; and of no values at all it writes a condition for which PostgreSQL may read all rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal


def one_of(column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """True where the column has one of these values; of none, nowhere."""
    return column == any_(literal(list(values), ARRAY(column.type)))
