"""``python -m tests.bench [--only NAME] [--quick] [--england SHARE] [--soak MINUTES] [--keep]``: measure; a whole run writes the page."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared import logs
from tests.bench.figures import Section, kept_run, missed, page, printed
from tests.bench.ground import additions, machine, other_work, speed
from tests.bench.progress import say
from tests.running.child import CannotHave

LONGER = Path(__file__).parent / "longer"
"""Runs that take longer than the whole of the others, kept for the page: a file each."""
PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
SECTIONS = ("creating", "broker_down", "row_security", "events", "broadcasting", "ranking", "choosing", "england_size", "overload", "pages")


def _section(name: str) -> Any:
    return importlib.import_module(f"tests.bench.{name}")


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure Hearth beside what the machine can do at best.")
    parser.add_argument(
        "--only", action="append", choices=(*SECTIONS, "soak"), help="one section (may be given again); the page is left as it is"
    )
    parser.add_argument("--quick", action="store_true", help="smaller and shorter, to see that it works; the page is left as it is")
    parser.add_argument(
        "--england", type=float, metavar="SHARE", help="lists and pages at this share of England (0.1; 1 takes some minutes)"
    )
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="only: a steady load for so long, memory and connections watched")
    parser.add_argument("--keep", action="store_true", help="with --only or --soak: this run goes on the page as one of the longer ones")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked; 0 when every section could be measured, whether or not the goals were met."""
    asked = _asked(arguments)
    logs.configure("bench", "WARNING")
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))  # told to stop, it still stops what it started
    busy, quickness = other_work(), [additions()]
    began, measured, broken = time.monotonic(), list[Section](), list[str]()
    given: dict[str, dict[str, float]] = {"england_size": {"share": asked.england or 0.1}, "soak": {"minutes": asked.soak or 1.0}}
    only = ["soak"] if asked.soak else asked.only
    for name in only or SECTIONS:
        say(f"{name}: begins")
        try:
            section = asyncio.run(_section(name).measure(asked.quick, **given.get(name, {})))
        except CannotHave as error:
            sys.exit(f"bench: {error}")
        except Exception:
            broken.append(name)
            print(f"\n{name} could not be measured:\n{traceback.format_exc()}", flush=True)
            continue
        measured.append(section)
        quickness.append(additions())
        print(printed(section), flush=True)
    beside = f"{busy} {speed(quickness)}".strip()
    print(f"\n{beside}")
    if not broken and not only and not asked.quick:
        kept = [file.read_text(encoding="utf-8") for file in sorted(LONGER.glob("*.md"))]
        PAGE.write_text(page(measured, machine(), beside, kept), encoding="utf-8")
        print(f"\nWritten to docs/{PAGE.name}.")
    if asked.keep and not broken:
        for section, name in zip(measured, only or (), strict=True):
            command = f"python -m tests.bench {' '.join(arguments if arguments is not None else sys.argv[1:])}"
            (LONGER / f"{name}.md").write_text(kept_run(section, command, machine(), beside), encoding="utf-8")
    for name in missed(measured):
        print(f"A goal was missed: {name}.")
    say(f"done in {time.monotonic() - began:.0f} s" + (f"; not measured: {', '.join(broken)}" if broken else ""))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
