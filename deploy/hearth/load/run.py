"""The order of a load: read and check everything, then send it, nouns before what refers to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx

from hearth.load import children, consortium, homes, prices, tenders
from hearth.load.rows import Fault, Folder, read_folder
from hearth.load.sending import Sender, StoppedError
from hearth.progress import step
from hearth.tokens import Tokens

PARTS = (consortium, tenders, homes, children, prices)


@dataclass(frozen=True)
class Outcome:
    """What came of a load: what was refused, by file and line, and what a person should know."""

    faults: list[Fault]
    notes: list[str]
    finished: bool


def read(path: Path) -> Folder:
    """The folder's files with every fault of every row: of a cell by itself, and between rows and files."""
    with step(f"Checking the files of {path}"):
        folder = read_folder(path, [shape for part in PARTS for shape in part.SHAPES])
        for part in PARTS:
            folder.faults.extend(part.check(folder))
    folder.faults.sort()
    return folder


async def send(folder: Folder, http: httpx.AsyncClient, tokens: Tokens, addresses: dict[str, str]) -> Outcome:
    """Send a folder without faults. While a tender round waits for its closing hour, what does not depend on it goes ahead."""
    sender = Sender(http, tokens, addresses)
    try:
        await consortium.send(folder, sender)
        opened = await tenders.open_and_bid(folder, sender)
        await homes.send(folder, sender)
        await prices.send(folder, sender)
        await children.send(folder, sender)
        await tenders.close_and_publish(folder, sender, opened)
    except StoppedError:
        return Outcome(sorted(sender.faults), sender.notes, finished=False)
    return Outcome(sorted(sender.faults), sender.notes, finished=True)


def in_words(folder: Folder) -> Iterable[str]:
    """What was read and what was not there, for people."""
    yield ", ".join(f"{len(rows)} {file.removesuffix('.csv').replace('_', ' ')}" for file, rows in folder.rows.items()) or "nothing"
    if folder.missing:
        yield f"not in the folder, so skipped: {', '.join(folder.missing)}"
    if folder.unread:
        yield f"in the folder, but no file Hearth knows: {', '.join(folder.unread)}"
