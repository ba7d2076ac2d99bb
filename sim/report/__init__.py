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
    from .frame import check_file, land_page
    from .page import page

    check_file(path)
    return land_page(page(comparison), path)
