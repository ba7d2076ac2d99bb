"""Compiled sums over pairs of runs: means and squares of differences, sides taken, when pairs part."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.jit import jit_apart

__all__ = ["STATS", "Moments", "count_sides", "new_moments", "part", "subtract", "tally", "whole"]

STATS = (
    "base",
    "base_squares",
    "other",
    "other_squares",
    "difference",
    "difference_squares",
    "higher",
    "lower",
)
"""Columns of the moments: means, sums of squared distances from the mean, and counts of pairs."""


@jit_apart
def tally(B: Any, O: Any, S: Any) -> None:
    """Moments of a block of pairs, by month and outcome.

    Parameters
    ----------
    B, O
        Outcomes of the base and of the other arm, shape (pairs, months, outcomes).
    S
        Shape (months, outcomes, len(STATS)), overwritten.
    """
    pairs = B.shape[0]
    for month in range(B.shape[1]):
        for m in range(B.shape[2]):
            base, other, difference, higher, lower = 0.0, 0.0, 0.0, 0.0, 0.0
            for n in range(pairs):
                base += B[n, month, m]
                other += O[n, month, m]
                change = O[n, month, m] - B[n, month, m]
                difference += change
                higher += 1.0 if change > 0.0 else 0.0
                lower += 1.0 if change < 0.0 else 0.0
            base /= pairs
            other /= pairs
            difference /= pairs
            squares0, squares1, squares2 = 0.0, 0.0, 0.0
            for n in range(pairs):
                from_base = B[n, month, m] - base
                from_other = O[n, month, m] - other
                from_mean = O[n, month, m] - B[n, month, m] - difference
                squares0 += from_base * from_base
                squares1 += from_other * from_other
                squares2 += from_mean * from_mean
            S[month, m, 0] = base
            S[month, m, 1] = squares0
            S[month, m, 2] = other
            S[month, m, 3] = squares1
            S[month, m, 4] = difference
            S[month, m, 5] = squares2
            S[month, m, 6] = higher
            S[month, m, 7] = lower


@jit_apart
def part(B: Any, O: Any, LB: Any, LO: Any, RB: Any, RO: Any) -> int:
    """The first month in which a pair differs in any monthly outcome or allegiance, or -1.

    Parameters
    ----------
    B, O
        Monthly outcomes of the arms, shape (months, outcomes).
    LB, LO
        A byte for the allegiance of each faction, shape (months, rows).
    RB, RO
        Rows of the factions that both have.
    """
    for month in range(B.shape[0]):
        for m in range(B.shape[1]):
            if B[month, m] != O[month, m]:
                return month
        for f in range(RB.shape[0]):
            if LB[month, RB[f]] != LO[month, RO[f]]:
                return month
    return -1


@jit_apart
def side(byte: int, table: Any, options: int) -> Any:
    """Where a faction stands, as a position in the common list of sides."""
    if byte < options:
        return table[byte]
    if byte == s.AWAY + s.FATE_RECONCILED:
        return table[options - 1]
    if byte == s.AWAY + s.FATE_WAITING:
        return table[options]
    return table[options + 1]


@jit_apart
def count_sides(
    LB: Any, LO: Any, RB: Any, RO: Any, TB: Any, TO: Any, focus_base: int, focus_other: int, N: Any, FIRST: Any,
    OATH: Any, OPTIONS: Any,
) -> None:  # fmt: skip
    """Count where the factions of a pair stand, and note when they first differ and first swear.

    Parameters
    ----------
    LB, LO, RB, RO
        As in :func:`part`.
    TB, TO
        Positions of each arm's options, of ``not yet`` and of ``gone`` in the common list of sides.
    focus_base, focus_other
        Option of an oath to the focus patron in each arm.
    N
        Shape (factions, months, sides, sides), counts of pairs: base by other.
    FIRST
        Shape (factions, 3): first month in which the sides differ, or -1, and the two sides.
    OATH
        Shape (factions, 2): first month in which it holds an oath to the focus patron in each arm, or -1.
    OPTIONS
        How many options each arm has, shape (2,).
    """
    for f in range(RB.shape[0]):
        FIRST[f, 0] = -1
        FIRST[f, 1] = -1
        FIRST[f, 2] = -1
        OATH[f, 0] = -1
        OATH[f, 1] = -1
        for month in range(LB.shape[0]):
            held, other = int(LB[month, RB[f]]), int(LO[month, RO[f]])
            a, b = side(held, TB, OPTIONS[0]), side(other, TO, OPTIONS[1])
            N[f, month, a, b] += 1
            if a != b and FIRST[f, 0] < 0:
                FIRST[f, 0] = month
                FIRST[f, 1] = a
                FIRST[f, 2] = b
            if held == focus_base and OATH[f, 0] < 0:
                OATH[f, 0] = month
            if other == focus_other and OATH[f, 1] < 0:
                OATH[f, 1] = month


@jit_apart
def subtract(O: Any, B: Any, columns: Any, D: Any) -> None:
    """Differences of some outcomes, shape (months, columns), into ``D``."""
    for month in range(O.shape[0]):
        for n in range(columns.shape[0]):
            D[month, n] = O[month, columns[n]] - B[month, columns[n]]


@jit_apart
def whole(values: Any) -> bool:
    """Whether all numbers of a table are finite."""
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            if not math.isfinite(values[row, column]):
                return False
    return True


class Moments:
    """Means and squares of differences over any number of pairs, merged a block at a time (Chan et al. 1983).

    Blocks are merged in their order, so the sums do not depend on who made them.

    Parameters
    ----------
    shape
        Months and outcomes.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.count = 0
        self.values: NDArray[np.float64] = np.zeros((*shape, len(STATS)))

    def merge(self, count: int, block: NDArray[np.float64]) -> None:
        """Take in a block of ``count`` pairs, as :func:`tally` gives it."""
        if count == 0:
            return
        total, here = self.count + count, self.values
        for mean, squares in ((0, 1), (2, 3), (4, 5)):
            apart = block[..., mean] - here[..., mean]
            here[..., squares] += block[..., squares] + apart * apart * (self.count * count / total)
            here[..., mean] += apart * (count / total)
        here[..., 6:] += block[..., 6:]
        self.count = total

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """A column of :data:`STATS`."""
        column: NDArray[np.float64] = self.values[..., STATS.index(name)]
        return column


def new_moments(months: int, outcomes: int) -> NDArray[np.float64]:
    """Room for what :func:`tally` writes."""
    return np.zeros((months, outcomes, len(STATS)))
