"""Notice given and taken back, what happens in placements counted by month, and councils' own counts of stability 2."""

from __future__ import annotations

from typing import Any

from monitoring.domain.lessons.lesson import THE_CONSORTIUM, Lesson, Subject, council_reader, for_each
from shared.contracts import Envelope
from shared.contracts.referrals import CouncilStabilityCounted, PlacementEventsCounted, PlacementNoticeGiven, PlacementNoticeWithdrawn


def notice_given(said: PlacementNoticeGiven, envelope: Envelope) -> tuple[Lesson, ...]:
    """One side gave notice: on which day, and when the placement is to end."""
    return _notice(said, envelope, "given", {"given_by": str(said.by), "given_on": said.notice_on, "ends_on": said.ends_on})


def notice_withdrawn(said: PlacementNoticeWithdrawn, envelope: Envelope) -> tuple[Lesson, ...]:
    """The notice was taken back: it does not count any more."""
    return _notice(said, envelope, "withdrawn", {"withdrawn_at": envelope.time})


def placement_events_counted(said: PlacementEventsCounted, envelope: Envelope) -> tuple[Lesson, ...]:
    """A month's count as the council has it; its agency is told only of the events that it may itself read."""
    key = {"council": said.council, "provider": said.provider, "month": said.month, "kind": str(said.kind)}
    council = council_reader(said.council)
    # The later of two alike keys stands: a council that fosters itself is told everything.
    seen = {said.provider: said.shared_count, council: said.count, THE_CONSORTIUM: said.count}
    return tuple(
        Lesson(reader, Subject.PLACEMENT_EVENT_COUNT, key=key, version=envelope.version, facts={"events": events})
        for reader, events in seen.items()
    )


def council_stability_counted(said: CouncilStabilityCounted, envelope: Envelope) -> tuple[Lesson, ...]:
    """A council counted its own children; no agency has a part in it."""
    return for_each(
        (council_reader(said.council),),
        Subject.STABILITY_COUNT,
        key={"council": said.council, "as_of": said.as_of},
        version=envelope.version,
        facts={"looked_after_long": said.looked_after_long, "same_placement": said.same_placement},
    )


NoticeNews = PlacementNoticeGiven | PlacementNoticeWithdrawn


def _notice(said: NoticeNews, envelope: Envelope, news: str, facts: dict[str, Any]) -> tuple[Lesson, ...]:
    readers = (council_reader(said.council), said.provider)
    about = {"placement": said.placement, "council": said.council, "provider": said.provider}
    return for_each(readers, Subject.NOTICE, key={"id": said.notice}, about=about, news=news, version=envelope.version, facts=facts)
