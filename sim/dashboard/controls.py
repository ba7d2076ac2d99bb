"""The levers as controls: which kind of control each wants, its range, and what it says on hover."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from sim.api.discovery import lever_rows
from sim.mechanisms import mechanism
from sim.scenario.dates import resolve_dates
from sim.scenario.load import Loaded
from sim.scenario.quantities import Within, month_index, month_text
from sim.scenario.schema import Scenario
from sim.scenario.walk import allowed, bare, type_at

__all__ = ["Control", "controls_of", "shown_first"]

Kind = Literal["number", "month", "switch", "choice"]
_MOST_STEPS = 100


@dataclass(frozen=True)
class Control:
    """A lever on the page."""

    path: str
    label: str
    kind: Kind
    value: Any
    """As the scenario has it; a month as ``2015-07`` even where its file counts from another event."""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    step: float = 0.01
    choices: tuple[str, ...] = ()
    about: str = ""
    """What it means."""
    source: str = ""
    prior: str = ""
    uncertain: bool = False
    """Nobody knows it: a weight, a size. A what-if leaves it as it is."""

    def hover(self) -> str:
        """Meaning, unit, range, source and prior."""
        reach = f"{self.low:g} to {self.high:g} {self.unit}".strip() if self.kind == "number" else self.unit
        lines = [self.about, f"{self.path} ({reach})", f"Source: {self.source or 'none given'}"]
        if self.prior:
            lines.append(f"Prior: {self.prior}")
        if self.uncertain:
            lines.append("An uncertainty: nobody could have chosen it. What-ifs leave it as it is.")
        return "\n".join(line for line in lines if line)

    def matches(self, words: list[str]) -> bool:
        """Whether all words occur in label, path, meaning, unit or source."""
        text = f"{self.label} {self.path} {self.about} {self.unit} {self.source}".casefold()
        return all(word in text for word in words)


def controls_of(loaded: Loaded) -> dict[str, Control]:
    """All levers of a scenario as controls, by path."""
    titles = {name: event.title or "" for name, event in loaded.scenario.events.items()}
    months = resolve_dates(loaded.scenario)
    found = (_control(row, loaded, titles, months) for row in lever_rows(loaded))
    return {control.path: control for control in found if control is not None}


def shown_first(loaded: Loaded, known: Mapping[str, Control]) -> tuple[str, ...]:
    """Levers shown before anybody searches: dates of the events that figures mark, then the focus patron's own."""
    scenario = loaded.scenario
    focus = scenario.report.focus or tuple(scenario.patrons)[-1]
    dates = [f"events.{event}.date" for event in scenario.report.marks]
    own = [path for path, control in known.items() if path.startswith(f"patrons.{focus}.") and control.prior]
    return tuple(path for path in (*dates, *own) if path in known)


def _control(
    row: Mapping[str, Any], loaded: Loaded, titles: Mapping[str, str], months: Mapping[str, int]
) -> Control | None:
    path = str(row["path"])
    if "@" in path:
        return None
    parts = tuple(path.split("."))
    more: dict[str, Any] = {
        "source": str(row["source"]), "prior": str(row["prior"]), "uncertain": row["kind"] == "uncertainty",
        "about": _meaning(parts, loaded.tree),
    }  # fmt: skip
    unit, value = str(row["unit"]), row["value"]
    if unit == "month":
        if parts[0] != "events":
            return None
        event = parts[1]
        about = f"When it happens: {titles[event]}" if titles[event] else more["about"]
        low, high = (
            float(month_index(at)) for at in (loaded.scenario.period.start, loaded.scenario.period.end)
        )
        text = month_text(months[event])
        return Control(
            path,
            titles[event] or event.replace("_", " "),
            "month",
            text,
            "month",
            low,
            high,
            1,
            **{**more, "about": about},
        )
    label = (
        f"{titles[parts[1]]}: {_plain(parts[2:])}"
        if parts[0] == "events" and titles.get(parts[1])
        else _plain(parts)
    )
    if unit == "switch":
        if parts[0] == "mechanisms":
            statement = mechanism(parts[1])
            label, more["about"] = f"{statement.id}: {statement.title}", statement.statement
        return Control(path, label, "switch", bool(value), unit, **more)
    if unit == "choice":
        return Control(
            path, label, "choice", value, unit, choices=allowed(type_at(parts, loaded.tree)), **more
        )
    low, high, step = _range(parts, loaded.tree, float(value), unit)
    return Control(path, label, "number", float(value), unit, low, high, step, **more)


def _plain(parts: tuple[str, ...]) -> str:
    return " · ".join(part.replace("_", " ") for part in parts)


def _meaning(parts: tuple[str, ...], tree: Any) -> str:
    """What the schema says of a field, or of the nearest one above it."""
    for end in range(len(parts), 0, -1):
        owner = bare(type_at(parts[: end - 1], tree)) if end > 1 else Scenario
        if isinstance(owner, type) and issubclass(owner, BaseModel) and parts[end - 1] in owner.model_fields:
            return (owner.model_fields[parts[end - 1]].description or "").strip()
    return ""


def _within(annotation: Any) -> Within | None:
    extras = get_args(annotation)[1:] if get_origin(annotation) is not None else ()
    return next((extra for extra in extras if isinstance(extra, Within)), None)


def _range(parts: tuple[str, ...], tree: Any, value: float, unit: str) -> tuple[float, float, float]:
    """Ends and step of a slider: the schema's range, or as much of it as is of use around the value."""
    within = _within(type_at(parts, tree))
    low, high = (within.low, within.high) if within else (min(value, 0.0), max(value, 1.0))
    if high - low > 2 and unit != "change":
        reach = max(abs(value), 1.0)
        low, high = (
            max(low, -_round_up(3 * reach) if value < 0 or low < 0 else 0.0),
            min(high, _round_up(4 * reach)),
        )
    whole = bool(within and within.whole)
    step = 1.0 if whole else _round_up((high - low) / _MOST_STEPS)
    return low, high, step


def _round_up(number: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 and so on."""
    scale = 1.0
    while scale * 10 <= number:
        scale *= 10
    while scale > number:
        scale /= 10
    return next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= number * (1 - 1e-9))
