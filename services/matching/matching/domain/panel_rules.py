"""What may be done to a panel, and when: convening, voting, more time, the chair's decision, and a choice that follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from matching.domain.decision import plain
from matching.domain.faults import Fault
from matching.domain.funding_split import Split, faults_of_split
from matching.domain.message import faults_in_message
from matching.domain.offer import STANDING, OfferState
from matching.domain.panel import Panel, PanelState, Standing, Unsettled, standing
from matching.domain.panel_words import Departure, VoteKind
from matching.domain.ranking import Option
from shared.contracts.words import Urgency
from shared.identifying_patterns import WORDS, patterns_in
from shared.uk_time import in_uk_words

MOST_ASKED = 3
FEWEST_MEMBERS = 2
MOST_EXTENSIONS = 3
LONGEST = timedelta(days=30)
"""How far ahead a panel may close: a child waits for it."""

DEFAULT_HOURS = {Urgency.EMERGENCY: 1, Urgency.SAME_DAY: 2, Urgency.PLANNED: 24, Urgency.LONG_TERM: 72}
"""How long a panel sits by the referral's urgency, in hours on the clock, until the council's administrator sets otherwise."""

WITHOUT_QUORUM = frozenset({Urgency.EMERGENCY, Urgency.SAME_DAY})
"""Where the chair may decide although the quorum was missed, unless the officer said otherwise when convening."""


def faults_of_convening(panel: Panel, options: Sequence[Option], now: datetime) -> tuple[Fault, ...]:
    """Every rule a new panel breaks.

    One to three offers that stand (from the shortlist where there is one); at least two members, each person once, exactly one of them the
    chair; a quorum that these members can reach; a closing time ahead, at most 30 days; a proposal among what is asked.
    """
    return (*_about_the_question(panel, options), *_about_members(panel), *_about_quorum(panel), *_about_closing(panel.closes_at, now))


def _about_the_question(panel: Panel, options: Sequence[Option]) -> Iterable[Fault]:
    standing_now = {option.offer.offer: option.offer.state for option in options if option.offer.state in STANDING}
    shortlist = OfferState.SHORTLISTED in standing_now.values()
    asked = [one.offer for one in panel.asked]
    for position, offer in enumerate(asked):
        if offer in asked[:position]:
            yield Fault(f"offers.{position}", "each_offer_once", "This offer is asked about twice.")
        elif offer not in standing_now:
            yield Fault(f"offers.{position}", "offer_stands", "This offer does not stand on this referral. Look at the options again.")
        elif shortlist and standing_now[offer] is not OfferState.SHORTLISTED:
            yield Fault(f"offers.{position}", "from_the_shortlist", "This offer is not on your shortlist. Put it there first.")
    if len(asked) > MOST_ASKED:
        yield Fault("offers", "at_most_three", "Ask a panel about three offers at most.")
    if panel.proposal is not None:
        if panel.proposal.offer not in asked:
            yield Fault("proposal.offer", "among_the_offers", "Propose one of the offers you ask about.")
        yield from faults_of_split(panel.proposal.split, "proposal.split")


def _about_members(panel: Panel) -> Iterable[Fault]:
    subjects = [member.subject for member in panel.members]
    if len(subjects) < FEWEST_MEMBERS:
        yield Fault("members", "two_or_more", "A panel has at least two members.")
    for position, subject in enumerate(subjects):
        if subject in subjects[:position]:
            yield Fault(f"members.{position}.subject", "each_person_once", "This person sits on the panel twice: one member, one vote.")
    if sum(member.chair for member in panel.members) != 1:
        yield Fault("members", "one_chair", "Name exactly one member as the chair, who decides if the others do not agree.")


def _about_quorum(panel: Panel) -> Iterable[Fault]:
    if not 1 <= panel.quorum.members <= len(panel.members):
        yield Fault("quorum.members", "can_be_reached", "The quorum must be at least one member, and no more than the panel has.")
    for role in sorted(panel.quorum.roles - {member.role for member in panel.members}):
        words = role.replace("_", " ")
        yield Fault("quorum.roles", "can_be_reached", f"No member speaks for {words}, so this quorum could not be reached.")


def _about_closing(closes_at: datetime, now: datetime) -> Iterable[Fault]:
    if closes_at <= now:
        yield Fault("closes_at", "in_the_future", "The closing time has passed. Give a later one.")
    elif closes_at - now > LONGEST:
        yield Fault("closes_at", "within_30_days", "Let the panel close within 30 days.")


def faults_of_vote(
    panel: Panel, kind: VoteKind, offer: UUID | None, split: Split | None, words: str, offers_standing: Iterable[UUID]
) -> tuple[Fault, ...]:
    """Every rule a vote breaks: an offer asked about that still stands, a sound split where one is needed, words that name nobody."""
    return (
        *_about_offer(panel, kind, offer, frozenset(offers_standing)),
        *_about_split(panel, kind, split),
        *_about_words(words),
    )


def _about_words(words: str) -> Iterable[Fault]:
    """No name, number or address by the shape of the words (as in an offer's message), and nothing that identifies by its form."""
    yield from (Fault("words", fault.rule, fault.message) for fault in faults_in_message(words))
    for kind in dict.fromkeys(found.kind for found in patterns_in(words)):
        yield Fault("words", "nothing_identifying", WORDS[kind])


def _about_offer(panel: Panel, kind: VoteKind, offer: UUID | None, offers_standing: frozenset[UUID]) -> Iterable[Fault]:
    if kind is VoteKind.CONSENT and panel.proposal is None:
        yield Fault("vote", "something_proposed", "Nothing is proposed to this panel. Vote for an offer, or for none of these.")
    if kind is not VoteKind.FOR_OFFER:
        if offer is not None:
            yield Fault("offer", "only_when_voting_for_one", "Name an offer only when you vote for one.")
    elif offer not in {one.offer for one in panel.asked}:
        yield Fault("offer", "among_the_offers", "Name one of the offers the panel is asked about.")
    elif offer not in offers_standing:
        yield Fault("offer", "offer_stands", "This offer has ended. Vote for another, or for none of these.")


def _about_split(panel: Panel, kind: VoteKind, split: Split | None) -> Iterable[Fault]:
    if split is not None:
        yield from faults_of_split(split)
    if kind in (VoteKind.NONE_OF_THESE, VoteKind.OBJECT):
        if split is not None:
            yield Fault("split", "only_for_an_offer", "A split belongs to a vote for an offer.")
    elif split is None and panel.proposal is None:
        yield Fault("split", "split_needed", "Say who pays what share: nothing is proposed that you could leave it at.")


def faults_of_chairs_decision(
    panel: Panel, offer: UUID | None, split: Split | None, words: str, now: datetime, offers_standing: Iterable[UUID]
) -> tuple[Fault, ...]:
    """Every rule the chair's decision breaks, once it is the chair's turn: an offer asked about with its split, or none and no split."""
    return tuple(_about_chairs(panel, offer, split, words, now, frozenset(offers_standing)))


def _about_chairs(
    panel: Panel, offer: UUID | None, split: Split | None, words: str, now: datetime, offers_standing: frozenset[UUID]
) -> Iterable[Fault]:
    if standing(panel, now).unsettled is Unsettled.NO_QUORUM and not panel.chair_without_quorum:
        yield Fault("panel", "quorum_first", "Too few have voted, and this panel's chair may not decide alone. Give it more time.")
    if offer is None:
        if split is not None:
            yield Fault("split", "only_for_an_offer", "A split belongs to an offer.")
    else:
        yield from _about_offer(panel, VoteKind.FOR_OFFER, offer, offers_standing)
        if split is None:
            yield Fault("split", "split_needed", "Say who pays what share of this offer.")
        else:
            yield from faults_of_split(split)
    yield from _about_words(words)


def faults_of_extension(panel: Panel, closes_at: datetime, now: datetime) -> tuple[Fault, ...]:
    """More time: only where nothing but the quorum was missing, at most three times, to a moment ahead."""
    found = list(_about_closing(closes_at, now))
    if standing(panel, now).unsettled is not Unsettled.NO_QUORUM:
        message = "More time is given only after a closing without quorum. This panel is open, or its members have said what they think."
        found.append(Fault("panel", "only_without_quorum", message))
    if len(panel.extensions) >= MOST_EXTENSIONS:
        message = f"This panel was given more time {MOST_EXTENSIONS} times. Ask an officer to dissolve it and convene another."
        found.append(Fault("panel", "at_most_three_times", message))
    return tuple(found)


def faults_of_unfinished(panel: Panel, now: datetime) -> tuple[Fault, ...]:
    """Why nothing may be chosen on the panel's referral yet; empty once it is decided or dissolved."""
    found = standing(panel, now)
    if found.state is PanelState.OPEN:
        message = f"A panel sits on this referral until {in_uk_words(panel.closes_at)}. Wait for it, or dissolve it with a reason."
        return (Fault("referral", "panel_decided", message),)
    if found.state is PanelState.WITH_CHAIR:
        message = "The panel on this referral has closed without agreeing. Its chair decides; ask the chair, or dissolve it with a reason."
        return (Fault("referral", "panel_decided", message),)
    return ()


def faults_of_following(panel: Panel, found: Standing, chosen: Option, departure: Departure | None) -> tuple[Fault, ...]:
    """A choice follows the panel's decision, on the terms put to it, or gives a coded reason; none is given for nothing."""
    if found.state is not PanelState.DECIDED:
        owed = ""
    elif found.outcome is None or found.outcome.offer != chosen.offer.offer:
        owed = "The panel decided otherwise. Choose what it decided, or give panel_departure from the list."
    elif changed_since_asked(panel, chosen):
        owed = "The provider changed this offer after it was put to the panel. Ask the panel again, or give panel_departure."
    else:
        owed = ""
    if owed and departure is None:
        return (Fault("panel_departure", "follows_the_panel", owed),)
    if departure is not None and not owed:
        return (Fault("panel_departure", "only_when_departing", "This choice departs from no decision of a panel. Leave it out."),)
    return ()


def faults_without_panel(departure: Departure | None) -> tuple[Fault, ...]:
    """Where no panel sat there is none to depart from."""
    if departure is None:
        return ()
    return (Fault("panel_departure", "only_when_departing", "No panel sat on this referral. Leave panel_departure out."),)


def changed_since_asked(panel: Panel, option: Option) -> bool:
    """Whether the offer's terms are no longer those that were put to the panel."""
    return any(one.offer == option.offer.offer and dict(one.terms) != plain(option.offer.terms) for one in panel.asked)
