"""A state to try single rules on: the baseline's first month, one copy a test."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sim import state as s
from sim.engine.world import World
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

__all__ = ["baseline", "parameters", "shares", "state", "stocks"]

shares = st.floats(0.0, 1.0)
stocks = st.integers(0, 2**32).map(lambda grains: grains / 2**20)
"""Men on the grain of 2**-20, up to 4,096."""


@cache
def baseline() -> Compiled:
    return compile_scenario(load_scenario("baseline"))


def state(month: int = 0, seed: int = 1) -> World:
    """The arrays of a run before its first month, at a month of the calendar."""
    world = World(baseline().arrays, seed)
    world.A, world.E = world.A.copy(), world.E.copy()
    world.C[s.C_MONTH] = month
    return world


def parameters(**changes: float) -> np.ndarray:
    """The parameters of the baseline with some set, by the name of their column."""
    vector: np.ndarray = baseline().arrays["A"].copy()
    for name, value in changes.items():
        vector[getattr(s, f"A_{name.upper()}")] = value
    return vector


def row(name: str) -> int:
    """Row of a faction of the baseline."""
    return baseline().factions.index(name)


def column(world: Any, array: str, *index: int) -> float:
    """A number of the state."""
    return float(getattr(world, array)[index])
