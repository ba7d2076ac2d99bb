"""A figure's page, laid out in inches: title, panels, legends, footer, all inside one pair of axes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.legend import Legend
from matplotlib.textpath import text_to_path

from sim.scenario.quantities import month_text

from .record import Source, Stretch, months_of, unvalidated_from
from .style import INK, LABEL, MUTED, PALE, SMALL, TITLE

__all__ = [
    "Page",
    "fit",
    "legend_height",
    "line_height",
    "month_ticks",
    "scale_months",
    "shade_unvalidated",
    "tidy",
    "width_of",
]

PAD = 0.1


class Leaf(Axes):
    """The axes of a figure made here. A notebook shows the figure; its text stands where there are no pictures."""

    def __repr__(self) -> str:
        return f"<Figure: {self.get_label()}>"

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        figure = self.get_figure(root=True)
        assert figure is not None
        figure.savefig(out, format="png", dpi=110)
        return out.getvalue()


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Width of a line of text, inches."""
    return _width(text, bold) * size


@lru_cache(maxsize=20_000)
def _width(text: str, bold: bool) -> float:
    """Width for each point of size; type scales, so one measurement serves all sizes."""
    font = FontProperties(family="DejaVu Sans", size=10.0, weight="bold" if bold else "normal")
    points: float = text_to_path.get_text_width_height_descent(text, font, ismath=False)[0]
    return points / 720


def line_height(size: float) -> float:
    """Height of a line of text with its leading, inches."""
    return 1.35 * size / 72


def fit(text: str, size: float, width: float, bold: bool = False) -> str:
    """The text, cut and ended with three dots where it is wider than ``width`` inches."""
    if width_of(text, size, bold) <= width:
        return text
    while len(text) > 1 and width_of(text + "…", size, bold) > width:
        text = text[:-1].rstrip()
    return text + "…"


def wrap(text: str, size: float, width: float, most: int, bold: bool = False) -> list[str]:
    """The text in at most ``most`` lines of at most ``width`` inches."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or len(lines) == most or width_of(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [fit(line, size, width, bold) for line in lines]


class Page:
    """The room of a pair of axes, in inches from its lower left corner.

    Parameters
    ----------
    ax
        Axes whose whole area is used, or None for a figure of its own.
    size
        Width and height of that figure, inches.
    run
        For the footer; None where a figure has no months.
    title
        Title.
    about
        What the footer says, instead of which run this is.
    """

    def __init__(
        self, ax: Axes | None, size: tuple[float, float], run: Source | None, title: str, about: str = ""
    ) -> None:
        if ax is None:
            ax = Figure(figsize=size).add_axes((0.0, 0.0, 1.0, 1.0), axes_class=Leaf, label=title)
        self.host: Axes = ax
        figure = ax.get_figure(root=True)
        assert figure is not None
        box = ax.get_window_extent()
        self.width, self.height = max(box.width / figure.dpi, 0.5), max(box.height / figure.dpi, 0.5)
        ax.set_axis_off()
        ax.set(xlim=(0, self.width), ylim=(0, self.height))
        self.left, self.right = PAD, self.width - PAD
        self.bottom, self.top = PAD * 0.6, self.height - PAD * 0.7
        self._title(title)
        self._footer(run, about)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.right - self.left

    def _title(self, title: str) -> None:
        for line in wrap(title, TITLE, self.inner, 2, bold=True):
            self.write(self.left, self.top, line, TITLE, weight="bold", va="top")
            self.top -= line_height(TITLE)
        self.top -= 0.04

    def _footer(self, run: Source | None, about: str) -> None:
        text = about
        if run is not None and not isinstance(run, Stretch):
            text = text or f"{run.scenario.meta.title}. One run in the model, seed {run.seed}."
        if run is not None and unvalidated_from(run) is not None:
            text += f" Shaded: after {run.scenario.period.last_validated}, unvalidated."
        # Small type is up to a twentieth wider on a screen than on paper.
        for line in reversed(wrap(text, SMALL - 0.5, self.inner * 0.94, 7 if about else 3)):
            self.write(self.left, self.bottom, line, SMALL - 0.5, color=MUTED, va="bottom")
            self.bottom += line_height(SMALL - 0.5)
        self.bottom += 0.06

    def write(self, x: float, y: float, text: str, size: float = LABEL, **more: Any) -> None:
        """Write text at a place on the page."""
        options = {"color": INK, "ha": "left", "parse_math": False, **more}
        self.host.text(x, y, text, fontsize=size, **options)

    def panel(self, left: float, bottom: float, right: float, top: float) -> Axes:
        """Axes at a place on the page, with nothing drawn yet."""
        wide, high = max(right - left, 0.2), max(top - bottom, 0.1)
        place = (left / self.width, bottom / self.height, wide / self.width, high / self.height)
        return self.host.inset_axes(place)

    def legend(
        self,
        handles: Sequence[Any],
        labels: Sequence[str],
        left: float,
        top: float,
        width: float,
        **more: Any,
    ) -> float:
        """Draw a legend in as many columns as fit, and return its height, inches."""
        labels = [fit(label, SMALL, width - 0.35) for label in labels]
        columns, tall = (
            _columns([width_of(label, SMALL) for label in labels], width),
            legend_height(labels, width),
        )
        options: dict[str, Any] = {
            "ncols": columns, "loc": "upper left", "bbox_to_anchor": (left, top), "borderaxespad": 0,
            "bbox_transform": self.host.transData, "fontsize": SMALL, "frameon": False, "handlelength": 1.8,
            "handleheight": 0.9, "handletextpad": 0.5, "columnspacing": 1.2, "labelspacing": 0.35,
            "borderpad": 0, **more,
        }  # fmt: skip
        box = Legend(self.host, handles, labels, **options)
        for text in box.get_texts():
            text.set_parse_math(False)
        self.host.add_artist(box)
        return tall


def legend_height(labels: Sequence[str], width: float) -> float:
    """Height of a legend of these labels in a width, inches."""
    if not labels:
        return 0.0
    columns = _columns([min(width_of(label, SMALL), width - 0.35) for label in labels], width)
    return -(-len(labels) // columns) * 1.42 * SMALL / 72


def _columns(widths: list[float], room: float) -> int:
    """The most columns, filled column by column, that fit in a width."""
    for columns in range(len(widths), 1, -1):
        rows = -(-len(widths) // columns)
        blocks = [widths[n : n + rows] for n in range(0, len(widths), rows)]
        if sum(max(block) for block in blocks) + len(blocks) * 0.37 <= room and len(blocks) == columns:
            return columns
    return 1


def tidy(ax: Axes, grid: bool = True) -> None:
    """Two spines, small ticks, faint lines across."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=SMALL)
    if grid:
        ax.grid(axis="y", color=PALE, linewidth=0.6)
        ax.set_axisbelow(True)


def month_ticks(months: range, width: float) -> tuple[list[int], list[str], str]:
    """Positions and labels of ticks that have room in ``width`` inches, and what the axis is to be called."""
    at: list[int] = []
    for step in (1, 2, 3, 6, 12, 24, 60, 120, 240):
        at = [n for n, month in enumerate(months) if month % step == 0]
        if len(at) * (width_of("2000" if step >= 12 else "2000-01", SMALL) + 0.1) <= width:
            break
    at = at or [0]
    yearly = all(months[n] % 12 == 0 for n in at) and len(months) > 12
    texts = [month_text(months[n]) for n in at]
    return at, [text[:4] for text in texts] if yearly else texts, "year" if yearly else "month"


def scale_months(ax: Axes, months: range, width: float, named: bool = True) -> None:
    """Months along x: position n is the start of month n, n + 1 its end."""
    ax.set_xlim(0, len(months))
    at, labels, name = month_ticks(months, width) if named else ([], [], "")
    ax.set_xticks(at, labels)
    ax.set_xlabel(name, labelpad=2)


def shade_unvalidated(ax: Axes, run: Source) -> bool:
    """Shade the months after the last validated one; False where there are none."""
    first = unvalidated_from(run)
    if first is None:
        return False
    ax.axvspan(first, len(months_of(run)), facecolor="#E9E2D2", edgecolor="none", zorder=0)
    ax.axvspan(first, len(months_of(run)), facecolor="white", alpha=0.4, edgecolor="none", zorder=2.2)
    return True
