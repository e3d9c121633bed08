"""Which codes the sector's validator takes in which return year. Runs in the validator's environment, not in ours.

    python ssda903_codes.py CODES.csv

CODES.csv has the columns list and code. One JSON object is printed: year → list → the codes of the file that the year's rules refuse.
"""

from __future__ import annotations

import csv
import json
import sys
import warnings
from pathlib import Path

RULES = {
    "SEX": ("101", "Header"),
    "ETHNIC": ("103", "Header"),
    "RNE": ("143", "Episodes"),
    "LS": ("144", "Episodes"),
    "CIN": ("145", "Episodes"),
    "PLACE": ("146", "Episodes"),
    "REC": ("149", "Episodes"),
    "PLACE_PROVIDER": ("178", "Episodes"),
    "REASON_PLACE_CHANGE": ("1009", "Episodes"),
    "REVIEW_CODE": ("167", "Reviews"),
    "SDQ_REASON": ("196", "OC2"),
}
"""List → the rule that holds its codes, and the table it looks at."""
BESIDE = {"PLACE": "U6", "REVIEW": "01/01/2020"}
"""What the rules look at beside the code itself."""
YEARS = range(2023, 2028)


def refused(year: int, name: str, codes: list[str]) -> list[str]:
    """The codes that the year's rule refuses."""
    import pandas as pd
    from lac_validator.rules.ruleset_utils import get_year_ruleset

    rule, table = RULES[name]
    frame = pd.DataFrame({name: codes})
    for column in ("PLACE", "LS", "REVIEW", "SDQ_SCORE", "CHILD", "DEC", "DECOM", "REC"):
        if column not in frame:
            frame[column] = BESIDE.get(column, pd.NA)
    dates = {"collection_start": f"01/04/{year - 1}", "collection_end": f"31/03/{year}", "collectionYear": str(year)}
    return [codes[row] for row in get_year_ruleset(str(year))[rule].func({table: frame, "metadata": dates}).get(table, [])]


def main() -> int:
    """Ask of every list and year."""
    warnings.filterwarnings("ignore")
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    lists = {name: [row["code"] for row in rows if row["list"] == name] for name in RULES}
    json.dump({year: {name: refused(year, name, codes) for name, codes in lists.items()} for year in YEARS}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
