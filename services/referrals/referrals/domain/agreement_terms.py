"""What an individual placement agreement says: dates, notice, documents, and the price line by line, each with its own dates."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from referrals.domain.placement import Placement
from shared.refusals import Reason


class Form(StrEnum):
    """How complete a version is. The emergency form lets a placement begin; the full agreement follows within the council's days."""

    EMERGENCY = "emergency"
    FULL = "full"


class Document(StrEnum):
    """What the council gives the carers with the agreement."""

    PLACEMENT_PLAN = "placement_plan"
    DELEGATED_AUTHORITY = "delegated_authority"
    MEDICAL_CONSENT = "medical_consent"
    CARE_PLAN = "care_plan"
    RISK_ASSESSMENT = "risk_assessment"
    CONTACT_ARRANGEMENTS = "contact_arrangements"


NEEDED = (Document.PLACEMENT_PLAN, Document.DELEGATED_AUTHORITY, Document.MEDICAL_CONSENT)
"""Without these an agreement is not a full one (common practice)."""


class LineKind(StrEnum):
    """What a line of the price is, in the order in which lines are counted."""

    BASE_FEE = "base_fee"
    ADDITION = "addition"
    ONE_OFF = "one_off"
    DISCOUNT = "discount"


class LineWhat(StrEnum):
    """What a line is for: codes, because words about a child would be about the child."""

    WEEKLY_FEE = "weekly_fee"
    ADDITIONAL_CARER_HOURS = "additional_carer_hours"
    SOLO_PLACEMENT = "solo_placement"
    WAKING_NIGHT = "waking_night"
    THERAPY = "therapy"
    EDUCATION_SUPPORT = "education_support"
    SCHOOL_TRANSPORT = "school_transport"
    CONTACT_TRAVEL = "contact_travel"
    RESPITE = "respite"
    RETAINER = "retainer"
    CLOTHING = "clothing"
    EQUIPMENT = "equipment"
    HOME_ADAPTATION = "home_adaptation"
    INTRODUCTIONS = "introductions"
    SIBLING = "sibling"
    LONG_TERM = "long_term"
    VOLUME = "volume"
    OTHER = "other"


_DISCOUNTS = {LineWhat.SIBLING, LineWhat.LONG_TERM, LineWhat.VOLUME, LineWhat.OTHER}


@dataclass(frozen=True)
class Line:
    """One line: charged for every night from that of ``from_on`` to the one before ``until`` (None: as long as its version runs).

    Base fee and addition in pounds a week; a discount in pounds a week or in per cent of the night's base fee; a one-off in pounds,
    charged with the night of ``from_on``. All amounts are more than nothing: a discount's is what it takes off.
    """

    kind: LineKind
    what: LineWhat
    from_on: date
    until: date | None = None
    pounds_per_week: Decimal | None = None
    per_cent: Decimal | None = None
    pounds: Decimal | None = None

    def runs(self, night: date) -> bool:
        """Whether it is charged for this night; a one-off only for its own."""
        if self.kind is LineKind.ONE_OFF:
            return night == self.from_on
        return self.from_on <= night and (self.until is None or night < self.until)


@dataclass(frozen=True)
class Terms:
    """What a version says. ``effective_from`` is the first night it holds for; ``documents`` those the carers were given."""

    form: Form
    effective_from: date
    expected_end_on: date | None
    notice_days: int
    lines: tuple[Line, ...]
    documents: tuple[Document, ...]


def first_day(placement: Placement) -> date:
    """The first day of the stay: that of moving in, before it the day agreed."""
    return placement.started_on or placement.starts_on


def drafted(placement: Placement, before: Terms | None, notice_days: int, effective_from: date | None) -> Terms:
    """What a proposal says where it says nothing: what was in force, from that day on; else the placement as it was offered."""
    if before is None:
        start = effective_from or first_day(placement)
        fee = Line(LineKind.BASE_FEE, LineWhat.WEEKLY_FEE, start, pounds_per_week=placement.pounds_per_week)
        return Terms(Form.FULL, start, None, notice_days, (fee,), ())
    start = effective_from or before.effective_from
    return replace(before, form=Form.FULL, effective_from=start, lines=_from(before.lines, start))


def _from(lines: Sequence[Line], start: date) -> tuple[Line, ...]:
    """The lines as far as they run from a day on; a one-off of before was charged then."""
    kept = []
    for line in lines:
        if line.kind is LineKind.ONE_OFF:
            kept += [line] if line.from_on >= start else []
        elif line.until is None or line.until > start:
            kept.append(replace(line, from_on=max(line.from_on, start)))
    return tuple(kept)


def terms_broken_rules(terms: Terms, placement: Placement) -> tuple[Reason, ...]:
    """Everything that keeps these terms from being an agreement: dates, each line's rules, the fee of every night, documents missing."""
    found = [*_dates(terms, placement), *(reason for place, line in enumerate(terms.lines) for reason in _line(terms, place, line))]
    if not found:  # nights can only be counted along dates that are in order
        found += _nights(terms)
    missing = [document for document in NEEDED if document not in terms.documents]
    if terms.form is Form.FULL and missing:
        words = f"A full agreement goes with {', '.join(missing)}. Name them when the carers have them, or propose the emergency form."
        found.append(Reason("documents", "given_with_the_agreement", words))
    return tuple(found)


def _dates(terms: Terms, placement: Placement) -> Iterator[Reason]:
    if terms.effective_from < min(placement.starts_on, first_day(placement)):
        yield Reason("effective_from", "not_before_the_placement", "An agreement cannot hold before the placement's first day.")
    if terms.expected_end_on is not None and terms.expected_end_on <= terms.effective_from:
        yield Reason("expected_end_on", "after_effective_from", "The expected end lies after the day from which this version holds.")


def _line(terms: Terms, place: int, line: Line) -> Iterator[Reason]:
    where = f"lines.{place}"
    given = {name for name in ("pounds_per_week", "per_cent", "pounds") if getattr(line, name) is not None}
    wanted: tuple[set[str], ...] = ({"pounds_per_week"},)
    words = "Give pounds_per_week for a base fee or an addition, and nothing else."
    if line.kind is LineKind.ONE_OFF:
        wanted, words = ({"pounds"},), "Give pounds for a one-off, and nothing else."
    elif line.kind is LineKind.DISCOUNT:
        wanted, words = ({"pounds_per_week"}, {"per_cent"}), "Give pounds_per_week or per_cent for a discount: one of the two."
    if given not in wanted:
        yield Reason(where, "amount_of_its_kind", words)
    if (line.what is LineWhat.WEEKLY_FEE) != (line.kind is LineKind.BASE_FEE) or (
        line.what is not LineWhat.OTHER and (line.what in _DISCOUNTS) != (line.kind is LineKind.DISCOUNT)
    ):
        yield Reason(f"{where}.what", "fits_kind", "The base fee is for weekly_fee; sibling, long_term and volume are discounts.")
    if line.from_on < terms.effective_from:
        words = "A line begins on or after the day from which this version holds; what was before stays as it was agreed."
        yield Reason(f"{where}.from_on", "within_the_version", words)
    if line.until is not None and (line.until <= line.from_on or line.kind is LineKind.ONE_OFF):
        words = "until is the first day no longer charged: after from_on. A one-off has its day in from_on, and no until."
        yield Reason(f"{where}.until", "after_from_on", words)


def _nights(terms: Terms) -> Iterator[Reason]:
    """The fee of each night between two days on which a line begins or ends; after the last such day nothing changes any more."""
    days = {terms.effective_from}
    for line in terms.lines:
        days |= {line.from_on} | ({line.until} if line.until else set())
    ordered = sorted(days)
    fees = [sum(line.kind is LineKind.BASE_FEE and line.runs(night) for line in terms.lines) for night in ordered]
    if 0 in fees:
        yield Reason(
            "lines", "fee_for_every_night", "Some nights have no base fee. Let the last one run without an end: notice ends an agreement."
        )
    if any(number > 1 for number in fees):
        yield Reason("lines", "one_base_fee_a_night", "Some nights have two base fees: end the first on the day the second begins.")
    if any(_below_nothing(terms.lines, night) for night in ordered):
        words = "On some nights the discounts take off more than fee and additions come to. Make them smaller."
        yield Reason("lines", "not_below_nothing", words)


def _below_nothing(lines: Sequence[Line], night: date) -> bool:
    running = [line for line in lines if line.runs(night)]
    nothing = Decimal(0)
    base = sum((line.pounds_per_week or nothing for line in running if line.kind is LineKind.BASE_FEE), nothing)
    more = sum((line.pounds_per_week or nothing for line in running if line.kind is LineKind.ADDITION), nothing)
    discounts = [line for line in running if line.kind is LineKind.DISCOUNT]
    off = sum(((line.pounds_per_week or nothing) + base * (line.per_cent or nothing) / 100 for line in discounts), nothing)
    return off > base + more


def content_of(placement: Placement, number: int, terms: Terms) -> dict[str, Any]:
    """All that a version says, parties included, as plain values: what a signature stands under."""
    return {
        "ages": list(placement.ages),
        "council": placement.council,
        "documents": sorted(terms.documents),
        "effective_from": terms.effective_from.isoformat(),
        "expected_end_on": terms.expected_end_on.isoformat() if terms.expected_end_on else None,
        "form": terms.form,
        "lines": [_plain(line) for line in terms.lines],
        "notice_days": terms.notice_days,
        "number": number,
        "placement": str(placement.id),
        "provider": placement.provider,
        "reference": placement.reference,
    }


def _plain(line: Line) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in sorted(vars(line).items())}


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of the content as JSON: keys in alphabetical order, no spaces, ASCII; in hexadecimal."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(b"hearth/1/agreement\0" + text.encode("ascii")).hexdigest()


def terms_of(content: dict[str, Any]) -> Terms:
    """The terms as kept in a content."""
    end = content["expected_end_on"]
    return Terms(
        Form(content["form"]),
        date.fromisoformat(content["effective_from"]),
        date.fromisoformat(end) if end else None,
        content["notice_days"],
        tuple(_line_of(line) for line in content["lines"]),
        tuple(Document(each) for each in content["documents"]),
    )


def _line_of(plain: dict[str, str | None]) -> Line:
    def amount(name: str) -> Decimal | None:
        text = plain[name]
        return None if text is None else Decimal(text)

    until = plain["until"]
    return Line(
        LineKind(str(plain["kind"])),
        LineWhat(str(plain["what"])),
        date.fromisoformat(str(plain["from_on"])),
        date.fromisoformat(until) if until else None,
        amount("pounds_per_week"),
        amount("per_cent"),
        amount("pounds"),
    )
