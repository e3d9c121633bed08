"""Every KPI says what it counts, and answers nothing rather than nought."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from monitoring.domain.answer import answered
from monitoring.domain.catalogue import CATALOGUE, KPIS, seen_by
from monitoring.domain.definition import Definition, Dimension, Reader, Unit
from monitoring.domain.scope import Scope
from shared.contracts import HEARD_BY
from tests.monitoring.domain.made import COUNCIL, YEAR, placement, records

ROOT = Path(__file__).parents[3]
EACH = pytest.mark.parametrize("kpi", CATALOGUE, ids=lambda kpi: kpi.name)


def test_no_two_kpis_share_a_name() -> None:
    assert len(KPIS) == len(CATALOGUE)


@EACH
def test_a_kpi_declares_a_question_and_what_it_counts(kpi: Definition) -> None:
    assert kpi.question.endswith("?")
    assert kpi.title
    assert kpi.numerator
    assert kpi.denominator or kpi.unit is not Unit.PER_CENT, "a share is a share of something"
    assert Reader.CONSORTIUM in kpi.seen_by


@EACH
def test_a_kpi_says_where_it_comes_from_and_who_answers_for_it(kpi: Definition) -> None:
    """Each source of an event's KPI is an event that monitoring hears, or a list that a council hands in."""
    assert kpi.owner
    assert kpi.sources
    for source in kpi.sources:
        name = source.removeprefix("numerator: ").removeprefix("denominator: ").split(" ")[0]
        assert "monitoring" in HEARD_BY.get(name, ()) or name in ("councils'", "accepted"), source


def test_the_page_of_all_figures_is_written_from_the_code() -> None:
    """``.venv/bin/python docs/make_kpi_catalogue.py`` writes it anew."""
    found = importlib.util.spec_from_file_location("make_kpi_catalogue", ROOT / "docs" / "make_kpi_catalogue.py")
    assert found is not None
    assert found.loader is not None
    making = importlib.util.module_from_spec(found)
    found.loader.exec_module(making)
    assert making.PAGE.read_text() == making.page(), "run: .venv/bin/python docs/make_kpi_catalogue.py"


@EACH
def test_whoever_may_see_a_kpi_can_ask_it_of_itself(kpi: Definition) -> None:
    """A council always asks with its own code and an agency with its own, so the figure must divide that way."""
    assert Reader.COUNCIL not in kpi.seen_by or Dimension.COUNCIL in kpi.divided_by
    assert Reader.AGENCY not in kpi.seen_by or Dimension.AGENCY in kpi.divided_by


@EACH
def test_a_kpi_over_no_records_says_so_and_is_never_nought_per_cent(kpi: Definition) -> None:
    answer = answered(kpi, (), Scope(YEAR))
    if kpi.unit is Unit.NUMBER and answer.figure.value is not None:
        assert answer.figure.value == 0
    else:
        assert answer.figure.value is None
        assert answer.words.startswith("No records")


@EACH
def test_a_filter_a_kpi_cannot_be_divided_by_gives_no_value_and_says_which(kpi: Definition) -> None:
    for dimension in frozenset(Dimension) - kpi.divided_by:
        rows = kpi.formula(records(placements=(placement(1),)), YEAR)
        answer = answered(kpi, rows, Scope(YEAR, **{dimension.value: "x"}))
        assert answer.figure.value is None
        assert dimension.value in answer.words


def test_agencies_are_told_nothing_of_what_others_were_paid_or_how_councils_compare() -> None:
    names = {kpi.name for kpi in seen_by(Reader.AGENCY)}
    assert not names & {"savings_pounds", "savings_per_cent", "agreed_below_baseline", "placed_tier_one", "offers_per_referral"}


def test_a_share_is_told_with_its_denominator() -> None:
    facts = records(placements=(placement(1), placement(2, provider=f"council:{COUNCIL}")))
    kpi = KPIS["placed_in_house"]
    answer = answered(kpi, kpi.formula(facts, YEAR), Scope(YEAR))
    assert answer.words == "50.0 per cent: 1 of 2 (placements agreed in the period)."
