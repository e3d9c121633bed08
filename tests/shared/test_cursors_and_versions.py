"""Lists a page at a time, and changes that name their version."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import cursors
from shared.refusals import Refused

COUNCIL = "council:E06000045"


async def test_pages_put_together_are_the_whole_list_once_each_even_while_it_grows(notes):
    service = await notes()
    client = service.as_(COUNCIL)
    for number in range(7):
        await client.post("/notes", json={"words": f"{number}"})
    seen, cursor = [], None
    while True:
        reply = (await client.get("/notes", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [note["words"] for note in reply["items"]]
        if cursor is None:
            await client.post("/notes", json={"words": "late"})
        cursor = reply["next_cursor"]
        if cursor is None:
            break
    assert seen == [*"0123456", "late"]


@pytest.mark.parametrize("limit", ["0", "201", "many"])
async def test_a_limit_out_of_range_is_refused(notes, limit):
    service = await notes()
    reply = await service.as_(COUNCIL).get("/notes", params={"limit": limit})
    assert (reply.status_code, reply.json()["errors"][0]["field"]) == (422, "limit")


KEPT = st.characters(exclude_characters="\0", exclude_categories=["Cs"])


@given(st.lists(st.text(KEPT), min_size=1))
def test_a_cursor_gives_back_its_key(key):
    assert cursors.decode(cursors.encode(key)) == tuple(key)


@given(st.lists(st.text(KEPT)), st.sampled_from("\0\ud800\udfff"), st.lists(st.text(KEPT)))
def test_a_cursor_with_what_no_row_holds_is_none_of_ours(before, unkept, after):
    with pytest.raises(Refused):
        cursors.decode(cursors.encode([*before, f"a{unkept}", *after]))


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+23:59", "2012-01-01T00:00:00+23:59", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00"]
)
def test_a_moment_that_no_row_has_is_no_place_in_a_list(moment):
    with pytest.raises(ValueError, match="moment"):
        cursors.moment_of(moment)


@given(st.text(min_size=1, max_size=40))
def test_a_made_up_cursor_is_a_key_or_refused_never_a_fault(cursor):
    with contextlib.suppress(Refused):
        assert cursors.decode(cursor)


def test_a_cursor_of_something_else_is_refused_in_words():
    with pytest.raises(Refused) as refused:
        cursors.decode("e30")
    assert [reason.field for reason in refused.value.reasons] == ["cursor"]


async def test_a_change_names_its_version_or_is_refused(notes):
    service = await notes()
    client = service.as_(COUNCIL)
    written = await client.post("/notes", json={"words": "x"})
    address = written.headers["location"]
    assert written.headers["etag"] == '"1"'
    unnamed = await client.put(address, json={"words": "y"})
    first = await client.put(address, json={"words": "y"}, headers={"If-Match": '"1"'})
    stale = await client.put(address, json={"words": "z"}, headers={"If-Match": '"1"'})
    listed = await client.put(address, json={"words": "z"}, headers={"If-Match": '"7", W/"2"'})
    assert [reply.status_code for reply in (unnamed, first, stale, listed)] == [428, 200, 412, 200]
    assert first.headers["etag"] == '"2"'


async def test_another_organisations_note_is_as_if_absent(notes):
    service = await notes()
    address = (await service.as_(COUNCIL).post("/notes", json={"words": "x"})).headers["location"]
    theirs = await service.as_("council:E06000039").put(address, json={"words": "y"}, headers={"If-Match": '"1"'})
    absent = await service.as_("council:E06000039").put(
        "/notes/00000000-0000-0000-0000-000000000000", json={"words": "y"}, headers={"If-Match": '"1"'}
    )
    assert theirs.status_code == absent.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**absent.json(), "request_id": ""}
