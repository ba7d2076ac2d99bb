"""Which militant factions swear allegiance to which patron: a simulation for what-if questions.

In a notebook, ``import sim`` and look around first::

    sim.scenarios()                          # what there is to run
    sim.levers("baseline", search="omar")    # what can be changed
    sim.outcomes()                           # what is measured
    sim.what_ifs()                           # what-ifs that come with it, and where each is read
    sim.designs()                            # designs of many runs that come with it
    sim.describe("b_embed")                  # what a name means, with unit and source

    run = sim.run("baseline", seed=1)        # one history
    run.table()                              # who stood where
    run.explain("imu", "2015-07")
    run.plot.timeline()

    what_if = sim.load("baseline").without("zarb_e_azb")
    sim.run(what_if).save("results/no-operation")

    many = sim.ensemble("baseline", runs=1000)      # many histories
    many.bands("focus_fighters")
    many.replay(7).explain("imu")                   # any of them, whole

    results = sim.sweep("omar-by-successor")        # a design: what is varied, how, how often
    results.summary

    told = sim.compare("baseline", "omar-hidden-until-2018")    # what if, pair by pair
    print(told)
    told.explain("imu")

    found = sim.sensitivity("sensitivity")          # which numbers matter: Morris, Sobol
    print(found)

    likely = sim.ensemble("baseline", runs=1000, parameters="posterior")    # weights inferred from the record
    likely.bands("focus_fighters", point=None)
    sim.validate(quick=True).table("scores")        # how far the record bears it out

Nothing is imported before it is used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api.comparing import compare, open_comparison
    from sim.api.describing import describe
    from sim.api.discovery import designs, levers, outcomes, scenarios
    from sim.api.handle import load
    from sim.api.inferring import calibrate, open_findings, posterior, validate
    from sim.api.library import what_ifs
    from sim.api.record import read_ucdp
    from sim.api.running import open_run, run
    from sim.api.sensing import open_sensitivity, sensitivity
    from sim.api.sweeping import ensemble, open_results, sweep

__all__ = [
    "calibrate", "compare", "describe", "designs", "ensemble", "levers", "load", "open_comparison", "open_findings",
    "open_results", "open_run", "open_sensitivity", "outcomes", "posterior", "read_ucdp", "run", "scenarios",
    "sensitivity", "sweep", "validate", "what_ifs",
]  # fmt: skip

_WHERE = {
    "calibrate": "inferring",
    "compare": "comparing",
    "describe": "describing",
    "designs": "discovery",
    "ensemble": "sweeping",
    "levers": "discovery",
    "load": "handle",
    "open_comparison": "comparing",
    "open_findings": "inferring",
    "open_results": "sweeping",
    "open_run": "running",
    "open_sensitivity": "sensing",
    "outcomes": "discovery",
    "posterior": "inferring",
    "read_ucdp": "record",
    "run": "running",
    "scenarios": "discovery",
    "sensitivity": "sensing",
    "sweep": "sweeping",
    "validate": "inferring",
    "what_ifs": "library",
}


class _Package(ModuleType):
    """The package, with one name that is both a function of the API and a module below it.

    ``sim.outcomes()`` lists outcomes, :mod:`sim.outcomes` computes them. Importing the module would put it in
    the function's place: the function stays, and ``from sim.outcomes import MONTHLY`` finds the module.
    """

    @property
    def outcomes(self) -> Any:
        """The function of the API."""
        return import_module("sim.api.discovery").outcomes

    @outcomes.setter
    def outcomes(self, module: ModuleType) -> None:
        """Importing the module sets it here; the function stays."""


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module 'sim' has no attribute '{name}'")
    return getattr(import_module(f"sim.api.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
