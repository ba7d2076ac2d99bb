"""The largest effects on each output of a sensitivity analysis, with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from .bands import value_ticks
from .page import PAD, Page, fit, line_height, tidy, width_of, wrap
from .style import ALONE, INK, LABEL, PATRON_COLOURS, SMALL, styled
from .sweep_record import short_paths

if TYPE_CHECKING:
    from sim.experiments.sensitivity.findings import Sensitivity

__all__ = ["ABOUT", "AXES", "panels_of", "short_names", "tornado"]

Size = tuple[float, float | None]
_RISES, _FALLS, _BOTH = PATRON_COLOURS[0], PATRON_COLOURS[1], ALONE
_ROW, _HEAD, _FOOT = 0.19, 0.24, 0.44
_GAP = 0.3
AXES = {
    "morris": "mu*, in the output's unit",
    "sobol": "total share of variance",
    "pawn": "median distance of distributions",
}
ABOUT = {
    "morris": "Mean absolute change of the output (mu*) over the whole prior of a number, others anywhere in theirs.",
    "sobol": (
        "Share of the output's variance that is left where all numbers but this one are known (total index). Shares add up"
        " to more than 1 where numbers act together."
    ),
    "pawn": "Median Kolmogorov-Smirnov distance between the outcome where a number is known and where it is not.",
}  # fmt: skip
_CHANCE_LINE: dict[str, Any] = {"color": INK, "linewidth": 2.4, "solid_capstyle": "butt", "alpha": 0.55}
_CHANCE = {
    "morris": " Bar of chance: what the draws of runs alone would show.",
    "sobol": " Bar of chance: what the draws of runs alone would show.",
    "pawn": " Bar of chance: what 19 of 20 numbers stay below that are in no rule.",
}


def panels_of(found: Sensitivity, output: str | None) -> list[str]:
    """The outputs that a figure shows: one, or all."""
    return list(found.outputs) if output is None else [found.check_output(output)]


@styled
def tornado(
    found: Sensitivity, output: str | None = None, stage: str | None = None, ax: Axes | None = None, *,
    most: int = 12, figsize: Size | None = None,
) -> Axes:  # fmt: skip
    """Draw the largest effects on an output, or on all outputs.

    Parameters
    ----------
    found
        The analysis.
    output
        An output; all of them, each in a panel, by default.
    stage
        ``morris``, ``sobol`` or ``pawn``; the last that the analysis has by default.
    ax
        Axes to draw in; a figure of its own where not given.
    most
        Numbers shown of each output.
    figsize
        Size of that figure, inches; by default 6.3 wide and as high as the rows need.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the panels are its ``child_axes``.

    Raises
    ------
    UsageError
        If there is no such output or stage.
    """
    stage = found.check_stage(stage)
    outputs = panels_of(found, output)
    shown = {name: found.ranked(name, stage)[:most] for name in outputs}
    columns = 2 if len(outputs) > 1 else 1
    lines = [outputs[n : n + columns] for n in range(0, len(outputs), columns)]
    heights = [max(1, *(len(shown[name]) for name in line)) * _ROW + _HEAD + _FOOT for line in lines]
    width, asked = (figsize or (6.3, None))[0], (figsize or (6.3, None))[1]
    about = ABOUT[stage] + _CHANCE[stage]
    page = Page(ax, (width, asked or sum(heights) + _furniture(width, about)), None, found.title, about)
    handles = _handles(stage)
    page.top -= page.legend(list(handles.values()), list(handles), page.left, page.top, page.inner) + 0.1
    scale = (page.top - page.bottom) / sum(heights)
    wide = (page.inner - _GAP * (columns - 1)) / columns
    top = page.top
    for line, height in zip(lines, heights, strict=True):
        for n, name in enumerate(line):
            left = page.left + n * (wide + _GAP)
            _panel(page, found, stage, name, shown[name], (left, top, wide, height * scale))
        top -= height * scale
    return page.host


def _furniture(width: float, about: str) -> float:
    """Height of title, legend and footer, inches."""
    return 0.95 + len(wrap(about, SMALL - 0.5, (width - 2 * PAD) * 0.94, 7)) * line_height(SMALL - 0.5)


def _handles(stage: str) -> dict[str, Any]:
    interval = Line2D([], [], color=INK, linewidth=1.0)
    if stage == "pawn":
        chance = Line2D([], [], **_CHANCE_LINE)
        return {"median": Patch(facecolor=_RISES), "95 % interval": interval, "chance": chance}
    return {
        "output rises with it": Patch(facecolor=_RISES),
        "falls": Patch(facecolor=_FALLS),
        "both ways": Patch(facecolor=_BOTH),
        "95 % interval": interval,
        "chance": Line2D([], [], **_CHANCE_LINE),
    }


def _panel(
    page: Page, found: Sensitivity, stage: str, name: str, rows: list[tuple[str, dict[str, float]]],
    place: tuple[float, float, float, float],
) -> None:  # fmt: skip
    from sim.experiments.sensitivity.findings import HEADLINE
    from sim.experiments.sensitivity.words import way

    left, top, wide, high = place
    page.write(
        left, top, fit(found.output_title(name), LABEL, wide, bold=True), LABEL, va="top", weight="bold"
    )
    if not rows:
        page.write(left, top - _HEAD, "nothing moves it", SMALL, va="top")
        return
    names = short_names([path for path, _ in rows])
    room = min(max(width_of(text, SMALL) for text in names) + 0.12, wide * 0.5)
    panel = page.panel(left + room, top - high + _FOOT, left + wide - 0.12, top - _HEAD)
    colours = {"+": _RISES, "-": _FALLS, "both": _BOTH, "": _RISES}
    value, low, high_ = HEADLINE[stage]
    for n, (_, one) in enumerate(rows):
        panel.barh(n, one[value], height=0.62, color=colours[way(one)], linewidth=0, zorder=2)
        panel.plot([one[low], one[high_]], [n, n], color=INK, linewidth=1.0, zorder=3)
        if (one.get("floor") or 0.0) > 0:
            panel.plot([0, one["floor"]], [n + 0.2] * 2, zorder=4, **_CHANCE_LINE)
    most = max(one[high_] for _, one in rows) or 1.0
    tidy(panel, grid=False)
    panel.set(xlim=(0, most * 1.04), ylim=(len(rows) - 0.4, -0.6))
    panel.set_yticks(range(len(rows)), [fit(text, SMALL, room - 0.06) for text in names])
    panel.tick_params(axis="y", length=0)
    places, labels = value_ticks(0, most * 1.04)
    step = (
        1 if len(places) * (max(width_of(text, SMALL) for text in labels) + 0.12) <= wide - room - 0.12 else 2
    )
    panel.set_xticks(places[::step], labels[::step])
    unit = found.about.get("outputs", {}).get(name, {}).get("unit", "")
    panel.set_xlabel(f"mu* ({unit})" if stage == "morris" and unit else AXES[stage], labelpad=2)


def short_names(paths: Sequence[str]) -> list[str]:
    """The last parts of paths; sections that hold nothing but weights are not named."""
    short = short_paths(paths)
    return [short[path].removeprefix("weights.").removeprefix("decision.") for path in paths]
