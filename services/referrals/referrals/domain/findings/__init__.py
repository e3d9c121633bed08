"""What in an officer's words may say who a child is: pure functions of the text and of what the council holds.

``Checker`` is made once a referral, of everything held of all its children, and reads each of its texts.
"""

from __future__ import annotations

from datetime import date

from referrals.domain.findings.births import births_in
from referrals.domain.findings.finding import WHY_WORDS, Finding, Kind, Sureness, Why, merged
from referrals.domain.findings.known import Known, known_of
from referrals.domain.findings.names import Names
from referrals.domain.findings.numbers import Numbers
from referrals.domain.findings.places import Places
from referrals.domain.findings.words import words_of
from shared.folding import folded

__all__ = ["WHY_WORDS", "Checker", "Finding", "Kind", "Known", "Sureness", "Why", "known_of"]


class Checker:
    """Reads texts for what is known of some children, and for what identifies anybody by its form."""

    def __init__(self, known: Known, today: date) -> None:
        self._known = known
        self._today = today
        self._names = Names(known.people)
        self._places = Places(known.schools, known.addresses)
        self._numbers = Numbers(known.numbers)

    def findings_in(self, text: str) -> tuple[Finding, ...]:
        """Every finding in the text, in the order they stand; those that overlap are one. ``today`` is the UK date."""
        plain, words = folded(text), words_of(text)
        return merged(
            (
                *self._names.in_words(words, text),
                *self._places.in_words(words),
                *self._numbers.in_text(plain, text, self._today),
                *births_in(plain, self._known.births),
            )
        )
