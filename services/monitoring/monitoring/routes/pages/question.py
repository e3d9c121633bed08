"""The filters a page takes from its address. A form sends empty fields too: those are filters that were left out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitoring.domain.monthly import months_before, year_to
from monitoring.domain.period import end_of_month, month_of
from monitoring.routes.question import Filters
from shared import clock
from shared.contracts.words import AgencyUrn, LotCode, OnsCode
from shared.written import Day

Format = Literal["csv", "xlsx"]


class _Asked(BaseModel):
    """As an address has them."""

    model_config = ConfigDict(extra="ignore")

    council: OnsCode | None = None
    agency: AgencyUrn | None = None
    lot: LotCode | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    format: Format | None = None


NAMES = frozenset({"council", "agency", "lot", "from", "to", "format"})
"""The filters' names, which a refusal may repeat."""


def asked(request: Request) -> _Asked:
    """What the address asks; refused with every field that is not in order."""
    given = {name: value for name, value in request.query_params.items() if name in NAMES and value.strip()}
    try:
        return _Asked.model_validate(given)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**fault, "loc": ("query", *fault["loc"])} for fault in faults]) from error


def _filters(request: Request) -> Filters:
    """As asked, in whole months, which are what is kept counted; without a period the last twelve months that are over, since a month half
    gone looks like a fall. A day within a month, which the form does not offer, means its month, and the form says so.
    """
    found, usual = asked(request), year_to(clock.today())
    last = end_of_month(found.last) if found.last else usual.last
    first = found.first or (usual.first if found.last is None else months_before(month_of(last), 11))
    return Filters(found.council, found.agency, found.lot, month_of(first), last)


PageQuestion = Annotated[Filters, Depends(_filters)]
"""Parameter type of a page that is about a council, an agency, a lot and a period."""
