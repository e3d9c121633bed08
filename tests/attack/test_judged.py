"""A small, seeded part of ``make attack``: the outside judge asks all four services as a council, an agency and the project manager."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hearth import issuer
from hearth.arrangement import SERVICES
from shared.organisation import ROLES, Organisation, Role
from tests.attack.judging import Asking, judge_all, said_of_wrong, table, verdict, wrong_in
from tests.journey.deployment import deployed
from tests.running.postgresql import postgres_url
from tests.running.rabbitmq import rabbitmq_url

PEOPLE = {"council": "council:E06000045", "agency": "agency:SC910001", "consortium": "consortium"}
ASKING = Asking("small", examples=2, seed=1)

pytestmark = pytest.mark.slow


def test_the_judge_finds_nothing_that_is_not_explained(tmp_path: Path) -> None:
    with deployed(postgres_url(), rabbitmq_url(), together=True) as running:
        asyncio.run(running.load())
        tokens = {who: _token(running.keys, running.where.issuer, organisation) for who, organisation in PEOPLE.items()}
        pairs = [(service, who) for service in SERVICES for who in PEOPLE]
        verdicts = judge_all(pairs, running.where.address, tokens.__getitem__, ASKING, tmp_path, at_once=3)
    assert not wrong_in(verdicts), "\n".join([table(verdicts), *wrong_in(verdicts), said_of_wrong(verdicts, tmp_path)])
    for one in verdicts:
        assert one.operations > 20, "hardly anything was asked"
        assert one.asked > one.operations, "hardly anything was asked"


def _token(keys: issuer.Keys, address: str, organisation: str) -> str:
    named = Organisation.parse(organisation)
    return issuer.token(keys, address, named, ROLES[named.kind] - {Role.READER})


@pytest.mark.parametrize(
    ("kind", "where", "explained"),
    [
        ("ServerError", "GET /vacancies", False),
        ("UndefinedStatusCode", "POST /vacancies/bulk", False),
        ("AcceptedNegativeData", "POST /vacancies/bulk", True),
        ("AcceptedNegativeData", "PUT /vacancies/{reference}", False),
        ("RejectedPositiveData", "PUT /vacancies/{reference}", True),
    ],
)
def test_only_what_has_a_reason_of_its_own_is_explained(kind: str, where: str, explained: bool) -> None:
    report = {
        "failures": [{"type": kind, "operations": [where]}],
        "errors": [],
        "warnings": {},
        "operations": {"tested": 1},
        "test_cases": {"generated": 1},
    }
    assert bool(wrong_in([verdict("providers", "agency", report)])) is not explained


def test_what_could_not_be_asked_is_not_called_well() -> None:
    report = {
        "failures": [],
        "errors": [{"title": "Serialization not possible", "count": 1}],
        "warnings": {"unsupported_regex": ["GET /x"]},
        "operations": {"tested": 1},
        "test_cases": {"generated": 1},
    }
    assert len(wrong_in([verdict("providers", "agency", report)])) == 2
