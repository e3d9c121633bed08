"""What is heard of the framework: lots, and the names of councils and agencies. Late news is ignored by its version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert as upsert

from referrals.tables import agencies, councils, lots
from shared.contracts.providers import AgencyRecorded, CouncilRecorded, LotRecorded
from shared.one_of import one_of
from shared.tenancy import Transaction


async def keep_council(transaction: Transaction, heard: CouncilRecorded, version: int) -> None:
    """Keep a council's name, unless something newer is known."""
    await _keep(transaction, councils, {"code": heard.council, "name": heard.name}, version)


async def keep_agency(transaction: Transaction, heard: AgencyRecorded, version: int) -> None:
    """Keep an agency's name and sector, unless something newer is known."""
    await _keep(transaction, agencies, {"urn": heard.agency, "name": heard.name, "sector": heard.sector}, version)


async def keep_lot(transaction: Transaction, heard: LotRecorded, version: int) -> None:
    """Keep a lot's kinds, dates and age bands, unless something newer is known."""
    values = {
        "lot": heard.lot,
        "framework": heard.framework,
        "title": heard.title,
        "kinds": [str(kind) for kind in heard.kinds],
        "starts_on": heard.starts_on,
        "ends_on": heard.ends_on,
        "age_bands": [[band.from_age, band.to_age] for band in heard.price_bands],
    }
    await _keep(transaction, lots, values, version)


async def _keep(transaction: Transaction, table: Table, values: dict[str, Any], version: int) -> None:
    row = {"organisation": str(transaction.organisation), "version": version, **values}
    statement = upsert(table).values(row)
    newer = {name: statement.excluded[name] for name in row}
    await transaction.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns), set_=newer, where=table.c.version < statement.excluded.version
        )
    )


async def provider_name(transaction: Transaction, provider: str) -> str | None:
    """The name of an agency or council, by its whole organisation text; None when it was not heard of."""
    return (await provider_names(transaction, [provider]))[provider]


async def provider_names(transaction: Transaction, providers: Iterable[str]) -> dict[str, str | None]:
    """The same of several, in two questions however many they are; None for each that was not heard of."""
    found: dict[str, str | None] = dict.fromkeys(providers)
    for kind, code, name in (("agency", agencies.c.urn, agencies.c.name), ("council", councils.c.code, councils.c.name)):
        codes = [each.partition(":")[2] for each in found if each.startswith(f"{kind}:")]
        if codes:
            rows = await transaction.execute(select(code.label("code"), name).where(one_of(code, codes)))
            found |= {f"{kind}:{row.code}": row.name for row in rows}
    return found


async def council_codes(transaction: Transaction) -> list[str]:
    """The ONS codes of the consortium's councils."""
    return [row.code for row in await transaction.execute(select(councils.c.code).order_by(councils.c.code))]
