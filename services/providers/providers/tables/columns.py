"""What every table of the service is made with."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, DateTime, MetaData, Numeric, Text

from shared import kit_tables

metadata = MetaData()
kit_tables.define(metadata)

MOMENT = DateTime(timezone=True)
MONEY = Numeric(10, 2)


def consortiums_own() -> Column[str]:
    """Rows that the consortium writes and everybody signed in reads."""
    return Column("organisation", Text, CheckConstraint("organisation = 'consortium'"), nullable=False, server_default="consortium")


def consortium_side() -> Column[str]:
    """The consortium's half of a row between it and a provider or a council."""
    return Column("consortium", Text, CheckConstraint("consortium = 'consortium'"), nullable=False, server_default="consortium")
