"""Looks postcodes up in the memory-mapped index; builds it first where this machine has none."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from shared import settings
from shared.postcodes import building
from shared.postcodes.grid import Grid
from shared.postcodes.postcode import Postcode

Number = TypeVar("Number", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Directory:
    """The index, open: four arrays of one length in the order of ``keys``, mapped and so shared between processes."""

    keys: npt.NDArray[np.uint64]
    eastings: npt.NDArray[np.int32]
    northings: npt.NDArray[np.int32]
    councils: npt.NDArray[np.uint16]
    council_codes: tuple[str, ...]
    districts: dict[str, Grid | None]

    def row(self, postcode: Postcode) -> int | None:
        """The postcode's place in the arrays; None if the directory has never held it."""
        wanted = np.uint64(building.key(postcode.district, postcode.unit))
        row = int(self.keys.searchsorted(wanted))
        return row if row < len(self.keys) and self.keys[row] == wanted else None


def grid(postcode: Postcode) -> Grid | None:
    """Where the postcode lies on the British National Grid.

    None if the directory does not hold it, has no grid reference for it, or holds it on another grid: Northern Ireland,
    the Channel Islands, the Isle of Man. The distance to such a place is ``UNKNOWN_MILES``.
    """
    directory = opened()
    row = directory.row(postcode)
    if row is None or directory.eastings[row] == building.NO_GRID:
        return None
    return Grid(int(directory.eastings[row]), int(directory.northings[row]))


def council_of(postcode: Postcode) -> str | None:
    """The ONS code of the council with social care duties there; a county for a district of one. None if unknown.

    Ended postcodes are known too, by the council that covers the place today.
    """
    directory = opened()
    row = directory.row(postcode)
    return None if row is None else directory.council_codes[directory.councils[row]] or None


def district_exists(district: str) -> bool:
    """Whether the directory holds a postcode in this district ("SO14": upper case, no space), ended ones included."""
    return district in opened().districts


def district_centroid(district: str) -> Grid | None:
    """The middle of a district's postcodes; None if there is no such district or none of it lies on the British grid."""
    return opened().districts.get(district)


@lru_cache(maxsize=4096)
def shares_of_councils(district: str) -> Mapping[str, Fraction]:
    """ONS code → the share of the council's postcodes that lie in this district; only councils with any there. Empty for no district."""
    directory = opened()
    first, after = (
        directory.keys.searchsorted(np.uint64(int.from_bytes(f"{district:<4}".encode("ascii")) + more << 32)) for more in (0, 1)
    )
    here = np.bincount(directory.councils[first:after], minlength=len(directory.council_codes))
    return {
        directory.council_codes[council]: Fraction(int(here[council]), int(_postcodes_of_councils()[council]))
        for council in np.flatnonzero(here)
        if directory.council_codes[council]
    }


@lru_cache(maxsize=1)
def _postcodes_of_councils() -> npt.NDArray[np.int64]:
    directory = opened()
    return np.bincount(directory.councils, minlength=len(directory.council_codes))


@lru_cache(maxsize=1)
def opened() -> Directory:
    """The directory in the folder that the setting ``POSTCODES_FOLDER`` names, built first if absent; opened once a process."""
    return read(built(settings.postcodes_folder()))


def built(folder: Path, progress: building.Progress = lambda line: None) -> Path:
    """Make sure that the index exists under ``folder`` and say where. Processes that begin at once build it once."""
    index = folder / building.edition()
    if not index.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # let go of by the kernel, should this process die
            if not index.is_dir():
                building.write_index(index, progress)
    return index


def read(index: Path) -> Directory:
    """Map a finished index into memory."""
    codes: list[str] = json.loads((index / building.COUNCIL_CODES).read_text())
    districts: dict[str, list[int] | None] = json.loads((index / building.DISTRICTS).read_text())
    return Directory(
        keys=_mapped(index / building.KEYS, np.uint64),
        eastings=_mapped(index / building.EASTINGS, np.int32),
        northings=_mapped(index / building.NORTHINGS, np.int32),
        councils=_mapped(index / building.COUNCILS, np.uint16),
        council_codes=tuple(codes),
        districts={name: None if middle is None else Grid(*middle) for name, middle in districts.items()},
    )


def _mapped(path: Path, kind: type[Number]) -> npt.NDArray[Number]:
    # A plain view of the mapped pages: numpy's memmap class costs several microseconds at every single read.
    array: npt.NDArray[Number] = np.load(path, mmap_mode="r").view(np.ndarray)
    if array.dtype != kind:
        raise ValueError(f"{path} was not written by this release; delete its folder and it will be built again")
    return array
