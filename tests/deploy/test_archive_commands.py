"""``hearth archive`` as a person uses it: out of one Hearth, into another."""

from __future__ import annotations

import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hearth.data_folder import DataFolder
from tests.deploy.test_launcher import hearth, start

pytestmark = pytest.mark.slow

COUNCIL = "E06000045"
CHILD = {"child_id": "SOU1", "given_names": "Zephyrine", "family_name": "Marrowby", "date_of_birth": "2016-02-29", "sex": "F"}


@contextmanager
def running(folder: Path) -> Iterator[Path]:
    process = start(folder)
    try:
        yield folder
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=180)


def person(folder: Path, name: str) -> httpx.Client:
    token = hearth("token", "--as", f"council:{COUNCIL}", "--person", name, "--data", folder).stdout.strip()
    return httpx.Client(base_url=DataFolder(folder).running().addresses["referrals"], headers={"Authorization": f"Bearer {token}"})


def test_a_council_moves_from_one_hearth_to_another_and_two_people_erase_what_it_leaves(tmp_path_factory: pytest.TempPathFactory) -> None:
    tmp_path = tmp_path_factory.mktemp("a")  # short: a socket lies below it
    file = tmp_path / "southampton.zip"
    with running(tmp_path / "here") as here:
        ruth, omar = person(here, "ruth"), person(here, "omar")
        child = ruth.post("/children", json=CHILD).json()["id"]
        taken = hearth("archive", "take", "--council", COUNCIL, file, "--data", here)
        assert taken.returncode == 0, taken.stderr
        assert file.stat().st_mode & 0o077 == 0, "nobody else may read it"
        with zipfile.ZipFile(file) as inside:
            assert {name.partition("/")[0] for name in inside.namelist()} == {"referrals", "matching", "monitoring"}
            assert b"Marrowby" in inside.read("referrals/children.jsonl")
        body = {"council": COUNCIL, "ground": "kept_elsewhere"}
        assert ruth.post("/settings/key-destruction", json=body).status_code == 201
        confirmation = "/settings/key-destruction/confirmation"
        assert ruth.post(confirmation, json={"council": COUNCIL}).status_code == 409
        assert omar.post(confirmation, json={"council": COUNCIL}).json()["children_erased"] == 1
        assert ruth.get(f"/children/{child}").status_code == 410
    with running(tmp_path / "there") as there:
        loaded = hearth("archive", "load", "--council", COUNCIL, file, "--data", there)
        assert loaded.returncode == 0, loaded.stderr
        assert person(there, "ruth").get(f"/children/{child}").json()["family_name"] == "Marrowby"
        for arguments, code, words in (
            (("load", "--council", COUNCIL, file), 1, "An archive is loaded only where nothing of yours is yet"),
            (("take", "--council", COUNCIL, file), 2, "is there already"),
            (("load", "--council", COUNCIL, tmp_path / "none.zip"), 2, "there is no file"),
            (("load", "--council", "nowhere", file), 2, "--council takes an ONS code"),
            (("load", "--council", "E10000014", file), 1, "another organisation's archive"),
            (("load", "--council", COUNCIL, __file__), 1, "cannot be read as a zip"),
        ):
            refused = hearth("archive", *arguments, "--data", there)
            assert (refused.returncode, words in refused.stderr) == (code, True), refused.stderr
