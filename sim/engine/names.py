"""Names of factions, splinters included."""

from __future__ import annotations

from collections.abc import Sequence

from sim.state import IntArray

__all__ = ["faction_names"]


def faction_names(starting: Sequence[str], parents: IntArray, rows: int) -> tuple[str, ...]:
    """Ids of all rows in use: those of the scenario, then splinters, by parent and order of birth.

    Parameters
    ----------
    starting
        Ids of the factions of the scenario, in order.
    parents
        The ``parent`` column, shape (rows or more,).
    rows
        Rows in use.

    Examples
    --------
    The second splinter of ``imu`` is ``imu_s2``, the first splinter of that one ``imu_s2_s1``.

    >>> import numpy as np
    >>> faction_names(["imu"], np.array([-1, 0, 0, 2]), 4)
    ('imu', 'imu_s1', 'imu_s2', 'imu_s2_s1')
    """
    names = list(starting)
    taken, born = set(names), dict.fromkeys(range(rows), 0)
    for row in range(len(names), rows):
        parent = int(parents[row])
        born[parent] += 1
        name = f"{names[parent]}_s{born[parent]}"
        while name in taken:
            name += "_"
        taken.add(name)
        names.append(name)
    return tuple(names)
