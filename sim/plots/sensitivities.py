"""The figures of a sensitivity analysis, at hand on it, and as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.sensitivity.findings import Sensitivity

__all__ = ["SensitivityPlots", "write_figures"]


class SensitivityPlots:
    """Figures of a sensitivity analysis; each draws on ``ax``, or on a figure of its own, and returns the axes.

    ``options`` go to the figure's function in :mod:`sim.plots`, for example ``figsize=(6, 4)``.
    """

    def __init__(self, found: Sensitivity) -> None:
        self._found = found

    def tornado(
        self, output: str | None = None, stage: str | None = None, ax: Axes | None = None, **options: Any
    ) -> Axes:
        """The largest effects on an output, or on all: mu* of Morris, total index of Sobol, median of PAWN."""
        from .tornado import tornado

        return tornado(self._found, output, stage, ax, **options)

    def convergence(
        self, output: str | None = None, stage: str | None = None, ax: Axes | None = None, **options: Any
    ) -> Axes:
        """Indices by the number of trajectories or base points, to show whether they have settled."""
        from .convergence import convergence

        return convergence(self._found, output, stage, ax, **options)

    def __repr__(self) -> str:
        return f"<Figures of {self._found.title}: tornado, convergence>"


def write_figures(found: Sensitivity, folder: Path) -> list[Path]:
    """Draw the figures of an analysis into a folder: ``tornado`` and ``convergence``, and those of Morris apart."""
    from .folder import land_figure

    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for stage in found.stages:
        tail = "" if stage == found.stages[-1] else f"-{stage}"
        files.append(land_figure(found.plot.tornado(stage=stage), folder / f"tornado{tail}.png"))
        if stage != "pawn":
            files.append(land_figure(found.plot.convergence(stage=stage), folder / f"convergence{tail}.png"))
    return files
