"""Tables whose posterior is known: two numbers, measures linear in their log-odds with normal noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from sim.experiments.calibration.table import Reference
from sim.experiments.patterns.targets import Targets

__all__ = ["MIX", "NOISE", "OBSERVED", "known_posterior", "linear_table", "targets"]

Floats = NDArray[np.float64]
MIX = np.array([[1.0, 0.4], [-0.3, 0.8], [0.5, 0.5]])
"""(measures, numbers)."""
NOISE = np.array([0.7, 0.5, 1.0])
OBSERVED = np.array([0.9, -0.6, 0.3])


def reference(u: Floats, replicates: int, good: NDArray[np.bool_] | None = None) -> Reference:
    """A table of which only points are known."""
    shape = (len(u), replicates)
    return Reference(
        u, u, np.zeros((*shape, 3), dtype=np.float32), np.full((*shape, 1), -1, dtype=np.int16), {},
        np.ones(shape, dtype=bool) if good is None else good,
    )  # fmt: skip


def targets(observed: Floats = OBSERVED, scale: Floats | None = None) -> Targets:
    """A record of three measures; they count by how little noise they have."""
    nothing = np.full(len(observed), np.nan)
    return Targets(
        tuple("abc")[: len(observed)], tuple("ABC")[: len(observed)], observed, nothing, nothing,
        2 * NOISE[: len(observed)] if scale is None else scale, np.zeros(len(observed), dtype=bool),
        np.ones(len(observed)),
    )  # fmt: skip


def linear_table(draws: int, replicates: int = 2, seed: int = 1) -> tuple[Reference, Floats]:
    """A table and the measures of its runs, (runs, measures)."""
    generator = np.random.default_rng(seed)
    u = generator.random((draws, 2))
    z = np.repeat(logit(u), replicates, axis=0)
    return reference(u, replicates), z @ MIX.T + NOISE * generator.standard_normal((len(z), 3))


def known_posterior(levels: list[float]) -> tuple[Floats, Floats, Floats]:
    """Mean and standard deviation of both log-odds, and quantiles of both on the unit cube, by a fine grid."""
    # Uniform on the cube, so that the density is the likelihood at the midpoints of a grid.
    edge = (np.arange(1500) + 0.5) / 1500
    u = np.stack(np.meshgrid(edge, edge, indexing="ij"), axis=-1).reshape(-1, 2)
    z = logit(u)
    density = np.exp(-0.5 * (((z @ MIX.T - OBSERVED) / NOISE) ** 2).sum(axis=1))
    density /= density.sum()
    mean = density @ z
    sd = np.sqrt(density @ (z - mean) ** 2)
    both = density.reshape(1500, 1500)
    at = [np.interp(levels, np.cumsum(both.sum(axis=1 - n)), edge + 0.5 / 1500) for n in (0, 1)]
    return mean, sd, np.stack(at, axis=1)
