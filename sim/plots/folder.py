"""All figures of a run, as files."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.store.files import land

from .patrons import patrons
from .record import Record
from .regions import regions
from .ribbons import ribbons
from .ties import ties
from .timeline import timeline
from .waterfall import waterfall

__all__ = ["DPI", "FIGURES", "figure_bytes", "land_figure", "write_figure", "write_figures"]

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


_NO_DATE: dict[str, dict[str, Any]] = {
    "png": {"metadata": {"Software": "bayah"}, "pil_kwargs": {"compress_level": 3}},
    "svg": {"metadata": {"Date": None, "Creator": "bayah"}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": "bayah"}},
}


def land_figure(axes: Axes, path: Path) -> Path:
    """Write the figure that axes are in as PNG, SVG or PDF, by the name's ending: whole, or not at all.

    Two calls write the same bytes.
    """
    land(path, figure_bytes(axes, path.suffix[1:]))
    return path


def figure_bytes(axes: Axes, form: str = "png") -> bytes:
    """The figure that axes are in as the bytes of a PNG, SVG or PDF file. Two calls give the same."""
    import matplotlib

    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    out = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "bayah"}):
        figure.savefig(out, format=form, dpi=DPI, **_NO_DATE[form])
    return out.getvalue()


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
