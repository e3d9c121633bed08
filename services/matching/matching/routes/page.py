"""Pages for printing: plain HTML that asks for nothing from anywhere, under a policy that would not let it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from matching import schemas
from matching.domain.cost import LineKind
from matching.domain.guard import Outcome
from shared import printed_page

_FOLDER = Path(__file__).parent / "pages"
_PAGES = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_STYLE = (_FOLDER / "print.css").read_text(encoding="utf-8")

HEADERS: Final[dict[str, str]] = printed_page.headers(_STYLE)
"""What goes out with every page."""

LINES: Final[Mapping[LineKind, str]] = {
    LineKind.WEEKLY_FEE: "Weekly fee",
    LineKind.BAND_CHANGE: "Birthdays",
    LineKind.UPLIFT: "Uplift",
    LineKind.DISCOUNT: "Discounts",
    LineKind.EXTRA_WEEKLY: "Weekly extras",
    LineKind.EXTRA_ONCE: "One-offs",
    LineKind.CONTACT_MILEAGE: "Contact mileage",
    LineKind.SCHOOL_TRANSPORT: "School transport",
}


def options_sheet(sheet: schemas.OptionsSheet) -> str:
    """The sheet as a page: one column an option, one row a line of cost."""
    rows = [(words, [_range(option, kind) for option in sheet.options]) for kind, words in LINES.items()]
    return _PAGES.get_template("options_sheet.html").render(
        sheet=sheet,
        style=Markup(_STYLE),  # noqa: S704 our own file, byte for byte as the policy's hash names it
        rows=[(words, cells) for words, cells in rows if any(cells)],
        plain=lambda word: str(word).replace("_", " "),
        money=schemas.money,
        day=lambda day: f"{day.day} {day:%B %Y}",
        short_day=_day,
        name=_name,
        needs=_needs,
        paid=lambda option: _paid(option, sheet),
        checks=_checks,
        parts=_parts,
        average=lambda option: schemas.money(*sorted((option.least.average_per_week, option.most.average_per_week))),
    )


# Every text on the page has an end, so that it stays one sheet; the data holds them whole.
LONGEST_NAME = 80
LONGEST_PARTS = 420
MOST_MISSING = 4


def _name(option: schemas.SheetOption) -> str:
    name = option.provider_name or option.provider
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"


def _needs(option: schemas.SheetOption) -> str:
    if not option.needs:
        return "None asked for."
    missing = [need.need.replace("_", " ") for need in option.needs if not need.met]
    met = f"{len(option.needs) - len(missing)} of {len(option.needs)} met"
    more = f" and {len(missing) - MOST_MISSING} more" if len(missing) > MOST_MISSING else ""
    return f"{met}; not: {', '.join(missing[:MOST_MISSING])}{more}." if missing else f"{met}."


def _paid(option: schemas.SheetOption, sheet: schemas.OptionsSheet) -> str:
    """Who pays what of the weekly fee, under the option the panel decided for; nothing under the others."""
    panel = sheet.panel
    if panel is None or panel.offer is None or panel.offer != option.offer or not panel.split:
        return ""
    return ", ".join(
        f"{_title(one.funder).lower()} {one.per_cent.normalize():f} %"
        + (f" ({schemas.money(one.pounds_per_week, one.pounds_per_week)})" if one.pounds_per_week is not None else "")
        for one in panel.split
    )


def _checks(option: schemas.SheetOption) -> str:
    """What is not clear: blocked first, then what a named officer must approve; in full in the data."""
    blocked = [check.question.replace("_", " ") for check in option.checks if check.outcome is Outcome.BLOCKED]
    owed = [check.approval.replace("_", " ") for check in option.checks if check.approval]
    told = [f"Blocked: {', '.join(blocked)}."] if blocked else []
    return " ".join([*told, *([f"To be approved by a named officer: {', '.join(owed)}."] if owed else [])]) or "All clear."


def _parts(option: schemas.SheetOption) -> list[str]:
    """What makes the price more or less than its weekly fee, in words; what does not fit is counted."""
    found = [*dict.fromkeys(_stated(option))]
    kept = [words for number, words in enumerate(found) if sum(map(len, found[: number + 1])) <= LONGEST_PARTS]
    left = len(found) - len(kept)
    return [*kept, f"And {left} more."] if left else kept


def _stated(option: schemas.SheetOption) -> Iterable[str]:
    if option.distances_not_known:
        yield f"Distance not known, so not counted: {', '.join(option.distances_not_known)}."
    if option.uplift:
        yield f"Uplift of {option.uplift.per_cent.normalize():f} per cent on {_day(option.uplift.on)}."
    for discount in option.discounts:
        off = f"{discount.per_cent.normalize():f} per cent" if discount.per_cent else f"£{discount.pounds_per_week:,.2f} a week"
        after = f" after {discount.after_weeks} weeks" if discount.after_weeks else ""
        yield f"{_title(discount.what)} discount of {off}{after}."
    for change in option.band_changes:
        more = change.pounds_per_week_more
        price = "price to be agreed" if more is None else f"{schemas.money(more, more)} a week more"
        yield f"Child {change.child} turns {change.age} between {_day(change.earliest)} and {_day(change.latest)}: {price}."
    for extra, times in Counter((extra.what, extra.pounds_once, extra.pounds_per_week) for extra in option.extras).items():
        what, once, weekly = extra
        price = f"£{once:,.2f} once" if once else f"£{weekly:,.2f} a week"
        yield f"{_title(what)}: {price}{f', {times} times' if times > 1 else ''}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _title(word: str) -> str:
    return word.replace("_", " ").capitalize()


def _range(option: schemas.SheetOption, kind: LineKind) -> str:
    lines = [[line for line in cost.lines if line.kind is kind] for cost in (option.least, option.most)]
    if not any(lines):
        return ""
    low, high = (sum((line.pounds for line in each), Decimal("0.00")) for each in lines)
    if any(line.to_be_agreed for each in lines for line in each):
        return "To be agreed" if low == high == 0 else f"{schemas.money(low, high)}, part to be agreed"
    return schemas.money(low, high)
