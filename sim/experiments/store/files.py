"""Files that are whole or not there: written under a hidden name, synced, renamed."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = [
    "beacon", "create_once", "land", "landing", "own_mark", "owner_lives", "set_aside", "sweep_up", "sync",
]  # fmt: skip

_HOST = "".join(c for c in socket.gethostname() if c.isalnum())[:32] or "host"


def own_mark() -> str:
    """A word for this process, unlike any other, for hidden names."""
    return f"{_HOST}-{os.getpid()}-{secrets.token_hex(4)}"


def owner_lives(name: str) -> bool | None:
    """Whether the process lives whose mark is in a name; None where it is one of another machine."""
    _, found, rest = name.rpartition(f".{_HOST}-")
    pid = rest.partition("-")[0]
    return _lives(int(pid)) if found and pid.isdigit() else None


def _hidden(path: Path) -> Path:
    """A name that readers of the folder pass over, and that says who writes it."""
    return path.parent / f".{path.name}.{own_mark()}.tmp"


@contextmanager
def _draft(path: Path, data: bytes) -> Iterator[Path]:
    draft = _hidden(path)
    try:
        with open(draft, "xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        yield draft
    except OSError as error:
        # The hidden name says nothing to whoever reads the message.
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def land(path: Path, data: bytes) -> None:
    """Write a file whole, in place of one that is there.

    Raises
    ------
    OSError
        If it cannot be written; what was there stays.
    """
    with _draft(path, data) as draft:
        os.replace(draft, path)
    sync(path.parent)


def create_once(path: Path, data: bytes) -> bool:
    """Write a file whole unless one is there; of several that try, one succeeds.

    Returns
    -------
    bool
        Whether this call wrote it.
    """
    if path.exists():
        return False
    with _draft(path, data) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        except OSError:
            # No hard links here (some network file systems): an exclusive name, though not written in one go.
            try:
                with open(path, "xb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
            except FileExistsError:
                return False
    sync(path.parent)
    return True


@contextmanager
def landing(path: Path) -> Iterator[Path]:
    """A hidden name to write a file under, which takes the place of ``path`` at the end, if all went well."""
    draft = _hidden(path)
    try:
        yield draft
        with open(draft, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(draft, path)
        sync(path.parent)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def beacon(folder: Path) -> Iterator[str]:
    """The name of a hidden file that is in a folder for a while: who sees it sees this folder."""
    file = _hidden(folder / "beacon")
    file.touch(exist_ok=False)
    try:
        yield file.name
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def sync(folder: Path) -> None:
    """Make names in a folder outlast a loss of power, where the file system can."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sweep_up(folder: Path) -> None:
    """Remove drafts that processes of this machine left behind when they were killed."""
    for draft in folder.glob(f"**/.*.{_HOST}-*.tmp"):
        if owner_lives(draft.name) is False:
            with suppress(OSError):
                draft.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def set_aside(file: Path) -> Path:
    """Rename a damaged file to a hidden name, which readers of the folder pass over."""
    # Not ending in .parquet: where a pattern is given, DuckDB reads hidden files too.
    aside = file.parent / f".{file.name}.{secrets.token_hex(4)}.damaged"
    os.replace(file, aside)
    sync(file.parent)
    return aside
