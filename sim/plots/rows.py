"""Charts of rows: a label, one or more panels that share the rows, numbers beside them; on narrow pages labels above."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from .bands import value_ticks
from .comparison_record import Size, width_asked
from .page import PAD, Page, fit, legend_height, line_height, tidy, width_of, wrap
from .style import INK, LABEL, MUTED, PALE, SMALL, TITLE

__all__ = [
    "WIDE",
    "Row",
    "Rows",
    "Size",
    "number_ticks",
    "paper",
    "percent_ticks",
    "share_ticks",
    "width_asked",
]

WIDE = 5.0
"""Pages of fewer inches have labels above their rows."""
_BAND, _HEAD, _ABOVE = 0.2, 0.25, 0.17
FOOT = line_height(SMALL) + line_height(LABEL) + 0.1
"""Room for ticks and the name of an axis, inches."""


def paper(
    ax: Axes | None, figsize: Size | None, title: str, about: str, inner: float, width: float = 6.3
) -> Page:
    """A page with title and footer, as high as it needs to be.

    Parameters
    ----------
    ax
        Axes to draw in, or None for a figure of its own.
    figsize
        Width and height of that figure, inches; without a height it is as high as it needs to be.
    title, about
        Title and footer.
    inner
        Height of what stands between them, inches.
    width
        Width where none is asked for.
    """
    asked = (figsize or (width, None))[1]
    wide = width_asked(ax, figsize or (width, None))
    room = wide - 2 * PAD
    tall = PAD * 1.3 + 0.12 + len(wrap(title, TITLE, room, 2, bold=True)) * line_height(TITLE)
    tall += len(wrap(about, SMALL - 0.5, room * 0.94, 7)) * line_height(SMALL - 0.5)
    return Page(ax, (wide, asked or tall + inner), None, title, about)


@dataclass(frozen=True)
class Row:
    """A row, or with no numbers a heading."""

    label: str
    texts: tuple[str, ...] = ()
    """What stands in the columns beside the panels."""
    heading: bool = False


class Rows:
    """Where the rows of a chart lie.

    Parameters
    ----------
    rows
        The rows, from top to bottom.
    heads
        Names of the columns of text beside the panels.
    width
        Width of the page, inches.
    legend
        Labels of the legend above, for the height.
    band
        Height of a row, inches.
    titled
        Whether the panels have titles.
    """

    def __init__(
        self, rows: Sequence[Row], heads: Sequence[str], width: float, legend: Sequence[str] = (), band: float = _BAND,
        titled: bool = False,
    ) -> None:  # fmt: skip
        self.rows, self.heads, self.wide, self.band, self.titled = rows, heads, width >= WIDE, band, titled
        self._legend = legend_height(legend, width - 2 * PAD) + 0.06 if legend else 0.0
        self._head_lines = max((head.count("\n") + 1 for head in heads), default=0)
        self.at: list[float] = []
        """Middle of each row, inches below the top of the panels; of headings too."""
        self.spans: list[tuple[float, float]] = []
        """Stretches in which there is no text over the panels."""
        y = 0.0
        for row in rows:
            if row.heading:
                self.at.append(y + _HEAD * 0.6)
                y += _HEAD
                continue
            start = y if self.wide else y + _ABOVE
            self.at.append(start + band / 2)
            if self.spans and abs(self.spans[-1][1] - start) < 1e-9:
                self.spans[-1] = (self.spans[-1][0], start + band)
            else:
                self.spans.append((start, start + band))
            y = start + band
        self.tall = y + 0.04

    @property
    def top(self) -> float:
        """Height of what stands between legend and panels, inches."""
        # Where columns stand over the panels, so do their names over the titles.
        titles = 1 if self.titled else 0
        lines = max(self._head_lines, titles) if self.wide else self._head_lines + titles
        return lines * line_height(SMALL) + 0.03 if lines else 0.04

    @property
    def height(self) -> float:
        """Height of all, inches."""
        return self._legend + self.top + self.tall + FOOT

    def lay(self, page: Page, shares: Sequence[float] = (1.0,), titles: Sequence[str] = ()) -> list[Axes]:
        """Write labels and columns, and give the panels, which differ in width by their shares.

        Their vertical axes are inches below their top, as ``at`` and ``spans`` have it.
        """
        top = page.top - self.top
        # A page of a height that was asked for stretches or squeezes the rows.
        scale = max(top - page.bottom - FOOT, 0.3) / self.tall
        right = self._columns(page, top, scale)
        left = self._labels(page, top, scale, right)
        gap = 0.18
        room = right - left - gap * (len(shares) - 1)
        panels, x = [], left
        for n, share in enumerate(shares):
            wide = room * share / sum(shares)
            panel = page.panel(x, top - self.tall * scale, x + wide, top)
            self._dress(panel)
            if titles:
                text = fit(titles[n], SMALL, wide + gap * 0.8)
                page.write(x + wide / 2, top + 0.03, text, SMALL, ha="center", va="bottom", color=MUTED)
            panels.append(panel)
            x += wide + gap
        return panels

    def _dress(self, panel: Axes) -> None:
        tidy(panel, grid=False)
        panel.patch.set_visible(False)
        panel.spines["left"].set_visible(False)
        panel.set_ylim(self.tall, 0)
        panel.set_yticks([])

    def _columns(self, page: Page, top: float, scale: float) -> float:
        """Texts beside the panels; where the room left of them ends."""
        right, edge = page.right, page.right
        for k in reversed(range(len(self.heads))):
            texts = [row.texts[k] for row in self.rows if row.texts]
            head = self.heads[k]
            over = top + 0.03 + (0.0 if self.wide or not self.titled else line_height(SMALL))
            room = max(width_of(text, SMALL) for text in [*texts, *head.split("\n")]) * 1.04
            page.write(edge, over, head, SMALL, ha="right", va="bottom", color=MUTED, multialignment="right")
            for row, at in zip(self.rows, self.at, strict=True):
                if row.texts:
                    y = top - (at if self.wide else at - self.band / 2 - _ABOVE / 2) * scale
                    page.write(edge, y, row.texts[k], SMALL, ha="right", va="center_baseline")
            edge -= room + 0.12
        self._text_edge = edge
        return edge if self.wide and self.heads else right - 0.06

    def _labels(self, page: Page, top: float, scale: float, right: float) -> float:
        """What each row is: beside it, or above it; where the panels begin."""
        names = [row.label for row in self.rows if not row.heading]
        indent = 0.12 if any(row.heading for row in self.rows) else 0.0
        if self.wide:
            room = min(0.36 * page.inner, max(width_of(name, SMALL) for name in names) * 1.04 + indent)
        else:
            room = self._text_edge - page.left
        for row, at in zip(self.rows, self.at, strict=True):
            if row.heading:
                text = fit(row.label, SMALL, page.inner, bold=True)
                page.write(page.left, top - at * scale, text, SMALL, weight="bold", va="center_baseline")
                continue
            y = top - (at if self.wide else at - self.band / 2 - _ABOVE / 2) * scale
            text = fit(row.label, SMALL, room - indent)
            page.write(page.left + indent, y, text, SMALL, va="center_baseline")
        return page.left + (room + 0.12 if self.wide else 0.06)

    def guides(self, panel: Axes) -> None:
        """A faint line along each row."""
        low, high = panel.get_xlim()
        lines = [
            ((low, at), (high, at)) for row, at in zip(self.rows, self.at, strict=True) if not row.heading
        ]
        panel.add_collection(LineCollection(lines, colors=PALE, linewidths=0.6, zorder=0.5), autolim=False)

    def line(self, panel: Axes, x: float, colour: str = INK, **look: Any) -> None:
        """A vertical line that passes no text."""
        lines = [((x, low), (x, high)) for low, high in self.spans]
        options: dict[str, Any] = {"linewidths": 0.8, "zorder": 1.2, **look}
        panel.add_collection(LineCollection(lines, colors=colour, **options), autolim=False)


def percent_ticks(panel: Axes, room: float = 2.0) -> None:
    """A scale of shares, as per cent."""
    places = [0.0, 0.25, 0.5, 0.75, 1.0] if room >= 1.4 else [0.0, 0.5, 1.0]
    panel.set_xlim(-0.02, 1.02)
    panel.set_xticks(places, [f"{100 * place:g}" for place in places])


def share_ticks(panel: Axes, room: float = 2.0) -> None:
    """A scale of probabilities."""
    places = [0.0, 0.25, 0.5, 0.75, 1.0] if room >= 1.4 else [0.0, 0.5, 1.0]
    panel.set_xlim(-0.02, 1.02)
    panel.set_xticks(places, [f"{place:g}" for place in places])


def number_ticks(panel: Axes, values: Any, include: float | None = None) -> None:
    """A scale that holds all values, and one more."""
    found = np.asarray(values, dtype=float).ravel()
    found = found[np.isfinite(found)]
    ends = [*(found if len(found) else [0.0, 1.0]), *([] if include is None else [include])]
    low, high = float(min(ends)), float(max(ends))
    room = 0.05 * (high - low) or 0.5
    panel.set_xlim(low - room, high + room)
    figure = panel.get_figure(root=True)
    assert figure is not None
    wide = panel.get_window_extent().width / figure.dpi
    for count in range(5, 0, -1):
        places, labels = value_ticks(*panel.get_xlim(), count)
        need = sum(width_of(label, SMALL) + 0.12 for label in labels)
        if need <= wide + 0.1:
            break
    panel.set_xticks(places, [label.replace("-", "−") for label in labels])
