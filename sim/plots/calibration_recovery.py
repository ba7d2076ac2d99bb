"""Recovery: known numbers sought from records that the model made, and how often intervals hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D

from .calibration_numbers import BLUE, ORANGE
from .page import Page, fit, legend_height, line_height, width_of
from .rows import FOOT, Size, paper, width_asked
from .study import Study
from .style import INK, LABEL, MUTED, PALE, PATRON_COLOURS, SMALL, styled, tint

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["recovery"]

GREEN = PATRON_COLOURS[2]
_WIDTH = 9.0


@styled
def recovery(study: Study, ax: Axes | None = None, *, figsize: Size | None = None) -> Axes:
    """Draw truths against what was found for them, and the coverage of intervals.

    Parameters
    ----------
    study
        The calibration.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 9 wide and as high as the panels need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the last of its ``child_axes`` shows the coverage, the others a number each.
    """
    frame = study.need("recovery")
    covered = {row["path"]: row for row in study.data["recovery"]["coverage"]}
    paths = list(dict.fromkeys(frame["path"]))
    wide = width_asked(ax, figsize or (_WIDTH, None))
    beside = wide >= 7.5
    columns = 3 if beside else max(1, min(4, int((wide - 0.2) / 1.45)))
    count = -(-len(paths) // columns)
    each, rows_high = 1.5, 0.27 * (len(covered) + 1)
    by_smc = bool((frame["way"] == "smc").any())
    handles, labels = _legend(by_smc)
    top = legend_height(labels, wide - 0.2) + 0.1
    grid_high = each * count + FOOT
    bars = rows_high + FOOT + line_height(SMALL) + 0.1
    inner = top + (max(grid_high, bars) if beside else grid_high + bars)
    about = _about(study, frame)
    page = paper(ax, figsize, "Known numbers sought from records that the model made", about, inner, _WIDTH)
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.1
    split = page.left + (page.inner * 0.56 if beside else page.inner)
    share = 1.0 if beside else grid_high / (grid_high + bars)
    floor = page.top - (page.top - page.bottom) * share
    _grid(page, frame, paths, (page.left, floor, split, page.top), columns)
    room = (
        (split + 0.3, page.bottom, page.right, page.top)
        if beside
        else (page.left, page.bottom, page.right, floor)
    )
    _coverage(page, covered, room)
    return page.host


def _about(study: Study, frame: pd.DataFrame) -> str:
    truths = frame[frame["way"] == "table"]["truth_number"].nunique()
    text = f"{study.title}. {truths} truths drawn from the prior; the record of each is one run of the model."
    text += " Places on the unit cube: 0 and 1 are the ends of the prior."
    found = study.data["recovery"]
    whole = next((row for row in found["coverage"] if row["path"] == "all"), None)
    if whole:
        text += f" All numbers: 50 % intervals hold {_held(whole, 50)}, 90 % intervals {_held(whole, 90)}."
    if found.get("smc"):
        smc = found["smc"]
        text += (
            f" By sequential Monte Carlo ({smc['truths']} numbers): {_held(smc, 50)} and {_held(smc, 90)}."
        )
    return text


def _held(row: dict[str, Any], level: int) -> str:
    return f"{100 * row[f'held_{level}']:.0f} %"


def _legend(by_smc: bool) -> tuple[list[Any], list[str]]:
    handles: list[Any] = [Line2D([], [], color=BLUE, marker="o", markersize=4, linewidth=0.9)]
    labels = ["median and 90 % interval, rejection from the table"]
    if by_smc:
        handles.append(Line2D([], [], color=ORANGE, marker="D", markersize=5, linewidth=1.3))
        labels.append("by sequential Monte Carlo")
    for colour, marker, text in ((GREEN, "s", "50 %"), (BLUE, "o", "90 %")):
        handles.append(Line2D([], [], color=colour, marker=marker, markersize=5, linewidth=1.6))
        labels.append(f"share held by {text} intervals, with its 95 % interval")
    return handles, labels


def _grid(
    page: Page, frame: pd.DataFrame, paths: list[str], box: tuple[float, float, float, float], columns: int
) -> None:
    """A small panel for each number."""
    left, bottom, right, top = box
    count = -(-len(paths) // columns)
    margin, foot, gap = line_height(LABEL) + width_of("0.5", SMALL) + 0.1, FOOT, 0.14
    wide = (right - left - margin + gap) / columns - gap
    high = (top - bottom - foot) / count
    name = line_height(SMALL) + 0.02
    for n, path in enumerate(paths):
        x = left + margin + (n % columns) * (wide + gap)
        y = top - (n // columns) * high
        page.write(x, y, fit(path, SMALL, wide, bold=True), SMALL, weight="bold", va="top")
        panel = page.panel(x, y - high + 0.08, x + wide, y - name)
        _truths(panel, frame[frame["path"] == path])
        last = n + columns >= len(paths)
        panel.set_xticks([0, 0.5, 1], ["0", "0.5", "1"] if last else [])
        panel.set_yticks([0, 0.5, 1], ["0", "0.5", "1"] if n % columns == 0 else [])
    middle = left + margin + (right - left - margin) / 2
    page.write(middle, bottom + 0.02, "truth (place in the prior)", LABEL, ha="center", va="bottom")
    page.write(
        left,
        (top + bottom + foot) / 2,
        "found (place in the prior)",
        LABEL,
        rotation=90,
        va="center",
        ha="left",
    )


def _truths(panel: Axes, part: pd.DataFrame) -> None:
    panel.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.04))
    panel.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize=SMALL, length=2.5, pad=2)
    looks: dict[str, tuple[str, str, float, float, float]] = {
        "table": (BLUE, "o", 2.6, 0.6, 2), "smc": (ORANGE, "D", 4.5, 1.6, 3),
    }  # fmt: skip
    for way, (colour, marker, size, line, above) in looks.items():
        rows = part[part["way"] == way]
        ends = [((t, a), (t, b)) for t, a, b in zip(rows["truth"], rows["q05"], rows["q95"], strict=True)]
        thin = tint(colour, 0.5) if way == "table" else colour
        panel.add_collection(LineCollection(ends, colors=thin, linewidths=line, zorder=above))
        look: dict[str, Any] = {
            "color": colour,
            "markersize": size,
            "markeredgewidth": 0,
            "zorder": above + 0.5,
        }
        panel.plot(rows["truth"], rows["q50"], linestyle="", marker=marker, **look)


def _coverage(page: Page, covered: dict[str, Any], box: tuple[float, float, float, float]) -> None:
    """Share of truths that intervals hold, by number, the number that is told of most first."""
    left, bottom, right, top = box
    names = [name for name in covered if name != "all"]
    names.sort(key=lambda name: -covered[name]["contraction"])
    names += ["all"] if "all" in covered else []
    labels = ["all numbers" if name == "all" else name for name in names]
    room = min(0.45 * (right - left), max(width_of(label, SMALL, True) for label in labels) + 0.1)
    figures = [f"{covered[name]['contraction']:.2f}".replace("-", "−") for name in names]
    edge = right - max(width_of(text, SMALL) for text in [*figures, "contraction"]) - 0.08
    head = top - line_height(SMALL) - 0.03
    panel = page.panel(left + room, bottom + FOOT, edge, head)
    panel.set(xlim=(-0.02, 1.02), ylim=(len(names), 0))
    each = (head - bottom - FOOT) / len(names)
    page.write(right, head + 0.03, "contraction", SMALL, ha="right", va="bottom", color=MUTED)
    for level in (0.5, 0.9):
        panel.axvline(level, color=INK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    for n, name in enumerate(names):
        row, y = covered[name], head - (n + 0.5) * each
        bold = "bold" if name == "all" else "normal"
        text = fit(labels[n], SMALL, room - 0.06, name == "all")
        page.write(left, y, text, SMALL, va="center_baseline", weight=bold)
        page.write(right, y, figures[n], SMALL, ha="right", va="center_baseline")
        panel.axhline(n + 0.5, color=PALE, linewidth=0.6, zorder=0.5)
        _held_by(panel, n + 0.5, row)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.set_yticks([])
    panel.set_xticks([0, 0.25, 0.5, 0.75, 0.9], ["0", "25", "50", "75", "90"])
    panel.set_xlabel("truths held (%)", labelpad=2)


def _held_by(panel: Axes, middle: float, row: dict[str, Any]) -> None:
    """Share that intervals of both levels hold, with its own interval."""
    for level, colour, marker, shift in ((50, GREEN, "s", -0.15), (90, BLUE, "o", 0.15)):
        ends, at = [row[f"low_{level}"], row[f"high_{level}"]], middle + shift
        look: dict[str, Any] = {"markersize": 5, "color": colour, "markeredgecolor": "white", "zorder": 3}
        panel.plot(ends, [at, at], color=colour, linewidth=1.6, zorder=2)
        panel.plot([row[f"held_{level}"]], [at], marker=marker, **look)
