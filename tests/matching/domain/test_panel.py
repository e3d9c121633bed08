"""What a panel has come to: from its votes and the moment it is looked at, and from nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from matching.domain.funding_split import Funder, Split
from matching.domain.panel import Asked, Extension, How, Member, Panel, PanelState, Proposal, Quorum, Unsettled, Vote, standing
from matching.domain.panel_reminders import Reminder, late_members, reminder_times, reminders_due
from matching.domain.panel_words import Deciding, ExtensionReason, PanelRole, VoteKind, VoteReason

OPENED = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
"""The day before the clocks go back."""
CLOSES = OPENED + timedelta(hours=24)
OFFERS = tuple(UUID(int=number) for number in (1, 2, 3))
HALF = Split.of({Funder.HEALTH: Decimal(50), Funder.SOCIAL_CARE: Decimal(50)})
ALONE = Split.of({Funder.SOCIAL_CARE: Decimal(100)})
ROLES = (PanelRole.EDUCATION, PanelRole.HEALTH, PanelRole.SOCIAL_CARE, PanelRole.COMMISSIONING, PanelRole.OTHER)


def seats(count: int) -> tuple[Member, ...]:
    return tuple(Member(UUID(int=100 + n), ROLES[n % 5], f"office {n}", f"person-{n}", n == 0) for n in range(count))


def panel(*votes: Vote, members: int = 3, **changes: object) -> Panel:
    made = Panel(
        council="council:E06000045",
        panel=UUID(int=9),
        referral=UUID(int=8),
        asked=tuple(Asked(offer, "agency:SC900001", {}) for offer in OFFERS),
        proposal=Proposal(OFFERS[0], HALF),
        deciding=Deciding.BY_CONSENT,
        quorum=Quorum(2, frozenset()),
        chair_without_quorum=False,
        members=seats(members),
        opened_at=OPENED,
        opened_by="officer",
        closes_at=CLOSES,
        votes=votes,
    )
    return replace(made, **changes)


def vote(seat: int, kind: VoteKind = VoteKind.CONSENT, offer: UUID | None = None, split: Split | None = None) -> Vote:
    return Vote(UUID(int=100 + seat), kind, offer, split, VoteReason.MEETS_NEEDS, "fits well", OPENED, 1)


def for_offer(seat: int, number: int, split: Split = HALF) -> Vote:
    return vote(seat, VoteKind.FOR_OFFER, OFFERS[number], split)


def test_consent_of_all_who_vote_with_the_quorum_is_decided_from_the_closing_moment_and_not_before() -> None:
    one = panel(vote(0), vote(1))
    assert standing(one, CLOSES - timedelta(microseconds=1)).state is PanelState.OPEN
    found = standing(one, CLOSES)
    assert found.outcome is not None
    assert (found.state, found.outcome.how, found.outcome.offer, found.outcome.split) == (PanelState.DECIDED, How.AGREED, OFFERS[0], HALF)
    assert found.outcome.decided_at == CLOSES


def test_once_all_have_voted_it_is_decided_at_that_moment() -> None:
    early = OPENED + timedelta(hours=1)
    found = standing(panel(vote(0), vote(1), vote(2), all_voted_at=early), early)
    assert (found.state, found.closed_at) == (PanelState.DECIDED, early)


def test_consent_and_a_vote_for_the_proposed_offer_with_its_split_are_one_and_the_same() -> None:
    assert standing(panel(vote(0), for_offer(1, 0)), CLOSES).state is PanelState.DECIDED


def test_one_who_objects_or_wants_another_offer_or_another_split_sends_it_to_the_chair() -> None:
    for other, why in (
        (vote(1, VoteKind.OBJECT), Unsettled.NOT_AGREED_ON_OFFER),
        (for_offer(1, 1), Unsettled.NOT_AGREED_ON_OFFER),
        (vote(1, VoteKind.NONE_OF_THESE), Unsettled.NOT_AGREED_ON_OFFER),
        (vote(1, split=ALONE), Unsettled.NOT_AGREED_ON_SPLIT),
    ):
        found = standing(panel(vote(0), other, vote(2)), CLOSES)
        assert (found.state, found.unsettled) == (PanelState.WITH_CHAIR, why)


def test_by_votes_more_than_half_decide_and_a_tie_does_not() -> None:
    most = panel(for_offer(0, 1), for_offer(1, 1), vote(2, VoteKind.OBJECT), deciding=Deciding.BY_VOTES)
    decided = standing(most, CLOSES).outcome
    assert decided is not None
    assert decided.offer == OFFERS[1]
    tie = panel(for_offer(0, 1), for_offer(1, 2), deciding=Deciding.BY_VOTES)
    assert standing(tie, CLOSES).unsettled is Unsettled.NOT_AGREED_ON_OFFER
    split_tie = panel(for_offer(0, 1), for_offer(1, 1, ALONE), deciding=Deciding.BY_VOTES)
    assert standing(split_tie, CLOSES).unsettled is Unsettled.NOT_AGREED_ON_SPLIT


def test_all_for_none_of_these_is_a_decision_without_offer_or_split() -> None:
    none = standing(panel(vote(0, VoteKind.NONE_OF_THESE), vote(1, VoteKind.NONE_OF_THESE)), CLOSES).outcome
    assert none is not None
    assert (none.offer, none.split) == (None, None)


def test_too_few_votes_or_a_role_not_heard_is_no_quorum() -> None:
    assert standing(panel(vote(0)), CLOSES).unsettled is Unsettled.NO_QUORUM
    must_hear = Quorum(1, frozenset({PanelRole.HEALTH}))
    assert standing(panel(vote(0), vote(2), quorum=must_hear), CLOSES).unsettled is Unsettled.NO_QUORUM
    assert standing(panel(vote(1), quorum=must_hear), CLOSES).state is PanelState.DECIDED


def test_a_panel_whose_referral_is_over_waits_for_nobody() -> None:
    for at in (OPENED, CLOSES):
        over = panel(vote(0), referral_over=True)
        assert standing(over, at).state is PanelState.LAPSED
        assert late_members(over, at) == reminders_due(over, at) == ()
    assert standing(panel(vote(0), vote(1), referral_over=True), CLOSES).state is PanelState.DECIDED


votes_of = st.lists(
    st.tuples(st.sampled_from(list(VoteKind)), st.sampled_from(OFFERS), st.sampled_from([HALF, ALONE])), min_size=0, max_size=5
)


@given(votes_of, st.sampled_from(list(Deciding)), st.integers(1, 5), st.integers(-3, 3))
def test_whatever_is_voted_a_panel_is_open_before_its_closing_and_decided_or_with_its_chair_after(
    said: list[tuple[VoteKind, UUID, Split]], deciding: Deciding, quorum: int, hours: int
) -> None:
    votes = [
        vote(seat, kind, offer if kind is VoteKind.FOR_OFFER else None, split if kind in (VoteKind.FOR_OFFER, VoteKind.CONSENT) else None)
        for seat, (kind, offer, split) in enumerate(said)
    ]
    one = panel(*votes, members=5, deciding=deciding, quorum=Quorum(quorum, frozenset()))
    now = CLOSES + timedelta(hours=hours)
    found = standing(one, now)
    if hours < 0:
        assert found.state is PanelState.OPEN
    elif len(votes) < quorum:
        assert found.unsettled is Unsettled.NO_QUORUM
    else:
        assert found.state in (PanelState.DECIDED, PanelState.WITH_CHAIR)
        assert (found.outcome is None) == (found.state is PanelState.WITH_CHAIR)
    if found.outcome is not None:
        for_it = sum(one.proposal is not None and (v.offer or one.proposal.offer) == found.outcome.offer for v in votes if v.split)
        none = sum(v.kind is VoteKind.NONE_OF_THESE for v in votes)
        backing = for_it if found.outcome.offer else none
        assert backing == len(votes) if deciding is Deciding.BY_CONSENT else backing * 2 > len(votes)
        assert (found.outcome.split is None) == (found.outcome.offer is None)
    assert standing(panel(*reversed(votes), members=5, deciding=deciding, quorum=one.quorum), now) == found


def test_members_are_late_from_half_time_and_each_reminder_comes_once_across_the_change_of_clocks() -> None:
    one = panel(vote(0))
    assert reminder_times(one) == ((Reminder.HALF_TIME, OPENED + timedelta(hours=12)), (Reminder.LAST_HOUR, CLOSES - timedelta(hours=1)))
    assert late_members(one, OPENED + timedelta(hours=11, minutes=59)) == ()
    half = OPENED + timedelta(hours=12)
    assert [(member.subject, what) for member, what in reminders_due(one, half)] == [
        ("person-1", Reminder.HALF_TIME),
        ("person-2", Reminder.HALF_TIME),
    ]
    assert {what for _, what in reminders_due(one, CLOSES - timedelta(minutes=30))} == {Reminder.LAST_HOUR}
    assert [(member.chair, what) for member, what in reminders_due(one, CLOSES)] == [(True, Reminder.CHAIR_TO_DECIDE)]
    assert reminders_due(panel(vote(0), vote(1)), CLOSES) == ()


def test_after_an_extension_half_time_is_counted_anew() -> None:
    given_at = CLOSES + timedelta(hours=2)
    more = Extension(1, CLOSES, given_at + timedelta(hours=10), ExtensionReason.MEMBERS_AWAY, "person-0", given_at)
    one = panel(vote(0), closes_at=more.to_at, extensions=(more,))
    assert dict(reminder_times(one))[Reminder.HALF_TIME] == given_at + timedelta(hours=5)
    assert late_members(one, given_at + timedelta(hours=4)) == ()


def test_a_panel_that_sits_two_hours_or_less_is_reminded_at_half_time_alone() -> None:
    assert [what for what, _ in reminder_times(panel(closes_at=OPENED + timedelta(hours=2)))] == [Reminder.HALF_TIME]
