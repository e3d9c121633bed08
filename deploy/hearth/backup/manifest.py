"""What a backup says of itself: versions, schemas, its instant, how many rows; and whether every file is as it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hearth.backup.refused import RefusedError
from hearth.data_folder import write_secret

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
"""Written last, so that a backup without it was never finished; ``sha256sum -c`` reads it."""
DATA, KEYS = "data", "keys"


@dataclass(frozen=True)
class Part:
    """One database of a backup."""

    name: str
    database: str
    file: str
    schema: str
    rows: Mapping[str, int]
    """Table → rows, counted at the very instant."""
    search_keys: Mapping[str, str] = field(default_factory=dict)
    """Council → digest of its sealed search key: after a restore beside newer keys, the search terms may have to be made anew."""
    sealed_under: Mapping[str, list[str]] = field(default_factory=dict)
    """Council → ids of the keys of the key file without which nothing of its children can be read."""


@dataclass(frozen=True)
class Manifest:
    """A backup of the data, or of the keys."""

    kind: str
    hearth: str
    postgresql: int
    not_before: datetime
    """Every write that was answered before this is there."""
    not_after: datetime
    """Nothing that was begun after this is there."""
    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """The part of one database."""
        return next((each for each in self.parts if each.name == name), None)


def write(folder: Path, manifest: Manifest) -> None:
    """Finish a backup: the manifest, and then the checksums of all its files."""
    body = asdict(manifest) | {"format": FORMAT, "not_before": manifest.not_before.isoformat(), "not_after": manifest.not_after.isoformat()}
    write_secret(folder / MANIFEST, json.dumps(body, indent=1, sort_keys=True) + "\n")
    names = [MANIFEST, *(part.file for part in manifest.parts)]
    write_secret(folder / SUMS, "".join(f"{_sha256(folder / name)}  {name}\n" for name in names))


def checked(folder: Path, kind: str) -> Manifest:
    """The manifest of a backup whose every file is there and as it was written. RefusedError names all that is not."""
    if not (folder / SUMS).is_file():
        what = "holds no backup" if not (folder / MANIFEST).exists() else f"was never finished: {SUMS} is missing"
        raise RefusedError(f"{folder} {what}")
    faults = list(_faults(folder, (folder / SUMS).read_text(errors="replace").splitlines()))
    if faults:
        raise RefusedError(f"{folder} is not as it was written: {'; '.join(faults)}")
    manifest = _read(folder)
    listed = {line.partition("  ")[2] for line in (folder / SUMS).read_text().splitlines()}
    if listed != {MANIFEST, *(part.file for part in manifest.parts)}:
        raise RefusedError(f"{folder}: {SUMS} and {MANIFEST} do not name the same files")
    if manifest.kind != kind:
        raise RefusedError(f"{folder} is a backup of the {manifest.kind}, not of the {kind}")
    return manifest


def _faults(folder: Path, lines: Iterable[str]) -> Iterable[str]:
    for line in lines:
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or "/" in name:
            yield f"a line of {SUMS} cannot be read"
        elif not (folder / name).is_file():
            yield f"{name} is missing"
        elif _sha256(folder / name) != digest:
            yield f"{name} is altered or cut short"


def _read(folder: Path) -> Manifest:
    try:
        body: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        if body.pop("format") != FORMAT:
            raise RefusedError(f"{folder} was made by another version of Hearth, whose backups this one does not read")
        parts = tuple(Part(**part) for part in body.pop("parts"))
        not_before, not_after = (datetime.fromisoformat(body.pop(name)) for name in ("not_before", "not_after"))
        return Manifest(parts=parts, not_before=not_before, not_after=not_after, **body)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise RefusedError(f"{folder / MANIFEST} cannot be read") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
