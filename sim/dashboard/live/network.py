"""The ties between factions, coloured by what they hold."""

from __future__ import annotations

from functools import lru_cache
from html import escape

from sim.dashboard.live.frame import Frame, Option, base
from sim.plots.record import Panel
from sim.plots.style import INK, MUTED
from sim.plots.ties import layout, short_faction_names

__all__ = ["draw", "height"]

HEIGHT = 560
MOST = 80
"""Factions shown, the largest of the scenario."""


@lru_cache(maxsize=8)
def _places(count: int, edges: tuple[tuple[int, int, float], ...]) -> list[list[float]]:
    places: list[list[float]] = layout(count, edges).tolist()
    return places


def _size(men: float) -> float:
    """Diameter of a node, pixels: its area grows with the men."""
    return float(min(5.0 + 0.35 * men**0.5, 44.0))


def height(frame: Frame) -> int:
    """Height of the figure, pixels."""
    return HEIGHT


def draw(frame: Frame) -> Option:
    """The scenario's factions and their ties in the last month simulated; splinters are not shown.

    Parameters
    ----------
    frame
        The run and its months.

    Returns
    -------
    dict
        Options of ECharts.
    """
    scenario, states = frame.run.scenario, frame.states
    roster = sorted(scenario.factions, key=lambda name: -scenario.factions[name].fighters.value)[:MOST]
    row, column = {name: n for n, name in enumerate(roster)}, {name: j for j, name in enumerate(states.names)}
    men = Panel(frame.run, "factions").number("fighters", 0.0)[-1]
    ties = [tie for tie in scenario.ties if tie.a in row and tie.b in row]
    edges = tuple((row[tie.a], row[tie.b], float(tie.weight.value)) for tie in ties)
    nodes = []
    for (x, y), name, short in zip(
        _places(len(roster), edges),
        roster,
        short_faction_names([scenario.factions[n] for n in roster]),
        strict=True,
    ):
        held = states.held[-1, column[name]] if name in column else None
        here = held is not None
        what = frame.palette.name(str(held)) if here else "not in being"
        strength = float(men[column[name]]) if here else 0.0
        chosen = name == frame.selected
        told = f"{frame.name(name)}: {what}, {strength:,.0f} men" if here else f"{frame.name(name)}: {what}"
        nodes.append(
            {
                "name": short, "value": [x, y], "faction": name, "symbolSize": _size(strength),
                "tooltip": {"formatter": escape(told)},
                "itemStyle": {
                    "color": frame.palette.colour(str(held)) if here else "#ffffff",
                    "borderColor": INK if chosen else MUTED, "borderWidth": 3 if chosen else 1,
                },
                "label": {"fontWeight": "bold" if chosen else "normal"},
            }
        )  # fmt: skip
    links = [
        {"source": a, "target": b, "lineStyle": {"width": 0.5 + 2 * weight}, "tooltip": {"show": False}}
        for a, b, weight in edges
    ]
    # Axes that do not show keep nodes round, whatever the shape of the room.
    hidden = {"type": "value", "show": False, "min": -0.03, "max": 1.03}
    return base(
        grid={"left": 24, "right": 112, "top": 16, "bottom": 16},
        xAxis=hidden, yAxis=hidden,
        tooltip={"trigger": "item", "confine": True},
        series=[
            {
                "type": "graph", "coordinateSystem": "cartesian2d", "data": nodes, "links": links, "cursor": "pointer",
                "lineStyle": {"color": "#c4c4c4"}, "label": {"show": True, "position": "right", "fontSize": 10,
                "color": INK, "distance": 2, "width": 104, "overflow": "truncate"},
                "labelLayout": {"hideOverlap": True}, "z": 3,
            }
        ],
    )  # fmt: skip
