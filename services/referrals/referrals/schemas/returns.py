"""Bodies and files of the national return."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from referrals.actions.returns import ChildLacking, Loaded, Return
from shared.refusals import Reason, RefusalKind, Refused, invalid
from shared.zip_sizes import UNREADABLE, hold_to_their_sizes

MOST_FILES = 100
MOST_BYTES = 50_000_000
_YEAR_FOLDER = re.compile(r"(?:^|/)(20\d\d)/[^/]+$")


class Lacking(BaseModel):
    """One thing a return lacks of one child; the id is the record's."""

    child: UUID
    rule: str
    on: str | None
    message: str


class WhatIsLacking(BaseModel):
    """What a return still lacks, child by child."""

    year: int
    items: list[Lacking]

    @classmethod
    def of(cls, year: int, found: Iterator[ChildLacking] | list[ChildLacking]) -> Self:
        """From the action's value."""
        return cls(year=year, items=[Lacking(**vars(each)) for each in found])


class HistoryLoaded(BaseModel):
    """What a load of earlier returns did."""

    children_created: int
    children_known: int
    children_unchanged: int
    episodes: int
    reviews: int
    left_out: list[str]

    @classmethod
    def of(cls, done: Loaded) -> Self:
        """From the action's value."""
        return cls.model_validate({**vars(done), "left_out": list(done.left_out)})


def zipped(made: Return) -> bytes:
    """The return as a zip: a folder named for the year, one CSV a table, and ``left_out.json`` for what is not in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table, text in made.tables.items():
            archive.writestr(f"{made.year}/{table}.csv", text)
        if made.lacking:
            named = WhatIsLacking.of(made.year, list(made.lacking)).model_dump(mode="json")
            archive.writestr(f"{made.year}/left_out.json", json.dumps(named, indent=1))
    return file.getvalue()


def unzipped(content: bytes, year: int | None) -> list[tuple[str, int, str]]:
    """(name, return year, text) of every CSV in a zip. The year is that of the folder a file is in, as 2026/, else ``year``.

    Refused: what is no zip, what unpacks to more than is taken at once, a file whose year nobody says, text that is not UTF-8.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        inside = [entry for entry in archive.infolist() if entry.filename.lower().endswith(".csv")]
        if len(inside) > MOST_FILES or sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
            raise Refused(RefusalKind.TOO_LARGE, "This holds more than is taken at once. Send the years one by one, oldest first.")
        hold_to_their_sizes(archive)
        found = [(entry.filename, archive.read(entry)) for entry in inside]
    except (*UNREADABLE, ValueError) as error:
        words = "Send the return's CSV files in one zip, as the export gives them."
        raise Refused(RefusalKind.MALFORMED, words, (Reason("body", "zip", words),)) from error
    if not inside:
        raise invalid(Reason("body", "files", "There is no CSV file in this zip."))
    return [_text(number, name, raw, year) for number, (name, raw) in enumerate(found, start=1)]


def _text(number: int, name: str, raw: bytes, year: int | None) -> tuple[str, int, str]:
    label = f"file {number}"
    folder = _YEAR_FOLDER.search(name)
    if folder is None and year is None:
        words = "Say of which return year this is: put it in a folder named for the year it ends in, as 2026/, or give year."
        raise invalid(Reason(label, "return_year", words))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise invalid(Reason(label, "utf_8", "Save this file as UTF-8.")) from error
    return label, int(folder.group(1)) if folder else int(year or 0), text
