"""The national return (SSDA903): a council's files for a year made from its records, and such files read back as its history."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from referrals.actions.care import normal_postcode, time_in_care
from referrals.domain import unaccompanied
from referrals.domain.care import OutsidePlacement
from referrals.domain.disclosure import Right
from referrals.domain.history import ChildOfReturn, Read, read
from referrals.domain.identity import Identity
from referrals.domain.return_lines import BadRow, File
from referrals.domain.return_tables import COLUMNS, ChildFacts, ChildRows, Row, csv_text, rows_of
from referrals.domain.search_terms import SearchField, plain
from referrals.store import care as store
from referrals.store import children, disclosures, postcodes
from referrals.store.care import Noted
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import clock, ids
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

RETURN_SHOWS = (
    "child_id", "sex", "date_of_birth", "ethnicity", "upn", "mother", "mother_child_date_of_birth", "unaccompanied", "unaccompanied_until",
    "home_postcode", "legal_status", "category_of_need", "time_in_care",
)  # fmt: skip
"""What a return shows of each child."""

FIRST_YEAR, LAST_YEAR = 2023, 2027
"""The return years whose code lists are held, each named by the year it ends in."""

MOST_NAMED = 200
_AT_ONCE = 500

T = TypeVar("T")


@dataclass(frozen=True)
class ChildLacking:
    """A child whose rows cannot be made: the record's id, each thing lacking, and the one table that needs it (None: every table)."""

    child: UUID
    rule: str
    on: str | None
    message: str
    table: str | None = None


@dataclass(frozen=True)
class Return:
    """The files of a year by table, how many children they hold, and what is lacking of the children left out."""

    year: int
    tables: Mapping[str, str]
    children: int
    lacking: Sequence[ChildLacking]


async def export(
    transaction: Transaction, ring: Keyring, year: int, *, tables: Collection[str] = COLUMNS, leave_out: bool, subject: str
) -> Return:
    """The council's return of a year: every child looked after on a day of it, written down for each child shown.

    Refused (409), each child and each thing lacking named, while the record of any such child is not whole for the tables asked for: a
    year's outcomes, which a council that begins with its earlier episodes may not have, are OC2's alone. With ``leave_out`` those
    children are left out and named instead.
    """
    _known_year(year)
    made, names, found = await _made(transaction, ring, year)
    lacking = [each for each in found if each.table is None or each.table in tables]
    if lacking and not leave_out:
        words = f"{len({each.child for each in lacking})} children lack something the return needs. Record it, or leave them out knowingly."
        if len(lacking) > MOST_NAMED:
            words += f" {len(lacking)} things are lacking; the first {MOST_NAMED} are named here, all of them under lacking."
        raise conflict(words, *(_named(each) for each in lacking[:MOST_NAMED]))
    left_out = {each.child for each in lacking}
    shown = [child for child in sorted(made, key=lambda child: plain(names[child])) if child not in left_out]
    rows: dict[str, list[Row]] = {table: [] for table in COLUMNS if table in tables}
    for child in shown:
        for table, own in made[child].rows.items():
            if table in rows:
                rows[table] += own
    await disclosures.record(
        transaction,
        shown,
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.NATIONAL_RETURN,
        fields=RETURN_SHOWS,
        at=clock.now(),
    )
    return Return(year, {table: csv_text(table, own) for table, own in rows.items()}, len(shown), lacking)


def _named(each: ChildLacking) -> Reason:
    """Whose record lacks what, and of an episode the day it began: one to each line that the officer must mend."""
    return Reason(f"children.{each.child}", each.rule, each.message + (f" (from {each.on})" if each.on else ""))


async def lacking(transaction: Transaction, ring: Keyring, year: int) -> Sequence[ChildLacking]:
    """What a return of that year still lacks, child by child, by the records' ids; nothing of who they are."""
    _known_year(year)
    return (await _made(transaction, ring, year))[2]


async def _made(transaction: Transaction, ring: Keyring, year: int) -> tuple[dict[UUID, ChildRows], dict[UUID, str], list[ChildLacking]]:
    everybody = await store.children_with_care(transaction)
    made: dict[UUID, ChildRows] = {}
    names: dict[UUID, str] = {}
    missing: list[ChildLacking] = []
    for part in _parts(everybody):
        recorded = await store.care_of(transaction, ring, part)
        for child, record in (await children.opened(transaction, ring, part)).items():
            identity, care = record.identity, recorded[child]
            facts = ChildFacts(identity, time_in_care(care, identity), care.reviews, care.outcomes.get(year))
            rows = rows_of(facts, year)
            if rows is None:
                continue
            made[child], names[child] = rows, identity.child_id
            missing += [
                ChildLacking(child, each.rule, each.on.isoformat() if each.on else None, each.message, each.table) for each in rows.lacking
            ]
    return made, names, missing


def _parts(whole: Sequence[T]) -> Iterator[Sequence[T]]:
    """A few hundred at a time: a statement takes so many values and no more."""
    for start in range(0, len(whole), _AT_ONCE):
        yield whole[start : start + _AT_ONCE]


def _known_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        words = f"Give the year the return ends in, from {FIRST_YEAR} to {LAST_YEAR}: 2026 is 1 April 2025 to 31 March 2026."
        raise invalid(Reason("year", "return_year", words))


@dataclass(frozen=True)
class Loaded:
    """What a load did."""

    children_created: int
    children_known: int
    children_unchanged: int
    episodes: int
    reviews: int
    left_out: Sequence[str]


async def load(transaction: Transaction, ring: Keyring, files: Sequence[tuple[str, int, str]], *, subject: str) -> Loaded:
    """Take a council's earlier returns as its history: (file name, return year, text) each.

    Children are known by the council's own child id (CHILD); for one that has no record, one is made, its names left for an officer to
    add. All of it or, with every bad row named by file and line, nothing. Loading the same files again changes nothing; a child whose
    time in care is recorded otherwise is refused, never overwritten.
    """
    for _, year, _text in files:
        _known_year(year)
    today = clock.today()
    # Beside the event loop: a council's years are tens of thousands of lines.
    found = await asyncio.to_thread(read, [File(name, year, text, today) for name, year, text in files], normal_postcode)
    if found.bad:
        raise _refused(found.bad)
    known = await _records(transaction, ring, found)
    noted = Noted(subject, clock.now())
    new = {who.child_id: ids.new_id() for who in found.children if who.child_id not in known}
    bad: list[BadRow] = []
    unchanged: set[str] = set()
    recorded: dict[UUID, store.Care] = {}
    for part in _parts([kept.id for kept in known.values()]):
        recorded |= await store.care_of(transaction, ring, part)
    for who in found.children:
        if (kept := known.get(who.child_id)) is None:
            continue
        if kept.identity.date_of_birth != who.date_of_birth:
            bad.append(_differs(who, "DOB", "same_child", "Your record of this child has another date of birth."))
        if not unaccompanied.may_take(kept.identity, who):
            words = "Your record says otherwise whether this child is unaccompanied, or until when. Correct it there, or the file."
            bad.append(_differs(who, "CHILD", "recorded_otherwise", words))
        before = recorded[kept.id]
        if not (before.periods or before.stays):
            continue
        if _same(before, kept.identity, who):
            unchanged.add(who.child_id)
        else:
            words = "This child's time in care is recorded already, and otherwise. Correct it there, or leave the child out of the files."
            bad.append(_differs(who, "CHILD", "recorded_otherwise", words))
    if bad:
        raise _refused(bad)
    for who in found.children:
        if who.child_id in new and not await children.add(
            transaction, ring, new[who.child_id], _identity(who), confirmation=None, now=noted.at, subject=subject
        ):
            raise _refused([_differs(who, "CHILD", "one_child_one_id", "Another record was given this child id just now: load again.")])
    for who in found.children:
        if (kept := known.get(who.child_id)) is not None and who.unaccompanied and not kept.identity.unaccompanied:
            right = replace(kept.identity, unaccompanied=True, unaccompanied_until=who.unaccompanied_until)
            if not await children.change(transaction, ring, kept.id, right, version=kept.version):
                raise _refused([_differs(who, "CHILD", "changed_meanwhile", "This child's record was changed just now: load again.")])
    reviewed = {kept.id: {each.held_on for each in recorded[kept.id].reviews} for kept in known.values()}
    taken = [(new.get(who.child_id) or known[who.child_id].id, who) for who in found.children if who.child_id not in unchanged]
    await _keep(transaction, ring, taken, reviewed, noted)
    return Loaded(
        children_created=len(new),
        children_known=len(known) - len(unchanged),
        children_unchanged=len(unchanged),
        episodes=sum(who.episodes for _, who in taken),
        reviews=sum(len(who.reviews) for _, who in taken),
        left_out=found.left_out,
    )


async def _records(transaction: Transaction, ring: Keyring, found: Read) -> dict[str, children.KeptChild]:
    """The council's records of these children, by child id."""
    by_id: dict[str, children.KeptChild] = {}
    for part in _parts(found.children):
        terms = [(SearchField.CHILD_ID, plain(who.child_id)) for who in part]
        sharing = await children.sharing_terms(transaction, ring, terms)
        opened = await children.opened(transaction, ring, list(sharing))
        by_id |= {plain(record.identity.child_id): record for record in opened.values()}
    return {who.child_id: by_id[plain(who.child_id)] for who in found.children if plain(who.child_id) in by_id}


def _same(before: store.Care, identity: Identity, who: ChildOfReturn) -> bool:
    """Whether the record says of the child's time in care what the files say."""
    files = store.Care(list(who.periods), list(who.statuses), list(who.stays))
    return time_in_care(before, identity).episodes == time_in_care(files, identity).episodes


def _identity(who: ChildOfReturn) -> Identity:
    home = who.periods[-1].homes[-1][1] if who.periods and who.periods[-1].homes else None
    return Identity(
        child_id=who.child_id,
        given_names="",
        family_name="",
        date_of_birth=who.date_of_birth,
        sex=who.sex,
        ethnicity=who.ethnicity,
        upn=who.upn,
        home_postcode=home,
        mother=who.mother,
        mother_child_date_of_birth=who.mother_child_date_of_birth,
        unaccompanied=who.unaccompanied,
        unaccompanied_until=who.unaccompanied_until,
        legal_status=who.statuses[-1].legal_status if who.statuses else None,
        category_of_need=who.periods[-1].category_of_need if who.periods else None,
    )


async def _keep(
    transaction: Transaction,
    ring: Keyring,
    taken: Sequence[tuple[UUID, ChildOfReturn]],
    reviewed: Mapping[UUID, Set[date]],
    noted: Noted,
) -> None:
    periods = [(ids.new_id(), child, period) for child, who in taken for period in who.periods]
    stays = [
        (
            ids.new_id(),
            child,
            stay,
            OutsidePlacement(stay.began_on, stay.place, stay.place_provider, stay.urn, stay.same_carer, stay.ended_on, stay.change_reason),
        )
        for child, who in taken
        for stay in who.stays
    ]
    await store.add_periods(transaction, periods, noted)
    await store.add_statuses(transaction, [(child, status) for child, who in taken for status in who.statuses], noted)
    await store.add_outside(transaction, [(id, child, placement) for id, child, _, placement in stays], noted)
    homes = {id: period.homes for id, _, period in periods if period.homes}
    places = {id: ((stay.began_on, stay.postcode),) for id, _, stay, _ in stays if stay.postcode}
    await postcodes.keep(transaction, ring, {**homes, **places})
    new_reviews = [(child, each) for child, who in taken for each in who.reviews if each.held_on not in reviewed.get(child, ())]
    await store.add_reviews(transaction, new_reviews, noted)
    outcomes = [(child, year, facts) for child, who in taken for year, facts in who.outcomes.items()]
    await store.keep_outcomes(transaction, outcomes, noted)


def _differs(who: ChildOfReturn, column: str, rule: str, message: str) -> BadRow:
    return replace(who.header, column=column, rule=rule, message=message)


def _refused(bad: Sequence[BadRow]) -> Exception:
    reasons = [
        Reason(f"{each.file}:{each.line}" + (f":{each.column}" if each.column else ""), each.rule, each.message)
        for each in bad[:MOST_NAMED]
    ]
    words = "" if len(bad) <= MOST_NAMED else f"{len(bad)} rows need mending; the first {MOST_NAMED} are listed under errors."
    return invalid(*reasons, detail=words or "Nothing was taken over: rows need mending; each is listed under errors.")
