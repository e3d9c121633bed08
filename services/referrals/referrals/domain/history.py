"""A council's returns read back: rows of text to children with their time in care, or every line that cannot be so.

A row is never half taken. What was read is held to the law that the episodes made from it are the rows again; a row that would come out
otherwise is refused with its file and line. Messages name columns and rules, never what a cell held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

from referrals.domain.care import YES_NO, Review, place_broken_rules
from referrals.domain.episodes import CONTINUES, STARTED, CarePeriod, Episode, StatusFrom, Stay, derive
from referrals.domain.identity import upn_is_sound
from referrals.domain.return_lines import BadRow, File, Line, Normal, lines_of
from referrals.domain.return_tables import OLD_SEX
from referrals.domain.ssda903 import SHORT_BREAKS, year_end, year_start
from referrals.domain.unaccompanied import ceased, eighteenth, home_not_asked, in_uasc_table

LOADED = ("Header", "Episodes", "Reviews", "OC2", "UASC")
"""The tables that are read; others that the return has are left out, and said to be."""
MOST_ROWS = 50_000

_NEW_SEX = {old: new for new, old in OLD_SEX.items()}
_YES_NO = {None: None, "0": False, "1": True}


@dataclass(frozen=True, repr=False)
class ChildOfReturn:
    """A child as the Header tells of it, and its time in care. ``outcomes`` by year, ``episodes`` the number of its rows.

    ``header`` is where the files tell of it, to be named when the record says otherwise.
    """

    child_id: str
    sex: str
    date_of_birth: date
    ethnicity: str
    upn: str | None
    mother: bool | None
    mother_child_date_of_birth: date | None
    header: BadRow
    unaccompanied: bool | None = None
    unaccompanied_until: date | None = None
    periods: tuple[CarePeriod, ...] = ()
    statuses: tuple[StatusFrom, ...] = ()
    stays: tuple[Stay, ...] = ()
    reviews: tuple[Review, ...] = ()
    outcomes: Mapping[int, Mapping[str, int | str]] = field(default_factory=dict)
    episodes: int = 0


@dataclass(frozen=True, repr=False)
class Read:
    """What the files hold, or why not: with a bad row there are no children. ``left_out`` are files of tables that are not read."""

    children: tuple[ChildOfReturn, ...]
    bad: tuple[BadRow, ...]
    left_out: tuple[str, ...]


def read(files: Sequence[File], normal: Normal) -> Read:
    """The children of these returns, oldest return first; every bad row of every file at once, and then no child at all."""
    bad: list[BadRow] = []
    left_out: list[str] = []
    lines: dict[str, list[Line]] = {table: [] for table in LOADED}
    for file in sorted(files, key=lambda file: file.year):
        table, found = lines_of(file, bad)
        if table in LOADED:
            lines[table] += found
        elif table is not None:
            left_out.append(f"{file.year}/{table}")
    if sum(len(found) for found in lines.values()) > MOST_ROWS:
        bad.append(
            BadRow("", 0, "", "not_too_many", f"At most {MOST_ROWS} rows are read at once: send the years one by one, oldest first.")
        )
        return Read((), tuple(bad), ())
    children = _headers(lines["Header"])
    _unaccompanied(lines["UASC"], lines["Header"], children)
    rows: dict[str, dict[date, tuple[Line, Episode]]] = {}
    for line in lines["Episodes"]:
        _episode(line, children, rows, normal)
    reviews: dict[str, dict[date, Review]] = {}
    for line in lines["Reviews"]:
        child, held_on, participation = _known(line, children), line.day("REVIEW"), line.code("REVIEW_CODE")
        if child and held_on and participation:
            reviews.setdefault(child.child_id, {})[held_on] = Review(held_on, participation)
    outcomes: dict[str, dict[int, Mapping[str, int | str]]] = {}
    for line in lines["OC2"]:
        child, facts = _known(line, children), dict(_facts(line))
        if child:
            outcomes.setdefault(child.child_id, {})[line.file.year] = facts
    bad += [one for found in lines.values() for line in found for one in line.bad]
    if bad:
        return Read((), tuple(bad), tuple(left_out))
    whole: list[ChildOfReturn] = []
    for child_id, child in children.items():
        known = [rows.get(child_id, {})[day] for day in sorted(rows.get(child_id, {}))]
        whole.append(
            replace(
                _time_in_care(child, known, bad),
                reviews=tuple(reviews.get(child_id, {}).values()),
                outcomes=outcomes.get(child_id, {}),
            )
        )
    return Read(() if bad else tuple(whole), tuple(bad), tuple(left_out))


def _headers(lines: Iterable[Line]) -> dict[str, ChildOfReturn]:
    """Children by CHILD. A later return knows better, but a birth date that changes names another child."""
    children: dict[str, ChildOfReturn] = {}
    for line in lines:
        child_id, born, sex = line.text("CHILD"), line.day("DOB"), line.code("SEX")
        ethnicity, upn = line.code("ETHNIC"), line.capitals("UPN", needed=False)
        if upn is not None and not upn_is_sound(upn):
            line.refuse("UPN", "check_letter", "This is not a pupil number (UPN): check it, or give UN1 to UN5 if there is none.")
        mother = line.text("MOTHER", needed=False)
        if mother not in _YES_NO:
            mother = None
            line.refuse("MOTHER", "0_or_1", "Write 1 for a mother, 0 for a girl who is not, nothing for a boy.")
        mother_of = line.day("MC_DOB", needed=False)
        if child_id is None or born is None or sex is None or ethnicity is None:
            continue
        if (before := children.get(child_id)) and before.date_of_birth != born:
            line.refuse("DOB", "same_child", "Another line gives this child another date of birth.")
        new_sex = _NEW_SEX.get(sex, sex)
        named = BadRow(line.file.name, line.number, "CHILD", "", "")
        children[child_id] = ChildOfReturn(child_id, new_sex, born, ethnicity, upn, _YES_NO[mother], mother_of, named)
    return children


def _unaccompanied(lines: Sequence[Line], headers: Sequence[Line], children: dict[str, ChildOfReturn]) -> None:
    """Note which children are unaccompanied and until when; refused where the years contradict each other (rules 104, 205, 304).

    A table without any row says nothing of its year; a day left blank says that the status went on.
    """
    rows: dict[str, dict[int, tuple[Line, date | None]]] = {}
    for line in lines:
        child, sex, born = _known(line, children), line.code("SEX"), line.day("DOB")
        until, year = line.day("DUC", needed=False, to_come=True), line.file.year
        if child is None or line.bad:
            continue
        if _NEW_SEX.get(str(sex), sex) != child.sex or born != child.date_of_birth:
            line.refuse("CHILD", "as_in_header", "Sex and date of birth must be those of the Header file.")
        if until is not None and not year_start(year) <= until <= eighteenth(child.date_of_birth):
            words = "The status ceases in the year of this return or later, and on the eighteenth birthday at the latest."
            line.refuse("DUC", "not_after_eighteen", words)
        elif until is not None and until > line.file.today and until != eighteenth(child.date_of_birth):
            line.refuse("DUC", "not_in_the_future", "This day is in the future. Of a status that goes on, give the eighteenth birthday.")
        if year in rows.setdefault(child.child_id, {}):
            line.refuse("CHILD", "once_a_year", "Another line of this file has this child.")
        rows[child.child_id][year] = (line, until)
    told = {line.file.year for line in lines}
    headers_of: dict[str, list[Line]] = {}
    for line in headers:
        headers_of.setdefault(line.cells["CHILD"].strip(), []).append(line)
    for child_id, by_year in rows.items():
        days = [day for _, (_, day) in sorted(by_year.items()) if day is not None]
        child = children[child_id] = replace(children[child_id], unaccompanied=True, unaccompanied_until=days[-1] if days else None)
        for year, (line, day) in by_year.items():
            if not in_uasc_table(child, year) or (day is not None and day != ceased(child, year)):
                words = "The years contradict each other. Give the eighteenth birthday while the status goes on, the day once it ceased."
                line.refuse("DUC", "follows_from_the_years_before", words)
        for line in headers_of.get(child_id, ()):
            year = line.file.year
            if year in told - set(by_year) and in_uasc_table(child, year):
                words = (
                    "Another of these years has this child as unaccompanied: name it in UASC of this year, or give there when that ceased."
                )
                line.refuse("CHILD", "unaccompanied_in_every_year", words)


def _known(line: Line, children: Mapping[str, ChildOfReturn]) -> ChildOfReturn | None:
    child = children.get(line.text("CHILD") or "")
    if child is None:
        line.refuse("CHILD", "in_header", "This child is not in the Header file.")
    return child


def _facts(line: Line) -> Iterator[tuple[str, int | str]]:
    for column in YES_NO:
        if (value := line.text(column, needed=False)) in ("0", "1"):
            yield column, int(value)
        elif value is not None:
            line.refuse(column, "0_or_1", "Write 1 for yes, 0 for no.")
    if (score := line.text("SDQ_SCORE", needed=False)) is not None:
        if not score.isascii() or not score.isdigit() or int(score) > 40:
            line.refuse("SDQ_SCORE", "0_to_40", "A score is a whole number from 0 to 40.")
        else:
            yield "SDQ_SCORE", int(score)
    if (reason := line.code("SDQ_REASON", needed=False)) is not None:
        yield "SDQ_REASON", reason


def _episode(line: Line, children: Mapping[str, ChildOfReturn], rows: dict[str, dict[date, tuple[Line, Episode]]], normal: Normal) -> None:
    child = _known(line, children)
    decom, dec = line.day("DECOM"), line.day("DEC", needed=False)
    codes = {column: line.code(column) for column in ("RNE", "LS", "CIN", "PLACE")}
    provider, rec = line.code("PLACE_PROVIDER", needed=False), line.code("REC", needed=False)
    reason = line.code("REASON_PLACE_CHANGE", needed=False)
    urn = line.capitals("URN", needed=False)
    posts = {column: line.postcode(column, normal) for column in ("HOME_POST", "PL_POST")}
    if (dec is None) != (rec is None):
        line.refuse("REC", "end_and_reason", "Give the day an episode ceased and the reason together, or neither.")
    if decom and dec and dec <= decom:
        line.refuse("DEC", "after_start", "An episode ceases on a day after it began.")
    if decom and decom > year_end(line.file.year):
        line.refuse("DECOM", "in_year", "This episode begins after the year of this return.")
    if dec and not year_start(line.file.year) <= dec <= year_end(line.file.year):
        line.refuse("DEC", "in_year", "This episode ceases outside the year of this return.")
    if codes["PLACE"]:
        for each in place_broken_rules(codes["PLACE"], provider, urn):
            line.refuse(each.field.upper(), each.rule, each.message)
    if child is None or decom is None or line.bad:
        return
    row = Episode(decom, str(codes["RNE"]), str(codes["LS"]), str(codes["CIN"]), str(codes["PLACE"]), provider, dec, rec, reason,
                  posts["HOME_POST"], posts["PL_POST"], urn)  # fmt: skip
    own = rows.setdefault(child.child_id, {})
    if (before := own.get(decom)) is not None:
        as_open = replace(row, dec=None, rec=None, reason_place_change=None)
        if before[0].file.year == line.file.year or before[1].dec is not None or as_open != before[1]:
            line.refuse("DECOM", "one_a_day", "Another line has an episode of this child from this day, and it says otherwise.")
            return
    own[decom] = (line, row)


def _time_in_care(child: ChildOfReturn, known: Sequence[tuple[Line, Episode]], bad: list[BadRow]) -> ChildOfReturn:
    """The child with the periods, legal statuses and placements that its rows tell of; what the rows would not come out of is refused."""
    periods: list[CarePeriod] = []
    statuses: list[StatusFrom] = []
    stays: list[Stay] = []
    for place, (line, row) in enumerate(known):
        before = known[place - 1][1] if place else None
        follows = before is not None and before.rec == CONTINUES and before.dec == row.decom
        if (row.rne == STARTED) == follows and place:
            words = "S begins a time of being looked after; any other reason follows on an episode that ceased with X1 on the same day."
            bad.append(BadRow(line.file.name, line.number, "RNE", "follows_on", words))
        if not follows:
            periods.append(CarePeriod(row.decom, row.cin, first_reason=row.rne))
        short_break = row.ls in SHORT_BREAKS
        period = periods[-1]
        unchanged = short_break or row.home_post is None or (period.homes and period.homes[-1][1] == row.home_post)
        homes = period.homes if unchanged else (*period.homes, (row.decom, str(row.home_post)))
        ends = row.rec is not None and row.rec != CONTINUES
        periods[-1] = replace(period, homes=homes, ended_on=row.dec if ends else None, ending_reason=row.rec if ends else None)
        if not follows or row.rne in ("L", "B", "U"):
            statuses.append(StatusFrom(row.decom, row.ls))
        if not follows or row.rne in ("P", "B", "T", "U"):
            stays.append(
                Stay(
                    row.decom, row.place, row.dec, row.place_provider, row.urn, row.pl_post,
                    row.reason_place_change, same_carer=follows and row.rne in ("T", "U"),
                )
            )  # fmt: skip
        else:
            stays[-1] = replace(
                stays[-1],
                ended_on=row.dec,
                change_reason=row.reason_place_change or stays[-1].change_reason,
                postcode=stays[-1].postcode or row.pl_post,
                urn=stays[-1].urn or row.urn,
            )
    bad += _not_reproduced(child, known, derive(periods, statuses, stays).episodes)
    for (line, earlier), (_, later) in pairwise(known):
        if earlier.dec is None or later.decom < earlier.dec:
            words = "A later line of this child begins before this episode ceased."
            bad.append(BadRow(line.file.name, line.number, "DEC", "no_overlap", words))
    return replace(child, periods=tuple(periods), statuses=tuple(statuses), stays=tuple(stays), episodes=len(known))


def _not_reproduced(child: ChildOfReturn, known: Sequence[tuple[Line, Episode]], made: Sequence[Episode]) -> Iterator[BadRow]:
    by_day = {row.decom: row for row in made}
    for line, row in known:
        other = by_day.get(row.decom)
        if other is not None and home_not_asked(child, line.file.year):
            other = replace(other, home_post=row.home_post)
        if other == row:
            continue
        columns = ["DECOM"] if other is None else [name for name, value in vars(row).items() if getattr(other, name) != value]
        words = "This does not go with the child's other lines: what the reason for the new episode says did not change must be as before."
        yield BadRow(line.file.name, line.number, ", ".join(columns).upper(), "follows_from_the_lines_before", words)
