"""What a spreadsheet would take for a formula is one rule for every file that goes out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from shared.spreadsheet_texts import begins_a_formula, harmless, harmless_and_whole, printable

FORMULAS = ("=1+1", " =1", "＝1", "\n=1", "\t1", "\r1", "+1", "-1", "＠SUM(A1)", "\u00a0=1", "|x", "%x", "﹢1")


@pytest.mark.parametrize("text", FORMULAS)
def test_each_of_these_is_taken_for_a_formula(text: str) -> None:
    assert begins_a_formula(text)
    assert harmless(text) == harmless_and_whole(text) == f"'{text}"


@given(st.text(max_size=20))
def test_nothing_that_goes_out_begins_a_formula_and_what_is_read_again_is_whole(text: str) -> None:
    for made in (harmless, harmless_and_whole):
        assert unicodedata.normalize("NFKC", made(text)).lstrip()[:1] not in tuple("=+-@|%")
    assert harmless_and_whole(text).removeprefix("'") == text


@given(st.text(max_size=20))
def test_what_is_printable_may_stand_in_a_workbook(text: str) -> None:
    assert not ILLEGAL_CHARACTERS_RE.search(printable(text))
    assert printable(text) == "".join(letter for letter in text if letter in printable(text))
