"""From a need to a home: the referral, who answers and how soon, the choice, and what becomes of the offers that were not chosen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from hearth.simulate.chance import one_of, poisson
from hearth.simulate.children import Need, kind, urgency
from hearth.simulate.homes import Household
from hearth.simulate.living import Living, Stay
from hearth.simulate.market import Provider
from hearth.simulate.planting import Plant
from hearth.simulate.shares import WINDOW_HOURS
from hearth.simulate.world import World
from shared.contracts.words import PlacementKind, Urgency

IN_HOUSE_TRIED = 0.36
"""Referrals for which a council's own carers are tried and would do, if they have a bed."""
OFFERS = {Urgency.EMERGENCY: 1.9, Urgency.SAME_DAY: 2.3, Urgency.PLANNED: 3.1, Urgency.LONG_TERM: 2.8}
HURRY = {Urgency.EMERGENCY: (0.1, 0.6), Urgency.SAME_DAY: (0.3, 1.5), Urgency.PLANNED: (2.0, 30.0), Urgency.LONG_TERM: (8.0, 60.0)}
"""Hours from the need to the broadcast, while a council looks among its own carers."""
DECLINES = 2.2
NOT_NEEDED = 0.16
"""Needs that end by themselves while a home is looked for: the child returns, or goes to family."""
TOGETHER = 3
"""A shortlist at most."""
IN_HOUSE_REASONS = ("no_carer_with_vacancy", "outside_approval", "needs_not_met", "too_far", "other_child_in_home", "carer_declined")
DECLINE_REASONS = (
    (("no_vacancy", "provider"), 34),
    (("no_carer_matches_needs", "provider"), 27),
    (("too_far", "provider"), 12),
    (("would_not_suit_children_already_placed", "provider"), 10),
    (("too_little_notice", "council"), 7),
    (("too_little_information", "council"), 5),
    (("risk_cannot_be_held", "child"), 5),
)
WITHDRAWN_OFFER = (
    ("carer_changed_their_mind", "provider"),
    ("household_no_longer_available", "provider"),
    ("council_took_too_long", "council"),
)
WITHDRAWN = ((("returned_home", "child"), 45), (("placed_with_family", "child"), 40), (("plan_changed", "council"), 15))
RELEASED = ("better_fit_chosen", "higher_tier_chosen", "close_comparison", "placed_elsewhere", "council_judged_otherwise")


@dataclass
class Offer:
    """One home offered."""

    id: str
    provider: Provider
    home: Household
    made_at: datetime
    version: int = 1
    gone: bool = False


@dataclass
class Search:
    """One referral under way."""

    need: Need
    referral: str
    how_soon: Urgency
    kind: PlacementKind
    begun_at: datetime
    version: int = 1
    offers: list[Offer] = field(default_factory=list)

    def about(self, offer: Offer) -> dict[str, Any]:
        """What every event of one of its offers says."""
        return {"offer": offer.id, "referral": self.referral, "council": self.need.council, "provider": offer.provider.code}


@dataclass
class Searching:
    """Looks for homes."""

    world: World
    living: Living
    _readiness: dict[tuple[date, str], list[tuple[Provider, float]]] = field(default_factory=dict)

    def begin(self, moment: datetime, need: Need, how_soon: Urgency | None = None) -> None:
        """A council begins a referral: its own carers first, where they would do."""
        world, chance = self.world, self.world.chance
        how_soon = how_soon or urgency(chance)
        search = Search(need, world.teller.id(moment), how_soon, kind(need.lot, how_soon, need.ages, chance), moment)
        needed_by = moment.date() + timedelta(days={Urgency.PLANNED: 7, Urgency.LONG_TERM: 28}.get(how_soon, 0))
        data = {
            "referral": search.referral,
            "council": need.council,
            "lot": need.lot,
            "urgency": how_soon,
            "kind": search.kind,
            "planned": how_soon in (Urgency.PLANNED, Urgency.LONG_TERM),
            "ages": need.ages,
            "needed_by": needed_by.isoformat(),
            "re_referral_of": need.referral,
        }
        world.say(moment, "referral.created", search.referral, 1, need, data)
        earlier, need.referral = need.referral, search.referral
        need.referrals += 1
        hurry = HURRY[how_soon]
        own = world.providers.get(f"council:{need.council}")
        if own is not None and chance.random() < IN_HOUSE_TRIED and own.home_for(need.lot, need.ages, chance):
            world.agenda.at(world.after(moment, chance.uniform(*hurry)), lambda due: self._in_house(due, search, own))
            return
        world.agenda.at(world.after(moment, chance.uniform(*hurry)), lambda due: self._broadcast(due, search, earlier))

    def _in_house(self, moment: datetime, search: Search, own: Provider) -> None:
        need = search.need
        home = own.home_for(need.lot, need.ages, self.world.chance)
        if home is None:
            self._broadcast(moment, search, None)
            return
        match = self.world.teller.id(moment)
        hold = self.world.beds.hold(
            moment, home, need.council, referral=search.referral, asked_by=match, held_for="in_house_match", beds=len(need.ages)
        )
        assert hold is not None, "a home that fits has the beds"
        self.living.agree(moment, Stay(need, search.referral, search.kind, own, home, hold, None), search.how_soon)

    def _broadcast(self, moment: datetime, search: Search, earlier: str | None) -> None:
        world, chance, need = self.world, self.world.chance, search.need
        search.version += 1
        window = WINDOW_HOURS[search.how_soon]
        each = enumerate(zip(need.ages, need.sexes, need.essential, strict=True), start=1)
        children = [
            {"child_number": number, "age_years": age, "sex": sex, "essential_needs": essential} for number, (age, sex, essential) in each
        ]
        view = {
            "referral": search.referral,
            "reference": search.referral[-8:].upper(),
            "council": need.council,
            "lot": need.lot,
            "urgency": search.how_soon,
            "kind": search.kind,
            "needed_by": moment.date().isoformat(),
            "planned": search.how_soon in (Urgency.PLANNED, Urgency.LONG_TERM),
            "closes_at": world.after(moment, window).isoformat(),
            "siblings": "only_child" if len(need.ages) == 1 else "together",
            "children": children,
            "home_district": need.district,
            "re_referral_of": earlier,
        }
        reason = chance.choice(IN_HOUSE_REASONS)
        world.say(moment, "referral.broadcast", search.referral, search.version, need, {"view": view, "in_house_reason": reason})
        self._answers(moment, search, window)
        decided = world.after(moment, window * chance.uniform(1.0, 1.9) + chance.uniform(0.2, 2))
        world.agenda.at(decided, lambda due: self._decide(due, search))

    def _answers(self, moment: datetime, search: Search, window: float) -> None:
        """Agencies answer: the more carers, the more eager, the sooner and the oftener. Most do not answer what they cannot take."""
        world, chance, need = self.world, self.world.chance, search.need
        day = moment.date()
        asked = [(chance.expovariate(eager), provider) for provider, eager in self._eager(day.replace(day=1), need.lot)]
        asked.sort(key=lambda pair: pair[0])
        wanted, declined = poisson(OFFERS[search.how_soon], chance), 0
        declining = poisson(DECLINES, chance)
        for _, provider in asked[: 3 * wanted + 4]:
            home = provider.home_for(need.lot, need.ages, chance) if len(search.offers) < wanted else None
            middle = provider.hours_to_reply * provider.times(Plant.SLOWER_REPLIES, day) * min(1.0, window / 48)
            replied = world.after(moment, min(middle * math.exp(chance.gauss(0, 0.6)), window * 1.6) + 0.05)
            if home is not None:
                self._offer(replied, search, provider, home)
            elif declined < declining:
                declined += 1
                reason, side = one_of(DECLINE_REASONS, chance)
                data = {"referral": search.referral, "council": need.council, "provider": provider.code}
                data |= {"reason": reason, "side": side, "declined_at": replied.isoformat()}
                world.say(replied, "opportunity.declined", f"{search.referral}/{provider.code}", 1, need, data, by=provider.code)

    def _eager(self, month: date, lot: str) -> list[tuple[Provider, float]]:
        """The agencies with homes for this lot, and how readily each answers this month."""
        if (month, lot) not in self._readiness:
            self._readiness[month, lot] = [
                (
                    provider,
                    len(homes)
                    * provider.eagerness
                    * provider.times(Plant.FEWER_OFFERS, month)
                    * provider.times(Plant.OFSTED_DOWNGRADE, month),
                )
                for provider in self.world.providers.values()
                if not provider.in_house and (homes := provider.homes.get(lot))
            ]
        return self._readiness[month, lot]

    def _offer(self, made_at: datetime, search: Search, provider: Provider, home: Household) -> None:
        offer = Offer(self.world.teller.id(made_at), provider, home, made_at)
        search.offers.append(offer)
        data = search.about(offer) | {
            "vacancy": home.vacancy,
            "household": home.id,
            "lot": search.need.lot,
            "tier": provider.tiers.get(search.need.lot),
            "suitable": self.world.chance.random() < 0.9,
            "made_at": made_at.isoformat(),
        }
        self.world.say(made_at, "offer.made", offer.id, 1, search.need, data, by=provider.code)

    def _decide(self, moment: datetime, search: Search) -> None:
        """The council compares what has come in time and chooses, or looks again."""
        world, chance, need = self.world, self.world.chance, search.need
        offers = [offer for offer in search.offers if offer.made_at < moment]
        for late in (offer for offer in search.offers if offer.made_at >= moment):
            self._about(world.after(late.made_at, 1), search, late, "released", {"reason": "placed_elsewhere"})
        for offer in offers:
            if chance.random() < 0.04:
                reason, side = chance.choice(WITHDRAWN_OFFER)
                self._about(moment, search, offer, "withdrawn", {"reason": reason, "side": side}, by=offer.provider.code)
                offer.gone = True
        offers = [offer for offer in offers if not offer.gone]
        if chance.random() < NOT_NEEDED and need.moves == 0:
            reason, side = one_of(WITHDRAWN, chance)
            self._end(moment, search, offers, reason, side)
            return
        offers.sort(key=lambda offer: (offer.provider.tiers.get(need.lot) or 4) + chance.gauss(0, 0.8))
        shortlist = offers[:TOGETHER] if len(offers) > 1 else []
        for offer in shortlist:
            self._about(moment, search, offer, "shortlisted", {})
        world.agenda.at(world.after(moment, chance.uniform(0.3, 2)), lambda due: self._choose(due, search, offers))

    def _choose(self, moment: datetime, search: Search, offers: list[Offer]) -> None:
        """Choose the best offer that is left and ask for its bed; if it is gone, look at the others again."""
        world, need = self.world, search.need
        left = [offer for offer in offers if not offer.gone]
        if not left:
            self._nothing_found(moment, search)
            return
        offer = left[0]
        decision = world.teller.id(moment)
        asked = {"vacancy": offer.home.vacancy, "beds": len(need.ages), "decision": decision}
        self._about(moment, search, offer, "selected", asked)
        hold = world.beds.hold(
            moment, offer.home, need.council, referral=search.referral, asked_by=offer.id, held_for="offer", beds=len(need.ages)
        )
        if hold is None:
            self._about(world.after(moment, 0.01), search, offer, "refused", {"reasons": ["no_free_bed"]})
            offer.gone = True
            world.agenda.at(world.after(moment, world.chance.uniform(0.5, 2)), lambda due: self._choose(due, search, offers))
            return
        stay = Stay(need, search.referral, search.kind, offer.provider, offer.home, hold, offer.id)
        pounds = self.living.agree(world.after(moment, 0.02), stay, search.how_soon)
        terms = {"household": offer.home.id, "hold": hold, "lot": need.lot, "tier": offer.provider.tiers.get(need.lot)}
        terms |= {"pounds_per_week": pounds, "available_on": moment.date().isoformat()}
        terms |= {"confirmed_at": world.after(moment, 0.01).isoformat(), "vacancy": offer.home.vacancy, "decision": decision}
        self._about(world.after(moment, 0.01), search, offer, "confirmed", terms)
        for other in left[1:]:
            self._about(world.after(moment, 0.05), search, other, "released", {"reason": world.chance.choice(RELEASED)})

    def _nothing_found(self, moment: datetime, search: Search) -> None:
        """No home came of it: most councils ask again, soon; after a few times the child goes elsewhere."""
        chance, need = self.world.chance, search.need
        again = need.referrals < 4 and chance.random() < 0.72
        self._end(moment, search, [], "no_suitable_offer" if again else "placed_elsewhere", "nobody")
        if again:
            self.world.agenda.at(self.world.after(moment, chance.uniform(12, 150)), lambda due: self.begin(due, need, search.how_soon))

    def _end(self, moment: datetime, search: Search, offers: list[Offer], reason: str, side: str) -> None:
        search.version += 1
        data = {"referral": search.referral, "council": search.need.council, "reason": reason, "side": side}
        self.world.say(moment, "referral.withdrawn", search.referral, search.version, search.need, data)
        for offer in offers:
            self._about(self.world.after(moment, 0.1), search, offer, "released", {"reason": "referral_withdrawn"})

    def _about(self, moment: datetime, search: Search, offer: Offer, what: str, data: dict[str, Any], *, by: str | None = None) -> None:
        offer.version += 1
        self.world.say(moment, f"offer.{what}", offer.id, offer.version, search.need, search.about(offer) | data, by=by)
