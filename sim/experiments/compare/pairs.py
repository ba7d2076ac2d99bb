"""Pairs of runs made: each seed once in the base and once in every alternative, and what is kept of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.engine.batch import Room, seed_keys
from sim.experiments.compare.arms import Arm, Match
from sim.experiments.compare.swap import CODES, KIND_UNASKED, explain_pair
from sim.experiments.compare.tally import Moments, count_sides, new_moments, part, subtract, tally, whole
from sim.experiments.execute.control import Stop
from sim.experiments.execute.threads import Maker, run_threads
from sim.outcomes import M_WIDTH, O_STATUS, O_WIDTH
from sim.results.manifest import focus_of
from sim.scenario.levers import Levers
from sim.state import IntArray

__all__ = ["AT_A_TIME", "Measured", "Task", "measure_pairs", "not_set_by"]

AT_A_TIME = 32
"""Pairs whose sums are taken together. Fixed, so that sums do not depend on the number of workers."""
_DECISIONS = 4096
"""Room for the decisions of a run at first."""
MOST_TRACED = 20_000
"""Pairs of which single differences and causes are kept; the moments and shares are of all."""


@dataclass(frozen=True)
class Task:
    """Which pairs to make: points of a set of weights, and the seeds at each."""

    points: tuple[Mapping[str, Any], ...]
    """Values by dotted path; one empty point where weights are fixed."""
    seeds: tuple[tuple[int, ...], ...]
    """Seeds at each point."""

    @property
    def pairs(self) -> int:
        """Pairs in all."""
        return sum(map(len, self.seeds))

    def blocks(self) -> list[tuple[int, int, tuple[int, ...]]]:
        """Point, position of the first pair, seeds of each block."""
        found, first = [], 0
        for point, seeds in enumerate(self.seeds):
            for at in range(0, len(seeds), AT_A_TIME):
                found.append((point, first + at, seeds[at : at + AT_A_TIME]))
            first += len(seeds)
        return found


@dataclass(eq=False)
class Measured:
    """What pairs of one alternative gave."""

    match: Match
    kept: tuple[int, ...]
    """Monthly outcomes of which the difference of every pair is kept."""
    points: list[Moments]
    """Moments by point."""
    done: NDArray[np.bool_]
    """Pairs made, of which both runs are good."""
    parted: NDArray[np.int32]
    """First month compared in which a pair differs, -1 never."""
    sides: NDArray[np.int64]
    """Counts, shape (factions, months, sides, sides)."""
    first: NDArray[np.int16]
    """Shape (pairs, factions, 3), as :func:`sim.experiments.compare.tally.count_sides`."""
    oaths: NDArray[np.int16]
    """Shape (pairs, factions, 2): month of the first oath to the focus patron in each arm, -1 never."""
    summary: NDArray[np.float64]
    """Shape (pairs, 2, O_WIDTH)."""
    differences: NDArray[np.float64]
    """Shape (pairs traced, months, kept)."""
    parts: dict[int, tuple[IntArray, IntArray, NDArray[np.float64]]] = field(default_factory=dict)
    """By block: pair, codes and gaps of every first difference of a faction."""
    failed: dict[int, str] = field(default_factory=dict)
    """Why a pair is left out."""

    @property
    def moments(self) -> Moments:
        """Moments over all pairs, points merged in their order."""
        whole = Moments((self.match.months, M_WIDTH))
        for one in self.points:
            whole.merge(one.count, one.values)
        return whole

    def causes(self) -> tuple[IntArray, IntArray, NDArray[np.float64]]:
        """Pair, codes and gaps of all first differences, in order of pairs."""
        ordered = [self.parts[block] for block in sorted(self.parts)]
        if not ordered:
            return np.empty(0, np.int64), np.empty((0, len(CODES)), np.int64), np.empty((0, s.T_WIDTH))
        pair, codes, gaps = (np.concatenate(column) for column in zip(*ordered, strict=True))
        return pair, codes, gaps


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
    measured = [_empty(match, task, tuple(kept)) for match in matches]
    blocks = task.blocks()
    merger = _Merger(measured, [point for point, _, _ in blocks])
    makers: list[Callable[[], Maker]] = [
        lambda: _Site(base, others, measured, task, blocks).make for _ in range(max(1, workers))
    ]
    run_threads(iter(range(len(blocks))), makers, merger.keep, tick, stop)
    merger.finish()
    return measured


def _empty(match: Match, task: Task, kept: tuple[int, ...]) -> Measured:
    pairs, factions, sides = task.pairs, len(match.factions), len(match.sides)
    return Measured(
        match=match,
        kept=kept,
        points=[Moments((match.months, M_WIDTH)) for _ in task.points],
        done=np.zeros(pairs, dtype=bool),
        parted=np.full(pairs, -1, dtype=np.int32),
        sides=np.zeros((factions, match.months, sides, sides), dtype=np.int64),
        first=np.full((pairs, factions, 3), -1, dtype=np.int16),
        oaths=np.full((pairs, factions, 2), -1, dtype=np.int16),
        summary=np.zeros((pairs, 2, O_WIDTH)),
        differences=np.zeros((min(pairs, MOST_TRACED), match.months, len(kept))),
    )


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


def not_set_by(arm: Arm, base: Arm, paths: Sequence[str]) -> list[str]:
    """Those of some paths at which an arm says what the base says.

    What an alternative sets itself is its lever, whatever is known of the number it replaces.
    """
    known, own = base.compiled.levers, arm.compiled.levers
    return [path for path in paths if own[path].value == known[path].value]


@dataclass(eq=False)
class _Ready:
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
    def of(cls, arm: Arm, base: Arm, varied: Sequence[str]) -> _Ready:
        compiled, paths = arm.compiled, not_set_by(arm, base, varied)
        room = Room(compiled.arrays, own=True, stages=compiled.stages)
        levers = [(Levers(compiled, paths), room.start)]
        for stage, arrays in zip(compiled.stages, room.later, strict=True):
            levers.append((Levers(stage.compiled, [path for path in paths if not stage.sets(path)]), arrays))
        months, rows = compiled.months, len(compiled.factions)
        return cls(
            arm, room, levers, np.zeros((AT_A_TIME, months, M_WIDTH)), np.zeros((AT_A_TIME, months, rows), np.uint8),
            np.zeros((AT_A_TIME, O_WIDTH)), room.room_for(_DECISIONS), room.room_for(_DECISIONS),
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

    def follow(self, n: int, key: Any, base: _Ready, fork: int, probes: IntArray | None) -> None:
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


class _Site:
    """What one thread needs to make blocks of pairs."""

    def __init__(
        self, base: Arm, others: Sequence[Arm], measured: list[Measured], task: Task,
        blocks: list[tuple[int, int, tuple[int, ...]]],
    ) -> None:  # fmt: skip
        paths = list(task.points[0]) if task.points else []
        self.base = _Ready.of(base, base, paths)
        self.others = [_Ready.of(arm, base, paths) for arm in others]
        self.measured, self.task, self.blocks = measured, task, blocks
        self.tables = [
            _Tables(self.base.arm, other.arm, each.match, each.kept)
            for other, each in zip(self.others, measured, strict=True)
        ]
        self.point: int | None = None
        self.parameters: list[Any] = []
        self.forks = [_fork(base, other, each.match) for other, each in zip(others, measured, strict=True)]
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
        count = self._causes(k, n, key, first, _whole(self.base))
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
            self.parameters[0], self.parameters[k + 1], *base, *_whole(other), match.offsets[0],
            *tables.scratch, tables.codes, tables.gaps,
        )  # fmt: skip
        return count

    def _months(self, ready: _Ready, n: int, match: Match, arm: int) -> Any:
        first = match.offsets[arm]
        return ready.bytes[n, first : first + match.months]

    def _outcomes(self, ready: _Ready, n: int, match: Match, arm: int) -> Any:
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


def _whole(ready: _Ready) -> tuple[Any, Any, Any, int]:
    return (*ready.decisions, ready.count)


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
