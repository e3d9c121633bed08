"""Tell what the doctor found: worst first, each with what to do."""

from __future__ import annotations

from collections.abc import Sequence

from hearth.data_folder import DataFolder
from hearth.doctor.finding import Finding, Gravity, findings
from hearth.doctor.reading import read

MARKS = {Gravity.WELL: "well ", Gravity.LOOK: "look ", Gravity.WRONG: "WRONG"}


def in_words(found: Sequence[Finding]) -> list[str]:
    """The lines printed."""
    lines = []
    for each in found:
        lines.append(f"{MARKS[each.gravity]}  {each.where}: {each.what}")
        if each.do:
            lines.append(f"       {each.do}")
        if each.page:
            lines.append(f"       More: docs/runbook.md#{each.page}")
    return lines


async def examine(folder: DataFolder) -> int:
    """Examine what runs from this folder and print what is found; 0 when nothing is wrong, 1 when something is."""
    found = findings(await read(folder, folder.running()))
    print("\n".join(in_words(found)))
    return 1 if any(each.gravity is Gravity.WRONG for each in found) else 0
