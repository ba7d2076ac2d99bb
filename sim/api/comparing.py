"""What if: scenarios compared under the same chance, from a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.handle import ScenarioHandle
from sim.api.voice import say, shown
from sim.errors import Problem, UsageError
from sim.scenario.load import Loaded, load, with_overrides

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.compare.comparison import Comparison
    from sim.experiments.compare.making import Weights
    from sim.experiments.plan import Plan

__all__ = ["compare", "open_comparison", "varied_by", "weights_of"]

Source = str | Path | ScenarioHandle


def compare(
    base: Source = "baseline",
    alternatives: Source | Sequence[Source] | None = None,
    runs: int = 2000,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    until: str | None = None,
    weights: str | Path | pd.DataFrame | None = None,
    parameters: str | Path | None = None,
    draws: int | None = None,
    outcomes: Sequence[str] = (),
    workers: int | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Compare a scenario with others, run by run, under the same chance.

    Parameters
    ----------
    base
        Name of a bundled scenario, path of a file, or what :func:`sim.load` gave.
    alternatives
        One or more of the same.
    runs
        Pairs for each alternative.
    seed
        The first seed.
    set
        Changes to every alternative: values by dotted path, from a month on as ``path@2015-06``. Without
        alternatives the base is compared with itself under these changes.
    until
        Last month, ``YYYY-MM``, instead of the scenarios'.
    weights
        Values of what nobody knows, over which the comparison is made: the name or file of a design whose
        points give them, the folder of a sweep, a CSV or Parquet file with a column for each dotted path, or
        a frame of that form. Without them the weights are as the scenarios have them, and intervals are Monte
        Carlo error only.
    parameters
        ``posterior``: the weights that were inferred from the record; or the folder or file of another calibration.
    draws
        Take this many points of the weights, evenly spaced; all by default.
    outcomes
        Further monthly outcomes of which the spread over pairs is kept.
    workers
        Threads; by default the processors there are.
    progress
        Show a bar; by default where there is somebody to see it.

    Returns
    -------
    sim.experiments.compare.comparison.Comparison
        Differences, who moved, reasons, figures.

    Raises
    ------
    BayahError
        If a scenario does not hold, or a word of the call.

    Examples
    --------
    >>> import sim
    >>> told = sim.compare("baseline", "omar-hidden-until-2018", runs=8, until="2015-12")
    >>> told.lever_months
    {'omar-hidden-until-2018': '2015-07'}
    >>> told.difference("pledged_units", "2015-06")["difference"].tolist()
    [0.0]
    """
    from sim.experiments.compare.making import make_comparison

    first = _loaded(base)
    given = [] if alternatives is None else alternatives
    several = [given] if isinstance(given, str | Path | ScenarioHandle) else list(given)
    others = [_loaded(entry) for entry in several]
    if set:
        others = [with_overrides(loaded, dict(set)) for loaded in (others or [first])]
    varied = varied_by(weights, parameters, draws)
    return make_comparison(first, others, runs, seed, until, varied, outcomes, workers, shown(progress), say)


def varied_by(
    weights: str | Path | pd.DataFrame | None, parameters: str | Path | None, draws: int | None
) -> Weights | None:
    """The points over which a comparison is made, from whichever of the two is given.

    Raises
    ------
    BayahError
        If both are, or they cannot be read.
    """
    if weights is not None and parameters is not None:
        raise UsageError("weights and parameters exclude each other")
    if parameters is not None:
        from sim.experiments.calibration.posterior import read_posterior
        from sim.experiments.compare.making import Weights

        return Weights("posterior", tuple(_thinned(list(read_posterior(parameters).points()), draws)))
    return None if weights is None else weights_of(weights, draws)


def _loaded(source: Source) -> Loaded:
    return source.loaded if isinstance(source, ScenarioHandle) else load(source)


def weights_of(source: str | Path | pd.DataFrame, draws: int | None = None) -> Weights:
    """The points of a design, a sweep, a file or a frame, as values by dotted path.

    Raises
    ------
    BayahError
        If there are none, or they cannot be read.
    """
    from sim.experiments.compare.making import Weights

    if isinstance(source, str | Path):
        file = Path(source)
        if file.suffix.lower() in (".csv", ".parquet", ".pq"):
            name, points = file.stem, _points_of_file(file)
        elif file.is_dir():
            from sim.experiments.results import Results

            name, points = _points_of_plan(Results(file).plan)
        else:
            from sim.api.sweeping import plan_sweep

            name, points = _points_of_plan(plan_sweep(source))
    elif not hasattr(source, "columns"):
        raise UsageError(
            f"weights: the name or file of a design, a folder, a file or a frame, not {source!r}"
        )
    else:
        name, points = "a frame", _points_of_columns({str(c): source[c].tolist() for c in source.columns})
    if not points or not points[0]:
        raise UsageError(Problem("has no values to vary", str(name)))
    return Weights(name, tuple(_thinned(points, draws)))


def _thinned(points: list[dict[str, Any]], draws: int | None) -> list[dict[str, Any]]:
    """As many of the points as are asked for, evenly spaced."""
    if draws is None:
        return points
    if isinstance(draws, bool) or not hasattr(draws, "__index__") or not 2 <= int(draws) <= len(points):
        raise UsageError(f"draws: a number from 2 to {len(points):,}, not {draws!r}")
    return [points[(n * len(points)) // int(draws)] for n in range(int(draws))]


def _points_of_file(file: Path) -> list[dict[str, Any]]:
    from sim.experiments.pointfile import read_columns

    try:
        columns = read_columns(file)
    except ValueError as error:
        raise UsageError(Problem(str(error), str(file))) from None
    return _points_of_columns({name: column.to_pylist() for name, column in columns.items()})


def _points_of_columns(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _points_of_plan(plan: Plan) -> tuple[str, list[dict[str, Any]]]:
    return plan.name, [dict(plan.values(point)) for point in range(plan.points)]


def open_comparison(folder: str | Path) -> Comparison:
    """A comparison from the folder that ``comparison.save`` or ``bayah compare --out`` wrote.

    Raises
    ------
    StoreError
        If the folder is damaged, or is not one of ours.

    Examples
    --------
    >>> import sim, tempfile
    >>> told = sim.compare("baseline", "no-waziristan-operation", runs=4, until="2014-12")
    >>> with tempfile.TemporaryDirectory() as place:
    ...     again = sim.open_comparison(told.save(place + "/four", figures=False))
    ...     print(again.pairs_count, again.lever_months)
    4 {'no-waziristan-operation': '2014-06'}
    """
    from sim.experiments.compare.folder import read_comparison

    return read_comparison(folder)
