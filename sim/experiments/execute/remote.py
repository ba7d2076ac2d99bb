"""A chunk made in another process: what travels there, and what comes back."""

from __future__ import annotations

import functools
import pickle
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

__all__ = ["Package", "chunk_parts", "do_chunk", "pack"]


@dataclass(frozen=True)
class Package:
    """A plan on its way to another process."""

    digest: str
    code: str
    """Hash of the sources that sent it."""
    data: bytes = field(compare=False, repr=False)


def pack(plan: Plan, rule: Rule | None = None) -> Package:
    """A plan for another process."""
    from sim.jit import source_hash

    data = pickle.dumps((plan, rule), protocol=pickle.HIGHEST_PROTOCOL)
    return Package(plan.digest, source_hash(), data)


def chunk_parts(bench: Bench, chunk: int, tick: Callable[[int, int], None]) -> dict[str, bytes]:
    """A chunk made, as the bytes of its parts."""
    tables = make_chunk(bench, chunk, tick)
    failed = len(tables["failed"]) if "failed" in tables else 0
    return {name: encode(table, bench.plan.digest, chunk, failed) for name, table in tables.items()}


@functools.lru_cache(maxsize=8)
def _bench(package: Package, thread: int) -> Bench:
    """The bench of a thread, kept from chunk to chunk."""
    plan, rule = pickle.loads(package.data)
    return Bench(plan, rule=rule)


def do_chunk(package: Package, chunk: int, folder: str | None) -> tuple[int, int, Mapping[str, bytes] | None]:
    """Make a chunk in this process.

    Parameters
    ----------
    package
        The plan.
    chunk
        Position of the chunk.
    folder
        The store, where this process sees it; None to hand the parts back.

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
        raise StoreError(f"a worker runs other code ({source_hash()}) than sent the work ({package.code})")
    bench = _bench(package, threading.get_ident())
    counts = [0, 0]

    def tick(done: int, failed: int) -> None:
        counts[0] += done
        counts[1] += failed

    parts = chunk_parts(bench, chunk, tick)
    if folder is None:
        return counts[0], counts[1], parts
    keep_chunk(Path(folder), chunk, parts)
    return counts[0], counts[1], None


def probe(folder: str, name: str) -> Any:
    """Whether this process sees a file of a folder."""
    return (Path(folder) / name).exists()
