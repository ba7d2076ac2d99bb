"""What all figures of the page share: months, colours, axes, marks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim.plots.record import event_title, marked_events, palette_of
from sim.plots.states import States
from sim.plots.style import INK, MUTED, PALE, Palette
from sim.results.run import Run
from sim.scenario.quantities import month_index, month_text

__all__ = ["Frame", "Option", "base", "measured_axis", "named_axis", "number", "round_up", "step_line"]

Option = dict[str, Any]
FONT = "Roboto, 'DejaVu Sans', sans-serif"
LETTERS: Option = {"fontSize": 11, "color": INK}


@dataclass(frozen=True, eq=False)
class Frame:
    """A run in the months of its scenario: those simulated, and those to come.

    Parameters
    ----------
    run
        The history so far.
    count
        Months in all.
    selected
        The faction asked about, if any.
    """

    run: Run
    count: int
    selected: str | None = None

    @cached_property
    def start(self) -> int:
        """Index of the first month."""
        return month_index(self.run.scenario.period.start)

    @cached_property
    def months(self) -> list[str]:
        """All months as texts."""
        return [month_text(self.start + n) for n in range(self.count)]

    @cached_property
    def palette(self) -> Palette:
        """Colours and names of what can be held."""
        return palette_of(self.run)

    @cached_property
    def states(self) -> States:
        """What every faction held."""
        return States.of(self.run)

    @cached_property
    def done(self) -> int:
        """Months simulated."""
        return int(self.states.held.shape[0])

    def name(self, faction: str) -> str:
        """Name of a faction; a splinter goes by its id."""
        known = self.run.scenario.factions.get(faction)
        return known.name if known else faction

    def axis(self, grid: int = 0, labelled: bool = True) -> Option:
        """The axis of months: a tick a year, and as many labels as a phone has room for."""
        apart = 12 * max(math.ceil(self.count / 48), 1) - 1
        return {
            "type": "category", "data": self.months, "gridIndex": grid, "boundaryGap": False,
            "axisTick": {"show": labelled, "interval": 11},
            "axisLine": {"lineStyle": {"color": MUTED}, "onZero": False},
            "axisLabel": {"show": labelled, "interval": apart, "hideOverlap": True, **LETTERS},
            "axisPointer": {"label": {"fontSize": 11}},
        }  # fmt: skip

    def events(self) -> list[tuple[int, str]]:
        """Position and title of the events that figures mark."""
        return [
            (at, event_title(self.run, event)) for at, event in marked_events(self.run) if at < self.count
        ]

    def mark_line(self, named: bool, end: str = "end") -> Option:
        """Lines at the events, numbered where that is wanted."""
        found: dict[int, list[tuple[int, str]]] = {}
        for n, (at, title) in enumerate(self.events(), 1):
            found.setdefault(at, []).append((n, title))
        # Those of one month share a line: their numbers would lie on each other.
        lines = [
            {
                "xAxis": self.months[at], "name": f"{self.months[at]}: {'; '.join(title for _, title in those)}",
                "label": {
                    "show": named, "formatter": ", ".join(str(n) for n, _ in those), "position": end, "fontSize": 10,
                    "color": INK, "offset": [-5 * (len(those) - 1), 0],
                },
            }
            for at, those in found.items()
        ]  # fmt: skip
        return {
            "silent": False, "symbol": "none", "animation": False, "data": lines,
            "lineStyle": {"color": MUTED, "type": "dashed", "width": 1, "opacity": 0.7},
            "tooltip": {"formatter": "{b}"},
        }  # fmt: skip

    def unvalidated(self) -> Option:
        """The ground of months that no record validates."""
        first = month_index(self.run.scenario.period.last_validated) + 1 - self.start
        areas = (
            []
            if first >= self.count
            else [[{"xAxis": self.months[max(first, 0)]}, {"xAxis": self.months[-1]}]]
        )
        return {
            "silent": True,
            "animation": False,
            "itemStyle": {"color": PALE, "opacity": 0.5},
            "data": areas,
        }

    def marks(self, named: bool, end: str = "end") -> Option:
        """What a series carries for its whole panel: the lines at the events, and the ground that nothing validates."""
        return {"markLine": self.mark_line(named, end), "markArea": self.unvalidated()}

    def lines(self, values: Sequence[float | None]) -> list[float | None]:
        """Values of the months simulated, rounded to what a screen shows; nothing for those to come."""
        return [None if value is None else number(value) for value in values]


def number(value: float) -> float | None:
    """A number with the digits that a screen shows; None for none."""
    return float(f"{value:.5g}") if value == value else None


def round_up(value: float) -> float:
    """The end of a scale that holds the value: a number of two digits."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{math.ceil(value / unit) * unit:.6g}")


def base(**more: Any) -> Option:
    """Options common to all figures."""
    return {
        "animation": False, "textStyle": {"fontFamily": FONT, "color": INK}, "aria": {"enabled": True},
        "backgroundColor": "#ffffff", **more,
    }  # fmt: skip


def measured_axis(name: str, gap: int, **more: Any) -> Option:
    """An axis of numbers.

    Parameters
    ----------
    name
        What is measured, or its unit.
    gap
        Pixels between the axis and that name.
    more
        Further options of the axis.
    """
    return {
        "type": "value", "name": name, "nameLocation": "middle", "nameGap": gap, "nameTextStyle": LETTERS,
        "axisLabel": {**LETTERS, "hideOverlap": True}, **more,
    }  # fmt: skip


def named_axis(labels: Sequence[Any], width: int, **more: Any) -> Option:
    """An axis with a row for each name, from the top.

    Parameters
    ----------
    labels
        The names.
    width
        Pixels they may take; longer ones are cut.
    more
        Further options of the axis.
    """
    return {
        "type": "category", "inverse": True, "data": list(labels),
        "axisLabel": {**LETTERS, "interval": 0, "width": width, "overflow": "truncate"}, **more,
    }  # fmt: skip


def step_line(name: str, values: Sequence[float | None], colour: str, **more: Any) -> Option:
    """A line of monthly values: each holds for its month.

    Parameters
    ----------
    name
        What it is called.
    values
        A value a month.
    colour
        Its colour.
    more
        Further options of the series.
    """
    return {
        "name": name, "type": "line", "step": "end", "symbol": "none", "data": values, "itemStyle": {"color": colour},
        **more,
    }  # fmt: skip
