"""A part of the baseline that is small enough to run as plain Python, shared by tests that compare drivers."""

from __future__ import annotations

from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

__all__ = ["eight_factions"]


def eight_factions() -> Compiled:
    """Eight factions of the baseline in the year in which the first oaths are offered."""
    whole = load_scenario("baseline", ["weights.wake_base=0.2", "weights.split_hazard=0.03"])
    names = list(whole.factions)[:8]
    lone = {"parent": None, "lineage": None, "active_from": None}
    factions = {
        name: faction.model_copy(update={key: None for key in lone if getattr(faction, key) not in names})
        for name, faction in whole.factions.items()
        if name in names
    }
    named = {
        name: {getattr(event, "faction", None), *getattr(event, "factions", ())} - {None}
        for name, event in whole.events.items()
    }
    small = whole.model_copy(
        update={
            "period": whole.period.model_copy(update={"start": "2014-06", "end": "2015-05"}),
            "factions": factions,
            "ties": tuple(tie for tie in whole.ties if {tie.a, tie.b} <= set(names)),
            "events": {name: event for name, event in whole.events.items() if named[name] <= set(names)},
        }
    )
    return compile_scenario(small, spare_rows=12)
