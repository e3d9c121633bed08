"""A text as words to compare: without case, accents or script, each tied to its place; and which words are ordinary English."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from anyascii import anyascii

from shared.folding import folded, plain_character


@dataclass(frozen=True)
class Word:
    """One word: ``key`` in plain lower-case letters and figures, how it was capitalised, and what stands before it.

    ``opens`` says that it begins a sentence, where a capital letter says nothing; ``gap`` is what stands between the word before and it.
    ``without_vowels`` says that it is written in a script that leaves them out.
    """

    key: str
    start: int
    end: int
    capital: bool
    all_capitals: bool
    opens: bool
    gap: str
    possessive: bool = False
    without_vowels: bool = False


def latin(character: str) -> str:
    """One character in plain Latin letters: ``é`` is e, ``Ł`` is L, ``Ж`` is Zh; apostrophes and hyphens are made plain."""
    return anyascii(plain_character(character))


@cache
def word_list(name: str) -> frozenset[str]:
    """A closed list of words from ``word_lists.csv`` beside this file."""
    text = resources.files("referrals.domain.findings").joinpath("word_lists.csv").read_text(encoding="utf-8")
    return frozenset(word for row in csv.DictReader(text.splitlines()) if row["list"] == name for word in row["words"].split())


_LEAVE_OUT_VOWELS = ("ARABIC", "HEBREW")
_WORD = re.compile(r"[A-Za-z0-9]+(?:'[A-Za-z0-9]+)*'?")
_OPENS = re.compile(r"[.!?:;•\n][\s\"'()*•-]*$")
_POSSESSIVE = re.compile(r"(?<=[A-Za-z0-9])'(?:s|S)?$")


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text, in order."""
    plain = folded(text, latin)
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(plain.text):
        written = match[0]
        bare = _POSSESSIVE.sub("", written)
        start, end = plain.span(match.start(), match.start() + len(bare))
        # A letter that becomes two in Latin ("Ж": "Zh") is one capital letter.
        first = text[start]
        gap = plain.text[last : match.start()]
        opens = not found or bool(_OPENS.search(gap)) or "\n" in text[found[-1].end : start]
        letters = [character for character in text[start:end] if character.isalpha()]
        found.append(
            Word(
                key=bare.replace("'", "").lower(),
                start=start,
                end=end,
                capital=first.isupper() or not (first.islower() or first.isdigit()),
                all_capitals=len(letters) > 1 and all(character.isupper() for character in letters),
                opens=opens,
                gap=gap,
                possessive=bare != written,
                without_vowels=unicodedata.name(first, "").startswith(_LEAVE_OUT_VOWELS),
            )
        )
        last = match.end()
    return tuple(found)


def consonants(key: str) -> str:
    """What is left of a word without its vowels, each doubled letter once: Abdulrahman and what Arabic writes of it are alike."""
    return re.sub(r"(.)\1", r"\1", re.sub(r"[aeiouwy]", "", key))


def keys_of(name: str) -> tuple[str, ...]:
    """The words of a name as they are compared."""
    return tuple(word.key for word in words_of(name))


_ORDINARY_FROM = 1500
"""How often the dictionary's corpus holds a word before it counts as ordinary: about fourteen thousand words do."""

_NAMES_ONLY = word_list("names_only")
"""Names that the dictionary counts as words, because its corpus is of spoken English, and that are nothing else."""


@cache
def ordinary_words() -> frozenset[str]:
    """Common English words, from the frequency dictionary of ``pyspellchecker``. Names that are words as well (Grace, Will) are in it."""
    packed = resources.files("spellchecker").joinpath("resources/en.json.gz").read_bytes()
    # Read as text and not as JSON: the whole dictionary as Python objects takes 30 MB, these words take two.
    counted = re.finditer(rb'"([a-z]+)": ?(\d+)', gzip.decompress(packed))
    return frozenset(each[1].decode() for each in counted if int(each[2]) >= _ORDINARY_FROM) - _NAMES_ONLY
