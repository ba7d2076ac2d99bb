"""Indices of a sensitivity analysis by the size of its design: have they settled?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sim.errors import UsageError

from .bands import value_ticks
from .page import PAD, Page, fit, line_height, tidy, wrap
from .style import INK, LABEL, LINES, PATRON_COLOURS, SMALL, styled
from .tornado import AXES, panels_of, short_names

if TYPE_CHECKING:
    from sim.experiments.sensitivity.findings import Sensitivity

__all__ = ["convergence"]

Size = tuple[float, float | None]
_MOST = len(PATRON_COLOURS)
_HIGH, _HEAD, _FOOT, _GAP = 2.1, 0.24, 0.46, 0.3
_SIZES = {"morris": "trajectories", "sobol": "base points"}
_TEXT = (
    "The same index from the first part of the design, then more and more of it, with 95 % intervals. Settled where lines"
    " are flat and bands narrow."
)


@styled
def convergence(
    found: Sensitivity, output: str | None = None, stage: str | None = None, ax: Axes | None = None, *,
    figsize: Size | None = None,
) -> Axes:  # fmt: skip
    """Draw the largest indices by the size of the design.

    Parameters
    ----------
    found
        The analysis.
    output
        An output; all of them, each in a panel, by default.
    stage
        ``morris`` or ``sobol``; the last that the analysis has by default.
    ax
        Axes to draw in; a figure of its own where not given.
    figsize
        Size of that figure, inches; by default 6.3 wide.

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
    if stage == "pawn":
        raise UsageError("PAWN has no design of its own: there is no convergence to show")
    outputs = panels_of(found, output)
    paths = _largest(found, stage, outputs)
    columns = 2 if len(outputs) > 1 else 1
    lines = [outputs[n : n + columns] for n in range(0, len(outputs), columns)]
    width, asked = (figsize or (6.3, None))[0], (figsize or (6.3, None))[1]
    foot = len(wrap(_TEXT, SMALL - 0.5, (width - 2 * PAD) * 0.94, 7)) * line_height(SMALL - 0.5)
    page = Page(ax, (width, asked or len(lines) * _HIGH + 1.0 + foot), None, found.title, _TEXT)
    handles, labels = _legend(paths)
    page.top -= page.legend(handles, labels, page.left, page.top, page.inner) + 0.1
    high = (page.top - page.bottom) / len(lines)
    wide = (page.inner - _GAP * (columns - 1)) / columns
    for row, line in enumerate(lines):
        for n, name in enumerate(line):
            place = (page.left + n * (wide + _GAP), page.top - row * high, wide, high)
            _panel(page, found, stage, name, paths, place)
    return page.host


def _largest(found: Sensitivity, stage: str, outputs: list[str]) -> list[str]:
    """The numbers with the largest effects, each measured by the largest on its output."""
    from sim.experiments.sensitivity.findings import HEADLINE

    scores: dict[str, float] = {}
    for name in outputs:
        ranked = found.ranked(name, stage)
        most = ranked[0][1][HEADLINE[stage][0]] if ranked else 0.0
        for path, one in ranked:
            share = one[HEADLINE[stage][0]] / most if most else 0.0
            scores[path] = max(scores.get(path, 0.0), share)
    return sorted(scores, key=lambda path: -scores[path])[:_MOST]


def _legend(paths: list[str]) -> tuple[list[Any], list[str]]:
    handles = [
        Line2D([], [], color=PATRON_COLOURS[n], linestyle=LINES[n % len(LINES)]) for n in range(len(paths))
    ]
    return handles, short_names(paths)


def _panel(
    page: Page, found: Sensitivity, stage: str, name: str, paths: list[str],
    place: tuple[float, float, float, float],
) -> None:  # fmt: skip
    from sim.experiments.sensitivity.findings import HEADLINE

    left, top, wide, high = place
    page.write(
        left, top, fit(found.output_title(name), LABEL, wide, bold=True), LABEL, va="top", weight="bold"
    )
    steps = found.about[stage]["outputs"][name]["convergence"]
    if not steps:
        page.write(left, top - _HEAD, "nothing moves it", SMALL, va="top")
        return
    panel = page.panel(left + 0.5, top - high + _FOOT, left + wide - 0.12, top - _HEAD)
    sizes = [step["size"] for step in steps]
    value, low, up = HEADLINE[stage]
    most = 0.0
    for n, path in enumerate(paths):
        told = [step["indices"][path] for step in steps]
        line = [one[value] for one in told]
        panel.plot(
            sizes, line, color=PATRON_COLOURS[n], linestyle=LINES[n % len(LINES)], linewidth=1.3, zorder=3
        )
        panel.fill_between(
            sizes, [one[low] for one in told], [one[up] for one in told],
            color=PATRON_COLOURS[n], alpha=0.13, linewidth=0, zorder=2,
        )  # fmt: skip
        # The first intervals are wider than what is to be seen.
        most = max(most, *line, told[-1][up])
    tidy(panel)
    if stage == "sobol":
        panel.set_xscale("log", base=2)
    panel.minorticks_off()
    shown = sizes if len(sizes) <= 8 else sizes[::2]
    panel.set_xticks(shown, [f"{size:,}" for size in shown])
    panel.set(ylim=(0, most * 1.06 or 1.0), xlim=(sizes[0], sizes[-1] if len(sizes) > 1 else sizes[0] + 1))
    places, labels = value_ticks(0, most * 1.06 or 1.0)
    panel.set_yticks(places, labels)
    panel.axhline(0, color=INK, linewidth=0.6)
    panel.set_xlabel(_SIZES[stage], labelpad=2)
    unit = found.about.get("outputs", {}).get(name, {}).get("unit", "")
    panel.set_ylabel(
        f"mu* ({unit})" if stage == "morris" and unit else "total" if stage == "sobol" else AXES[stage]
    )
