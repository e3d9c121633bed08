"""Schools and streets in a text: those held, in whole or in part, and whatever is written like the name of a street."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from rapidfuzz.distance import OSA

from referrals.domain.findings.finding import Finding, Kind, Sureness, Why
from referrals.domain.findings.name_forms import given_names, listed_forms
from referrals.domain.findings.words import Word, ordinary_words, word_list, words_of

_OF_ANY_SCHOOL = word_list("of_any_school")
_SAINT = frozenset({"st", "saint", "sts"})

_TEXT = resources.files("referrals.domain.findings").joinpath("streets.csv").read_text(encoding="utf-8")
_STREETS = {row["street"]: row["written"].split() for row in csv.DictReader(_TEXT.splitlines())}
_STREET_WORD = {short: whole for whole, shorts in _STREETS.items() for short in (whole, *shorts)} | {"st": "street"}
_ALWAYS_A_STREET = frozenset({"road", "street", "lane", "avenue", "crescent", "terrace", "close", "mews"})
_SAYS_NOTHING = word_list("before_a_street")
_NO_STREET = word_list("no_street")
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_LEAST_TELLING = 5
_LONGEST_GAP = 2
_TWO, _LEAST_INITIALS, _LEAST_BESIDE = 2, 3, 4
_SMALL = frozenset({"of", "and", "the", "s"})
_SAYS_SCHOOL = frozenset(
    {"school", "college", "academy", "primary", "infant", "infants", "junior", "juniors", "nursery", "high", "grammar"}
)
_ABBREVIATIONS, _NAMES_ONLY = word_list("abbreviations"), word_list("names_only")
_ONE_SLIP_FROM, _TWO_SLIPS_FROM, _MOST_SLIPS = 6, 10, 2


def _alike(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > _MOST_SLIPS:
        return False
    if one == other or one.removesuffix("s") == other.removesuffix("s"):
        return True
    most = _MOST_SLIPS if len(other) >= _TWO_SLIPS_FROM else 1 if len(other) >= _ONE_SLIP_FROM else 0
    return bool(most) and OSA.distance(one, other, score_cutoff=most) <= most


def _telling(words: Sequence[Word]) -> bool:
    return any(word.capital or word.key not in ordinary_words() for word in words)


@dataclass(frozen=True)
class _Held:
    words: tuple[str, ...]
    street: str | None = None
    initials: frozenset[str] = frozenset()

    @property
    def joined(self) -> str:
        return "".join(self.words)


class Places:
    """The schools and addresses to look for, made ready once for all texts of a referral."""

    def __init__(self, schools: Iterable[str], addresses: Iterable[str]) -> None:
        self._schools = [held for school in schools if (held := _school(school)).words]
        self._addresses = [held for address in addresses for held in _address(address)]

    def in_words(self, words: Sequence[Word]) -> Iterator[Finding]:
        """Every school and street in a text; where both could be meant, both."""
        for held in self._schools:
            yield from _schools_in(words, held)
        for held in self._addresses:
            yield from _addresses_in(words, held)
        yield from _streets_in(words)


def _school(name: str) -> _Held:
    keys = [word.key for word in words_of(name)]
    return _Held(tuple(key for key in keys if key not in _OF_ANY_SCHOOL and key not in _SAINT), initials=_initials_of(keys))


def _initials_of(keys: Sequence[str]) -> frozenset[str]:
    """``QMC`` and ``SJCHS``: of all its words, and without the small ones; of two letters only where they are all it has."""
    whole = "".join(key[0] for key in keys)
    short = "".join(key[0] for key in keys if key not in _SMALL)
    return frozenset(each for each in (whole, short) if len(each) >= _LEAST_INITIALS and each not in _ABBREVIATIONS)


def _windows(words: Sequence[Word], sizes: Iterable[int]) -> Iterator[tuple[int, int, str]]:
    """Every run of so many words that stand together: where it begins and ends, and the words written as one."""
    apart = [len(word.gap) > _LONGEST_GAP or "\n" in word.gap for word in words]
    for size in sizes:
        for start in range(len(words) - size + 1):
            if not any(apart[start + 1 : start + size]):
                yield start, start + size, "".join([word.key for word in words[start : start + size]])


def _schools_in(words: Sequence[Word], school: _Held) -> Iterator[Finding]:
    count = len(school.words)
    for place, word in enumerate(words):
        if word.all_capitals and word.key in school.initials:
            yield Finding(word.start, word.end, Kind.SCHOOL, Why.INITIALS_OF_THE_SCHOOL, Sureness.LIKELY)
        elif _is_part(words, place, school):
            yield _school_at(words, place, place + 1, Why.PART_OF_THE_SCHOOL, Sureness.LIKELY)
    for start, end, joined in _windows(words, {max(1, count - 1), count, count + 1}):
        some = words[start:end]
        if not _alike(joined, school.joined):
            if 1 < len(some) < count and joined in school.joined and all(word.capital for word in some):
                yield _school_at(words, start, end, Why.PART_OF_THE_SCHOOL, Sureness.LIKELY)
            continue
        saint = start > 0 and words[start - 1].key in _SAINT
        named_so = saint or (end < len(words) and words[end].key in _OF_ANY_SCHOOL - {"of", "and", "the", "first", "s"})
        if count == 1 and not named_so and (not some[0].capital or joined in ordinary_words() or joined in given_names()):
            continue
        if _telling(some):
            yield _school_at(words, start, end, Why.SCHOOL_HELD, Sureness.CERTAIN)
    if count > 1 and len(school.words[0]) >= _LEAST_TELLING and school.words[0] not in ordinary_words():
        for place, word in enumerate(words):
            if word.capital and _alike(word.key, school.words[0]):
                yield _school_at(words, place, place + 1, Why.PART_OF_THE_SCHOOL, Sureness.POSSIBLE)


def _is_part(words: Sequence[Word], place: int, school: _Held) -> bool:
    """One word of a school's name written as a school is: ``Kings College``, ``St Bart's``, ``Barts school``; or the family name of a
    person it is called after, as ``Madejski``."""
    word = words[place]
    if not word.capital or not school.words:
        return False
    key = word.key.removesuffix("s")
    after_saint = place > 0 and words[place - 1].key in _SAINT
    before_school = place + 1 < len(words) and words[place + 1].gap == " " and words[place + 1].key in _SAYS_SCHOOL
    if after_saint or before_school:
        if any(_alike(word.key, each) for each in school.words if len(each) >= _LEAST_BESIDE):
            return True
        first = school.words[0].removesuffix("s")
        least = _TWO if after_saint else _LEAST_BESIDE - 1
        return len(key) >= _TWO and (key in listed_forms(first) or (len(key) >= least and first.startswith(key)))
    person = len(school.words) == _TWO and school.words[0] in given_names() | _NAMES_ONLY
    return person and len(school.words[1]) >= _LEAST_TELLING and word.key not in ordinary_words() and _alike(word.key, school.words[1])


def _school_at(words: Sequence[Word], start: int, end: int, why: Why, sureness: Sureness) -> Finding:
    while start > 0 and words[start - 1].key in _SAINT:
        start -= 1
    while end < len(words) and words[end].key in _OF_ANY_SCHOOL and len(words[end].gap) <= 2 and words[end].gap != ". ":
        end += 1
    while words[end - 1].key in ("of", "and", "the", "first"):
        end -= 1
    return Finding(words[start].start, words[end - 1].end, Kind.SCHOOL, why, sureness)


def _address(address: str) -> Iterator[_Held]:
    parts = [part for part in address.split(",") if part.strip()]
    for place, part in enumerate(parts):
        keys = [word.key for word in words_of(part)]
        while keys and (keys[0] in _SAYS_NOTHING or keys[0] == "the" or _NUMBER.fullmatch(keys[0])):
            keys = keys[1:]
        street = _STREET_WORD.get(keys[-1]) if keys else None
        if not keys or (street is None and place and place == len(parts) - 1):
            continue  # the last part is the town
        yield _Held(tuple(keys[:-1]), street) if street else _Held(tuple(keys))


def _addresses_in(words: Sequence[Word], held: _Held) -> Iterator[Finding]:
    count = len(held.words)
    if not held.words:
        yield from (_address_at(words, place, place + 1) for place, word in enumerate(words) if _only_a_street_word(words, place, held))
        return
    for start, end, joined in _windows(words, {max(1, count - 1), count, count + 1}):
        if not _alike(joined, held.joined) or not _telling(words[start:end]):
            continue
        if held.street is None:
            yield _address_at(words, start, end)
        elif end < len(words) and len(words[end].gap) <= _LONGEST_GAP and _STREET_WORD.get(words[end].key) == held.street:
            yield _address_at(words, start, end + 1)


def _only_a_street_word(words: Sequence[Word], place: int, held: _Held) -> bool:
    """``the Green`` or ``9 The Green``: the word alone is a colour or a lawn."""
    word, before = words[place], words[place - 1].key if place else ""
    if _STREET_WORD.get(word.key) != held.street:
        return False
    if place > 1 and before == "the" and _NUMBER.fullmatch(words[place - 2].key):
        return True  # "5, the green" is nobody's lawn
    return word.capital and (before == "the" or bool(_NUMBER.fullmatch(before)))


def _address_at(words: Sequence[Word], start: int, end: int) -> Finding:
    while start and (words[start - 1].key == "the" or _NUMBER.fullmatch(words[start - 1].key) or words[start - 1].key in _SAYS_NOTHING):
        start -= 1
    return Finding(words[start].start, words[end - 1].end, Kind.STREET, Why.ADDRESS_HELD, Sureness.CERTAIN)


def _streets_in(words: Sequence[Word]) -> Iterator[Finding]:
    for place, word in enumerate(words[1:], start=1):
        street = _STREET_WORD.get(word.key)
        before = words[place - 1]
        if street is None or word.gap != " " or not before.capital or before.key in _NO_STREET or before.key.isdigit():
            continue
        first = place - 1
        while (
            first and words[first].gap == " " and words[first - 1].capital and words[first - 1].key not in _NO_STREET and first > place - 3
        ):
            first -= 1
        numbered = first > 0 and bool(_NUMBER.fullmatch(words[first - 1].key)) and words[first].gap in (" ", ", ")
        if not (numbered or word.capital or (street in _ALWAYS_A_STREET and not before.opens)):
            continue
        if before.opens and before.key in ordinary_words() and not (word.capital and street in _ALWAYS_A_STREET):
            continue
        start = words[first - 1].start if numbered else words[first].start
        yield Finding(start, word.end, Kind.STREET, Why.LOOKS_LIKE_A_STREET, Sureness.POSSIBLE)
