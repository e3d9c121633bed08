"""One measured figure, its goal, and the page they are written to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

FOUND = (
    "Whoever found no room in a process was told so at once: hundreds who asked again as soon as they were told had nine tenths of its "
    "time, what it had taken waited for all of them at each of its dozen steps, and it did a seventh of what it could. They are told in "
    "turn, some at each round of the loop (decision 0720): more than half of what it can do while eleven times as much is asked, and the "
    "p99 of what was taken a third of what it was.",
    "Row security seemed to cost an eighth of a page of 50: the page was read after the turns that write, of a council that had become a "
    "hundred thousand bare rows. Of rows as councils have them a page costs the same with it and without.",
    "An hour's soak could not have ended: its tokens were good for half an hour. It signs in anew.",
    "A relay carried every route and handler of its service: 45 MB, and half of its time to start. A process reads what its roles need.",
    "A page asked for a sixth time was slower than the first: PostgreSQL then keeps one plan for whatever values, and reckons three years "
    "to be a few rows. The savings page took 82 ms five times and 150 ms from then on. Monitoring's reads are planned for what they ask "
    "(decision 0760), and the bench looks at each page nine times; it had looked three times.",
    "A median's eight thousand cases were looked for among fifty thousand records, by two statements for each such figure. They are kept "
    "beside the sums of their month: the page of all figures over three years from 198 to 95 ms. An agency's scorecard read every agency's "
    "records of the year: 141 to 96 ms by one index.",
    "A connection given back went to whoever asked just then, not to whoever had waited longest: with 32 callers the p99 was four times "
    "the p50 (200 ms), and is 1.3 to 2 times (60 to 97 ms) since they are given in the order of asking.",
    "The collector looked at the youngest objects after every 700; a page of figures makes as many in a millisecond. It looks after "
    "10,000: an eighth of the time of a page of gaps.",
    "The savings page added up each of 55,000 ledger lines twice and sorted them on disk, since one of its sums kept only months that "
    "differ. Lines are added up once, for each key and council, and all sums are made of those: 205 ms to 67 ms.",
    "Placements to look at, at England's whole size: 171 ms for a council with 440 lasting placements, 75 statements, among them one for "
    "each provider's name, and all of every placement was read to show three. 57 ms, 15 statements; other lists of placements asked for "
    "names one by one too (a page of 50: 16 ms, now 7 ms).",
    "The framework asked 41 addresses of other nouns, twice, before it found `POST /referrals`; signing in was three steps of its chain of "
    "dependencies. Routes are now looked for by their first word, and signing in is one step: 3,300 Python calls a request, now 2,070 "
    "(decision 0730).",
    "The garbage collector walked a service's 230,000 lasting objects now and then: 0.1 s, on a busy machine 0.5 s, in which nobody was "
    "answered and no event carried. They are set aside once a process has started.",
    "What a line in the log says of the event being worked on was bound for every event, a fifth of a batch's processor time. It is looked "
    "up when a line is written: an event in a batch takes 0.20 ms of the consumer's time, before 0.32.",
    "The standard library made two records of each log line and looked for its caller: half of what an event in a batch cost its consumer. "
    "Hearth's own lines are written straight; 0.10 to 0.13 ms of processor time an event, before 0.13 to 0.15 (same machine, in turn).",
    "Two pages of all England that seemed to wait for the disk waited for PostgreSQL's compiler: a plan that reckons with many rows is "
    "compiled for 30 to 70 ms, and then reads one. Compiling is off for Hearth's connections: candidates 66 to 22 ms, an agency's offers "
    "half way back 62 to 7 ms (same machine, same rows).",
    "A hold taken since the last look read every vacancy of the consortium at the next candidates, and options read every bed ever held: "
    "an index was missing, and a condition was said in words that its index does not know. Neither had shown, since no bed was held in the "
    "bench's England.",
    "Monitoring learned the events of a batch one after another, a dozen statements each: 250 a second. It learns a batch together: 2,800 "
    "(decision 0761).",
    "Two dependencies of a route that only looked something up, the vault's keys and the Idempotency-Key, were a twentieth of a request's "
    "Python calls each (2,280, now 2,160).",
    "Gaps were found anew from every referral, offer and vacancy at each look: 0.9 s for a page of a year. Each broadcast referral is kept "
    "with what was offered and free (decision 0671).",
    "A page whose months include the running one waited for the facts of that month, 0.7 s and more; it takes them as last counted.",
    "An agency's offers were all read to show fifty, or one: 0.1 s at England's size. Two indexes were missing; and under the rule "
    "that a row is its council's or its provider's, PostgreSQL expects so few that it sorts them all. The rule is said as a CASE now.",
    "Every process carried Alembic, 6 MB, though only `migrate` uses it.",
    "No list or ranking of the journey reads a whole table: `tests/architecture/test_query_plans.py` says so at 100,000 rows (0731).",
)
"""What measuring led to, for the page."""
MOST_SHOWN = 60
"""Lines of what a longer run shows that fit on the page."""


@dataclass(frozen=True)
class Figure:
    """What was measured, in words and numbers; ``met`` is None where no goal was set."""

    name: str
    measured: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Section:
    """A part of the page: what was asked, how it was measured, the figures, notes, and texts a reader may check it by."""

    title: str
    how: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default_factory=tuple)
    shown: str = ""
    """What was run, to the letter, so that a reader can judge whether the two sides did the same work."""


def at_least(name: str, goal: float, ours: float, beside: float, *, measured: str, against: str) -> Figure:
    """A figure whose ratio, ours by the other's, should reach ``goal``."""
    ratio = ours / beside
    return Figure(name, measured, against, f"{ratio:.2f}", f">= {goal:g}", ratio >= goal)


def at_most(name: str, goal: float, ours: float, beside: float, *, measured: str, against: str) -> Figure:
    """A figure whose ratio, ours by the other's, should not pass ``goal``."""
    ratio = ours / beside
    return Figure(name, measured, against, f"{ratio:.2g}", f"<= {goal:g}", ratio <= goal)


def within(name: str, goal_seconds: float, seconds: float) -> Figure:
    """A time that should not pass ``goal_seconds``."""
    return Figure(name, milliseconds(seconds), goal=f"<= {milliseconds(goal_seconds)}", met=seconds <= goal_seconds)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank). ValueError when there are none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]


def milliseconds(seconds: float) -> str:
    """As people read it: two digits below ten milliseconds, whole seconds' parts from one second on."""
    if seconds >= 1:
        return f"{seconds:.2f} s"
    return f"{seconds * 1000:.2f} ms" if seconds < 0.01 else f"{seconds * 1000:.1f} ms"


def rate(per_second: float) -> str:
    """Whole things a second."""
    return f"{per_second:,.0f}/s"


def spread(values: Sequence[float]) -> str:
    """The smallest and the largest, to show how far the machine drifted."""
    return f"[{min(values):,.0f}–{max(values):,.0f}]"


def missed(sections: Iterable[Section]) -> list[str]:
    """The names of the figures that missed their goal."""
    return [figure.name for section in sections for figure in section.figures if figure.met is False]


def page(sections: Sequence[Section], machine: str, other_work: str = "", longer: Sequence[str] = ()) -> str:
    """The Markdown page. ``other_work`` says what else the machine was doing, if anything; ``longer`` are runs kept from other days."""
    goals = [figure for section in sections for figure in section.figures if figure.met is not None]
    lines = [
        "# How fast, beside what is possible",
        "",
        f"Written by `make bench` on {machine}. Load generator, broker, database and services share its cores, and PostgreSQL waits",
        "for the disk at every commit. The machine's speed drifts, so read the ratios: both sides of each are of one run, in turn.",
        "",
        "One part: `python -m tests.bench --only creating`. All of England: `python -m tests.bench --only england_size --england 1`.",
        "A day in an hour: `python -m tests.bench --soak 60`.",
        "",
        *([other_work, ""] if other_work else []),
        f"{sum(figure.met is True for figure in goals)} of {len(goals)} goals are met in this run."
        + "".join(f" Missed: {name}." for name in missed(sections)),
        "",
    ]
    for section in sections:
        lines += _written(section)
    if longer:
        lines += ["## Longer runs", "", "Each of a run of its own, written here as it printed it.", "", *longer]
    lines += ["## Found and mended on the way", "", *(f"- {words}" for words in FOUND), ""]
    return "\n".join(lines).rstrip() + "\n"


def kept_run(section: Section, command: str, machine: str, other_work: str) -> str:
    """One section as it stands on the page from a longer run: by which command, where and beside what."""
    shown = section.shown if section.shown.count("\n") < MOST_SHOWN else ""
    section = replace(section, shown=shown, how=f"`{command}` on {machine}. {other_work + ' ' if other_work else ''}{section.how}")
    return "\n".join(f"#{line}" if line.startswith("## ") else line for line in _written(section))


def _written(section: Section) -> list[str]:
    lines = [f"## {section.title}", "", section.how, ""]
    lines += ["| figure | Hearth | beside | ratio | goal | met |", "|---|---|---|---|---|---|"]
    for each in section.figures:
        cells = (each.name, each.measured, each.beside, each.ratio, each.goal, {True: "yes", False: "**no**", None: ""}[each.met])
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    lines += ["", *(f"- {note}" for note in section.notes), ""]
    if section.shown:
        lines += ["<details><summary>What was run</summary>", "", "```", section.shown.strip(), "```", "", "</details>", ""]
    return lines


def printed(section: Section) -> str:
    """The same for a terminal, without the texts."""
    lines = [f"\n{section.title}", "-" * len(section.title), section.how]
    for each in section.figures:
        goal = f"  (goal {each.goal}: {'met' if each.met else 'MISSED'})" if each.goal else ""
        beside = f"  beside {each.beside}" if each.beside else ""
        ratio = f"  ratio {each.ratio}" if each.ratio else ""
        lines.append(f"  {each.name}: {each.measured}{beside}{ratio}{goal}")
    shown = [f"  | {line}" for line in section.shown.splitlines()]
    return "\n".join([*lines, *(f"  - {note}" for note in section.notes), *shown])
