"""Where pairs are made: blocks of them, in one thread, with what is noted of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.batch import seed_keys
from sim.experiments.compare.arms import Arm, Match
from sim.experiments.compare.measured import AT_A_TIME, MOST_TRACED, Measured, Task
from sim.experiments.compare.runner import Runner
from sim.experiments.compare.swap import CODES, KIND_UNASKED, explain_pair
from sim.experiments.compare.tally import count_sides, new_moments, part, subtract, tally
from sim.outcomes import M_WIDTH
from sim.results.manifest import focus_of
from sim.state import IntArray

__all__ = ["Site"]


class Site:
    """What one thread needs to make blocks of pairs."""

    def __init__(
        self, base: Arm, others: Sequence[Arm], measured: list[Measured], task: Task,
        blocks: list[tuple[int, int, tuple[int, ...]]],
    ) -> None:  # fmt: skip
        paths = list(task.points[0]) if task.points else []
        self.base = Runner.of(base, base, paths, AT_A_TIME)
        self.others = [Runner.of(arm, base, paths, AT_A_TIME) for arm in others]
        self.measured, self.task, self.blocks = measured, task, blocks
        self.tables = [
            _Tables(self.base.arm, other.arm, each.match, each.kept)
            for other, each in zip(self.others, measured, strict=True)
        ]
        self.point: int | None = None
        self.parameters: list[Any] = []
        # Where dates vary, the levers can differ before the month in which the scenarios do as they stand.
        dated = any(path.endswith(".date") for path in paths)
        self.forks = [
            0 if dated else _fork(base, other, each.match)
            for other, each in zip(others, measured, strict=True)
        ]
        self.pauses = sorted({fork for fork in self.forks if fork})

    def make(self, block: int, tick: Callable[[int, int], None]) -> dict[str, Any]:
        """The pairs of a block."""
        point, first, seeds = self.blocks[block]
        if point != self.point:
            for ready in (self.base, *self.others):
                ready.set(self.task.points[point])
            self.parameters = [ready.parameters() for ready in (self.base, *self.others)]
            self.point = point
        keys = seed_keys(seeds)
        rows: list[list[Any]] = [[] for _ in self.others]
        sides = [np.zeros_like(each.sides) for each in self.measured]
        for n in range(len(seeds)):
            key = keys[n : n + 1]
            self.base.run(n, key, self.pauses)
            awake = self.base.awake()
            for k, other in enumerate(self.others):
                traced = self.measured[k].match.reasons and first + n < MOST_TRACED
                # Where the base is awake the others are asked, too, so that few runs have to be made again.
                asked = self.tables[k].asked(awake, self.forks[k]) if traced else None
                other.follow(n, key, self.base, self.forks[k], asked)
                self._note(k, n, first + n, key, sides[k], rows[k], traced)
            try:
                tick(1, 0)
            except BaseException:
                self._give_up(first, len(seeds))
                raise
        return {
            "arms": [
                self._sum(k, block, first, len(seeds), sides[k], rows[k]) for k in range(len(self.others))
            ]
        }

    def _give_up(self, first: int, count: int) -> None:
        """Forget the pairs of a block that is not finished: its sums are never taken in."""
        for each in self.measured:
            each.done[first : first + count] = False
            for pair in range(first, first + count):
                each.failed.pop(pair, None)

    def _note(self, k: int, n: int, pair: int, key: Any, sides: Any, rows: list[Any], traced: bool) -> None:
        """Sides, first differences and causes of a pair."""
        each, other, tables = self.measured[k], self.others[k], self.tables[k]
        reason = self.base.reason(n) or other.reason(n)
        if reason is not None:
            each.failed[pair] = reason
            return
        match = each.match
        LB, LO = self._months(self.base, n, match, 0), self._months(other, n, match, 1)
        B, O = self._outcomes(self.base, n, match, 0), self._outcomes(other, n, match, 1)
        each.parted[pair] = part(B, O, LB, LO, *match.rows)
        each.done[pair] = True
        first, oath = tables.first, tables.oath
        count_sides(LB, LO, *match.rows, *tables.positions, *tables.focus, sides, first, oath, tables.options)
        each.first[pair], each.oaths[pair] = first, oath
        each.summary[pair, 0], each.summary[pair, 1] = self.base.summary[n], other.summary[n]
        if pair < len(each.differences):
            subtract(O, B, tables.kept, each.differences[pair])
        if not traced:
            return
        count = self._causes(k, n, key, first, self.base.traced)
        unasked = tables.codes[:count][tables.codes[:count, 2] == KIND_UNASKED]
        if len(unasked):
            probes = np.stack([unasked[:, 1], match.rows[0][unasked[:, 0]]], axis=1)
            told = self.base.ask(key, np.ascontiguousarray(probes[np.lexsort((probes[:, 1], probes[:, 0]))]))
            late = tables.codes[:count, 2] == KIND_UNASKED
            codes, gaps = tables.codes[:count].copy(), tables.gaps[:count].copy()
            self._causes(k, n, key, first, told)
            codes[late], gaps[late] = tables.codes[:count][late], tables.gaps[:count][late]
            rows.append((pair, codes, gaps))
        elif count:
            rows.append((pair, tables.codes[:count].copy(), tables.gaps[:count].copy()))

    def _causes(self, k: int, n: int, key: Any, first: Any, base: tuple[Any, Any, Any, int]) -> int:
        """Causes of the first differences of a pair, into the tables; how many there are."""
        match, other, tables = self.measured[k].match, self.others[k], self.tables[k]
        count: int = explain_pair(
            self.base.bytes[n], other.bytes[n], *match.rows, first, tables.start, tables.entities, key[0],
            self.parameters[0], self.parameters[k + 1], *base, *other.traced, match.offsets[0],
            *tables.scratch, tables.codes, tables.gaps,
        )  # fmt: skip
        return count

    def _months(self, ready: Runner, n: int, match: Match, arm: int) -> Any:
        first = match.offsets[arm]
        return ready.bytes[n, first : first + match.months]

    def _outcomes(self, ready: Runner, n: int, match: Match, arm: int) -> Any:
        first = match.offsets[arm]
        return ready.outcomes[n, first : first + match.months]

    def _sum(
        self, k: int, block: int, first: int, count: int, sides: Any, rows: list[Any]
    ) -> tuple[int, Any, Any]:
        each, match = self.measured[k], self.measured[k].match
        good = np.flatnonzero(each.done[first : first + count])
        moments = new_moments(match.months, M_WIDTH)
        B = self.base.outcomes[:count, match.offsets[0] : match.offsets[0] + match.months]
        O = self.others[k].outcomes[:count, match.offsets[1] : match.offsets[1] + match.months]
        if len(good) == count:
            tally(B, O, moments)
        elif len(good):
            tally(B[good], O[good], moments)
        if rows:
            pairs = np.concatenate([np.full(len(codes), pair, dtype=np.int64) for pair, codes, _ in rows])
            each.parts[block] = (
                pairs,
                np.concatenate([r[1] for r in rows]),
                np.concatenate([r[2] for r in rows]),
            )
        return len(good), moments, sides


def _fork(base: Arm, other: Arm, match: Match) -> int:
    """The month until which a pair is one run, 0 where it is two from the start."""
    month = match.levers_from or 0
    early = any(stage.month < month for arm in (base, other) for stage in arm.compiled.stages)
    return 0 if early or month >= min(base.compiled.months, other.compiled.months) else month


class _Tables:
    """What the compiled notes of a pair need, and room for them."""

    def __init__(self, base: Arm, other: Arm, match: Match, kept: Sequence[int]) -> None:
        arms = (base.compiled, other.compiled)
        places = [[*arm.options, "not yet", "gone"] for arm in arms]
        numbers = [np.array([match.sides.index(name) for name in names]) for names in places]
        self.positions = (numbers[0], numbers[1])
        self.options = np.array([len(arm.options) for arm in arms])
        self.focus = (
            arms[0].patrons.index(focus_of(arms[0].scenario)),
            arms[1].patrons.index(focus_of(arms[1].scenario)),
        )
        rows = match.rows[0]
        self.entities = arms[0].arrays["I"][rows, s.I_ENTITY].copy()
        self.kept = np.array(kept, dtype=np.int64)
        self.start = _start_bytes(arms[0].arrays["I"], rows)
        self.first = np.zeros((len(rows), 3), dtype=np.int64)
        self.oath = np.zeros((len(rows), 2), dtype=np.int64)
        self.codes = np.zeros((len(rows), len(CODES)), dtype=np.int64)
        self.gaps = np.zeros((len(rows), s.T_WIDTH))
        self._other_row = np.full(arms[0].arrays["I"].shape[0], -1, dtype=np.int64)
        self._other_row[rows] = match.rows[1]
        self._in_order = bool(np.all(np.diff(match.rows[1]) > 0))
        self.scratch = (np.zeros(len(arms[0].options)), np.zeros(len(arms[0].options)))

    def asked(self, awake: IntArray, first: int) -> IntArray:
        """What the base's decisions from a month on ask of the other arm: months and rows, in order."""
        rows = self._other_row[awake[:, 1]]
        probes = np.stack([awake[:, 0], rows], axis=1)[(rows >= 0) & (awake[:, 0] >= first)]
        return probes if self._in_order else probes[np.lexsort((probes[:, 1], probes[:, 0]))]


def _start_bytes(codes: Any, rows: Any) -> Any:
    """Bytes of where factions stand before the first month."""
    fates, held = codes[rows, s.I_FATE], codes[rows, s.I_ALLEGIANCE]
    return np.where(fates == s.FATE_ACTIVE, held, s.AWAY + fates)
