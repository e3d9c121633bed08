"""The words of ``hearth backup`` on the command line. Apart from what they do, which needs half of Hearth read before it can begin."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "Back up every database at one instant, check a backup, or restore one and prove that the services agree."


def declare(parser: argparse.ArgumentParser) -> None:
    """The words of the command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="action")
    take = actions.add_parser("take", help="back up the data into a new folder and the keys into another, while everything goes on")
    take.add_argument("folder", type=Path)
    keys = actions.add_parser("keys", help="back up the keys alone: often, and after every erasure")
    check = actions.add_parser("check", help="say whether a backup is whole, and what it holds")
    check.add_argument("folder", type=Path)
    check.add_argument("--keys", type=Path, help="look at the newest keys of this folder too")
    restore = actions.add_parser("restore", help="put a backup back, with the services stopped; proved before it is in place")
    restore.add_argument("folder", type=Path)
    restore.add_argument(
        "--replace", action="store_true", help="also where there are rows or waiting events: the old databases are kept aside"
    )
    restore.add_argument("--keys-as-kept", action="store_true", help="do not take the keys of what is there first: it is damaged")
    restore.add_argument("--anyway", action="store_true", help="put it in place though something is not proved")
    for one in (take, keys, restore):
        one.add_argument("--keys", type=Path, required=True, metavar="KEYS", help="the folder of the keys' backups, apart from the data's")
    for one in (take, keys, restore):
        one.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="folder of the data, unless HEARTH_DATABASES names databases")
    agree = actions.add_parser("agree", help="after a point-in-time recovery: tell each service what it had not heard, and prove")
    agree.add_argument("--data", type=Path, default=argparse.SUPPRESS, help="folder of the data, unless HEARTH_DATABASES names databases")
    parser.set_defaults(do=_do)


def _do(options: argparse.Namespace) -> int:
    from hearth.backup import command

    return command.do(options)
