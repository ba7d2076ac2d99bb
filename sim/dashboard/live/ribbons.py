"""Allegiance of every faction over time: a bar for each spell in which nothing changed."""

from __future__ import annotations

from collections.abc import Iterator

from sim.dashboard.live.frame import Frame, Option, base, named_axis
from sim.plots.style import INK, MUTED, tint

__all__ = ["draw", "height", "keys"]

UNSWORN = {"offered": "offered", "self_declared": "self-declared", "refused": "refused"}
FAINT = 0.55
ROW = 17
EDGES = 62


def rows_of(frame: Frame) -> list[int]:
    """Columns of the factions in the order shown: the scenario's, then splinters."""
    roster = frame.run.scenario.factions
    at = {name: j for j, name in enumerate(frame.states.names)}
    return [at[name] for name in roster if name in at] + [j for name, j in at.items() if name not in roster]


def height(frame: Frame) -> int:
    """Height of the figure, pixels."""
    return EDGES + ROW * len(rows_of(frame))


def _spells(frame: Frame, j: int) -> Iterator[Option]:
    """Pieces of a faction's bar from left to right; clear ones where it is not in being."""
    states, at = frame.states, 0
    faction = states.names[j]
    for first, last, held, oath in states.spells(j):
        if first > at:
            yield {"value": first - at, "itemStyle": {"color": "rgba(0,0,0,0)"}, "tooltip": {"show": False}}
        colour = frame.palette.colour(held)
        unsworn = UNSWORN.get(oath)
        word = f"{frame.palette.name(held)}, {unsworn}" if unsworn else frame.palette.name(held)
        until = frame.months[last - 1] if last < frame.done else "now"
        yield {
            "value": last - first, "faction": faction, "month": frame.months[first],
            "name": f"{frame.name(faction)}: {word}, {frame.months[first]} to {until}",
            "itemStyle": {"color": tint(colour, FAINT) if unsworn else colour},
        }  # fmt: skip
        at = last


def draw(frame: Frame) -> Option:
    """What each faction held, month by month.

    Parameters
    ----------
    frame
        The run and its months.

    Returns
    -------
    dict
        Options of ECharts.
    """
    order = rows_of(frame)
    bars = [list(_spells(frame, j)) for j in order]
    series: list[Option] = [
        {
            "type": "bar", "stack": "held", "barCategoryGap": "22%", "cursor": "pointer",
            "data": [row[n] if n < len(row) else None for row in bars], "emphasis": {"itemStyle": {"borderColor": INK,
            "borderWidth": 1}},
        }
        for n in range(max(map(len, bars), default=0))
    ]  # fmt: skip
    series.append(
        {
            # Marks need a series with something in it.
            "type": "line", "data": [[frame.months[0], 0]], "xAxisIndex": 1, "yAxisIndex": 0, "symbol": "none",
            "silent": True,
            **frame.marks(named=True, end="start"), "z": 3,
        }
    )  # fmt: skip
    labels = [
        {"value": frame.name(name), "textStyle": {"fontWeight": "bold"}}
        if name == frame.selected
        else frame.name(name)
        for name in (frame.states.names[j] for j in order)
    ]
    return base(
        grid={"left": 138, "right": 12, "top": 18, "bottom": 24},
        tooltip={"trigger": "item", "formatter": "{b}", "confine": True},
        xAxis=[
            {"type": "value", "min": 0, "max": frame.count, "show": False},
            {**frame.axis(), "boundaryGap": True, "position": "bottom"},
        ],
        yAxis=named_axis(labels, 128, axisTick={"show": False}, axisLine={"show": False}),
        series=series,
    )  # fmt: skip


def keys(frame: Frame, of_network: bool = False) -> list[tuple[str, str]]:
    """Colours and what they stand for: those that occur so far.

    Parameters
    ----------
    frame
        The run and its months.
    of_network
        Of the network, which shows the last month and is white where a faction is not in being.
    """
    states = frame.states
    held = states.held[-1:] if of_network else states.held
    found = {str(option) for option in set(held.ravel()) if option is not None}
    palette = frame.palette
    shown = [(palette.colour(option), palette.name(option)) for option in palette.order() if option in found]
    if of_network:
        return [*shown, ("#ffffff", "not in being")]
    unsworn = any(oath in UNSWORN for oath in set(states.oath.ravel()))
    return [*shown, (tint(MUTED, FAINT), "paler: oath not accepted")] if unsworn else shown
