"""Names for what is shown by code."""

from __future__ import annotations

from collections.abc import Iterable

from matching.store import register
from shared.tenancy import Transaction


async def of(transaction: Transaction, organisations: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of these organisations, and the titles of all lots, as far as they have been heard."""
    return await register.names(transaction, organisations), await register.lot_titles(transaction)


async def of_providers(transaction: Transaction, providers: Iterable[str]) -> dict[str, str]:
    """The names of these providers, as far as they have been heard."""
    return await register.names(transaction, providers)
