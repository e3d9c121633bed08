"""Every reply of referrals, matching and providers, by whatever route: each field stands in the declared table and is shown to its readers.

So are the facts that monitoring gives away and the events on the bus. FastAPI sends nothing that a reply's class does not name, so what
holds for the classes holds for the bytes. A new module of replies must be put below: under the nouns it tells of, or among those that
tell of no child, referral, placement, household or offer, with what they tell of.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from monitoring.schemas.drilling import RecordBehind
from monitoring.schemas.gaps import NeedBehind
from monitoring.schemas.ledger import LedgerLine
from monitoring.store import taking_facts
from referrals.domain.disclosure import TABLE, Noun, Reader, Stage, fields_seen
from referrals.schemas.placements import DisclosedChild, DisclosedRelative
from shared import contracts
from shared.organisation import Kind
from tests.architecture.test_doors import _allowed, api_routes

TOLD_OF: Mapping[str, tuple[Noun, ...]] = {
    "referrals.schemas.agreements": (Noun.AGREEMENT,),
    "referrals.schemas.agreements_due": (Noun.AGREEMENT,),
    "referrals.schemas.care": (Noun.TIME_IN_CARE,),
    "referrals.schemas.children": (Noun.CHILD, Noun.CHILD_RECORD, Noun.RELATIVE, Noun.DISCLOSURE),
    "referrals.schemas.corrections": (Noun.TIME_IN_CARE,),
    "referrals.schemas.decision_record": (Noun.DECISION, Noun.WISHES),
    "referrals.schemas.distances": (Noun.DISTANCE,),
    "referrals.schemas.erasure": (Noun.ERASURE,),
    "referrals.schemas.knowledge": (Noun.DISCLOSURE,),
    "referrals.schemas.ledger": (Noun.DISCLOSURE,),
    "referrals.schemas.placements": (Noun.PLACEMENT, Noun.CHILD, Noun.RELATIVE),
    "referrals.schemas.referrals": (Noun.REFERRAL, Noun.REFERRAL_RECORD, Noun.CHILD, Noun.CHILD_RECORD, Noun.NEAR_PLACE, Noun.PREVIEW),
    "referrals.schemas.returns": (Noun.TIME_IN_CARE,),
    "referrals.schemas.small_cells": (Noun.PREVIEW,),
    "referrals.schemas.stability": (Noun.PLACEMENT, Noun.PLACEMENT_EVENT, Noun.TIME_IN_CARE),
    "referrals.schemas.words": (Noun.WORDS, Noun.WORDS_READ, Noun.FINDING),
    "shared.contracts.referrals": (Noun.REFERRAL, Noun.CHILD, Noun.NEAR_PLACE),
    "matching.schemas.amendments": (Noun.OPPORTUNITY, Noun.OFFER),
    "matching.schemas.approvals": (Noun.OFFER,),
    "matching.schemas.decided": (Noun.OFFER, Noun.HOUSEHOLD),
    "matching.schemas.for_councils": (Noun.REFERRAL, Noun.OFFER),
    "matching.schemas.for_providers": (Noun.OPPORTUNITY, Noun.OFFER),
    "matching.schemas.judged": (Noun.OFFER,),
    "matching.schemas.lookalikes": (Noun.OFFER,),
    "matching.schemas.nearest_change": (Noun.OFFER,),
    "matching.schemas.notices": (Noun.NOTICE,),
    "matching.schemas.options_sheet": (Noun.OFFER,),
    "matching.schemas.panel_lists": (Noun.PANEL,),
    "matching.schemas.panels_shown": (Noun.PANEL,),
    "matching.schemas.pricing": (Noun.OFFER,),
    "matching.schemas.questions": (Noun.QUESTION,),
    "matching.schemas.requests": (Noun.OFFER,),
    "providers.schemas.households": (Noun.HOUSEHOLD,),
    "providers.schemas.parks": (Noun.HOUSEHOLD,),
    "providers.schemas.vacancies": (Noun.HOUSEHOLD,),
    "shared.contracts.providers": (Noun.HOUSEHOLD,),
}
TOLD_OF_CLASS: Mapping[str, tuple[Noun, ...]] = {"HomeSeen": (Noun.OFFER,), "HomeHold": (Noun.OFFER,), "DecisionReplay": (Noun.OFFER,)} | {
    "Recorded": (Noun.TIME_IN_CARE, Noun.PLACEMENT),
}
"""Single classes of modules that else tell of none of these."""

TELLS_OF_NONE: Mapping[str, str] = {
    "referrals.schemas.settings": "the council's own settings and keys",
    "referrals.schemas.stability_counts": "a count over all of a council's children",
    "shared.archive_bodies": "how many rows an archive held",
    "shared.problems": "what is wrong with a request, which never says what was sent",
    "matching.schemas.assumptions": "a council's own assumptions of cost",
    "matching.schemas.home_holds": "how long a council holds a home",
    "matching.schemas.panels": "hours that a panel has",
    "matching.schemas.replay": "the versions of a council's weights",
    "matching.schemas.webhooks": "where an organisation is called, and whether that works",
    "providers.schemas.consortium": "councils, agencies, frameworks and lots",
    "providers.schemas.evaluation": "scores, ranked lists and tiers",
    "providers.schemas.register": "Ofsted's register",
    "providers.schemas.suspensions": "agencies that get no new referrals",
    "providers.schemas.tenders": "tenders and bids",
}
ENVELOPE = {"items", "next_cursor", "cursor", "more"}
"""What stands around a list."""
WHOLE_CLASSES_APART: Mapping[str, str] = {
    "CountsBody": "a council's published counts", "CellBody": "the same", "ToldBody": "the same",
    "DefaultShares": "published national shares", "DefaultShare": "the same",
    "FosteringServiceBody": "the number of a council's own service",
    "NoticeFeed": "a list of notices",
    "HistoryLoaded": "how many rows a return held",
}  # fmt: skip

READ_AS: Mapping[Kind, Reader] = {
    Kind.COUNCIL: Reader.OWN_COUNCIL,
    Kind.AGENCY: Reader.SELECTED_PROVIDER,
    Kind.CONSORTIUM: Reader.PROJECT_MANAGER,
}
"""As whom somebody let in may come at the most; that earlier stages see less is tried over HTTP."""
CUT_FOR_AGENCIES = {DisclosedChild, DisclosedRelative}
"""The table is applied field by field when it is asked for (tests/referrals/test_disclosure.py)."""
EMPTY_FOR_ALL_BUT_ITS_OWN = {"reference", "household_reference"}
"""Of a vacancy: null but for the provider itself; its tests say so."""


def replies(service: str) -> Mapping[type[BaseModel], frozenset[Kind]]:
    """Every class that a reply of a service can hold, and who may read it by any route."""
    found: dict[type[BaseModel], frozenset[Kind]] = {}
    for router in importlib.import_module(f"{service}.routes").ROUTERS:
        for route in api_routes(router.routes):
            let_in = frozenset(_allowed(route.dependant) or ())
            for body in _classes(route.response_model, set()):
                found[body] = found.get(body, frozenset()) | let_in
    return found


def _classes(annotation: Any, seen: set[type]) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        yield annotation
        for field in annotation.model_fields.values():
            yield from _classes(field.annotation, seen)
    for inside in get_args(annotation):
        yield from _classes(inside, seen)


def _nouns(body: type[BaseModel]) -> tuple[Noun, ...] | None:
    if body.__name__.startswith("Page[") or body.__name__ in WHOLE_CLASSES_APART:
        return None
    if body.__name__ in TOLD_OF_CLASS:
        return TOLD_OF_CLASS[body.__name__]
    if body.__module__ in TOLD_OF:
        return TOLD_OF[body.__module__]
    assert body.__module__ in TELLS_OF_NONE, f"{body.__module__}.{body.__name__}: of what does it tell?"
    return None


def undeclared(body: type[BaseModel], readers: Collection[Kind]) -> set[str]:
    """The fields of a reply that the table does not show to one of its readers; a council's own fostering service reads its homes as an
    agency does."""
    nouns = _nouns(body)
    if nouns is None:
        return set()
    missing: set[str] = set()
    for kind in readers:
        if kind is Kind.AGENCY and body in CUT_FOR_AGENCIES:
            continue
        own_service = kind is Kind.COUNCIL and Kind.AGENCY in readers and body.__module__.startswith("providers.")
        reader = Reader.SELECTED_PROVIDER if own_service else READ_AS[kind]
        shown = {name for noun in nouns for name in fields_seen(noun, Stage.PLACED, reader)}
        empty = EMPTY_FOR_ALL_BUT_ITS_OWN if kind is Kind.CONSORTIUM and body.__name__ == "Vacancy" else set()
        missing |= set(body.model_fields) - shown - ENVELOPE - empty
    return missing


@pytest.mark.parametrize("service", ["referrals", "matching", "providers"])
def test_every_field_of_every_reply_stands_in_the_table_and_is_shown_to_whom_the_route_lets_in(service: str) -> None:
    every = replies(service)
    assert len(every) > 20, "no reply was found: this test would prove nothing"
    told = {f"{body.__module__}.{body.__name__}": sorted(undeclared(body, kinds)) for body, kinds in every.items()}
    assert {name: fields for name, fields in told.items() if fields} == {}


class Leaking(BaseModel):
    """A reply with a field that nobody declared."""

    reference: str
    photograph: str


def test_a_field_that_is_put_into_a_reply_and_not_into_the_table_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOLD_OF, Leaking.__module__, (Noun.REFERRAL,))  # type: ignore[arg-type]
    assert undeclared(Leaking, [Kind.COUNCIL, Kind.AGENCY]) == {"photograph"}
    assert undeclared(Leaking, [Kind.CONSORTIUM]) == {"photograph", "reference"}, "what is not for the project manager is named too"


FACTS: Mapping[str, Noun] = {
    "referrals": Noun.FACT_OF_A_REFERRAL,
    "offers": Noun.FACT_OF_AN_OFFER,
    "declines": Noun.FACT_OF_AN_OFFER,
    "bed_requests": Noun.FACT_OF_AN_OFFER,
    "placements": Noun.FACT_OF_A_PLACEMENT,
    "notices": Noun.FACT_OF_A_PLACEMENT,
    "placement_event_counts": Noun.FACT_OF_A_PLACEMENT,
    "vacancy_changes": Noun.FACT_OF_A_HOME,
    "places_counts": Noun.FACT_OF_A_HOME,
}
COUNTS_AND_PRICES = {"stability_counts", "baseline_prices", "lots"}


def test_the_facts_that_monitoring_gives_away_are_the_tables() -> None:
    assert set(taking_facts.TAKEN) == set(FACTS) | COUNTS_AND_PRICES
    for table, noun in FACTS.items():
        columns = set(taking_facts.columns(table))
        assert columns <= fields_seen(noun, Stage.PLACED, Reader.PROJECT_MANAGER), table
    for body in (RecordBehind, NeedBehind, LedgerLine):
        assert set(body.model_fields) <= fields_seen(Noun.RECORD_BEHIND_A_FIGURE, Stage.PLACED, Reader.PROJECT_MANAGER), body


IDENTIFYING = frozenset({
    "given_names", "family_name", "date_of_birth", "nhs_number", "upn", "school", "home_address", "home_postcode", "child_id", "child",
    "ethnicity", "legal_status", "name", "relationship",
})  # fmt: skip


def test_no_fact_says_who_a_child_is_or_where_a_home_stands() -> None:
    facts = {line.field for line in TABLE if line.noun.startswith("fact_of") or line.noun is Noun.RECORD_BEHIND_A_FIGURE}
    assert not facts & (IDENTIFYING | {"postcode", "grid_reference", "address", "miles"})


OF_THE_CONSORTIUM = {"CouncilRecorded", "Suspension", "AgencyRecorded", "PriceBand", "LotRecorded", "TierLine", "TiersPublished"} | {
    "AwardedPrice", "PricesAwarded", "PlacesCounted", "PlacementEventsCounted", "CouncilStabilityCounted", "CouncilSettingsChanged",
    "CountedTrait", "CountedChildren", "CouncilCountsRecorded",
}  # fmt: skip
"""Events of councils, agencies, lots, prices and counts over many: no single child, referral, home or offer."""
OF_THE_NEWS = {
    "changed", "facts", "match", "notice", "by", "notice_on", "numbers_in_year", "arrives_on", "limit_confirmed", "confirmed_at",
    "planned", "asked_by", "held_for", "view",
}  # fmt: skip
"""What only news has: which fields changed, the facts or the view it carries (each held to the table by itself), by which side."""


def test_every_event_on_the_bus_carries_only_fields_that_a_provider_or_a_figure_is_shown() -> None:
    readers = (Reader.SELECTED_PROVIDER, Reader.PROJECT_MANAGER)
    shown = {name for noun in Noun for reader in readers for name in fields_seen(noun, Stage.PLACED, reader)}
    sent = {"decision", "decision_hash", "beds"}  # the number and the hash of a decision's record, and how many beds
    events = [body for module in ("referrals", "matching", "providers") for body in _contracts(module)]
    assert len(events) > 30
    for body in events:
        if body.__name__ not in OF_THE_CONSORTIUM:
            assert set(body.model_fields) <= (shown - set(IDENTIFYING)) | OF_THE_NEWS | sent, body.__name__


def _contracts(module: str) -> Iterator[type[BaseModel]]:
    for body in vars(importlib.import_module(f"{contracts.__name__}.{module}")).values():
        if isinstance(body, type) and issubclass(body, BaseModel) and body.__module__.endswith(f"contracts.{module}"):
            yield body
