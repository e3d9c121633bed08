"""What may stand in an offer's message: nothing about a person.

Free text is where identity leaks (domain §8), and matching knows no identity to scan for. So the rule is on the shape of the
words: no numbers, no addresses however they are written, and no capital letter inside a sentence but a few words that name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from matching.domain.faults import Fault
from shared.identifying_patterns import PatternKind, patterns_in

LONGEST = 280

NAMES_NOBODY = frozenset(
    {
        *("I", "I'm", "I'll", "I've", "Ofsted", "CAMHS", "SEND", "PEP", "EHCP", "IFA", "NHS", "GP"),
        *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        *("Christmas", "Easter", "Ramadan", "Eid", "Diwali", "English"),
    }
)
"""Words that keep their capital inside a sentence and tell of no person."""

_ADDRESSES = frozenset({PatternKind.EMAIL, PatternKind.ONLINE_NAME})
_SENTENCE = re.compile(r"[^.!?\n]+")
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|mx|dr|named|called)\b", re.IGNORECASE)


def faults_in_message(message: str | None) -> tuple[Fault, ...]:
    """Every reason why the message may identify somebody; empty when it may be sent as it stands."""
    return tuple(_in_message(message)) if message else ()


def _in_message(message: str) -> Iterable[Fault]:
    if len(message) > LONGEST:
        yield Fault("message", "short_message", f"Keep the message to {LONGEST} characters.")
    yield from faults_in_words("message", message)


def faults_in_words(field: str, words: str) -> tuple[Fault, ...]:
    """Every reason why words of any length have not the shape that names nobody."""
    return tuple(Fault(field, rule, what_to_do) for rule, what_to_do in _found(words))


def _found(message: str) -> Iterable[tuple[str, str]]:
    forms = {pattern.kind for pattern in patterns_in(message)}
    if any(sign.isdigit() for sign in message) or forms - _ADDRESSES:
        yield "no_numbers", "Leave out numbers: no ages, dates, telephone numbers, postcodes or house numbers."
    if "@" in message or "www." in message.lower() or "://" in message or forms & _ADDRESSES:
        yield "no_addresses", "Leave out e-mail and web addresses."
    inside = {word for sentence in _SENTENCE.findall(message) for word in _WORD.findall(sentence)[1:] if word[0].isupper()}
    if inside - NAMES_NOBODY or _TITLE.search(message) or not message.isascii():
        yield "no_names", "Leave out names of people, schools, streets and towns: write no capital letter inside a sentence."
