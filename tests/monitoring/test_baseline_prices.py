"""A council's prices before the framework: the whole list or nothing, every bad row named."""

from __future__ import annotations

import asyncio

from tests.monitoring.conftest import OAK, SLOUGH, SOUTHAMPTON
from tests.monitoring.told import a_placement, baseline
from tests.running.services import RunningService

CSV = {"Content-Type": "text/csv"}


async def prices_of(service: RunningService, organisation: str, **asked: str) -> list[dict[str, str]]:
    return (await service.as_(organisation).get("/baseline-prices", params=asked)).json()["items"]


async def test_a_list_is_taken_as_json_or_csv_and_replaces_the_one_before(monitoring: RunningService) -> None:
    council = monitoring.as_(f"council:{SOUTHAMPTON}")
    first = await council.put("/baseline-prices", json={"prices": [baseline("750.00"), baseline("650.00", "0-4")]})
    assert (first.status_code, first.headers["etag"], first.json()["prices"]) == (200, '"1"', 2)
    text = "band,lot,pounds_per_week,from_date\r\n5-10,general,700.00,2012-04-01\r\n"
    second = await council.put("/baseline-prices", content=text.encode("utf-8-sig"), headers=CSV)
    assert (second.status_code, second.json()["version"]) == (200, 2)
    kept = {"council": SOUTHAMPTON, "lot": "general", "band": "5-10", "from_date": "2012-04-01", "pounds_per_week": "700.00"}
    assert await prices_of(monitoring, f"council:{SOUTHAMPTON}") == [kept]
    assert await prices_of(monitoring, "consortium") == [kept]
    assert await prices_of(monitoring, f"council:{SLOUGH}") == []


async def test_every_bad_row_is_named_by_line_and_nothing_is_taken(monitoring: RunningService) -> None:
    lines = [
        "lot,band,from_date,pounds_per_week",
        "general,5-10,2012-04-01,750.00",
        "secure,5-10,2012-04-01,750.00",
        "general,6-7,01/04/2012,eight hundred",
        "general,5-10,2012-04-01,-1",
        "",
        "general,0-4,2012-02-30,0.00",
        "general,0-4,2012-05-01,1e3,surplus",
        "general,11-15,2012-05-01,NaN",
    ]
    reply = await monitoring.as_(f"council:{SOUTHAMPTON}").put("/baseline-prices", content="\n".join(lines), headers=CSV)
    assert reply.status_code == 422
    assert [(error["field"], error["rule"]) for error in reply.json()["errors"]] == [
        ("prices.3.lot", "lot_known"),
        ("prices.4.band", "band_of_the_lot"),
        ("prices.4.from_date", "date_readable"),
        ("prices.4.pounds_per_week", "price_readable"),
        ("prices.5.pounds_per_week", "price_believable"),
        ("prices.5.from_date", "one_price_a_day"),
        ("prices.7.from_date", "date_readable"),
        ("prices.7.pounds_per_week", "price_believable"),
        ("prices.8.prices", "columns_as_named"),
        ("prices.8.pounds_per_week", "price_readable"),
        ("prices.9.pounds_per_week", "price_readable"),
    ]
    assert "eight hundred" not in reply.text
    assert await prices_of(monitoring, f"council:{SOUTHAMPTON}") == []


async def test_what_is_not_a_list_at_all_is_refused_in_words(monitoring: RunningService) -> None:
    council = monitoring.as_(f"council:{SOUTHAMPTON}")
    tries = {
        "no header": (b"general,5-10,2012-04-01,750.00", CSV, 422),
        "not text": (b"\xff\xfe\x00lot", CSV, 400),
        "not json": (b"{prices", {"Content-Type": "application/json"}, 400),
        "no rows": (b'{"prices": []}', {"Content-Type": "application/json"}, 422),
        "unknown field": (b'{"prices": [], "council": "E06000039"}', {"Content-Type": "application/json"}, 422),
        "a spreadsheet": (b"PK", {"Content-Type": "application/vnd.ms-excel"}, 415),
        "nothing said": (b"", {}, 415),
    }
    for name, (content, headers, status) in tries.items():
        reply = await council.put("/baseline-prices", content=content, headers=headers)
        assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), (name, reply.text)


async def test_only_an_administrator_of_a_council_hands_in_prices(monitoring: RunningService) -> None:
    body = {"prices": [baseline()]}
    for organisation, roles in ((f"council:{SLOUGH}", ("placements_officer",)), ("consortium", ()), (f"agency:{OAK}", ())):
        assert (await monitoring.as_(organisation, *roles).put("/baseline-prices", json=body)).status_code == 403


async def test_a_stale_version_is_refused_and_changes_nothing(monitoring: RunningService) -> None:
    council = monitoring.as_(f"council:{SOUTHAMPTON}")
    await council.put("/baseline-prices", json={"prices": [baseline("750.00")]})
    await council.put("/baseline-prices", json={"prices": [baseline("760.00")]}, headers={"If-Match": '"1"'})
    stale = await council.put("/baseline-prices", json={"prices": [baseline("770.00")]}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert [price["pounds_per_week"] for price in await prices_of(monitoring, f"council:{SOUTHAMPTON}")] == ["760.00"]


async def test_the_same_key_is_taken_once_and_another_list_under_it_is_refused(monitoring: RunningService) -> None:
    council, key = monitoring.as_(f"council:{SOUTHAMPTON}"), {"Idempotency-Key": "upload-1"}
    replies = [await council.put("/baseline-prices", json={"prices": [baseline()]}, headers=key) for _ in range(2)]
    assert [reply.json()["version"] for reply in replies] == [1, 1]
    other = await council.put("/baseline-prices", json={"prices": [baseline("1.00")]}, headers=key)
    assert other.status_code == 422


async def test_two_uploads_at_once_become_two_versions_and_the_consortium_sees_the_last(monitoring: RunningService) -> None:
    council = monitoring.as_(f"council:{SOUTHAMPTON}")
    replies = await asyncio.gather(*(council.put("/baseline-prices", json={"prices": [baseline(f"{700 + n}.00")]}) for n in range(8)))
    assert sorted(reply.json()["version"] for reply in replies) == list(range(1, 9))
    assert await prices_of(monitoring, "consortium") == await prices_of(monitoring, f"council:{SOUTHAMPTON}")


async def test_a_long_list_is_read_a_page_at_a_time(monitoring: RunningService) -> None:
    many = [baseline(f"{n}.00", band) for n, band in enumerate(("0-4", "5-10", "11-15"), 500)]
    await monitoring.as_(f"council:{SOUTHAMPTON}").put("/baseline-prices", json={"prices": many})
    reader, cursor, seen = monitoring.as_("consortium"), "", []
    while True:
        page = (await reader.get("/baseline-prices", params={"limit": "1"} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [price["band"] for price in page["items"]]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == ["0-4", "11-15", "5-10"]
    assert (await reader.get("/baseline-prices", params={"cursor": "bm90IG9uZQ"})).status_code == 422


async def test_savings_are_told_by_lot_and_quarter_beside_the_expectation_and_add_up(monitoring: RunningService) -> None:
    await monitoring.as_(f"council:{SOUTHAMPTON}").put("/baseline-prices", json={"prices": [baseline("750.00")]})
    await a_placement(monitoring, SOUTHAMPTON, f"agency:{OAK}", days_ago=120)
    await a_placement(monitoring, SLOUGH, f"agency:{OAK}", days_ago=120)
    found = (await monitoring.as_("consortium").get("/savings")).json()
    assert found["expected"]["per_cent"] == "5.4"
    assert found["total"]["placements"] == 1
    assert found["total"]["left_out"] == [{"count": 1, "why": "no baseline price for the lot, an age band and the day"}]
    assert found["total"]["per_cent"] == "6.7"
    told = [line for line in found["lines"] if line["placements"]]
    assert {line["lot"] for line in told} == {"general"}
    assert len(told) >= 2
    pennies = sum(round(float(line["pounds"]) * 100) for line in told)
    assert pennies == round(float(found["total"]["pounds"]) * 100)
    assert (await monitoring.as_(f"council:{SLOUGH}").get("/savings")).json()["total"]["pounds"] is None
