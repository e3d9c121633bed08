"""Writes the two tables of docs/webhooks.md from the code: ``.venv/bin/python docs/make_webhook_tables.py``."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from matching.domain.notice import ABOUT
from matching.domain.webhook import WAITS

PAGE = Path(__file__).parent / "webhooks.md"


def schedule() -> str:
    """Every attempt, the pause before it, and how long after the first it comes."""
    rows, since = ["| attempt | after a pause of | time since the first |", "|---|---|---|"], timedelta(0)
    for number, wait in enumerate(WAITS, start=1):
        since += wait
        rows.append(f"| {number} | {_words(wait)} | {_clock(since)} |")
    return "\n".join(rows)


def types() -> str:
    """Every notice: who is told, where the rest is read, what it means."""
    rows = ["| type | told to | read at | meaning |", "|---|---|---|---|"]
    for type, about in ABOUT.items():
        told = " and ".join(sorted(about.to))
        rows.append(f"| `{type}` | {told} | {about.service} `{about.path}` | {about.meaning} |")
    return "\n".join(rows)


def page(text: str) -> str:
    """The page with both tables as the code has them now."""
    for name, table in (("schedule", schedule()), ("types", types())):
        text = re.sub(rf"<!-- {name} -->\n.*?<!-- /{name} -->", f"<!-- {name} -->\n{table}\n<!-- /{name} -->", text, flags=re.DOTALL)
    return text


def _words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds())
    for size, name in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {name}{'s' if seconds != size else ''}"
    return "none"


def _clock(since: timedelta) -> str:
    minutes, seconds = divmod(int(since.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
