"""Small numbers: not shown, and not to be worked out from what is."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from monitoring.domain.answer import told
from monitoring.domain.catalogue import KPIS
from monitoring.domain.shown import Line, figure_shown, lines
from monitoring.domain.suppression import Cell, hidden_in_list, hidden_in_table, small, with_totals
from tests.monitoring.domain.made import YEAR, found, placement, records

COUNTS = st.integers(0, 12)
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=5))


def given_away(shape: tuple[int, int], hidden: frozenset[Cell]) -> set[Cell]:
    """The hidden cells that rows, columns and totals determine: each row and column less its total is nought, solved by elimination."""
    cells = sorted(hidden)
    equations = [[Fraction(cell[0] == row) for cell in cells] for row in range(shape[0])]
    equations += [[Fraction(cell[1] == column) for cell in cells] for column in range(shape[1])]
    signs = [[-1 if (r == shape[0] - 1) != (c == shape[1] - 1) else 1] for r, c in cells]
    equations = [[value * signs[place][0] for place, value in enumerate(equation)] for equation in equations]
    reduced: list[list[Fraction]] = []
    for column in range(len(cells)):
        pivot = next((e for e in equations if e[column]), None)
        if pivot is None:
            continue
        equations.remove(pivot)
        pivot = [value / pivot[column] for value in pivot]
        equations = [[v - e[column] * p for v, p in zip(e, pivot, strict=True)] for e in equations]
        reduced = [[v - e[column] * p for v, p in zip(e, pivot, strict=True)] for e in reduced]
        reduced.append(pivot)
    return {cells[e.index(1)] for e in reduced if sum(map(bool, e)) == 1}


@given(TABLES)
def test_no_hidden_cell_of_a_table_is_determined_by_the_rows_columns_and_totals_that_are_shown(rows: list[list[int]]) -> None:
    hidden = hidden_in_table(rows)
    whole = with_totals(rows)
    assert {(r, c) for r, row in enumerate(whole) for c, count in enumerate(row) if small(count)} <= hidden
    assert given_away((len(whole), len(whole[0])), hidden) == set()


@given(TABLES)
def test_a_table_without_a_small_number_is_shown_whole(rows: list[list[int]]) -> None:
    if not any(small(count) for row in with_totals(rows) for count in row):
        assert hidden_in_table(rows) == frozenset()


@given(st.lists(COUNTS, max_size=8))
def test_what_is_hidden_of_a_list_cannot_be_told_from_its_total(counts: list[int]) -> None:
    hidden = hidden_in_list(counts)
    assert {place for place, count in enumerate(counts) if small(count)} <= hidden
    if hidden and len(counts) not in hidden:
        together = sum(counts[place] for place in hidden)
        assert len(hidden) >= 2
        assert not small(together)


def test_of_three_and_forty_the_three_and_the_next_smallest_are_hidden() -> None:
    assert hidden_in_list([3, 40, 12]) == {0, 2}
    assert hidden_in_list([0, 40, 12]) == frozenset(), "nought is nobody"


def test_a_share_is_hidden_where_what_is_left_is_small() -> None:
    """Nineteen of twenty tells of the one that is not."""
    facts = records(placements=tuple(placement(n, tier=1 if n else 2) for n in range(20)))
    answer = told(KPIS["placed_tier_one"], found("placed_tier_one", facts, YEAR))
    hidden = figure_shown(answer, may_see_small=False)
    assert (hidden.figure.value, hidden.figure.numerator, hidden.figure.parts) == (None, None, ())
    assert "could be told" in hidden.words
    assert figure_shown(answer, may_see_small=True) == answer


def test_a_line_is_hidden_with_another_so_that_the_total_does_not_give_it_away() -> None:
    counted = [Line("a", placement_count, None, int(placement_count)) for placement_count in (2, 30, 9)]  # type: ignore[arg-type]
    shown = lines(KPIS["placements"], counted, may_see_small=False)
    assert [line.hidden for line in shown] == [True, False, True]
    assert [line.hidden for line in lines(KPIS["placements"], counted, may_see_small=True)] == [False, False, False]
