"""Under which other forms a name goes: short and pet forms, the same name in another language, spelt by ear, or misspelt.

Two lists: ``nicknames`` (English given names, well kept, some 1,100) and ``short_names.csv`` beside this file (names of children in English
care today that the first does not know). Then rules: Grace, Gracie; Oluwaseun, Seun.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources

from nicknames import NickNamer
from rapidfuzz.distance import OSA

from referrals.domain.findings.words import ordinary_words
from referrals.domain.search_terms import sound


@cache
def _own_list() -> Mapping[str, frozenset[str]]:
    text = resources.files("referrals.domain.findings").joinpath("short_names.csv").read_text(encoding="utf-8")
    forms: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        for form in row["forms"].split():
            forms.setdefault(row["name"], set()).add(form)
            forms.setdefault(form, set()).add(row["name"])
    return {name: frozenset(others) for name, others in forms.items()}


@cache
def _library() -> NickNamer:
    return NickNamer()


@cache
def listed_forms(name: str) -> frozenset[str]:
    """The forms a given name is known under: its short forms, and the full names it may be short for with theirs in our own list."""
    library, own = _library(), _own_list()
    full = library.canonicals_of(name) | own.get(name, frozenset())
    near = {form for other in own.get(name, frozenset()) for form in own.get(other, frozenset())}
    return frozenset((library.nicknames_of(name) | full | near) - {name})


@cache
def short_forms(name: str) -> frozenset[str]:
    """Of those the ones in our own list: pet names are made of them in their turn, as Gosienka is of Gosia.

    The list holds Irish family names in English too.
    """
    return _own_list().get(name, frozenset())


@cache
def given_names() -> frozenset[str]:
    """Every name in either list."""
    return frozenset(_own_list()) | frozenset(name for name in ordinary_words() if _library().canonicals_of(name))


_PET_ENDINGS = (
    "kins",
    "usia",
    "usha",
    "enka",
    "inka",
    "sie",
    "ita",
    "ers",
    "ini",
    "ie",
    "ey",
    "ee",
    "ek",
    "ka",
    "sy",
    "us",
    "y",
    "i",
    "o",
    "a",
    "s",
    "z",
)
_LEAST_STEM = 3
_LONGEST_ENDING = 3
_LEAST_SUFFIX, _LEAST_BEFORE = 4, 3


def by_rule(word: str, name: str) -> bool:
    """Whether ``word`` is made from ``name`` as pet names are: its beginning, with or without an ending; it and an ending; its end."""
    if len(word) < _LEAST_STEM or len(name) < _LEAST_STEM or word == name:
        return False
    if word.startswith(name):
        return len(word) - len(name) <= _LONGEST_ENDING
    if name.startswith(word):
        return True
    for ending in _PET_ENDINGS:
        stem = word.removesuffix(ending)
        if stem == word or len(stem) < _LEAST_STEM:
            continue
        single = stem[:-1] if stem[-1] == stem[-2] else stem
        if name.startswith(stem) or (len(single) >= _LEAST_STEM and name.startswith(single)):
            return True
    return len(word) >= _LEAST_SUFFIX and len(name) - len(word) >= _LEAST_BEFORE and name.endswith(word)


_NEVER_LIKE = 4
_ONE_SLIP, _TWO_SLIPS_BY_EAR, _TWO_SLIPS, _THREE_SLIPS_BY_EAR = 5, 5, 8, 8


def slips(word: str, name: str) -> int | None:
    """How many letters lie between a word and the name it may be a misspelling of; None when too many for the name's length.

    One letter changed, left out, put in or exchanged with its neighbour is a slip. Four letters: one slip that leaves the sound; five and
    more: one; two if it still sounds alike, or from eight letters on; three from eight letters on if it still sounds alike.
    """
    if len(name) < _NEVER_LIKE or abs(len(word) - len(name)) > _LONGEST_ENDING:
        return None
    distance = OSA.distance(word, name, score_cutoff=_LONGEST_ENDING)
    if distance == 0 or distance > _LONGEST_ENDING:
        return None
    alike = sound(word) == sound(name)
    swapped = distance == 1 and sorted(word) == sorted(name)
    least = {
        1: _NEVER_LIKE if alike or swapped else _ONE_SLIP,
        2: _TWO_SLIPS_BY_EAR if alike else _TWO_SLIPS,
        3: _THREE_SLIPS_BY_EAR if alike else None,
    }[distance]
    return distance if least is not None and len(name) >= least else None
