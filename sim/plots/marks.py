"""Marks of events: numbered badges over the panels, a line down from each, and a key. They never overlap."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from sim.scenario.quantities import month_text

from .page import Page, fit, line_height, width_of
from .record import Source, event_title, marked_events, months_of
from .style import INK, MUTED, SMALL

__all__ = ["Marks", "spread"]

GAP = 0.22
STRIP = 0.34


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places nearest to the given ones (least squares) that are ``gap`` apart and within ``low`` to ``high``.

    Parameters
    ----------
    places
        In ascending order; (len - 1) * gap must fit between the bounds.

    Examples
    --------
    >>> spread([1.0, 1.0], 0.5, 0.0, 4.0)
    [0.75, 1.25]
    """
    blocks: list[tuple[float, int]] = []
    for n, place in enumerate(places):
        total, count = place - n * gap, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            total, count = total + blocks[-1][0], count + blocks[-1][1]
            blocks.pop()
        blocks.append((total, count))
    level = [total / count for total, count in blocks for _ in range(count)]
    top = high - (len(places) - 1) * gap
    return [min(max(value, low), top) + n * gap for n, value in enumerate(level)]


class Marks:
    """The events that a figure marks.

    Parameters
    ----------
    page
        The page; the key is set at its lower edge at once.
    run
        The run.
    events
        Positions of months and titles, by date, instead of those that the run marks.
    """

    def __init__(self, page: Page, run: Source, events: Sequence[tuple[int, str]] | None = None) -> None:
        self.page = page
        self.months = len(months_of(run))
        if events is None:
            events = [(at, event_title(run, event)) for at, event in marked_events(run)]
        self.events = events[: int(page.inner / GAP)]
        start = months_of(run)[0]
        self.texts = [f"{month_text(start + at)}  {title}" for at, title in self.events]
        self._key()

    @property
    def height(self) -> float:
        """Height of the strip of badges, inches."""
        return STRIP + 0.04 if self.events else 0.0

    def _key(self) -> None:
        """The key: one entry a mark, in as many columns as fit."""
        if not self.texts:
            return
        page, number = self.page, width_of("00", SMALL, bold=True) + 0.08
        wide = max(width_of(text, SMALL) for text in self.texts) + number + 0.15
        columns = min(len(self.texts), max(1, int(page.inner / wide)))
        rows = -(-len(self.texts) // columns)
        top = page.bottom + rows * line_height(SMALL)
        for n, text in enumerate(self.texts):
            left = page.left + (n // rows) * page.inner / columns
            y = top - (n % rows) * line_height(SMALL)
            page.write(left, y, str(n + 1), SMALL, weight="bold", va="top")
            room = page.inner / columns - number - 0.05
            page.write(left + number, y, fit(text, SMALL, room), SMALL, va="top")
        page.bottom = top + 0.08

    def draw(self, panels: Sequence[Axes], left: float, bottom: float, right: float) -> None:
        """Badges in a strip above ``bottom``, and lines down through the panels below it."""
        if not self.events:
            return
        host, foot = self.page.host, bottom + 0.04
        at = [left + place / self.months * (right - left) for place, _ in self.events]
        badges = spread(at, GAP, self.page.left + GAP / 2, self.page.right - GAP / 2)
        ways = [
            ((x, foot), (x, foot + 0.05), (badge, foot + STRIP - 0.2))
            for x, badge in zip(at, badges, strict=True)
        ]
        host.add_collection(LineCollection(ways, colors=MUTED, linewidths=0.7, zorder=1))
        for n, badge in enumerate(badges):
            disc = {"boxstyle": "circle,pad=0.22", "facecolor": INK, "edgecolor": "none"}
            text = host.text(badge, foot + STRIP - 0.11, str(n + 1), fontsize=SMALL, weight="bold", bbox=disc)
            text.set(color="white", ha="center", va="center_baseline", gid="badge")
        for panel in panels:
            for place, _ in self.events:
                panel.axvline(place, color=MUTED, linewidth=0.6, linestyle=(0, (2, 2)), zorder=2.5)
