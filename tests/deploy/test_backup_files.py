"""A backup says what it is and whether it is whole; what is wrong with it, or with what it is asked to restore into, is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hearth.backup import manifest, places, programs, taking
from hearth.backup.manifest import DATA, KEYS, Manifest, Part
from hearth.backup.refused import RefusedError

MOMENT = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
PART = Part("referrals", "hearth_referrals", "referrals.dump", "0009", {"children": 3}, {}, {"council:E06000045": ["2026-11"]})
MADE = Manifest(DATA, "0.1.0", 15, MOMENT, MOMENT, (PART,))


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    folder = tmp_path / "backup"
    folder.mkdir()
    (folder / "referrals.dump").write_bytes(b"what pg_dump wrote")
    manifest.write(folder, MADE)
    return folder


def test_what_was_written_is_read_again(backup: Path) -> None:
    assert manifest.checked(backup, DATA) == MADE


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("referrals.dump", b"what pg_dump wrotE", "referrals.dump is altered or cut short"),
        ("referrals.dump", None, "referrals.dump is missing"),
        ("manifest.json", b"{}", "manifest.json is altered or cut short"),
        ("SHA256SUMS", None, "was never finished"),
        ("SHA256SUMS", b"nonsense\n", "cannot be read"),
        ("SHA256SUMS", b"", "do not name the same files"),
        ("SHA256SUMS", b"0" * 64 + b"  ../../etc/passwd\n", "cannot be read"),
    ],
)
def test_what_is_damaged_is_named(backup: Path, file: str, content: bytes | None, words: str) -> None:
    if content is None:
        (backup / file).unlink()
    else:
        (backup / file).write_bytes(content)
    with pytest.raises(RefusedError, match=words):
        manifest.checked(backup, DATA)


def test_keys_are_not_taken_for_data_nor_a_folder_without_a_backup_for_one(backup: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="a backup of the data, not of the keys"):
        manifest.checked(backup, KEYS)
    with pytest.raises(RefusedError, match="holds no backup"):
        manifest.checked(tmp_path, DATA)
    with pytest.raises(RefusedError, match="holds no backup of the keys"):
        taking.newest_keys(tmp_path)


def test_a_backup_of_another_format_says_so(backup: Path) -> None:
    body = json.loads((backup / "manifest.json").read_text()) | {"format": 2}
    (backup / "manifest.json").write_text(json.dumps(body))
    lines = (backup / "SHA256SUMS").read_text().splitlines()
    (backup / "SHA256SUMS").write_text("\n".join([f"{manifest._sha256(backup / 'manifest.json')}  manifest.json", *lines[1:]]) + "\n")
    with pytest.raises(RefusedError, match="another version"):
        manifest.checked(backup, DATA)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "must be JSON"),
        ('{"referrals": "postgresql://a@b/c"}', "does not name providers, matching, monitoring"),
        (
            json.dumps(dict.fromkeys(("referrals", "providers", "matching", "monitoring", "matching:E06000045"), "postgresql://a@b/c")),
            "names matching:",
        ),
    ],
)
def test_databases_that_are_not_all_of_hearth_are_refused(text: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        places.read(text)


def test_a_council_with_a_database_of_its_own_is_backed_up_beside_the_others() -> None:
    names = ("monitoring", "referrals:E06000045", "referrals", "matching", "providers")
    found = places.read(json.dumps(dict.fromkeys(names, "postgresql://a:secret@b/c")))
    assert [place.name for place in found] == ["referrals", "referrals:E06000045", "providers", "matching", "monitoring"]
    assert (found[1].council, found[1].owner, found[1].app, found[1].file) == (
        "E06000045",
        "referrals_owner",
        "referrals_app",
        "referrals-E06000045.dump",
    )


def test_programs_of_a_version_that_is_not_here_are_asked_for_by_name() -> None:
    with pytest.raises(RefusedError, match="postgresql-client-99"):
        programs.found("pg_dump", 99)
