"""What identifies or finds a person by its form alone, whoever it is: a telephone number, a postcode, an e-mail address or other name
online, an NHS number, a unique pupil number (UPN), a full date.

For any free text that another organisation will read. Nothing is known here of any child: a name or a street is found only by whoever
holds them. Libraries: ``phonenumberslite`` (Google's libphonenumber) and ``python-stdnum``; neither decides alone, because a number with a
slip in it gives a person away as well as a right one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum.gb import nhs, upn

from shared.folding import Folded, folded
from shared.postcodes import postcode
from shared.written_dates import dates_in


class PatternKind(StrEnum):
    """What sort of thing was found."""

    POSTCODE = "postcode"
    TELEPHONE = "telephone"
    EMAIL = "email"
    ONLINE_NAME = "online_name"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    DATE = "date"


WORDS = {
    PatternKind.POSTCODE: "A full postcode: it finds a home or a school. Its first half is enough.",
    PatternKind.TELEPHONE: "A telephone number.",
    PatternKind.EMAIL: "An e-mail address.",
    PatternKind.ONLINE_NAME: "A web address or a name used online.",
    PatternKind.NHS_NUMBER: "An NHS number.",
    PatternKind.UPN: "A unique pupil number (UPN).",
    PatternKind.DATE: "A full date, which may be somebody's birth date. Write the month and year, or an age.",
}
"""For the person who wrote the text: what it is and, where that helps, what to write instead."""


@dataclass(frozen=True)
class Pattern:
    """One finding: ``text[start:end]`` of the text as it was given, counted in characters."""

    kind: PatternKind
    start: int
    end: int


def patterns_in(text: str, *, today: date | None = None) -> tuple[Pattern, ...]:
    """Everything in ``text`` that has such a form, in the order it stands; where two overlap, the longer one.

    With ``today``, full dates after it are let pass: nobody was born on them. Dates without day or year are always let pass here.
    """
    plain = folded(text)
    found = sorted(_all(plain, today), key=lambda each: (each.start - each.end, each.start))
    kept: list[Pattern] = []
    for each in found:
        if not any(each.start < other.end and other.start < each.end for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda each: each.start))


def _all(plain: Folded, today: date | None) -> Iterator[Pattern]:
    for kind, finder in _FINDERS:
        for start, end in finder(plain.text):
            yield Pattern(kind, *plain.span(start, end))
    for written in dates_in(plain):
        days = [day for reading in written.readings if (day := reading.on())]
        if days and (today is None or min(days) <= today):
            yield Pattern(PatternKind.DATE, written.start, written.end)


Spans = Iterator[tuple[int, int]]

# A zero typed for the letter O of the area, and one or two signs between the halves, are still that postcode to whoever reads it.
_POSTCODE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0]?[0-9][A-Za-z0-9]?)([ .-]{0,3})([0-9][A-Za-z]{2})(?![A-Za-z0-9])")
_ORDINAL = re.compile(r"1st|2nd|3rd|\dth")


def _postcodes(text: str) -> Spans:
    for match in _POSTCODE.finditer(text):
        first, gap, second = match.groups()
        if gap and _ORDINAL.fullmatch(second):  # "M1 2nd" is a class and a place in it; upper case it would be a postcode
            continue
        if postcode.parse(f"{first[0]}{first[1].replace('0', 'O')}{first[2:]} {second}") or postcode.parse(f"{first} {second}"):
            yield match.span()


_RING = re.compile(
    r"(?i)\b(?:tel(?:ephone)?|phone|mob(?:ile)?|call|ring|text|whats ?app|number|ext(?:ension)?)\b[^\d\n+]{0,25}(\d[\d .()-]{4,14}\d)"
)
_DIGITS = re.compile(r"(?<![\w/.,-])(?:\(?\+\d{1,3}\)?[ .()/-]*|\(?0)(?:[ .()/-]{0,2}\d){8,12}(?![\w/]|[.,-]\d)")
_LEAST_RUNG = 6
_SPOKEN = r"(?:(?:(?:double|treble|triple) )?(?:oh?|zero|nought|one|two|three|four|five|six|seven|eight|nine|hundred|\d+)s?)"
_SAID = re.compile(
    rf"(?i)(?<!\w)(?:oh|o|zero|nought|plus four four)(?:[ ,-]{{1,2}}{_SPOKEN}){{5,}}(?!\w)"
    rf"|\b(?:ring|call|phone|text|tel|telephone|mobile|number)\b[^\w\n]{{0,3}}(?:is |on |at |are )?"
    rf"(?:{_SPOKEN}[ ,-]{{1,2}}){{5,}}{_SPOKEN}(?!\w)"
)
"""A number spelt out: one that begins as numbers here do, or that is called one."""


def _telephones(text: str) -> Spans:
    for number in PhoneNumberMatcher(text, "GB", leniency=Leniency.VALID):
        yield number.start, number.end
    yield from (match.span() for form in (_DIGITS, _SAID) for match in form.finditer(text))
    for match in _RING.finditer(text):
        if sum(character.isdigit() for character in match[1]) >= _LEAST_RUNG:
            yield match.span(1)


_EMAIL = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]*[\w]\s?@\s?\w[\w-]*(?:\s?\.\s?\w[\w-]*)+")
_EMAIL_SPELT = re.compile(
    r"(?i)\b[\w.+-]+ ?(?:\(at\)|\[at\]|\{at\}| at ) ?[\w-]+(?:(?: ?(?:\(dot\)|\[dot\]|\{dot\}) ?| dot |\.)[\w-]+)*"
    r"(?: ?(?:\(dot\)|\[dot\]|\{dot\}) ?| dot |\.)(?:com|net|org|uk|co|gov|sch|io|me|eu|ie|pl|ro)\b"
)
_HANDLE = re.compile(r"(?<![\w.@/])@[\w][\w.]{2,}")
_LINK = re.compile(r"(?i)\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|net|org|co\.uk|org\.uk|sch\.uk|gov\.uk|ac\.uk)(?:/\S*)?\b")
_ACCOUNT = re.compile(
    r"(?i)\b(?:insta(?:gram)?|snap(?:chat)?|tik ?tok|discord|roblox|xbox|psn|facebook|gamertag|username|user name|handle)"
    r"(?: (?:name|account|profile|user|tag|id|handle|is|as|called|under|on|of))*[ :=-]{1,3}(?P<name>[A-Za-z_.]*(?:\d|_)[\w.]*)"
)


def _emails(text: str) -> Spans:
    yield from (match.span() for form in (_EMAIL, _EMAIL_SPELT) for match in form.finditer(text))


def _online_names(text: str) -> Spans:
    yield from (match.span() for form in (_HANDLE, _LINK) for match in form.finditer(text))
    yield from (match.span("name") for match in _ACCOUNT.finditer(text))


_TEN_DIGITS = re.compile(r"(?<!\d)(?<!\d[ ./-])\d{3}[ .-]{0,2}\d{3}[ .-]{0,2}\d{4}(?![\d])(?![./-]\d)")
_CALLED_NHS = re.compile(r"(?i)\bNHS\b[^\d\n]{0,25}(\d(?:[ .-]{0,2}\d){7,11})(?!\d)")


def _nhs_numbers(text: str) -> Spans:
    yield from (match.span() for match in _TEN_DIGITS.finditer(text) if nhs.is_valid(match[0].replace(".", "")))
    yield from (match.span(1) for match in _CALLED_NHS.finditer(text))  # with a slip in it, it is not sound and names the child still


_UPN = re.compile(r"(?i)(?<![A-Z0-9])[A-Z](?:[ -]?\d){11}[ -]?[A-Z0-9](?![A-Z0-9])")
_CALLED_UPN = re.compile(
    r"(?i)\b(?:UPN|pupil n(?:umber|o))\b[^\w\n]{0,3}(?:is |was |number )?[^\w\n]{0,3}([A-Z]?(?:[ -]?\d){9,12}[A-Z]?)(?![A-Z0-9])"
)


def _upns(text: str) -> Spans:
    yield from (match.span() for match in _UPN.finditer(text) if upn.is_valid(match[0]))
    yield from (match.span(1) for match in _CALLED_UPN.finditer(text))


_FINDERS = (
    (PatternKind.POSTCODE, _postcodes),
    (PatternKind.EMAIL, _emails),
    (PatternKind.ONLINE_NAME, _online_names),
    (PatternKind.NHS_NUMBER, _nhs_numbers),
    (PatternKind.UPN, _upns),
    (PatternKind.TELEPHONE, _telephones),
)
