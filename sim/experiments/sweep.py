"""A sweep from its plan to its store: what is missing is made, what is there is left alone."""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import IncompleteError, Problem, UsageError
from sim.experiments.bench import Bench, Rule
from sim.experiments.execute.control import Stop, heeding_signals
from sim.experiments.execute.remote import chunk_parts
from sim.experiments.execute.threads import Maker, run_threads
from sim.experiments.plan import Plan, loaded_scenarios
from sim.experiments.store.files import sweep_up
from sim.experiments.store.ledger import Ledger, keep_chunk
from sim.experiments.store.manifest import found_or_join
from sim.experiments.store.mending import clear_way
from sim.experiments.store.spilled import settle_points
from sim.experiments.store.swap import put_right

__all__ = ["Shard", "SweepReport", "processors", "run_sweep"]

Say = Callable[[str], None]


@dataclass(frozen=True)
class Shard:
    """One of several parts of the work, for jobs that start apart."""

    number: int = 1
    """From 1."""
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From ``2/5``.

        Raises
        ------
        UsageError
            If it is none.
        """
        first, slash, second = text.partition("/")
        if not slash or not first.strip().isdigit() or not second.strip().isdigit():
            raise UsageError(Problem("write it as 2/5: the second of five", f"shard {text}"))
        shard = cls(int(first), int(second))
        if not 1 <= shard.number <= shard.of:
            raise UsageError(Problem(f"shards count from 1 to {shard.of}", f"shard {text}"))
        return shard

    def __contains__(self, chunk: int) -> bool:
        return chunk % self.of == self.number - 1


@dataclass(frozen=True)
class SweepReport:
    """What a call did."""

    folder: Path
    runs: int
    """Runs of the whole plan."""
    before: int
    """Runs in the store before the call, failed ones included."""
    made: int
    """Runs made by this call."""
    kept: int
    """Runs in the store after it, failed ones included."""
    failed: int
    """Runs in the store that failed."""
    mine_left: int
    """Chunks of this call's share that are not done."""
    stopped: bool
    """Whether it was asked to stop."""
    seconds: float
    repaired: tuple[str, ...]
    """Parts that were damaged and have been made again."""

    @property
    def complete(self) -> bool:
        """Whether the store holds every run."""
        return self.kept == self.runs


def processors() -> int:
    """Processors that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def run_sweep(
    plan: Plan,
    folder: Path,
    workers: int | None = None,
    shard: Shard | None = None,
    dask: Any = None,
    rule: Rule | None = None,
    progress: bool | None = None,
    say: Say = lambda text: None,
    tick: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
) -> SweepReport:
    """Make the runs of a plan that a store does not hold yet.

    Parameters
    ----------
    plan
        The plan.
    folder
        The store; made if need be, else joined.
    workers
        Threads (or processes, for the Mesa driver and a Dask cluster of this machine); by default the processors
        there are.
    shard
        Do this share only.
    dask
        A Dask client or cluster, the address of a scheduler, or ``local``, instead of threads.
    rule
        A decision rule of one's own, with the Mesa driver.
    progress
        Show a bar; by default where stderr is a terminal.
    say
        Told what is going on, a line at a time.
    tick
        Told of runs made and failed, as they come.
    stop
        Asks for a stop in good order, from another thread.

    Returns
    -------
    SweepReport
        What was done. Failed runs are counted, not raised.

    Raises
    ------
    StoreError
        If the folder holds something else.
    IncompleteError
        If the disk is full: what is kept is whole, the same call goes on.
    """
    begun = time.monotonic()
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise UsageError(Problem(f"should be a whole number, 1 or more, not {workers!r}", "workers"))
    shard = shard or Shard()
    made_here = found_or_join(folder, plan)
    put_right(folder)
    ledger = Ledger(folder, plan)
    before = ledger.stand()
    todo = [chunk for chunk in range(plan.chunks) if chunk in shard and not before.done[chunk]]
    if not made_here and not all(before.done):
        sweep_up(folder)
    repaired: tuple[str, ...] = ()
    if todo and not made_here:
        repaired = clear_way(before)
    if not made_here and len(todo) > 1 and before.chunks_done < plan.chunks:
        # Somebody else may be at work here: start elsewhere, so as not to do the same.
        random.Random(os.getpid()).shuffle(todo)
    stop, counter = stop or Stop(), _Counter(plan, todo, progress, tick)
    try:
        with heeding_signals(stop, say), counter:
            if todo:
                how = _Where(plan, folder, workers or processors(), dask, rule, say)
                _make(how, ledger, todo, counter, stop)
            if todo or before.unsettled:
                settle_points(folder, plan, range(plan.chunks))
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _full(error, ledger) from error
    after = ledger.stand() if todo else before
    left = sum(1 for chunk in todo if not after.done[chunk])
    return SweepReport(
        folder=folder,
        runs=plan.runs,
        before=before.runs + before.failed,
        made=counter.kept,
        kept=after.runs + after.failed,
        failed=after.failed,
        mine_left=left,
        stopped=stop.asked.is_set() and left > 0,
        seconds=time.monotonic() - begun,
        repaired=repaired,
    )


def _full(error: OSError, ledger: Ledger) -> IncompleteError:
    after = ledger.stand()
    kept = f"{after.runs + after.failed:,} of {ledger.plan.runs:,} runs are kept"
    message = f"no space left to write to; {kept}; make room, then the same command goes on"
    return IncompleteError(Problem(message, str(error.filename or ledger.folder)))


@dataclass(frozen=True)
class _Where:
    """Where chunks are made."""

    plan: Plan
    folder: Path
    workers: int
    dask: Any
    rule: Rule | None
    say: Say


def _make(how: _Where, ledger: Ledger, todo: list[int], counter: _Counter, stop: Stop) -> None:
    folder, plan = how.folder, how.plan

    def missing() -> Iterator[int]:
        for chunk in todo:
            if ledger.has(chunk):
                counter.elsewhere(chunk)
            else:
                yield chunk

    def keep(chunk: int, parts: Mapping[str, bytes] | None) -> None:
        if parts is not None:
            keep_chunk(folder, chunk, parts)
        counter.landed(chunk)
        settle_points(folder, plan, [chunk])

    if how.dask is not None:
        from sim.experiments.execute.cluster import run_cluster

        if how.dask == "local":
            _compiled(how)
        run_cluster(
            missing(), how.dask, how.workers, plan, folder, how.rule, keep, counter.tick, stop, how.say
        )
    elif plan.driver == "mesa" and how.workers > 1:
        from sim.experiments.execute.processes import run_processes

        most = min(how.workers, len(todo))
        run_processes(missing(), most, counter.total, plan, how.rule, keep, counter.tick, stop, how.say)
    else:
        _on_threads(how, missing(), keep, counter, stop, len(todo))


def _on_threads(
    how: _Where,
    chunks: Iterator[int],
    keep: Callable[[int, Mapping[str, bytes] | None], None],
    counter: _Counter,
    stop: Stop,
    count: int,
) -> None:
    scenarios = loaded_scenarios(how.plan)
    first = Bench(how.plan, scenarios, how.rule)
    if how.plan.driver == "engine":
        _warm(first, how.say)
    benches = [first, *(Bench(how.plan, scenarios, how.rule) for _ in range(min(how.workers, count) - 1))]

    def maker(bench: Bench) -> Callable[[], Maker]:
        return lambda: lambda chunk, tick: chunk_parts(bench, chunk, tick)

    run_threads(chunks, [maker(bench) for bench in benches], keep, counter.tick, stop)


def _compiled(how: _Where) -> None:
    """Compile the engine in this process, if that is to be done, before several do so at once."""
    from sim.results.making import engine_is_compiled

    if how.plan.driver == "engine" and not engine_is_compiled():
        _warm(Bench(how.plan), how.say)


def _warm(bench: Bench, say: Say) -> None:
    """Load the engine, or compile it, before threads would wait for each other."""
    from sim.results.making import engine_is_compiled

    if not engine_is_compiled():
        say("compiling the engine, once (about a minute)")
    next(iter(bench.blocks(range(1))))


class _Counter:
    """Counts runs, and shows them where that is wanted."""

    def __init__(
        self, plan: Plan, todo: list[int], progress: bool | None, told: Callable[[int, int], None] | None
    ) -> None:
        self.plan = plan
        self._told = told
        self.kept = 0
        self._failed = 0
        self.total = sum(len(plan.chunk_runs(chunk)) for chunk in todo)
        self._progress = progress
        self._bar: Any = None

    def __enter__(self) -> _Counter:
        from tqdm import tqdm

        quiet = {None: None, True: False, False: True}[self._progress]
        self._bar = tqdm(
            total=self.total, unit=" runs", unit_scale=False, disable=quiet, smoothing=0.1, mininterval=0.2
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.close()

    def tick(self, done: int, failed: int) -> None:
        """Runs were made."""
        self._bar.update(done)
        if self._told is not None:
            self._told(done, failed)
        if failed:
            self._failed += failed
            self._bar.set_postfix_str(f"{self._failed} failed")

    def landed(self, chunk: int) -> None:
        """A chunk is kept."""
        self.kept += len(self.plan.chunk_runs(chunk))

    def elsewhere(self, chunk: int) -> None:
        """A chunk was made by somebody else in the meantime."""
        if self._bar.total:
            self._bar.total -= len(self.plan.chunk_runs(chunk))
            self._bar.refresh()
