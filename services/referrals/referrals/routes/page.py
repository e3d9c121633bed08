"""Pages for printing: plain HTML that asks for nothing from anywhere, under a policy that would not let it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from referrals.actions.agreements import Agreement, costs_of
from referrals.domain.agreement import Act, VersionState
from referrals.domain.agreement_cost import week_of
from referrals.domain.agreement_due import DueState
from referrals.domain.agreement_terms import NEEDED, Form
from referrals.schemas.agreements import AgreementBody, CostBody, LineBody, VersionBody
from shared import clock, printed_page
from shared.refusals import not_found

_FOLDER = Path(__file__).parent / "pages"
_PAGES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_STYLE = (_FOLDER / "print.css").read_text(encoding="utf-8")

HEADERS: Final[dict[str, str]] = printed_page.headers(_STYLE)
"""What goes out with every page."""


def rendered(name: str, **values: Any) -> str:
    """A page from its template, with the one style sheet that the policy names."""
    return _PAGES.get_template(name).render(style=Markup(_STYLE), **values)  # noqa: S704 our own file


def agreement(found: Agreement, number: int | None) -> str:
    """The agreement as a page: the version asked for, else the one in force, else the newest that was proposed."""
    one, today = AgreementBody.of(found), found.today
    version = _version(one, number)
    costs = costs_of(found, *week_of(today))
    named = {one.council: "council", one.provider: "agency"}
    signed = {deed.organisation: deed for deed in version.acts if deed.act is Act.SIGNED} if version else {}
    full = version is not None and version.form is Form.FULL
    return _PAGES.get_template("agreement.html").render(
        one=one,
        style=Markup(_STYLE),  # noqa: S704 our own file, byte for byte as the policy's hash names it
        version=version,
        standing=_standing(one, version),
        lacking=[] if version is None or full else [each for each in NEEDED if each not in version.documents],
        leaving="the child left on " + _day(found.placement.ending.ended_on) if found.placement.ending else _expected(one),
        notice=next((each for each in one.notices if each.withdrawn_at is None), None),
        costs=[
            ("This week", CostBody.of(costs.part)),
            ("The stay to date", CostBody.of(costs.to_date)),
            ("The stay as expected", CostBody.of(costs.to_expected_end) if costs.to_expected_end else None),
        ],
        signatures=[(f"The {words}", signed.get(side)) for side, words in named.items()],
        offered=found.placement.pounds_per_week,
        side=named.__getitem__,
        code=lambda organisation: organisation.partition(":")[2],
        plain=lambda word: str(word).replace("_", " "),
        last=lambda cost: cost.until - timedelta(1),
        amount=_amount,
        day=_day,
        moment=clock.in_uk_words,
        today=today,
    )


def _version(one: AgreementBody, number: int | None) -> VersionBody | None:
    if number is None:
        newest = one.versions[-1].number if one.versions else None
        number = one.in_force or newest
    found = next((each for each in one.versions if each.number == number), None)
    if number is not None and found is None:
        raise not_found("version of this agreement")
    return found


def _standing(one: AgreementBody, version: VersionBody | None) -> str:
    """In one sentence, what the reader holds in hand, and what is missing."""
    if version is None:
        words = "Nothing is agreed in writing yet: the placement stands on the offer."
    elif version.state is VersionState.IN_FORCE:
        form = "Emergency form" if version.form is Form.EMERGENCY else "Full agreement"
        words = f"{form}, version {version.number}: signed by both sides."
    elif version.state is VersionState.PROPOSED:
        words = f"Proposal, version {version.number}: not in force until both sides have signed it."
    else:
        words = f"Version {version.number} was {version.state}: it never came into force."
    if one.due is not None:
        tense = "was" if one.due.state is DueState.OVERDUE else "is"
        words += f" The full agreement {tense} due on {_day(one.due.due_on)}."
    return words


def _expected(one: AgreementBody) -> str:
    if one.expected_end is None:
        return "not agreed; notice ends the agreement"
    by_notice = any(notice.withdrawn_at is None for notice in one.notices)
    return f"{_day(one.expected_end)}, {'when notice ends' if by_notice else 'as expected'}"


def _amount(line: LineBody) -> str:
    if line.per_cent is not None:
        return f"− {line.per_cent.normalize():f} per cent of the base fee"
    less = "− " if line.kind == "discount" else ""
    return f"{less}£{line.pounds_per_week:,.2f} a week" if line.pounds_per_week is not None else f"£{line.pounds:,.2f} once"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
