"""A store made ready for chunks to be made again: nothing that they replace stays in sight."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sim.experiments.store.files import set_aside
from sim.experiments.store.ledger import LAST, Ledger, Standing, tables_of

__all__ = ["clear_way"]


def clear_way(ledger: Ledger, standing: Standing, todo: Iterable[int]) -> tuple[set[int], tuple[str, ...]]:
    """Put damaged parts out of the way of readers, and parts that would stand beside those made anew.

    A chunk of which one part is damaged is made again whole. A file that holds several chunks goes when one of
    them is made again, and so do the parts of the others.

    Parameters
    ----------
    ledger
        The parts.
    standing
        What their footers said.
    todo
        Chunks to make.

    Returns
    -------
    tuple
        The chunks to make now, and the damaged files.
    """
    wanted = set(todo)
    for file in standing.damaged:
        set_aside(file)
    names = (*tables_of(ledger.plan), "failed")
    files = {(table, name, file) for table in names for name, file in ledger.parts(table)}
    stale: set[Path] = set()
    grown = True
    while grown:
        grown = False
        for table, name, file in files:
            chunks = range(name.first, name.last + 1)
            several = len(chunks) > 1
            if file not in stale and (several or table == LAST) and not wanted.isdisjoint(chunks):
                stale.add(file)
                grown = grown or not wanted.issuperset(chunks)
                wanted.update(chunks)
    # What says that a chunk is done goes first, so that nothing is taken for whole on the way.
    for file in sorted(stale, key=lambda file: file.parent.name != LAST):
        set_aside(file)
    return wanted, tuple(str(file) for file in standing.damaged)
