"""Runs made to be held against a record: values written in place, records taken as each run ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.engine.batch import Room, seed_keys
from sim.errors import Problem, UsageError
from sim.experiments.patterns.records import GONE, Records, side_table
from sim.outcomes import M_WIDTH, MONTHLY, O_STATUS, O_WIDTH
from sim.results.making import months_until
from sim.results.manifest import focus_of
from sim.scenario.compile import compile_scenario
from sim.scenario.levers import Levers
from sim.scenario.load import Loaded
from sim.scenario.wording import nearest

__all__ = ["Witness"]

_NEVER = np.iinfo(np.int16).max


class Witness:
    """One thread's place to make runs of a scenario and to take what sources would know of them.

    Parameters
    ----------
    loaded
        The scenario.
    paths
        Dotted paths of the numbers that points set.
    until
        Last month that is run.
    monthly
        Names of the monthly outcomes that records hold.
    traits
        Coded traits of the units, by name and then by unit; units without them get none.

    Raises
    ------
    UsageError
        If a path is no number of the scenario.
    """

    def __init__(
        self,
        loaded: Loaded,
        paths: Sequence[str] = (),
        until: str | None = None,
        monthly: Sequence[str] = (),
        traits: Mapping[str, NDArray[Any]] | None = None,
    ) -> None:
        compiled = compile_scenario(loaded.scenario)
        if until is not None:
            compiled = replace(compiled, months=months_until(loaded.scenario, until))
        unknown = [path for path in paths if path not in compiled.levers]
        if unknown:
            raise UsageError(
                [Problem(f"no number of '{loaded.name}'{nearest(p, compiled.levers)}", p) for p in unknown]
            )
        self.compiled = compiled
        self.paths = tuple(paths)
        self.traits = traits
        self._room = Room(compiled.arrays, own=True, stages=compiled.stages)
        self._levers = Levers(compiled, self.paths)
        self._later = [
            Levers(stage.compiled, [path for path in self.paths if not stage.sets(path)])
            for stage in compiled.stages
        ]
        names = [column.name for column in MONTHLY]
        self._columns = {name: names.index(name) for name in monthly}
        focus = compiled.patrons.index(focus_of(compiled.scenario))
        incumbents = [
            n for n, name in enumerate(compiled.patrons) if compiled.scenario.patrons[name].incumbent
        ]
        self._sides = side_table(len(compiled.patrons), focus, incumbents[0] if incumbents else 0)

    def write(self, values: Mapping[str, float]) -> None:
        """Set the numbers of a point; those of :attr:`paths`, all of them."""
        if self._levers.paths:
            self._levers.write(self._room.start, [values[path] for path in self._levers.paths])
        for levers, arrays in zip(self._later, self._room.later, strict=True):
            if levers.paths:
                levers.write(arrays, [values[path] for path in levers.paths])

    def runs(self, seeds: Sequence[int]) -> tuple[Records, NDArray[np.bool_]]:
        """Make runs of the point that was written.

        Parameters
        ----------
        seeds
            Run seeds.

        Returns
        -------
        records
            One run for each seed.
        good
            Which of them ended in a state that the model allows, shape (runs,).
        """
        compiled, count, units = self.compiled, len(seeds), len(self.compiled.factions)
        months = compiled.months
        sides = np.full((count, months, units), GONE, dtype=np.int8)
        dates = np.full((4, count, units), -1, dtype=np.int16)
        monthly = {name: np.empty((count, months)) for name in self._columns}
        good = np.ones(count, dtype=bool)
        keys = seed_keys(seeds)
        outcomes = np.zeros((1, months if monthly else 0, M_WIDTH))
        summary = np.zeros((1, O_WIDTH))
        held = np.zeros((1, months, units), dtype=np.uint8)
        for n in range(count):
            self._room.run(months, keys[n : n + 1], outcomes, summary, held)
            good[n] = summary[0, O_STATUS] == s.STATUS_GOOD and bool(np.isfinite(outcomes).all())
            sides[n] = self._sides[held[0]]
            for name, column in self._columns.items():
                monthly[name][n] = outcomes[0, :, column]
            self._take(dates[:, n])
        records = Records(
            compiled.start, compiled.factions, sides, dates[0], dates[1], dates[2], dates[3], monthly,
            compiled.regions, self.traits,
        )  # fmt: skip
        return records, good

    def _take(self, dates: NDArray[np.int16]) -> None:
        """First dates of each line, and the last theatre of each unit, into (4, units)."""
        state = self._room.state
        rows, units = int(state["C"][s.C_ROWS]), dates.shape[1]
        table = state["I"][:rows]
        unit = list(range(rows))
        # Parents stand before their splinters.
        for row, parent in enumerate(table[units:, s.I_PARENT].tolist(), start=units):
            unit[row] = unit[parent]
        of = np.array(unit)
        for place, column in enumerate((s.I_FIRST_SUPPORT, s.I_FIRST_OATH, s.I_FIRST_ACCEPT)):
            first = np.full(units, _NEVER, dtype=np.int64)
            known = table[:, column] >= 0
            np.minimum.at(first, of[known], table[known, column])
            dates[place] = np.where(first < _NEVER, first, -1)
        dates[3] = table[:units, s.I_THEATRE]
