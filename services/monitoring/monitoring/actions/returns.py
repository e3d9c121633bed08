"""What an agency does with its return: reads it, saves what it typed, sends it in, corrects what was accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from monitoring.actions import return_questions as questions
from monitoring.domain.forms.catalogue import form_of
from monitoring.domain.forms.form import Form
from monitoring.domain.period import Period
from monitoring.domain.returns.differences import Difference, differences
from monitoring.domain.returns.lines import Cell, Line, written
from monitoring.domain.returns.parts import copies
from monitoring.domain.returns.periods import period_before
from monitoring.domain.returns.prefill import Held, Stay, filled_in
from monitoring.domain.returns.rules import Finding, Given, findings
from monitoring.domain.returns.states import CorrectionReason, Draft, Head, Kept, Key, Version, same_lines
from monitoring.store import due, reference, return_heads, return_held, return_versions
from shared import clock
from shared.organisation import CONSORTIUM, Kind
from shared.refusals import Reason, conflict, invalid, not_found
from shared.tenancy import Transaction

Expect = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Seen:
    """A return as one reader sees it: its form, where it stands, its lines, and what keeps it from being accepted."""

    form: Form
    period: Period
    head: Head
    lines: tuple[Kept | Line, ...]
    held: Mapping[Cell, Decimal]
    councils: Mapping[str, str]
    stays: tuple[Stay, ...] = ()
    """The agency's placements of the period, for a reader that fills in or compares."""
    findings: tuple[Finding, ...] = ()
    latest: Version | None = None
    draft: Draft | None = None
    today: date = date.min


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that is needed to judge an agency's return of one period."""

    form: Form
    period: Period
    key: Key
    held: Held
    filled: Mapping[Cell, Decimal]
    councils: Mapping[str, str]
    before: Version | None

    def given(self, lines: Sequence[Line]) -> Given:
        """The lines typed, over what Hearth fills in."""
        merged = {cell: Line(cell, written(figure)) for cell, figure in self.filled.items()} | {line.cell: line for line in lines}
        return Given(self.form, self.period, merged, self.filled, self.before.values() if self.before else None, self.councils)

    def kept(self, given: Given) -> tuple[Kept, ...]:
        """The lines as an accepted version keeps them; only where every value can be read."""
        found = []
        for cell, _, line in given.cells():
            value = given.value(cell)
            assert value is not None
            found.append(Kept(Line(cell, written(value), line.reason, line.words), value, self.filled.get(cell)))
        return tuple(found)


async def see(transaction: Transaction, form: str, begins: date, agency: str | None) -> Seen:
    """One return: an agency its own with what it drafted, the consortium what was accepted, a council its part of that.

    Refused: an unknown form, a day on which no period of it begins, a period that has not ended, another agency's return.
    """
    whose = questions.agency_asked_for(transaction.organisation, agency)
    found, period = questions.form_and_period(form, begins, today=clock.today())
    key = Key(form, begins, whose)
    if transaction.organisation.kind is Kind.AGENCY:
        return await _own(transaction, found, period, key)
    latest = await return_versions.latest(transaction, key)
    head = await return_heads.one(transaction, key)
    if latest is None and (transaction.organisation.kind is Kind.COUNCIL or not await reference.agency_known(transaction, whose)):
        raise not_found("return")
    standing = head or (_head_of(latest) if latest else await questions.fresh_head(transaction, found, period, key))
    filled = filled_in(found, await return_held.held(transaction, whose, period), period) if latest else {}
    councils = await reference.councils(transaction)
    return Seen(
        (form_of(form, latest.form_version) if latest else None) or found,
        period,
        standing,
        latest.lines if latest else (),
        filled,
        councils,
        latest=latest,
        today=clock.today(),
    )


async def save(transaction: Transaction, form: str, begins: date, lines: Sequence[Line], expect: Expect) -> Seen:
    """Keep what the agency typed as its draft, right or wrong, and say every rule it breaks; what was accepted stays as it is.

    ``expect`` refuses a stale version. Refused whole: a line the form does not have, one twice, words that look like a person's details.
    An accepted return takes no draft until a correction was begun; sent again as it was accepted, it is answered as it stands.
    """
    found, period, key = _asked(transaction, form, begins)
    now = clock.now()
    head = await return_heads.opened(transaction, await questions.fresh_head(transaction, found, period, key), now)
    desk = await _desk(transaction, head, period)
    questions.check_lines(desk.form, lines, councils=desk.councils, stays=desk.held.stays)
    given = desk.given(lines)
    if head.accepted and head.drafted_at is None:
        latest = await return_versions.latest(transaction, key)
        if latest and all(given.value(cell) is not None for cell in given.lines) and same_lines(desk.kept(given), latest.lines):
            return await _own(transaction, found, period, key)
        words = "This return was accepted. Begin a correction first, and say why; the accepted version stays readable."
        raise conflict(words, Reason("return", "correction_begun", words))
    expect(head.version)
    before = await return_versions.draft(transaction, key) or Draft(())
    typed = tuple(line for line in lines if not _as_held(line, given, desk.filled))
    await return_versions.put_draft(transaction, key, replace(before, lines=typed))
    await return_heads.put(transaction, replace(head, version=head.version + 1, drafted_at=now))
    return await _own(transaction, found, period, key)


async def submit(transaction: Transaction, form: str, begins: date, expect: Expect) -> Seen:
    """Accept the draft as the return's next version, or refuse it with every error and unconfirmed warning; the draft stays either way.

    Sent twice, the second is answered as the first. The version is written for the agency, the consortium and each council its part.
    """
    found, period, key = _asked(transaction, form, begins)
    now = clock.now()
    head = await return_heads.opened(transaction, await questions.fresh_head(transaction, found, period, key), now)
    if head.accepted and head.drafted_at is None:
        return await _own(transaction, found, period, key)
    expect(head.version)
    desk = await _desk(transaction, head, period)
    draft = await return_versions.draft(transaction, key) or Draft(())
    given = desk.given(draft.lines)
    if wrong := findings(given):
        raise invalid(*(Reason(f"lines.{each.cell.name}", each.rule, each.message) for each in wrong))
    earlier = await return_versions.latest(transaction, key)
    accepted = replace(
        head,
        version=head.version + 1,
        drafted_at=None,
        accepted=head.accepted + 1,
        received_on=head.received_on or clock.today(),
        accepted_at=now,
    )
    assert accepted.received_on is not None
    kept = desk.kept(given)
    made = Version(
        key, accepted.accepted, desk.form.version, period.last, head.due_on, accepted.received_on, now, kept, draft.reason, draft.words
    )
    of_placements = {str(stay.placement): stay.council for stay in desk.held.stays}
    await return_versions.add(transaction, {reader: [copy] for reader, copy in copies(made, desk.form, of_placements, earlier).items()})
    await return_versions.drop_draft(transaction, key)
    await return_heads.put(transaction, accepted)
    async with transaction.acting_as(CONSORTIUM):  # which months are counted again tells nothing of anybody
        await due.mark(transaction, period.last, head.due_on)
    return await _own(transaction, found, period, key)


async def correct(transaction: Transaction, form: str, begins: date, reason: CorrectionReason, words: str, expect: Expect) -> Seen:
    """Begin the correction of an accepted return: a draft of what was accepted, with the reason, which becomes the next version.

    Refused: a return that was never accepted. Asked for again while one is begun, the reason is replaced and the draft stays.
    """
    found, period, key = _asked(transaction, form, begins)
    questions.check_words(words, "words", needed=reason is CorrectionReason.OTHER)
    now = clock.now()
    head = await return_heads.opened(transaction, await questions.fresh_head(transaction, found, period, key), now)
    latest = await return_versions.latest(transaction, key)
    if latest is None:
        said = "This return was not accepted yet. Change the draft and send it in."
        raise conflict(said, Reason("return", "accepted_before", said))
    expect(head.version)
    draft = await return_versions.draft(transaction, key) or Draft(tuple(kept.line for kept in latest.lines))
    await return_versions.put_draft(transaction, key, replace(draft, reason=reason, words=words))
    await return_heads.put(transaction, replace(head, version=head.version + 1, drafted_at=now))
    return await _own(transaction, found, period, key)


async def versions(transaction: Transaction, form: str, begins: date, agency: str | None) -> tuple[Seen, list[Version]]:
    """Every accepted version of one return that the reader may see, the newest first."""
    seen = await see(transaction, form, begins, agency)
    return seen, await return_versions.versions(transaction, seen.head.key)


async def beside_records(transaction: Transaction, form: str, begins: date, agency: str | None) -> tuple[Seen, tuple[Difference, ...]]:
    """An accepted return beside the records that the reader may see, line by line: the agency's own, a council's, the consortium's.

    Refused: a return of which the reader has no accepted version.
    """
    seen = await see(transaction, form, begins, agency)
    if seen.latest is None:
        raise not_found("accepted return")
    asking = transaction.organisation
    council = asking.code if asking.kind is Kind.COUNCIL else None
    return seen, differences(seen.form, seen.latest.lines, seen.held, council=council)


def _asked(transaction: Transaction, form: str, begins: date) -> tuple[Form, Period, Key]:
    found, period = questions.form_and_period(form, begins, today=clock.today())
    return found, period, Key(form, begins, transaction.organisation.code)


async def _own(transaction: Transaction, form: Form, period: Period, key: Key) -> Seen:
    """An agency's own return: its draft, else what was accepted, else what Hearth fills in."""
    head = await return_heads.one(transaction, key) or await questions.fresh_head(transaction, form, period, key)
    desk = await _desk(transaction, head, period)
    latest = await return_versions.latest(transaction, key)
    draft = await return_versions.draft(transaction, key)
    if draft is None and latest is not None:
        return Seen(desk.form, period, head, latest.lines, desk.filled, desk.councils, desk.held.stays, latest=latest, today=clock.today())
    given = desk.given(draft.lines if draft else ())
    lines = tuple(line for _, _, line in given.cells())
    return Seen(desk.form, period, head, lines, desk.filled, desk.councils, desk.held.stays, findings(given), latest, draft, clock.today())


async def _desk(transaction: Transaction, head: Head, period: Period) -> _Desk:
    form = form_of(head.key.form, head.form_version)
    assert form is not None
    held = await return_held.held(transaction, head.key.agency, period)
    earlier = Key(head.key.form, period_before(form.every, period).first, head.key.agency)
    councils = await reference.councils(transaction)
    before = await return_versions.latest(transaction, earlier)
    return _Desk(form, period, head.key, held, filled_in(form, held, period), councils, before)


def _as_held(line: Line, given: Given, filled: Mapping[Cell, Decimal]) -> bool:
    """Whether a line only repeats what Hearth fills in; then it follows Hearth's figure until the return is accepted."""
    return line.reason is None and line.cell in filled and given.value(line.cell) == filled[line.cell]


def _head_of(version: Version) -> Head:
    """Where a council's part stands: it is accepted, or the council would not have it."""
    return Head(
        version.key,
        version.form_version,
        version.ends,
        version.due_on,
        version=version.version,
        accepted=version.version,
        received_on=version.received_on,
        accepted_at=version.accepted_at,
        brought_in=version.brought_in,
    )
