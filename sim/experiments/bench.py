"""Where the runs of a sweep are made: scenarios compiled once a structure, values written in place, blocks of runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.batch import Room, seed_keys
from sim.errors import BayahError, RunError
from sim.experiments.plan import Plan, loaded_scenarios
from sim.outcomes import M_WIDTH, O_STATUS, O_WIDTH
from sim.results.making import months_until
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.levers import Levers
from sim.scenario.load import Loaded, with_overrides
from sim.state import ByteArray, FloatArray

__all__ = ["AT_A_TIME", "Bench", "Block", "Rule"]

Rule = Callable[..., int]
AT_A_TIME = 64
"""Runs a call into compiled code: a stop is heeded between calls."""
_MOST_STRUCTURES = 16


@dataclass(frozen=True)
class Block:
    """Some runs, done; those of one structure, so that they are equally long."""

    runs: range
    compiled: Compiled
    summary: FloatArray
    """(runs, O_WIDTH)."""
    outcomes: FloatArray
    """(runs, months, M_WIDTH), or no months. Overwritten by the next block."""
    allegiances: ByteArray
    """(runs, months, factions), or no months. Overwritten by the next block."""
    reasons: dict[int, str]
    """Why runs failed, by run."""


class _Site:
    """One structure of a scenario, ready to run any point that has it."""

    def __init__(self, loaded: Loaded, values: Mapping[str, Any], until: str | None) -> None:
        scenario = with_overrides(loaded, values).scenario if values else loaded.scenario
        self.compiled = compile_scenario(scenario)
        if until is not None:
            self.compiled = replace(self.compiled, months=months_until(scenario, until))
        self.room = Room(self.compiled.arrays, own=True, stages=self.compiled.stages)
        self.levers = Levers(self.compiled, [path for path in values if path in self.compiled.levers])
        self.later = [
            Levers(stage.compiled, [path for path in self.levers.paths if not stage.sets(path)])
            for stage in self.compiled.stages
        ]
        self.structural = tuple(path for path in values if path not in self.compiled.levers)

    def set(self, values: Mapping[str, Any]) -> None:
        """Write the values of a point."""
        if self.levers.paths:
            self.levers.write(self.room.start, [values[path] for path in self.levers.paths])
        for levers, arrays in zip(self.later, self.room.later, strict=True):
            if levers.paths:
                levers.write(arrays, [values[path] for path in levers.paths])

    def written(self) -> Compiled:
        """The scenario compiled, with the values of the point."""
        stages = tuple(
            replace(stage, compiled=replace(stage.compiled, arrays=arrays))
            for stage, arrays in zip(self.compiled.stages, self.room.later, strict=True)
        )
        return replace(self.compiled, arrays=self.room.start, stages=stages)


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
        block: Block | None = None
        done = 0
        for point, some in self._segments(runs):
            site, reason = self._site_or_reason(point)
            compiled = site.compiled if site is not None else self._stand_in(point)
            if block is None or block.compiled is not compiled or done + len(some) > AT_A_TIME:
                if block is not None:
                    yield self._done(block, done)
                block, done = self._open(compiled, some.start), 0
            place = slice(done, done + len(some))
            if site is None:
                block.reasons.update(dict.fromkeys(some, reason))
            elif self.plan.driver == "engine":
                self._engine(site, some, block, place)
            else:
                self._mesa(site, some, block, place)
            done += len(some)
        if block is not None:
            yield self._done(block, done)

    def _segments(self, runs: range) -> Iterator[tuple[int, range]]:
        """Runs of one point, at most so many as are made at a time."""
        first, each = runs.start, self.plan.replicates
        while first < runs.stop:
            point = first // each
            last = min(runs.stop, (point + 1) * each, first + AT_A_TIME)
            yield point, range(first, last)
            first = last

    def _site_or_reason(self, point: int) -> tuple[_Site | None, str]:
        try:
            return self.site(point), ""
        except BayahError as error:
            return None, "; ".join(str(problem) for problem in error.problems)

    def _stand_in(self, point: int) -> Compiled:
        """The scenario without the values of a point, where it does not hold with them."""
        scenario = int(self.plan.scenario_of[point])
        key = (scenario, "as it is")
        if key not in self._sites:
            self._sites[key] = _Site(self.scenarios[scenario], {}, self.plan.until)
        return self._sites[key].compiled

    def _open(self, compiled: Compiled, first: int) -> Block:
        """A block with room for its runs; what is kept by month is used again for every block."""
        keep, months = self.plan.keep, compiled.months
        monthly = (AT_A_TIME, months if keep.trajectories != "none" else 0, M_WIDTH)
        bytes_ = (AT_A_TIME, months, len(compiled.factions)) if keep.allegiances else (AT_A_TIME, 0, 0)
        if self._outcomes.shape != monthly:
            self._outcomes = np.zeros(monthly)
        if self._allegiances.shape != bytes_:
            self._allegiances = np.zeros(bytes_, dtype=np.uint8)
        summary = np.zeros((AT_A_TIME, O_WIDTH))
        runs = range(first, first + AT_A_TIME)
        return Block(runs, compiled, summary, self._outcomes, self._allegiances, {})

    def _engine(self, site: _Site, runs: range, block: Block, place: slice) -> None:
        keys = seed_keys([self.plan.seed_of(run) for run in runs])
        months = site.compiled.months
        site.room.run(months, keys, block.outcomes[place], block.summary[place], block.allegiances[place])

    def _mesa(self, site: _Site, runs: range, block: Block, place: slice) -> None:
        compiled = site.written()
        for n, run in enumerate(runs, start=place.start):
            try:
                self._model(compiled, self.plan.seed_of(run), n, block)
            except RunError as error:
                block.reasons[run] = str(error)
            except Exception as error:
                # A rule of the user's own may raise anything; the sweep goes on.
                block.reasons[run] = f"{type(error).__name__}: {error}"

    def _model(self, compiled: Compiled, seed: int, n: int, block: Block) -> None:
        from sim.agents.model import AllegianceModel
        from sim.engine.month import keep_allegiances

        model = AllegianceModel(compiled, seed=seed, rule=self.rule, record=False)
        for month in range(compiled.months):
            model.step()
            if block.outcomes.shape[1]:
                block.outcomes[n, month] = model.measured
            if block.allegiances.shape[1]:
                keep_allegiances(model.world.I, model.world.C, block.allegiances[n], month)
        block.summary[n] = model.history.summary

    def _done(self, block: Block, count: int) -> Block:
        """The block with as many runs as were made, and why some of them failed."""
        runs, reasons = block.runs[:count], block.reasons
        summary, outcomes = block.summary[:count], block.outcomes[:count]
        good = (summary[:, O_STATUS] == s.STATUS_GOOD) & np.isfinite(summary).all(axis=1)
        if outcomes.shape[1]:
            good &= np.isfinite(outcomes).all(axis=(1, 2))
        for n in np.flatnonzero(~good):
            status = int(summary[n, O_STATUS])
            reason = s.STATUSES[status] if status else "an outcome is not a finite number"
            reasons.setdefault(runs[int(n)], reason)
        return Block(runs, block.compiled, summary, outcomes, block.allegiances[:count], reasons)
