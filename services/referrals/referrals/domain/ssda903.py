"""The national return's (SSDA903) code lists as dated data: which codes are good in which return year, and when a year is.

A return year is named by the year it ends in: 2026 is 1 April 2025 to 31 March 2026. Lists change by year (2024/25 turned
SEX 1/2 into M/F/U, 2025/26 dropped PLACE H5, P2 and Z1), so each code carries the first and last year it is good in. The lists
are data, ``ssda903_codes.csv`` beside this file: next year's change is a line there. Source: the rule sets 2022/23 to 2026/27 of the
sector's validator, meanings shortened.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources

YEAR_BEGINS = (4, 1)
"""The return year begins on 1 April."""


@dataclass(frozen=True)
class Code:
    """One code of a list: what it means and the return years it is good in, both included; None is open-ended."""

    meaning: str
    from_year: int | None = None
    to_year: int | None = None

    def good_in(self, year: int) -> bool:
        """Whether the code may be used in the return year that ends in ``year``."""
        return (self.from_year is None or self.from_year <= year) and (self.to_year is None or year <= self.to_year)


CodeList = Mapping[str, Code]


def _read_lists() -> Mapping[str, CodeList]:
    lists: dict[str, dict[str, Code]] = {}
    text = resources.files("referrals.domain").joinpath("ssda903_codes.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        years = [int(row[name]) if row[name] else None for name in ("from_year", "to_year")]
        lists.setdefault(row["list"], {})[row["code"]] = Code(row["meaning"], *years)
    return lists


LISTS = _read_lists()
"""Each list by its column's name: PLACE, LS, CIN, REC, RNE, REASON_PLACE_CHANGE, REVIEW_CODE …"""

FOSTERING_PLACES = frozenset({"U1", "U2", "U3", "U4", "U5", "U6"})
"""The PLACE codes that are foster care: all a fostering lot may be asked for."""

TEMPORARY_PLACES = frozenset({"T0", "T1", "T2", "T3", "T4"})
"""A few days away from a placement that goes on: no provider, no Ofsted number and no reason of change is given."""
WITHOUT_PROVIDER = TEMPORARY_PLACES | {"Z1", "Z11", "Z12", "Z13", "Z14"}
"""PLACE codes that have no PLACE_PROVIDER."""
WITHOUT_URN = WITHOUT_PROVIDER | {"P1", "P2", "P3", "R1", "R2", "R5"}
"""PLACE codes of homes that Ofsted does not register."""
SHORT_BREAKS = frozenset({"V3", "V4"})
"""Legal statuses under which a child lives at home and is away for breaks: the return asks no postcodes and no Ofsted number."""
PROVIDERS_OF: Mapping[str, frozenset[str]] = {"P1": frozenset({"PR0"})}
"""PLACE codes that only some PLACE_PROVIDER codes go with."""
NEVER_PUBLIC_BODY = frozenset({"P1", "A3", "A4", "A5", "A6", "K1", "K2"}) | FOSTERING_PLACES
"""PLACE codes that PR3, another public body, cannot provide."""


def return_year(day: date) -> int:
    """The return year a day falls in, named by the year it ends in: 31 March 2026 is 2026, 1 April 2026 is 2027."""
    return day.year + 1 if (day.month, day.day) >= YEAR_BEGINS else day.year


def year_start(year: int) -> date:
    """The first day of the return year that ends in ``year``."""
    return date(year - 1, *YEAR_BEGINS)


def good_code(name: str, code: str, day: date) -> bool:
    """Whether ``code`` is in the list called ``name`` in the return year of ``day``. KeyError for a list we do not hold."""
    return good_code_in(name, code, return_year(day))


def refusal_words(name: str, day: date) -> str:
    """What to tell a person whose code is not good: the list, the year, and the codes that are; never the code they sent."""
    year = return_year(day)
    good = ", ".join(code for code, entry in LISTS[name].items() if entry.good_in(year))
    return f"This is not a {name} code of the SSDA903 return for {year - 1}/{year % 100:02d}. Use one of {good}."


def year_end(year: int) -> date:
    """The last day of the return year that ends in ``year``."""
    return date(year, 3, 31)


def good_code_in(name: str, code: str, year: int) -> bool:
    """Whether ``code`` is in the list called ``name`` in the return of ``year``. KeyError for a list we do not hold."""
    found = LISTS[name].get(code)
    return found is not None and found.good_in(year)
