"""Which numbers matter, from a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.voice import say, shown
from sim.errors import UsageError

if TYPE_CHECKING:
    from sim.experiments.results import Results
    from sim.experiments.sensitivity.findings import Sensitivity
    from sim.experiments.sensitivity.reading import Inquiry

__all__ = ["make_analysis", "open_sensitivity", "sensitivity"]


def sensitivity(
    experiment: str | Path | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    pawn: str | Path | Results | None = None,
    outputs: Sequence[str] = (),
    figures: bool = True,
    progress: bool | None = None,
) -> Sensitivity:
    """Screen numbers after Morris, then share the variance among the survivors after Sobol; or PAWN on a sweep.

    Parameters
    ----------
    experiment
        A YAML file, the name of a bundled analysis, or what such a file would say as nested mappings.
    out
        Folder of the results, by default ``results/NAME``. Runs that it holds are not made again. PAWN is written
        only where this is given.
    workers
        Threads; by default the processors there are.
    pawn
        In the place of an experiment: the folder of a sweep, or its results. No run is made.
    outputs
        With ``pawn``: outcomes of runs, by default all that the sweep keeps.
    figures
        Draw figures into the folder.
    progress
        Show a bar; by default where there is somebody to see it.

    Raises
    ------
    UsageError
        If SALib is not installed: ``pip install 'bayah[analysis]'``.
    ExperimentError
        With everything that is wrong with the experiment.
    StoreError
        If the folder holds something else.
    IncompleteError
        If it was interrupted: what is kept is whole, the same call goes on.

    Examples
    --------
    >>> import sim, tempfile
    >>> asked = {
    ...     "meta": {"title": "Two weights", "question": "Which matters?", "schema_version": 1},
    ...     "scenario": "baseline",
    ...     "until": "2015-12",
    ...     "outputs": {"pledges": {"title": "Pledges", "statistic": "pledged_ever"}},
    ...     "parameters": ["weights.b_embed", "weights.split_min", "patrons.iskp.constant"],
    ...     "morris": {"trajectories": 4, "replicates": 4},
    ... }
    >>> with tempfile.TemporaryDirectory() as place:
    ...     found = sim.sensitivity(asked, out=place + "/two", figures=False)
    >>> found.morris.index[0]
    ('pledges', 'patrons.iskp.constant')
    """
    if (experiment is None) == (pawn is None):
        raise UsageError("give an experiment, or the folder of a sweep as pawn")
    if pawn is not None:
        return _on_sweep(pawn, None if out is None else Path(out), outputs, figures)
    if outputs:
        raise UsageError("outputs goes with pawn; an experiment names its own")
    assert experiment is not None
    from sim.experiments.sensitivity.reading import read_sensitivity

    inquiry = read_sensitivity(experiment)
    folder = Path("results") / inquiry.name if out is None else Path(out)
    return make_analysis(inquiry, folder, workers, figures, shown(progress), say)


def make_analysis(
    inquiry: Inquiry,
    folder: Path,
    workers: int | None,
    figures: bool,
    progress: bool | None,
    say: Callable[[str], None],
) -> Sensitivity:
    """Make what an analysis asks for into a folder, and open it."""
    from sim.experiments.sensitivity.findings import write
    from sim.experiments.sensitivity.stages import analyse

    made = analyse(inquiry, folder, workers, progress, say)
    found = write(made.about, folder, made)
    if figures:
        _draw(found, folder)
    return found


def _on_sweep(
    source: str | Path | Results, out: Path | None, outputs: Sequence[str], figures: bool
) -> Sensitivity:
    from sim.experiments.results import Results
    from sim.experiments.sensitivity.findings import Sensitivity, write
    from sim.experiments.sensitivity.pawn import pawn

    results = source if isinstance(source, Results) else Results(source)
    about = pawn(results, outputs)
    if out is None:
        return Sensitivity(about)
    found = write(about, out)
    if figures:
        _draw(found, out)
    return found


def _draw(found: Sensitivity, folder: Path) -> None:
    from sim.plots.sensitivities import write_figures

    write_figures(found, folder / "figures")


def open_sensitivity(folder: str | Path) -> Sensitivity:
    """What the analysis in a folder found.

    Parameters
    ----------
    folder
        As :func:`sim.sensitivity` or ``bayah sensitivity`` wrote it.

    Raises
    ------
    StoreError
        If there is none, or it is not finished.
    """
    from sim.experiments.sensitivity.findings import open_sensitivity as opened

    return opened(folder)
