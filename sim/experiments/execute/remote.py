"""A chunk made in another process: what travels there, and what comes back."""

from __future__ import annotations

import errno
import os
import pickle
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import StoreError
from sim.experiments.bench import Bench, Rule
from sim.experiments.chunk import make_chunk
from sim.experiments.plan import Plan
from sim.experiments.store.ledger import keep_chunk
from sim.experiments.store.parts import encode

__all__ = ["Package", "chunk_parts", "do_chunk", "held", "pack"]

_NOT_MINE = (errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True)
class Package:
    """A plan on its way to another process."""

    digest: str
    code: str
    """Hash of the sources that sent it."""
    data: bytes = field(repr=False)


def pack(plan: Plan, rule: Rule | None = None, dumps: Callable[[Any], bytes] | None = None) -> Package:
    """A plan for another process.

    Parameters
    ----------
    plan
        The plan.
    rule
        A decision rule of one's own.
    dumps
        Turns both to bytes, in place of ``pickle.dumps``; the other process reads them with ``pickle.loads``.
    """
    from sim.jit import source_hash

    return Package(plan.digest, source_hash(), (dumps or pickle.dumps)((plan, rule)))


def held(package: Package) -> Package:
    """What was sent, so that it can be held by another process."""
    return package


def chunk_parts(bench: Bench, chunk: int, tick: Callable[[int, int], None]) -> dict[str, bytes]:
    """A chunk made, as the bytes of its parts."""
    tables = make_chunk(bench, chunk, tick)
    failed = len(tables["failed"]) if "failed" in tables else 0
    return {name: encode(table, bench.plan.digest, chunk, failed) for name, table in tables.items()}


_HERE = threading.local()


def _bench(package: Package) -> Bench:
    """The bench of this thread, kept from chunk to chunk."""
    kept: tuple[Package, Bench] | None = getattr(_HERE, "kept", None)
    if kept is None or kept[0] != package:
        plan, rule = pickle.loads(package.data)
        kept = _HERE.kept = (package, Bench(plan, rule=rule))
    return kept[1]


def do_chunk(
    package: Package, chunk: int, folder: str | None = None, beacon: str = ""
) -> tuple[int, int, Mapping[str, bytes] | None]:
    """Make a chunk in this process.

    Parameters
    ----------
    package
        The plan.
    chunk
        Position of the chunk.
    folder, beacon
        The store, and the name of a file in it. Where this process sees the file, it keeps the chunk itself.

    Returns
    -------
    tuple
        Runs done, runs failed, and the parts unless they were kept here.

    Raises
    ------
    StoreError
        If this process runs other code.
    """
    from sim.jit import source_hash

    if source_hash() != package.code:
        who = f"a worker (process {os.getpid()} on {socket.gethostname()})"
        raise StoreError(f"{who} runs other code ({source_hash()}) than sent the work ({package.code})")
    counts = [0, 0]

    def tick(done: int, failed: int) -> None:
        counts[0] += done
        counts[1] += failed

    parts = chunk_parts(_bench(package), chunk, tick)
    if folder is not None and (Path(folder) / beacon).exists():
        try:
            keep_chunk(Path(folder), chunk, parts)
            return counts[0], counts[1], None
        except OSError as error:
            # Seen but not to be written here: a mount that is read-only, another user.
            if error.errno not in _NOT_MINE:
                raise
    return counts[0], counts[1], parts
