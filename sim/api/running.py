"""One run from a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.handle import ScenarioHandle, load
from sim.results.making import Driver, make_run
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    from sim.results.run import Run

__all__ = ["open_run", "run"]


def run(
    scenario: str | Path | ScenarioHandle | Scenario = "baseline",
    seed: int = 1,
    driver: Driver = "engine",
    until: str | None = None,
    agents: Mapping[str, type[Any]] | None = None,
    rule: Callable[..., int] | None = None,
) -> Run:
    """Run a scenario once.

    Parameters
    ----------
    scenario
        Name of a bundled scenario, path of a file, or what :func:`sim.load` gave.
    seed
        0 to 2**64 - 1. The same scenario and seed give the same history.
    driver
        ``engine``, compiled, or ``mesa``, agent by agent; their histories are equal.
    until
        Last month, ``YYYY-MM``, instead of the scenario's.
    agents
        Own classes of factions or patrons, by id or alias; with ``driver="mesa"``.
    rule
        Own decision rule, ``rule(faction, options, utilities, draw)``; with ``driver="mesa"``.

    Returns
    -------
    sim.results.run.Run
        Frames, explanations, figures.

    Raises
    ------
    BayahError
        If the scenario does not hold, or a word of the call.

    Examples
    --------
    >>> import sim
    >>> sim.run("baseline", seed=7, until="2013-06")
    <Run of baseline, seed 7, engine, 2013-01 to 2013-06>
    >>> _.factions.loc["2013-06"].loc["haqqani", "allegiance"]
    'taliban'
    """
    if isinstance(scenario, Scenario):
        return make_run(scenario, seed, driver, until, agents, rule)
    handle = scenario if isinstance(scenario, ScenarioHandle) else load(scenario)
    return make_run(handle.loaded, seed, driver, until, agents, rule)


def open_run(folder: str | Path) -> Run:
    """A run from the folder that ``run.save`` or ``bayah run`` wrote.

    Parameters
    ----------
    folder
        The folder.

    Raises
    ------
    StoreError
        If the folder is damaged, or is not one of ours. Tables are read, and checked, when first used.

    Examples
    --------
    >>> import sim, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     folder = sim.run("baseline", until="2013-02").save(place + "/two-months", figures=False)
    ...     again = sim.open_run(folder)
    ...     print(again.outcomes.loc["2013-02", "active_units"])
    34.0
    """
    from sim.results.run import open_run as read

    return read(folder)
