"""A form is data, and a field that nobody would use is not asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import pytest

from monitoring.domain.catalogue import KPIS
from monitoring.domain.forms.catalogue import FORMS, in_force, load
from monitoring.domain.forms.form import COLUMNS, FormWrong, Kind, read_form
from monitoring.domain.from_returns import COUNTED_FROM_RETURNS
from monitoring.domain.returns.lines import cell_named
from monitoring.domain.returns.periods import ended_periods, in_words, period_beginning, period_holding
from monitoring.domain.returns.prefill import PREFILLERS
from monitoring.domain.returns.rules import Given, findings
from tests.monitoring.returns.filled import QUARTER, lines, the_form

ABOUT = {"code": "made", "version": 1, "title": "t", "asks": "a", "every": "quarter", "in_force_from": date(2012, 4, 1)}
ABOUT |= {"due_after_days": 21, "chase_before_days": 7, "chase_every_days": 7}
GOOD = "beds,Beds,count,,,beds,yes,,places,Beds,All of them"


def made(*rows: str) -> object:
    text = "\n".join((",".join(COLUMNS), *rows))
    return read_form(ABOUT, text, lists={"why": {"a": "A"}}, kpis={"places"}, prefillers=PREFILLERS)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("beds,Beds,count,,,beds,yes,,,Beds,All", "beds: no KPI uses it, so it is not asked"),
        ("beds,Beds,count,,,beds,yes,,happiness,Beds,All", "beds: there is no KPI happiness"),
        ("beds,Beds,guess,,,beds,yes,,places,Beds,All", "beds: guess is no kind of field"),
        ("beds,Beds,count,moon,,beds,no,,places,Beds,All", "beds: nothing is broken down by moon"),
        ("beds,Beds,count,code,,beds,no,,places,Beds,All", "beds: its code list is missing, unknown or not needed"),
        ("beds,Beds,count,,why,beds,no,,places,Beds,All", "beds: its code list is missing, unknown or not needed"),
        ("beds,Beds,count,,,beds,yes,magic,places,Beds,All", "beds: nothing pre-fills magic"),
        ("beds,Beds,count,council,,beds,yes,,places,Beds,All", "beds: required is yes or no, and no where it is broken down"),
        ("beds,Beds,count,,,beds,yes,,places,,All", "beds: it needs a label of at most 90 characters"),
    ],
)
def test_a_field_that_breaks_a_rule_of_forms_is_refused_when_the_form_is_loaded(row: str, says: str) -> None:
    with pytest.raises(FormWrong) as refused:
        made(row)
    assert refused.value.faults == (says,)


def test_two_fields_of_one_name_and_an_empty_form_are_refused() -> None:
    assert made(GOOD)
    for rows in ((GOOD, GOOD), ()):
        with pytest.raises(FormWrong):
            made(*rows)


def test_a_form_whose_kpi_leaves_the_catalogue_no_longer_loads() -> None:
    assert load(KPIS) == FORMS
    with pytest.raises(FormWrong):
        load(set(KPIS) - {"fee_rise"})


def test_every_kpi_counted_from_returns_has_a_field_and_the_quarterly_form_about_forty() -> None:
    used = {kpi for form in FORMS for field in form.fields for kpi in field.kpis}
    assert set(COUNTED_FROM_RETURNS) - used == {"returns_on_time"}, "counted from when returns came, which no field asks"
    assert 38 <= len(the_form().fields) <= 45


def test_a_share_lies_between_a_hundred_below_and_above_nought() -> None:
    form = made("rise,Fees,per_cent,,,per cent,yes,,places,Rise,Of the fee")
    for typed, broken in (("4.5%", set()), ("-100", set()), ("100.1", {"R006"}), ("101", {"R006"}), ("4.55", {"R007"})):
        found = findings(Given(form, QUARTER, lines({"rise": typed})))  # type: ignore[arg-type]
        assert {each.rule for each in found} == broken, typed


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        ("count", " 1,250 ", Decimal(1250)),
        ("count", "12.0", Decimal(12)),
        ("money", "£1,234.50", Decimal("1234.50")),
        ("per_cent", "4 %", Decimal(4)),
        ("count", "£5", None),
        ("count", "1 250", None),
        ("count", "１２", None),
        ("count", "=2+2", None),
        ("money", "5 pounds", None),
    ],
)
def test_a_number_is_read_as_people_write_it_or_not_at_all(kind: str, typed: str, value: Decimal | None) -> None:
    from monitoring.domain.returns.lines import value_of

    form = made(f"beds,Beds,{kind},,,beds,yes,,places,Beds,All")
    asked = form.field_named("beds")  # type: ignore[attr-defined]
    assert asked.kind is Kind(kind)
    assert value_of(asked, typed) == value


def test_periods_are_named_by_their_first_day_and_follow_each_other_without_gap() -> None:
    for every in {form.every for form in FORMS}:
        day, seen = date(2011, 12, 25), period_holding(every, date(2011, 12, 25))
        for _ in range(800):
            period = period_holding(every, day)
            assert period.first <= day <= period.last
            assert period_beginning(every, period.first) == period
            assert period == seen or period.first == _after(seen.last)
            seen, day = period, _after(day)
    ended = ended_periods(the_form().every, date(2012, 4, 1), date(2012, 10, 1))
    assert [in_words(the_form().every, period) for period in ended] == [
        "July to September 2012 (2012-13 Q2)",
        "April to June 2012 (2012-13 Q1)",
    ]
    assert _words(the_form("stability").every, [date(2012, 4, 2), date(2012, 4, 30)]) == [
        "2 to 15 April 2012",
        "30 April to 13 May 2012",
    ]


def test_the_version_in_force_is_that_of_the_periods_first_day() -> None:
    assert in_force("quarterly", date(2012, 4, 1)) is the_form()
    assert in_force("quarterly", date(2012, 1, 1)) is None
    assert cell_named("starts.E06000045").field == "starts"


def _words(every: object, days: Iterable[date]) -> list[str]:
    return [in_words(every, period_holding(every, day)) for day in days]  # type: ignore[arg-type]


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
