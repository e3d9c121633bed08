"""The page says what was measured and whether the goal was met."""

from __future__ import annotations

import pytest

from tests.bench.figures import Figure, Section, at_least, at_most, kept_run, milliseconds, missed, page, percentile, within


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 0.5) == 50
    assert percentile(values, 0.99) == 99
    assert percentile([3.0], 0.99) == 3.0


def test_nothing_measured_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_a_goal_is_met_at_its_very_edge_and_missed_beyond_it() -> None:
    assert at_least("rate", 0.2, 20, 100, measured="", against="").met is True
    assert at_least("rate", 0.2, 19.9, 100, measured="", against="").met is False
    assert at_most("cost", 5, 5, 1, measured="", against="").met is True
    assert at_most("cost", 5, 5.1, 1, measured="", against="").met is False
    assert within("time", 0.03, 0.03).met is True
    assert within("time", 0.03, 0.0301).met is False


def test_the_page_names_every_goal_that_was_missed_and_counts_the_others() -> None:
    section = Section("Times", "How.", [within("slow", 0.01, 0.02), within("quick", 0.01, 0.001), Figure("bare", "3")], ["why"], "SELECT 1")
    written = page([section], "a machine")
    assert missed([section]) == ["slow"]
    assert "1 of 2 goals are met in this run. Missed: slow." in written
    assert "| slow | 20.0 ms |  |  | <= 10.0 ms | **no** |" in written
    assert "- why" in written
    assert "SELECT 1" in written


def test_times_are_written_as_people_read_them() -> None:
    assert [milliseconds(seconds) for seconds in (0.00123, 0.0456, 1.5)] == ["1.23 ms", "45.6 ms", "1.50 s"]


def test_a_longer_run_is_kept_for_the_page_with_its_command_and_stands_below_the_others() -> None:
    long = Section("Soak", "Six processes.", [Figure("memory", "120 MB")], ["flat"], "line\n" * 100)
    kept = kept_run(long, "python -m tests.bench --soak 60", "a machine", "It was busy.")
    written = page([Section("Times", "How.", [])], "a machine", longer=[kept])
    assert kept.startswith("### Soak\n")
    assert "`python -m tests.bench --soak 60` on a machine. It was busy. Six processes." in kept
    assert "line\nline" not in kept
    assert written.index("## Times") < written.index("## Longer runs") < written.index("### Soak") < written.index("## Found and mended")
    assert "## Longer runs" not in page([], "a machine")
