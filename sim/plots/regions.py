"""A map-like grid of the regions, by whose force is strongest there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from sim.results.frames import THIRD_POLE
from sim.scenario.quantities import month_text
from sim.scenario.schema import Region

from .page import Page, fit, line_height, width_of, wrap
from .record import Panel, Record, month_position, months_of, palette_of
from .style import INK, LABEL, MUTED, SMALL, Palette, readable_on, styled, tint

__all__ = ["pole_kind", "pole_name", "regions"]

SHADES = ((0.9, 1.0), (0.7, 0.62), (0.5, 0.42), (0.0, 0.24))
"""Least share of the force, and how full the colour is then."""
EMPTY = "#FFFFFF"
SMALLEST = 0.5
"""Men below which a region is drawn as empty."""


def _fullness(share: float) -> float:
    return next(full for least, full in SHADES if share >= least)


def _strongest(table: Panel, poles: Sequence[str], at: int) -> list[tuple[str, float] | None]:
    """For each region, the side with the most force and its share; None where there is none."""
    force = np.stack([table.number(f"force_{pole}", 0.0)[at] for pole in poles])
    total, best = force.sum(axis=0), force.argmax(axis=0)
    return [
        (poles[int(best[r])], float(force[int(best[r]), r] / total[r])) if total[r] >= SMALLEST else None
        for r in range(force.shape[1])
    ]


def _tile(
    panel: Axes, corner: tuple[float, float], size: tuple[float, float], region: Region,
    state: tuple[str, float] | None, holder: str, palette: Palette,
) -> None:  # fmt: skip
    """One region, its lower left corner and size in inches: colour, name, share, and who holds it."""
    ground = EMPTY if state is None else tint(palette.colour(pole_kind(state[0])), _fullness(state[1]))
    at, wide, high = (corner[0] + 0.03, corner[1] + 0.03), size[0] - 0.06, size[1] - 0.06
    held = holder in palette.patrons
    panel.add_patch(
        Rectangle(at, wide, high, facecolor=ground, edgecolor="none" if held else MUTED, linewidth=0.5)
    )
    for line, colour in ((3.6, "white"), (1.8, palette.colour(holder))) if held else ():
        panel.add_patch(Rectangle(at, wide, high, fill=False, linewidth=line, edgecolor=colour))
    side = None if state is None else pole_name(state[0], palette)
    share = "no force" if state is None else f"{100 * state[1]:.0f} %"
    type_size, bold, lines = _lines(region.name, side, share, (size[0] - 0.18, size[1] - 0.12))
    for n, words in enumerate(lines):
        y = corner[1] + size[1] / 2 + ((len(lines) - 1) / 2 - n) * line_height(type_size)
        text = panel.text(corner[0] + size[0] / 2, y, words, fontsize=type_size, color=readable_on(ground))
        text.set(
            ha="center",
            va="center",
            weight="bold" if bold and n < len(lines) - 1 else "normal",
            parse_math=False,
        )


def _lines(
    name: str, side: str | None, share: str, room: tuple[float, float]
) -> tuple[float, bool, list[str]]:
    """A size of type, bold or not, at which a region's name and force fit in a tile, and the lines."""
    size, bold, lines = SMALL, True, [name, share]
    for size, bold in ((7.0, True), (6.5, True), (6.0, True), (5.5, True), (5.5, False), (5.0, False)):
        most = max(1, int(room[1] / line_height(size)) - 1)
        told = f"{side} {share}" if side and width_of(f"{side} {share}", size) <= room[0] else share
        lines = [*wrap(name, size, room[0], most, bold=bold), fit(told, size, room[0])]
        if not any(line.endswith("…") for line in lines):
            break
    return size, bold, lines


def pole_kind(pole: str) -> str:
    return "third" if pole == THIRD_POLE else pole


def pole_name(pole: str, palette: Palette) -> str:
    return "third pole" if pole == THIRD_POLE else palette.name(pole)


def _map(
    page: Page, run: Record, table: Panel, at: int, box: tuple[float, float, float, float], palette: Palette
) -> None:
    """The regions at one month, in a box of the page (left, bottom, right, top)."""
    left, bottom, right, top = box
    grid = {name: region.grid for name, region in run.scenario.regions.items()}
    rows, columns = zip(*grid.values(), strict=True)
    wide, high = max(columns) - min(columns) + 1, max(rows) - min(rows) + 1
    page.write(left, top, month_text(months_of(run)[at]), LABEL, weight="bold", va="top")
    top -= line_height(LABEL) + 0.04
    size = ((right - left) / wide, (top - bottom) / high)
    states, holders = _strongest(table, (*palette.patrons, THIRD_POLE), at), table.text("holder")[at]
    for r, name in enumerate(table.names):
        row, column = grid[name]
        corner = (left + (column - min(columns)) * size[0], top - (row - min(rows) + 1) * size[1])
        _tile(page.host, corner, size, run.scenario.regions[name], states[r], str(holders[r]), palette)


def _legend(page: Page, run: Record, table: Panel, at: Sequence[int], palette: Palette) -> float:
    """Legend of sides, shares and holders that occur."""
    poles = (*palette.patrons, THIRD_POLE)
    found = {state[0] for n in at for state in _strongest(table, poles, n) if state}
    handles, labels = [], []
    for pole in poles:
        if pole in found or pole in palette.patrons:
            handles.append(Patch(facecolor=palette.colour(pole_kind(pole)), edgecolor=MUTED, linewidth=0.5))
            labels.append(f"{pole_name(pole, palette)} strongest")
    for (least, full), upper in zip(SHADES, ("", "to 90 %", "to 70 %", "below 50 %"), strict=True):
        handles.append(Patch(facecolor=tint(INK, full * 0.7), edgecolor=MUTED, linewidth=0.5))
        labels.append(
            "90 % of the force or more" if not upper else f"{100 * least:.0f} {upper}" if least else upper
        )
    holders = {holder for n in at for holder in table.text("holder")[n]} & set(palette.patrons)
    if holders:
        handles.append(Patch(facecolor="white", edgecolor=INK, linewidth=1.8))
        labels.append("frame: held by a patron, not the state")
    return page.legend(handles, labels, page.left, page.top, page.inner)


@styled
def regions(
    run: Record, *months: str, ax: Axes | None = None, figsize: tuple[float, float] | None = None
) -> Axes:
    """Draw the regions as tiles, placed as on a map, by the side whose force is strongest at a date.

    Force is what a side can use in the month: its men times their reach.

    Parameters
    ----------
    run
        The run.
    *months
        One month or several (``2016-12``), drawn one below the other; the last one where not given.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of the figure, inches; by default 6.3 wide and as high as the months need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, which are in inches.
    """
    at = [month_position(run, month) for month in months or (None,)]
    rows = [region.grid[0] for region in run.scenario.regions.values()]
    high = max(rows) - min(rows) + 1
    page = Page(
        ax, figsize or (6.3, 1.35 + len(at) * (0.3 + 0.62 * high)), run, "Regions by the strongest force"
    )
    palette, table = palette_of(run), Panel(run, "regions")
    page.top -= _legend(page, run, table, at, palette) + 0.1
    each = (page.top - page.bottom) / len(at)
    for n, month in enumerate(at):
        top = page.top - n * each
        _map(page, run, table, month, (page.left, top - each + 0.06, page.right, top), palette)
    return page.host
