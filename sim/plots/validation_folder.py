"""The figures of a validation, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes

from sim.results.trust import as_written

from .folder import land_figure
from .study import Study
from .validation_ahead import predictions
from .validation_patterns import joint, patterns
from .validation_probes import ablation, placebo, recoding
from .validation_scores import calibration_curve, scores
from .validation_units import units

__all__ = ["VALIDATION_FIGURES", "draw_validation", "figures_there"]

VALIDATION_FIGURES: dict[str, tuple[Callable[..., Axes], str]] = {
    "patterns": (patterns, "patterns"),
    "joint": (joint, "joint"),
    "scores": (scores, "scores"),
    "units": (units, "units"),
    "calibration_curve": (calibration_curve, "curve"),
    "ablation": (ablation, "ablation"),
    "placebo": (placebo, "placebo"),
    "recoding": (recoding, "recoding"),
    "predictions": (predictions, "predictions"),
}
"""Figures by name, and the table that each is drawn of."""


def figures_there(study: Study) -> dict[str, Callable[..., Axes]]:
    """The figures that a validation has the tables for."""
    return {
        name: draw for name, (draw, table) in VALIDATION_FIGURES.items() if study.frame(table) is not None
    }


def draw_validation(folder: Path, out: Path) -> list[Path]:
    """Draw the figures of a validation that its folder has the tables for.

    Parameters
    ----------
    folder
        Folder of the validation.
    out
        Where the files go; made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    StoreError
        If the folder holds no validation, or a table cannot be read.
    """
    study = Study(folder, "validation")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with as_written(study.folder):
        return [land_figure(draw(study), out / f"{name}.png") for name, draw in figures_there(study).items()]
