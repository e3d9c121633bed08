"""Reads the example consortium's files for the tests that judge them."""

from __future__ import annotations

import csv
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"
EXAMPLE = DEPLOY / "example"
DAY = date(2026, 11, 22)
"""A day on which ages are counted; no child of the example has a birthday for months after it."""

COLUMNS = {
    "councils": "ons_code name joined_on lead_roles",
    "agencies": "URN name sector ofsted_rating inspected_on companies_house_number",
    "frameworks": "code title established_on starts_on ends_on standstill_days",
    "lots": "framework lot title kinds price_weight quality_weight formula tier_rule",
    "price_bands": "lot band from_age to_age expected_bed_weeks ceiling",
    "quality_questions": "lot question title max_score weight",
    "tender_rounds": "round framework lot opens_at closes_at",
    "bids": "round lot URN band pounds_per_week",
    "quality_scores": "round lot URN question evaluator_council score reason",
    "moderated_scores": "round lot URN question score reason",
    "households": "provider reference postcode from_age to_age sexes places kinds skills risks_to_child risks_to_others languages religions"
    " siblings_welcome children_at_home fostered_children fostered_are_siblings approved_on",
    "vacancies": "provider reference household lots free_beds available_from",
    "children": "council CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB given_names family_name HOME_POST school nhs_number LS CIN",
    "referrals": "council CHILD lot PLACE kind urgency planned needed_by expected_weeks siblings languages religion essential_needs"
    " preferred_needs risks_to_child risks_to_others near avoid_districts preferred_miles about_contact what_matters about_the_child"
    " routines",
    "baseline_prices": "council lot band from_date pounds_per_week",
}
Row = dict[str, str]


@lru_cache
def rows(name: str) -> tuple[Row, ...]:
    with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def many(cell: str) -> list[str]:
    return [word for word in cell.split(";") if word]


def every(name: str, column: str) -> set[str]:
    return {word for row in rows(name) for word in many(row[column])}


def keys(name: str, *columns: str) -> set[tuple[str, ...]]:
    return {tuple(row[column] for column in columns) for row in rows(name)}


def age(born: str, on: date = DAY) -> int:
    day = datetime.strptime(born, "%d/%m/%Y").date()  # noqa: DTZ007 (a birthday has no time zone)
    return on.year - day.year - ((on.month, on.day) < (day.month, day.day))
