"""Publishing vacancies: one at a time, or up to a thousand in one upload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from providers.actions.written import Expected, Written, reasons
from providers.domain.household import shared_facts
from providers.domain.park import Park
from providers.domain.vacancy import CloseReason, Outcome, Plan, VacancyStatus, Wanted, plans
from providers.store import holds, households, lots, parked, vacancies
from shared import clock, ids, outbox
from shared.contracts.providers import LimitExemption, VacancyChanged, VacancyClosed, VacancyFacts, VacancyOpened
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one vacancy that was sent: the vacancy as it stands, or every reason why it was refused."""

    outcome: Outcome
    vacancy: vacancies.RecordedVacancy | None
    refused_for: tuple[Reason, ...] = ()


async def publish(transaction: Transaction, wanted: Wanted, expected: Expected) -> Written[vacancies.RecordedVacancy]:
    """Publish a vacancy under the provider's own reference, change it, or reopen it; refused with every reason at once."""
    await households.lock_records(transaction)
    standing = await vacancies.find(transaction, wanted.reference)
    expected(standing.version if standing else 0)
    [done] = await _publish(transaction, [wanted])
    if done.vacancy is None:
        raise invalid(*done.refused_for)
    return Written(done.vacancy, done.vacancy.version, created=standing is None)


async def publish_many(transaction: Transaction, wanted: Sequence[Wanted]) -> Sequence[Done]:
    """Publish many vacancies, each judged for itself: the good ones are done, the others refused with every reason.

    A handful of statements whatever the number of rows, and all in one transaction.
    """
    await households.lock_records(transaction)
    return await _publish(transaction, wanted)


async def _publish(transaction: Transaction, wanted: Sequence[Wanted]) -> Sequence[Done]:
    own = await households.by_reference(transaction, {each.household for each in wanted})
    known_lots = await lots.known(transaction, {lot for each in wanted for lot in each.lots})
    homes = [each.id for each in own.values()]
    # Locked before holds are counted: a bed taken in between would otherwise be promised again.
    standing = await vacancies.standing(transaction, {each.reference for each in wanted}, homes)
    in_use = await households.beds_in_use(transaction, homes)
    planned = plans(
        wanted,
        households={reference: households.beds_of(each, in_use) for reference, each in own.items()},
        standing={reference: each.as_published for reference, each in standing.items()},
        lots=known_lots,
    )
    now = clock.now()
    parks = await parked.running(transaction, homes, clock.today())
    done = [_do(transaction, plan, own, standing, parks, now) for plan in planned]
    changed = [each.vacancy for each in done if each.vacancy and each.outcome in (Outcome.OPENED, Outcome.CHANGED)]
    await vacancies.save(transaction, changed)
    return done


def _do(
    transaction: Transaction,
    plan: Plan,
    own: Mapping[str, households.RecordedHousehold],
    standing: Mapping[str, vacancies.RecordedVacancy],
    parks: Mapping[UUID, Park],
    now: datetime,
) -> Done:
    wanted = plan.wanted
    before = standing.get(wanted.reference)
    if plan.outcome is Outcome.REFUSED:
        return Done(Outcome.REFUSED, None, reasons(plan.faults))
    if plan.outcome is Outcome.UNCHANGED:
        return Done(Outcome.UNCHANGED, before)
    household = own[wanted.household]
    vacancy = vacancies.RecordedVacancy(
        id=before.id if before else ids.new_id(),
        provider=str(transaction.organisation),
        reference=wanted.reference,
        household=household.id,
        household_reference=wanted.household,
        lots=wanted.lots,
        asked_beds=wanted.free_beds,
        free_beds=wanted.free_beds,
        available_from=wanted.available_from,
        status=VacancyStatus.OPEN,
        close_reason=None,
        facts=shared_facts(household.household, parks.get(household.id)),
        opened_at=before.opened_at if before and plan.outcome is Outcome.CHANGED else now,
        changed_at=now,
        version=before.version + 1 if before else 1,
    )
    if plan.outcome is Outcome.OPENED:
        outbox.record(transaction, VacancyOpened(facts=facts_of(vacancy)), subject=str(vacancy.id), version=vacancy.version, council=None)
    else:
        tell_changed(transaction, vacancy)
    return Done(plan.outcome, vacancy)


def facts_of(vacancy: vacancies.RecordedVacancy) -> VacancyFacts:
    """What goes on the bus about a vacancy: what every provider of the lot may see, and the district for an address."""
    facts = vacancy.facts
    return VacancyFacts(
        vacancy=vacancy.id,
        household=vacancy.household,
        provider=vacancy.provider,
        lots=vacancy.lots,
        district=facts.district,
        free_beds=vacancy.free_beds,
        # To the other services a parked home is one that is free later: from the day its park ends, by itself.
        available_from=max(vacancy.available_from, facts.parked_until or vacancy.available_from),
        from_age=facts.from_age,
        to_age=facts.to_age,
        sexes=facts.sexes,
        kinds=facts.kinds,
        siblings_welcome=facts.siblings_welcome,
        skills=facts.skills,
        risks_to_child=facts.risks_to_child,
        risks_to_others=facts.risks_to_others,
        languages=facts.languages,
        religions=facts.religions,
        children_at_home=facts.children_at_home,
        approved_places=facts.approved_places,
        fostered_children=facts.fostered_children,
        fostered_are_siblings=facts.fostered_are_siblings,
        lives_in=facts.lives_in,
        exemptions=tuple(
            LimitExemption(children=x.children, named=x.named, council=x.council, starts_on=x.starts_on, ends_on=x.ends_on)
            for x in facts.exemptions
        ),
        prefers_from_age=facts.prefers_from_age,
        prefers_to_age=facts.prefers_to_age,
        prefers_sexes=facts.prefers_sexes,
    )


def tell_changed(transaction: Transaction, vacancy: vacancies.RecordedVacancy) -> None:
    """Say that a vacancy now reads otherwise."""
    outbox.record(transaction, VacancyChanged(facts=facts_of(vacancy)), subject=str(vacancy.id), version=vacancy.version, council=None)


async def close(transaction: Transaction, reference: str, reason: CloseReason, expected: Expected) -> vacancies.RecordedVacancy:
    """Take one of the asking provider's vacancies off the list, with the reason; beds held or filled stay so."""
    await households.lock_records(transaction)
    vacancy = (await vacancies.standing(transaction, {reference}, ())).get(reference)
    if vacancy is None:
        raise not_found("vacancy of yours")
    expected(vacancy.version)
    if vacancy.status is VacancyStatus.CLOSED:
        message = "This vacancy is closed already."
        raise conflict(message, Reason("status", "already_closed", message))
    closed = replace(
        vacancy,
        status=VacancyStatus.CLOSED,
        close_reason=reason,
        free_beds=0,
        changed_at=clock.now(),
        version=vacancy.version + 1,
    )
    await vacancies.save(transaction, [closed])
    event = VacancyClosed(vacancy=closed.id, provider=closed.provider, reason=reason)
    outbox.record(transaction, event, subject=str(closed.id), version=closed.version, council=None)
    return closed


async def found(transaction: Transaction, reference: str) -> tuple[vacancies.RecordedVacancy, Sequence[holds.Hold]]:
    """One of the asking provider's vacancies with the holds on it."""
    vacancy = await vacancies.find(transaction, reference)
    if vacancy is None:
        raise not_found("vacancy of yours")
    return vacancy, await holds.of_vacancy(transaction, vacancy.id)
