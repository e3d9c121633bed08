"""Placements and agreements for the tests of their rules, and their cost counted night by night by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from hypothesis import strategies as st

from referrals.domain.agreement import Act, Deed, Version
from referrals.domain.agreement_terms import NEEDED, Form, Line, LineKind, LineWhat, Terms
from referrals.domain.placement import Placement, PlacementState
from shared.contracts.referrals import WithinTwentyMiles
from shared.contracts.words import PlacementKind

COUNCIL, AGENCY = "council:E06000045", "agency:SC012345"
ARRIVED = date(2026, 4, 1)
AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
ID = UUID(int=7)


def placement(**changes: object) -> Placement:
    """One child placed with an agency from 1 April 2026 at £812.50 a week."""
    one = Placement(
        id=ID,
        council=COUNCIL,
        provider=AGENCY,
        referral=ID,
        reference="K7M4-WQ3P",
        offer=ID,
        match=None,
        vacancy=ID,
        household=ID,
        hold=ID,
        lot="general",
        kind=PlacementKind.SHORT_TERM,
        place="U6",
        children=1,
        ages=(10,),
        tier=1,
        pounds_per_week=Decimal("812.50"),
        starts_on=ARRIVED,
        within_20_miles=WithinTwentyMiles.YES,
        agreed_at=AT,
        state=PlacementState.STARTED,
        version=2,
        started_on=ARRIVED,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def fee(pounds: str = "700.00", from_on: date = ARRIVED, until: date | None = None) -> Line:
    """A base fee."""
    return Line(LineKind.BASE_FEE, LineWhat.WEEKLY_FEE, from_on, until, pounds_per_week=Decimal(pounds))


def terms(*lines: Line, effective_from: date = ARRIVED, form: Form = Form.FULL, **changes: object) -> Terms:
    """Terms with these lines, or with a base fee alone."""
    one = Terms(form, effective_from, None, 28, lines or (fee(from_on=effective_from),), NEEDED)
    return replace(one, **changes)  # type: ignore[arg-type]


def version(number: int, said: Terms, *signed: str, declined: str | None = None) -> Version:
    """A version, signed by these sides."""
    deeds = [Deed(side, Act.SIGNED, "f" * 64, "somebody", AT) for side in signed]
    deeds += [Deed(declined, Act.DECLINED, "f" * 64, "somebody", AT)] if declined else []
    return Version(number, said, "f" * 64, COUNCIL, "somebody", AT, tuple(deeds))


def in_force(number: int, said: Terms) -> Version:
    """A version both sides signed."""
    return version(number, said, COUNCIL, AGENCY)


def by_the_night(versions: Sequence[Version], offered: Decimal, arrived: date, to: date) -> Decimal:
    """The rule again, as somebody would who loops over the nights and knows nothing of how the software counts."""
    exact = Fraction(0)
    night = arrived
    while night < to:
        lines: tuple[Line, ...] | None = None
        for each in versions:
            if {deed.author for deed in each.deeds if deed.act is Act.SIGNED} == {COUNCIL, AGENCY} and each.terms.effective_from <= night:
                lines = each.terms.lines
        if lines is None:
            exact += Fraction(offered) / 7
        else:
            running = [line for line in lines if line.from_on <= night and not (line.until and line.until <= night)]
            week = sum(Fraction(line.pounds_per_week or 0) for line in running if line.kind == "base_fee")
            for line in running:
                if line.kind == "one_off":
                    exact += Fraction(line.pounds or 0) if line.from_on == night else 0
                elif line.kind == "discount":
                    exact -= (Fraction(line.pounds_per_week or 0) + week * Fraction(line.per_cent or 0) / 100) / 7
                else:
                    exact += Fraction(line.pounds_per_week or 0) / 7
        night += timedelta(1)
    pence, rest = divmod(exact * 100, 1)
    return Decimal(int(pence) + (1 if rest >= Fraction(1, 2) else 0)) / 100


days = st.integers(0, 60)
money = st.decimals(min_value="0.01", max_value=2000, places=2)


@st.composite
def some_lines(draw: st.DrawFn, start: date) -> tuple[Line, ...]:
    """A base fee, perhaps changed once, with additions, one-offs and discounts over dates of their own."""

    def day() -> date:
        return start + timedelta(draw(days))

    change = start + timedelta(draw(st.integers(1, 60)))
    first, second = draw(money) + 100, draw(money) + 100
    found = [
        Line(LineKind.BASE_FEE, LineWhat.WEEKLY_FEE, start, change, pounds_per_week=first),
        Line(LineKind.BASE_FEE, LineWhat.WEEKLY_FEE, change, pounds_per_week=second),
    ]
    # Every kind of line, in any order and number: drawn one by one they would seldom meet on one night.
    for what in draw(st.permutations(["addition", "one_off", "pounds off", "per cent off"]))[draw(st.integers(0, 3)) :]:
        begins = day()
        ends = draw(st.none() | st.integers(1, 60))
        until = None if ends is None else begins + timedelta(ends)
        if what == "addition":
            found.append(Line(LineKind.ADDITION, LineWhat.THERAPY, begins, until, pounds_per_week=draw(money)))
        elif what == "one_off":
            found.append(Line(LineKind.ONE_OFF, LineWhat.CLOTHING, begins, pounds=draw(money)))
        elif what == "pounds off":
            off = draw(st.decimals(min_value="0.01", max_value=25, places=2))
            found.append(Line(LineKind.DISCOUNT, LineWhat.VOLUME, begins, until, pounds_per_week=off))
        else:
            share = draw(st.decimals(min_value="0.01", max_value=20, places=2))
            found.append(Line(LineKind.DISCOUNT, LineWhat.SIBLING, begins, until, per_cent=share))
    return tuple(found)


@st.composite
def some_versions(draw: st.DrawFn) -> list[Version]:
    """Up to three versions, each from a day of its own, the later ones not always from later days; some not signed by both."""
    found = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        start = ARRIVED + timedelta(draw(st.integers(0, 40)))
        said = terms(*draw(some_lines(start)), effective_from=start)
        signed = draw(st.sampled_from([(COUNCIL, AGENCY), (COUNCIL, AGENCY), (COUNCIL, AGENCY), (AGENCY,), ()]))
        found.append(version(number, said, *signed))
    return found
