"""Scenarios made for one question, and readings of their records, shared by the tests of whole runs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.names import faction_names
from sim.engine.world import History, run_engine
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario
from sim.scenario.quantities import Quantity
from sim.scenario.schema import Scenario

__all__ = [
    "IDENTITIES", "compiled", "names_of", "numbers", "run", "shifted", "stock", "with_number",
    "without_events",
]  # fmt: skip

IDENTITIES = (s.I_PARENT, s.I_ROOT, s.I_TIES)
"""Columns of ``I`` that hold rows of factions."""


@cache
def compiled(name: str, *overrides: str) -> Compiled:
    """A bundled scenario with overrides, compiled once."""
    return compile_scenario(load_scenario(name, overrides))


def run(config: Compiled, seed: int) -> History:
    """One recorded run by the engine."""
    return run_engine(config.arrays, config.months, seed)


def names_of(config: Compiled, history: History, month: int = -1) -> tuple[str, ...]:
    """Ids of the factions in use at the end of a month, by row."""
    rows = int(history.arrays["C"][month, s.C_ROWS])
    return faction_names(config.factions, history.arrays["I"][month, :, s.I_PARENT], rows)


def numbers(scenario: Scenario, part: str, changes: dict[str, float]) -> Scenario:
    """The scenario with numbers of a part (``weights``, ``decision``) set."""
    whole = getattr(scenario, part)
    given = {name: Quantity(value=value) for name, value in changes.items()}
    return scenario.model_copy(update={part: whole.model_copy(update=given)})


def without_events(scenario: Scenario, kinds: Iterable[str]) -> Scenario:
    """The scenario without its events of some kinds."""
    gone = set(kinds)
    return scenario.model_copy(
        update={"events": {name: event for name, event in scenario.events.items() if event.kind not in gone}}
    )


def shifted(config: Compiled, event: str, months: int) -> Compiled:
    """The same scenario with an event that many months later (earlier, if negative), and those that name it."""
    from sim.scenario.dates import resolve_dates
    from sim.scenario.quantities import month_text

    scenario = config.scenario
    date = month_text(resolve_dates(scenario)[event] + months)
    moved: Any = scenario.events[event].model_copy(update={"date": date})
    return compile_scenario(scenario.model_copy(update={"events": {**scenario.events, event: moved}}))


def stock(history: History, array: str, *columns: int) -> np.ndarray:
    """Sum of columns of a record, shape (months, ...)."""
    whole: np.ndarray = history.arrays[array]
    total: np.ndarray = whole[..., list(columns)].sum(axis=-1)
    return total


def with_number(config: Compiled, path: str, value: float) -> dict[str, Any]:
    """The arrays of a scenario with the number of one lever set; a date counts in months from the start."""
    slot = config.levers[path]
    arrays = dict(config.arrays)
    for name in {name for name, _ in slot.places}:
        arrays[name] = config.arrays[name].copy()
    for name, index in slot.places:
        arrays[name][index] = slot.transform(value)
    return arrays
