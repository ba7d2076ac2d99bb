"""A calibration from its file to its folder, step by step; what is there is not made again."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, UsageError
from sim.experiments.calibration.about import starting_point
from sim.experiments.calibration.accept import Accepted, accept, fitted_values, quantiles, resample
from sim.experiments.calibration.posterior import Posterior, write_posterior
from sim.experiments.calibration.problem import Calibration, read_calibration
from sim.experiments.calibration.recovery import coverage, draw_truths, recover, recover_by_smc
from sim.experiments.calibration.smc import Generations, run_smc
from sim.experiments.calibration.table import Reference, digest, form_of, make_table
from sim.experiments.patterns.many import measure_points
from sim.experiments.sampling import prior_quantile
from sim.experiments.store.files import land

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "STEPS", "Study", "calibrate", "form_digest", "posterior_frame", "replace_form", "rival_table",
]  # fmt: skip

STEPS = ("table", "smc", "rivals", "choice", "recovery")
"""Steps of a calibration, in order."""
DRAWS = 500
"""Posterior draws that are kept."""
_LEVELS = (0.005, 0.05, 0.25, 0.5, 0.75, 0.95, 0.995)
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
        Which of :data:`STEPS` to take; ``table`` and ``smc`` always make the posterior.
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
    told = _Told(study.folder / "calibration.json", calibration)
    reference = told.timed("table", lambda: _table(calibration, study))
    found = _from_table(calibration, reference)
    told.add("table", {**_about_table(reference), **_about_accepted(found)})
    frames = {"table": posterior_frame(calibration, found.u, found.weights)}
    told.draws("posterior-table", _draws(calibration, found.u, found.weights), found.effective)
    if "smc" in steps:
        particles = told.timed("smc", lambda: _smc(calibration, study))
        told.add("smc", _about_smc(particles))
        frames["smc"] = posterior_frame(calibration, particles.u, particles.weights)
        told.draws("posterior", _draws(calibration, particles.u, particles.weights), particles.effective)
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


def _from_table(calibration: Calibration, reference: Reference) -> Accepted:
    values = fitted_values(calibration, reference)
    return accept(reference, values, calibration.targets, calibration.file.table.accept)


def _smc(calibration: Calibration, study: Study) -> Generations:
    name = form_digest(calibration)[:12]
    database = study.databases / f"{name}.db"
    return run_smc([calibration], calibration.targets, calibration.file.smc, database, **study.how)


def _draws(
    calibration: Calibration, u: NDArray[np.float64], weights: NDArray[np.float64], count: int = DRAWS
) -> pd.DataFrame:
    """Draws of equal weight, in the numbers of the scenario; those that are fixed stand beside them."""
    import pandas as pd

    rows = resample(weights, count, calibration.file.seed)
    values = calibration.values(u[rows])
    frame = pd.DataFrame(values, columns=list(calibration.paths))
    fixed = pd.DataFrame({path: np.full(count, value) for path, value in sorted(calibration.fixed.items())})
    return pd.concat([frame, fixed], axis=1)


def posterior_frame(
    calibration: Calibration, u: NDArray[np.float64], weights: NDArray[np.float64]
) -> pd.DataFrame:
    """Posterior against prior, a row for each free number.

    Returns
    -------
    pd.DataFrame
        By path: mean, sd, quantiles of both, ``place``: share of the prior below the posterior median, ``outside_99``:
        whether that lies outside the prior's 99 % interval, ``contraction``: 1 - variance over the prior's.
    """
    import pandas as pd

    values = calibration.values(u)
    at = quantiles(values, weights, _LEVELS)
    middle = quantiles(u, weights, [0.5])[0]
    grid = (np.arange(4096) + 0.5) / 4096
    rows = []
    for n, one in enumerate(calibration.fields):
        assert one.quantity is not None
        assert one.quantity.prior is not None
        prior = prior_quantile(one.quantity.prior, grid, one.within)
        mean = float(weights @ values[:, n])
        sd = float(np.sqrt(weights @ (values[:, n] - mean) ** 2))
        row: dict[str, Any] = {"path": one.path, "unit": one.unit, "stated": _number(one.value)}
        row |= {"mean": mean, "sd": sd, "prior_mean": float(prior.mean()), "prior_sd": float(prior.std())}
        for m, level in enumerate(_LEVELS):
            row[f"q{1000 * level:03.0f}"] = float(at[m, n])
            row[f"prior_q{1000 * level:03.0f}"] = float(np.quantile(prior, level))
        row["place"] = float(middle[n])
        row["outside_99"] = not 0.005 <= middle[n] <= 0.995
        row["contraction"] = float(1.0 - sd**2 / prior.var())
        rows.append(row)
    return pd.DataFrame(rows).set_index("path")


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


def _predictive(calibration: Calibration, study: Study, told: _Told) -> None:
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

    file = folder / "posterior.parquet"
    chosen = file if file.exists() else folder / "posterior-table.parquet"
    found: NDArray[np.float64] = read_posterior(chosen).draws[list(calibration.paths)].to_numpy()
    return found


def _rivals(calibration: Calibration, study: Study, told: _Told, threshold: float) -> None:
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


def _choice(calibration: Calibration, study: Study, told: _Told) -> None:
    """The most probable of the decision rules, by SMC over all of them at once."""
    names = [name for name, rival in calibration.file.rivals.items() if rival.choice]
    if not names:
        return
    form, own = calibration.file.choice, calibration.base.scenario.decision.rule
    smc = replace_form(calibration.file.smc, particles=form.particles, generations=form.generations)
    models = [calibration, *(calibration.rival(name) for name in names)]
    name = form_digest(calibration)[:12]
    found = run_smc(
        models, calibration.targets, smc, study.databases / f"{name}-choice.db", title="choice", **study.how
    )
    last = found.probabilities.iloc[-1]
    probability = {label: float(last.get(n, 0.0)) for n, label in enumerate([own, *names])}
    told.add("choice", {**_about_smc(found), "probability": probability})


def form_digest(calibration: Calibration) -> str:
    """What makes a calibration this one: its scenario, free numbers, measures and code."""
    return digest(form_of(calibration, 0))


def replace_form(form: Any, **changes: Any) -> Any:
    """A form with some fields changed."""
    return form.model_copy(update=changes)


def _recovery(calibration: Calibration, reference: Reference, study: Study, told: _Told) -> None:
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
    name = form_digest(calibration)[:12]
    by_smc = recover_by_smc(short, truths, form.by_smc, study.databases / f"{name}-recovery", **study.how)
    found = pd.concat([by_table, by_smc], ignore_index=True)
    told.frame("recovery", found)
    covered = coverage(by_table)
    about: dict[str, Any] = {"truths": form.truths, "coverage": covered.reset_index().to_dict("records")}
    if len(by_smc):
        about["smc"] = coverage(by_smc).loc[["all"]].reset_index().to_dict("records")[0]
    told.add("recovery", about)


class _Told:
    """The file of all numbers, written anew after each step."""

    def __init__(self, file: Path, calibration: Calibration) -> None:
        self.file, self.calibration = file, calibration
        form = form_digest(calibration)
        try:
            there = json.loads(file.read_text())
        except (OSError, ValueError):
            there = {}
        self.data: dict[str, Any] = there if there.get("digest") == form else {}
        self.data |= {
            "name": calibration.name,
            "title": calibration.file.meta.title,
            "digest": form,
            "scenario": calibration.base.name,
            "rule": calibration.base.scenario.decision.rule,
            "until": calibration.patterns.until,
            "free": list(calibration.paths),
            "fixed": dict(calibration.fixed),
            "patterns": {
                name: {"title": pattern.title, "role": pattern.role, "score": pattern.score}
                for name, pattern in calibration.patterns.file.patterns.items()
            },
            "notes": list(calibration.file.meta.notes),
            **starting_point(calibration),
        }
        self.data.setdefault("seconds", {})

    def timed(self, step: str, work: Callable[[], Any]) -> Any:
        """Do a step and keep how long it took; one that was done before keeps its time if that was longer."""
        begun = time.monotonic()
        found = work()
        before = self.data["seconds"].get(step, 0.0)
        self.data["seconds"][step] = round(max(before, time.monotonic() - begun), 1)
        self.write()
        return found

    def add(self, key: str, value: Any) -> None:
        """Keep what a step found."""
        self.data[key] = value
        self.write()

    def write(self) -> None:
        """Write the file."""
        text = json.dumps(self.data, indent=1, default=_plain)
        land(self.file, text.encode())

    def frame(self, name: str, frame: pd.DataFrame) -> None:
        """Keep a table."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink, compression="zstd")
        land(self.file.parent / f"{name}.parquet", sink.getvalue().to_pybytes())

    def parameters(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Keep posterior against prior, by way."""
        import pandas as pd

        whole = pd.concat(frames, names=["way"]).reset_index()
        self.frame("parameters", whole)
        self.add("parameters", whole.to_dict("records"))

    def draws(self, name: str, frame: pd.DataFrame, effective: float) -> None:
        """Keep posterior draws."""
        about = {
            "calibration": self.calibration.name,
            "scenario": self.calibration.base.name,
            "digest": self.data["digest"],
            "free": list(self.calibration.paths),
            "effective": round(effective, 1),
            "way": "table" if name.endswith("table") else "smc",
        }
        write_posterior(Posterior(frame, about), self.file.parent / f"{name}.parquet")


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def _number(value: Any) -> float:
    return float(getattr(value, "value", value))
