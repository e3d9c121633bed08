"""Bodies of Ofsted's register, and the register as the workbook that the sector's tools read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Annotated, Self

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from pydantic import Field, StringConstraints

from providers.domain.register import PLACEMENT_CODES, TYPE_WORDS, Entry, Kind, ProviderCode
from providers.schemas.fields import Body, Line, OnceEach, Reply
from shared.written import Day

COLUMNS = (
    "Local authority", "URN", "Provider type", "Setting name", "Placement code", "Placement provider code", "Deregistration date",
    "Setting address postcode",
)  # fmt: skip
"""The columns of Ofsted's list that the sector's validator reads, and the name for people."""


class EntryBody(Body):
    """A place of the register: a children's home, a council's fostering service; or an agency's address and closing day."""

    name: Line
    kind: Kind
    provider_codes: Annotated[tuple[ProviderCode, ...], Field(min_length=1, max_length=5, description="SSDA903 PLACE_PROVIDER"), OnceEach]
    local_authority: Line = Field(description="the council it lies in, by name")
    postcode: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=12)] | None = None
    deregistered_on: Day | None = None

    def of(self, urn: str) -> Entry:
        """As the domain knows it."""
        return Entry(urn, **{name: getattr(self, name) for name in type(self).model_fields})


class RegisterEntry(Reply):
    """A place of the register."""

    urn: str
    name: str
    kind: Kind
    provider_codes: tuple[ProviderCode, ...]
    local_authority: str
    postcode: str | None
    deregistered_on: date | None
    version: int

    @classmethod
    def of(cls, entry: Entry, version: int) -> Self:
        """From the domain's value."""
        return cls(
            urn=entry.urn,
            name=entry.name,
            kind=entry.kind,
            provider_codes=entry.provider_codes,
            local_authority=entry.local_authority,
            postcode=entry.postcode,
            deregistered_on=entry.deregistered_on,
            version=version,
        )


def workbook(entries: Iterable[Entry]) -> bytes:
    """The register in the shape of Ofsted's list: one sheet, one row a place, its PLACE codes in one cell with commas."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Register")
    sheet.append(COLUMNS)
    for entry in entries:
        row = (
            entry.local_authority,
            entry.urn,
            TYPE_WORDS[entry.kind],
            entry.name,
            ",".join(PLACEMENT_CODES[entry.kind]),
            ",".join(entry.provider_codes),
            datetime.combine(entry.deregistered_on, time()) if entry.deregistered_on else None,
            entry.postcode,
        )
        cells = [WriteOnlyCell(sheet, value) for value in row]
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, str):
                cell.data_type = "s"  # text stays text: a name that begins with = is no formula
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
