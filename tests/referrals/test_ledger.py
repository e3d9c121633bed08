"""The disclosure ledger: every line chained in the transaction that discloses, and whoever tampers with it found out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from hearth.databases import provision
from referrals.actions.ledger import verify
from referrals.domain.disclosure import Right
from referrals.store import disclosures
from referrals.store.disclosures import Act
from shared import clock, migrating, tenancy
from shared.organisation import Organisation
from tests.architecture.catalogue import as_superuser, connected
from tests.referrals.council import AGENCY, HAMPSHIRE, OTHER_AGENCY, SOUTHAMPTON, Council

COUNCIL = Organisation.council(SOUTHAMPTON)


async def verified(council: Council, **kept: Any) -> dict[str, Any]:
    """What the administrator is told."""
    reply = await council.client("administrator").get("/ledger/verification", params=kept)
    assert reply.status_code == 200, reply.text
    told: dict[str, Any] = reply.json()
    return told


async def read_often(council: Council, times: int) -> str:
    """A child whose record was opened so many times; returns its id."""
    child = await council.child()
    for _ in range(times):
        assert (await council.client().get(f"/children/{child}")).status_code == 200
    return child


async def tamper(admin_url: str, council: Council, *statements: str) -> None:
    """Do this to the table with every right there is."""
    url = council.service.owner_urls.get(council.code) or council.service.owner_urls[None]
    async with connected(as_superuser(admin_url, url)) as superuser:
        for statement in statements:
            await superuser.execute(statement)


async def ids_by_line(admin_url: str, council: Council) -> dict[int, str]:
    """Line → id."""
    url = council.service.owner_urls.get(council.code) or council.service.owner_urls[None]
    async with connected(as_superuser(admin_url, url)) as superuser:
        return {row["line"]: str(row["id"]) for row in await superuser.fetch("SELECT line, id FROM disclosures")}


async def test_an_empty_ledger_is_whole(council: Council) -> None:
    told = await verified(council)
    assert (told["whole"], told["lines"], told["first_broken"]) == (True, 0, None)


async def test_every_kind_of_disclosure_is_one_whole_chain(council_either_way: Council) -> None:
    council = council_either_way
    child = await council.child()
    placement = await council.placement(child)
    await council.client().get(f"/children/{child}")
    await council.client().post("/children/search", json={"family_name": "Marrowby"})
    assert (await council.service.as_(AGENCY).get(f"/placements/{placement}/child")).status_code == 200
    lines = (await council.client().get(f"/children/{child}/disclosures")).json()["items"]
    assert [line["line"] for line in lines] == [1, 2, 3, 4]
    told = await verified(council)
    assert (told["whole"], told["lines"], told["hash"]) == (True, 4, lines[-1]["hash"])


async def test_each_council_has_a_chain_of_its_own(council: Council) -> None:
    await read_often(council, 3)
    hampshire = Council(council.service, HAMPSHIRE)
    await read_often(hampshire, 1)
    assert [(await verified(one))["lines"] for one in (council, hampshire)] == [3, 1]


async def test_many_officers_at_once_do_not_fork_the_chain(council: Council) -> None:
    child = await council.child()
    replies = await asyncio.gather(*(council.client().get(f"/children/{child}") for _ in range(12)))
    assert {reply.status_code for reply in replies} == {200}
    told = await verified(council)
    assert (told["whole"], told["lines"]) == (True, 12)


async def _record(transaction: tenancy.Transaction, children: Sequence[UUID]) -> None:
    await disclosures.record(
        transaction, children, seen_by=COUNCIL, subject="officer", act=Act.READ, right=Right.SEARCH, fields=("upn",), at=clock.now()
    )


async def test_of_two_transactions_at_once_the_second_waits_and_follows_the_firsts_line(council: Council) -> None:
    await read_often(council, 1)  # so that there is an end to hold
    databases = council.service.databases
    async with tenancy.transaction(databases, COUNCIL) as first:
        await _record(first, [uuid4()])

        async def second() -> None:
            async with tenancy.transaction(databases, COUNCIL) as transaction:
                await _record(transaction, [uuid4(), uuid4()])

        waiting = asyncio.create_task(second())
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done, "the second writer must wait until the first has committed"
    await waiting
    told = await verified(council)
    assert (told["whole"], told["lines"]) == (True, 4)


async def test_a_disclosure_that_is_rolled_back_leaves_neither_line_nor_gap(council: Council) -> None:
    await read_often(council, 1)
    with pytest.raises(ZeroDivisionError):
        async with tenancy.transaction(council.service.databases, COUNCIL) as transaction:
            await _record(transaction, [uuid4()])
            raise ZeroDivisionError
    async with tenancy.transaction(council.service.databases, COUNCIL) as transaction:
        await _record(transaction, [uuid4()])
    told = await verified(council)
    assert (told["whole"], told["lines"]) == (True, 2)


SWAPPED = (
    "UPDATE disclosures SET line = -1 WHERE line = 2",
    "UPDATE disclosures SET line = 2 WHERE line = 3",
    "UPDATE disclosures SET line = 3 WHERE line = -1",
)
CLOSED_UP = ("DELETE FROM disclosures WHERE line = 3", "UPDATE disclosures SET line = line - 1 WHERE line > 3")
COPIED = (
    "INSERT INTO disclosures SELECT organisation, gen_random_uuid(), child, placement, seen_by, 'nobody', act, by_right, fields, at,"
    " {line}, previous_hash, hash FROM disclosures WHERE line = 3"
)


@pytest.mark.parametrize(
    ("statements", "line", "named", "rule"),
    [
        (("UPDATE disclosures SET subject = 'nobody' WHERE line = 3",), 3, 3, "as_written"),
        (("UPDATE disclosures SET fields = '{}' WHERE line = 1",), 1, 1, "as_written"),
        (("UPDATE disclosures SET at = at + interval '1 microsecond' WHERE line = 5",), 5, 5, "as_written"),
        (("UPDATE disclosures SET hash = sha256('x') WHERE line = 2",), 2, 2, "as_written"),
        (("DELETE FROM disclosures WHERE line = 1",), 1, None, "not_missing"),
        (("DELETE FROM disclosures WHERE line = 3",), 3, None, "not_missing"),
        (("DELETE FROM disclosures WHERE line = 5",), 5, None, "not_missing"),
        (("DELETE FROM disclosures WHERE line > 1",), 2, None, "not_missing"),
        (CLOSED_UP, 3, 4, "follows_the_line_before"),
        ((COPIED.format(line=6),), 6, "new", "follows_the_line_before"),
        ((COPIED.format(line=0),), 0, "new", "in_its_place"),
        (("DROP INDEX disclosures_one_a_line", COPIED.format(line=3)), 3, "either", "in_its_place"),
        (SWAPPED, 2, 3, "follows_the_line_before"),
        (("DELETE FROM ledger_heads",), 1, 1, "written_by_the_service"),
        (("UPDATE ledger_heads SET lines = 4",), 5, 5, "written_by_the_service"),
        (("UPDATE ledger_heads SET hash = sha256('x')",), 5, 5, "ends_as_written"),
    ],
)  # fmt: skip
async def test_what_a_superuser_does_to_the_ledger_is_named_at_the_first_broken_link(
    council: Council, admin_url: str, statements: tuple[str, ...], line: int, named: int | str | None, rule: str
) -> None:
    await read_often(council, 5)
    before = await ids_by_line(admin_url, council)
    try:
        await tamper(admin_url, council, *statements)
        broken = (told := await verified(council))["first_broken"]
        assert (told["whole"], broken["line"], broken["rule"]) == (False, line, rule)
        assert broken["message"].endswith(".")
        if named == "new":
            assert broken["id"] not in before.values()
        elif named == "either":  # of two lines with one number, which comes first is decided by their ids
            assert broken["id"] is not None
        else:
            assert broken["id"] == (before[named] if isinstance(named, int) else None)
        if named != "either":
            assert told["lines"] == (5 if rule in ("written_by_the_service", "ends_as_written") else max(line - 1, 0))
    finally:
        await tamper(
            admin_url, council, "DELETE FROM disclosures",
            "CREATE UNIQUE INDEX IF NOT EXISTS disclosures_one_a_line ON disclosures (organisation, line)",
        )  # fmt: skip


async def test_a_ledger_written_anew_is_found_out_by_a_hash_kept_elsewhere(council: Council, admin_url: str) -> None:
    await read_often(council, 3)
    told = await verified(council)
    kept: dict[str, Any] = {"kept_line": 3, "kept_hash": told["hash"]}
    assert (await verified(council, **kept))["whole"]
    await tamper(admin_url, council, "DELETE FROM disclosures", "DELETE FROM ledger_heads")
    async with tenancy.transaction(council.service.databases, COUNCIL) as transaction:
        await _record(transaction, [uuid4(), uuid4()])
    assert (await verified(council))["whole"], "without the kept hash nobody could tell"
    assert (await verified(council, **kept))["first_broken"]["rule"] == "not_missing"
    async with tenancy.transaction(council.service.databases, COUNCIL) as transaction:
        await _record(transaction, [uuid4()])
    broken = (await verified(council, **kept))["first_broken"]
    assert (broken["line"], broken["rule"]) == (3, "as_kept_elsewhere")


async def test_only_the_councils_administrator_verifies_and_bad_questions_are_refused(council: Council) -> None:
    for who in (
        council.client("placements_officer"),
        council.client("reader"),
        council.service.as_(AGENCY),
        council.service.as_("consortium"),
    ):
        assert (await who.get("/ledger/verification")).status_code == 403
    administrator = council.client("administrator")
    bad: list[tuple[dict[str, Any], str, str]] = [
        ({"kept_line": 3}, "kept_hash", "both_or_neither"),
        ({"kept_hash": "0" * 64}, "kept_line", "both_or_neither"),
        ({"kept_line": 0, "kept_hash": "0" * 64}, "kept_line", "at_least"),
        ({"kept_line": 1, "kept_hash": "xyz"}, "kept_hash", "pattern"),
    ]
    for asked, field, rule in bad:
        reply = await administrator.get("/ledger/verification", params=asked)
        assert reply.status_code == 422
        assert (reply.json()["errors"][0]["field"], reply.json()["errors"][0]["rule"]) == (field, rule)


async def test_a_wrong_organisation_sees_no_ledger_and_cannot_move_its_end(council: Council) -> None:
    await read_often(council, 2)
    for wrong in (Organisation.council(HAMPSHIRE), Organisation.parse(OTHER_AGENCY)):
        async with tenancy.transaction(council.service.databases, wrong) as transaction:
            assert await transaction.scalar(text("SELECT count(*) FROM ledger_heads")) == 0
            assert (await transaction.execute(text("UPDATE ledger_heads SET lines = 0"))).rowcount == 0
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenancy.transaction(council.service.databases, COUNCIL) as transaction:
            await transaction.execute(text("DELETE FROM ledger_heads"))


async def test_lines_written_before_the_ledger_was_chained_are_chained_by_the_migration(databases_of_tests: Any, admin_url: str) -> None:
    """A database as the last release left it, with its disclosures, brought up to this one."""
    databases_of_tests.made.append(name := "test_referrals_before_the_ledger")
    addresses = await provision(admin_url, "referrals", database=name)
    await migrating.upgrade(addresses.owner_url, "referrals", "0002")
    async with connected(as_superuser(admin_url, addresses.owner_url)) as superuser:
        for number, code in enumerate((SOUTHAMPTON, HAMPSHIRE, SOUTHAMPTON, SOUTHAMPTON)):
            await superuser.execute(
                "INSERT INTO disclosures (organisation, id, child, seen_by, subject, act, by_right, fields, at)"
                " VALUES ($1, gen_random_uuid(), gen_random_uuid(), $1, 'Zoë', 'read', 'search', $2, now())",
                f"council:{code}",
                ["upn"] * number,
            )
    await migrating.upgrade(addresses.owner_url, "referrals")
    async with connected(as_superuser(admin_url, addresses.owner_url)) as superuser:
        assert await superuser.fetchval("SELECT relforcerowsecurity FROM pg_class WHERE relname = 'disclosures'")
        lines = await superuser.fetch("SELECT organisation, line FROM disclosures ORDER BY organisation, at")
        assert [(row["organisation"][-3:], row["line"]) for row in lines] == [("045", 1), ("045", 2), ("045", 3), ("014", 1)]
    databases = tenancy.Databases(tenancy.engine_for(addresses.app_url), source="/test")
    for code, expected in ((SOUTHAMPTON, 3), (HAMPSHIRE, 1)):
        async with tenancy.transaction(databases, Organisation.council(code)) as transaction:
            await _record(transaction, [uuid4()])
            found = await verify(transaction, None)
            assert (found.broken, found.whole_to.line) == (None, expected + 1)
    await databases.close()


async def test_who_knows_what_since_when_by_which_right_is_answered_in_one_call(council: Council) -> None:
    child = await council.child()
    placement = await council.placement(child)
    await council.client().post("/children/search", json={"family_name": "Marrowby"})
    for _ in range(2):
        await council.service.as_(AGENCY).get(f"/placements/{placement}/child")
    answer = (await council.client().get(f"/children/{child}/disclosures/summary")).json()
    known = {(each["organisation"] or f"lot {each['lot']}", each["right"]): each for each in answer["known_by"]}
    assert set(known) == {("lot general", "broadcast"), (AGENCY, "placement_agreed"), (council.organisation, "search")}
    told, agency = known["lot general", "broadcast"], [e for e in answer["known_by"] if e["organisation"] == AGENCY]
    assert {"age_years", "sex", "essential_needs"} <= set(told["fields"])
    assert not {"given_names", "date_of_birth", "school"} & set(told["fields"])
    assert {"given_names", "family_name", "date_of_birth"} <= set(agency[0]["fields"])
    assert not {"home_address", "upn", "child_id"} & {field for each in agency for field in each["fields"]}
    assert {each["organisation_name"] for each in agency} == {"Harbour Fostering"}
    assert [(each["placement"], each["until"]) for each in agency] == [(placement, None)] * len(agency)
    assert [each["since"] for each in answer["known_by"]] == sorted(each["since"] for each in answer["known_by"])
    await council.client().post(f"/placements/{placement}/cancellation", json={"reason": "plan_changed"}, headers={"If-Match": "*"})
    after = (await council.client().get(f"/children/{child}/disclosures/summary")).json()["known_by"]
    assert all(each["until"] is not None for each in after if each["organisation"] == AGENCY)


async def test_nobody_else_is_told_who_knows_a_child(council: Council) -> None:
    child = await read_often(council, 1)
    assert (await Council(council.service, HAMPSHIRE).client().get(f"/children/{child}/disclosures/summary")).json()["known_by"] == []
    for who in (council.client("administrator"), council.service.as_(AGENCY), council.service.as_("consortium")):
        assert (await who.get(f"/children/{child}/disclosures/summary")).status_code == 403
