"""Whose figures somebody may ask for, and which: every fault of a question at once."""

from __future__ import annotations

from datetime import date, timedelta

from monitoring.domain.catalogue import KPIS
from monitoring.domain.definition import Definition, Dimension, Reader
from monitoring.domain.monthly import months_before
from monitoring.domain.period import Period, PeriodRule, month_of, period_asked_for, quarter_of
from monitoring.domain.scope import Scope
from monitoring.store import reference
from shared import clock
from shared.organisation import Kind
from shared.refusals import Reason, invalid, not_allowed, not_found
from shared.tenancy import Transaction

_PERIOD_REASONS = {
    PeriodRule.STARTS_BEFORE_IT_ENDS: Reason("from", "starts_before_it_ends", "The first day is after the last. Swap them, or change one."),
    PeriodRule.AT_MOST_TEN_YEARS: Reason("from", "at_most_ten_years", "Ask for at most ten years at once."),
    PeriodRule.BETWEEN_2000_AND_2100: Reason("from", "between_2000_and_2100", "Both days must lie between 2000 and 2100."),
}

_OVER_ALL = "You are shown figures over all, and by council, agency or lot where no number is small. Ask without this filter."


async def scope(
    transaction: Transaction, *, council: str | None, agency: str | None, lot: str | None, first: date | None, last: date | None
) -> Scope:
    """The scope of a question. Without filters a council or agency asks about itself, the consortium about all.

    Refused: another council's or another agency's figures; a code nobody has recorded; a period that is none.
    """
    asking = transaction.organisation
    if asking.kind is Kind.COUNCIL:
        if council not in (None, asking.code):
            raise not_allowed("These are another council's figures. Ask without the council, and you get your own.")
        council = asking.code
    if asking.kind is Kind.AGENCY:
        if agency not in (None, asking.code):
            raise not_allowed("These are another agency's figures. Ask without the agency, and you get your own.")
        agency = asking.code
    reasons = await _unknown(transaction, council=council, agency=agency, lot=lot)
    period = period_asked_for(first, last, today=clock.today())
    if not isinstance(period, Period):
        reasons += [_PERIOD_REASONS[rule] for rule in period]
    if reasons or not isinstance(period, Period):
        raise invalid(*reasons)
    return Scope(period, council, agency, lot)


async def in_whole_quarters(
    transaction: Transaction, *, council: str | None, agency: str | None, lot: str | None, first: date | None, last: date | None
) -> Scope:
    """The scope of somebody who may not see small numbers: everybody's records, over the quarters that are over and that the days touch,
    the last one whole; without days the last four.

    Refused: a filter, since what is shown by council and what is asked of one council could be subtracted; a period without such a quarter.
    """
    given = {"council": council, "agency": agency, "lot": lot}
    reasons = [Reason(name, "over_all", _OVER_ALL) for name, value in given.items() if value is not None]
    today = clock.today()
    period = period_asked_for(first, last, today=today)
    if not isinstance(period, Period):
        raise invalid(*reasons, *(_PERIOD_REASONS[rule] for rule in period))
    ends = quarter_of(min(period.last, today - timedelta(days=1)) + timedelta(days=1)) - timedelta(days=1)
    begins = quarter_of(period.first) if first is not None else months_before(month_of(ends), 11)
    if begins > ends:
        words = "You are shown whole quarters that are over, as 1 April to 30 June. Ask for one at least."
        reasons.append(Reason("from", "a_whole_quarter", words))
    if reasons:
        raise invalid(*reasons)
    return Scope(Period(begins, ends))


async def names(transaction: Transaction) -> dict[Dimension, dict[str, str]]:
    """What can be asked about, with what it is called: councils, agencies and lots, each by name."""
    return {
        Dimension.COUNCIL: await reference.councils(transaction),
        Dimension.AGENCY: await reference.agency_names(transaction),
        Dimension.LOT: await reference.lot_titles(transaction),
    }


def definition(name: str, reader: Reader) -> Definition:
    """One KPI by name; refused when there is none, or when it is not for this kind of organisation."""
    found = KPIS.get(name)
    if found is None:
        raise not_found("figure")
    if reader not in found.seen_by:
        raise not_allowed("This figure is for councils and the consortium: it compares or prices the work of several agencies.")
    return found


async def _unknown(transaction: Transaction, *, council: str | None, agency: str | None, lot: str | None) -> list[Reason]:
    """Codes nobody has recorded. Who asks about itself is known by its token, even before it is recorded."""
    own = transaction.organisation.code
    reasons = []
    if council not in (None, own) and council not in await reference.councils(transaction):
        reasons.append(Reason("council", "council_known", "No council with this ONS code is in the consortium."))
    if agency is not None and agency != own and not await reference.agency_known(transaction, agency):
        reasons.append(Reason("agency", "agency_known", "No agency with this Ofsted number is recorded."))
    if lot is not None and lot not in await reference.bands(transaction):
        reasons.append(Reason("lot", "lot_known", "There is no such lot. Use a lot's code as the framework has it."))
    return reasons
