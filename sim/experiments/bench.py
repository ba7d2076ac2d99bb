"""Where the runs of a sweep are made: scenarios compiled once a structure, values written in place, blocks of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.batch import Room, seed_keys
from sim.errors import BayahError, RunError
from sim.experiments.plan import Plan
from sim.outcomes import M_WIDTH, O_STATUS, O_WIDTH
from sim.results.making import months_until
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.levers import Levers
from sim.scenario.load import Loaded, load_text, with_overrides
from sim.state import ByteArray, FloatArray

__all__ = ["AT_A_TIME", "Bench", "Block", "Rule", "loaded_scenarios"]

Rule = Callable[..., int]
AT_A_TIME = 64
"""Runs a call into compiled code: a stop is heeded between calls."""
_MOST_STRUCTURES = 16


@dataclass(frozen=True)
class Block:
    """Some runs of one point, done."""

    point: int
    runs: range
    start: int
    """Month index of the first month."""
    summary: FloatArray
    """(runs, O_WIDTH)."""
    outcomes: FloatArray
    """(runs, months, M_WIDTH), or no months. Overwritten by the next block."""
    allegiances: ByteArray
    """(runs, months, factions), or no months. Overwritten by the next block."""
    compiled: Compiled
    reasons: Mapping[int, str]
    """Why runs failed, by run."""


def loaded_scenarios(plan: Plan) -> tuple[Loaded, ...]:
    """The scenarios of a plan, read from their text."""
    return tuple(load_text(scenario.text, name=scenario.name) for scenario in plan.scenarios)


class _Site:
    """One structure of a scenario, ready to run any point that has it."""

    def __init__(self, loaded: Loaded, values: Mapping[str, Any], until: str | None) -> None:
        scenario = with_overrides(loaded, values).scenario if values else loaded.scenario
        self.compiled = compile_scenario(scenario)
        if until is not None:
            self.compiled = replace(self.compiled, months=months_until(scenario, until))
        self.room = Room(self.compiled.arrays, own=True)
        self.levers = Levers(self.compiled, [path for path in values if path in self.compiled.levers])
        self.structural = tuple(path for path in values if path not in self.compiled.levers)
        self.model: Any = None

    def set(self, values: Mapping[str, Any]) -> None:
        """Write the values of a point."""
        if self.levers.paths:
            self.levers.write(self.room.start, [values[path] for path in self.levers.paths])


class Bench:
    """Makes the runs of a plan, one thread at a time.

    Parameters
    ----------
    plan
        What to run.
    scenarios
        Its scenarios; read from the plan where not given.
    rule
        A decision rule of one's own, for the Mesa driver.
    """

    def __init__(
        self, plan: Plan, scenarios: tuple[Loaded, ...] | None = None, rule: Rule | None = None
    ) -> None:
        self.plan = plan
        self.rule = rule
        self.scenarios = loaded_scenarios(plan) if scenarios is None else scenarios
        self._sites: dict[tuple[Any, ...], _Site] = {}
        self._structural: dict[int, tuple[str, ...]] = {}
        self._outcomes = np.empty((0, 0, M_WIDTH))
        self._allegiances = np.empty((0, 0, 0), dtype=np.uint8)

    def site(self, point: int) -> _Site:
        """The place for the runs of a point, with its values set.

        Raises
        ------
        BayahError
            If the scenario does not hold with them.
        """
        scenario, values = int(self.plan.scenario_of[point]), self.plan.values(point)
        paths = self._structural.get(scenario)
        key = (scenario, *(values[path] for path in paths)) if paths is not None else None
        site = self._sites.get(key) if key is not None else None
        if site is None:
            site = _Site(self.scenarios[scenario], values, self.plan.until)
            self._structural[scenario] = site.structural
            while len(self._sites) >= _MOST_STRUCTURES:
                self._sites.pop(next(iter(self._sites)))
            self._sites[scenario, *(values[path] for path in site.structural)] = site
        site.set(values)
        return site

    def blocks(self, runs: range) -> Iterator[Block]:
        """Make runs, a block at a time."""
        first, each = runs.start, self.plan.replicates
        while first < runs.stop:
            point = first // each
            last = min(runs.stop, (point + 1) * each)
            yield from self._point(point, range(first, last))
            first = last

    def _point(self, point: int, runs: range) -> Iterator[Block]:
        site: _Site | None = None
        reason = ""
        try:
            site = self.site(point)
        except BayahError as error:
            reason = "; ".join(str(problem) for problem in error.problems)
        for first in range(runs.start, runs.stop, AT_A_TIME):
            block = range(first, min(first + AT_A_TIME, runs.stop))
            if site is None:
                yield self._hopeless(point, block, reason)
            elif self.plan.driver == "engine":
                yield self._engine(site, point, block)
            else:
                yield self._mesa(site, point, block)

    def _hopeless(self, point: int, runs: range, reason: str) -> Block:
        compiled = compile_scenario(self.scenarios[int(self.plan.scenario_of[point])].scenario)
        reasons = dict.fromkeys(runs, reason)
        empty, none = np.zeros((len(runs), O_WIDTH)), np.empty((len(runs), 0, 0), dtype=np.uint8)
        return Block(
            point, runs, compiled.start, empty, np.empty((len(runs), 0, M_WIDTH)), none, compiled, reasons
        )

    def _space(self, compiled: Compiled, count: int) -> tuple[FloatArray, ByteArray]:
        """Room for what is kept by month, used again for every block."""
        keep, months = self.plan.keep, compiled.months
        monthly = (AT_A_TIME, months if keep.trajectories != "none" else 0, M_WIDTH)
        bytes_ = (AT_A_TIME, months, len(compiled.factions)) if keep.allegiances else (AT_A_TIME, 0, 0)
        if self._outcomes.shape != monthly:
            self._outcomes = np.zeros(monthly)
        if self._allegiances.shape != bytes_:
            self._allegiances = np.zeros(bytes_, dtype=np.uint8)
        return self._outcomes[:count], self._allegiances[:count]

    def _engine(self, site: _Site, point: int, runs: range) -> Block:
        compiled = site.compiled
        summary = np.zeros((len(runs), O_WIDTH))
        outcomes, allegiances = self._space(compiled, len(runs))
        keys = seed_keys([self.plan.seed_of(run) for run in runs])
        site.room.run(compiled.months, keys, outcomes, summary, allegiances)
        return self._done(point, runs, summary, outcomes, allegiances, compiled, {})

    def _mesa(self, site: _Site, point: int, runs: range) -> Block:
        from sim.agents.model import AllegianceModel
        from sim.engine.month import keep_allegiances

        compiled = replace(site.compiled, arrays=site.room.start)
        summary = np.zeros((len(runs), O_WIDTH))
        outcomes, allegiances = self._space(compiled, len(runs))
        reasons: dict[int, str] = {}
        for n, run in enumerate(runs):
            model = AllegianceModel(compiled, seed=self.plan.seed_of(run), rule=self.rule, record=False)
            try:
                while model.running:
                    model.step()
                    month = model.months_done - 1
                    if outcomes.shape[1]:
                        outcomes[n, month] = model.measured
                    if allegiances.shape[1]:
                        keep_allegiances(model.world.I, model.world.C, allegiances[n], month)
                    if model.months_done >= compiled.months:
                        break
                summary[n] = model.history.summary
            except RunError as error:
                reasons[run] = str(error)
            except Exception as error:
                # A rule of the user's own may raise anything; the sweep goes on.
                reasons[run] = f"{type(error).__name__}: {error}"
        return self._done(point, runs, summary, outcomes, allegiances, compiled, reasons)

    def _done(
        self,
        point: int,
        runs: range,
        summary: FloatArray,
        outcomes: FloatArray,
        allegiances: ByteArray,
        compiled: Compiled,
        reasons: dict[int, str],
    ) -> Block:
        for n in np.flatnonzero(summary[:, O_STATUS] != s.STATUS_GOOD):
            reasons.setdefault(runs[int(n)], s.STATUSES[int(summary[n, O_STATUS])])
        finite = np.isfinite(summary).all(axis=1)
        if outcomes.shape[1]:
            finite &= np.isfinite(outcomes).all(axis=(1, 2))
        for n in np.flatnonzero(~finite):
            reasons.setdefault(runs[int(n)], "an outcome is not a finite number")
        return Block(point, runs, compiled.start, summary, outcomes, allegiances, compiled, reasons)
