"""Charts: what is drawn follows from the values, nothing is said by colour alone, and nothing in them can be run."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markupsafe import Markup

from monitoring.pages.charts import Band, Bar, Change, Dot, Limits, Mark, Stack, bars, funnel, line, spark, stacked
from monitoring.pages.charts.drawing import Scale, ticks
from monitoring.pages.charts.waterfall import Fall, waterfall

NASTY = """<script>alert('x')</script>"onload="x&"""
values = st.one_of(st.none(), st.integers(-(10**9), 10**9), st.decimals(-(10**6), 10**6, allow_nan=False, places=2))

EVERY: dict[str, Callable[[], Markup]] = {
    "line": lambda: line(NASTY, NASTY, [Mark(NASTY, 3, NASTY), Mark("b", None), Mark("c", 4)], bands=[Band(0, 2, 3, 1, 5)], target=4),
    "changes": lambda: line("t", "s", [Mark("a", 1), Mark("b", 2)], changes=[Change(1, NASTY)]),
    "bars": lambda: bars(NASTY, NASTY, [Bar(NASTY, 3, own=True), Bar("b", None), Bar("c", 4, low=2, high=9)], middle=3),
    "funnel": lambda: funnel(
        NASTY,
        NASTY,
        [Dot(NASTY, 9, 3, beyond=True), Dot("b", 2, 2, own=True)],
        centre=3,
        limits=[Limits(NASTY, [(1, 0, 9), (9, 2, 4)])],
        sizes=NASTY,
    ),
    "stacked": lambda: stacked(NASTY, NASTY, [NASTY, "two"], [Stack(NASTY, (3, 4)), Stack("b", (0, 0))]),
    "spark": lambda: spark(NASTY, NASTY, [1, None, 3, 2]),
    "nothing": lambda: line("t", "s", []) + bars("t", "s", []) + stacked("t", "s", ["a"], []) + spark("t", "s", []),
}  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
def test_a_chart_is_sound_holds_nothing_that_runs_and_escapes_all_it_is_given(name: str) -> None:
    drawn = EVERY[name]()
    tree = ElementTree.fromstring(f"<all>{drawn}</all>")
    for element in tree.iter():
        assert element.tag.rpartition("}")[2] in {"all", "svg", "title", "desc", "g", "line", "path", "rect", "circle", "text"}
        assert not [key for key in element.attrib if key.startswith("on") or key in ("style", "href")]
    if name not in ("nothing", "changes"):
        assert NASTY in "".join(tree.itertext())


@pytest.mark.parametrize("name", EVERY)
def test_a_screen_reader_is_given_a_title_and_the_sentence(name: str) -> None:
    for svg in ElementTree.fromstring(f"<all>{EVERY[name]()}</all>"):
        title, sentence = svg[0], svg[1]
        assert svg.attrib["role"] == "img"
        assert svg.attrib["aria-labelledby"] == f"{title.attrib['id']} {sentence.attrib['id']}"
        assert title.text
        assert sentence.text


def test_a_signal_is_another_shape_and_says_which_rule() -> None:
    drawn = line("t", "s", [Mark("June", 3), Mark("July", 9, "above the upper limit")])
    assert drawn.count("<circle") == 1
    assert drawn.count('class="chart-signal"') == 1
    assert "July: 9. above the upper limit" in drawn


def test_a_month_without_records_breaks_the_line_and_is_no_nought() -> None:
    drawn = line("t", "s", [Mark("a", 5), Mark("b", 6), Mark("c", None), Mark("d", 7), Mark("e", 8)])
    assert drawn.count('class="chart-line"') == 2
    assert drawn.count("<circle") == 4
    assert "no records" in bars("t", "s", [Bar("a", None)])


def test_lengths_are_in_proportion_to_values() -> None:
    tree = ElementTree.fromstring(bars("t", "s", [Bar("a", 10), Bar("b", 20), Bar("c", Decimal("5"))]))
    a, b, c = (float(each.attrib["width"]) for each in tree.iter() if each.tag.endswith("rect"))
    assert b == pytest.approx(2 * a, abs=0.2)
    assert c == pytest.approx(a / 2, abs=0.2)


def test_the_parts_of_a_stack_lie_side_by_side_and_reach_as_far_as_their_sum() -> None:
    tree = ElementTree.fromstring(stacked("t", "s", ["one", "two", "three"], [Stack("a", (1, 2, 3))]))
    rects = [each.attrib for each in tree.iter() if each.tag.endswith("rect")][3:]
    places = [(float(each["x"]), float(each["width"])) for each in rects]
    for (x, width), (following, _) in pairwise(places):
        assert following == pytest.approx(x + width, abs=0.2)
    assert [round(width / places[0][1]) for _, width in places] == [1, 2, 3]


@example(one=-200200200.0, other=0.5, about=2)
@given(st.floats(-1e9, 1e9, allow_nan=False), st.floats(-1e9, 1e9, allow_nan=False), st.integers(2, 12))
def test_the_steps_of_an_axis_cover_it_and_are_evenly_apart(one: float, other: float, about: int) -> None:
    low, high = sorted((round(one, 2), round(other, 2)))
    steps = ticks(low, high, about)
    assert 2 <= len(steps) <= 2 * about + 3
    assert steps[0] <= low + 1e-6 * max(1, abs(low))
    assert steps[-1] >= high - 1e-6 * max(1, abs(high))
    gaps = [after - before for before, after in pairwise(steps)]
    assert max(gaps) == pytest.approx(min(gaps), rel=1e-6)


@given(st.lists(values, max_size=40))
def test_any_values_can_be_drawn(several: list[Decimal | int | None]) -> None:
    for drawn in (
        line("t", "s", [Mark(str(number), value) for number, value in enumerate(several)]),
        bars("t", "s", [Bar(str(number), value) for number, value in enumerate(several)]),
        spark("t", "s", several),
    ):
        ElementTree.fromstring(drawn)
        assert "nan" not in drawn
        assert "inf" not in drawn


def test_a_value_beyond_the_axis_is_drawn_at_its_end() -> None:
    assert Scale(0, 10, 100, 0).at(25) == 0


def test_no_number_of_an_axis_lies_over_its_neighbour() -> None:
    def pounds(value: object) -> str:
        return f"£{float(str(value)):,.0f}"

    drawn = [
        waterfall("Spent", "It fell.", ("Before", 183_140_239), [Fall("Tier", -26_817_085)], "Paid", written=pounds, signed=pounds),
        bars("Spent", "It did.", [Bar("One", 183_140_239), Bar("Two", 99)], written=pounds),
    ]
    for chart in drawn:
        told = re.findall(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="middle" class="chart-quiet">([^<]+)<', str(chart))
        assert len(told) >= 2
        for (left, words), (right, others) in pairwise(told):
            assert float(right) - float(left) > 7 * (len(words) + len(others)) / 2
