"""Names of the children and their relatives in a text, in every form they are likely to be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from referrals.domain.findings.finding import Finding, Kind, Sureness, Why
from referrals.domain.findings.known import Person
from referrals.domain.findings.name_forms import by_rule, given_names, listed_forms, short_forms, slips
from referrals.domain.findings.words import Word, consonants, ordinary_words, word_list

_PARTICLES = word_list("particles")
_TITLES = word_list("titles")
_FOLLOWS_A_NAME = word_list("follows_a_name")
_NOUNS_IN_S = word_list("nouns_in_s")
_VERBS_TOO = frozenset({"visits", "plans"})
_CAPITAL_BUT_NO_NAME = word_list("capital_but_no_name")
_SHORT_GAP = re.compile(r"[\s.,'-]{0,3}")
_JOINED = re.compile(r"[\s'-]{0,3}")
_MOST_JOINED = 3
_LEAST_IN_LOWER_CASE = 5


@dataclass(frozen=True)
class _Hit:
    why: Why
    sureness: Sureness


class Names:
    """The names to look for, made ready once for all texts of a referral."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = tuple(people)
        single = {word for person in self._people for word in person.words if word not in _PARTICLES and len(word) > 1}
        joined = {joined for person in self._people for joined in (*_joined(person.words), "".join(person.family + person.given))}
        self._exact = frozenset(single | joined)
        self._may_be_misspelt = tuple(sorted(single | joined))
        self._given = tuple(sorted({word for person in self._people for word in person.given if word in single}))
        families = {word for person in self._people for word in person.family if word in single}
        self._forms = frozenset(form for name in self._given for form in listed_forms(name)) - self._exact
        self._forms |= frozenset(form for name in families for form in short_forms(name)) - self._exact
        self._longer_forms = tuple(sorted(form for name in self._given for form in short_forms(name) if len(form) >= _NEVER_BY_CHANCE))
        self._without_vowels = frozenset(left for name in self._exact if len(left := consonants(name)) >= _LEAST_CONSONANTS)
        self._family_letters = frozenset(name[0] for person in self._people for name in (person.family or person.words[-1:]))
        self._initials = frozenset(each for person in self._people if person.is_the_child for each in _initials(person))
        self._letters = frozenset(word[0] for person in self._people for word in person.words)
        self._kept: dict[tuple[str, bool, bool, bool], _Hit | None] = {}

    def in_words(self, words: Sequence[Word], text: str) -> tuple[Finding, ...]:
        """Every name in a text; names that stand side by side are one finding, with the initials beside them."""
        hits: dict[int, _Hit] = {}
        for place, word in enumerate(words):
            hit = self._hit(word, words[place - 1] if place else None, words[place + 1] if place + 1 < len(words) else None)
            if hit:
                hits[place] = hit
        self._written_apart(words, hits)
        self._beside_each_other(words, hits)
        self._single_letters(words, hits)
        return _side_by_side(words, hits, text)

    def _hit(self, word: Word, before: Word | None, after: Word | None) -> _Hit | None:
        found = self._by_itself(word)
        if found is None or found.why is not Why.NAME_THAT_IS_A_WORD:
            return found
        if not word.capital:
            return None
        if not word.opens or word.possessive or (before is not None and before.key in _TITLES):
            return found
        return replace(found, sureness=Sureness.POSSIBLE) if _reads_as_a_name(after) else None

    def _by_itself(self, word: Word) -> _Hit | None:
        asked = (word.key, word.capital, word.opens, word.without_vowels)
        if asked not in self._kept:
            self._kept[asked] = self._looked_for(word)
        return self._kept[asked]

    def _looked_for(self, word: Word) -> _Hit | None:
        for key in dict.fromkeys((word.key, word.key.removesuffix("s"), word.key.removesuffix("es"))):
            if key in self._exact:
                if key in ordinary_words() or word.key in ordinary_words():
                    return _Hit(Why.NAME_THAT_IS_A_WORD, Sureness.LIKELY)
                return _Hit(Why.NAME_HELD, Sureness.CERTAIN) if word.capital or len(key) >= _NEVER_BY_CHANCE else None
        if word.without_vowels and consonants(word.key) in self._without_vowels:
            return _Hit(Why.LIKE_A_NAME, Sureness.LIKELY)
        ordinary = word.key in ordinary_words()
        named_mid_sentence = word.capital and not word.opens and word.key not in _CAPITAL_BUT_NO_NAME
        unusual = not ordinary and not word.key.isdigit()
        for key in dict.fromkeys((word.key, word.key.removesuffix("s"))):
            if key in self._forms:
                if ordinary:
                    return _Hit(Why.NAME_THAT_IS_A_WORD, Sureness.LIKELY) if word.capital and word.key not in _CAPITAL_BUT_NO_NAME else None
                if word.capital or len(key) >= _NEVER_BY_CHANCE:
                    return _Hit(Why.SHORT_FORM, Sureness.LIKELY)
            if word.capital and unusual and any(by_rule(key, name) for name in (*self._given, *self._longer_forms)):
                return _Hit(Why.SHORT_FORM, Sureness.LIKELY)
        if not (unusual or named_mid_sentence):
            return None
        if word.opens and ordinary and word.key not in given_names():
            return None
        return self._misspelt(word)

    def _misspelt(self, word: Word) -> _Hit | None:
        least: int | None = None
        for name in self._may_be_misspelt:
            count = slips(word.key, name)
            if count is not None and (word.capital or (count == 1 and len(name) >= _LEAST_IN_LOWER_CASE)):
                least = count if least is None else min(least, count)
        if least is None and word.capital and any(slips(word.key, form) == 1 for form in self._longer_forms):
            return _Hit(Why.LIKE_A_NAME, Sureness.POSSIBLE)
        if least is None:
            return None
        return _Hit(Why.LIKE_A_NAME, Sureness.LIKELY if least == 1 else Sureness.POSSIBLE)

    def _long_and_misspelt(self, joined: str) -> bool:
        return any(len(name) >= _LONG and slips(joined, name) is not None for name in self._may_be_misspelt)

    def _written_apart(self, words: Sequence[Word], hits: dict[int, _Hit]) -> None:
        """``O Connor``, ``Abdul-Rahman``, ``Xiao\\nming``: words that are one name when read together."""
        for first in range(len(words)):
            joined = words[first].key
            for last in range(first + 1, min(first + _MOST_JOINED, len(words))):
                if not _JOINED.fullmatch(words[last].gap):
                    break
                joined += words[last].key
                if words[first].without_vowels and consonants(joined) in self._without_vowels:
                    for place in range(first, last + 1):
                        hits[place] = _Hit(Why.LIKE_A_NAME, Sureness.LIKELY)
                whole = joined if joined in self._exact else joined.removesuffix("s")
                together = words[first : last + 1]
                if whole not in self._exact:
                    if not any(word.key in ordinary_words() or len(word.key) == 1 for word in together) and self._long_and_misspelt(joined):
                        for place in range(first, last + 1):
                            hits.setdefault(place, _Hit(Why.LIKE_A_NAME, Sureness.LIKELY))
                    continue
                if not any(word.capital or word.key not in ordinary_words() for word in together):
                    continue
                for place in range(first, last + 1):
                    hits[place] = _Hit(Why.NAME_HELD, Sureness.CERTAIN)

    def _beside_each_other(self, words: Sequence[Word], hits: dict[int, _Hit]) -> None:
        """Two words of one person's name side by side are that name, whatever their case, unless both are ordinary and in small letters."""
        for place, (one, other) in enumerate(pairwise(words)):
            if not _JOINED.fullmatch(other.gap):
                continue
            pair = (one, other)
            keys = [word.key if word.key in self._exact else word.key.removesuffix("s") for word in pair]
            together = any(keys[0] != keys[1] and set(keys) <= set(person.words) for person in self._people)
            if together and any(word.capital or word.key not in ordinary_words() for word in pair):
                hits[place] = hits[place + 1] = _Hit(Why.NAME_HELD, Sureness.CERTAIN)

    def _single_letters(self, words: Sequence[Word], hits: dict[int, _Hit]) -> None:
        """An initial beside a name found is part of it; letters that are a child's initials are found by themselves."""
        for place, word in enumerate(words):
            if word.all_capitals and word.key in self._initials and word.key not in _ABBREVIATIONS and place not in hits:
                hits[place] = _Hit(Why.INITIALS_OF_THE_CHILD, Sureness.POSSIBLE)
        for start, end in _runs_of_letters(words):
            letters = "".join(word.key for word in words[start:end])
            if letters in self._initials and (end - start > _TWO or any("." in word.gap for word in words[start + 1 : end + 1])):
                for place in range(start, end):
                    hits.setdefault(place, _Hit(Why.INITIALS_OF_THE_CHILD, Sureness.POSSIBLE))
        for place, word in enumerate(words):
            if len(word.key) == 1 and word.capital and word.key in self._letters and place not in hits:
                after = place + 1 in hits and _SHORT_GAP.fullmatch(words[place + 1].gap)
                before = place - 1 in hits and word.gap == " " and word.key not in ("a", "i")
                if after or before:
                    hits[place] = hits[place + 1 if after else place - 1]
                elif (
                    place and word.key in self._family_letters and word.gap in (" ", ". ") and words[place - 1].key in _BEFORE_A_FAMILY_NAME
                ):
                    hits[place] = _Hit(Why.INITIAL_AFTER_A_TITLE, Sureness.POSSIBLE)


_NEVER_BY_CHANCE = 4
_LEAST_CONSONANTS, _LONG = 3, 8
_BEFORE_A_FAMILY_NAME = frozenset({"mr", "mrs", "miss", "ms", "mx", "dr"})
_TWO = 2
_ABBREVIATIONS = word_list("abbreviations")


def _joined(words: Sequence[str]) -> Iterator[str]:
    for size in range(2, _MOST_JOINED + 1):
        for start in range(len(words) - size + 1):
            yield "".join(words[start : start + size])


def _initials(person: Person) -> Iterator[str]:
    given, family = "".join(word[0] for word in person.given), "".join(word[0] for word in person.family)
    for some_given in {given[:size] for size in range(1, len(given) + 1)}:
        for some_family in {family, family[:1], family[-1:], ""}:
            if len(some_given + some_family) > 1:
                yield some_given + some_family
    if len(family) > 1:
        yield family


def _runs_of_letters(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    start = 0
    while start < len(words):
        end = start
        while (
            end < len(words) and len(words[end].key) == 1 and words[end].capital and (end == start or _SHORT_GAP.fullmatch(words[end].gap))
        ):
            end += 1
        if end - start > 1:
            yield start, end
        start = max(end, start + 1)


def _reads_as_a_name(after: Word | None) -> bool:
    """Whether what follows a word that opens a sentence shows that it is a name: a verb, another name, a sign, the end."""
    if after is None or after.gap != " ":
        return True
    key = after.key
    if key in _FOLLOWS_A_NAME or after.capital:
        return True
    return (key.endswith("s") and (key not in _NOUNS_IN_S or key in _VERBS_TOO)) or (
        key.endswith("ed") and key not in ("need", "bed", "red")
    )


def _side_by_side(words: Sequence[Word], hits: dict[int, _Hit], text: str) -> tuple[Finding, ...]:
    order = tuple(Sureness)
    found: list[Finding] = []
    last = -2
    for place in sorted(hits):
        hit, word = hits[place], words[place]
        kind = Kind.INITIALS if hit.why is Why.INITIALS_OF_THE_CHILD else Kind.NAME
        if (
            place == last + 1
            and _SHORT_GAP.fullmatch(word.gap)
            and "," not in word.gap
            and not ("." in word.gap and len(words[last].key) > 1)
        ):
            one = found[-1]
            surer = order.index(hit.sureness) < order.index(one.sureness)
            found[-1] = Finding(
                one.start,
                word.end,
                kind if surer else one.kind,
                hit.why if surer else one.why,
                hit.sureness if surer else one.sureness,
            )
        else:
            found.append(Finding(word.start, word.end, kind, hit.why, hit.sureness))
        last = place
    return tuple(found)
