"""Bands of monthly outcomes: mean and quantiles over the runs of a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.design import QUANTILES
from sim.results.tables import Field, Table, Words

__all__ = ["QUANTILE_NAMES", "band", "band_table"]

QUANTILE_NAMES = tuple(f"q{round(100 * q):02d}" for q in QUANTILES)
"""Columns of the quantiles: ``q05`` and so on."""

FloatArray = NDArray[np.float64]


def band(values: FloatArray) -> FloatArray:
    """Mean and quantiles over runs.

    Parameters
    ----------
    values
        Shape (runs, months), runs in their order.

    Returns
    -------
    ndarray
        Shape (months, 1 + quantiles): the mean, then the quantiles (linear interpolation).
    """
    runs, months = values.shape
    if runs == 0:
        return np.full((months, 1 + len(QUANTILES)), np.nan)
    # Two columns or more, so that numpy adds up every column run by run, whatever months are asked for together.
    wide = np.ascontiguousarray(np.hstack([values, values[:, -1:]]))
    mean = wide.sum(axis=0)[:months] / runs
    quantiles: Any = np.quantile(values, QUANTILES, axis=0)
    return np.column_stack([mean, quantiles.T])


def band_table(
    points: Sequence[int], starts: Sequence[int], names: Sequence[str], bands: Sequence[Any]
) -> Table:
    """Bands of points as a table: a row for each point, outcome and month.

    Parameters
    ----------
    points, starts
        Points and month indices of their first months.
    names
        Monthly outcomes.
    bands
        For each point: runs, and the band of each outcome.
    """
    data: dict[str, list[Any]] = {name: [] for name in ("point", "outcome", "month", "runs", "values")}
    for point, start, (runs, by_outcome) in zip(points, starts, bands, strict=True):
        for code, one in enumerate(by_outcome):
            months = len(one)
            data["point"].append(np.full(months, point))
            data["outcome"].append(np.full(months, code, dtype=np.int32))
            data["month"].append(start + np.arange(months))
            data["runs"].append(np.full(months, runs))
            data["values"].append(one)
    joined = {
        name: np.concatenate(parts) if parts else np.empty(0, dtype=np.int64) for name, parts in data.items()
    }
    values = joined.pop("values").reshape(-1, 1 + len(QUANTILES)).astype(np.float64)
    fields = [
        Field("point", "count", "point", "Point of the design."),
        Field("outcome", "text", "outcome", "Monthly outcome."),
        Field("month", "month", "month", "Month, at its end."),
        Field("runs", "count", "runs", "Runs of the point that came out."),
        Field("mean", "number", "the outcome's", "Mean over these runs."),
    ]
    columns: dict[str, Any] = {
        "point": joined["point"],
        "outcome": Words(joined["outcome"].astype(np.int32), tuple(names)),
        "month": joined["month"],
        "runs": joined["runs"],
        "mean": values[:, 0].copy(),
    }
    for n, (name, q) in enumerate(zip(QUANTILE_NAMES, QUANTILES, strict=True)):
        fields.append(Field(name, "number", "the outcome's", f"Quantile {q:g} over these runs."))
        columns[name] = values[:, n + 1].copy()
    return Table("quantiles", tuple(fields), columns, ("point", "outcome", "month"))
