"""The tables of the national return as text: columns, dates as dd/mm/yyyy, blanks empty, one row an episode, child or review."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from referrals.domain.ages import age_on
from referrals.domain.care import Review
from referrals.domain.episodes import GAP_WORDS, Episode, Gap, TimeInCare, in_year, whole_year
from referrals.domain.identity import Identity
from referrals.domain.ssda903 import SHORT_BREAKS, return_year, year_end
from referrals.domain.unaccompanied import ceased, in_uasc_table, without_home

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "Header": ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB"),
    "Episodes": ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST",
                 "PL_POST", "URN"),
    "Reviews": ("CHILD", "DOB", "REVIEW", "REVIEW_CODE"),
    "OC2": ("CHILD", "DOB", "SDQ_SCORE", "SDQ_REASON", "CONVICTED", "HEALTH_CHECK", "IMMUNISATIONS", "TEETH_CHECK", "HEALTH_ASSESSMENT",
            "SUBSTANCE_MISUSE", "INTERVENTION_RECEIVED", "INTERVENTION_OFFERED"),
    "UASC": ("CHILD", "SEX", "DOB", "DUC"),
    "Missing": ("CHILD", "DOB", "MISSING", "MIS_START", "MIS_END"),
}  # fmt: skip
"""The tables we write. Missing is written with its columns alone: what it holds is recorded elsewhere."""

OLD_SEX = {"M": "1", "F": "2"}
"""SEX as the return had it until 2023/24."""
LAST_OLD_SEX = 2024
YOUNGEST_MOTHER = 11
SCHOOL_AGE = 4

Row = dict[str, str]


class HeaderRule(StrEnum):
    """What the return needs of a child that the record does not say."""

    NO_UPN = "no_upn"
    MOTHER_NOT_ANSWERED = "mother_not_answered"
    NO_OUTCOMES = "no_outcomes"


HEADER_WORDS = {
    HeaderRule.NO_UPN: "Record the pupil number (UPN), or UN1 to UN5 for the reason why there is none.",
    HeaderRule.MOTHER_NOT_ANSWERED: "Record whether this girl is a mother.",
    HeaderRule.NO_OUTCOMES: "The child was looked after all year: record the year's outcomes (health, SDQ score).",
}


@dataclass(frozen=True, repr=False)
class ChildFacts:
    """All that a return says of one child. ``outcomes`` by column, None when they were not recorded for that year."""

    identity: Identity
    time: TimeInCare
    reviews: Sequence[Review] = ()
    outcomes: Mapping[str, int | str] | None = None


@dataclass(frozen=True)
class Lacking:
    """Why a child's rows cannot be made: the rule, the day, words for people, and the one table that needs it (None: every table)."""

    rule: str
    on: date | None
    message: str
    table: str | None = None


@dataclass(frozen=True)
class ChildRows:
    """A child's rows by table, and what is lacking."""

    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    lacking: tuple[Lacking, ...] = ()


def written(value: object) -> str:
    """A value as the return writes it."""
    if value is None:
        return ""
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)


def lacking_of(gap: Gap) -> Lacking:
    """A gap in words."""
    return Lacking(gap.rule, gap.on, GAP_WORDS[gap.rule])


def rows_of(child: ChildFacts, year: int) -> ChildRows | None:
    """One child's rows in the return of ``year``; None for a child that was not looked after in it."""
    who, last = child.identity, year_end(year)
    time = without_home(in_year(child.time, year), who, year)
    if not time.episodes and not time.gaps:
        return None
    lacking = [lacking_of(gap) for gap in time.gaps]
    only_breaks = bool(time.episodes) and all(row.ls in SHORT_BREAKS for row in time.episodes)
    upn = _upn(who, year)
    if upn is None and not only_breaks:
        lacking.append(_header(HeaderRule.NO_UPN))
    old_enough = who.date_of_birth <= last and age_on(who.date_of_birth, last).years >= YOUNGEST_MOTHER
    if who.sex == "F" and who.mother is None and old_enough and not only_breaks:
        lacking.append(_header(HeaderRule.MOTHER_NOT_ANSWERED))
    rows: dict[str, list[Row]] = {
        "Header": [_header_row(who, upn, year, only_breaks)],
        "Episodes": episode_rows(who.child_id, time.episodes),
        "Reviews": [
            _row("Reviews", {"CHILD": who.child_id, "DOB": who.date_of_birth, "REVIEW": each.held_on, "REVIEW_CODE": each.participation})
            for each in sorted(child.reviews, key=lambda review: review.held_on)
            if return_year(each.held_on) == year and not only_breaks
        ],
    }
    if in_uasc_table(who, year):
        duc = ceased(who, year)
        rows["UASC"] = [_row("UASC", {"CHILD": who.child_id, "SEX": _sex(who, year), "DOB": who.date_of_birth, "DUC": duc})]
    if whole_year(child.time, year):
        if child.outcomes is None:
            lacking.append(replace(_header(HeaderRule.NO_OUTCOMES), table="OC2"))
        else:
            rows["OC2"] = [_row("OC2", {"CHILD": who.child_id, "DOB": who.date_of_birth, **child.outcomes})]
    return ChildRows(rows, tuple(lacking))


def _upn(who: Identity, year: int) -> str | None:
    """The pupil number; UN1, not of school age, for a child under four at the start of the school year before; None if it is lacking."""
    school_year = date(year - 2, 8, 31)
    at_school = who.date_of_birth <= school_year and age_on(who.date_of_birth, school_year).years >= SCHOOL_AGE
    return who.upn or (None if at_school else "UN1")


def _sex(who: Identity, year: int) -> str:
    return OLD_SEX.get(who.sex, who.sex) if year <= LAST_OLD_SEX else who.sex


def _header(rule: HeaderRule) -> Lacking:
    return Lacking(rule, None, HEADER_WORDS[rule])


def _header_row(who: Identity, upn: str | None, year: int, only_breaks: bool) -> Row:
    # The return describes 31 March: a child born to her later makes her a mother in the next return.
    mother = bool(who.mother) and (who.mother_child_date_of_birth is None or who.mother_child_date_of_birth <= year_end(year))
    asked = who.sex == "F" and not only_breaks
    values: dict[str, object] = {
        "CHILD": who.child_id,
        "SEX": _sex(who, year),
        "DOB": who.date_of_birth,
        "ETHNIC": who.ethnicity or "NOBT",
        "UPN": upn,
        "MOTHER": int(mother) if asked else None,
        "MC_DOB": who.mother_child_date_of_birth if asked and mother else None,
    }
    return _row("Header", values)


def _row(table: str, values: Mapping[str, object]) -> Row:
    return {column: written(values.get(column)) for column in COLUMNS[table]}


def csv_text(table: str, rows: Iterable[Row]) -> str:
    """The table as a CSV file, its columns named in the first line, rows in the order given."""
    file = io.StringIO(newline="")
    out = csv.DictWriter(file, COLUMNS[table], lineterminator="\r\n")
    out.writeheader()
    out.writerows(rows)
    return file.getvalue()


def episode_rows(child_id: str, episodes: Iterable[Episode]) -> list[Row]:
    """Episodes as rows of text."""
    return [_row("Episodes", {**each.columns(), "CHILD": child_id}) for each in episodes]
