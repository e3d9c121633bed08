"""Where each council's disclosure ledger ends."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, Table, Text

from referrals.tables.columns import metadata

ledger_heads = Table(
    "ledger_heads",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("lines", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
"""One row a council, held by whoever adds a line until its transaction ends: two at once cannot both follow the same line."""
