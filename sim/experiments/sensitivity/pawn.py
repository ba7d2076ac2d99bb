"""PAWN on runs that are there already: how far the distribution of an outcome moves with each number that was varied."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, UsageError
from sim.experiments.results import Results
from sim.experiments.sensitivity.indices import need_salib, problem_of
from sim.experiments.sensitivity.parts import FORMAT, VERSION
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["distances", "pawn", "slices_of"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
SLICES = 10
RESAMPLES = 100
DUMMIES = 50
_Z = 1.959963984540054


def pawn(results: Results, outputs: Sequence[str] = (), seed: int = 1) -> dict[str, Any]:
    """PAWN indices of a sweep, as plain data.

    Parameters
    ----------
    results
        The sweep; it need not be complete.
    outputs
        Outcomes of its summary; all by default.
    seed
        Seed of the bootstrap and of the dummy.

    Raises
    ------
    UsageError
        If SALib is not installed, the sweep varies no numbers, or keeps no such outcome.
    """
    need_salib()
    for name in outputs:
        if name not in results.outcomes:
            told = f"the sweep keeps no outcome '{one_line(name, 60)}'{nearest(name, results.outcomes)}"
            raise UsageError(Problem(told, str(results.folder)))
    summary = results.summary
    numbers, left_out = _varied(results, summary)
    if not numbers:
        raise UsageError(Problem("this sweep varies no numbers, or has no runs yet", str(results.folder)))
    exact = {path: summary[path].to_numpy(dtype=np.float64) for path in numbers}
    point = np.unique(summary["point"].to_numpy(), return_inverse=True)[1].astype(np.int64)
    groups = _groups(exact, point)
    found = {
        name: _output(summary[name].to_numpy(dtype=np.float64), exact, groups, seed)
        for name in outputs or results.outcomes
    }
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": results.name,
        "title": results.title,
        "sweep": results.name,
        "seed": seed,
        "pawn": {
            "numbers": len(numbers), "points": int(np.max(point)) + 1, "runs": len(summary),
            "failed": len(results.failures), "left_out": left_out, "outputs": found,
        },
    }  # fmt: skip


def _varied(results: Results, summary: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Numbers that take several values, and what else is varied."""
    numbers: list[str] = []
    others: list[str] = []
    for path in results.parameters:
        values = summary[path]
        plain = values.dtype.kind in "fiu" and values.nunique() > 1
        (numbers if plain else others).append(path)
    return numbers, others


def slices_of(values: Floats) -> Whole:
    """Which interval of equal probability each value lies in, as SALib has it; each value its own where there are few."""
    if _few(values):
        return np.searchsorted(np.unique(values), values)
    edges = np.nanquantile(values, np.arange(0, 1 + 1 / SLICES, 1 / SLICES))
    inside: Whole = np.searchsorted(edges, values, side="right") - 1
    # SALib leaves the largest value out.
    return np.where(values >= edges[-1], -1, inside)


def distances(codes: Whole, kinds: int, slices: Whole) -> Floats:
    """Kolmogorov-Smirnov distance of the outcome in each slice from the outcome of all, shape (slices,).

    Parameters
    ----------
    codes
        Rank of the outcome of each run among the values that there are.
    kinds
        How many values there are.
    slices
        Slice of each run; -1 in none.
    """
    whole = np.bincount(codes, minlength=kinds).cumsum() / len(codes)
    within = slices >= 0
    most = int(np.max(slices)) + 1
    counts = np.bincount(slices[within] * kinds + codes[within], minlength=most * kinds).reshape(most, kinds)
    totals = counts.sum(axis=1)
    counts = counts[totals > 0]
    share = counts.cumsum(axis=1) / counts.sum(axis=1, keepdims=True)
    found: Floats = np.max(np.abs(share - whole), axis=1)
    return found


@dataclass(frozen=True, eq=False)
class _Groups:
    """Runs that belong together: by point, and by the draw that points share where a sample is crossed with a grid."""

    point: Whole
    draw: Whole

    def of(self, values: Floats) -> Whole:
        """What a number was drawn for: numbers with few values stand in grids, and are dealt to points."""
        return self.point if _few(values) else self.draw


def _few(values: Floats) -> bool:
    return len(np.unique(values)) <= 2 * SLICES


def _groups(exact: dict[str, Floats], point: Whole) -> _Groups:
    drawn = [values for values in exact.values() if not _few(values)]
    if not drawn:
        return _Groups(point, point)
    draw = np.unique(np.stack(drawn), axis=1, return_inverse=True)[1]
    return _Groups(point, draw.ravel().astype(np.int64))


def _output(values: Floats, exact: dict[str, Floats], groups: _Groups, seed: int) -> dict[str, Any]:
    """Indices of one outcome."""
    known = np.isfinite(values)
    kinds, codes = np.unique(values[known], return_inverse=True)
    about = {"runs": int(known.sum()), "undefined": int((~known).sum())}
    if len(kinds) < 2:
        return {**about, "indices": {}}
    rng = np.random.default_rng((seed, 17))
    draws = [_rows(groups.draw[known], rng) for _ in range(RESAMPLES)]
    found = {}
    for path, all_values in exact.items():
        mine, group = all_values[known], groups.of(all_values)[known]
        slices = slices_of(mine)
        one = _index(codes, len(kinds), slices) if _few(mine) else _by_salib(path, mine, values[known])
        again = [_index(codes[rows], len(kinds), slices[rows])["median"] for rows in draws]
        wide = _Z * float(np.std(again, ddof=1))
        found[path] = {
            **one, "low": max(one["median"] - wide, 0.0), "high": min(one["median"] + wide, 1.0),
            "floor": _dummy(codes, len(kinds), slices, group, rng),
        }  # fmt: skip
    return {**about, "indices": found}


def _index(codes: Whole, kinds: int, slices: Whole) -> dict[str, float]:
    found = distances(codes, kinds, slices)
    return {"median": float(np.median(found)), "mean": float(found.mean()), "maximum": float(np.max(found))}


def _by_salib(path: str, values: Floats, outcome: Floats) -> dict[str, float]:
    from SALib.analyze import pawn as by_salib

    with warnings.catch_warnings():
        # It also asks for a p-value, which nothing here is told of.
        warnings.simplefilter("ignore")
        found = by_salib.analyze(problem_of([path]), values[:, None], outcome, S=SLICES)
    return {name: float(found[name][0]) for name in ("median", "mean", "maximum")}


def _rows(points: Whole, rng: np.random.Generator) -> Whole:
    """Runs of points drawn with replacement: the runs of a point are no independent sample of its numbers."""
    count = int(np.max(points)) + 1
    order = np.argsort(points, kind="stable")
    start = np.searchsorted(points[order], np.arange(count + 1))
    drawn = rng.integers(count, size=count)
    size = start[drawn + 1] - start[drawn]
    offset = np.arange(int(size.sum())) - np.repeat(size.cumsum() - size, size)
    rows: Whole = order[np.repeat(start[drawn], size) + offset]
    return rows


def _dummy(codes: Whole, kinds: int, slices: Whole, group: Whole, rng: np.random.Generator) -> float:
    """What 19 of 20 numbers stay below that are in no rule: the same values, dealt anew to points or draws."""
    _, first, mine = np.unique(group, return_index=True, return_inverse=True)
    dealt = slices[first]
    found = []
    for _ in range(DUMMIES):
        found.append(_index(codes, kinds, rng.permutation(dealt)[mine])["median"])
    return float(np.quantile(found, 0.95))
