"""Which pairs to make, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.experiments.compare.arms import Match
from sim.experiments.compare.swap import CODES
from sim.experiments.compare.tally import Moments
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.state import IntArray

__all__ = ["AT_A_TIME", "MOST_TRACED", "Measured", "Task", "room_for"]

AT_A_TIME = 32
"""Pairs whose sums are taken together. Fixed, so that sums do not depend on the number of workers."""
MOST_TRACED = 20_000
"""Pairs of which single differences and causes are kept; the moments and shares are of all."""


@dataclass(frozen=True)
class Task:
    """Which pairs to make: points of a set of weights, and the seeds at each."""

    points: tuple[Mapping[str, Any], ...]
    """Values by dotted path; one empty point where weights are fixed."""
    seeds: tuple[tuple[int, ...], ...]
    """Seeds at each point."""

    @property
    def pairs(self) -> int:
        """Pairs in all."""
        return sum(map(len, self.seeds))

    def blocks(self) -> list[tuple[int, int, tuple[int, ...]]]:
        """Point, position of the first pair, seeds of each block."""
        found, first = [], 0
        for point, seeds in enumerate(self.seeds):
            for at in range(0, len(seeds), AT_A_TIME):
                found.append((point, first + at, seeds[at : at + AT_A_TIME]))
            first += len(seeds)
        return found


@dataclass(eq=False)
class Measured:
    """What pairs of one alternative gave."""

    match: Match
    kept: tuple[int, ...]
    """Monthly outcomes of which the difference of every pair is kept."""
    points: list[Moments]
    """Moments by point."""
    done: NDArray[np.bool_]
    """Pairs made, of which both runs are good."""
    parted: NDArray[np.int32]
    """First month compared in which a pair differs, -1 never."""
    sides: NDArray[np.int64]
    """Counts, shape (factions, months, sides, sides)."""
    first: NDArray[np.int16]
    """Shape (pairs, factions, 3), as :func:`sim.experiments.compare.tally.count_sides`."""
    oaths: NDArray[np.int16]
    """Shape (pairs, factions, 2): month of the first oath to the focus patron in each arm, -1 never."""
    summary: NDArray[np.float64]
    """Shape (pairs, 2, O_WIDTH)."""
    differences: NDArray[np.float64]
    """Shape (pairs traced, months, kept)."""
    parts: dict[int, tuple[IntArray, IntArray, NDArray[np.float64]]] = field(default_factory=dict)
    """By block: pair, codes and gaps of every first difference of a faction."""
    failed: dict[int, str] = field(default_factory=dict)
    """Why a pair is left out."""

    @property
    def moments(self) -> Moments:
        """Moments over all pairs, points merged in their order."""
        whole = Moments((self.match.months, M_WIDTH))
        for one in self.points:
            whole.merge(one.count, one.values)
        return whole

    def causes(self) -> tuple[IntArray, IntArray, NDArray[np.float64]]:
        """Pair, codes and gaps of all first differences, in order of pairs."""
        ordered = [self.parts[block] for block in sorted(self.parts)]
        if not ordered:
            return np.empty(0, np.int64), np.empty((0, len(CODES)), np.int64), np.empty((0, s.T_WIDTH))
        pair, codes, gaps = (np.concatenate(column) for column in zip(*ordered, strict=True))
        return pair, codes, gaps


def room_for(match: Match, task: Task, kept: tuple[int, ...]) -> Measured:
    """Room for what the pairs of a task will give."""
    pairs, factions, sides = task.pairs, len(match.factions), len(match.sides)
    return Measured(
        match=match,
        kept=kept,
        points=[Moments((match.months, M_WIDTH)) for _ in task.points],
        done=np.zeros(pairs, dtype=bool),
        parted=np.full(pairs, -1, dtype=np.int32),
        sides=np.zeros((factions, match.months, sides, sides), dtype=np.int64),
        first=np.full((pairs, factions, 3), -1, dtype=np.int16),
        oaths=np.full((pairs, factions, 2), -1, dtype=np.int16),
        summary=np.zeros((pairs, 2, O_WIDTH)),
        differences=np.zeros((min(pairs, MOST_TRACED), match.months, len(kept))),
    )
