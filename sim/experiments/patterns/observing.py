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
from sim.experiments.patterns.records import Records, side_table
from sim.outcomes import M_WIDTH, MONTHLY, O_STATUS, O_WIDTH, SUMMARY
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
        months, columns = compiled.months, list(self._columns.values())
        held = np.zeros((count, months, units), dtype=np.uint8)
        monthly = np.empty((len(columns), count, months))
        finite = np.ones(count, dtype=bool)
        keys = seed_keys(seeds)
        outcomes = np.zeros((1, months if columns else 0, M_WIDTH))
        summary = np.zeros((count, O_WIDTH))
        state = self._room.state
        lines = np.full((count, len(state["I"]), len(_KEPT)), -1, dtype=np.int64)
        most = units
        # Between runs the interpreter is held, and other threads wait: there is only copying here.
        for n in range(count):
            one = slice(n, n + 1)
            self._room.run(months, keys[one], outcomes, summary[one], held[one])
            rows = int(state["C"][s.C_ROWS])
            lines[n, :rows] = state["I"][:rows, _KEPT]
            most = max(most, rows)
            if columns:
                finite[n] = np.isfinite(outcomes).all()
                monthly[:, n] = outcomes[0].T[columns]
        support, oath, accepted, theatre = _dates(lines[:, :most], units)
        records = Records(
            compiled.start, compiled.factions, self._sides.take(held), support, oath, accepted, theatre,
            dict(zip(self._columns, monthly, strict=True)), compiled.regions, self.traits,
            summary={column.name: summary[:, n] for n, column in enumerate(SUMMARY)},
        )  # fmt: skip
        return records, finite & (summary[:, O_STATUS] == s.STATUS_GOOD)


_KEPT = [s.I_PARENT, s.I_FIRST_SUPPORT, s.I_FIRST_OATH, s.I_FIRST_ACCEPT, s.I_THEATRE]


def _dates(lines: NDArray[np.int64], units: int) -> list[NDArray[np.int16]]:
    """First support, oath and acceptance of each line, and the last theatre of each unit, each (runs, units).

    Parameters
    ----------
    lines
        Columns ``_KEPT`` of all rows of runs, shape (runs, rows, columns); -1 in rows that are not there.
    """
    runs, rows = lines.shape[:2]
    unit = np.broadcast_to(np.arange(rows), (runs, rows)).copy()
    every = np.arange(runs)
    for row in range(units, rows):
        # Parents stand before their splinters.
        parent = lines[:, row, 0]
        unit[:, row] = np.where(parent >= 0, unit[every, np.maximum(parent, 0)], 0)
    found = []
    for column in (1, 2, 3):
        date = np.where(lines[:, :, column] >= 0, lines[:, :, column], _NEVER)
        first = date[:, :units].copy()
        later = np.nonzero(date[:, units:] < _NEVER)
        np.minimum.at(first, (later[0], unit[:, units:][later]), date[:, units:][later])
        found.append(np.where(first < _NEVER, first, -1).astype(np.int16))
    return [*found, lines[:, :units, 4].astype(np.int16)]
