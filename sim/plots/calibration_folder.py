"""The figures of a calibration, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes

from sim.results.trust import as_written

from .calibration_choice import choice
from .calibration_numbers import contraction, marginals
from .calibration_pairs import pairs
from .calibration_predictive import predictive
from .calibration_recovery import recovery
from .folder import land_figure
from .study import Study

__all__ = ["CALIBRATION_FIGURES", "draw_calibration"]

CALIBRATION_FIGURES: dict[str, tuple[Callable[..., Axes], Callable[[Study], Any]]] = {
    "marginals": (marginals, lambda study: study.frame("parameters") is not None),
    "pairs": (pairs, lambda study: study.frame("posterior") is not None or study.frame("posterior-table") is not None),
    "contraction": (contraction, lambda study: study.frame("parameters") is not None),
    "predictive": (
        predictive, lambda study: study.frame("predictive") is not None and {"measures", "predictive"} <= set(study.data),
    ),
    "recovery": (recovery, lambda study: study.frame("recovery") is not None and study.data.get("recovery")),
    "choice": (choice, lambda study: study.data.get("choice") or study.data.get("rivals")),
}  # fmt: skip
"""Figures by name, and whether a folder has what each needs."""


def draw_calibration(folder: Path, out: Path) -> list[Path]:
    """Draw the figures of a calibration that its folder has the tables for.

    Parameters
    ----------
    folder
        Folder of the calibration.
    out
        Where the files go; made if it is not there.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    StoreError
        If the folder holds no calibration, or a table cannot be read.
    """
    study = Study(folder, "calibration")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with as_written(study.folder):
        return [
            land_figure(draw(study), out / f"{name}.png")
            for name, (draw, there) in CALIBRATION_FIGURES.items()
            if there(study)
        ]
