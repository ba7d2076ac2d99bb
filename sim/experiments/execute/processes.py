"""Chunks in processes of this machine, for what holds the interpreter: the Mesa driver, rules written in Python."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any

from sim.experiments.bench import Bench, Rule
from sim.experiments.execute.control import Stop
from sim.experiments.execute.remote import Package, chunk_parts, do_chunk, pack
from sim.experiments.execute.threads import run_threads
from sim.experiments.plan import Plan

__all__ = ["run_processes"]

Keep = Callable[[int, Mapping[str, bytes]], None]
Say = Callable[[str], None]
Made = tuple[int, int, Mapping[str, bytes] | None]

_MOST_CRASHES = 3
_EACH_S = 0.2
"""How long to wait for news before looking whether to stop."""


def run_processes(
    chunks: Iterator[int],
    workers: int,
    runs: int,
    plan: Plan,
    rule: Rule | None,
    keep: Keep,
    tick: Callable[[int, int], None],
    stop: Stop,
    say: Say,
) -> None:
    """Make chunks in processes until there are none left or a stop is asked for.

    Parameters
    ----------
    chunks
        Positions of chunks to make.
    workers
        Processes.
    runs
        Runs of these chunks, to say how long they take.
    plan
        The plan.
    rule
        A decision rule of one's own. One that other processes cannot load runs in this one.
    keep
        Takes the parts of a chunk.
    tick
        Told of runs done and failed, a chunk at a time.
    stop
        Whether to stop: asked, chunks under way are waited for; now, their processes are ended.
    say
        Told what is going on.
    """
    try:
        package = pack(plan, rule)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        _here(chunks, plan, rule, keep, tick, stop, say, str(error))
        return
    with _Pool(workers, package) as pool:
        try:
            seconds = _trial(pool, stop)
        except (AttributeError, ImportError, pickle.UnpicklingError) as error:
            why = str(error)
        except (BrokenProcessPool, ConnectionError, EOFError):
            why = 'processes do not start; a script needs: if __name__ == "__main__":'
        else:
            if seconds is not None:
                _expect(seconds * runs / workers, seconds, runs, workers, say)
                _Rounds(pool, plan, keep, tick, stop, say).go(chunks)
            return
    _here(chunks, plan, rule, keep, tick, stop, say, why)


def _here(
    chunks: Iterator[int],
    plan: Plan,
    rule: Rule | None,
    keep: Keep,
    tick: Callable[[int, int], None],
    stop: Stop,
    say: Say,
    why: str,
) -> None:
    hint = "; a rule that a module defines can go there" if rule is not None else ""
    say(f"making the runs in this process only: others cannot take them ({why}){hint}")
    bench = Bench(plan, rule=rule)
    run_threads(chunks, [lambda: lambda chunk, tick: chunk_parts(bench, chunk, tick)], keep, tick, stop)


def _trial(pool: _Pool, stop: Stop) -> float | None:
    """Seconds a run takes agent by agent without the rule, or None if a stop came first.

    It also sees to it that compiled code is there before several processes make it at once.
    """
    future = pool.submit(_try)
    while not stop.asked.is_set():
        if wait([future], timeout=_EACH_S).done:
            seconds: float = future.result()
            return seconds
    pool.end()
    return None


def _expect(whole: float, each: float, runs: int, workers: int, say: Say) -> None:
    if whole < 5:
        return
    text = (
        f"{whole:.0f} s"
        if whole < 90
        else f"{whole / 60:.0f} min"
        if whole < 5400
        else f"{whole / 3600:.1f} h"
    )
    say(
        f"agent by agent, {each:.2f} s a run: {runs:,} runs in {workers} processes take about {text}, "
        "and what the rule takes"
    )


class _Rounds:
    """Chunks handed to a pool, those that end their process tried again alone."""

    def __init__(
        self, pool: _Pool, plan: Plan, keep: Keep, tick: Callable[[int, int], None], stop: Stop, say: Say
    ) -> None:
        self.pool, self.plan, self.keep, self.tick, self.stop, self.say = pool, plan, keep, tick, stop, say
        self.sent: dict[Future[Made], int] = {}
        self.suspects: list[int] = []
        self.crashes: Counter[int] = Counter()

    def go(self, chunks: Iterator[int]) -> None:
        """Make chunks."""
        while not self.stop.now.is_set():
            if not self.stop.asked.is_set():
                self._send(chunks)
            if not self.sent:
                return
            done = wait(self.sent, timeout=_EACH_S, return_when=FIRST_COMPLETED).done
            alone = len(self.sent) == 1
            broken = [chunk for chunk in map(self._take, done) if chunk is not None]
            if broken:
                self._rebuild(broken, alone)
        self.pool.end()

    def _send(self, chunks: Iterator[int]) -> None:
        # Whoever was under way when a process died is tried alone, to know who it was.
        if self.suspects:
            if not self.sent:
                self._submit(self.suspects.pop())
            return
        while len(self.sent) < 2 * self.pool.workers:
            chunk = next(chunks, None)
            if chunk is None:
                return
            self._submit(chunk)

    def _submit(self, chunk: int) -> None:
        try:
            self.sent[self.pool.submit(_make, chunk)] = chunk
        except BrokenProcessPool:
            # It broke in this moment. What is under way will say so; without any, nobody else is to say it.
            if self.sent:
                self.suspects.append(chunk)
                return
            self.pool.restart()
            self.sent[self.pool.submit(_make, chunk)] = chunk

    def _take(self, future: Future[Made]) -> int | None:
        """Keep what came back; the chunk where its process died."""
        chunk = self.sent.pop(future)
        try:
            done, failed, parts = future.result()
        except BrokenProcessPool:
            return chunk
        assert parts is not None
        self.tick(done, failed)
        self.keep(chunk, parts)
        return None

    def _rebuild(self, broken: list[int], alone: bool) -> None:
        # A pool that has broken breaks all that it was given.
        for future in list(self.sent):
            chunk = self._take(future)
            if chunk is not None:
                broken.append(chunk)
        if alone:
            (chunk,) = broken
            self.crashes[chunk] += 1
            if self.crashes[chunk] >= _MOST_CRASHES:
                self._give_up(broken.pop())
        self.suspects += broken
        self.pool.restart()

    def _give_up(self, chunk: int) -> None:
        runs = self.plan.chunk_runs(chunk)
        self.say(
            f"chunk {chunk} (runs {runs[0]} to {runs[-1]}) ends its process again and again; it is left out"
        )


class _Pool:
    """A pool of processes that can be started anew."""

    def __init__(self, workers: int, package: Package) -> None:
        self.workers, self.package = workers, package
        methods = multiprocessing.get_all_start_methods()
        # Forking a process that has threads is not safe, and on macOS not even without.
        method = "forkserver" if "forkserver" in methods and sys.platform != "darwin" else "spawn"
        self._context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            # Else the server of processes would run a user's script first, and die of one without a guard.
            self._context.set_forkserver_preload([])
        self._pool = self._open()

    def _open(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self.workers, self._context, _begin, (self.package,))

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, kind: Any, *error: object) -> None:
        if kind is None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        else:
            self.end()

    def submit(self, call: Callable[..., Any], *words: Any) -> Future[Any]:
        """Have something called in one of the processes."""
        return self._pool.submit(call, *words)

    def restart(self) -> None:
        """Start anew after a process died."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._pool = self._open()

    def end(self) -> None:
        """End the processes, whatever they are at."""
        # Python 3.14 has a method for this; before, the pool knows its processes and nobody else does.
        for process in list((self._pool._processes or {}).values()):
            with suppress(OSError, ValueError):
                process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


_PACKAGE: Package | None = None


def _begin(package: Package) -> None:
    """Set up a process of the pool."""
    global _PACKAGE
    _PACKAGE = package
    # Ctrl-C in a terminal reaches every process of it; the one that hands out work stops in good order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Without this, processes of a pool wait for ever when the one that started them is killed."""
    import os

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _try() -> float:
    assert _PACKAGE is not None
    plan, _ = pickle.loads(_PACKAGE.data)
    bench = Bench(plan)
    next(iter(bench.blocks(range(1))))
    begun = time.perf_counter()
    next(iter(bench.blocks(range(1))))
    return time.perf_counter() - begun


def _make(chunk: int) -> Made:
    assert _PACKAGE is not None
    return do_chunk(_PACKAGE, chunk)
