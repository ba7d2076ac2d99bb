"""What the record has for each measure, what a run has, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.reading import Measure, Patterns
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.units import Units
from sim.scenario.quantities import month_index

__all__ = ["FARTHEST", "Targets", "measured", "targets_of"]

FARTHEST = 4.0
"""Misses count up to this many scales; a statistic that a run has nothing for counts as this."""


def measured(measures: Sequence[Measure], records: Records) -> NDArray[np.float64]:
    """Measures of runs, shape (runs, measures); not a number where a run has nothing that it could be told of.

    Raises
    ------
    ExperimentError
        If a statistic of the user's own fails, or gives anything but one number for each run.
    """
    columns = []
    for measure in measures:
        try:
            values: Any = np.asarray(
                measure.statistic.function(records, **measure.form.given), dtype=np.float64
            )
        except Exception as error:
            if not measure.statistic.own:
                raise
            told = f"statistic '{measure.form.statistic}' failed: {type(error).__name__}: {error}"
            raise ExperimentError(Problem(told, measure.name)) from error
        if values.shape != (records.runs,):
            told = (
                f"statistic '{measure.form.statistic}' should give one number for each of {records.runs} runs"
            )
            raise ExperimentError(Problem(told, measure.name))
        columns.append(values)
    return np.stack(columns, axis=1) if columns else np.empty((records.runs, 0))


@dataclass(frozen=True, eq=False)
class Targets:
    """The record's side of some measures; every array has shape (measures,)."""

    names: tuple[str, ...]
    patterns: tuple[str, ...]
    """Pattern of each measure."""
    observed: NDArray[np.float64]
    """Not a number where the record gives a range only."""
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    """Ends of the range; not a number where there is none."""
    scale: NDArray[np.float64]
    log: NDArray[np.bool_]
    weight: NDArray[np.float64]

    def signed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scales by which each value lies above what was observed, or outside the range; same shape, within FARTHEST.

        A value that a run has nothing for lies farthest above; so does any value where the record has nothing.
        """
        compared = _compared(values, self.log)
        aim, low, high = (_compared(end, self.log) for end in (self.observed, self.low, self.high))
        with np.errstate(invalid="ignore"):
            outside = np.maximum(compared - high, 0.0) - np.maximum(low - compared, 0.0)
            gap = np.where(np.isnan(aim), outside, compared - aim) / self.scale
        nothing = np.isnan(aim) & np.isnan(low)
        gap = np.where(np.isnan(values) != nothing, FARTHEST, np.clip(gap, -FARTHEST, FARTHEST))
        return np.where(np.isnan(values) & nothing, 0.0, gap)

    def misses(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """How many scales each value lies from what was observed, or outside the range; same shape, 0 to FARTHEST."""
        return np.abs(self.signed(values))

    def distances(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Root of the weighted mean of squared misses, shape (runs,); each pattern counts the same."""
        misses = self.misses(values)
        # Row by row, so that a run's distance does not hang on how many are measured with it.
        found: NDArray[np.float64] = np.sqrt(
            (misses * misses * (self.weight / self.weight.sum())).sum(axis=1)
        )
        return found

    @property
    def form(self) -> dict[str, list[Any]]:
        """All of it in plain types; what is not a number is its name."""
        arrays = {"observed": self.observed, "low": self.low, "high": self.high, "scale": self.scale}
        plain = {name: [repr(float(value)) for value in array] for name, array in arrays.items()}
        return {
            "names": list(self.names),
            **plain,
            "log": self.log.tolist(),
            "weight": [repr(float(value)) for value in self.weight],
        }

    def inside(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether each value is in its range; true where there is none."""
        with np.errstate(invalid="ignore"):
            within = (values >= self.low - 1e-9) & (values <= self.high + 1e-9)
        return np.where(np.isnan(self.low), ~np.isnan(values), within)

    def columns(self, names: Sequence[str]) -> list[int]:
        """Places of measures by name."""
        return [self.names.index(name) for name in names]

    def replaced(self, observed: NDArray[np.float64]) -> Targets:
        """The same aims with other observations, as of a synthetic record; ranges count no more."""
        nowhere = np.full(len(observed), np.nan)
        return replace(self, observed=observed, low=nowhere, high=nowhere)


def _compared(values: NDArray[np.float64], log: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(log, np.log(np.maximum(values, 1e-12)), values)


def targets_of(
    patterns: Patterns, measures: Sequence[Measure], start: int, keep: Sequence[str] | None = None,
    units: Units | None = None,
) -> Targets:  # fmt: skip
    """What the record has for some measures.

    Parameters
    ----------
    patterns
        Where they are from.
    measures
        The measures.
    start
        Month index of the first month of runs.
    keep
        Coded units that count, where not all do; others have left the record altogether.
    units
        Coded units in the place of the patterns' own.
    """
    units = patterns.units if units is None else units
    months = month_index(patterns.until) - start + 1
    history = None if units is None else units.records(start, months, keep)
    rows = []
    for measure in measures:
        form = measure.form
        seen: float | None
        if form.observed == "coded":
            assert history is not None
            seen = float(measured([measure], history)[0, 0])
        else:
            seen = form.observed
        low, high = form.range or (math.nan, math.nan)
        rows.append((math.nan if seen is None else seen, low, high, form.spread, form.log, measure.weight))
    table = np.array([row[:4] for row in rows], dtype=np.float64).reshape(-1, 4)
    return Targets(
        names=tuple(m.name for m in measures),
        patterns=tuple(m.pattern for m in measures),
        observed=table[:, 0],
        low=table[:, 1],
        high=table[:, 2],
        scale=table[:, 3],
        log=np.array([row[4] for row in rows], dtype=bool),
        weight=np.array([row[5] for row in rows], dtype=np.float64),
    )
