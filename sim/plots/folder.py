"""All figures of a run, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .patrons import patrons
from .record import Record
from .regions import regions
from .ribbons import ribbons
from .ties import ties
from .timeline import timeline
from .waterfall import waterfall

__all__ = ["DPI", "FIGURES", "write_figure", "write_figures"]

DPI = 160
FIGURES: dict[str, Callable[[Record], Axes]] = {
    "timeline": timeline, "allegiance": ribbons, "patrons": patrons, "regions": regions, "ties": ties,
    "decision": waterfall,
}  # fmt: skip
"""Figures by name; each draws a run by default in its last month, or its most telling decision."""


def write_figure(axes: Axes, path: Path) -> Path:
    """Write the figure that axes are in as a PNG file. Two calls write the same bytes."""
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    figure.savefig(
        path, format="png", dpi=DPI, metadata={"Software": "bayah"}, pil_kwargs={"compress_level": 3}
    )
    return path


def write_figures(run: Record, folder: Path) -> list[Path]:
    """Draw all figures of a run into a folder that exists.

    Parameters
    ----------
    run
        The run.
    folder
        The folder.

    Returns
    -------
    list of Path
        The files written.
    """
    return [write_figure(draw(run), Path(folder) / f"{name}.png") for name, draw in FIGURES.items()]
