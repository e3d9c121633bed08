"""Tell what the doctor found: worst first, each with what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from hearth.data_folder import DataFolder
from hearth.doctor.finding import Finding, Gravity, findings
from hearth.doctor.reading import read

RUNBOOK = "docs/runbook.md"
MARKS = {Gravity.WELL: "well ", Gravity.LOOK: "look ", Gravity.WRONG: "WRONG"}


def in_words(found: Sequence[Finding]) -> list[str]:
    """The lines printed."""
    lines = []
    for each in found:
        lines.append(f"{MARKS[each.gravity]}  {each.where}: {each.what}")
        if each.do:
            lines.append(f"       {each.do}")
        if each.page:
            lines.append(f"       More: {RUNBOOK}#{each.page}")
    return lines


def in_json(found: Sequence[Finding]) -> str:
    """The same for programs: ``well``, and each finding with ``gravity`` (well, look, wrong), ``where``, ``what``, ``do`` and ``page``."""
    told = [{**asdict(each), "gravity": each.gravity.name.lower(), "page": f"{RUNBOOK}#{each.page}" if each.page else ""} for each in found]
    return json.dumps({"well": not _something_is_wrong(found), "findings": told}, indent=1)


def _something_is_wrong(found: Sequence[Finding]) -> bool:
    return any(each.gravity is Gravity.WRONG for each in found)


async def examine(folder: DataFolder, *, as_json: bool = False) -> int:
    """Examine what runs from this folder and print what is found; 0 when nothing is wrong, 1 when something is."""
    found = findings(await read(folder, folder.running()))
    print(in_json(found) if as_json else "\n".join(in_words(found)))
    return 1 if _something_is_wrong(found) else 0
