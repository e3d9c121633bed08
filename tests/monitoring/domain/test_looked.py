"""How far alerts have looked, as it is reckoned and as it is said."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from monitoring.domain.looked import Looked, looked
from monitoring.pages.alerts import how_far

TODAY = date(2026, 9, 3)
AT = datetime(2026, 9, 3, 15, 5, tzinfo=UTC)
JUNE_2024, AUGUST_2026 = date(2024, 6, 1), date(2026, 8, 1)


@pytest.mark.parametrize(
    ("mark", "first", "expected"),
    [
        (None, None, Looked(None, None, 0, False)),
        (None, date(2026, 9, 1), Looked(None, None, 0, False)),
        (None, date(2023, 9, 1), Looked(None, None, 36, False)),
        ((JUNE_2024, AT), date(2023, 9, 1), Looked(JUNE_2024, AT, 26, False)),
        ((date(2026, 7, 1), AT), date(2023, 9, 1), Looked(date(2026, 7, 1), AT, 1, False)),
        ((AUGUST_2026, AT), date(2023, 9, 1), Looked(AUGUST_2026, AT, 0, False)),
        # laid to begin from, or set back when a past came in: no month of what is kept has been looked at
        ((date(2023, 8, 1), AT), date(2023, 9, 1), Looked(None, None, 36, False)),
    ],
)
def test_how_far_is_the_month_of_the_mark_and_what_ended_since(
    mark: tuple[date, datetime] | None, first: date | None, expected: Looked
) -> None:
    assert looked(mark, first, today=TODAY, waiting=False) == expected


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 28), date(2027, 4, 1)])
def test_what_is_left_to_look_at_ends_with_the_month_before_this_one(today: date) -> None:
    before = date(today.year, today.month - 1, 1) if today.month > 1 else date(today.year - 1, 12, 1)
    assert looked((before, AT), JUNE_2024.replace(year=2020), today=today, waiting=False).to_look == 0


@pytest.mark.parametrize(
    ("far", "words"),
    [
        (Looked(None, None, 0, False), "Alerts have not looked at anything yet: no month with records has ended."),
        (Looked(None, None, 36, True), "No month looked at yet; 36 months still to look at. Their figures are being counted first."),
        (
            Looked(JUNE_2024, AT, 26, False),
            "Looked through to the end of June 2024; 26 months still to look at. Last looked on 3 September 2026 at 4:05pm."
            " That goes on by itself, some months at a time: load the page again to see how far.",
        ),
        (Looked(AUGUST_2026, AT, 0, True), "Looked through to the end of August 2026. Last looked on 3 September 2026 at 4:05pm."),
    ],
)
def test_it_is_said_in_words(far: Looked, words: str) -> None:
    assert how_far(far) == words
