"""The filters every figure takes from the address."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated

from fastapi import Depends, Query

from monitoring.actions import asking
from monitoring.domain.definition import Reader
from monitoring.domain.scope import Scope
from shared.contracts.words import AgencyUrn, LotCode, OnsCode
from shared.organisation import Kind, Role
from shared.signin import Caller
from shared.tenancy import Transaction
from shared.written import Day

ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
"""Text of one line: no database keeps a null byte."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which council, agency and lot, over which days; all may be left out."""

    council: str | None
    agency: str | None
    lot: str | None
    first: date | None
    last: date | None

    async def scope(self, transaction: Transaction) -> Scope:
        """What this caller may ask with them; refused with every reason at once."""
        return await asking.scope(transaction, council=self.council, agency=self.agency, lot=self.lot, first=self.first, last=self.last)

    def of_lot(self, lot: str) -> Filters:
        """The same question about one lot."""
        return replace(self, lot=lot)


def _filters(
    council: Annotated[OnsCode | None, Query(description="ONS code; a council asks only about itself")] = None,
    agency: Annotated[AgencyUrn | None, Query(description="Ofsted URN; an agency asks only about itself")] = None,
    lot: Annotated[LotCode | None, Query(description="code of a lot")] = None,
    first: Annotated[Day | None, Query(alias="from", description="first day, UK time; else the month eleven before begins it")] = None,
    last: Annotated[Day | None, Query(alias="to", description="last day, itself counted; today if left out")] = None,
) -> Filters:
    return Filters(council, agency, lot, first, last)


async def scope_of(transaction: Transaction, caller: Caller, filters: Filters) -> Scope:
    """What a caller may ask with these filters; whoever may not see small numbers is told of whole quarters, over all."""
    if may_see_small(caller):
        return await filters.scope(transaction)
    return await asking.in_whole_quarters(
        transaction, council=filters.council, agency=filters.agency, lot=filters.lot, first=filters.first, last=filters.last
    )


Question = Annotated[Filters, Depends(_filters)]
"""Parameter type of a route that answers with figures."""


def may_see_small(caller: Caller) -> bool:
    """Whether small numbers may be shown: to the organisation whose own records they are, and to the consortium's project manager.

    A council and an agency read their own rows alone; of the consortium's other officers none is concerned with single children.
    """
    return caller.organisation.kind is not Kind.CONSORTIUM or Role.PROJECT_MANAGER in caller.roles


def reader_of(caller: Caller) -> Reader:
    """The kind of organisation that reads."""
    return Reader(caller.organisation.kind.value)
