"""The Mesa model of the page: one or two arms that are stepped together on the same draws."""

from __future__ import annotations

import threading
from functools import lru_cache

from mesa import Model

from sim.agents.model import AllegianceModel
from sim.dashboard.setup import Arm, Setup
from sim.errors import BayahError, Problem
from sim.results.run import Run
from sim.scenario.quantities import month_text

__all__ = ["Stage"]


class Stage(Model):
    """Arms on the same seed, month by month.

    Parameters
    ----------
    setup
        What to run.
    months
        Months to simulate at once.

    Raises
    ------
    BayahError
        If the setup does not hold.
    """

    def __init__(self, setup: Setup, months: int = 0) -> None:
        arms = setup.arms()
        super().__init__(rng=setup.seed)
        self.setup = setup
        self.arms = arms
        self.models: tuple[AllegianceModel, ...] = ()
        """Made with the first month: what is compiled is loaded then, not while a page is drawn."""
        self.problems: tuple[Problem, ...] = ()
        self._lock = threading.RLock()
        self._over = False
        self._run = lru_cache(maxsize=2 * len(arms))(self._run_of)
        for _ in range(months):
            self.step()

    @property
    def months(self) -> int:
        """Months of the longest arm, in all."""
        return max(arm.compiled.months for arm in self.arms)

    @property
    def done(self) -> int:
        """Months simulated so far."""
        return max((model.months_done for model in self.models), default=0)

    @property
    def start(self) -> int:
        """Index of the first month."""
        return self.arms[0].compiled.start

    @property
    def date(self) -> str | None:
        """The last month simulated, ``2015-08``; None before the first."""
        return month_text(self.start + self.done - 1) if self.done else None

    def step(self) -> None:
        """Simulate one month of every arm. A run that leaves what the model allows ends, and says so."""
        with self._lock:
            if self._over:
                self.running = False
                return
            if not self.models:
                self.models = tuple(AllegianceModel(arm.compiled, self.setup.seed) for arm in self.arms)
            for model in self.models:
                try:
                    model.step()
                except BayahError as error:
                    self.problems = (*self.problems, *error.problems)
            self.running = any(model.running for model in self.models) and not self.problems

    def end(self) -> None:
        """No more months: whoever plays them sees that the run is over."""
        self._over = True

    def runs(self) -> tuple[Run, ...]:
        """The histories so far as runs, with their tables; empty before the first month."""
        with self._lock:
            if not self.done:
                return ()
            return tuple(self._run(n, model.months_done) for n, model in enumerate(self.models))

    def _run_of(self, arm: int, months: int) -> Run:
        about: Arm = self.arms[arm]
        return Run.of_history(about.loaded, about.compiled, self.models[arm].history, "mesa")
