"""What one service hands another through a caller, the caller cannot read."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from shared.handed_over import HandOver, location_of
from shared.refusals import Refused

HERE = location_of("council:E06000045", "h1")


def key_file(folder: Path, text: str | None = None) -> str:
    (folder / "key").write_text(text if text is not None else base64.b64encode(os.urandom(32)).decode() + "\n")
    return str(folder / "key")


def test_only_who_holds_the_key_opens_it_and_only_as_what_it_is(tmp_path: Path) -> None:
    file = key_file(tmp_path)
    providers, referrals = HandOver(file, development=False), HandOver(file, development=False)
    sealed = providers.sealed("442500,111500", bound_to=HERE)
    assert referrals.opened(sealed, bound_to=HERE) == "442500,111500"
    assert b"442500" not in base64.b64decode(sealed)
    assert sealed != providers.sealed("442500,111500", bound_to=HERE), "the same place does not look the same twice"
    for stranger, bound_to in (
        (HandOver("", development=True), HERE),
        (referrals, location_of("council:E10000014", "h1")),
        (referrals, location_of("council:E06000045", "h2")),
    ):
        with pytest.raises(ValueError, match="not sealed"):
            stranger.opened(sealed, bound_to=bound_to)


@pytest.mark.parametrize("text", ["", "short", "Zm9v", "not base64 !"])
def test_without_a_good_key_nothing_is_sealed_and_words_say_what_to_set(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused, match="LOCATIONS_KEY_FILE"):
        HandOver(key_file(tmp_path, text), development=False).sealed("x", bound_to=HERE)
    with pytest.raises(Refused, match="LOCATIONS_KEY_FILE"):
        HandOver("", development=False).sealed("x", bound_to=HERE)
