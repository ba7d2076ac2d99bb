"""What Mesa's data collector keeps of a run.

All reporters are functions of a module, so that a model can be pickled. None draws a number or changes
anything: Mesa calls each twice at the first collection.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import mesa

from sim import state as s
from sim.agents.faction import Faction
from sim.outcomes import MONTHLY

if TYPE_CHECKING:
    from sim.agents.model import AllegianceModel

__all__ = ["collector"]


def month_of(model: AllegianceModel) -> str:
    """The month, ``2013-01``."""
    return str(model.date)


def outcome_of(model: AllegianceModel, column: int) -> float:
    """A monthly outcome by its column."""
    return float(model.measured[column])


def name_of(agent: Any) -> str:
    """Id of a faction or patron."""
    return str(agent.name)


def fighters_of(agent: Any) -> float:
    """Men of a faction; of a patron its core, so that nobody is counted twice."""
    world = agent.model.world
    if isinstance(agent, Faction):
        return float(world.F[agent.row, s.F_FIGHTERS])
    return float(world.P[agent.row, s.P_CORE])


def allegiance_of(agent: Any) -> str:
    """Option that a faction holds; a patron stands with itself."""
    if isinstance(agent, Faction):
        return str(agent.model.config.options[agent.model.world.I[agent.row, s.I_ALLEGIANCE]])
    return str(agent.name)


def oath_of(agent: Any) -> str:
    """State of a faction's oath; none for a patron."""
    if isinstance(agent, Faction):
        return s.OATHS[agent.model.world.I[agent.row, s.I_OATH]]
    return s.OATHS[s.OATH_NONE]


def collector() -> mesa.DataCollector:
    """A data collector of all monthly outcomes, and of name, men, allegiance and oath of every agent."""
    outcomes = {column.name: partial(outcome_of, column=j) for j, column in enumerate(MONTHLY)}
    return mesa.DataCollector(
        model_reporters={"month": month_of, **outcomes},
        agent_reporters={
            "name": name_of, "fighters": fighters_of, "allegiance": allegiance_of, "oath": oath_of,
        },
    )  # fmt: skip
