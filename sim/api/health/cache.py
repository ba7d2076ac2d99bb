"""The cache of compiled code: where it is, whether it can be written, what is in it and what is broken or stale."""

from __future__ import annotations

import os
import pickletools
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.api.health.check import Check

__all__ = ["Cache", "cache_checks", "clean", "look_at"]

_PACKAGE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cache:
    """What was found in the cache."""

    folder: Path
    """Where code compiled from the sources as they are is kept."""
    compiled: bool
    """Whether there is some, for this installation and this Python."""
    size: int
    """Bytes of it."""
    stale: tuple[Path, ...]
    """Folders of code that was compiled from other sources or by another numba."""
    stale_size: int
    broken: tuple[Path, ...]
    """Files of :attr:`folder` that cannot be read."""
    beside: tuple[Path, ...]
    """Compiled code beside the sources, where it is not noticed when it goes stale."""
    refusal: str
    """Why the folder cannot be written, empty where it can."""


def look_at() -> Cache:
    """Look into the cache, changing nothing but for a file that is made and removed."""
    from sim.jit import cache_folder

    folder = cache_folder()
    others = [place for place in _entries(folder.parent) if place != folder]
    return Cache(
        folder,
        any(_kernels(folder)),
        _size(folder),
        tuple(others),
        sum(map(_size, others)),
        tuple(place for place in _files(folder) if not _whole(place)),
        tuple(place for place in _files(_PACKAGE) if place.parent.name == "__pycache__"),
        _refusal(folder),
    )


def clean(found: Cache) -> int:
    """Remove all compiled code, of this version and others; it is compiled anew when it is needed.

    Not every file that is broken can be told from one that is whole, so none is spared.

    Returns
    -------
    int
        Bytes that were freed.
    """
    freed = found.size + found.stale_size + sum(place.stat().st_size for place in found.beside)
    for folder in (found.folder, *found.stale):
        shutil.rmtree(folder, ignore_errors=True)
    for place in found.beside:
        place.unlink()
    return freed


def cache_checks(found: Cache) -> Iterator[Check]:
    """What there is to say of the cache."""
    compiled = "compiled" if found.compiled else "not compiled yet: the first run takes a minute longer"
    yield Check(
        "cache", "folder", f"{found.folder}, {_megabytes(found.size)}, {compiled}", _unwritable(found),
        "set BAYAH_CACHE to a folder that you may write",
        {
            "folder": str(found.folder), "bytes": found.size, "compiled": found.compiled,
            "sources": found.folder.name, "writable": not found.refusal,
        },
    )  # fmt: skip
    if found.broken:
        names = ", ".join(place.name for place in found.broken[:3])
        yield Check(
            "cache", "broken", f"{len(found.broken)} files cannot be read",
            f"{len(found.broken)} files of compiled code are broken: {names}", "bayah doctor --clean",
            {"files": [str(place) for place in found.broken]},
        )  # fmt: skip
    if found.beside:
        yield Check(
            "cache", "beside", f"{len(found.beside)} files of compiled code beside the sources",
            "compiled code beside the sources is not noticed when it goes stale", "bayah doctor --clean",
            {"files": [str(place) for place in found.beside]},
        )  # fmt: skip
    told = f"{len(found.stale)} folders of other versions, {_megabytes(found.stale_size)}"
    if found.stale:
        told += " (bayah doctor --clean removes all compiled code)"
    yield Check("cache", "stale", told, values={"entries": len(found.stale), "bytes": found.stale_size})


def _unwritable(found: Cache) -> str:
    return f"it cannot be written ({found.refusal}): every process compiles anew" if found.refusal else ""


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(place for place in folder.iterdir() if place.is_dir() and not place.is_symlink())
    except OSError:
        return []


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(place for kind in ("nbi", "nbc") for place in folder.rglob(f"*.{kind}"))
    except OSError:
        return []


def _size(folder: Path) -> int:
    return sum(place.stat().st_size for place in _files(folder))


def _kernels(folder: Path) -> Iterator[Path]:
    from numba.core.caching import _CacheLocator

    # numba keeps apart the code of each folder of sources, so that two installations share no file.
    own: str = _CacheLocator.get_suitable_cache_subpath(str(_PACKAGE / "engine" / "kernel.py"))
    return (folder / own).glob(f"kernel.run_*.py{sys.version_info[0]}{sys.version_info[1]}.*.nbc")


def _whole(place: Path) -> bool:
    """Whether a file of the cache is whole, found without loading anything from it."""
    try:
        with place.open("rb") as file:
            # An index is two pickles, the version and the table; compiled code is one.
            for _ in range(2 if place.suffix == ".nbi" else 1):
                for _opcode in pickletools.genops(file):
                    pass
    except Exception:
        # Bytes that are no pickle can fail in any way.
        return False
    return True


def _refusal(folder: Path) -> str:
    place = folder
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        if not place.is_dir():
            return f"{place} is not a folder"
        with tempfile.NamedTemporaryFile(dir=place):
            pass
    except OSError as error:
        return (error.strerror or os.strerror(error.errno or 0)).lower()
    return ""
