"""A child's time in care, recorded by its council as it happens: coming into care, legal statuses, reviews, placements made elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from referrals.domain import care as rules
from referrals.domain.care import OutsidePlacement, Review, holding
from referrals.domain.disclosure import Right
from referrals.domain.episodes import CarePeriod, StatusFrom, Stay, TimeInCare, derive
from referrals.domain.identity import Identity
from referrals.domain.ssda903 import TEMPORARY_PLACES
from referrals.domain.unaccompanied import as_asked
from referrals.store import care as store
from referrals.store import children, disclosures, postcodes, vault
from referrals.store import placements as placements_store
from referrals.store.care import Care, Noted
from referrals.store.disclosures import Act
from referrals.store.vault import Keyring
from shared import clock, ids
from shared import postcodes as geography
from shared.organisation import Organisation
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

EPISODES_SHOW = ("child_id", "home_postcode", "legal_status", "category_of_need", "time_in_care")
"""What a child's episodes show of it."""

_NOT_IN_CARE = "The record does not say that the child is looked after: record first that care began."


@dataclass(frozen=True, repr=False)
class Known:
    """A child held for a change to its time in care."""

    child: UUID
    identity: Identity
    care: Care


async def known_of(transaction: Transaction, ring: Keyring, child: UUID) -> Known:
    """The child with what is recorded, which nobody else changes until the transaction ends."""
    await store.hold(transaction, child)
    record = await children.one(transaction, ring, child)
    return Known(child, record.identity, (await store.care_of(transaction, ring, [child]))[child])


def _noted(subject: str) -> Noted:
    return Noted(subject, clock.now())


async def begin(transaction: Transaction, ring: Keyring, child: UUID, period: CarePeriod, legal_status: str, *, subject: str) -> UUID:
    """Record that a child began to be looked after, under which legal status and for which need; the home it came from is kept with it."""
    known = await known_of(transaction, ring, child)
    broken = rules.beginning_broken_rules(
        known.care.periods, period.began_on, legal_status, period.category_of_need, known.identity.date_of_birth, clock.today()
    )
    if broken:
        raise invalid(*broken)
    id = ids.new_id()
    await store.add_periods(transaction, [(id, child, period)], _noted(subject))
    await store.add_statuses(transaction, [(child, StatusFrom(period.began_on, legal_status))], _noted(subject))
    if known.identity.home_postcode:
        await postcodes.keep(transaction, ring, {id: ((period.began_on, known.identity.home_postcode),)})
    return id


async def leave(transaction: Transaction, ring: Keyring, child: UUID, ended_on: date, reason: str) -> None:
    """Record that a child ceased to be looked after, and why (REC)."""
    known = await known_of(transaction, ring, child)
    lasting = next((each for each in known.care.periods if each.ended_on is None), None)
    if lasting is None:
        raise conflict(_NOT_IN_CARE, Reason("child", "looked_after", _NOT_IN_CARE))
    if broken := rules.ending_broken_rules(lasting, known.care.statuses, ended_on, reason, clock.today()):
        raise invalid(*broken)
    await store.end_period(transaction, child, ended_on, reason)


async def leave_with_placement(transaction: Transaction, named: Sequence[UUID], ended_on: date, reason: str) -> None:
    """End the care of the children of a placement that ended because they left care; one whose care is not recorded here is passed over."""
    for child in named:
        await store.hold(transaction, child)
        lasting, statuses = await store.lasting(transaction, child)
        if lasting is None:
            continue
        if broken := rules.ending_broken_rules(lasting, statuses, ended_on, reason, clock.today()):
            raise invalid(*(replace(each, field="episode_ceased" if each.field == "reason" else each.field) for each in broken))
        await store.end_period(transaction, child, ended_on, reason)


async def change_status(transaction: Transaction, ring: Keyring, child: UUID, status: StatusFrom, *, subject: str) -> None:
    """Record the legal status a looked-after child has from a day on."""
    known = await known_of(transaction, ring, child)
    if broken := rules.status_broken_rules(known.care.periods, known.care.statuses, status, clock.today()):
        raise invalid(*broken)
    await store.add_statuses(transaction, [(child, status)], _noted(subject))


async def review(transaction: Transaction, ring: Keyring, child: UUID, held: Review, *, subject: str) -> None:
    """Record a statutory review and how the child took part."""
    known = await known_of(transaction, ring, child)
    broken = list(rules.review_broken_rules(known.care.periods, held, known.identity.date_of_birth, clock.today()))
    if any(each.held_on == held.held_on for each in known.care.reviews):
        broken.append(Reason("held_on", "one_a_day", "A review of this child on this day is recorded already."))
    if broken:
        raise invalid(*broken)
    await store.add_reviews(transaction, [(child, held)], _noted(subject))


async def place_elsewhere(
    transaction: Transaction, ring: Keyring, child: UUID, placement: OutsidePlacement, postcode: str | None, *, subject: str
) -> UUID:
    """Record a placement that did not come about through Hearth: with a relative, in a children's home, made before the council joined."""
    known = await known_of(transaction, ring, child)
    broken = placement_reasons(known.care.periods, known.care.stays, placement, clock.today())
    normal = normal_postcode(postcode) if postcode else None
    if postcode and normal is None:
        broken.append(no_such_postcode())
    if broken:
        raise invalid(*broken)
    id = ids.new_id()
    await store.add_outside(transaction, [(id, child, placement)], _noted(subject))
    if normal:
        await postcodes.keep(transaction, ring, {id: ((placement.began_on, normal),)})
    return id


def placement_reasons(periods: Sequence[CarePeriod], stays: Sequence[Stay], placement: OutsidePlacement, today: date) -> list[Reason]:
    """Why a child cannot have lived there then: the placement's own rules, another stay in those days, or not looked after."""
    broken = list(rules.placement_broken_rules(placement, today))
    away = placement.place in TEMPORARY_PLACES
    if not away and any(_overlaps(stay.began_on, stay.ended_on, placement) for stay in stays):
        words = "The child was in another placement then: record first when and why that one ended."
        broken.append(Reason("began_on", "one_placement_at_a_time", words))
    if holding(periods, placement.began_on) is None:
        broken.append(Reason("began_on", "looked_after", _NOT_IN_CARE))
    return broken


def _overlaps(began_on: date, ended_on: date | None, other: OutsidePlacement) -> bool:
    return (other.ended_on is None or began_on < other.ended_on) and (ended_on is None or other.began_on < ended_on)


async def end_elsewhere(transaction: Transaction, ring: Keyring, child: UUID, placement: UUID, ended_on: date, reason: str | None) -> None:
    """Record that a placement made elsewhere ended; ``reason`` (REASON_PLACE_CHANGE) when the child moved and did not leave care."""
    await known_of(transaction, ring, child)
    broken = []
    if ended_on > clock.today():
        broken.append(Reason("ended_on", "not_in_the_future", "Record the ending on the day the child leaves, not before."))
    if reason is not None:
        broken += rules.change_reason_broken_rules(reason, ended_on)
    if broken:
        raise invalid(*broken)
    if not await store.end_outside(transaction, child, placement, ended_on, reason):
        words = "There is no such placement of this child that lasts and began by that day."
        raise conflict(words, Reason("placement", "lasts", words))


async def record_outcomes(
    transaction: Transaction, ring: Keyring, child: UUID, year: int, facts: Mapping[str, int | str], *, subject: str
) -> None:
    """Record what the return asks once a year of a child looked after for all of it, in place of what was recorded for that year."""
    known = await known_of(transaction, ring, child)
    if broken := rules.outcomes_broken_rules(facts, year, known.identity.date_of_birth):
        raise invalid(*broken)
    await store.keep_outcomes(transaction, [(child, year, facts)], _noted(subject))


async def record_fostering_service(transaction: Transaction, urn: str, *, subject: str) -> None:
    """Record the Ofsted number of the council's own fostering service: the return asks it for children with the council's own carers."""
    await store.keep_fostering_service(transaction, urn, _noted(subject))


async def record_address(transaction: Transaction, ring: Keyring, placement: UUID, postcode: str) -> None:
    """Record where a placement is, by its council or its provider; kept sealed under the council's key, for the return alone."""
    found = await placements_store.one(transaction, placement)
    normal = normal_postcode(postcode)
    if normal is None:
        raise invalid(no_such_postcode())
    # The postcode is the council's own row. A provider has proven above, under its own row security, that the placement is with it; it may
    # say where its carers live, and cannot read back here what anybody said.
    async with transaction.acting_as(Organisation.parse(found.council)):
        named = await placements_store.children_of(transaction, placement)
        if set(named) == await children.erased(transaction, named):
            raise vault.destroyed("What identified this placement")
        await postcodes.keep(transaction, ring, {placement: ((found.started_on or found.starts_on, normal),)})


async def episodes(transaction: Transaction, ring: Keyring, child: UUID, *, subject: str) -> TimeInCare:
    """A child's episodes as the return will have them, and what is missing; the reading is written down in the same transaction."""
    record = await children.one(transaction, ring, child)
    recorded = (await store.care_of(transaction, ring, [child]))[child]
    await disclosures.record(
        transaction,
        [child],
        seen_by=transaction.organisation,
        subject=subject,
        act=Act.READ,
        right=Right.OWN_RECORD,
        fields=EPISODES_SHOW,
        at=clock.now(),
    )
    return as_asked(time_in_care(recorded, record.identity), record.identity, clock.today())


def time_in_care(recorded: Care, identity: Identity) -> TimeInCare:
    """The episodes of what is recorded. A period whose home was not known when it began is from the home the record now has."""
    home = identity.home_postcode
    periods = [replace(each, homes=((each.began_on, home),)) if home and not each.homes else each for each in recorded.periods]
    return derive(periods, recorded.statuses, recorded.stays)


def normal_postcode(text: str) -> str | None:
    """A postcode as we write it; None when no such postcode can be."""
    parsed = geography.parse(text)
    return parsed.text if parsed is not None and geography.district_exists(parsed.district) else None


def no_such_postcode() -> Reason:
    """What is said of a postcode that cannot be."""
    return Reason("postcode", "possible_postcode", "This postcode does not exist. Write it as on a letter: SO14 7LY.")


async def fostering_service(transaction: Transaction) -> str | None:
    """The Ofsted number of the council's own fostering service, if it was recorded."""
    return await store.fostering_service(transaction)
