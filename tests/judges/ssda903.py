"""The sector's own validator of the SSDA903 return, asked about folders of CSV files. Runs in an environment of its own, not in ours.

    python ssda903.py YEAR OFSTED_LIST.xlsx FOLDER=ONS_CODE …

YEAR is the year the return ends in. One JSON object is printed: folder → rules held, checked, skipped for want of a table, crashed, fired
(table, rule, lines, message), and for each episode the distance and place the validator works out. Two rules of the validator crash
on every return (231 and 233 look for columns that its own reader never makes) and are named apart.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

ALWAYS_CRASH = {"231", "233"}


def judge(year: str, council: str, folder: Path, ofsted: Path) -> dict[str, Any]:
    """What the validator says of one council's folder."""
    from lac_validator.lac_validator import LacValidator
    from lac_validator.rules.ruleset_utils import get_year_ruleset

    files = [{"name": path.name, "description": "This year", "file_content": path.read_bytes()} for path in sorted(folder.glob("*.csv"))]
    files.append({"name": ofsted.name, "description": "CH lookup", "file_content": ofsted.read_bytes()})
    rules = get_year_ruleset(year)
    run = LacValidator(metadata={"collectionYear": year, "localAuthority": council}, files=files, registry=rules)
    fired = [
        {"table": table, "rule": column[4:], "lines": [int(row) + 2 for row in frame.index[frame[column] == True]]}  # noqa: E712
        for table, frame in run.ds_results.items()
        if table != "metadata"
        for column in frame.columns
        if column.startswith("ERR_")
    ]
    episodes = run.ds_results["Episodes"]
    seen = [column for column in ("HOME_POST", "PL_POST", "PL_DISTANCE", "PL_LOCATION", "PL_LA") if column in episodes.columns]
    return {
        "rules": len(rules),
        "checked": len(run.dones),
        "skipped": len(run.skips),
        "crashed": sorted(set(run.fails) - ALWAYS_CRASH),
        "fired": [{**each, "message": rules[each["rule"]].message} for each in fired],
        "episodes": json.loads(episodes[seen].to_json(orient="records")),
    }


def main() -> int:
    """Judge every folder named."""
    year, ofsted, *folders = sys.argv[1:]
    asked = [(folder, council) for folder, _, council in (named.rpartition("=") for named in folders)]
    with ProcessPoolExecutor() as workers:
        answers = workers.map(_quietly, [(year, council, Path(folder), Path(ofsted)) for folder, council in asked])
        json.dump(dict(zip((folder for folder, _ in asked), answers, strict=True)), sys.stdout)
    return 0


def _quietly(asked: tuple[str, str, Path, Path]) -> dict[str, Any]:
    warnings.filterwarnings("ignore")
    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stdout(sys.stderr):  # the validator prints as it goes
        return judge(*asked)


if __name__ == "__main__":
    sys.exit(main())
