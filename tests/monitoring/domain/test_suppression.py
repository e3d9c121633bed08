"""Small numbers: not shown, and not to be worked out from what is."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.answer import told
from monitoring.domain.catalogue import CATALOGUE, KPIS
from monitoring.domain.giving_away import counts_of, kin
from monitoring.domain.shown import figure_shown
from monitoring.domain.suppression import hidden_rows, small
from tests.monitoring.domain.made import YEAR, found, placement, records

COUNTS = st.integers(0, 12)
ROWS = st.integers(1, 3).flatmap(lambda width: st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(*[COUNTS] * width), min_size=1))


@given(ROWS)
def test_of_each_column_what_is_hidden_is_no_row_alone_and_not_small_together_unless_the_total_is(rows: dict[str, tuple[int, ...]]) -> None:
    hidden = hidden_rows(rows)
    assert {code for code, counts in rows.items() if any(map(small, counts))} <= hidden
    for column in zip(*rows.values(), strict=True):
        counts = dict(zip(rows, column, strict=True))
        if any(small(count) for count in column) and not small(sum(column)):
            assert sum(1 for code in hidden if counts[code]) >= 2
            assert not small(sum(counts[code] for code in hidden))


@given(ROWS)
def test_rows_without_a_small_number_are_all_shown(rows: dict[str, tuple[int, ...]]) -> None:
    if not any(small(count) for counts in rows.values() for count in counts):
        assert hidden_rows(rows) == frozenset()


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(COUNTS, COUNTS, COUNTS), min_size=1))
def test_two_figures_that_share_a_count_hide_the_same_rows_for_its_sake(rows: dict[str, tuple[int, ...]]) -> None:
    shared = hidden_rows({code: (counts[1],) for code, counts in rows.items()})
    assert shared <= hidden_rows({code: counts[:2] for code, counts in rows.items()})
    assert shared <= hidden_rows({code: counts[1:] for code, counts in rows.items()})


def test_of_three_and_forty_the_three_and_the_next_smallest_are_hidden() -> None:
    assert hidden_rows({"a": (3,), "b": (40,), "c": (12,)}) == {"a", "c"}
    assert hidden_rows({"a": (0,), "b": (40,), "c": (12,)}) == frozenset(), "nought is nobody"
    assert hidden_rows({"a": (2,), "b": (2,), "c": (12,), "d": (40,)}) == {"a", "b", "c"}, "four in two rows are small together"


def test_a_share_is_hidden_where_what_is_left_is_small() -> None:
    """Nineteen of twenty tells of the one that is not."""
    facts = records(placements=tuple(placement(n, tier=1 if n else 2) for n in range(20)))
    answer = told(KPIS["placed_tier_one"], found("placed_tier_one", facts, YEAR))
    hidden = figure_shown(answer, may_see_small=False)
    assert (hidden.figure.value, hidden.figure.numerator, hidden.figure.parts) == (None, None, ())
    assert "could be told" in hidden.words
    assert figure_shown(answer, may_see_small=True) == answer
    figure = answer.figure
    assert figure.numerator is not None
    assert counts_of(answer.definition, figure.numerator, figure.denominator, figure.records) == (20, 19, 20, 1)


def test_what_is_counted_of_pounds_and_waits_is_their_records_and_of_a_return_never_the_return() -> None:
    assert counts_of(KPIS["spend"], Decimal("812.50"), None, 3) == (3, 0)
    assert counts_of(KPIS["days_unstable"], Decimal(12), None, 2) == (2,)
    assert counts_of(KPIS["feedback_satisfied"], Decimal(18), Decimal(25), 1) == (18, 25, 7)


def test_kin_are_kin_both_ways() -> None:
    for definition in CATALOGUE:
        assert definition in kin(definition)
        assert all(kin(each) == kin(definition) for each in kin(definition))
    assert {each.name for each in kin(KPIS["unplanned_endings"])} == {"unplanned_endings", "unplanned_by_provider"}
