"""``python -m shared.postcodes build [FOLDER]``: build the postcode index beforehand, so that no first look-up waits for it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shared import settings
from shared.postcodes import directory


def main(arguments: list[str]) -> int:
    """Build the index in FOLDER, or where the setting POSTCODES_FOLDER says; does nothing where it is there already."""
    parser = argparse.ArgumentParser(prog="python -m shared.postcodes", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the postcode index unless it is there already")
    build.add_argument("folder", nargs="?", type=Path, help="where to; otherwise the setting POSTCODES_FOLDER")
    folder = parser.parse_args(arguments).folder or settings.postcodes_folder()
    index = directory.built(folder, progress=lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201 (a command line)
    print(index)  # noqa: T201 (a command line answers on its standard output)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
