"""Recovery: are parameters found that are known, from records that the model itself made?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.calibration.accept import accept, fitted_values, quantiles
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.smc import run_smc
from sim.experiments.calibration.table import Reference
from sim.experiments.patterns.many import measure_points
from sim.experiments.patterns.targets import Targets

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Truths", "coverage", "draw_truths", "recover", "recover_by_smc"]

_FIRST_SEED = 2**41
LEVELS = (0.5, 0.9)


@dataclass(frozen=True, eq=False)
class Truths:
    """Known points and the record that one run at each made."""

    u: NDArray[np.float64]
    """(truths, free): points of the unit cube."""
    records: tuple[Targets, ...]
    """What each run was seen to do, on the scales of the record."""


def draw_truths(calibration: Calibration, count: int, **how: Any) -> Truths:
    """Points from the prior, one run at each; neither points nor seeds are the table's.

    Parameters
    ----------
    calibration
        The calibration.
    count
        How many.
    how
        As for :func:`sim.experiments.patterns.many.ask`.
    """
    generator = np.random.default_rng((calibration.file.seed, 23))
    u = generator.random((count, len(calibration.fields)))
    measures = calibration.measures[: calibration.fitted]
    values, _ = measure_points(
        calibration.asked(), measures, calibration.values(u), lambda point: [_FIRST_SEED + point], **how
    )
    return Truths(u, tuple(calibration.targets.replaced(values[n, 0]) for n in range(count)))


def recover(
    calibration: Calibration, reference: Reference, truths: Truths, tick: Callable[[], None] = lambda: None
) -> pd.DataFrame:
    """Truths sought by rejection from the table with regression.

    Returns
    -------
    pd.DataFrame
        A row for each truth and number: the truth, posterior median and intervals on the unit cube of the prior, share
        of the posterior below the truth, contraction (1 - posterior variance over the prior's 1/12).
    """
    values = fitted_values(calibration, reference)
    rows = []
    for n, record in enumerate(truths.records):
        found = accept(reference, values, record, calibration.file.table.accept)
        rows += _told(calibration.paths, n, truths.u[n], found.u, found.weights, "table")
        tick()
    return _frame(rows)


def recover_by_smc(
    calibration: Calibration, truths: Truths, count: int, folder: Path, **how: Any
) -> pd.DataFrame:
    """The first truths sought by SMC; rows as those of :func:`recover`."""
    rows = []
    for n in range(min(count, len(truths.records))):
        database = folder / f"truth-{n}.db"
        found = run_smc(
            [calibration], truths.records[n], calibration.file.smc, database, title=f"truth {n + 1}", **how
        )
        rows += _told(calibration.paths, n, truths.u[n], found.u, found.weights, "smc")
    return _frame(rows)


def _told(
    paths: Sequence[str], n: int, truth: NDArray[np.float64], u: NDArray[np.float64], weights: NDArray[np.float64],
    way: str,
) -> list[dict[str, Any]]:  # fmt: skip
    at = [0.05, 0.25, 0.5, 0.75, 0.95]
    found = quantiles(u, weights, at)
    mean = weights @ u
    variance = weights @ (u - mean) ** 2
    return [
        {
            "way": way,
            "truth_number": n,
            "path": path,
            "truth": truth[k],
            **{f"q{round(100 * q):02d}": found[m, k] for m, q in enumerate(at)},
            "rank": float(weights[u[:, k] < truth[k]].sum()),
            "contraction": float(1.0 - 12.0 * variance[k]),
        }
        for k, path in enumerate(paths)
    ]


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _interval(inside: pd.Series, truths: pd.Series) -> tuple[float, float]:
    """A 95 % interval of a share: Wilson's; over several numbers of one truth, two standard errors over truths."""
    from scipy.stats import binomtest

    by_truth = inside.groupby(truths).mean()
    if len(by_truth) == len(inside):
        ends = binomtest(int(inside.sum()), len(inside)).proportion_ci(method="wilson")
        return float(ends.low), float(ends.high)
    error = 1.96 * float(by_truth.std(ddof=1)) / np.sqrt(len(by_truth)) if len(by_truth) > 1 else 1.0
    return max(0.0, float(inside.mean()) - error), min(1.0, float(inside.mean()) + error)


def coverage(found: pd.DataFrame) -> pd.DataFrame:
    """How often intervals hold the truth, by number and in all.

    Returns
    -------
    pd.DataFrame
        A row for each number and one for all: share of truths inside the 50 and 90 % intervals, each with the ends of a
        95 % interval, how many truths, mean contraction, correlation of median and truth.
    """
    import pandas as pd

    rows = []
    for path, part in [*found.groupby("path", sort=False), ("all", found)]:
        row: dict[str, Any] = {"path": path, "truths": len(part)}
        for level, low, high in ((50, "q25", "q75"), (90, "q05", "q95")):
            inside = (part[low] <= part["truth"]) & (part["truth"] <= part[high])
            ends = _interval(inside, part["truth_number"])
            row |= {f"held_{level}": float(inside.mean()), f"low_{level}": ends[0], f"high_{level}": ends[1]}
        row["contraction"] = float(part["contraction"].mean())
        row["correlation"] = float(np.corrcoef(part["truth"], part["q50"])[0, 1]) if len(part) > 2 else np.nan
        rows.append(row)
    return pd.DataFrame(rows).set_index("path")
