"""R030 to R053: figures of one return that cannot stand beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from monitoring.domain.returns.lines import Cell
from monitoring.domain.returns.rules.given import Check, Given, Rule, Severity, shown

Found = Iterator[tuple[Cell, str]]


def places_add_up(given: Given) -> Found:
    """R030: each approved place is filled, vacant or not available."""
    approved, filled, vacant, away = (
        given.total(name) for name in ("places_approved", "places_filled", "places_vacant", "places_not_available")
    )
    if approved is None or filled is None or vacant is None or away is None:
        return
    if approved != filled + vacant + away:
        yield (
            Cell("places_approved"),
            f"{shown(filled)} filled, {shown(vacant)} vacant and {shown(away)} not available make {shown(filled + vacant + away)}, "
            f"and approved places are {shown(approved)}. Each place is in one of the three; mend the figure that is wrong.",
        )


def reasons_add_up(given: Given) -> Found:
    """R031: the reasons of endings not planned are as many as those endings."""
    yield from _same_total(given, "endings_unplanned", "unplanned_reasons", "Give each unplanned ending one reason.")


def complaints_add_up(given: Given) -> Found:
    """R032: complaints by who made them are as many as complaints."""
    yield from _same_total(given, "complaints", "complaints_by", "Say of each complaint who made it.")


def children_in_balance(given: Given) -> Found:
    """R033: of each council, children at the start and those who came are those who left and those at the end."""
    for part in given.parts("children_at_start", "starts", "endings_planned", "endings_unplanned", "children_at_end"):
        start, came, planned, unplanned, end = (
            given.number(name, part) for name in ("children_at_start", "starts", "endings_planned", "endings_unplanned", "children_at_end")
        )
        if start is None or came is None or planned is None or unplanned is None or end is None:
            continue
        if start + came != planned + unplanned + end:
            yield (
                Cell("children_at_end", part),
                f"{given.label('children_at_end', part)}: {shown(start)} at the start and {shown(came)} who moved in, less "
                f"{shown(planned + unplanned)} endings, leave {shown(start + came - planned - unplanned)} at the end, "
                f"not {shown(end)}. Mend the figure that is wrong.",
            )


def weeks_fit_children(given: Given) -> Found:
    """R034: nobody lives more weeks in a period than it has."""
    weeks = Fraction((given.period.last - given.period.first).days + 1, 7)
    for part in given.parts("child_weeks"):
        lived, start, came = (given.number(name, part) for name in ("child_weeks", "children_at_start", "starts"))
        if lived is None or start is None or came is None:
            continue
        most = weeks * Fraction(start + came)
        if Fraction(lived) > most + Fraction(1, 20):
            yield (
                Cell("child_weeks", part),
                f"{given.label('child_weeks', part)}: {shown(start + came)} children can live at most {float(most):.1f} weeks here "
                "in this period. Count nights and divide by seven.",
            )


def consortium_within_filled(given: Given) -> Found:
    """R035: children of the consortium live in places that are filled."""
    end, filled = given.total("children_at_end"), given.total("places_filled")
    if end is not None and filled is not None and end > filled:
        yield (
            Cell("places_filled"),
            f"{shown(end)} children of the consortium's councils were placed at the end, in {shown(filled)} filled places. "
            "Count a place for every child; mend the figure that is wrong.",
        )


def school_age_within_children(given: Given) -> Found:
    """R036: children of school age are among those placed at the end."""
    school, end = given.total("children_school_age"), given.total("children_at_end")
    if school is not None and end is not None and school > end:
        yield (
            Cell("children_school_age"),
            f"{shown(school)} children of school age are more than the {shown(end)} placed at the end. Mend one of the two.",
        )


def missing_children_placed(given: Given) -> Found:
    """R037: of each council, children who went missing are among those who lived there."""
    for part in given.parts("missing_children"):
        missing, start, came = (given.number(name, part) for name in ("missing_children", "children_at_start", "starts"))
        if missing is not None and start is not None and came is not None and missing > start + came:
            yield (
                Cell("missing_children", part),
                f"{given.label('missing_children', part)}: {shown(missing)} are more than the {shown(start + came)} who lived with you. "
                "Count each child once.",
            )


def missing_children_have_episodes(given: Given) -> Found:
    """R038: of each council, whoever went missing did so once at least; and episodes are somebody's."""
    for part in given.parts("missing_children", "missing_episodes"):
        children, episodes = given.number("missing_children", part), given.number("missing_episodes", part)
        if children is None or episodes is None:
            continue
        if children > episodes or (episodes > 0 and children == 0):
            yield (
                Cell("missing_children", part),
                f"{given.label('missing_children', part)}: {shown(children)} children with {shown(episodes)} episodes cannot be. "
                "Count each child once, and every episode.",
            )


def homes_have_places(given: Given) -> Found:
    """R044: an approved household has one approved place at least."""
    homes, places = given.total("households"), given.total("places_approved")
    if homes is not None and places is not None and homes > places:
        yield (
            Cell("households"),
            f"{shown(homes)} households cannot have only {shown(places)} approved places. Mend one of the two.",
        )


def supervisors_among_social_workers(given: Given) -> Found:
    """R045: supervising social workers are among the social workers."""
    yield from _at_most("supervising_social_workers", "social_workers")(given)


def homes_are_supervised(given: Given) -> Found:
    """R046: where there are households, somebody supervises them."""
    homes, staff = given.total("households"), given.total("supervising_social_workers")
    if homes is not None and staff is not None and homes > 0 and staff == 0:
        yield (
            Cell("supervising_social_workers"),
            "There are households and nobody who supervises them. Write the posts filled, or say why there are none.",
        )


def rises_have_a_price(given: Given) -> Found:
    """R047: of each council, a rise has an amount, and an amount a placement."""
    for part in given.parts("fees_raised", "fees_raised_by"):
        raised, pounds = given.number("fees_raised", part), given.number("fees_raised_by", part)
        if raised is not None and pounds is not None and (raised > 0) != (pounds > 0):
            yield (
                Cell("fees_raised_by", part),
                f"{given.label('fees_raised_by', part)}: give both, how many fees rose and by how many pounds a week together, or neither.",
            )


def unstable_ones_are_held(given: Given) -> Found:
    """R052: no more placements are unstable than are held."""
    held, unstable = given.total("placements_held"), [cell for cell in given.lines if cell.field == "unstable"]
    if held is not None and given.form.field_named("unstable") is not None and len(unstable) > held:
        yield (
            unstable[0],
            f"{len(unstable)} unstable placements are more than the {shown(held)} held. Name each once, and only those of this fortnight.",
        )


def unstable_ones_are_whole(given: Given) -> Found:
    """R053: each unstable placement is told with its reason, since when, and what is done."""
    if given.form.field_named("unstable") is None:
        return
    for part in given.parts("unstable", "unstable_since", "support"):
        for name in ("unstable", "unstable_since", "support"):
            if Cell(name, part) not in given.lines:
                yield Cell(name, part), f"{given.label(name)}: fill this in for each unstable placement, or leave the placement out."


def _same_total(given: Given, whole: str, parts: str, advice: str) -> Found:
    one, other = given.total(whole), given.total(parts)
    if one is not None and other is not None and one != other:
        yield Cell(whole), f"{given.label(whole)} are {shown(one)}; {given.label(parts).lower()} make {shown(other)}. {advice}"


def _at_most(part: str, whole: str) -> Check:
    """The rule that one figure is among another."""

    def check(given: Given) -> Found:
        found, most = given.total(part), given.total(whole)
        if found is not None and most is not None and found > most:
            words = f"{given.label(part)}: {shown(found)} are more than {given.label(whole).lower()}, {shown(most)}."
            yield Cell(part), f"{words} Mend one of the two."

    return check


RULES = (
    Rule("R030", Severity.ERROR, places_add_up),
    Rule("R031", Severity.ERROR, reasons_add_up),
    Rule("R032", Severity.ERROR, complaints_add_up),
    Rule("R033", Severity.ERROR, children_in_balance),
    Rule("R034", Severity.ERROR, weeks_fit_children),
    Rule("R035", Severity.ERROR, consortium_within_filled),
    Rule("R036", Severity.ERROR, school_age_within_children),
    Rule("R037", Severity.ERROR, missing_children_placed),
    Rule("R038", Severity.ERROR, missing_children_have_episodes),
    Rule("R039", Severity.ERROR, _at_most("return_interviews", "missing_episodes")),
    Rule("R040", Severity.ERROR, _at_most("children_full_time", "children_school_age")),
    Rule("R041", Severity.ERROR, _at_most("children_missed_school", "children_school_age")),
    Rule("R042", Severity.ERROR, _at_most("health_done", "health_due")),
    Rule("R043", Severity.ERROR, _at_most("dental_done", "dental_due")),
    Rule("R044", Severity.ERROR, homes_have_places),
    Rule("R045", Severity.ERROR, supervisors_among_social_workers),
    Rule("R046", Severity.WARNING, homes_are_supervised),
    Rule("R047", Severity.ERROR, rises_have_a_price),
    Rule("R048", Severity.ERROR, _at_most("training_complete", "training_due")),
    Rule("R049", Severity.ERROR, _at_most("feedback_answers", "feedback_asked")),
    Rule("R050", Severity.ERROR, _at_most("feedback_satisfied", "feedback_answers")),
    Rule("R051", Severity.WARNING, _at_most("assessments_begun", "enquiries")),
    Rule("R052", Severity.ERROR, unstable_ones_are_held),
    Rule("R053", Severity.ERROR, unstable_ones_are_whole),
)
"""The rules about figures beside each other. Those that put one figure among another are made by one function, and tested one by one."""
