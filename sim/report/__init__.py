"""A comparison as one HTML page: the answer in words, its tables, all figures, and how to make it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.experiments.compare.comparison import Comparison

__all__ = ["write_report"]


def write_report(comparison: Comparison, path: str | Path) -> Path:
    """Write a comparison as one HTML file that needs nothing else: no network, no script, no other file.

    Parameters
    ----------
    comparison
        The comparison.
    path
        The file; one that is there is replaced. It is written whole, or not at all.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    BayahError
        If it cannot be written.
    """
    from sim.errors import Problem, StoreError
    from sim.experiments.store.files import land

    from .page import page

    file = Path(path)
    if file.is_dir():
        raise StoreError(Problem("is a folder; name a file for the report, such as report.html", str(file)))
    text = page(comparison)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        land(file, text.encode("utf-8"))
    except OSError as error:
        raise StoreError(Problem(f"cannot be written: {error.strerror or error}", str(file))) from None
    return file
