"""What a drawn figure shows: its texts and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

__all__ = ["drawn", "figure_of", "legend_texts", "overlapping", "texts_of"]


def figure_of(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def drawn(ax: Axes, dpi: int = 100) -> Figure:
    """The figure, laid out as for drawing, so that every artist knows its place."""
    figure = figure_of(ax)
    figure.set_dpi(dpi)
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    return figure


def texts_of(ax: Axes) -> list[tuple[str, Bbox]]:
    """Every text that can be read, and its box; a badge counts with its disc."""
    figure = drawn(ax)
    unseen = {id(text) for axes in figure.findobj(Axes) for text in _unseen(axes)}
    found = []
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in unseen:
            patch = text.get_bbox_patch() if text.get_gid() == "badge" else None
            found.append((text.get_text(), (patch or text).get_window_extent()))
    return found


def _unseen(axes: Any) -> Iterator[Text]:
    """Labels of axes that are switched off, and of ticks outside the limits: findable, yet not drawn."""
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        if not axes.axison:
            yield from axis.findobj(Text)
        for tick in axis.get_major_ticks():
            if not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                yield from tick.findobj(Text)


def overlapping(boxes: list[tuple[str, Bbox]], slack: float = 0.5) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes share more than ``slack`` pixels both ways."""
    pairs = []
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide > slack and high > slack:
            pairs.append((one, other))
    return pairs


def legend_texts(ax: Axes) -> list[str]:
    from matplotlib.legend import Legend

    return [text.get_text() for legend in ax.findobj(Legend) for text in legend.get_texts()]  # type: ignore[attr-defined]
