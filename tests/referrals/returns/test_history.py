"""Earlier returns read back: what was exported loads as history elsewhere, all of it or nothing, every bad line named."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import httpx
import pytest
from hypothesis import given, settings

from referrals.actions.care import normal_postcode
from referrals.domain.episodes import derive, in_year
from referrals.domain.history import read
from referrals.domain.return_lines import File
from referrals.domain.return_tables import csv_text, episode_rows
from tests.referrals.council import HAMPSHIRE, SOUTHAMPTON, Council
from tests.referrals.returns.histories import TimeOfChild, times
from tests.referrals.returns.simulated_year import EXAMPLE, YEAR, SimulatedYear, hears_of_the_framework

HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n"
EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n"
REVIEWS = "CHILD,DOB,REVIEW,REVIEW_CODE\r\n"
GOOD = {
    "Header": HEADER + "A1,F,07/06/2013,WBRI,UN3,0,\r\n",
    "Episodes": EPISODES
    + "A1,05/05/2025,S,C1,N1,U6,PR4,01/09/2025,X1,CREQB,SO16 9GQ,SO14 7LY,SC900001\r\n"
    + "A1,01/09/2025,P,C1,N1,U4,PR5,,,,SO16 9GQ,so155ss,SC900002\r\n",
    "Reviews": REVIEWS + "A1,07/06/2013,02/06/2025,PN1\r\n",
}
TODAY = date(2027, 6, 1)


def packed(files: dict[str, str], folder: str = "2026/") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{folder}{name}.csv", text)
    return file.getvalue()


async def load(council: Council, content: bytes, **params: object) -> httpx.Response:
    headers = {"Content-Type": "application/zip"}
    return await council.client("administrator").post("/returns/ssda903/history", content=content, params=params, headers=headers)


def unpacked(content: bytes) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def normal(text: str) -> str | None:
    return text.strip().upper()


@settings(max_examples=60)
@given(times())
def test_returns_of_all_years_read_back_give_the_time_in_care_they_were_made_from(time: TimeOfChild) -> None:
    whole = derive(time.periods, time.statuses, time.stays)
    if whole.gaps:
        return
    files = []
    for year in range(2024, 2028):
        rows = episode_rows("A1", in_year(whole, year).episodes)
        if rows:
            header = HEADER + f"A1,{'F' if year > 2024 else '2'},07/06/2013,WBRI,UN3,0,\r\n"
            files += [File(f"h{year}", year, header, TODAY), File(f"e{year}", year, csv_text("Episodes", rows), TODAY)]
    found = read(files, normal)
    assert found.bad == ()
    again = derive(found.children[0].periods, found.children[0].statuses, found.children[0].stays)
    assert in_year(again, 2027).episodes == in_year(whole, 2027).episodes
    assert again.episodes == tuple(row for row in whole.episodes if row.decom <= date(2027, 3, 31))


async def test_an_exported_return_loads_as_another_platforms_history_and_exports_the_same_again(council: Council, running: object) -> None:
    await hears_of_the_framework(council.service)
    year = SimulatedYear(council.service, SOUTHAMPTON)
    await year.live()
    exported = (await year.officer.get(f"/returns/ssda903/{YEAR}")).content
    fresh = Council(await running("referrals"))  # type: ignore[operator]
    reply = await load(fresh, exported)
    assert reply.status_code == 200, reply.text
    files = unpacked(exported)
    shipped = EXAMPLE / "history" / SOUTHAMPTON
    for table in ("Header", "Episodes", "Reviews", "OC2", "UASC"):
        assert (shipped / "2026" / f"{table}.csv").read_bytes().decode() == files[f"2026/{table}.csv"], (
            "the example's history is this year's"
        )
    lines = {name: text.count("\r\n") - 1 for name, text in files.items()}
    assert reply.json() == {
        "children_created": lines["2026/Header.csv"], "children_known": 0, "children_unchanged": 0,
        "episodes": lines["2026/Episodes.csv"], "reviews": lines["2026/Reviews.csv"],
        "left_out": ["2026/Missing"],
    }  # fmt: skip
    again = await fresh.client().get(f"/returns/ssda903/{YEAR}")
    assert again.status_code == 200, again.text
    assert unpacked(again.content) == files
    repeated = await load(fresh, exported)
    assert repeated.json()["children_unchanged"] == lines["2026/Header.csv"]
    assert repeated.json()["episodes"] == 0


async def test_history_joins_the_record_the_council_already_has_by_its_own_child_id(council: Council) -> None:
    child = await council.child(child_id="a1", date_of_birth="2013-06-07")
    reply = await load(council, packed(GOOD))
    assert (reply.status_code, reply.json()["children_known"], reply.json()["children_created"]) == (200, 1, 0), reply.text
    shown = (await council.client().get(f"/children/{child}/episodes")).json()
    assert [(row["rne"], row["pl_post"], row["dec"]) for row in shown["episodes"]] == [
        ("S", "SO14 7LY", "2025-09-01"), ("P", "SO15 5SS", None),
    ]  # fmt: skip
    assert shown["missing"] == []


async def test_every_bad_line_of_every_file_is_named_and_nothing_is_taken(council: Council) -> None:
    bad = {
        "Header": HEADER + "A1,X,07/06/2013,WBRI,UN3,0,\r\nA2,F,31/02/2013,WBRI,UN3,0,\r\n",
        "Episodes": EPISODES
        + "A1,05/05/2025,S,C9,N1,U6,PR4,01/09/2025,,CREQB,SO16 9GQ,SO14 7LY,SC900001\r\n"
        + "A3,05/05/2025,S,C1,N1,U6,PR4,,,,SO16 9GQ,QQ1 1QQ,SC900001\r\n"
        + "A1,05/05/2025,S\r\n",
        "Strange": "ONE,TWO\r\n1,2\r\n",
    }
    reply = await load(council, packed(bad))
    assert reply.status_code == 422
    named = {each["field"] for each in reply.json()["errors"]}
    assert named == {
        "2026/Header:2:SEX", "2026/Header:3:DOB", "2026/Episodes:2:LS", "2026/Episodes:2:REC",
        "2026/Episodes:3:CHILD", "2026/Episodes:3:PL_POST", "2026/Episodes:4", "file 3:1",
    }  # fmt: skip
    assert "QQ1" not in reply.text
    assert "31/02" not in reply.text
    made = await council.client().get(f"/returns/ssda903/{YEAR}/Header.csv")
    assert made.text == HEADER


async def test_lines_that_contradict_each_other_are_refused(council: Council) -> None:
    moved_without_moving = GOOD["Episodes"].replace(",P,C1,N1,U4,PR5", ",L,C1,N1,U4,PR5")
    gap = GOOD["Episodes"].replace("A1,01/09/2025,P", "A1,02/09/2025,P")
    for episodes, line in ((moved_without_moving, 3), (gap, 3)):
        reply = await load(council, packed(GOOD | {"Episodes": episodes}))
        assert reply.status_code == 422
        assert any(each["field"].startswith(f"2026/Episodes:{line}:") for each in reply.json()["errors"]), reply.text


async def test_a_time_in_care_recorded_otherwise_is_never_overwritten(council: Council) -> None:
    child = await council.child(child_id="A1", date_of_birth="2013-06-07")
    body = {"began_on": "2025-05-06", "legal_status": "C2", "category_of_need": "N1"}
    assert (await council.client().post(f"/children/{child}/care-periods", json=body)).status_code == 201
    reply = await load(council, packed(GOOD))
    assert (reply.status_code, [each["rule"] for each in reply.json()["errors"]]) == (422, ["recorded_otherwise"])


async def test_what_is_no_zip_of_csv_files_is_refused_in_words(council: Council) -> None:
    assert (await load(council, b"not a zip")).status_code == 400
    assert (await load(council, packed({}))).status_code == 422
    unnamed = await load(council, packed(GOOD, folder=""))
    assert "return year" in unnamed.json()["errors"][0]["message"]
    assert (await load(council, packed(GOOD, folder=""), year=2026)).status_code == 200
    assert (await load(council, packed({"Header": "\xff"}, folder="2026/"))).status_code == 422


async def test_history_of_one_council_is_no_other_councils(council: Council) -> None:
    assert (await load(council, packed(GOOD))).status_code == 200
    other = Council(council.service, HAMPSHIRE)
    assert (await other.client().get(f"/returns/ssda903/{YEAR}/Header.csv")).text == HEADER
    assert (await load(other, packed(GOOD))).json()["children_created"] == 1


async def test_a_council_that_begins_with_three_files_gets_the_same_three_back_without_the_outcomes_it_never_had(council: Council) -> None:
    """A year as another council might have it: a leap-year birth date, a mother, a byte-order mark, small letters, moves on one day."""
    files = {
        "Header": "\ufeffCHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n"
        "SRY0001,1,29/02/2012,WBRI,UN3,,\r\nSRY0002,2,14/08/2007,BAFR,UN5,1,03/02/2023\r\nSRY0003,2,01/12/2021,MWBC,UN1,0,\r\n",
        "Episodes": EPISODES + "SRY0001,12/11/2021,S,E1,N1,U4,PR4,03/06/2022,X1,CREQB,GU1 3UW,GU2 7XH,SC900001\r\n"
        "SRY0001,03/06/2022,P,E1,N1,U1,PR1,,,,GU1 3UW,RH1 1AA,SC950001\r\n"
        "SRY0002,01/04/2022,S,V2,N4,K2,PR4,15/12/2022,X1,PLACE,KT22 7AB,GU21 6XR,SC040631\r\n"
        "SRY0002,15/12/2022,B,C2,N4,P2,PR4,14/02/2023,E4A,,KT22 7AB,KT12 1AA,\r\n"
        "SRY0003,02/12/2021,S,J1,N2,U6,PR4,,,,TW18 4AA,sl3 8aa,SC900002\r\n",
        "Reviews": REVIEWS + "SRY0001,29/02/2012,10/06/2022,PN1\r\nSRY0003,01/12/2021,20/05/2022,PN0\r\n",
    }
    reply = await load(council, packed(files, "2023/"))
    assert (reply.status_code, reply.json().get("episodes")) == (200, 5), reply.text
    officer = council.client()
    whole = await officer.get("/returns/ssda903/2023")
    assert (whole.status_code, {each["rule"] for each in whole.json()["errors"]}) == (409, {"no_outcomes"})
    for table, text in files.items():
        alone = await officer.get(f"/returns/ssda903/2023/{table}.csv")
        assert alone.text == text.removeprefix("\ufeff").replace("sl3 8aa", "SL3 8AA")
    three = await officer.get("/returns/ssda903/2023", params={"tables": list(files)})
    assert sorted(unpacked(three.content)) == ["2023/Episodes.csv", "2023/Header.csv", "2023/Reviews.csv"]
    assert (await officer.get("/returns/ssda903/2023/OC2.csv")).status_code == 409
    assert (await officer.get("/returns/ssda903/2023", params={"tables": "Children"})).status_code == 422


LIKE_OURS = "A1,05/05/2025,S,C1,N1,U6,PR4,,,,SO16 9GQ,SO14 7LY,SC900001"
OTHER_HANDS = {
    "every cell in quotation marks": (EPISODES, ",".join(f'"{cell}"' for cell in LIKE_OURS.split(","))),
    "a byte-order mark and bare line ends": ("\ufeff" + EPISODES.replace("\r\n", "\n"), LIKE_OURS),
    "columns in another order": (",".join(reversed(EPISODES.strip().split(","))) + "\r\n", ",".join(reversed(LIKE_OURS.split(",")))),
    "small letters, spaces": (EPISODES.lower(), " A1 ,05/05/2025, s,c1,n1,u6,pr4,,,,so169gq, so14 7ly ,sc900001"),
}


@pytest.mark.parametrize("hand", OTHER_HANDS)
def test_a_file_written_by_another_hand_is_read_as_ours(hand: str) -> None:
    columns, row = OTHER_HANDS[hand]
    header = HEADER + "A1,M,07/06/2013,WBRI,UN3,,\r\n"
    found = read([File("h", 2026, header, TODAY), File("e", 2026, f"{columns}{row}\n", TODAY)], normal_postcode)
    assert found.bad == ()
    child = found.children[0]
    made = episode_rows("A1", in_year(derive(child.periods, child.statuses, child.stays), 2026).episodes)
    assert csv_text("Episodes", made) == EPISODES + LIKE_OURS + "\r\n"


UASC = "CHILD,SEX,DOB,DUC\r\n"
ALONE = "A1,F,07/06/2009,WBRI,UN3,0,\r\n"
ALONE_2025 = EPISODES + "A1,05/11/2024,S,V2,N8,U6,PR4,,,,,SO14 7LY,SC900001\r\n"
ALONE_2026 = (
    EPISODES
    + "A1,05/11/2024,S,V2,N8,U6,PR4,01/09/2025,X1,CREQB,,SO14 7LY,SC900001\r\n"
    + ("A1,01/09/2025,P,V2,N8,U4,PR5,,,,,SO15 5SS,SC900002\r\n")
)


def years_of(uasc_2025: str, uasc_2026: str) -> dict[str, str]:
    return {
        "2025/Header": HEADER + ALONE, "2025/Episodes": ALONE_2025, "2025/UASC": UASC + uasc_2025,
        "2026/Header": HEADER + ALONE, "2026/Episodes": ALONE_2026, "2026/UASC": UASC + uasc_2026,
    }  # fmt: skip


ALWAYS = "A1,F,07/06/2009,07/06/2027\r\n"
UNTIL_AUTUMN = "A1,F,07/06/2009,06/10/2025\r\n"


async def test_years_of_an_unaccompanied_child_come_back_as_they_were_with_its_blank_homes(council: Council) -> None:
    files = years_of(ALWAYS, UNTIL_AUTUMN)
    assert (await load(council, packed(files, ""))).status_code == 200
    for name, text in files.items():
        reply = await council.client().get(f"/returns/ssda903/{name}.csv")
        assert (reply.status_code, reply.text) == (200, text), name
    again = await load(council, packed(files, ""))
    assert again.json()["children_unchanged"] == 1
    two_years_after = await council.client().get("/returns/ssda903/2027/Episodes.csv")
    assert two_years_after.status_code == 200
    assert (await council.client().get("/returns/ssda903/2027/UASC.csv")).text == UASC


async def test_a_day_left_blank_stays_blank_and_a_record_already_there_learns_that_the_child_came_alone(council: Council) -> None:
    child = await council.child(child_id="A1", date_of_birth="2009-06-07", sex="F", mother=False, home_postcode="SO14 7LY")
    blank = "A1,F,07/06/2009,\r\n"
    assert (await load(council, packed(years_of(blank, blank), ""))).status_code == 200
    assert (await council.client().get("/returns/ssda903/2026/UASC.csv")).text == UASC + blank
    assert (await council.client().get("/returns/ssda903/2026/Episodes.csv")).text == ALONE_2026
    shown = (await council.client().get(f"/children/{child}")).json()
    assert (shown["unaccompanied"], shown["unaccompanied_until"]) == (True, None)
    otherwise = await load(council, packed(years_of(ALWAYS, UNTIL_AUTUMN), ""))
    assert [each["rule"] for each in otherwise.json()["errors"]] == ["recorded_otherwise"]


async def test_a_blank_home_of_any_other_child_still_holds_the_return_up(council: Council) -> None:
    files = {name: text for name, text in years_of("", "").items() if "UASC" not in name}
    assert (await load(council, packed(files, ""))).status_code == 200
    reply = await council.client().get("/returns/ssda903/2026")
    assert reply.status_code == 409
    assert {(each["rule"], each["message"]) for each in reply.json()["errors"]} == {
        ("no_home_postcode", "Record the postcode of the child's home in the child's record. (from 2024-11-05)"),
        ("no_home_postcode", "Record the postcode of the child's home in the child's record. (from 2025-09-01)"),
        ("no_outcomes", "The child was looked after all year: record the year's outcomes (health, SDQ score)."),
    }
    child = reply.json()["errors"][0]["field"].split(".")[1]
    body = {"unaccompanied": True}
    assert (await council.client().patch(f"/children/{child}", json=body, headers={"If-Match": "*"})).status_code == 200
    assert (await council.client().get("/returns/ssda903/2026/Episodes.csv")).text == ALONE_2026
    assert (await council.client().get("/returns/ssda903/2026/UASC.csv")).text == UASC + "A1,F,07/06/2009,07/06/2027\r\n"


async def test_years_that_contradict_each_other_about_an_unaccompanied_child_are_refused_by_their_lines(council: Council) -> None:
    other_birth, twice = "A1,F,08/06/2009,\r\n", ALWAYS + ALWAYS
    cases = {
        (ALWAYS, other_birth): {("2026/UASC:2:CHILD", "as_in_header")},
        (ALWAYS, twice): {("2026/UASC:3:CHILD", "once_a_year")},
        (ALWAYS, "A1,F,07/06/2009,08/06/2027\r\n"): {("2026/UASC:2:DUC", "not_after_eighteen")},
        (ALWAYS, "A1,F,07/06/2009,01/03/2025\r\n"): {("2026/UASC:2:DUC", "not_after_eighteen")},
        (UNTIL_AUTUMN, ALWAYS): {("2025/UASC:2:DUC", "follows_from_the_years_before")},
    }
    for (one, other), named in cases.items():
        reply = await load(council, packed(years_of(one, other), ""))
        assert reply.status_code == 422
        found = {(each["field"], each["rule"]) for each in reply.json()["errors"]}
        assert named <= found, found
