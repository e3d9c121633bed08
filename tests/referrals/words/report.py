"""What the test set says of the checker: recall and false alarms by category, and every miss, as docs/free-text.md prints it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.referrals.words.examples import Result, checked, examples
from tests.referrals.words.strangers import HOW_MANY, by_slip

PAGE = Path(__file__).parents[3] / "docs" / "free-text.md"
BEGINS = "<!-- from here on printed by `python -m tests.referrals.words`; do not edit -->"
SETS = {"held_out": "Held out", "written": "Worked on", "second_hand": "A second hand, worked on", "fresh": "A second hand, held out"}


def recall(results: Iterable[Result]) -> tuple[int, int]:
    """How many of the places that must be found were, and how many there are."""
    found = [each for result in results for each in result.found]
    return sum(found), len(found)


def precision(results: Sequence[Result]) -> tuple[int, int]:
    """How many of the findings somebody asked for, and how many there were; each place found counts once."""
    right, _ = recall(results)
    return right, right + sum(len(result.false_alarms) for result in results)


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part / whole:.1f} %)" if whole else "none"


def _section(name: str, results: Sequence[Result]) -> list[str]:
    clean = [result for result in results if not result.example.must]
    quiet = sum(not result.false_alarms for result in clean)
    lines = [
        f"### {SETS[name]}: {len(results)} sentences",
        "",
        f"Recall {_share(*recall(results))}; precision {_share(*precision(results))};",
        f"clean sentences left alone: {_share(quiet, len(clean))}.",
        "",
        "| category | found |",
        "|---|---|",
    ]
    for category in dict.fromkeys(result.example.category for result in results):
        some = [result for result in results if result.example.category == category]
        if some[0].example.must:
            lines.append(f"| {category.replace('_', ' ')} | {_share(*recall(some))} |")
    lines += ["", "Missed:", ""]
    missed = [
        f"- {result.example.category.replace('_', ' ')}: `{result.example.text[start:end]}` in: {_one_line(result.example.text)}"
        for result in results
        for (start, end), found in zip(result.example.must, result.found, strict=True)
        if not found
    ]
    lines += missed or ["- nothing"]
    alarms = [
        f"- `{_one_line(result.example.text[each.start : each.end])}` ({each.why.replace('_', ' ')}) in: {_one_line(result.example.text)}"
        for result in results
        for each in result.false_alarms
    ]
    return [*lines, "", "Found though nobody asked for it:", "", *(alarms or ["- nothing"]), ""]


def _one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def report() -> str:
    """Both sets, the held-out one first; then names that nobody had in mind."""
    sections = [line for name in SETS for line in _section(name, checked(examples(name)))]
    return "\n".join([BEGINS, "", *sections, *_strangers()])


def _strangers() -> list[str]:
    lines = [f"### {HOW_MANY} names nobody had in mind, with one slip each", "", "| slip | found | missed |", "|---|---|---|"]
    for slip, (found, wanted, missed) in by_slip().items():
        lines.append(f"| {slip} | {_share(len(found), wanted)} | {', '.join(missed) or 'nothing'} |")
    return [*lines, ""]
