"""What one visitor's page holds: what is asked, what runs, what was clicked."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import solara

from sim.dashboard.background import Ensemble, Progress
from sim.dashboard.downloads import file_name
from sim.dashboard.setup import Setup, Source, setup_of
from sim.dashboard.stage import Stage
from sim.errors import BayahError, Problem
from sim.scenario.load import Loaded

__all__ = ["MOST_BYTES", "Desk"]

MOST_BYTES = 10_000_000
"""An uploaded file is at most as large."""


class Desk:
    """The state of a page. Whatever fails becomes problems to show; the last stage that held goes on.

    Parameters
    ----------
    opening
        The scenario to begin with.
    """

    def __init__(self, opening: Source) -> None:
        setup, stage, plain, problems = _begin(opening)
        self.setup = solara.reactive(setup)
        self.stage = solara.reactive(stage)
        self.plain = solara.reactive(plain)
        """The scenario whose levers are moved, before any was."""
        self.problems: solara.Reactive[tuple[Problem, ...]] = solara.reactive(problems)
        self.parameters: solara.Reactive[dict[str, Any]] = solara.reactive({"setup": setup})
        self.refused = solara.reactive(0)
        self.controls = solara.reactive(0)
        self.faction: solara.Reactive[str | None] = solara.reactive(None)
        self.month: solara.Reactive[str | None] = solara.reactive(None)
        self.interval = solara.reactive(150)
        self.stride = solara.reactive(1)
        self.threads = solara.reactive(False)
        self.outcome = solara.reactive("focus_fighters")
        self.runs = solara.reactive(200)
        self.ensemble: solara.Reactive[Ensemble | None] = solara.reactive(None)
        self.progress: solara.Reactive[Progress] = solara.reactive(Progress())

    def ask(self, setup: Setup, keep_month: bool = True) -> None:
        """Run another setup, on to the month that is shown, or tell why that cannot be."""
        before = self.stage.value
        try:
            plain = setup.plain()
            stage = Stage(setup, before.done if keep_month else 0)
        except (BayahError, OSError) as error:
            self.problems.set(_problems(error))
            self.refused.set(self.refused.value + 1)
            return
        self.setup.set(setup)
        self.problems.set(())
        self.parameters.set({"setup": setup})
        self.plain.set(plain)
        self.stage.set(stage)
        if not before.running:
            # Mesa's controls have noted the end of what ran before: they begin anew.
            self.controls.set(self.controls.value + 1)
        self.give_up()

    def open(self, source: Source) -> None:
        """Begin with a scenario; a what-if comes with the scenario that it changes."""
        try:
            setup = setup_of(source, self.setup.value)
        except (BayahError, OSError) as error:
            self.problems.set(_problems(error))
            return
        self.faction.set(None)
        self.month.set(None)
        self.ask(setup, keep_month=False)

    def upload(self, name: str, content: str | None) -> None:
        """Begin with a file from the visitor's own disk.

        Parameters
        ----------
        name
            Its name there.
        content
            Its bytes in base64; None where it is larger than :data:`MOST_BYTES`.
        """
        if content is None or len(content) > MOST_BYTES * 4 / 3 + 4:
            self.problems.set((Problem(f"is larger than {MOST_BYTES // 1_000_000} MB", name),))
            return
        try:
            text = base64.b64decode(content, validate=True).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.problems.set((Problem(f"is not UTF-8 text: {error.reason} at byte {error.start}", name),))
            return
        except ValueError:
            self.problems.set((Problem("could not be read", name),))
            return
        stem = name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1].rsplit(".", 1)[0]
        self.open(Source(file_name(stem), text))

    def choose_what_if(self, name: str | None) -> None:
        """Put a bundled what-if beside the scenario, or none."""
        self.ask(replace(self.setup.value, what_if=None if name is None else Source(name), moved=()))

    def move(self, path: str, value: Any) -> None:
        """Move a lever, on the same draws, and go on to the month that is shown; None leaves an event out."""
        setup = self.setup.value
        if value is None:
            # What an event is like says nothing once it does not happen.
            for moved, _ in setup.moved:
                setup = setup.without_lever(moved) if moved.startswith(f"{path}.") else setup
        self.ask(setup.with_lever(path, value))

    def put_back(self, path: str) -> None:
        """Put a lever back."""
        self.ask(self.setup.value.without_lever(path))

    def pick(self, faction: str | None, month: str | None = None) -> None:
        """Ask about a faction."""
        self.faction.set(faction)
        self.month.set(month)

    def pick_clicked(self, event: Any) -> None:
        """Ask about what was clicked in a figure: a bar or a node."""
        data = event.get("data") if isinstance(event, dict) else None
        if isinstance(data, dict) and data.get("faction"):
            self.pick(str(data["faction"]), data.get("month"))

    def make_many(self) -> None:
        """Begin an ensemble of the arms shown."""
        stage = self.stage.value
        self.give_up()
        self.progress.set(Progress(0, self.runs.value * len(stage.arms)))
        self.ensemble.set(Ensemble(stage.arms, self.runs.value, stage.setup.seed))

    def close(self) -> None:
        """The visitor has gone: nothing goes on."""
        self.stage.value.end()
        if self.ensemble.value is not None:
            self.ensemble.value.stop()

    def give_up(self) -> None:
        """Give up an ensemble: it was of something else."""
        if self.ensemble.value is not None:
            self.ensemble.value.stop()
            self.ensemble.set(None)
        self.progress.set(Progress())


def _begin(opening: Source) -> tuple[Setup, Stage, Loaded, tuple[Problem, ...]]:
    """What a page begins with: what was asked for, or the baseline and the reasons."""
    try:
        setup = setup_of(opening, Setup())
        return setup, Stage(setup), setup.plain(), ()
    except (BayahError, OSError) as error:
        return Setup(), Stage(Setup()), Setup().plain(), _problems(error)


def _problems(error: BayahError | OSError) -> tuple[Problem, ...]:
    if isinstance(error, BayahError):
        return error.problems
    return (Problem(error.strerror or "cannot be read", str(error.filename or "")),)
