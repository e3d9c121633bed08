"""Dates as people write them in English: in figures, with the month in words, with the day in words, with or without a year.

A closed list of forms, not a guess: general date finders take a lone number, "may" or "on fri" for dates (dateparser issue 582,
datefinder issues 56 and 99), and a checker that cries wolf is switched off. Day before month, as in the United Kingdom; figures that
could also be month first are given with both readings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from shared.folding import Folded


@dataclass(frozen=True)
class Reading:
    """One way to read a date: what is not written is None. At least two of the three are written."""

    year: int | None
    month: int
    day: int | None

    def on(self) -> date | None:
        """The day, where the date is whole and there is such a day."""
        if self.year is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


@dataclass(frozen=True)
class WrittenDate:
    """A date found in a text, with every way it can be read."""

    start: int
    end: int
    readings: tuple[Reading, ...]

    @property
    def whole(self) -> bool:
        """Whether day, month and year are all written."""
        return all(reading.on() is not None for reading in self.readings)


_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_SHORT = {"sept": 9, **{name[:3]: number for number, name in enumerate(_MONTHS, start=1)}}
_MONTH_NUMBERS = {**_SHORT, **{name: number for number, name in enumerate(_MONTHS, start=1)}}
# What is written instead by a slip of the finger, seen often enough to be worth a line.
_MONTH_NUMBERS |= {
    "janurary": 1, "januray": 1, "janaury": 1, "febuary": 2, "feburary": 2, "febrary": 2, "marhc": 3, "apirl": 4, "aprill": 4, "agust": 8,
    "augst": 8, "auguest": 8, "septmber": 9, "setember": 9, "septemeber": 9, "octber": 10, "ocotber": 10, "novemeber": 11, "novmber": 11,
    "decemeber": 12, "decmber": 12, "dicember": 12,
}  # fmt: skip

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
"""Months as much of Europe writes them by hand: 9.VII.2011."""

_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth")
_TEENS = ("fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth")
_DAY_NUMBERS = {name: number for number, name in enumerate((*_ONES, *_TEENS), start=1)}
_DAY_NUMBERS |= {f"twenty {name}": 20 + number for number, name in enumerate(_ONES[:9], start=1)}
_DAY_NUMBERS |= {"thirtieth": 30, "thirty first": 31}

_UNITS = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
    "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip


def _years_in_words() -> Iterator[tuple[str, int]]:
    tens = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}
    small = {n: _UNITS[n] if n < 20 else f"{tens[n // 10]} {_UNITS[n % 10]}".strip() for n in range(100)}
    for n in range(36):
        yield (f"two thousand and {small[n]}" if n else "two thousand"), 2000 + n
        if n:
            yield f"two thousand {small[n]}", 2000 + n
        if n >= 10:
            yield f"twenty {small[n]}", 2000 + n
    for n in range(40, 100):
        yield f"nineteen {small[n]}", 1900 + n


_YEAR_NUMBERS = dict(_years_in_words())


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in sorted(words, key=len, reverse=True))


_MONTH = rf"(?P<month>{_any_of(_MONTH_NUMBERS)})\b\.?"
_DAY = rf"(?:the )?(?P<day>\d{{1,2}})(?: ?(?:st|nd|rd|th))?|(?:the )?(?P<day_word>{_any_of(_DAY_NUMBERS)})"
_YEAR = rf"(?P<year>(?:19|20)\d\d)|'?(?P<short>\d\d)|(?P<year_word>{_any_of(_YEAR_NUMBERS)})"
_GAP = r"[ ,./-]{0,3}"
_SPACE = r"[ ,./'-]{1,3}"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<![\d/.-])(?P<year>(?:19|20)\d\d) ?(?P<gap>[-/.]) ?(?P<month_figure>\d{1,2}) ?(?P=gap) ?(?P<day>\d{1,2})(?![\d])",
        r"(?<!\d)(?<!\d[/.-])(?P<day>\d{1,2}) ?(?P<gap>[-/.\\ ]) ?(?P<month_figure>\d{1,2}) ?(?P=gap) ?'?"
        r"(?:(?P<year>(?:19|20)\d\d)|(?P<short>\d\d))(?!\d)(?![/-]\d)",
        r"(?<![\d:])(?P<day>\d{1,2}):(?P<month_figure>\d{1,2}):(?P<year>(?:19|20)\d\d)(?![\d:])",
        rf"(?<![\w/])(?P<day>\d{{1,2}})(?P<gap>[-/. ]{{1,2}})(?P<roman>{_any_of(_ROMAN)})(?P=gap)(?P<year>(?:19|20)\d\d)(?!\d)",
        r"(?<!\d)(?P<day>[0-3]\d)(?P<month_figure>[01]\d)(?P<year>(?:19|20)\d\d)(?!\d)",
        r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<month_figure>[01]\d)(?P<day>[0-3]\d)(?!\d)",
        rf"(?<![\w/])(?:{_DAY})(?: day)?(?:{_GAP}of)?(?: the month of)?{_GAP}{_MONTH}{_GAP}(?:in )?(?:{_YEAR})(?!\d)(?!\w)",
        rf"(?<!\w){_MONTH}{_GAP}(?:{_DAY})(?:{_SPACE}|[ ]in[ ])(?:{_YEAR})(?!\d)(?!\w)",
        rf"(?<!\w)(?P<year>(?:19|20)\d\d){_GAP}{_MONTH}{_GAP}(?:{_DAY})(?!\d)(?!\w)",
        rf"(?<![\w/])(?:{_DAY})(?: day)?(?:{_GAP}of)?{_GAP}{_MONTH}(?!\w)",
        rf"(?<!\w){_MONTH}{_GAP}(?:of )?(?:(?P<year>(?:19|20)\d\d)|'(?P<short>\d\d)|(?P<year_word>{_any_of(_YEAR_NUMBERS)}))(?!\w)",
        rf"(?<!\w){_MONTH}{_GAP}(?:{_DAY})(?!\w)",
        r"(?<![\d/.-])(?P<day>\d{1,2})[/.](?P<month_figure>\d{1,2})(?![\d]|[/.-]\d)",
        r"(?<![\d/.-])(?P<month_figure>\d{1,2})[/.-](?P<year>(?:19|20)\d\d)(?![\d]|[/.-]\d)",
        r"(?<![\d/.-])(?P<year>(?:19|20)\d\d)[/.-](?P<month_figure>\d{2})(?![\d]|[/.-]\d)",
    )
)
_EPOCH_OF_SHORT = 36
"""Two figures below this are of this century: 18 is 2018, 84 is 1984."""


def dates_in(text: Folded) -> tuple[WrittenDate, ...]:
    """Every date in the text in the order they stand; where two overlap, the more complete. Places are those of the text as written."""
    taken: list[tuple[int, int]] = []
    found: list[WrittenDate] = []
    for form in _FORMS:
        for match in form.finditer(text.text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            if readings := tuple(_readings(match.groupdict())):
                taken.append(match.span())
                found.append(WrittenDate(*text.span(*match.span()), readings))
    return tuple(sorted(found, key=lambda each: each.start))


def _readings(parts: dict[str, str | None]) -> Iterator[Reading]:
    year = _year(parts)
    day_word = re.sub(r"[ -]", " ", (parts.get("day_word") or "").lower())
    day = int(figures) if (figures := parts.get("day")) else _DAY_NUMBERS.get(day_word)
    if parts.get("roman"):
        yield from _possible(year, _ROMAN.index(str(parts["roman"]).lower()) + 1, day)
        return
    if parts.get("month"):
        yield from _possible(year, _MONTH_NUMBERS[str(parts["month"]).lower()], day)
        return
    month = int(parts["month_figure"] or 0)
    yield from _possible(year, month, day)
    if day is not None and day != month:
        yield from _possible(year, day, month)


def _year(parts: dict[str, str | None]) -> int | None:
    if parts.get("year"):
        return int(parts["year"] or 0)
    if parts.get("short"):
        short = int(parts["short"] or 0)
        return short + (2000 if short < _EPOCH_OF_SHORT else 1900)
    if parts.get("year_word"):
        return _YEAR_NUMBERS[re.sub(r"[ -]", " ", str(parts["year_word"]).lower())]
    return None


def _possible(year: int | None, month: int, day: int | None) -> Iterator[Reading]:
    try:
        date(year or 2000, month, day or 1)
    except ValueError:
        return
    yield Reading(year, month, day)
