"""Indices of an output by SALib, each with its interval, and with what of it is chance."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.experiments.sensitivity.noise import RESAMPLES, averages, halves, resampled

__all__ = [
    "morris_design", "morris_indices", "morris_sizes", "need_salib", "problem_of", "sobol_design", "sobol_indices",
    "sobol_sizes",
]  # fmt: skip

Floats = NDArray[np.float64]
_Z = 1.959963984540054
"""Half the width of a 95 % interval, in standard deviations."""
Indices = dict[str, list[float]]


def need_salib() -> None:
    """See that SALib is installed.

    Raises
    ------
    UsageError
        If it is not, with what to do.
    """
    try:
        import SALib  # noqa: F401
    except ImportError:
        told = "sensitivity analyses need SALib, which is not installed: pip install 'bayah[analysis]'"
        raise UsageError(told) from None


def problem_of(names: Sequence[str]) -> dict[str, Any]:
    """Numbers as SALib names them, each from 0 to 1."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def morris_design(names: Sequence[str], trajectories: int, levels: int, seed: int) -> Floats:
    """Levels from 0 to 1, a trajectory after the other, shape (trajectories * (numbers + 1), numbers)."""
    from SALib.sample import morris

    design: Floats = morris.sample(problem_of(names), trajectories, num_levels=levels, seed=seed)
    return design


def sobol_design(names: Sequence[str], points: int, seed: int) -> Floats:
    """Quantiles in blocks of A, A with a column of B each, B: shape (points * (numbers + 2), numbers)."""
    from SALib.sample import sobol

    design: Floats = sobol.sample(
        problem_of(names), points, calc_second_order=False, scramble=True, seed=seed
    )
    return design


def whole_groups(values: Floats, size: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which groups of consecutive points have something to say at every point, by group and by point."""
    told = np.isfinite(averages(values).mean).reshape(-1, size).all(axis=1)
    return told, np.repeat(told, size)


def _plain(values: Any) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64)]


def _steps(design: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which number each step of each trajectory changes, and by how much: shape (trajectories, numbers) both."""
    size = design.shape[1] + 1
    change = np.diff(design.reshape(-1, size, design.shape[1]), axis=1)
    which = np.abs(change).argmax(axis=2)
    return which, np.take_along_axis(change, which[:, :, None], axis=2)[:, :, 0]


def effects(design: Floats, means: Floats) -> Floats:
    """Elementary effects of several sets of means, shape (trajectories, numbers, sets).

    The same that SALib has for one set (a test compares them).
    """
    which, change = _steps(design)
    size = design.shape[1] + 1
    moved = np.diff(means.reshape(-1, size, means.shape[-1]), axis=1) / change[:, :, None]
    found = np.empty_like(moved)
    np.put_along_axis(found, np.broadcast_to(which[:, :, None], moved.shape), moved, axis=1)
    return found


def morris_indices(design: Floats, values: Floats, levels: int, seed: int) -> Indices:
    """Elementary effects of one output.

    Parameters
    ----------
    design
        Levels, whole trajectories.
    values
        Output of the runs, shape (points, runs).
    levels
        Levels of the design.
    seed
        Seed of the bootstrap.

    Returns
    -------
    dict
        By number: ``mu``, ``mu_star`` with its 95 % interval over trajectories (``low``, ``high``), ``sigma``;
        ``floor``, the ``mu_star`` that chance alone would show; ``chance``, the share of the error of ``mu_star``
        that more runs at the same points would take away.
    """
    from SALib.analyze import morris

    names = [str(n) for n in range(design.shape[1])]
    found = morris.analyze(
        problem_of(names), design, averages(values).mean, num_resamples=RESAMPLES * 5, num_levels=levels, seed=seed + 1
    )  # fmt: skip
    star, conf = np.asarray(found["mu_star"], dtype=float), np.asarray(found["mu_star_conf"], dtype=float)
    conf = np.nan_to_num(conf)
    runs = np.abs(effects(design, resampled(values, seed))).mean(axis=0).std(axis=1, ddof=1)
    half = halves(values)
    floor = None if half is None else np.abs(effects(design, half[:, None])).mean(axis=0)[:, 0]
    return {
        "mu": _plain(found["mu"]), "mu_star": _plain(star), "low": _plain(np.maximum(star - conf, 0.0)),
        "high": _plain(star + conf), "sigma": _plain(found["sigma"]),
        "floor": [np.nan] * len(names) if floor is None else _plain(floor),
        "chance": _chance(runs, conf / _Z),
    }  # fmt: skip


def _chance(runs: Floats, points: Floats) -> list[float]:
    """Share of the variance of an index that is due to which runs were made."""
    with np.errstate(invalid="ignore", divide="ignore"):
        share = runs**2 / (runs**2 + points**2)
    return _plain(share)


def _parts(means: Floats, numbers: int) -> tuple[Floats, Floats, Floats]:
    """Means at A, at A with a column of B (blocks, numbers, ...), and at B."""
    blocks = means.reshape(-1, numbers + 2, *means.shape[1:])
    return blocks[:, 0], blocks[:, 1:-1], blocks[:, -1]


def sobol_indices(design: Floats, values: Floats, seed: int) -> Indices:
    """Shares of the variance of one output.

    Parameters
    ----------
    design
        Quantiles, whole blocks.
    values
        Output of the runs, shape (points, runs).
    seed
        Seed of the bootstrap.

    Returns
    -------
    dict
        By number: ``first`` and ``total`` with 95 % intervals over blocks (``first_low`` and so on); ``floor``, the
        ``total`` that chance alone would show; ``chance``, the share of the error of ``total`` that more runs at the same
        points would take away; ``direction``, the rank correlation with the output.
    """
    from SALib.analyze import sobol
    from scipy.stats import spearmanr

    numbers = design.shape[1]
    means = averages(values).mean
    a, _, b = _parts(means, numbers)
    base = np.concatenate([a, b])
    with warnings.catch_warnings():
        # An output that never changes has no variance to share.
        warnings.simplefilter("ignore")
        if np.ptp(base) == 0:
            nothing = [0.0] * numbers
            names = (
                "first",
                "first_low",
                "first_high",
                "total",
                "total_low",
                "total_high",
                "floor",
                "direction",
            )
            return {**{name: list(nothing) for name in names}, "chance": [np.nan] * numbers}
        found = sobol.analyze(
            problem_of([str(n) for n in range(numbers)]), means, calc_second_order=False,
            num_resamples=RESAMPLES, seed=seed + 1,
        )  # fmt: skip
        again = resampled(values, seed)
        many, many_b = _parts(again, numbers)[0], _parts(again, numbers)[2]
        runs = np.array(
            [
                sobol.total_order(many, _parts(again, numbers)[1][:, n], many_b).std(ddof=1)
                for n in range(numbers)
            ]
        )
        points = np.concatenate([design[:: numbers + 2], design[numbers + 1 :: numbers + 2]])
        direction = [float(spearmanr(points[:, n], base).statistic) for n in range(numbers)]
    first, total = np.asarray(found["S1"]), np.asarray(found["ST"])
    wide, deep = np.asarray(found["S1_conf"]), np.asarray(found["ST_conf"])
    half = halves(values)
    floor = np.full(numbers, np.nan)
    if half is not None:
        noise_a, noise_ab, _ = _parts(half, numbers)
        floor = 0.5 * ((noise_a[:, None] - noise_ab) ** 2).mean(axis=0) / base.var()
    return {
        "first": _plain(first), "first_low": _plain(first - wide), "first_high": _plain(first + wide),
        "total": _plain(total), "total_low": _plain(np.maximum(total - deep, 0.0)),
        "total_high": _plain(total + deep), "floor": _plain(floor), "chance": _chance(runs, deep / _Z),
        "direction": _plain(direction),
    }  # fmt: skip


def morris_sizes(trajectories: int) -> list[int]:
    """Numbers of trajectories at which the indices are told, to show whether they have settled."""
    sizes = {round(trajectories * part / 8) for part in range(1, 9)}
    return sorted(size for size in sizes if size >= min(4, trajectories))


def sobol_sizes(points: int) -> list[int]:
    """Numbers of base points at which the indices are told: powers of 2."""
    return list(_doubling(min(64, points), points))


def _doubling(size: int, most: int) -> Iterator[int]:
    while size < most:
        yield size
        size *= 2
    yield most
