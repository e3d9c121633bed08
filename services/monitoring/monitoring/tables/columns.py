"""What the tables of monitoring are made of: one metadata, and the columns that every table writes alike."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, MetaData, Numeric, Text

from shared import kit_tables

metadata = MetaData()
kit_tables.define(metadata)

Moment = DateTime(timezone=True)
Money = Numeric(10, 2)


def organisation() -> Column[str]:
    """Whose row it is: the one organisation that may read it."""
    return Column("organisation", Text, primary_key=True)
