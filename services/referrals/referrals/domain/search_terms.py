"""By which words a child's record is found again: names however they are typed, birth date, numbers.

The words themselves are never stored: the store keeps a keyed hash of each (a blind index), so what is decided here is only which
words a record has and how alike two records must be to be one child.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Set
from datetime import date
from enum import StrEnum

from referrals.domain.identity import Identity, real_upn

Term = tuple["SearchField", str]


class SearchField(StrEnum):
    """What a record can be found by."""

    CHILD_ID = "child_id"
    UPN = "upn"
    NHS_NUMBER = "nhs_number"
    DATE_OF_BIRTH = "date_of_birth"
    FAMILY_NAME = "family_name"
    FAMILY_NAME_SOUND = "family_name_sound"
    GIVEN_NAME = "given_name"
    GIVEN_NAME_SOUND = "given_name_sound"


_SURE = frozenset({SearchField.CHILD_ID, SearchField.UPN, SearchField.NHS_NUMBER})
_SOUNDS = frozenset({SearchField.FAMILY_NAME_SOUND, SearchField.GIVEN_NAME_SOUND})

_SOUND_DIGITS = {
    letter: digit
    for letters, digit in (("bfpv", "1"), ("cgjkqsxz", "2"), ("dt", "3"), ("l", "4"), ("mn", "5"), ("r", "6"))
    for letter in letters
}
_SILENT = "hw"
_SOUND_LENGTH = 4


def plain(text: str) -> str:
    """A name or number without case, accents, spaces or punctuation: ``O’Brien-Šafář`` becomes ``obriensafar``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return "".join(c for c in bare.casefold() if c.isalnum())


def sound(name: str) -> str:
    """How a name sounds (Soundex): ``Smith`` and ``Smyth`` are one. Names without a Latin letter sound only like themselves."""
    letters = plain(name)
    if not letters or not letters.isascii() or not letters[0].isalpha():
        return letters
    code, last = letters[0], _SOUND_DIGITS.get(letters[0], "")
    for letter in letters[1:]:
        digit = _SOUND_DIGITS.get(letter, "")
        if digit and digit != last:
            code += digit
        if letter not in _SILENT:
            last = digit
    return (code + "0" * _SOUND_LENGTH)[:_SOUND_LENGTH]


def terms_of(identity: Identity) -> frozenset[Term]:
    """Every term a record is kept under; each given name is one of its own."""
    return frozenset(
        terms(
            child_id=identity.child_id,
            upn=real_upn(identity.upn),
            nhs_number=identity.nhs_number,
            date_of_birth=identity.date_of_birth,
            family_name=identity.family_name,
            given_names=identity.given_names,
        )
    )


def terms(
    *,
    child_id: str | None = None,
    upn: str | None = None,
    nhs_number: str | None = None,
    date_of_birth: date | None = None,
    family_name: str | None = None,
    given_names: str | None = None,
) -> Iterator[Term]:
    """The terms of what is known, skipping what is not."""
    for field, number in ((SearchField.CHILD_ID, child_id), (SearchField.UPN, upn), (SearchField.NHS_NUMBER, nhs_number)):
        if number and plain(number):
            yield field, plain(number)
    if date_of_birth:
        yield SearchField.DATE_OF_BIRTH, date_of_birth.isoformat()
    if family_name and plain(family_name):
        yield SearchField.FAMILY_NAME, plain(family_name)
        yield SearchField.FAMILY_NAME_SOUND, sound(family_name)
    for name in (given_names or "").split():
        if plain(name):
            yield SearchField.GIVEN_NAME, plain(name)
            yield SearchField.GIVEN_NAME_SOUND, sound(name)


def asked_for(term: Term) -> bool:
    """Whether a search must match this term: sounds widen a search for a name, they do not narrow it."""
    return term[0] not in {SearchField.FAMILY_NAME, SearchField.GIVEN_NAME}


def likely_same_child(shared: Set[SearchField]) -> bool:
    """Whether two records that share these terms are likely one child.

    The council's own id, the pupil number or the NHS number settles it; otherwise the same birth date and a name that sounds the same.
    Twins share those too: whoever records the second confirms that it is another child.
    """
    return bool(shared & _SURE) or (SearchField.DATE_OF_BIRTH in shared and bool(shared & _SOUNDS))
