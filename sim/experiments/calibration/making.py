"""A calibration from its file to its folder, step by step; what is there is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, UsageError
from sim.experiments.calibration.accept import Accepted, accept, fitted_values
from sim.experiments.calibration.narrowed import equal_draws, posterior_frame
from sim.experiments.calibration.problem import Calibration, read_calibration
from sim.experiments.calibration.recovery import coverage, draw_truths, recover, recover_by_smc
from sim.experiments.calibration.smc import Generations, run_smc
from sim.experiments.calibration.table import Reference, make_table
from sim.experiments.calibration.told import Told
from sim.experiments.patterns.many import measure_points

__all__ = ["STEPS", "Study", "calibrate", "replace_form", "rival_table"]

STEPS = ("table", "smc", "rivals", "choice", "recovery")
"""Steps of a calibration, in order."""
_FIRST_SEED = 2**42


@dataclass(frozen=True)
class Study:
    """How a calibration is run: where, on how many threads, and who is told."""

    folder: Path
    workers: int | None = None
    progress: bool | None = None
    say: Callable[[str], None] = lambda text: None

    @property
    def how(self) -> dict[str, Any]:
        """As keyword arguments."""
        return {"workers": self.workers, "progress": self.progress, "say": self.say}

    @property
    def databases(self) -> Path:
        """Folder of pyABC's histories: beside the results, not inside."""
        return self.folder.with_name(f"{self.folder.name}.smc")


def calibrate(
    source: str | Path = "calibration",
    folder: Path | None = None,
    steps: Sequence[str] = STEPS,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Calibrate, or go on with a calibration that was begun.

    Parameters
    ----------
    source
        File of the calibration, or the name of a bundled one.
    folder
        Where it is kept; by default ``results/NAME``.
    steps
        Which of :data:`STEPS` to take; the table is always made.
    workers, progress, say
        As for :func:`sim.experiments.patterns.many.ask`.

    Returns
    -------
    Path
        The folder, with ``calibration.json``, ``posterior.parquet`` and tables.

    Raises
    ------
    ExperimentError
        With everything that is wrong with the file.
    IncompleteError
        If it was interrupted; the same call goes on.
    """
    wrong = [step for step in steps if step not in STEPS]
    if wrong:
        from sim.scenario.wording import listed, nearest

        raise UsageError(
            [Problem(f"no such step{nearest(w, STEPS)}; known: {listed(STEPS)}", w) for w in wrong]
        )
    calibration = read_calibration(source)
    study = Study(folder or Path("results") / calibration.name, workers, progress, say)
    study.folder.mkdir(parents=True, exist_ok=True)
    told = Told(study.folder / "calibration.json", calibration)
    reference = told.timed("table", lambda: _table(calibration, study))
    found = _from_table(calibration, reference)
    told.add("table", {**_about_table(reference), **_about_accepted(found)})
    frames = {"table": posterior_frame(calibration, found.u, found.weights)}
    ways = {"table": (equal_draws(calibration, found.u, found.weights), found.effective)}
    if "smc" in steps or "smc" in told.data:
        particles = told.timed("smc", lambda: _smc(calibration, study))
        told.add("smc", _about_smc(particles))
        frames["smc"] = posterior_frame(calibration, particles.u, particles.weights)
        ways["smc"] = (equal_draws(calibration, particles.u, particles.weights), particles.effective)
    told.posterior(ways)
    moved = _from_table(calibration, reference, adjust=True)
    frames["regression"] = posterior_frame(calibration, moved.u, moved.weights)
    told.keep_draws("regression", equal_draws(calibration, moved.u, moved.weights), moved.effective)
    told.parameters(frames)
    told.timed("predictive", lambda: _predictive(calibration, study, told))
    if "rivals" in steps:
        told.timed("rivals", lambda: _rivals(calibration, study, told, found.threshold))
    if "choice" in steps:
        told.timed("choice", lambda: _choice(calibration, study, told))
    if "recovery" in steps:
        told.timed("recovery", lambda: _recovery(calibration, reference, study, told))
    return study.folder


def _table(calibration: Calibration, study: Study) -> Reference:
    table = calibration.file.table
    return make_table(
        calibration, study.folder / "table", table.draws, table.replicates, title="table", **study.how
    )


def rival_table(calibration: Calibration, name: str, study: Study) -> tuple[Calibration, Reference]:
    """A rival model and its table, made if it is not there."""
    rival = calibration.rival(name)
    table = calibration.file.rival_table
    assert table is not None
    folder = study.folder / "rivals" / name
    return rival, make_table(rival, folder, table.draws, table.replicates, title=name, **study.how)


def _from_table(calibration: Calibration, reference: Reference, adjust: bool = False) -> Accepted:
    values = fitted_values(calibration, reference)
    return accept(reference, values, calibration.targets, calibration.file.table.accept, adjust)


def _smc(calibration: Calibration, study: Study) -> Generations:
    database = study.databases / "posterior.db"
    return run_smc([calibration], calibration.targets, calibration.file.smc, database, **study.how)


def _about_table(reference: Reference) -> dict[str, Any]:
    return {
        "draws": reference.draws,
        "replicates": reference.replicates,
        "runs": int(reference.good.size),
        "failed": int((~reference.good).sum()),
    }


def _about_accepted(found: Accepted) -> dict[str, Any]:
    return {"accepted": len(found.draws), "threshold": found.threshold, "effective": found.effective}


def _about_smc(found: Generations) -> dict[str, Any]:
    return {
        "particles": len(found.u),
        "effective": found.effective,
        "generations": found.history.to_dict("records"),
        "evaluations": int(found.history["samples"].sum()),
    }


def _predictive(calibration: Calibration, study: Study, told: Told) -> None:
    """What runs at posterior draws do, each draw with seeds of its own: measures of every run."""
    import pandas as pd

    points = _stored_points(calibration, study.folder)
    runs = 8
    values, good = measure_points(
        calibration.asked(), calibration.measures, points,
        lambda point: range(_FIRST_SEED + point * runs, _FIRST_SEED + (point + 1) * runs),
        title="predictive", **study.how,
    )  # fmt: skip
    names = [measure.name for measure in calibration.measures]
    frame = pd.DataFrame(values.reshape(-1, len(names)), columns=names)
    frame.insert(0, "draw", np.repeat(np.arange(len(points)), runs))
    frame = frame[good.reshape(-1)]
    told.frame("predictive", frame)
    all_targets = calibration.all_targets
    inside = all_targets.inside(frame[names].to_numpy())
    told.add(
        "predictive",
        {"runs": len(frame), "in_range": dict(zip(names, inside.mean(axis=0).tolist(), strict=True))},
    )


def _stored_points(calibration: Calibration, folder: Path) -> NDArray[np.float64]:
    from sim.experiments.calibration.posterior import read_posterior

    found: NDArray[np.float64] = read_posterior(folder).draws[list(calibration.paths)].to_numpy()
    return found


def _rivals(calibration: Calibration, study: Study, told: Told, threshold: float) -> None:
    """Each rival from a table of its own; how often its runs come as near as the calibrated model's accepted ones."""
    about: dict[str, Any] = {}
    table = calibration.file.rival_table
    assert table is not None
    for name in calibration.file.rivals:
        rival, reference = rival_table(calibration, name, study)
        values = fitted_values(rival, reference)
        found = accept(reference, values, rival.targets, table.accept)
        distances = rival.targets.distances(values)
        about[name] = {
            "title": calibration.file.rivals[name].title,
            **_about_table(reference),
            **_about_accepted(found),
            "near": float((distances[reference.good.reshape(-1)] <= threshold).mean()),
            "parameters": posterior_frame(rival, found.u, found.weights).reset_index().to_dict("records"),
        }
    told.add("rivals", about)


def _choice(calibration: Calibration, study: Study, told: Told) -> None:
    """The most probable of the decision rules, by SMC over all of them at once."""
    names = [name for name, rival in calibration.file.rivals.items() if rival.choice]
    if not names:
        return
    form, own = calibration.file.choice, calibration.base.scenario.decision.rule
    smc = replace_form(calibration.file.smc, particles=form.particles, generations=form.generations)
    models = [calibration, *(calibration.rival(name) for name in names)]
    found = run_smc(
        models, calibration.targets, smc, study.databases / "choice.db", title="choice", **study.how
    )
    last = found.probabilities.iloc[-1]
    probability = {label: float(last.get(n, 0.0)) for n, label in enumerate([own, *names])}
    told.add("choice", {**_about_smc(found), "probability": probability})


def replace_form(form: Any, **changes: Any) -> Any:
    """A form with some fields changed."""
    return form.model_copy(update=changes)


def _recovery(calibration: Calibration, reference: Reference, study: Study, told: Told) -> None:
    import pandas as pd

    from sim.experiments.patterns.many import bar

    form = calibration.file.recovery
    truths = draw_truths(calibration, form.truths, **study.how)
    with bar(form.truths, "truths", study.progress, "recovery") as tick:
        by_table = recover(calibration, reference, truths, lambda: tick(1, 0))
    short = replace(
        calibration,
        file=calibration.file.model_copy(
            update={"smc": replace_form(calibration.file.smc, particles=200, generations=4)}
        ),
    )
    by_smc = recover_by_smc(short, truths, form.by_smc, study.databases, **study.how)
    found = pd.concat([by_table, by_smc], ignore_index=True)
    told.frame("recovery", found)
    covered = coverage(by_table)
    about: dict[str, Any] = {"truths": form.truths, "coverage": covered.reset_index().to_dict("records")}
    if len(by_smc):
        about["smc"] = coverage(by_smc).loc[["all"]].reset_index().to_dict("records")[0]
    told.add("recovery", about)
