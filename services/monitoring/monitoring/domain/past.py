"""Facts from before Hearth: what an event that somebody brings in must keep to, beyond its contract.

The bus is trusted, because only services speak on it and each says what it has just made true. A past that a person brings in
has passed no service, so what a service would never say is looked for here: news from the future, another's news, codes that are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any

from monitoring.domain.lessons import Lesson
from monitoring.domain.period import EARLIEST, UK
from shared.contracts import Envelope, Event
from shared.contracts.providers import (
    AgencyRecorded,
    CouncilRecorded,
    LotRecorded,
    PricesAwarded,
    TiersPublished,
    VacancyChanged,
    VacancyOpened,
)
from shared.organisation import CONSORTIUM, Kind, Organisation

MOST_EVENTS = 5_000
"""In one request: about two seconds' work, so that nobody else waits long for the figures."""

LISTS = (CouncilRecorded, AgencyRecorded, LotRecorded, TiersPublished, PricesAwarded)
"""What the consortium alone says."""
HAPPENED = (
    "made_at", "declined_at", "confirmed_at", "agreed_at", "published_at", "awarded_at",
    "started_on", "ended_on", "notice_on", "month", "as_of",
)  # fmt: skip
"""Fields that tell when something was, beside the envelope's own time; what is still planned (``starts_on``) may lie ahead."""
CODES = ("reason", "in_house_reason", "side", "reasons")
"""Fields whose contract is text although only codes are ever said in them."""
MOST_VERSION = 2**31 - 1
"""Some subjects count their versions in seconds since 1970."""
MOST_NUMBER = 30_000
MOST_LETTERS = 200
DEAREST = Decimal("99999.99")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")


class PastRule(StrEnum):
    """What each line of a past must keep to."""

    ANY_EVENTS = "any_events"
    NOT_TOO_MANY = "not_too_many"
    JSON = "json"
    ENVELOPE = "envelope"
    KNOWN_TYPE = "known_type"
    CONTRACT = "contract"
    NOT_FROM_THE_FUTURE = "not_from_the_future"
    NOT_BEFORE_2000 = "not_before_2000"
    SAID_BY_A_PARTY = "said_by_a_party"
    COUNCIL_OF_THE_EVENT = "council_of_the_event"
    COUNCIL_KNOWN = "council_known"
    AGENCY_KNOWN = "agency_known"
    LOT_KNOWN = "lot_known"
    CODE_NOT_WORDS = "code_not_words"
    BELIEVABLE = "believable"


_MESSAGES = {
    PastRule.ANY_EVENTS: "There is no event here. Send one event a line, each as the bus carries it.",
    PastRule.NOT_TOO_MANY: f"There are more than {MOST_EVENTS} events here. Send them in parts: each part is taken whole or not at all.",
    PastRule.JSON: "this line is not one JSON object. Write each event on one line.",
    PastRule.ENVELOPE: "this is missing, or not as the envelope of an event has it. docs/past-facts.md shows one.",
    PastRule.KNOWN_TYPE: "no event of this type is listened to here. docs/asyncapi.json lists the types.",
    PastRule.CONTRACT: "this is missing, or not as the contract of this type has it. docs/asyncapi.json shows it.",
    PastRule.NOT_FROM_THE_FUTURE: "this says that something happened later than now. Only what has happened can be brought in.",
    PastRule.NOT_BEFORE_2000: "this lies before the year 2000, earlier than any figure can be asked for.",
    PastRule.SAID_BY_A_PARTY: "this event cannot be this organisation's to say: name the council or provider that it is about, or the "
    "consortium for its own lists.",
    PastRule.COUNCIL_OF_THE_EVENT: "the envelope's council is not the council that the event is about. Name the same in both.",
    PastRule.COUNCIL_KNOWN: "this council is not in the consortium as it is recorded here. Record it first (POST /councils of providers).",
    PastRule.AGENCY_KNOWN: "this agency is not recorded here. Record it first (POST /agencies of providers).",
    PastRule.LOT_KNOWN: "this lot is not one of the framework's. Use a lot's code as GET /lots gives it.",
    PastRule.CODE_NOT_WORDS: "this must be a code: letters, digits and underscores, at most 60, and never words about a child.",
    PastRule.BELIEVABLE: "this cannot be: numbers go from 0 to 30000, money to 99999.99, and names have at most 200 letters.",
}


@dataclass(frozen=True, slots=True)
class PastFault:
    """One rule that one line breaks, at one field of it. ``line`` is 0 for a rule about the whole."""

    line: int
    rule: PastRule
    field: str = ""

    @property
    def place(self) -> str:
        """The line and the field in it, as a refusal names them."""
        return ".".join(["lines", *([str(self.line)] if self.line else []), *([self.field] if self.field else [])])

    @property
    def message(self) -> str:
        """What is wrong and what to do, without a word of what was sent."""
        return f"Line {self.line}: {_MESSAGES[self.rule]}" if self.line else _MESSAGES[self.rule]


@dataclass(frozen=True, slots=True)
class PastEvent:
    """One line that is an event: its envelope, the contract inside, and what it teaches whom."""

    line: int
    envelope: Envelope
    event: Event
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded already of whom an event may be about: ONS codes, Ofsted numbers, codes of lots."""

    councils: frozenset[str]
    agencies: frozenset[str]
    lots: frozenset[str]

    def with_those_of(self, events: Sequence[PastEvent]) -> Known:
        """With what these events record themselves, in whatever order they stand."""
        said = [each.event for each in events]
        return Known(
            self.councils | {event.council for event in said if isinstance(event, CouncilRecorded)},
            self.agencies | {event.agency for event in said if isinstance(event, AgencyRecorded)},
            self.lots | {event.lot for event in said if isinstance(event, LotRecorded)},
        )


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """One past that was brought in: by whom, when, how many events were new, over which days, and of which bytes."""

    brought_in_by: str
    brought_in_at: datetime
    events: int
    sent: int
    first_on: date
    last_on: date
    sha256: str


def faults_of(past: PastEvent, known: Known, *, now: datetime) -> Iterator[PastFault]:
    """Every rule that one event breaks. ``now`` is the moment of asking: what happened later is refused."""
    envelope, event, line = past.envelope, past.event, past.line
    yield from _moments(past, now)
    council, provider = council_of(event), provider_of(event)
    parties = {str(CONSORTIUM)} if isinstance(event, LISTS) else {f"council:{council}", provider}
    if envelope.organisation not in parties:
        yield PastFault(line, PastRule.SAID_BY_A_PARTY, "organisation")
    if not isinstance(event, LISTS):
        whose = {council} if council else {None, provider.removeprefix("council:") if provider else None}
        if envelope.council not in whose:
            yield PastFault(line, PastRule.COUNCIL_OF_THE_EVENT, "council")
    for field, organisation in (("data.council", f"council:{council}" if council else None), ("data.provider", provider)):
        if organisation is not None:
            whom = Organisation.parse(organisation)
            if whom.kind is Kind.COUNCIL and whom.code not in known.councils:
                yield PastFault(line, PastRule.COUNCIL_KNOWN, field)
            if whom.kind is Kind.AGENCY and whom.code not in known.agencies:
                yield PastFault(line, PastRule.AGENCY_KNOWN, field)
    if not set(lots_of(event)) <= known.lots:
        yield PastFault(line, PastRule.LOT_KNOWN, "data.lot")
    for name in _named(type(event), CODES):
        said = getattr(event, name)
        if not all(_CODE.fullmatch(word) for word in ([said] if isinstance(said, str) else said or ())):
            yield PastFault(line, PastRule.CODE_NOT_WORDS, f"data.{name}")
    if not 1 <= envelope.version <= MOST_VERSION:
        yield PastFault(line, PastRule.BELIEVABLE, "version")
    facts = past.lessons[0].facts
    for name in facts:
        if name not in ("version", *CODES) and not _believable(facts[name]):
            yield PastFault(line, PastRule.BELIEVABLE, f"data.{name}")


def council_of(event: Event) -> str | None:
    """The council an event is about, if one; a council that is being recorded is no party to anything yet."""
    return _said(event, "council")


def provider_of(event: Event) -> str | None:
    """The provider an event is about, if one: ``agency:SC012345``, or a council's own fostering service."""
    return _said(event, "provider")


def lots_of(event: Event) -> tuple[str, ...]:
    """The lots an event names; of a vacancy those it is offered in."""
    if isinstance(event, LotRecorded):
        return ()
    if isinstance(event, VacancyOpened | VacancyChanged):
        return event.facts.lots
    one = _said(event, "lot")
    return (one,) if one else ()


def _said(event: Event, field: str) -> str | None:
    """What an event says under this name, itself or of the referral or vacancy it shows."""
    for inside in ("", *_named(type(event), ("view", "facts"))):
        value = getattr(event, inside) if inside else event
        if field in type(value).model_fields:
            found = getattr(value, field)
            return found if isinstance(found, str) else None
    return None


@cache
def _named(contract: type[Event], names: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these fields a contract has."""
    return tuple(name for name in names if name in contract.model_fields)


def _believable(value: Any) -> bool:
    """Whether a number or text of a contract, which has no bounds of its own, can be kept."""
    if isinstance(value, list):
        return len(value) <= MOST_NUMBER and all(_believable(each) for each in value)
    if isinstance(value, dict):
        return all(_believable(each) for each in value.values())
    if isinstance(value, str):
        return len(value) <= MOST_LETTERS and value.isprintable()
    if isinstance(value, Decimal):
        return 0 <= value <= DEAREST
    return not isinstance(value, int) or 0 <= value <= MOST_NUMBER


def _moments(past: PastEvent, now: datetime) -> Iterator[PastFault]:
    told: list[tuple[str, Any]] = [("time", past.envelope.time)]
    told += [(f"data.{name}", getattr(past.event, name)) for name in _named(type(past.event), HAPPENED)]
    for field, moment in told:
        if moment is None:
            continue
        day = moment.astimezone(UK).date() if isinstance(moment, datetime) else moment
        late = moment > now if isinstance(moment, datetime) and moment.tzinfo else day > now.astimezone(UK).date()
        if late:
            yield PastFault(past.line, PastRule.NOT_FROM_THE_FUTURE, field)
        elif day < EARLIEST:
            yield PastFault(past.line, PastRule.NOT_BEFORE_2000, field)
