"""Weights inferred from the record, and the model held against it, from a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.voice import say, shown
from sim.results.trust import when_opened

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Findings", "calibrate", "open_findings", "posterior", "validate"]


class Findings:
    """What a calibration or a validation found: numbers, tables, the folder.

    Parameters
    ----------
    folder
        As ``bayah calibrate`` or ``bayah validate`` wrote it.
    """

    def __init__(self, folder: str | Path) -> None:
        from sim.errors import Problem, UsageError
        from sim.results.trust import read_json

        self.folder: Path = Path(folder)
        files = [self.folder / f"{name}.json" for name in ("validation", "calibration")]
        found = [file for file in files if file.is_file()]
        if not found:
            raise UsageError(Problem("holds no calibration and no validation", str(folder)))
        told = read_json(found[0], found[0].stem)
        if not isinstance(told, dict):
            raise UsageError(Problem("holds no calibration and no validation", str(folder)))
        self.told: dict[str, Any] = told

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are there."""
        return tuple(sorted(file.stem for file in self.folder.glob("*.parquet") if file.is_file()))

    def table(self, name: str) -> pd.DataFrame:
        """A table by name.

        Raises
        ------
        UsageError
            If there is no such table.
        """
        import pandas as pd

        from sim.errors import UsageError
        from sim.results.trust import as_written, checked_frame
        from sim.scenario.wording import nearest

        if name not in self.tables:
            raise UsageError(f"there is no table '{name}'{nearest(name, self.tables)}")
        file = self.folder / f"{name}.parquet"
        with as_written(file):
            return checked_frame(pd.read_parquet(file), file)

    @when_opened
    def __repr__(self) -> str:
        return f"<{self.told['title']}: {', '.join(self.tables)} in {self.folder}>"


def calibrate(
    experiment: str | Path = "calibration",
    out: str | Path | None = None,
    steps: tuple[str, ...] | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Findings:
    """Infer weights from patterns of the record, or go on with a calibration that was begun.

    Parameters
    ----------
    experiment
        A YAML file, or the name of a bundled calibration.
    out
        Folder of the results, by default ``results/NAME``.
    steps
        Some of ``table``, ``smc``, ``rivals``, ``choice``, ``recovery``; all by default.
    workers
        Threads; by default the processors there are.
    progress
        Show bars; by default where there is somebody to see them.

    Raises
    ------
    UsageError
        If pyABC is not installed: ``pip install 'bayah[inference]'``.
    ExperimentError
        With everything that is wrong with the file.
    IncompleteError
        If it was interrupted; the same call goes on.
    """
    from sim.experiments.calibration.making import STEPS
    from sim.experiments.calibration.making import calibrate as make

    folder = None if out is None else Path(out)
    return Findings(make(experiment, folder, steps or STEPS, workers, shown(progress), say))


def validate(
    experiment: str | Path = "validation",
    out: str | Path | None = None,
    calibration: str | Path | None = None,
    quick: bool = False,
    workers: int | None = None,
    progress: bool | None = None,
) -> Findings:
    """Hold a calibrated model against the record and against simple predictors.

    Parameters
    ----------
    experiment
        A YAML file, or the name of a bundled validation.
    out
        Folder of the results, by default ``results/NAME``.
    calibration
        Folder of the calibration, by default ``results/`` and its name.
    quick
        A little of everything, without a calibration: shows that it runs.
    workers, progress
        As for :func:`calibrate`.

    Raises
    ------
    UsageError
        If there is no calibration, or scikit-learn is not installed.
    ExperimentError
        With everything that is wrong with the file.
    """
    from sim.experiments.validation.making import validate as make

    folder, made = (None if place is None else Path(place) for place in (out, calibration))
    return Findings(make(experiment, folder, made, quick, workers, shown(progress), say))


def open_findings(folder: str | Path) -> Findings:
    """What a calibration or validation found, from its folder."""
    return Findings(folder)


def posterior(source: str | Path = "posterior") -> pd.DataFrame:
    """Posterior draws: a row for each, a column for each number of the scenario that it sets.

    Parameters
    ----------
    source
        ``posterior``: those that come with the program; or the folder or file of another calibration.

    Examples
    --------
    >>> import sim
    >>> draws = sim.posterior()
    >>> one = sim.run(sim.load("baseline", set=draws.iloc[0].to_dict()), seed=1, until="2014-12")
    >>> one.outcomes["pledged_units"].iloc[-1] >= 0
    np.True_
    """
    from sim.experiments.calibration.posterior import read_posterior

    return read_posterior(source).draws
