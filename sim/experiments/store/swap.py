"""A folder of parts exchanged for another one in one step, and what a kill in between leaves put right."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

from sim.errors import Problem, StoreError
from sim.experiments.store.files import own_mark, owner_lives, sync

__all__ = ["exchange", "new_folder", "put_right"]

# The names tell how far it came: being built; whole, and to take the place of the table; no longer needed.
_BUILDING, _READY, _GONE = "building", "ready", "gone"
_STATES = (_BUILDING, _READY, _GONE)
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
_ABANDONED = 86_400.0
"""Seconds after which what another machine was building is taken for left behind."""


def _name(table: str, state: str) -> str:
    return f".{state}-{table}.{own_mark()}.folder"


def new_folder(folder: Path, table: str) -> Path:
    """An empty hidden folder beside a table, to build another form of it in.

    Raises
    ------
    StoreError
        If another process builds one.
    """
    for other in folder.glob(f".{_BUILDING}-*.folder"):
        if not _abandoned(other):
            raise StoreError(Problem("is being compacted by another process", str(folder)))
    place = folder / _name(table, _BUILDING)
    place.mkdir()
    return place


def exchange(folder: Path, table: str, built: Path) -> None:
    """Put a folder that was built in place of a table.

    Whoever reads the table sees the old parts or the new ones, at any moment. Where the system cannot exchange two
    names in one step, there is none for the time between two renames; a kill just then is put right by whoever
    opens the store next.
    """
    sync(built)
    ready = folder / _name(table, _READY)
    os.rename(built, ready)
    sync(folder)
    if _swap(ready, folder / table):
        old = ready.with_name(ready.name.replace(f".{_READY}-", f".{_GONE}-", 1))
        os.rename(ready, old)
    else:
        old = folder / _name(table, _GONE)
        os.rename(folder / table, old)
        with suppress(FileNotFoundError):
            # Somebody who opened the store in this moment may have done it.
            os.rename(ready, folder / table)
    sync(folder)
    _remove(old)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if os.name == "posix" else None
    if call is None:
        return False
    done: int = call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def put_right(folder: Path) -> None:
    """Finish or undo what an interrupted exchange left; nothing where the folder cannot be written.

    Parameters
    ----------
    folder
        The store.
    """
    with suppress(OSError):
        left = sorted(entry for entry in folder.iterdir() if _state(entry) is not None)
        for state in (_READY, _GONE):
            for entry in left:
                # Whole in either state: the table is never touched before its other form is ready.
                if _state(entry) == state and not (folder / _table(entry)).exists():
                    os.rename(entry, folder / _table(entry))
                    sync(folder)
        for entry in left:
            if entry.exists() and _abandoned(entry):
                _remove(entry)


def _state(entry: Path) -> str | None:
    word = entry.name.removeprefix(".").partition("-")[0]
    return word if word in _STATES and entry.name.startswith(".") and entry.name.endswith(".folder") else None


def _table(entry: Path) -> str:
    return entry.name.partition("-")[2].partition(".")[0]


def _abandoned(entry: Path) -> bool:
    lives = owner_lives(entry.name)
    if lives is not None:
        return not lives
    try:
        newest = max(file.stat().st_mtime for file in (entry, *entry.iterdir()))
    except OSError:
        return False
    return time.time() - newest > _ABANDONED


def _remove(place: Path) -> None:
    """Remove a folder; one half removed is never taken for whole."""
    if _state(place) == _READY:
        gone = place.with_name(place.name.replace(f".{_READY}-", f".{_GONE}-", 1))
        os.rename(place, gone)
        place = gone
    shutil.rmtree(place, ignore_errors=True)
