"""The ledger's chain, by its laws: whole as written, and whatever one does to it named at the first place it can be known."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from referrals.domain.ledger import Break, Entry, Line, Position, Rule, beginning, canonical, chained, ended, follow, hash_of

COUNCIL = "council:E06000045"
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=1))]))
FIRST_FORM = st.builds(
    Entry, st.just(COUNCIL), st.uuids(), st.uuids(), st.none() | st.uuids(), NAMES, NAMES, NAMES, NAMES,
    st.lists(NAMES, max_size=3).map(tuple), MOMENTS,
)  # fmt: skip
HASHES = st.binary(min_size=32, max_size=32)
SECOND_FORM = st.builds(dataclasses.replace, FIRST_FORM, decision=st.uuids(), decision_hash=HASHES)
ENTRIES = FIRST_FORM | SECOND_FORM
LEDGERS = st.lists(ENTRIES, min_size=2, max_size=8, unique_by=lambda entry: entry.id)


def ledger(entries: list[Entry]) -> list[Line]:
    return list(chained(entries, beginning(COUNCIL)))


def found(lines: list[Line]) -> Break | None:
    return follow(beginning(COUNCIL), lines)[1]


@given(LEDGERS, st.data())
def test_what_was_chained_is_whole_in_one_piece_or_in_two(entries: list[Entry], data: st.DataObject) -> None:
    lines = ledger(entries)
    cut = data.draw(st.integers(0, len(lines)))
    reached, broken = follow(beginning(COUNCIL), lines[:cut])
    assert broken is None
    assert follow(reached, lines[cut:]) == (Position(len(lines), lines[-1].hash), None)
    assert list(chained(entries[cut:], reached)) == lines[cut:], "a second writer goes on exactly where the first ended"


@given(LEDGERS, st.data(), ENTRIES)
def test_an_altered_line_is_named_whichever_of_its_words_is_altered(entries: list[Entry], data: st.DataObject, other: Entry) -> None:
    lines = ledger(entries)
    at = data.draw(st.integers(0, len(lines) - 1))
    word = data.draw(st.sampled_from([field.name for field in dataclasses.fields(Entry) if field.name != "organisation"]))
    altered = dataclasses.replace(lines[at].entry, **{word: getattr(other, word)})
    broken = found([*lines[:at], dataclasses.replace(lines[at], entry=altered), *lines[at + 1 :]])
    same = canonical(altered, at + 1) == canonical(lines[at].entry, at + 1)
    assert broken == (None if same else Break(at + 1, altered.id, Rule.AS_WRITTEN))


@given(LEDGERS, st.data())
def test_a_line_written_anew_with_a_right_hash_is_known_by_the_line_after_it(entries: list[Entry], data: st.DataObject) -> None:
    lines = ledger(entries)
    at = data.draw(st.integers(0, len(lines) - 2))
    forged = dataclasses.replace(entries[at], subject=entries[at].subject + "x")
    (line,) = chained([forged], Position(at, lines[at].previous))
    assert found([*lines[:at], line, *lines[at + 1 :]]) == Break(at + 2, entries[at + 1].id, Rule.FOLLOWS_THE_LINE_BEFORE)


@given(LEDGERS, st.data())
def test_a_deleted_line_is_named_wherever_it_was(entries: list[Entry], data: st.DataObject) -> None:
    lines = ledger(entries)
    at = data.draw(st.integers(0, len(lines) - 1))
    noted = Position(len(lines), lines[-1].hash)
    reached, broken = follow(beginning(COUNCIL), lines[:at] + lines[at + 1 :])
    assert (broken or ended(reached, noted)) == Break(at + 1, None, Rule.NOT_MISSING)


@given(LEDGERS, st.data(), ENTRIES)
def test_an_inserted_line_is_named_or_the_first_one_it_pushed_on(entries: list[Entry], data: st.DataObject, extra: Entry) -> None:
    lines = ledger(entries)
    at = data.draw(st.integers(0, len(lines) - 1))
    before = Position(at, lines[at].previous)
    (inserted,) = chained([extra], before)
    pushed = [dataclasses.replace(line, number=line.number + 1) for line in lines[at:]]
    assert found([*lines[:at], inserted, *pushed]) == Break(at + 2, entries[at].id, Rule.FOLLOWS_THE_LINE_BEFORE)
    assert found([*lines[: at + 1], inserted, *lines[at + 1 :]]) == Break(at + 1, extra.id, Rule.IN_ITS_PLACE)


@given(LEDGERS, st.data())
def test_two_lines_that_changed_places_are_named_at_the_first(entries: list[Entry], data: st.DataObject) -> None:
    lines = ledger(entries)
    at = data.draw(st.integers(0, len(lines) - 2))
    lines[at], lines[at + 1] = (
        dataclasses.replace(lines[at + 1], number=at + 1),
        dataclasses.replace(lines[at], number=at + 2),
    )
    assert found(lines) == Break(at + 1, entries[at + 1].id, Rule.FOLLOWS_THE_LINE_BEFORE)


@given(LEDGERS)
def test_a_line_behind_the_noted_end_and_an_altered_note_are_named(entries: list[Entry]) -> None:
    lines = ledger(entries)
    reached, _ = follow(beginning(COUNCIL), lines)
    before = Position(len(lines) - 1, lines[-1].previous)
    assert ended(reached, before) == Break(len(lines), None, Rule.WRITTEN_BY_THE_SERVICE)
    assert ended(reached, Position(len(lines), b"\0" * 32)) == Break(len(lines), None, Rule.ENDS_AS_WRITTEN)
    assert ended(reached, reached) is None


def test_the_ledger_of_another_council_does_not_pass_for_this_one() -> None:
    entry = Entry("council:E10000014", UUID(int=1), UUID(int=2), None, "a", "b", "read", "search", (), datetime(2026, 1, 1, tzinfo=UTC))
    lines = list(chained([entry], beginning("council:E10000014")))
    assert found(lines) == Break(1, entry.id, Rule.FOLLOWS_THE_LINE_BEFORE)


def test_the_form_that_is_hashed_is_the_documented_one() -> None:
    summer = datetime(2026, 7, 1, 12, 30, tzinfo=timezone(timedelta(hours=1)))
    entry = Entry(COUNCIL, UUID(int=1), UUID(int=2), None, COUNCIL, "Zoë", "read", "own_record", ("upn", "school"), summer)
    assert canonical(entry, 7) == (
        b'{"act":"read","at":"2026-07-01T11:30:00.000000+00:00","child":"00000000-0000-0000-0000-000000000002","fields":["upn","school"],'
        b'"id":"00000000-0000-0000-0000-000000000001","line":7,"organisation":"council:E06000045","placement":null,"right":"own_record",'
        b'"seen_by":"council:E06000045","subject":"Zo\\u00eb"}'
    )


@given(FIRST_FORM, HASHES, st.integers(1, 10**6))
def test_a_line_without_a_decision_is_hashed_as_it_was_before_there_were_lines_with_one(entry: Entry, previous: bytes, number: int) -> None:
    said = {
        "act": entry.act,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "child": str(entry.child),
        "fields": list(entry.fields),
        "id": str(entry.id),
        "line": number,
        "organisation": entry.organisation,
        "placement": str(entry.placement) if entry.placement else None,
        "right": entry.right,
        "seen_by": entry.seen_by,
        "subject": entry.subject,
    }
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    assert hash_of(entry, number, previous) == hashlib.sha256(b"hearth/1/ledger-line\0" + previous + text).digest()


@given(SECOND_FORM, HASHES)
def test_a_line_without_a_decision_cannot_be_given_one_or_half_of_one(entry: Entry, previous: bytes) -> None:
    bare = dataclasses.replace(entry, decision=None, decision_hash=None)
    for given_one in (dataclasses.replace(entry, decision_hash=None), dataclasses.replace(entry, decision=None), entry):
        assert hash_of(given_one, 1, previous) != hash_of(bare, 1, previous)


@given(SECOND_FORM, HASHES)
def test_a_line_with_a_decision_cannot_pass_for_one_without(entry: Entry, previous: bytes) -> None:
    for bare in (
        dataclasses.replace(entry, decision=None, decision_hash=None),
        dataclasses.replace(entry, decision_hash=None),
        dataclasses.replace(entry, decision=None),
    ):
        assert hash_of(bare, 1, previous) != hash_of(entry, 1, previous)
