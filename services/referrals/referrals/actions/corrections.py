"""Corrections of a child's time in care, recorded wrongly: with a reason, what was said before kept, the return made of what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

from referrals.actions.care import EPISODES_SHOW, Known, known_of, no_such_postcode, normal_postcode, placement_reasons
from referrals.domain import corrections as rules
from referrals.domain.care import OutsidePlacement, Review
from referrals.domain.corrections import Correction, CorrectionReason, Recorded, RecordKind
from referrals.domain.disclosure import Right
from referrals.domain.episodes import CarePeriod, StatusFrom
from referrals.store import children, disclosures, postcodes
from referrals.store import corrections as store
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import clock, ids
from shared.cursors import Wanted
from shared.refusals import invalid, not_found
from shared.tenancy import Transaction

_NOT_KEPT = ("organisation", "child", "id")
"""Of a row, what a correction need not say: whose it is, it says itself."""


async def legal_status(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    day: date,
    changes: Mapping[str, Any] | None,
    reason: CorrectionReason,
    *,
    subject: str,
) -> None:
    """Correct the legal status recorded from a day; ``changes`` None: there never was such a change."""
    known, row = await _wrong(transaction, ring, RecordKind.LEGAL_STATUS, child, day)
    wrong = StatusFrom(row["from_on"], row["legal_status"])
    right = None if changes is None else replace(wrong, **changes)
    broken = rules.status_correction_broken_rules(known.care.periods, known.care.statuses, wrong, right, clock.today())
    if broken:
        raise invalid(*broken)
    await _correct(transaction, RecordKind.LEGAL_STATUS, child, row, asdict(right) if right else None, reason, subject)


async def review(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    day: date,
    changes: Mapping[str, Any] | None,
    reason: CorrectionReason,
    *,
    subject: str,
) -> None:
    """Correct the review recorded as held on a day; ``changes`` None: it was not held."""
    known, row = await _wrong(transaction, ring, RecordKind.REVIEW, child, day)
    wrong = Review(row["held_on"], row["participation"])
    right = None if changes is None else replace(wrong, **changes)
    broken = rules.review_correction_broken_rules(
        known.care.periods, known.care.reviews, wrong, right, known.identity.date_of_birth, clock.today()
    )
    if broken:
        raise invalid(*broken)
    await _correct(transaction, RecordKind.REVIEW, child, row, asdict(right) if right else None, reason, subject)


async def care_period(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    day: date,
    changes: Mapping[str, Any] | None,
    reason: CorrectionReason,
    *,
    subject: str,
) -> None:
    """Correct the time in care that began on a day; its first legal status and the home it came from move with its beginning.

    ``changes`` None takes it out together with its legal statuses: the child was not looked after then.
    """
    known, row = await _wrong(transaction, ring, RecordKind.CARE_PERIOD, child, day)
    wrong = next(period for period in known.care.periods if period.began_on == day)
    right = None if changes is None else replace(wrong, **changes)
    recorded = Recorded(known.identity.date_of_birth, known.care.periods, known.care.statuses, known.care.reviews, known.care.stays)
    if broken := rules.period_correction_broken_rules(recorded, wrong, right, clock.today()):
        raise invalid(*broken)
    mine = rules.statuses_in(wrong, known.care.statuses)
    if right is None:
        for status in mine:
            status_row = await store.found(transaction, RecordKind.LEGAL_STATUS, child, status.from_on)
            assert status_row is not None, "it was read under the hold of its child"
            await _correct(transaction, RecordKind.LEGAL_STATUS, child, status_row, None, reason, subject)
        await _correct(transaction, RecordKind.CARE_PERIOD, child, row, None, reason, subject)
        return
    if right.began_on != wrong.began_on:
        await _move_the_beginning(transaction, ring, child, row["id"], wrong, right, mine, reason, subject)
    said = {name: getattr(right, name) for name in ("began_on", "category_of_need", "ended_on", "ending_reason")}
    await _correct(transaction, RecordKind.CARE_PERIOD, child, row, said, reason, subject)


async def _move_the_beginning(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    period: UUID,
    wrong: CarePeriod,
    right: CarePeriod,
    mine: Sequence[StatusFrom],
    reason: CorrectionReason,
    subject: str,
) -> None:
    if mine and mine[0].from_on == wrong.began_on:
        row = await store.found(transaction, RecordKind.LEGAL_STATUS, child, wrong.began_on)
        assert row is not None, "it was read under the hold of its child"
        said = {"from_on": right.began_on, "legal_status": mine[0].legal_status}
        await _correct(transaction, RecordKind.LEGAL_STATUS, child, row, said, reason, subject)
    homes = (await postcodes.of(transaction, ring, [period])).get(period, ())
    if homes:
        await postcodes.keep(transaction, ring, {period: rules.moved_homes(homes, wrong.began_on, right.began_on)})


async def outside_placement(
    transaction: Transaction,
    ring: Keyring,
    child: UUID,
    day: date,
    changes: Mapping[str, Any] | None,
    postcode: str | None,
    reason: CorrectionReason,
    *,
    subject: str,
) -> None:
    """Correct a placement made elsewhere that began on a day; ``changes`` None: the child did not live there."""
    known, row = await _wrong(transaction, ring, RecordKind.OUTSIDE_PLACEMENT, child, day)
    columns = ("began_on", "place", "place_provider", "urn", "same_carer", "ended_on", "ending_reason")
    wrong = OutsidePlacement(**{name: row[name] for name in columns})
    right = None if changes is None else replace(wrong, **changes)
    normal = normal_postcode(postcode) if postcode else None
    if right is not None:
        others = [stay for stay in known.care.stays if stay.carer is not None or stay.began_on != day]
        broken = placement_reasons(known.care.periods, others, right, clock.today())
        broken += [no_such_postcode()] if postcode and normal is None else []
        broken += [rules.UNCHANGED] if right == wrong and not postcode else []
        if broken:
            raise invalid(*broken)
    said = None if right is None else {name: getattr(right, name) for name in columns}
    await _correct(transaction, RecordKind.OUTSIDE_PLACEMENT, child, row, said, reason, subject)
    kept = (await postcodes.of(transaction, ring, [row["id"]])).get(row["id"], ())
    if right is not None and (normal or kept):
        await postcodes.keep(transaction, ring, {row["id"]: ((right.began_on, normal or kept[-1][1]),)})


async def _wrong(transaction: Transaction, ring: Keyring, record: RecordKind, child: UUID, day: date) -> tuple[Known, dict[str, Any]]:
    """The child held for a change, and the record that is wrong."""
    known = await known_of(transaction, ring, child)
    row = await store.found(transaction, record, child, day)
    if row is None:
        raise not_found(f"{record.replace('_', ' ')} of this day")
    return known, row


async def _correct(
    transaction: Transaction,
    record: RecordKind,
    child: UUID,
    row: Mapping[str, Any],
    right: Mapping[str, Any] | None,
    reason: CorrectionReason,
    subject: str,
) -> None:
    now = clock.now()
    day = next(row[name] for name in ("from_on", "held_on", "began_on") if name in row)
    before = {name: value for name, value in row.items() if name not in _NOT_KEPT}
    await store.keep(transaction, Correction(ids.new_id(), child, record, reason, before, dict(right) if right else None, subject, now))
    if right is None:
        await store.take_out(transaction, record, child, [day])
    else:
        await store.put_right(transaction, record, child, day, {**right, "recorded_by": subject, "recorded_at": now})


async def corrections(transaction: Transaction, ring: Keyring, child: UUID, wanted: Wanted, *, subject: str) -> list[Correction]:
    """What was corrected of a child's time in care, oldest first; the reading is written down in the same transaction."""
    await children.one(transaction, ring, child)
    found = await store.of_child(transaction, child, wanted)
    await disclosures.record(
        transaction,
        [child],
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.OWN_RECORD,
        fields=[name for name in EPISODES_SHOW if name not in ("child_id", "home_postcode")],
        at=clock.now(),
    )
    return found


def page_key(correction: Correction) -> tuple[str, str]:
    """Where a page continues."""
    return correction.at.isoformat(), str(correction.id)
