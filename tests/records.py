"""Records of runs compared bit for bit."""

from __future__ import annotations

import hashlib

import numpy as np

from sim.engine.world import History

__all__ = ["assert_same", "digest", "parts"]


def parts(history: History) -> dict[str, np.ndarray]:
    """All arrays of a record by name."""
    decisions = history.decisions
    return {
        **history.arrays,
        "outcomes": history.outcomes,
        "summary": history.summary,
        "decision keys": decisions.keys,
        "decision terms": decisions.terms,
        "decision values": decisions.values,
    }


def assert_same(one: History, other: History) -> None:
    """Every array of two records has the same type, shape and bits."""
    first, second = parts(one), parts(other)
    for name, array in first.items():
        twin = second[name]
        assert array.dtype == twin.dtype, name
        assert array.shape == twin.shape, name
        if array.tobytes() != twin.tobytes():
            places = np.argwhere(array.view(np.int64) != twin.view(np.int64))
            raise AssertionError(
                f"{name} differs in {len(places)} numbers, first at {tuple(map(int, places[0]))}: "
                f"{array[tuple(places[0])]!r} and {twin[tuple(places[0])]!r}"
            )


def digest(history: History) -> str:
    """A hash of a whole record."""
    whole = hashlib.sha256()
    for name, array in parts(history).items():
        whole.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()
