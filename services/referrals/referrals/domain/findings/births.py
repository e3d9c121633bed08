"""Birth dates in a text: written whole in any common form, in part, or as a day that has a name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from referrals.domain.findings.finding import Finding, Kind, Sureness, Why
from shared.folding import Folded
from shared.written_dates import Reading, dates_in

_NAMED_DAYS = {
    r"christmas day": (12, 25), r"christmas eve": (12, 24), r"boxing day": (12, 26), r"new year'?s'? day": (1, 1),
    r"new year'?s'? eve": (12, 31), r"hallow ?e'?en": (10, 31), r"(?:st\.? )?valentine'?s(?: day)?": (2, 14),
    r"(?:st\.? patrick|(?:st\.? )?pad[dt]y)'?s day": (3, 17), r"st\.? david'?s day": (3, 1),
    r"st\.? george'?s day": (4, 23), r"st\.? andrew'?s day": (11, 30), r"bonfire night|guy fawkes(?: night)?": (11, 5),
    r"leap day": (2, 29), r"april fool'?s'?(?: day)?": (4, 1), r"may day": (5, 1), r"armistice day": (11, 11), r"twelfth night": (1, 5),
    r"(?:the )?last day (?:of|in) february": (2, 28),
}  # fmt: skip
_DAYS = tuple((re.compile(rf"(?i)(?<!\w)(?:{words})(?: (?:19|20)\d\d)?(?!\w)"), day) for words, day in _NAMED_DAYS.items())
_SIX_FIGURES = re.compile(r"(?<!\d)\d{6}(?!\d)")


def births_in(plain: Folded, births: frozenset[date]) -> Iterator[Finding]:
    """Each place where one of these birth dates is written, whole or in part."""
    for written in dates_in(plain):
        why = None
        for reading in written.readings:
            for born in births:
                if written.whole and reading.on() == born:
                    why = Why.BIRTH_DATE_HELD
                elif _part_of(reading, born):
                    why = why or Why.PART_OF_A_BIRTH_DATE
        if why:
            sureness = Sureness.CERTAIN if why is Why.BIRTH_DATE_HELD else Sureness.LIKELY
            yield Finding(written.start, written.end, Kind.BIRTH_DATE, why, sureness)
    for form, (month, day) in _DAYS:
        if any((born.month, born.day) == (month, day) for born in births):
            for match in form.finditer(plain.text):
                yield Finding(*plain.span(*match.span()), Kind.BIRTH_DATE, Why.PART_OF_A_BIRTH_DATE, Sureness.LIKELY)
    for match in _SIX_FIGURES.finditer(plain.text):
        if any(match[0] in (born.strftime("%d%m%y"), born.strftime("%y%m%d"), born.strftime("%m%d%y")) for born in births):
            yield Finding(*plain.span(*match.span()), Kind.BIRTH_DATE, Why.BIRTH_DATE_HELD, Sureness.LIKELY)


def _part_of(reading: Reading, born: date) -> bool:
    """Day and month, or month and year, without the third."""
    if reading.day is None:
        return (reading.year, reading.month) == (born.year, born.month)
    return reading.year is None and (reading.month, reading.day) == (born.month, born.day)
