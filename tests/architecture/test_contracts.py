"""What the bus may carry: every contract explained, heard by somebody, and free of anything that says who a child is."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from shared.contracts import HEARD_BY, SERVICES, Event, event_types

EVENTS = pytest.mark.parametrize("contract", event_types.values(), ids=lambda contract: contract.type)

_WORDS = """
name names given family first last middle surname forename nickname initials dob birth born birthday address street road
flat postcode school nursery college nhs upn uln ssn photo photograph picture image email mail phone telephone mobile
mother father parent guardian relative ethnicity ethnic nationality passport grid easting northing latitude longitude
note notes text comment comments message description details narrative story wishes worker officer carer
"""
IDENTIFYING = frozenset(_WORDS.split())
"""Words that, in a field's name, would promise something about one person or one front door."""

NAMES_OF_ORGANISATIONS = {("CouncilRecorded", "name"), ("AgencyRecorded", "name")}
"""Fields with such a word that say nothing of a person: what a council and an agency are called."""

PLAIN_WORDS = {
    # code of the consortium's own lists
    "framework", "code", "title", "name", "lead_roles", "changed",
    # coded reasons and whose side they are on
    "reason", "reasons", "side", "in_house_reason",
    # a reference people read aloud, which stands for the referral and for nobody
    "reference",
    # one of: home, school, contact, worship, health
    "what",
    # names of weights
    "weights",
}  # fmt: skip
"""Fields whose type is any text at all. Anything else must be an id, a code with a pattern, a number, a date or a closed list."""


def models(contract: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """A contract and every contract inside it."""
    seen = set() if seen is None else seen
    if contract in seen:
        return
    seen.add(contract)
    yield contract
    for field in contract.model_fields.values():
        for inner in _inside(field.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from models(inner, seen)


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


@EVENTS
def test_no_field_of_an_event_could_say_who_a_child_is_or_where_a_carer_lives(contract: type[Event]) -> None:
    suspicious = {
        (model.__name__, field) for model in models(contract) for field in model.model_fields if IDENTIFYING & set(field.split("_"))
    }
    assert suspicious - NAMES_OF_ORGANISATIONS == set()


@EVENTS
def test_no_field_of_an_event_takes_free_text(contract: type[Event]) -> None:
    loose = {
        field
        for model in models(contract)
        for field, info in model.model_fields.items()
        if any(inner is str for inner in _inside(info.annotation)) and not info.metadata and not _patterned(model, field)
    }
    assert loose <= PLAIN_WORDS


def _patterned(model: type[BaseModel], field: str) -> bool:
    """Whether the field's JSON Schema constrains its texts."""
    return "pattern" in str(model.model_json_schema()["properties"][field])


@EVENTS
def test_a_contract_says_what_happened_and_what_its_subject_is(contract: type[Event]) -> None:
    assert contract.__doc__
    assert "Subject:" in contract.__doc__, "a consumer must know whose version it compares"


def test_a_contract_that_asks_for_an_address_would_be_caught() -> None:
    class Inner(BaseModel):
        home_address: str

    class Outer(BaseModel):
        inner: tuple[Inner, ...]

    found = [(model.__name__, field) for model in models(Outer) for field in model.model_fields if IDENTIFYING & set(field.split("_"))]
    assert found == [("Inner", "home_address")]


def test_every_event_is_heard_by_somebody_and_every_hearer_is_a_service() -> None:
    assert set(HEARD_BY) == set(event_types)
    assert {service for services in HEARD_BY.values() for service in services} <= set(SERVICES)
    assert all(HEARD_BY.values())


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_listens_to_exactly_what_the_topology_promises_it(service: str) -> None:
    hears = importlib.import_module(f"{service}.app").SERVICE.hears
    assert {contract.type for contract in hears} == {name for name, services in HEARD_BY.items() if service in services}
