"""Many runs of an arm while the page stays usable: how far they are, and what came of them."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.dashboard.setup import Arm
from sim.errors import BayahError, Problem
from sim.measures import MONTHLY

if TYPE_CHECKING:
    from sim.experiments.results import Results

__all__ = ["Ensemble", "Progress"]


MOST_SEED = 2**53


@dataclass(frozen=True)
class Progress:
    """How far an ensemble is."""

    done: int = 0
    total: int = 0
    finished: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def percent(self) -> float:
        """Of its runs, 0 to 100."""
        return 100.0 * self.done / self.total if self.total else 0.0


class Ensemble:
    """Runs of every arm on the seeds from the page's on, in a thread of their own.

    Parameters
    ----------
    arms
        What is run.
    runs
        Runs of each arm.
    seed
        The first seed.
    """

    def __init__(self, arms: tuple[Arm, ...], runs: int, seed: int) -> None:
        from sim.experiments.execute.control import Stop

        self.arms, self.runs, self.seed = arms, runs, seed
        self.results: list[Results] = []
        self.progress = Progress(0, runs * len(arms))
        self._stop, self._lock = Stop(), threading.Lock()
        self._places: list[tempfile.TemporaryDirectory[str]] = []

    def stop(self) -> None:
        """Give up what is in hand."""
        self._stop.asked.set()
        self._stop.now.set()
        if self.progress.finished:
            self._clear()

    def make(self, tell: Callable[[Progress], None]) -> None:
        """Make the runs; tell of every block of them, and of the end. Called in a thread of its own."""

        def tick(done: int, failed: int) -> None:
            with self._lock:
                self.progress = Progress(self.progress.done + done, self.progress.total)
            tell(self.progress)

        if self.seed + self.runs > MOST_SEED:
            told = f"many runs need seeds below 2**53, one after the other; this one is {self.seed}"
            self.progress = Progress(0, self.progress.total, True, (Problem(told),))
            tell(self.progress)
            return
        try:
            for arm in self.arms:
                if not self._stop.asked.is_set():
                    self._make_arm(arm, tick)
            problems: tuple[Problem, ...] = ()
        except BayahError as error:
            problems = error.problems
        finally:
            if self._stop.asked.is_set():
                self._clear()
        if not self._stop.asked.is_set():
            self.progress = Progress(self.progress.done, self.progress.total, True, problems)
            tell(self.progress)

    def _clear(self) -> None:
        for place in self._places:
            place.cleanup()

    def _make_arm(self, arm: Arm, tick: Callable[[int, int], None]) -> None:
        from sim.api.sweeping import plan_sweep
        from sim.experiments.results import Results
        from sim.experiments.sweep import run_sweep

        meta, name = arm.loaded.scenario.meta, arm.loaded.name
        design = {
            "name": name,
            "meta": {"title": meta.title, "question": meta.question, "schema_version": 1},
            "scenario": name,
            "seed": self.seed,
            "trajectories": {"keep": "all", "outcomes": [column.name for column in MONTHLY]},
        }
        plan = plan_sweep(design, runs=self.runs, scenarios={name: arm.loaded})
        # It goes with the ensemble, or with the process.
        self._places.append(tempfile.TemporaryDirectory(prefix="bayah-", ignore_cleanup_errors=True))
        place = Path(self._places[-1].name)
        # One thread: the page needs a processor, too.
        report = run_sweep(plan, place / "runs", 1, progress=False, tick=tick, stop=self._stop)
        if not report.stopped and not report.mine_left:
            self.results.append(Results(place / "runs"))
