"""The sector's own validator takes the returns of all eleven councils for a simulated year, and finds the faults sown into one."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from example_data.region import BY_CODE
from referrals.domain import ssda903
from shared import postcodes
from shared.postcodes import Postcode
from tests.judges.environment import codes_refused, judged
from tests.referrals.returns.faults import FAULTS, LEFT_OUT_OF_UASC, sow, take_out_of_uasc
from tests.referrals.returns.simulated_year import AGENCIES, YEAR, SimulatedYear, hears_of_the_framework
from tests.running.services import RunningService

pytestmark = pytest.mark.slow

CLOSED_HOME = {
    "name": "A home that closed (invented)",
    "kind": "childrens_home",
    "provider_codes": ["PR4"],
    "postcode": "SO14 7LY",
    "local_authority": "Southampton City Council",
    "deregistered_on": "2024-06-30",
}
FEWEST_CHECKED = 179
"""Fewer rules than this are checked when a table is missing."""


@dataclass(frozen=True)
class Judged:
    """What the validator said of each council's folder, and where each fault was sown."""

    folder: Path
    answers: dict[str, Any]
    sown: dict[str, int]


_judged: list[Judged] = []
"""The year is lived and judged once for all tests of this file."""


@pytest.fixture
async def year(running: Callable[..., Awaitable[RunningService]], tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The simulated year of all eleven councils, exported and judged."""
    if not _judged:
        folder = tmp_path_factory.mktemp("returns")
        referrals, providers = await running("referrals"), await running("providers")
        await hears_of_the_framework(referrals)
        years = [SimulatedYear(referrals, code) for code in BY_CODE]
        for one in years:
            await one.live()
            reply = await one.officer.get(f"/returns/ssda903/{YEAR}")
            assert reply.status_code == 200, reply.text
            zipfile.ZipFile(io.BytesIO(reply.content)).extractall(folder / "unpacked" / one.code)
            (folder / "unpacked" / one.code / str(YEAR)).rename(folder / one.code)
        (folder / "ofsted.xlsx").write_bytes(await _ofsted_list(providers, years))
        shutil.copytree(folder / "E06000045", folder / "faults")
        sown = sow(folder / "faults" / "Episodes.csv") | {LEFT_OUT_OF_UASC: take_out_of_uasc(folder / "faults")}
        asked = [*((folder / code, code) for code in BY_CODE), (folder / "faults", "E06000045")]
        _judged.append(Judged(folder, judged(YEAR, folder / "ofsted.xlsx", asked), sown))
    return _judged[0]


async def _ofsted_list(providers: RunningService, years: list[SimulatedYear]) -> bytes:
    """The consortium's register, kept through the API, in the shape of Ofsted's list."""
    async with providers.as_("consortium") as consortium:
        for urn, sector in AGENCIES.items():
            body = {"name": f"Agency {urn}", "sector": sector, "ofsted_rating": "good", "inspected_on": "2025-01-15"}
            assert (await consortium.put(f"/agencies/{urn}", json=body)).status_code == 201
        for urn, place in {"SC999998": CLOSED_HOME, **{urn: place for one in years for urn, place in one.register().items()}}.items():
            reply = await consortium.put(f"/register/{urn}", json=place)
            assert reply.status_code == 201, reply.text
        return (await consortium.get("/register/ofsted-list.xlsx")).content


async def test_no_rule_fires_on_any_of_the_eleven_returns(year: Judged) -> None:
    for code in BY_CODE:
        answer = year.answers[code]
        assert answer["fired"] == [], code
        assert answer["crashed"] == [], code
        assert answer["checked"] >= FEWEST_CHECKED, code


async def test_each_fault_sown_into_a_return_is_found_at_its_line(year: Judged) -> None:
    assert set(year.sown) == {rule for rule, _, _ in FAULTS} | {LEFT_OUT_OF_UASC}
    fired = {each["rule"]: each["lines"] for each in year.answers["faults"]["fired"]}
    for rule, line in year.sown.items():
        assert set(fired.get(rule, ())) & {line, line - 1}, f"rule {rule} did not fire at line {line}"


async def test_the_year_holds_every_kind_of_change_and_of_leaving(year: Judged) -> None:
    for code in BY_CODE:
        with (year.folder / code / "Episodes.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert {row["RNE"] for row in rows} == set("SLPTBU"), code
        assert {"", "X1", "E4A", "E4B", "E46"} <= {row["REC"] for row in rows}, code
        assert {"U4", "U5", "U6", "K2", "K3", "P1", "T1", "R1"} <= {row["PLACE"] for row in rows}, code
        assert {"PR0", "PR1", "PR4", "PR5"} <= {row["PLACE_PROVIDER"] for row in rows}, code


async def test_each_return_has_children_who_came_alone_and_their_homes_are_blank(year: Judged) -> None:
    for code in BY_CODE:
        with (year.folder / code / "UASC.csv").open(encoding="utf-8", newline="") as file:
            unaccompanied = {row["CHILD"]: row["DUC"] for row in csv.DictReader(file)}
        with (year.folder / code / "Episodes.csv").open(encoding="utf-8", newline="") as file:
            homes = {row["CHILD"]: row["HOME_POST"] for row in csv.DictReader(file) if row["LS"] not in ("V3", "V4")}
        assert len(unaccompanied) == 2, code
        assert "06/10/2025" in unaccompanied.values(), code
        assert {child for child, home in homes.items() if not home} == set(unaccompanied), code


async def test_our_miles_and_councils_are_the_validators(year: Judged) -> None:
    compared = 0
    for code in BY_CODE:
        for row in year.answers[code]["episodes"]:
            home, place = (postcodes.parse(row[name]) if row[name] else None for name in ("HOME_POST", "PL_POST"))
            if home is None or place is None or row["PL_DISTANCE"] is None:
                continue
            assert abs(_miles(home, place) - Decimal(str(row["PL_DISTANCE"]))) <= Decimal("0.1"), row
            assert (postcodes.council_of(place) == code) == (row["PL_LOCATION"] == "IN"), row
            compared += 1
    assert compared > 200


def _miles(home: Postcode, place: Postcode) -> Decimal:
    first, second = postcodes.grid(home), postcodes.grid(place)
    assert first is not None
    assert second is not None
    return postcodes.miles(first, second)


async def test_our_code_lists_are_the_validators_in_every_year() -> None:
    refused = codes_refused(Path(ssda903.__file__).with_name("ssda903_codes.csv"))
    assert len(refused) == 5
    for year, lists in refused.items():
        for name, codes in lists.items():
            assert set(codes) == {code for code in ssda903.LISTS[name] if not ssda903.good_code_in(name, code, int(year))}, (year, name)
