"""Money as pages write it: pence in, pounds out."""

from __future__ import annotations

from decimal import Decimal

from monitoring.domain.ledger.pence import pounds
from monitoring.pages.charts.drawing import Value
from monitoring.pages.table import Written


def written(amount: Value) -> str:
    """Pounds in words: ``£1,234.50``, ``-£12,345``; from ten thousand on without pence."""
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    places = 0 if abs(exact) >= 10_000 or exact == exact.to_integral_value() else 2
    return f"{'-' if exact < 0 else ''}£{abs(exact):,.{places}f}"


def signed(amount: Value) -> str:
    """The same with its sign always said."""
    return written(amount) if float(amount) < 0 else f"+{written(amount)}"


def cell(pence: int | None) -> Written | None:
    """A cell of pence, shown to the penny."""
    if pence is None:
        return None
    exact = pounds(pence)
    return Written(exact, f"{'-' if exact < 0 else ''}£{abs(exact):,.2f}")


def per_cent(value: Decimal | None) -> Written | None:
    """A cell of per cent."""
    return None if value is None else Written(value, f"{value}%")
