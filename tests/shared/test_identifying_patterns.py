"""What identifies by its form is found wherever it stands in a text; ordinary figures and words are let pass."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs, upn

from shared.folding import folded
from shared.identifying_patterns import WORDS, PatternKind, patterns_in
from shared.written_dates import dates_in

TODAY = date(2026, 11, 22)


def found(text):
    return [(each.kind.value, text[each.start : each.end]) for each in patterns_in(text, today=TODAY)]


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("He lives at SO14 7LY now.", "postcode", "SO14 7LY"),
        ("he lives at so147ly now", "postcode", "so147ly"),
        ("near S014 7LY, with a zero for the letter", "postcode", "S014 7LY"),
        ("Ring 07700 900123 after four.", "telephone", "07700 900123"),
        ("Ring (023) 8022-3344 after four.", "telephone", "(023) 8022-3344"),
        ("or +44 (0)20 7946 0018", "telephone", "+44 (0)20 7946 0018"),
        ("or 0 7 7 0 0 9 0 0 1 2 3", "telephone", "0 7 7 0 0 9 0 0 1 2 3"),
        ("or 07700\u200b900123, with nothing in it", "telephone", "07700\u200b900123"),
        ("or ０７７００９００１２３ in wide figures", "telephone", "０７７００９００１２３"),
        ("Grandmother's phone: 334455.", "telephone", "334455"),
        ("Write to jo.smith-2@school.example.org.", "email", "jo.smith-2@school.example.org"),
        ("write to jo at gmail dot com", "email", "jo at gmail dot com"),
        ("he is @jay_w12 there", "online_name", "@jay_w12"),
        ("snapchat: jayw_2012 is hers", "online_name", "jayw_2012"),
        ("see www.stmarys.sch.uk/news for it", "online_name", "www.stmarys.sch.uk/news"),
        ("number 943 476 5919 is his", "nhs_number", "943 476 5919"),
        ("number 9434765919 is his", "nhs_number", "9434765919"),
        ("NHS number: 943 476 5918, with a slip", "nhs_number", "943 476 5918"),
        ("pupil H801200001001 is", "upn", "H801200001001"),
        ("UPN A80120000100, one figure short", "upn", "A80120000100"),
        ("born 03/05/18 in hospital", "date", "03/05/18"),
        ("born 3.5.2018 in hospital", "date", "3.5.2018"),
        ("born 2018-05-03 in hospital", "date", "2018-05-03"),
        ("born 03052018 in hospital", "date", "03052018"),
        ("born on the 3rd of May, 2018.", "date", "the 3rd of May, 2018"),
        ("born on 3rd of the month of May 2018", "date", "3rd of the month of May 2018"),
        ("born May 3 2018", "date", "May 3 2018"),
        ("born 3-May-18", "date", "3-May-18"),
        ("born 3 Febuary 2018", "date", "3 Febuary 2018"),
        ("the twenty-third of May two thousand and eighteen", "date", "the twenty-third of May two thousand and eighteen"),
    ],
)
def test_each_form_is_found_at_its_place(text, kind, words):
    assert found(text) == [(kind, words)]


@pytest.mark.parametrize(
    "text",
    [
        "He is 8 and in year 3; 24/7 care for £1,250.00 a week.",
        "Class R1 1st place, room B12 5mg of it, call 999 or 101.",
        "They may 3 times a week, on Sat 3rd or between 10.30 and 12.15.",
        "The second may take time. His birthday is on 3 May.",
        "Moved in May 2018, since 2019, needs a home by 12/01/2027.",
        "Section 20 of the Act 1989; form 12345678; 1.5.2 of the plan.",
        "At home. Me and dad at least. Committed at school.",
        "SO14 is near enough; the M27 is not.",
    ],
)
def test_ordinary_figures_and_words_are_let_pass(text):
    assert found(text) == []


def test_every_kind_has_words_for_the_person_who_wrote_it():
    assert set(WORDS) == set(PatternKind)


def test_of_two_that_overlap_the_longer_is_found_once():
    text = "Tel 020 7946 0018 and 943 476 5919"
    assert found(text) == [("telephone", "020 7946 0018"), ("nhs_number", "943 476 5919")]


def test_figures_that_could_be_month_first_are_given_both_ways():
    (written,) = dates_in(folded("on 05/03/2018"))
    assert {reading.on() for reading in written.readings} == {date(2018, 3, 5), date(2018, 5, 3)}
    (written,) = dates_in(folded("on 25/03/2018"))
    assert [reading.on() for reading in written.readings] == [date(2018, 3, 25)]


AROUND = st.text(alphabet=st.sampled_from("aå ,.\n\u200b(é漢)"), max_size=20)
WRITTEN = (
    lambda day: day.strftime("%d/%m/%Y"),
    lambda day: day.strftime("%Y-%m-%d"),
    lambda day: day.strftime("%d.%m.%y"),
    lambda day: f"{day.day} {day.strftime('%B %Y')}",
    lambda day: f"{day.strftime('%b')} {day.day}, {day.year}",
)


@given(before=AROUND, after=AROUND, day=st.dates(date(1940, 1, 1), TODAY), form=st.sampled_from(WRITTEN))
def test_a_date_of_the_past_in_any_form_is_found_whatever_stands_around_it(before, after, day, form):
    text = f"{before} {form(day)} {after}"
    assert any(each.kind is PatternKind.DATE and form(day) in text[each.start : each.end] for each in patterns_in(text, today=TODAY))


@given(before=AROUND, after=AROUND, digits=st.integers(0, 999_999_999), gap=st.sampled_from(("", " ", "-")))
def test_every_sound_nhs_number_is_found_whatever_stands_around_it(before, after, digits, gap):
    number = next((whole for last in range(10) if nhs.is_valid(whole := f"{digits:09}{last}")), None)
    if number is None:  # the check would be ten: no such number is given out
        return
    shown = gap.join((number[:3], number[3:6], number[6:]))
    text = f"{before} {shown} {after}"
    assert any(text[each.start : each.end].endswith(shown[-4:]) for each in patterns_in(text, today=TODAY))


@given(digits=st.integers(0, 999_999_999_999))
def test_every_sound_pupil_number_is_found(digits):
    body = f"{digits:012}"
    number = upn.calc_check_digit(body) + body
    if upn.is_valid(number):
        assert ("upn", number) in found(f"pupil {number} joined")


@given(text=st.text(max_size=300))
def test_any_text_at_all_is_read_without_fault_and_every_place_lies_in_it(text):
    for each in patterns_in(text):
        assert 0 <= each.start < each.end <= len(text)
