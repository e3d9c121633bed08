"""A figure, a series or a table as one reader may see it: with its value worked out, and small numbers hidden where they must be."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from monitoring.domain.adding_up import Sums, of_sums
from monitoring.domain.answer import Answer
from monitoring.domain.definition import Definition, Unit
from monitoring.domain.figure import Figure, Tally
from monitoring.domain.suppression import small

NOT_SHOWN = "Not shown: so few that a child could be told by it."


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a series or table. All numbers are None where they may not be shown."""

    name: str | date | None
    """The month or quarter's first day; or a council's, agency's, lot's or part's code."""
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    records: int | None

    @property
    def hidden(self) -> bool:
        """Whether it may not be shown; without records there is nothing to hide."""
        return self.records is None


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was added up."""

    name: str | date | None
    numerator: Decimal
    denominator: Decimal | None
    records: int
    values: tuple[Decimal, ...] = ()


def lines(definition: Definition, added: Sequence[Line], *, hidden: Collection[str | date | None] = ()) -> list[Shown]:
    """Each line with its value; without numbers those that this reader may not see."""
    return [_hidden(line) if line.name in hidden else line for line in (_whole(definition, each) for each in added)]


def figure_shown(answer: Answer, *, may_see_small: bool) -> Answer:
    """A figure without its numbers where any count in it, or what is left when it is taken from the whole, is small.

    Its parts and what it left out are counts of their own, which nobody has looked at here: they are left away.
    """
    figure = answer.figure
    if may_see_small or figure.value is None:
        return answer
    counts = [figure.records]
    if answer.definition.counted_in is Unit.NUMBER and answer.definition.unit is not Unit.DAYS and figure.numerator is not None:
        counts.append(int(figure.numerator))
        if figure.denominator is not None:
            counts += [int(figure.denominator), int(figure.denominator - figure.numerator)]
    if any(small(count) for count in counts):
        return not_shown(answer)
    return replace(answer, figure=replace(figure, parts=(), left_out=()))


def not_shown(answer: Answer) -> Answer:
    """The answer without a number, and why."""
    return Answer(answer.definition, Figure(None, None, None, 0), NOT_SHOWN)


def _whole(definition: Definition, line: Line) -> Shown:
    tally = Tally("", line.numerator, line.denominator or Decimal(0), line.records, line.records)
    figure = of_sums(definition, Sums((tally,), int(line.numerator), line.values))
    return Shown(line.name, figure.value, line.numerator if not definition.summary.of_each else None, line.denominator, line.records)


def _hidden(line: Shown) -> Shown:
    return Shown(line.name, None, None, None, None)
