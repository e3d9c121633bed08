"""A finding: a place in a text where something may say who a child is or where to find it, and why it is thought so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of thing was found."""

    NAME = "name"
    INITIALS = "initials"
    SCHOOL = "school"
    STREET = "street"
    POSTCODE = "postcode"
    TELEPHONE = "telephone"
    EMAIL = "email"
    ONLINE_NAME = "online_name"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    COUNCIL_ID = "council_id"
    BIRTH_DATE = "birth_date"
    DATE = "date"


class Why(StrEnum):
    """Why it was found."""

    NAME_HELD = "name_held"
    NAME_THAT_IS_A_WORD = "name_that_is_a_word"
    SHORT_FORM = "short_form"
    LIKE_A_NAME = "like_a_name"
    INITIALS_OF_THE_CHILD = "initials_of_the_child"
    INITIAL_AFTER_A_TITLE = "initial_after_a_title"
    SCHOOL_HELD = "school_held"
    INITIALS_OF_THE_SCHOOL = "initials_of_the_school"
    PART_OF_THE_SCHOOL = "part_of_the_school"
    ADDRESS_HELD = "address_held"
    LOOKS_LIKE_A_STREET = "looks_like_a_street"
    NUMBER_HELD = "number_held"
    PART_OF_A_POSTCODE = "part_of_a_postcode"
    BIRTH_DATE_HELD = "birth_date_held"
    PART_OF_A_BIRTH_DATE = "part_of_a_birth_date"
    BY_ITS_FORM = "by_its_form"


class Sureness(StrEnum):
    """How sure it is that this says who the child is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


WHY_WORDS: Mapping[Why, str] = {
    Why.NAME_HELD: "A name in the records of these children: theirs or a relative's.",
    Why.NAME_THAT_IS_A_WORD: "A name in these records that is also an ordinary word, written here as a name would be.",
    Why.SHORT_FORM: "A short or pet form of a name in these records, or the full form of a short one.",
    Why.LIKE_A_NAME: "Written or sounding so much like a name in these records that it may be that name, misspelt.",
    Why.INITIALS_OF_THE_CHILD: "The initials of a child of this referral.",
    Why.INITIAL_AFTER_A_TITLE: "A title and the first letter of a family name in these records.",
    Why.SCHOOL_HELD: "The school in a child's record.",
    Why.INITIALS_OF_THE_SCHOOL: "The first letters of the name of the school in a child's record.",
    Why.PART_OF_THE_SCHOOL: "Part of the name of the school in a child's record.",
    Why.ADDRESS_HELD: "The home address in a child's record, or its street.",
    Why.LOOKS_LIKE_A_STREET: "Written like the name of a street, which may be where somebody lives.",
    Why.NUMBER_HELD: "A number in a child's record.",
    Why.PART_OF_A_POSTCODE: "More of the home postcode in a child's record than its first half.",
    Why.BIRTH_DATE_HELD: "A birth date in a child's record.",
    Why.PART_OF_A_BIRTH_DATE: "The day and month, or the month and year, of a birth date in a child's record.",
    Why.BY_ITS_FORM: "It has the form of something that says who somebody is or where to find them, whoever's it is.",
}


@dataclass(frozen=True)
class Finding:
    """``text[start:end]``, counted in characters, of one text."""

    start: int
    end: int
    kind: Kind
    why: Why
    sureness: Sureness


_SUREST_FIRST = tuple(Sureness)


def merged(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that overlap as one, from the first character of any to the last; of kind and reason the surest speaks, then the longest."""
    whole: list[Finding] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if whole and each.start < whole[-1].end:
            last = whole[-1]
            better = min((last, each), key=lambda one: (_SUREST_FIRST.index(one.sureness), one.start - one.end))
            whole[-1] = Finding(last.start, max(last.end, each.end), better.kind, better.why, better.sureness)
        else:
            whole.append(each)
    return tuple(whole)
