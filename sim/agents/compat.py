"""The differences between Mesa 3.3 and later that the driver meets."""

from __future__ import annotations

from typing import Any

import mesa

__all__ = ["enlist", "strike_off"]


def enlist(model: mesa.Model, agent: mesa.Agent, number: int) -> None:
    """Have an agent in ``model.agents`` under a number of our own.

    Mesa's own counter is, in 3.3, one per process that knows models by identity: a copied or unpickled model
    would begin again at 1. That counter also keeps every model alive, so the model is taken out of it.
    """
    if agent not in model.agents:
        model.register_agent(agent)
    agent.unique_id = number
    counters: dict[Any, Any] = getattr(mesa.Agent, "_ids", {})
    counters.pop(model, None)


def strike_off(model: mesa.Model, agent: mesa.Agent) -> None:
    """Take an agent out of ``model.agents``; the object and its row remain."""
    if agent in model.agents:
        agent.remove()
