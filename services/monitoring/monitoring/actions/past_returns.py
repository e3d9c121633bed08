"""Past returns are brought in: made elsewhere before Hearth, with the day they were received; by the project manager, marked as such."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from monitoring.actions.return_questions import due_settings, line_faults
from monitoring.domain.forms.catalogue import FORMS, in_force
from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.parts import copies
from monitoring.domain.returns.past import PastReturn, kept_lines
from monitoring.domain.returns.periods import due_on, period_beginning
from monitoring.domain.returns.rules import Finding
from monitoring.domain.returns.states import Head, Kept, Key, Version, same_lines
from monitoring.store import due, reference, return_heads, return_held, return_versions
from shared import clock
from shared.organisation import CONSORTIUM, Organisation
from shared.refusals import Reason, conflict, invalid
from shared.tenancy import Transaction

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Brought:
    """How many returns were new, and how many were there already and the same."""

    new: int
    known: int


async def bring_in(transaction: Transaction, returns: Sequence[PastReturn]) -> Brought:
    """Keep past returns as accepted versions with the day each was received; all of them or none, with every fault of each.

    For the consortium's own transaction. Refused besides what a form's rules refuse of a return alone: an agency nobody recorded, a period
    that has not ended, a day of receiving before the period's end or after today, one return twice, and a return that was accepted here
    already and says something else. Sent again, what is the same is left as it is.
    """
    today, now = clock.today(), clock.now()
    councils, agencies = await reference.councils(transaction), await reference.agencies(transaction)
    of_placements = await return_held.councils_of_placements(transaction, {each.key.agency for each in returns})
    known = {version.key: version for version in await _known(transaction, returns)}
    reasons, made, same = list[Reason](), dict[Key, tuple[Form, Version]](), 0
    for number, each in enumerate(returns):
        where = f"returns.{number}"
        found = _judged(each, where, today=today, agencies=agencies, councils=councils, placements=of_placements)
        if each.key in made:
            reasons.append(Reason(where, "once_each", "This return is there twice. Keep one of the two."))
        elif not isinstance(found, _Judged):
            reasons += found
        elif (there := known.get(each.key)) is not None:
            if same_lines(there.lines, found.lines) and there.received_on == each.received_on:
                same += 1
            else:
                reasons.append(Reason(where, "not_accepted_yet", "This return was accepted already and says something else. Leave it out."))
        else:
            form, period = found.form, found.period
            day = due_on(period, (await due_settings(transaction, form)).due_after_days)
            version = Version(each.key, 1, form.version, period.last, day, each.received_on, now, found.lines, brought_in=True)
            made[each.key] = (form, version)
    if reasons:
        raise invalid(*reasons)
    await _write(transaction, made, of_placements, now)
    return Brought(len(made), same)


@dataclass(frozen=True, slots=True)
class _Judged:
    form: Form
    period: Period
    lines: tuple[Kept, ...]


def _judged(
    each: PastReturn, where: str, *, today: date, agencies: Collection[str], councils: Mapping[str, str], placements: Mapping[str, str]
) -> _Judged | list[Reason]:
    known = [form for form in FORMS if form.code == each.key.form]
    form = in_force(each.key.form, each.key.begins)
    period = period_beginning(known[0].every, each.key.begins) if known else None
    if form is None or period is None:
        words = "No period of this form begins on that day. Name the form by its code and the period by its first day."
        return [Reason(f"{where}.begins", "first_day_of_a_period", words)]
    reasons = list(_about(each, where, period, today=today, agencies=agencies))
    reasons += line_faults(form, each.lines, councils=councils, placements=placements, at=f"{where}.lines")
    if reasons:
        return reasons
    lines, wrong = list[Kept](), list[Finding]()
    for one in kept_lines(form, period, each.lines, councils):
        if isinstance(one, Finding):
            wrong.append(one)
        else:
            lines.append(one)
    if wrong:
        return [Reason(f"{where}.lines.{finding.cell.name}", finding.rule, finding.message) for finding in wrong]
    return _Judged(form, period, tuple(lines))


def _about(each: PastReturn, where: str, period: Period, *, today: date, agencies: Collection[str]) -> Iterator[Reason]:
    if each.key.agency not in agencies:
        yield Reason(f"{where}.agency", "agency_known", "No agency with this Ofsted number is recorded.")
    if period.last >= today:
        yield Reason(f"{where}.begins", "period_has_ended", "This period has not ended; its return is made here by the agency.")
    elif not period.last < each.received_on <= today:
        words = "A return is received after its period has ended, and by today."
        yield Reason(f"{where}.received_on", "received_after_the_period", words)


async def _known(transaction: Transaction, returns: Sequence[PastReturn]) -> list[Version]:
    begins = [each.key.begins for each in returns]
    if not begins:
        return []
    wanted = {each.key for each in returns}
    return [version for version in await return_versions.beginning(transaction, min(begins), max(begins)) if version.key in wanted]


async def _write(
    transaction: Transaction, made: Mapping[Key, tuple[Form, Version]], of_placements: Mapping[str, str], now: datetime
) -> None:
    if not made:
        return
    written: dict[Organisation, list[Version]] = {}
    heads: dict[str, list[Head]] = {}
    for key, (form, version) in made.items():
        heads.setdefault(key.agency, []).append(_head(version))
        for reader, copy in copies(version, form, of_placements).items():
            written.setdefault(reader, []).append(copy)
    for agency, theirs in heads.items():
        # By right of the framework: the project manager received these returns, from the agency whose they are.
        async with transaction.acting_as(Organisation.agency(agency)):
            fresh = await return_heads.open_many(transaction, theirs, now)
            for head in theirs:
                if head.key not in fresh:  # opened here before, and not accepted
                    there = await return_heads.opened(transaction, head, now)
                    if there.accepted:  # sent in by the agency while this was looked through
                        words = "An agency has sent one of these returns in at this moment. Nothing was taken; send them again."
                        raise conflict(words, Reason("returns", "not_accepted_yet", words))
                    await return_heads.put(transaction, replace(head, version=there.version + 1, opened_at=there.opened_at))
                    await return_versions.drop_draft(transaction, head.key)
    async with transaction.acting_as(CONSORTIUM):
        await return_heads.open_many(transaction, [head for theirs in heads.values() for head in theirs], now)
    await return_versions.add(transaction, written)
    ends = [version.ends for _, version in made.values()]
    await due.mark(transaction, min(ends), max(version.due_on for _, version in made.values()))


def _head(version: Version) -> Head:
    return Head(
        version.key,
        version.form_version,
        version.ends,
        version.due_on,
        version=1,
        accepted=1,
        received_on=version.received_on,
        accepted_at=version.accepted_at,
        brought_in=True,
    )
