"""A store made ready for chunks to be made again: what is damaged does not stay in sight."""

from __future__ import annotations

from sim.experiments.store.files import set_aside
from sim.experiments.store.ledger import Standing

__all__ = ["clear_way"]


def clear_way(standing: Standing) -> tuple[str, ...]:
    """Put damaged parts out of the way of readers.

    What is left of their chunks stays: a chunk is done when all its parts are there, and a part that is made again
    takes the place of its like, or is left out where a file of several chunks holds it already.

    Parameters
    ----------
    standing
        What the footers said.

    Returns
    -------
    tuple
        The damaged files.
    """
    for file in standing.damaged:
        set_aside(file)
    return tuple(str(file) for file in standing.damaged)
