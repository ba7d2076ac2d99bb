"""One arm of a comparison in one thread: its runs with their decisions, from the start or from the base's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.engine.batch import Room
from sim.experiments.compare.arms import Arm
from sim.experiments.compare.tally import whole
from sim.outcomes import M_WIDTH, O_STATUS, O_WIDTH
from sim.scenario.levers import Levers
from sim.state import IntArray

__all__ = ["Runner", "not_set_by"]

_DECISIONS = 4096
"""Room for the decisions of a run at first."""


def not_set_by(arm: Arm, base: Arm, paths: Sequence[str]) -> list[str]:
    """Those of some paths at which an arm says what the base says.

    What an alternative sets itself is its lever, whatever is known of the number it replaces.
    """
    known, own = base.compiled.levers, arm.compiled.levers
    return [path for path in paths if own[path].value == known[path].value]


@dataclass(eq=False)
class Runner:
    """An arm in one thread: its room, its results for a block, and what holds in each month."""

    arm: Arm
    room: Room
    levers: list[tuple[Levers, dict[str, Any]]]
    outcomes: NDArray[np.float64]
    bytes: NDArray[np.uint8]
    summary: NDArray[np.float64]
    decisions: tuple[Any, Any, Any]
    asked: tuple[Any, Any, Any]
    count: int = 0

    @classmethod
    def of(cls, arm: Arm, base: Arm, varied: Sequence[str], at_a_time: int) -> Runner:
        compiled, paths = arm.compiled, not_set_by(arm, base, varied)
        room = Room(compiled.arrays, own=True, stages=compiled.stages)
        levers = [(Levers(compiled, paths), room.start)]
        for stage, arrays in zip(compiled.stages, room.later, strict=True):
            levers.append((Levers(stage.compiled, [path for path in paths if not stage.sets(path)]), arrays))
        months, rows = compiled.months, len(compiled.factions)
        return cls(
            arm, room, levers, np.zeros((at_a_time, months, M_WIDTH)), np.zeros((at_a_time, months, rows), np.uint8),
            np.zeros((at_a_time, O_WIDTH)), room.room_for(_DECISIONS), room.room_for(_DECISIONS),
        )  # fmt: skip

    def set(self, values: Mapping[str, Any]) -> None:
        for levers, arrays in self.levers:
            if levers.paths:
                levers.write(arrays, [values[path] for path in levers.paths])

    def run(self, n: int, key: Any, pauses: Sequence[int]) -> None:
        """A run of the base, which keeps its state at the pauses."""
        one, months = slice(n, n + 1), self.arm.compiled.months
        self.decisions, self.count = self.room.trace(
            months, key, self.outcomes[one], self.summary[one], self.bytes[one], self.decisions, pauses=pauses
        )

    def follow(self, n: int, key: Any, base: Runner, fork: int, probes: IntArray | None) -> None:
        """The other run of a pair; where the levers do not differ before a month, it goes on from the base's state."""
        one, months = slice(n, n + 1), self.arm.compiled.months
        start = base.room.snapshots.get(fork)
        if start is not None:
            self.outcomes[n, :fork] = base.outcomes[n, :fork]
            self.bytes[n, :fork] = base.bytes[n, :fork]
        self.decisions, self.count = self.room.trace(
            months,
            key,
            self.outcomes[one],
            self.summary[one],
            self.bytes[one],
            self.decisions,
            probes,
            start=start,
        )

    def ask(self, key: Any, probes: IntArray) -> tuple[Any, Any, Any, int]:
        """Run again, as far as need be, and ask sleeping factions what they would choose: decisions and their count."""
        months = int(probes[-1, 0]) + 1
        none = np.empty((1, 0, M_WIDTH)), np.zeros((1, O_WIDTH)), np.empty((1, 0, 0), np.uint8)
        self.asked, count = self.room.trace(months, key, *none, self.asked, probes)
        return (*self.asked, count)

    def awake(self) -> IntArray:
        """Months and rows of the decisions of the last run, in order."""
        return np.ascontiguousarray(self.decisions[0][: self.count, :2])

    def parameters(self) -> NDArray[np.float64]:
        """Parameters by month of the run; one row where they hold throughout."""
        stages = [stage for stage in self.room.stages if stage.month < self.arm.compiled.months]
        if not stages:
            return np.ascontiguousarray(self.room.start["A"][None])
        rows = np.repeat(self.room.start["A"][None], self.arm.compiled.months, axis=0)
        for stage, arrays in zip(stages, self.room.later, strict=False):
            rows[stage.month :] = arrays["A"]
        return rows

    def reason(self, n: int) -> str | None:
        """Why a run cannot be used."""
        status = int(self.summary[n, O_STATUS])
        if status != s.STATUS_GOOD:
            return f"{self.arm.name}: {s.STATUSES[status]}"
        if not whole(self.outcomes[n]):
            return f"{self.arm.name}: an outcome is not a finite number"
        return None

    @property
    def traced(self) -> tuple[Any, Any, Any, int]:
        """The decisions of the last run, and how many there are."""
        return (*self.decisions, self.count)
