"""A validation as one HTML page: what it failed at first, then every score, all figures, and the years nobody scores."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.plots.study import Study

__all__ = ["validation_page", "write_validation_report"]

_PARTS = {
    "patterns": ("patterns", "joint"),
    "pledges": ("scores", "units", "calibration_curve"),
    "robust": ("placebo", "recoding"),
    "ablation": ("ablation",),
    "ahead": ("predictions",),
}
"""Figures of each part of the page."""


def write_validation_report(folder: str | Path, file: str | Path) -> Path:
    """Write a validation as one HTML file that needs nothing else: no network, no script, no other file.

    Parameters
    ----------
    folder
        Folder of the validation.
    file
        The file; one that is there is replaced. It is written whole, or not at all.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    StoreError
        If the folder holds no validation, a table cannot be read, or the file cannot be written.
    """
    from .frame import check_file, land_page

    check_file(file)
    return land_page(validation_page(folder), file)


def validation_page(folder: str | Path) -> str:
    """The report as HTML."""
    from sim.plots.study import Study
    from sim.results.trust import as_written

    study = Study(Path(folder), "validation")
    with as_written(study.folder):
        return _page(study)


def _page(study: Study) -> str:
    from importlib.metadata import version

    from sim.plots.validation_folder import figures_there

    from .frame import environment
    from .pictures import picture
    from .validation_tables import tables
    from .validation_words import alt, failures, held

    there = figures_there(study)
    pictures: dict[str, list[Any]] = {
        part: [picture(partial(there[name], study), alt(study, name)) for name in names if name in there]
        for part, names in _PARTS.items()
    }
    return (
        environment()
        .get_template("validation.html")
        .render(
            study=study, told=study.data, failures=failures(study), held=held(study), pictures=pictures, tables=tables(study),
            version=version("bayah"),
        )
    )  # fmt: skip
