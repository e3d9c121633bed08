"""Each numbered rule of a return: what breaks it is found by it, in words that say what to do, and a right return by none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from monitoring.domain.returns.lines import LineReason, cell_named
from monitoring.domain.returns.rules import RULES, Given, Severity, findings
from tests.monitoring.returns.filled import QUARTER, RIGHT, SLOUGH, SOUTHAMPTON, given, lines, the_form

SEEN_LAST = {name: value for name, value in RIGHT.items() if not name.startswith(("children_at", "starts", "endings", "unplanned"))} | {
    "households": "19",
    f"children_at_end.{SOUTHAMPTON}": "12",
    f"children_at_end.{SLOUGH}": "8",
}

STEADY = {
    "households_approved": "0",
    "households_left.retired": "0",
    f"children_at_start.{SOUTHAMPTON}": "14",
    f"children_at_start.{SLOUGH}": "7",
    f"starts.{SOUTHAMPTON}": "0",
    f"endings_planned.{SOUTHAMPTON}": "0",
    f"endings_unplanned.{SLOUGH}": "0",
    "unplanned_reasons.CREQB": "0",
    f"child_weeks.{SLOUGH}": "92",
}
"""A quarter in which nobody came or went."""

BREAKS: list[tuple[str, Given, str]] = [
    ("R001", given(without=("households",)), "households"),
    ("R001", given(changed={"households": " "}), "households"),
    ("R002", given(changed={"enquiries": "a dozen"}), "enquiries"),
    ("R002", given(changed={"enquiries": "1,00"}), "enquiries"),
    ("R002", given(changed={"enquiries": "1e3"}), "enquiries"),
    ("R002", given(changed={"enquiries": "NaN"}), "enquiries"),
    ("R002", given(changed={"enquiries": "£30"}), "enquiries"),
    ("R003", given(changed={"enquiries": "30.5"}), "enquiries"),
    ("R004", given(changed={f"restraints.{SLOUGH}": "-1"}), f"restraints.{SLOUGH}"),
    ("R005", given(changed={"enquiries": "1,000,000"}), "enquiries"),
    ("R007", given(changed={f"fees_raised_by.{SOUTHAMPTON}": "45.505"}), f"fees_raised_by.{SOUTHAMPTON}"),
    ("R007", given(changed={"social_workers": "6.55"}), "social_workers"),
    ("R020", given(held={"households": "21"}), "households"),
    ("R021", given(reasons={"households": LineReason.OTHER}), "households"),
    ("R030", given(changed={"places_vacant": "11"}), "places_approved"),
    ("R031", given(changed={"unplanned_reasons.CHILD": "1"}), "endings_unplanned"),
    ("R032", given(changed={"complaints_by.child": "2"}), "complaints"),
    ("R033", given(changed={f"children_at_end.{SLOUGH}": "8"}), f"children_at_end.{SLOUGH}"),
    ("R034", given(changed={f"child_weeks.{SLOUGH}": "105.5"}), f"child_weeks.{SLOUGH}"),
    ("R035", given(changed={"places_filled": "20", "places_vacant": "15"}), "places_filled"),
    ("R036", given(changed={"children_school_age": "22"}), "children_school_age"),
    (
        "R037",
        given(changed={f"missing_children.{SLOUGH}": "9", f"missing_episodes.{SLOUGH}": "9"}),
        f"missing_children.{SLOUGH}",
    ),
    ("R038", given(changed={f"missing_children.{SLOUGH}": "4"}), f"missing_children.{SLOUGH}"),
    ("R038", given(changed={f"missing_children.{SLOUGH}": "0"}), f"missing_children.{SLOUGH}"),
    ("R039", given(changed={f"return_interviews.{SLOUGH}": "4"}), "return_interviews"),
    ("R040", given(changed={"children_full_time": "19"}), "children_full_time"),
    ("R041", given(changed={"children_missed_school": "19"}), "children_missed_school"),
    ("R042", given(changed={"health_done": "11"}), "health_done"),
    ("R043", given(changed={"dental_done": "10"}), "dental_done"),
    ("R044", given(changed={"households": "41"}), "households"),
    ("R045", given(changed={"supervising_social_workers": "7"}), "supervising_social_workers"),
    ("R046", given(changed={"supervising_social_workers": "0"}), "supervising_social_workers"),
    ("R047", given(changed={f"fees_raised_by.{SOUTHAMPTON}": "0"}), f"fees_raised_by.{SOUTHAMPTON}"),
    ("R047", given(changed={f"fees_raised_by.{SLOUGH}": "10"}), f"fees_raised_by.{SLOUGH}"),
    ("R048", given(changed={"training_complete": "19"}), "training_complete"),
    ("R049", given(changed={"feedback_answers": "51"}), "feedback_answers"),
    ("R050", given(changed={"feedback_satisfied": "33"}), "feedback_satisfied"),
    ("R051", given(changed={"assessments_begun": "31"}), "assessments_begun"),
    ("R060", given(before=SEEN_LAST | {f"children_at_end.{SLOUGH}": "9"}), f"children_at_start.{SLOUGH}"),
    ("R061", given(before=SEEN_LAST | {"households": "20"}), "households"),
    ("R062", given(before=SEEN_LAST | {"enquiries": "90"}), "enquiries"),
    ("R063", given(changed=STEADY, before=RIGHT | STEADY), "households"),
]

PLACEMENT = "018f3c5e-0000-7000-8000-000000000001"
STABLE = {
    f"placements_held.{SLOUGH}": "2",
    f"unstable.{PLACEMENT}": "notice_given",
    f"unstable_since.{PLACEMENT}": "2012-07-03",
    f"support.{PLACEMENT}": "more_visits",
}


def fortnight(**changed: str | None) -> Given:
    typed = {name: value for name, value in (STABLE | changed).items() if value is not None}
    return Given(the_form("stability"), QUARTER, lines(typed), councils={SLOUGH: "Slough Borough"})


BREAKS += [
    ("R008", fortnight(**{f"unstable.{PLACEMENT}": "grumpy"}), f"unstable.{PLACEMENT}"),
    ("R009", fortnight(**{f"unstable_since.{PLACEMENT}": "3 July"}), f"unstable_since.{PLACEMENT}"),
    ("R009", fortnight(**{f"unstable_since.{PLACEMENT}": "2012-02-30"}), f"unstable_since.{PLACEMENT}"),
    ("R010", fortnight(**{f"unstable_since.{PLACEMENT}": "2012-10-01"}), f"unstable_since.{PLACEMENT}"),
    ("R052", fortnight(**{f"placements_held.{SLOUGH}": "0"}), f"unstable.{PLACEMENT}"),
    ("R053", fortnight(**{f"support.{PLACEMENT}": None}), f"support.{PLACEMENT}"),
]


def test_a_right_return_breaks_no_rule() -> None:
    assert findings(given()) == ()
    assert findings(given(held={"households": "20"}, before=SEEN_LAST)) == ()
    assert findings(fortnight()) == ()


@pytest.mark.parametrize(("rule", "broken", "place"), BREAKS, ids=[f"{rule}-{place}-{n}" for n, (rule, _, place) in enumerate(BREAKS)])
def test_what_breaks_a_rule_is_found_by_it_and_by_no_other(rule: str, broken: Given, place: str) -> None:
    found = findings(broken)
    assert {(each.rule, each.cell.name) for each in found} == {(rule, place)}
    assert all(each.message[0].isupper() or each.message[0].isdigit() for each in found)
    assert all(word not in each.message for each in found for word in ("a dozen", "grumpy", "3 July"))


def test_every_rule_has_a_number_of_its_own_and_a_test_here() -> None:
    numbers = [rule.number for rule in RULES]
    assert len(set(numbers)) == len(numbers)
    # No form asks for a share yet, so R006 is tried by a form of its own below.
    assert {rule for rule, _, _ in BREAKS} | {"R006"} == set(numbers)


def test_the_rules_are_written_down_for_those_who_return() -> None:
    written = (Path(__file__).parents[3] / "docs" / "returns.md").read_text()
    rows = [line.split("|")[1:3] for line in written.splitlines() if line.startswith("| R")]
    assert [(number.strip(), "*warning*" in words) for number, words in rows] == [
        (rule.number, rule.severity is Severity.WARNING) for rule in sorted(RULES, key=lambda rule: rule.number)
    ]


def test_everything_wrong_is_said_at_once_errors_first() -> None:
    found = findings(given(changed={"places_vacant": "11", "enquiries": "a dozen", "supervising_social_workers": "0"}))
    assert [each.rule for each in found] == ["R030", "R002", "R046"]


def test_a_warning_is_over_once_its_line_gives_a_reason_and_an_error_is_not() -> None:
    confirmed = given(before=SEEN_LAST | {"enquiries": "90"}, reasons={"enquiries": LineReason.CHECKED_AND_SO})
    assert findings(confirmed) == ()
    insisted = given(changed={"places_vacant": "11"}, reasons={"places_approved": LineReason.CHECKED_AND_SO})
    assert [each.rule for each in findings(insisted)] == ["R030"]


def test_a_return_made_elsewhere_is_asked_only_what_it_can_answer_by_itself() -> None:
    strange = given(held={"households": "21"}, before=RIGHT, changed={"places_vacant": "11"})
    assert [each.rule for each in findings(strange, alone=True)] == ["R030"]


def test_a_figure_that_cannot_be_read_breaks_no_total_as_well() -> None:
    assert [each.rule for each in findings(given(changed={"places_vacant": "ten"}))] == ["R002"]


NAMES = st.sampled_from(sorted(RIGHT))
TYPED = st.one_of(st.text(max_size=12), st.sampled_from(["-0", "£", "%", "1,000", "١٢", "0.1", "99999999999", "=1+1", "²", "inf"]))


@examples(st.dictionaries(NAMES, TYPED, max_size=12))
def test_whatever_is_typed_every_finding_names_a_field_of_the_form_and_repeats_nothing(typed: dict[str, str]) -> None:
    for each in findings(given(changed=typed)):
        assert the_form().field_named(each.cell.field) is not None
        assert each.severity in Severity
        assert "=1+1" not in each.message


@examples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_places_rule_holds_exactly_when_the_three_states_add_up(filled: int, vacant: int, away: int) -> None:
    typed = {"places_filled": str(filled), "places_vacant": str(vacant), "places_not_available.carer_break": str(away)}
    broken = {each.rule for each in findings(given(changed=typed | {"places_not_available.staying_put": "0"}))}
    assert ("R030" in broken) == (filled + vacant + away != 40)


def test_a_name_is_a_field_and_its_part() -> None:
    assert cell_named("starts.E06000045").name == "starts.E06000045"
    assert cell_named("households").part == ""
