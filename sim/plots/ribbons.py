"""Allegiance of every faction over time, a ribbon each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.legend_handler import HandlerBase
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from .marks import Marks
from .page import Page, fit, line_height, scale_months, shade_unvalidated, tidy, width_of
from .record import Record, months_of, palette_of
from .states import States
from .style import INK, LABEL, MUTED, PALE, SMALL, Palette, styled

__all__ = ["Row", "draw_ribbons", "legend_of", "plain_name", "ribbons"]

BARS = {
    "offered": ((0.32, 0.68),),
    "self_declared": ((0.0, 0.36), (0.64, 1.0)),
    "refused": ((0.0, 0.14), (0.86, 1.0)),
}
"""Parts of a ribbon's height that are coloured, by oath; all of it by default."""
OATHS = {
    "sworn": "oath accepted",
    "offered": "offered",
    "self_declared": "self-declared",
    "refused": "refused",
}
ENDS = {
    "destroyed": ("X", "destroyed"), "merged": ("^", "merged back"), "dissolved": ("o", "dissolved"),
    "reconciled": ("D", "made peace"),
}  # fmt: skip
THIN = 0.36
GAP = 0.24


@dataclass(frozen=True)
class Row:
    """A faction and its place: the lower edge and height of its ribbon, in rows from the top."""

    column: int
    top: float
    height: float


def _rows(run: Record, states: States, most: int) -> tuple[list[Row], float, int]:
    """Rows in order, the height of all, and how many factions there was no room for.

    Factions stand in the order of their first change of allegiance, splinters below the one they come from.
    """
    roster = tuple(run.scenario.factions)
    never = states.held.shape[0]
    at = {name: j for j, name in enumerate(states.names) if name in run.scenario.factions}
    first = {name: moved if (moved := states.moved(j)) is not None else never for name, j in at.items()}
    shown = sorted(at, key=lambda name: first[name])[:most]
    born: dict[str, list[int]] = {name: [] for name in shown}
    for j, name in enumerate(states.names):
        if name not in at and (origin := states.origin(j, roster)) in born:
            born[origin].append(j)
    rows, top = [], 0.0
    for name in shown:
        rows.append(Row(at[name], top, 1 - GAP))
        top += 1 - GAP + 0.1
        for j in born[name]:
            rows.append(Row(j, top, THIN - 0.08))
            top += THIN
        top += GAP - 0.1
    return rows, top, len(at) - len(shown)


class _Swatch(Rectangle):
    """A piece of ribbon in a legend."""

    def __init__(self, colour: str, oath: str = "sworn", height: float = 1.0) -> None:
        super().__init__((0, 0), 1, 1, facecolor=colour, edgecolor="none")
        self.oath, self.share = oath, height


class _SwatchHandler(HandlerBase):
    """Draws a piece of ribbon as the figure draws it."""

    def create_artists(
        self, legend: Any, orig_handle: Any, xdescent: float, ydescent: float, width: float, height: float,
        fontsize: float, trans: Any,
    ) -> list[Artist]:  # fmt: skip
        out: list[Artist] = []
        lift = (1 - orig_handle.share) / 2
        for low, high in BARS.get(orig_handle.oath, ((0.0, 1.0),)):
            at = (-xdescent, -ydescent + (lift + low * orig_handle.share) * height)
            tall = (high - low) * orig_handle.share * height
            piece = Rectangle(at, width, tall, facecolor=orig_handle.get_facecolor(), edgecolor="none")
            piece.set_transform(trans)
            out.append(piece)
        return out


def legend_of(
    page: Page,
    panels: Sequence[tuple[States, list[Row]]],
    palette: Palette,
    left: float,
    top: float,
    more: Sequence[tuple[Any, str]] = (),
) -> float:
    """The legend of what occurs in the panels, and ``more``: handles and labels; its height."""
    spells = [spell for states, rows in panels for row in rows for spell in states.spells(row.column)]
    held, oaths = (
        {spell[2] for spell in spells},
        {spell[3] for spell in spells if palette.patron_of(spell[2])},
    )
    order = [name for name in palette.order() if name in held]
    handles: list[Any] = [_Swatch(palette.colour(name)) for name in order]
    labels = [palette.name(name) for name in order]
    if oaths - {"sworn", "none"}:
        shown = [oath for oath in OATHS if oath in oaths]
        handles += [_Swatch(MUTED, oath) for oath in shown]
        labels += [OATHS[oath] for oath in shown]
    if any(row.height < 0.5 for _, rows in panels for row in rows):
        handles.append(_Swatch(MUTED, height=0.4))
        labels.append("thin: splinter of the one above")
    ends = {end[1] for states, rows in panels for row in rows if (end := states.end(row.column))}
    for fate, (marker, label) in ENDS.items():
        if fate in ends:
            handles.append(Line2D([], [], marker=marker, color="none", **_mark(5.5)))
            labels.append(label)
    return page.legend(
        [*handles, *(handle for handle, _ in more)],
        [*labels, *(label for _, label in more)],
        left,
        top,
        page.right - left,
        handler_map={_Swatch: _SwatchHandler()},
        handleheight=0.8,
    )


def _mark(size: float) -> dict[str, Any]:
    return {"markersize": size, "markerfacecolor": INK, "markeredgecolor": "white", "markeredgewidth": 0.6}


def draw_ribbons(panel: Axes, states: States, rows: list[Row], palette: Palette) -> None:
    """The ribbons and the marks of their ends."""
    shapes, colours = [], []
    for row in rows:
        for first, last, option, oath in states.spells(row.column):
            for low, high in BARS.get(oath, ((0.0, 1.0),)) if palette.patron_of(option) else ((0.0, 1.0),):
                a, b = row.top + low * row.height, row.top + high * row.height
                shapes.append([(first, a), (last, a), (last, b), (first, b)])
                colours.append(palette.colour(option))
    panel.add_collection(PolyCollection(shapes, facecolors=colours, edgecolors="none", zorder=2))
    for fate, (marker, _) in ENDS.items():
        for small in (False, True):
            ends = [(end[0], row) for row in rows if (end := states.end(row.column)) and end[1] == fate]
            at = [(n, row.top + row.height / 2) for n, row in ends if (row.height < 0.5) == small]
            if at:
                panel.plot(
                    *zip(*at, strict=True), marker, zorder=4, clip_on=False, **_mark(4.2 if small else 6)
                )


@styled
def ribbons(
    run: Record, ax: Axes | None = None, *, figsize: tuple[float, float] | None = None, most: int = 60
) -> Axes:
    """Draw the allegiance and oath of every faction over time.

    Parameters
    ----------
    run
        The run.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.
    most
        Factions shown at most, those that changed sides first.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panel is its only ``child_axes``.
    """
    states, palette, months = States.of(run), palette_of(run), months_of(run)
    rows, height, left_out = _rows(run, states, most)
    title = (
        "Allegiance of every faction"
        if not left_out
        else f"Allegiance of {most} of {most + left_out} factions"
    )
    page = Page(ax, figsize or (6.3, 2.4 + 0.152 * height), run, title)
    wide = max(0.34 * page.inner, min(1.5, 0.42 * page.inner))
    names = {row: run.scenario.factions[states.names[row.column]].name for row in rows if row.height > 0.5}
    texts = [fit(plain_name(name, wide), SMALL, wide) for name in names.values()]
    left = page.left + max((width_of(text, SMALL) for text in texts), default=0.3) + 0.1
    marks = Marks(page, run)
    page.top -= legend_of(page, [(states, rows)], palette, page.left, page.top) + 0.06
    top, bottom = page.top - marks.height, page.bottom + line_height(SMALL) + line_height(LABEL) + 0.08
    panel = page.panel(left, bottom, page.right, top)
    panel.set_ylim(height, -GAP / 2)
    shade_unvalidated(panel, run)
    tidy(panel, grid=False)
    panel.hlines(
        [row.top + row.height / 2 for row in names], 0, len(months), color=PALE, linewidth=0.6, zorder=1
    )
    panel.set_yticks([])
    for row, text in zip(names, texts, strict=True):
        y = top - (row.top + row.height / 2 + GAP / 2) / (height + GAP / 2) * (top - bottom)
        page.write(left - 0.06, y, text, SMALL, ha="right", va="center")
    draw_ribbons(panel, states, rows, palette)
    scale_months(panel, months, page.right - left)
    marks.draw([panel], left, top, page.right)
    return page.host


def plain_name(name: str, width: float) -> str:
    """A name without what stands in brackets, where it is too wide with it."""
    return name if width_of(name, SMALL) <= width or " (" not in name else name[: name.index(" (")]
