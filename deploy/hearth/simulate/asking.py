"""The words of ``hearth simulate`` on the command line. Apart from what they do, which needs half of Hearth read before it can begin."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from hearth.simulate.planting import ALL, Plant

HELP = "Make a believable past of the loaded consortium and bring it in through the public API, with what is planted in a truth file."
MOST_YEARS, MOST_SCALE = 9, 20.0


def declare(parser: argparse.ArgumentParser) -> None:
    """What may be asked for."""
    parser.set_defaults(do=_run)
    parser.add_argument("--years", type=_years, default=3, help="how many whole years, besides the month that is passing (default 3)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same past (default 1)")
    parser.add_argument("--scale", type=_scale, default=1.0, metavar="X", help="1 is about 4,000 referrals a year (default 1)")
    parser.add_argument("--until", type=date.fromisoformat, metavar="DATE", help="its last day, as 2026-09-30 (default: yesterday)")
    kinds = ", ".join(sorted(Plant))
    parser.add_argument("--plant", type=_plant, default=ALL, metavar="WHAT", help=f"all (default), none, or some with commas: {kinds}")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="where to say what was planted (default: truth.json in the data folder)")


def _run(options: argparse.Namespace) -> int:
    from hearth.simulate import command

    return command.run(options)


def _years(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_YEARS:
        raise argparse.ArgumentTypeError(f"must be a number of years from 1 to {MOST_YEARS}")
    return int(text)


def _scale(text: str) -> float:
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0.005 <= scale <= MOST_SCALE:
        raise argparse.ArgumentTypeError(f"must be a number from 0.005 to {MOST_SCALE:g}")
    return scale


def _plant(text: str) -> frozenset[Plant]:
    if text in ("all", "none"):
        return ALL if text == "all" else frozenset()
    try:
        return frozenset(Plant(each.strip()) for each in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be all, none, or some of {', '.join(sorted(Plant))} with commas between") from None
