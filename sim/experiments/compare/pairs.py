"""Pairs of runs made: each seed once in the base and once in every alternative, on any number of threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.experiments.compare.arms import Arm, Match
from sim.experiments.compare.measured import Measured, Task, room_for
from sim.experiments.compare.sites import Site
from sim.experiments.execute.control import Stop
from sim.experiments.execute.threads import Maker, run_threads

__all__ = ["measure_pairs"]


def measure_pairs(
    base: Arm, others: Sequence[Arm], matches: Sequence[Match], task: Task, kept: Sequence[int], workers: int,
    tick: Callable[[int, int], None], stop: Stop,
) -> list[Measured]:  # fmt: skip
    """Make the pairs of a task.

    Parameters
    ----------
    base, others
        The arms.
    matches
        What each alternative has in common with the base.
    task
        Which pairs.
    kept
        Monthly outcomes of which the difference of every pair is kept.
    workers
        Threads; the result does not depend on them.
    tick
        Told of pairs made and failed.
    stop
        Whether to stop; what was made by then is given.
    """
    measured = [room_for(match, task, tuple(kept)) for match in matches]
    blocks = task.blocks()
    merger = _Merger(measured, [point for point, _, _ in blocks])
    makers: list[Callable[[], Maker]] = [
        lambda: Site(base, others, measured, task, blocks).make for _ in range(max(1, workers))
    ]
    run_threads(iter(range(len(blocks))), makers, merger.keep, tick, stop)
    merger.finish()
    return measured


class _Merger:
    """Merges the moments of blocks in their order, whatever the order in which they arrive."""

    def __init__(self, measured: list[Measured], points: list[int]) -> None:
        self.measured, self.points = measured, points
        self.waiting: dict[int, Mapping[str, Any]] = {}
        self.next = 0
        self.lock = threading.Lock()

    def keep(self, block: int, parts: Mapping[str, Any]) -> None:
        with self.lock:
            self.waiting[block] = parts
            while self.next in self.waiting:
                self._merge(self.next, self.waiting.pop(self.next))
                self.next += 1

    def finish(self) -> None:
        """Take in what came after a block that was not made, because of a stop."""
        for block in sorted(self.waiting):
            self._merge(block, self.waiting[block])

    def _merge(self, block: int, parts: Mapping[str, Any]) -> None:
        for each, (count, moments, sides) in zip(self.measured, parts["arms"], strict=True):
            each.points[self.points[block]].merge(count, moments)
            each.sides += sides
