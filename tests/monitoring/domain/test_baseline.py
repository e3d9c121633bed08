"""A list of baseline prices is taken whole or refused whole, whatever is typed into it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.baseline import MOST_ROWS, BaselineRule, Fault, Row, checked
from monitoring.domain.facts import BaselinePrice
from tests.monitoring.domain.made import BANDS, COUNCIL

TYPED = st.one_of(
    st.text(max_size=30), st.sampled_from(["general", "0-4", "5-10", "2012-04-01", "812.50", "١٢", "1e5", "NaN", "-0.01", "1_000", "²"])
)
ROWS = st.lists(st.builds(Row, st.integers(2, 99), TYPED, TYPED, TYPED, TYPED), min_size=1, max_size=6)


@given(ROWS)
def test_any_text_gives_prices_or_faults_and_never_some_of_both(rows: list[Row]) -> None:
    found = checked(COUNCIL, rows, BANDS)
    assert len({type(each) for each in found}) == 1
    for each in found:
        if isinstance(each, Fault):
            assert each.line in {row.line for row in rows}
            assert each.message.startswith(f"Line {each.line}: ")
        else:
            assert Decimal(0) < each.pounds_per_week <= Decimal(10000)


@given(st.decimals(Decimal("0.01"), Decimal("10000.00"), places=2), st.dates().filter(lambda day: 2000 <= day.year <= 2100))
def test_every_believable_price_on_every_day_of_the_century_is_taken_as_it_is(pounds: Decimal, day: object) -> None:
    found = checked(COUNCIL, [Row(2, "general", "5-10", str(day), str(pounds))], BANDS)
    assert found == (BaselinePrice(COUNCIL, "general", "5-10", day, pounds),)  # type: ignore[arg-type]


def test_an_empty_list_and_one_too_long_are_refused_before_any_row_is_read() -> None:
    row = Row(2, "general", "5-10", "2012-04-01", "1.00")
    assert [fault.rule for fault in checked(COUNCIL, [], BANDS) if isinstance(fault, Fault)] == [BaselineRule.ANY_ROWS]
    too_long = checked(COUNCIL, [row] * (MOST_ROWS + 1), BANDS)
    assert [fault.rule for fault in too_long if isinstance(fault, Fault)] == [BaselineRule.NOT_TOO_MANY_ROWS]


def test_a_refusal_never_repeats_what_was_typed() -> None:
    found = checked(COUNCIL, [Row(2, "<script>", "x", "y", "z")], BANDS)
    assert all(isinstance(fault, Fault) and "script" not in fault.message for fault in found)
