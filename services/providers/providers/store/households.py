"""Carer households, each its own provider's alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from providers.domain.household import ApprovalTerms, Exemption, Home, Household, Preferences
from providers.domain.vacancy import Beds
from providers.tables import holds, households, offered_households, place_counts, vacancies
from shared.contracts.words import Need, PlacementKind, Religion, RiskToChild, RiskToOthers, Sex
from shared.one_of import one_of
from shared.tenancy import Transaction

_EXEMPTIONS: TypeAdapter[tuple[Exemption, ...]] = TypeAdapter(tuple[Exemption, ...])


@dataclass(frozen=True, slots=True)
class RecordedHousehold:
    """A household, its id, when it was first recorded, and the version of its record."""

    id: UUID
    household: Household
    recorded_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class BedsTaken:
    """A household's beds that are spoken for: held or filled, and free in open vacancies."""

    in_use: int
    on_offer: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A provider's households and approved places, and the version of that count."""

    households: int
    approved_places: int
    version: int


def _recorded(row: Row[tuple[object, ...]]) -> RecordedHousehold:
    household = Household(
        reference=row.reference,
        home=Home(row.postcode, row.district, row.easting, row.northing, row.lives_in),
        approval=ApprovalTerms(
            row.from_age,
            row.to_age,
            tuple(Sex(each) for each in row.sexes),
            row.places,
            tuple(PlacementKind(each) for each in row.kinds),
        ),
        approved_on=row.approved_on,
        skills=tuple(Need(each) for each in row.skills),
        risks_to_child=tuple(RiskToChild(each) for each in row.risks_to_child),
        risks_to_others=tuple(RiskToOthers(each) for each in row.risks_to_others),
        languages=tuple(row.languages),
        religions=tuple(Religion(each) for each in row.religions),
        siblings_welcome=row.siblings_welcome,
        children_at_home=row.children_at_home,
        fostered_children=row.fostered_children,
        fostered_are_siblings=row.fostered_are_siblings,
        exemptions=_EXEMPTIONS.validate_python(row.exemptions),
        preferences=Preferences(row.prefers_from_age, row.prefers_to_age, tuple(Sex(each) for each in row.prefers_sexes)),
    )
    return RecordedHousehold(row.id, household, row.recorded_at, row.version)


async def lock_records(transaction: Transaction) -> None:
    """Let one provider's changes to its households and vacancies take turns: each is judged by the beds of the others.

    Holds need not wait for it: they take a bed by a guarded update of the vacancy's row.
    """
    await transaction.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(transaction.organisation), 1))))


async def find(transaction: Transaction, reference: str) -> RecordedHousehold | None:
    """One of the asking provider's households by its reference, or None."""
    statement = select(households).where(households.c.organisation == str(transaction.organisation), households.c.reference == reference)
    row = (await transaction.execute(statement)).one_or_none()
    return _recorded(row) if row else None


async def by_reference(transaction: Transaction, references: Collection[str]) -> Mapping[str, RecordedHousehold]:
    """The asking provider's households among these references."""
    statement = select(households).where(
        households.c.organisation == str(transaction.organisation), one_of(households.c.reference, sorted(references))
    )
    return {row.reference: _recorded(row) for row in await transaction.execute(statement)}


async def listed(transaction: Transaction, *, after: tuple[datetime, UUID] | None, limit: int) -> list[RecordedHousehold]:
    """The asking provider's households, oldest record first, from after ``after``."""
    statement = select(households).where(households.c.organisation == str(transaction.organisation))
    statement = statement.order_by(households.c.recorded_at, households.c.id).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(households.c.recorded_at, households.c.id) > tuple_(*after))
    return [_recorded(row) for row in await transaction.execute(statement)]


async def save(transaction: Transaction, recorded: RecordedHousehold) -> None:
    """Write the record as it is, version and all."""
    household, home, approval = recorded.household, recorded.household.home, recorded.household.approval
    values = {
        "postcode": home.postcode,
        "district": home.district,
        "easting": home.easting,
        "northing": home.northing,
        "from_age": approval.from_age,
        "to_age": approval.to_age,
        "sexes": list(approval.sexes),
        "places": approval.places,
        "kinds": list(approval.kinds),
        "skills": list(household.skills),
        "risks_to_child": list(household.risks_to_child),
        "risks_to_others": list(household.risks_to_others),
        "languages": list(household.languages),
        "religions": list(household.religions),
        "siblings_welcome": household.siblings_welcome,
        "children_at_home": household.children_at_home,
        "approved_on": household.approved_on,
        "lives_in": home.lives_in,
        "fostered_children": household.fostered_children,
        "fostered_are_siblings": household.fostered_are_siblings,
        "exemptions": _EXEMPTIONS.dump_python(household.exemptions, mode="json"),
        "prefers_from_age": household.preferences.from_age,
        "prefers_to_age": household.preferences.to_age,
        "prefers_sexes": list(household.preferences.sexes),
        "version": recorded.version,
    }
    statement = insert(households).values(
        id=recorded.id,
        organisation=str(transaction.organisation),
        reference=household.reference,
        recorded_at=recorded.recorded_at,
        **values,
    )
    await transaction.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    # An offer may be on the table while the carers move house: its council must measure from where they live now.
    moved = offered_households.update().where(offered_households.c.household == recorded.id, offered_households.c.live)
    await transaction.execute(moved.values(easting=home.easting, northing=home.northing))


async def beds_taken(transaction: Transaction, household: UUID) -> BedsTaken:
    """What of a household's places is spoken for. Its vacancies' rows stay locked until the transaction ends, so that no
    hold changes the answer meanwhile."""
    open_ones = select(vacancies.c.free_beds).where(vacancies.c.household == household, vacancies.c.status == "open")
    rows = await transaction.execute(open_ones.order_by(vacancies.c.id).with_for_update(key_share=True))
    on_offer = sum(rows.scalars())
    in_use = await beds_in_use(transaction, (household,))
    return BedsTaken(in_use.get(household, 0), on_offer)


async def beds_in_use(transaction: Transaction, among: Collection[UUID]) -> Mapping[UUID, int]:
    """Beds held or filled of each household, by whichever of its vacancies, closed ones too."""
    statement = (
        select(holds.c.household, func.sum(holds.c.beds).label("beds"))
        .where(one_of(holds.c.household, sorted(among)), holds.c.state != "freed")
        .group_by(holds.c.household)
    )
    return {row.household: int(row.beds) for row in await transaction.execute(statement)}


def beds_of(recorded: RecordedHousehold, in_use: Mapping[UUID, int]) -> Beds:
    """A household's beds as the rules of vacancies ask for them."""
    household = recorded.household
    return Beds(recorded.id, household.approval.places, in_use.get(recorded.id, 0), household.fostered_at_least)


async def locked(transaction: Transaction, household: UUID) -> tuple[Household, int]:
    """One of the acting provider's households and its beds held or filled, both still true when the transaction ends.

    Two holds on two vacancies of one household take turns here. The look at the holds comes after the lock, in a statement of its
    own, so that it sees what the one before has taken.
    """
    row = (await transaction.execute(select(households).where(households.c.id == household).with_for_update(key_share=True))).one()
    in_use = await beds_in_use(transaction, (household,))
    return _recorded(row).household, in_use.get(household, 0)


async def count_places(transaction: Transaction) -> PlaceCount:
    """Count the asking provider's households and places anew, and keep the count under its next version."""
    # The filter beside row security lets the count use the provider's own index.
    counted = select(text(":provider"), func.count(), func.coalesce(func.sum(households.c.places), 0), text("1")).where(
        households.c.organisation == str(transaction.organisation)
    )
    statement = insert(place_counts).from_select(["organisation", "households", "approved_places", "version"], counted)
    statement = statement.on_conflict_do_update(
        index_elements=["organisation"],
        set_={
            "households": statement.excluded.households,
            "approved_places": statement.excluded.approved_places,
            "version": place_counts.c.version + 1,
        },
    )
    returned = statement.returning(place_counts.c.households, place_counts.c.approved_places, place_counts.c.version)
    row = (await transaction.execute(returned, {"provider": str(transaction.organisation)})).one()
    return PlaceCount(row.households, row.approved_places, row.version)
