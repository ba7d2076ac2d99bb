"""What the rows of a part must be, by the plan: its runs, its points, its months, each once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.plan import Plan
from sim.results.making import months_until
from sim.results.tables import Table, Words
from sim.scenario.load import Loaded
from sim.scenario.quantities import month_index

__all__ = ["Months", "PointRows", "RunMonths", "RunRows"]

Ints = NDArray[np.int64]


class Months:
    """First month and number of months of each point.

    Parameters
    ----------
    plan
        The plan.
    scenarios
        Its scenarios.
    """

    def __init__(self, plan: Plan, scenarios: tuple[Loaded, ...]) -> None:
        starts, lengths = [], []
        for loaded in scenarios:
            scenario = loaded.scenario
            starts.append(month_index(scenario.period.start))
            lengths.append(months_until(scenario, plan.until or scenario.period.end))
        self.start: Ints = np.array(starts, dtype=np.int64)[plan.scenario_of]
        self.count: Ints = np.array(lengths, dtype=np.int64)[plan.scenario_of]
        last = self.start + self.count
        if "period.start" in plan.columns:
            self.start = np.array([month_index(text) for text in plan.columns["period.start"]])
        if "period.end" in plan.columns and plan.until is None:
            last = np.array([month_index(text) + 1 for text in plan.columns["period.end"]])
        self.count = last - self.start


class RunRows:
    """A row for each run, as in ``summary`` and ``failed``.

    Parameters
    ----------
    plan
        The plan.
    runs
        Runs of the chunks that the part holds.
    others
        Runs that are in a part of the other table; None where that is not asked.
    """

    def __init__(self, plan: Plan, runs: range, others: Ints | None) -> None:
        self.plan, self.runs, self.others = plan, runs, others
        self._cells = _Cells(len(runs))

    def take(self, table: Any) -> str | None:
        """What is wrong with the next rows."""
        rows = Table.from_arrow(table)
        run = rows.numbers("run")
        flaw = _in_range(run, self.runs) or self._cells.flaw(run - self.runs.start, "run", run)
        return flaw or _keys_flaw(self.plan, rows, run)

    def end(self) -> str | None:
        """What is wrong with the whole."""
        if self.others is None:
            return None
        both, seen = self.others - self.runs.start, self._cells.seen
        if seen[both].any():
            return f"holds run {self.others[seen[both]][0]}, which failed"
        seen[both] = True
        lost = np.flatnonzero(~seen)
        return f"lacks {len(lost)} runs, the first is {self.runs[int(lost[0])]}" if len(lost) else None


def _in_range(run: Ints, runs: range) -> str | None:
    wrong = (run < runs.start) | (run >= runs.stop)
    return f"holds run {run[wrong][0]}, which is of another chunk" if wrong.any() else None


class _Cells:
    """What has been seen, each once."""

    def __init__(self, count: int) -> None:
        self.seen = np.zeros(count, dtype=bool)
        self._rows = 0

    def flaw(self, cell: Ints, what: str, named: Ints) -> str | None:
        """Mark cells as seen; what is wrong where one was so before."""
        again = self.seen[cell]
        if again.any():
            return f"holds {what} {named[again][0]} twice"
        self.seen[cell] = True
        self._rows += len(cell)
        return f"holds a {what} twice" if np.count_nonzero(self.seen) < self._rows else None


def _keys_flaw(plan: Plan, rows: Table, run: Ints) -> str | None:
    """Whether point, replicate, seed and varied values are those of the runs."""
    point = run // plan.replicates
    step = run % plan.replicates
    wanted: dict[str, Any] = {
        "point": point,
        "replicate": step,
        "seed": plan.seed + (step if plan.draws == "common" else run),
    }
    names = np.array([scenario.name for scenario in plan.scenarios], dtype=object)
    wanted["scenario"] = names[plan.scenario_of[point]]
    wanted.update({path: column[point] for path, column in plan.columns.items()})
    for name, column in wanted.items():
        there = rows.data[name]
        values = there.texts() if isinstance(there, Words) else there
        wrong = np.asarray(values != column)
        if wrong.any():
            return f"has another {name} at run {run[wrong][0]} than the design"
    return None


class RunMonths:
    """A row for each run and month, as in ``trajectories``.

    Parameters
    ----------
    plan, months
        The plan and its months.
    runs
        Runs of the chunks that the part holds.
    good
        Those that are in the summary; None where that is not known.
    """

    def __init__(self, plan: Plan, months: Months, runs: range, good: Ints | None) -> None:
        self.plan, self.months, self.runs, self.good = plan, months, runs, good
        here = np.arange(runs.start, runs.stop, dtype=np.int64) // plan.replicates
        self._width = int(np.max(months.count[here]))
        self._cells = _Cells(len(runs) * self._width)

    def take(self, table: Any) -> str | None:
        """What is wrong with the next rows."""
        rows = Table.from_arrow(table)
        run, point, month = (rows.numbers(name) for name in ("run", "point", "month"))
        flaw = _in_range(run, self.runs)
        if flaw is not None:
            return flaw
        if (point != run // self.plan.replicates).any():
            return "has another point at a run than the design"
        step = month - self.months.start[point]
        if ((step < 0) | (step >= self.months.count[point])).any():
            return "holds a month outside the period"
        return self._cells.flaw((run - self.runs.start) * self._width + step, "month of run", run)

    def end(self) -> str | None:
        """What is wrong with the whole."""
        held = self._cells.seen.reshape(len(self.runs), self._width).sum(axis=1)
        run = np.arange(self.runs.start, self.runs.stop)
        whole = self.months.count[run // self.plan.replicates]
        wanted = np.where(held > 0, whole, 0)
        if self.good is not None:
            wanted = np.zeros(len(run), dtype=np.int64)
            wanted[self.good - self.runs.start] = whole[self.good - self.runs.start]
        wrong = np.flatnonzero(held != wanted)
        if not len(wrong):
            return None
        first = int(wrong[0])
        return f"holds {held[first]} months of run {run[first]}, of {wanted[first]}"


class PointRows:
    """Rows by point and month: bands of outcomes, or counts of allegiances.

    Parameters
    ----------
    plan, months
        The plan and its months.
    points
        Points that the part holds.
    good
        Runs of each of these points that came out, among those of the part; None where that is not known.
    counts
        Whether ``runs`` adds up to these over what is held, as for allegiances, or says it, as for bands.
    """

    def __init__(self, plan: Plan, months: Months, points: range, good: Ints | None, counts: bool) -> None:
        self.plan, self.months, self.points, self.good, self.counts = plan, months, points, good, counts
        self._held: list[NDArray[np.int64]] = []
        self._seen = np.zeros(len(points), dtype=bool)

    def take(self, table: Any) -> str | None:
        """What is wrong with the next rows; those of the last point wait for the rest of it."""
        rows = Table.from_arrow(table)
        whole = np.stack([_codes(rows, name) for name in self._names()])
        whole = np.concatenate([*self._held, whole], axis=1)
        point = whole[0]
        if not whole.shape[1]:
            return None
        if (np.diff(point) < 0).any() or point[0] < self.points.start or point[-1] >= self.points.stop:
            return "holds points that are of another part"
        cut = int(np.searchsorted(point, point[-1]))
        self._held = [whole[:, cut:]]
        return self._flaw(whole[:, :cut])

    def end(self) -> str | None:
        """What is wrong with the whole."""
        flaw = self._flaw(self._held[0]) if self._held else None
        if flaw is not None or self.good is None:
            return flaw
        lost = np.flatnonzero((self.good > 0) & ~self._seen)
        return f"lacks point {self.points[int(lost[0])]}" if len(lost) else None

    def _names(self) -> tuple[str, ...]:
        return (
            ("point", "month", "faction", "runs", "held")
            if self.counts
            else ("point", "month", "outcome", "runs")
        )

    def _flaw(self, rows: Ints) -> str | None:
        """Whether each point has every month and every outcome or faction once, and the runs that it should."""
        if not rows.shape[1]:
            return None
        point, month, what, runs = rows[:4]
        step, count = month - self.months.start[point], self.months.count[point]
        if ((step < 0) | (step >= count)).any():
            return "holds a month outside the period"
        width, breadth = int(np.max(step)) + 1, int(np.max(what)) + 1
        each, place = np.unique((point * width + step) * breadth + what, return_inverse=True)
        owner = each // (width * breadth)
        full = place * (int(np.max(rows[4])) + 1) + rows[4] if self.counts else place
        if len(np.unique(full)) < len(full):
            return "holds a month of a point twice"
        here, cells = np.unique(owner, return_counts=True)
        wanted = self.months.count[here]
        lacking = cells % wanted if self.counts else cells - wanted * len(self.plan.keep.monthly)
        if lacking.any():
            return "lacks months of a point"
        local = here - self.points.start
        if self._seen[local].any():
            return "holds a point twice"
        self._seen[local] = True
        if self.good is None:
            return None
        total = np.bincount(place, weights=runs).astype(np.int64)
        wrong = total != self.good[owner - self.points.start]
        return f"counts other runs of point {owner[wrong][0]} than the summary" if wrong.any() else None


def _codes(rows: Table, name: str) -> Ints:
    column = rows.data[name]
    return np.asarray(column.codes if isinstance(column, Words) else column, dtype=np.int64)
