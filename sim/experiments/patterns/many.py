"""Many points of a scenario, some runs at each, on threads; what is wanted of each point's records is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import IncompleteError
from sim.experiments.execute.control import Stop, heeding_signals
from sim.experiments.execute.threads import run_threads
from sim.experiments.patterns.observing import Witness
from sim.experiments.patterns.reading import Measure, Patterns
from sim.experiments.patterns.records import Records
from sim.experiments.patterns.targets import measured
from sim.scenario.load import Loaded

__all__ = ["Asked", "ask", "ask_all", "bar", "measure_points"]

Take = Callable[[Records, NDArray[np.bool_]], Mapping[str, NDArray[Any]]]
"""Records of a point and which of its runs are good, to what is kept: arrays, the same names at every point."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What to run: a scenario, the numbers that points set, and what records must hold."""

    loaded: Loaded
    paths: tuple[str, ...] = ()
    until: str | None = None
    monthly: tuple[str, ...] = ()
    patterns: Patterns | None = field(default=None, repr=False)

    def witness(self) -> Witness:
        """A place for one thread."""
        units = tuple(self.loaded.scenario.factions)
        coded = self.patterns.units if self.patterns is not None else None
        traits = coded.traits_of(units) if coded is not None and set(units) <= set(coded.names) else None
        return Witness(self.loaded, self.paths, self.until, self.monthly, traits)


def ask(
    asked: Asked,
    points: NDArray[np.float64],
    seeds: Callable[[int], Sequence[int]],
    take: Take,
    chunks: Sequence[range] | None = None,
    keep: Callable[[int, dict[str, NDArray[Any]]], None] | None = None,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
    title: str | None = None,
) -> tuple[dict[int, dict[str, NDArray[Any]]], bool]:
    """Make runs at points.

    Parameters
    ----------
    asked
        What to run.
    points
        Shape (points, paths).
    seeds
        Run seeds of a point.
    take
        What is kept of a point's records.
    chunks
        Which points to make together, and only these; by default all, in chunks of 32.
    keep
        Takes a chunk's arrays, stacked by point, as soon as they are there; called from any thread.
    workers
        Threads; by default the processors there are.
    progress
        Show a bar: yes, no, or where standard error is a terminal.
    say
        Told what takes long.
    title
        Word before the bar.

    Returns
    -------
    dict
        Arrays stacked by point, for each chunk; empty where ``keep`` took them.
    bool
        Whether all were made; false after Ctrl-C.
    """
    if chunks is None:
        chunks = [range(at, min(at + 32, len(points))) for at in range(0, len(points), 32)]
    made: dict[int, dict[str, NDArray[Any]]] = {}
    stop = Stop()

    def maker() -> Callable[..., Any]:
        witness = asked.witness()

        def make(chunk: int, tick: Callable[[int, int], None]) -> dict[str, NDArray[Any]]:
            found: list[Mapping[str, NDArray[Any]]] = []
            for point in chunks[chunk]:
                witness.write(dict(zip(asked.paths, points[point].tolist(), strict=True)))
                chosen = seeds(point)
                records, good = witness.runs(chosen)
                found.append(take(records, good))
                tick(len(chosen), int((~good).sum()))
            return {name: np.stack([one[name] for one in found]) for name in found[0]}

        return make

    def landed(chunk: int, parts: Mapping[str, Any]) -> None:
        if keep is None:
            made[chunk] = dict(parts)
        else:
            keep(chunk, dict(parts))

    warm(asked, say)
    total = sum(len(seeds(point)) for chunk in chunks for point in chunk)
    from sim.experiments.sweep import processors

    count = min(workers or processors(), max(1, len(chunks)))
    with bar(total, "runs", progress, title) as tick, heeding_signals(stop, say):
        run_threads(iter(range(len(chunks))), [maker] * count, landed, tick, stop)
    return made, not stop.asked.is_set()


def ask_all(
    asked: Asked, points: NDArray[np.float64], seeds: Callable[[int], Sequence[int]], take: Take, **how: Any
) -> dict[str, NDArray[Any]]:
    """As :func:`ask`, for what makes sense of all points only: arrays by name, stacked in the order of the points.

    Raises
    ------
    IncompleteError
        If it was interrupted.
    """
    made, whole = ask(asked, points, seeds, take, **how)
    if not whole:
        raise IncompleteError("stopped: what is kept is whole, the same call goes on from there")
    chunks = [made[chunk] for chunk in sorted(made)]
    return {name: np.concatenate([parts[name] for parts in chunks]) for name in (chunks[0] if chunks else ())}


def measure_points(
    asked: Asked,
    measures: Sequence[Measure],
    points: NDArray[np.float64],
    seeds: Callable[[int], Sequence[int]],
    **how: Any,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Measures of every run of every point.

    Parameters
    ----------
    asked, points, seeds, how
        As for :func:`ask`.
    measures
        What is measured.

    Returns
    -------
    values
        Shape (points, runs, measures).
    good
        Shape (points, runs): runs that ended in a state that the model allows.

    Raises
    ------
    IncompleteError
        If it was interrupted.
    """

    def take(records: Records, good: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
        return {"values": measured(measures, records), "good": good}

    made = ask_all(asked, points, seeds, take, **how)
    return made["values"], made["good"]


def warm(asked: Asked, say: Callable[[str], None]) -> None:
    """Load or compile the engine before threads would wait for each other."""
    from sim.results.making import engine_is_compiled

    if not engine_is_compiled():
        say("compiling the engine, once (about a minute)")
    from dataclasses import replace

    first = replace(asked, until=asked.loaded.scenario.period.start, paths=()).witness()
    first.runs([1])


@contextmanager
def bar(
    total: int, unit: str, shown: bool | None, title: str | None = None
) -> Iterator[Callable[[int, int], None]]:
    """A bar of progress; told of what is done and what failed."""
    from tqdm import tqdm

    disable = None if shown is None else not shown
    with tqdm(
        total=total, unit=f" {unit}", desc=title, disable=disable, smoothing=0.1, mininterval=0.2
    ) as shown_bar:
        failures = 0

        def tick(done: int, failed: int) -> None:
            nonlocal failures
            shown_bar.update(done)
            if failed:
                failures += failed
                shown_bar.set_postfix_str(f"{failures} failed")

        yield tick
