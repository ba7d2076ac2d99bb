"""Tables of state variables and outcomes, from their columns."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from sim import measures, state

from .cells import code, table

__all__ = ["STATE_TABLES", "data", "outcome_table", "state_table"]

STATE_TABLES: dict[str, tuple[state.Column, ...]] = {
    "FACTION": state.FACTION,
    "FACTION_CODES": state.FACTION_CODES,
    "FACTION_PATRON": state.FACTION_PATRON,
    "PATRON": state.PATRON,
    "PATRON_PATRON": state.PATRON_PATRON,
    "REGION": state.REGION,
    "REGION_PATRON": state.REGION_PATRON,
    "CONTROL": state.CONTROL,
}
"""State variables by the name of their table."""


@cache
def data(name: str) -> Any:
    """A file of what only the description knows."""
    import yaml

    text = files("sim.odd").joinpath("data", f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def state_table(name: str) -> str:
    """The state variables of a table, with range, start and the phases that change them."""
    told: Mapping[str, list[str]] = data("columns")[name]
    rows = [(code(c.name), c.unit, *told[c.name], c.meaning) for c in STATE_TABLES[name]]
    return table(("variable", "unit", "range", "at the start", "changed in", "meaning"), rows)


def outcome_table(name: str) -> str:
    """Outcomes by month (``MONTHLY``) or of a run (``SUMMARY``)."""
    columns: tuple[state.Column, ...] = getattr(measures, name)
    return table(("outcome", "unit", "meaning"), ((code(c.name), c.unit, c.meaning) for c in columns))
