"""Writes every file of ``deploy/example``. Run again it writes the same bytes.

    cd deploy && python -m example_data.make_example [FOLDER] [--as-of YYYY-MM-DD]

Postcodes are drawn from the ONS directory through ``shared.postcodes``; all else is made up here. ``--as-of`` is the day on which
the children have the ages written in ``wishes.py``.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from example_data import children, homes, market
from example_data.market import Row
from example_data.region import COUNCILS

AS_OF = date(2026, 11, 1)


def files(as_of: date) -> Mapping[str, list[Row]]:
    """Every file by its name, with its rows in the order they are loaded in."""
    households = homes.households()
    families = children.families(as_of)
    quality_scores, moderated_scores = market.score_rows()
    return {
        "councils.csv": [
            {"ons_code": each.ons_code, "name": each.name, "joined_on": each.joined_on, "lead_roles": each.lead_roles} for each in COUNCILS
        ],
        "agencies.csv": [
            {
                "URN": agency.urn,
                "name": agency.name,
                "sector": agency.sector,
                "ofsted_rating": agency.rating,
                "inspected_on": agency.inspected_on,
                # Companies House has given no number beginning with 99.
                "companies_house_number": f"99{number:06d}",
            }
            for number, agency in enumerate(market.AGENCIES, start=1)
        ],
        "frameworks.csv": [
            {
                "code": market.FRAMEWORK,
                "title": "South East foster care framework (example)",
                "established_on": "2012-04-02",
                "starts_on": "2012-04-02",
                "ends_on": "2036-03-31",
                "standstill_days": 10,
            }
        ],
        "lots.csv": [
            {
                "framework": market.FRAMEWORK,
                "lot": lot.code,
                "title": lot.title,
                "kinds": lot.kinds,
                "price_weight": 80,
                "quality_weight": 20,
                "formula": "relative",
                "tier_rule": lot.tier_rule,
            }
            for lot in market.LOTS
        ],
        "price_bands.csv": [
            {
                "lot": lot.code,
                "band": band,
                "from_age": from_age,
                "to_age": to_age,
                "expected_bed_weeks": weeks,
                "ceiling": market.ceiling(typical),
            }
            for lot in market.LOTS
            for band, from_age, to_age, weeks, typical in lot.bands
        ],
        "quality_questions.csv": [
            {"lot": lot.code, "question": question, "title": title, "max_score": market.MAX_SCORE, "weight": weight}
            for lot in market.LOTS
            for question, title, weight in market.QUESTIONS
        ],
        "tender_rounds.csv": [
            {"round": market.round_of(lot.code), "framework": market.FRAMEWORK, "lot": lot.code, "opens_at": "-20d", "closes_at": "+3s"}
            for lot in market.LOTS
        ],
        "bids.csv": market.bid_rows(),
        "quality_scores.csv": quality_scores,
        "moderated_scores.csv": moderated_scores,
        "households.csv": [home.row for home in households],
        "vacancies.csv": homes.vacancy_rows(households),
        "children.csv": [{column: row[column] for column in CHILD_COLUMNS} for row in children.child_rows(families)],
        "referrals.csv": children.referral_rows(families),
        "baseline_prices.csv": market.baseline_rows(),
    }


CHILD_COLUMNS = (
    "council", "CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB", "given_names", "family_name", "HOME_POST", "school",
    "nhs_number", "LS", "CIN",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Write the files into FOLDER, ``deploy/example`` if none is named."""
    parser = argparse.ArgumentParser(prog="python -m example_data.make_example", description="Write the example consortium.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[1] / "example")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help="the day the children have their written ages on")
    asked = parser.parse_args(arguments)
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files(asked.as_of).items():
        with (asked.folder / name).open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"{name}: {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
