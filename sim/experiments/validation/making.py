"""A validation from its file to its folder: every score, one JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import Problem, StoreError, UsageError
from sim.experiments.calibration.accept import accept, fitted_values
from sim.experiments.calibration.making import Study, replace_form, rival_table
from sim.experiments.calibration.posterior import read_posterior
from sim.experiments.calibration.problem import Calibration
from sim.experiments.calibration.smc import run_smc
from sim.experiments.calibration.table import Reference, form_digest, make_table
from sim.experiments.calibration.told import frame_bytes, record_digest
from sim.experiments.patterns.many import ask_all, bar, measure_points
from sim.experiments.store.files import land
from sim.experiments.validation import probes
from sim.experiments.validation.ablation import ablate, ablations
from sim.experiments.validation.held_out import accepted_without, pledge_probability, pledged_share
from sim.experiments.validation.nulls import need_sklearn
from sim.experiments.validation.predictive import (
    MODEL,
    accepted_runs,
    joint_frame,
    pattern_frame,
    pattern_verdicts,
    with_pledges_frame,
)  # fmt: skip
from sim.experiments.validation.reading import Validation, read_validation
from sim.experiments.validation.unit_scores import Asked, refits, unit_frames, unit_probabilities
from sim.results.trust import read_json

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["QUICK", "validate"]

QUICK = "quick: a check that all of it runs, on a few hundred draws; not a result"
_FIRST_SEED = 2**48
_MOST_RUNS = 8000
_QUICK_ABLATIONS = ("M02", "M51", "embeddedness")


def validate(
    source: str | Path = "validation",
    folder: Path | None = None,
    calibration: Path | None = None,
    quick: bool = False,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Path:
    """Hold a calibrated model against the record.

    Parameters
    ----------
    source
        File of the validation, or the name of a bundled one.
    folder
        Where it is kept; by default ``results/NAME``.
    calibration
        Folder of the calibration, by default ``results/`` and its name. What tables it lacks are made there.
    quick
        A small table of its own and a few of everything: shows that it runs.
    workers, progress, say
        As for :func:`sim.experiments.patterns.many.ask`.

    Returns
    -------
    Path
        The folder, with ``validation.json`` and tables.

    Raises
    ------
    ExperimentError
        With everything that is wrong with the file.
    UsageError
        If the calibration has not been made.
    """
    need_sklearn()
    found = read_validation(source)
    folder = folder or Path("results") / (f"{found.name}-quick" if quick else found.name)
    if quick:
        found = _small(found)
        study = Study(folder / "calibration", workers, progress, say)
    else:
        study = Study(calibration or Path("results") / found.calibration.name, workers, progress, say)
        _check_made(found.calibration, study.folder)
    folder.mkdir(parents=True, exist_ok=True)
    _Validating(found, folder, study, quick).all()
    return folder


def _check_made(calibration: Calibration, folder: Path) -> None:
    try:
        made = read_json(folder / "calibration.json", "calibration")
        found = (made["digest"], made["record"])
    except (OSError, StoreError, LookupError, TypeError):
        told = "no calibration there; make it first: bayah calibrate"
        raise UsageError(Problem(told, str(folder))) from None
    if found != (form_digest(calibration), record_digest(calibration)):
        told = "holds the calibration of another scenario, of another record or other code; make it anew: bayah calibrate"
        raise UsageError(Problem(told, str(folder)))


def _small(found: Validation) -> Validation:
    """The same with little of everything."""
    file = found.calibration.file
    file = file.model_copy(
        update={
            "table": replace_form(file.table, draws=500, replicates=4, accept=0.05),
            "rival_table": None
            if file.rival_table is None
            else replace_form(file.rival_table, draws=64, replicates=4, accept=0.2),
        }
    )
    form = found.form
    form = form.model_copy(
        update={
            "refits": form.refits.model_copy(update={"clusters": ()}),
            "ablation": replace_form(form.ablation, draws=8, tries=2, runs=2, fresh=2),
            "placebo": replace_form(form.placebo, dates=3, runs=24),
            "recoding": replace_form(form.recoding, runs=1),
            "ahead": replace_form(form.ahead, runs=1),
            "bootstrap": 500,
        }
    )
    return replace(found, form=form, calibration=replace(found.calibration, file=file))


class _Validating:
    """The steps, in order; each writes its table and its part of the JSON."""

    def __init__(self, found: Validation, folder: Path, study: Study, quick: bool) -> None:
        self.found, self.folder, self.study, self.quick = found, folder, study, quick
        self.calibration, self.form = found.calibration, found.form
        units = self.calibration.patterns.units
        assert units is not None
        rows = units.order(self.calibration.units)
        self.outcome = units.pledged[rows].astype(np.float64)
        self.clusters = [units.clusters[row] for row in rows]
        self.traits = {n: np.asarray(v) for n, v in units.traits_of(self.calibration.units).items()}
        self.data: dict[str, Any] = self._head()

    def _head(self) -> dict[str, Any]:
        calibration = self.calibration
        return {
            "name": self.found.name, "title": self.form.meta.title, "question": self.form.meta.question,
            "notes": [*([QUICK] if self.quick else []), *self.form.meta.notes], "quick": self.quick,
            "scenario": calibration.base.name, "calibration": calibration.name,
            "calibration_digest": form_digest(calibration), "split": self.found.split,
            "split_sha256": self.found.split_digest, "until": calibration.patterns.until,
            "patterns": {
                name: {"title": p.title, "role": p.role, "score": p.score, "source": p.source, "note": p.note}
                for name, p in calibration.patterns.file.patterns.items()
            },
            "inputs_after_fit": probes.late_inputs(calibration), "seconds": {},
        }  # fmt: skip

    def all(self) -> None:
        """Every step."""
        begun = time.monotonic()
        reference = self._timed("table", self._reference)
        points = self._timed("posterior", lambda: self._points(reference))
        rivals = self._timed("rivals", self._rivals)
        self._timed("patterns", lambda: self._patterns(reference, points, rivals))
        self._timed("units", lambda: self._units(reference, rivals))
        self._timed("fresh", self._fresh)
        self._timed("refits", lambda: self._refits(reference))
        self._timed("recoding", lambda: self._recoding(points))
        self._timed("placebo", lambda: self._placebo(points))
        self._timed("ahead", lambda: self._ahead(points))
        self._timed("ablation", lambda: self._ablation(points))
        self.data["seconds"]["all"] = round(time.monotonic() - begun, 1)
        self._write()

    def _timed(self, name: str, work: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        self.study.say(f"{name} ...")
        found = work()
        self.data["seconds"][name] = round(time.monotonic() - begun, 1)
        self._write()
        return found

    def _write(self) -> None:
        text = json.dumps(_clean(self.data), indent=1)
        land(self.folder / "validation.json", text.encode())

    def _keep(self, name: str, frame: pd.DataFrame, key: str | None = None) -> None:
        land(self.folder / f"{name}.parquet", frame_bytes(frame))
        self.data[key or name] = frame.to_dict("records")

    def _reference(self) -> Reference:
        table = self.calibration.file.table
        return make_table(
            self.calibration, self.study.folder / "table", table.draws, table.replicates, title="table",
            **self.study.how,
        )  # fmt: skip

    def _points(self, reference: Reference) -> NDArray[np.float64]:
        """Posterior draws: those of the calibration; in the quick form those that the small table accepts."""
        if not self.quick:
            posterior = read_posterior(self.study.folder)
            self.data["posterior"] = {**posterior.about, "draws": len(posterior.draws)}
            points: NDArray[np.float64] = posterior.draws[list(self.calibration.paths)].to_numpy()
            return points
        from sim.experiments.calibration.accept import resample

        values = fitted_values(self.calibration, reference)
        found = accept(reference, values, self.calibration.targets, self.calibration.file.table.accept)
        self.data["posterior"] = {"way": "table", "draws": 48, "effective": found.effective}
        return self.calibration.values(found.u[resample(found.weights, 48, self.form.seed)])

    def _rivals(self) -> dict[str, tuple[Calibration, Reference]]:
        return {
            name: rival_table(self.calibration, name, self.study) for name in self.calibration.file.rivals
        }

    def _rival_share(self) -> float:
        table = self.calibration.file.rival_table
        return 1.0 if table is None else table.accept

    def _patterns(
        self,
        reference: Reference,
        points: NDArray[np.float64],
        rivals: dict[str, tuple[Calibration, Reference]],
    ) -> None:
        calibration, runs = self.calibration, 4 if self.quick else 8
        values, good = measure_points(
            calibration.asked(), calibration.measures, points,
            lambda point: range(_FIRST_SEED + point * runs, _FIRST_SEED + (point + 1) * runs),
            **{**self.study.how, "progress": False},
        )  # fmt: skip
        samples = {MODEL: values[good]}
        samples["prior"] = reference.measures[:, 0][reference.good[:, 0]].astype(np.float64)[:_MOST_RUNS]
        for name, (rival, table) in rivals.items():
            found = accept(
                table, fitted_values(rival, table), rival.targets, self._rival_share(), adjust=False
            )
            samples[name] = accepted_runs(table, found, _MOST_RUNS, self.form.seed)
        frame = pattern_frame(calibration, calibration.all_targets, samples)
        self._keep("patterns", frame, "patterns_scored")
        verdicts = pattern_verdicts(frame)
        self._keep("verdicts", verdicts.reset_index())
        joint = joint_frame(calibration, calibration.all_targets, samples)
        self._keep("joint", joint)
        jointly = self.form.jointly
        if jointly.patterns and jointly.pledges is not None:
            both = with_pledges_frame(
                calibration, calibration.all_targets, samples, jointly.patterns, jointly.pledges
            )
            self._keep("with_pledges", both)
        fitted = verdicts[verdicts["role"] == "fit"]
        self.data["summary"] = {
            "fitted": len(fitted),
            "inside": int(fitted["inside"].sum()),
            "inside_and_skilled": int((fitted["inside"] & (fitted["skill"] > 0)).sum()),
            "outside": fitted.index[~fitted["inside"]].tolist(),
            "unskilled": fitted.index[~(fitted["skill"] > 0) & fitted["crps"].notna()].tolist(),
            "runs": {name: len(sample) for name, sample in samples.items()},
        }

    def _units(self, reference: Reference, rivals: dict[str, tuple[Calibration, Reference]]) -> None:
        asked = Asked(
            self.calibration, reference, rivals, self._rival_share(), self.outcome, self.clusters, self.traits,
            self.form,
        )  # fmt: skip
        with bar(refits(asked), "refits", self.study.progress, "held out") as tick:
            found = unit_probabilities(asked, lambda: tick(1, 0))
        frames = unit_frames(asked, found)
        for name, frame in frames.items():
            self._keep(name, frame)
        scores = frames["scores"]
        picked = (scores["split"] == "leave_cluster_out") & scores["predictor"].isin([MODEL, "rule"])
        self.data["summary"]["held_out"] = scores[picked].to_dict("records")

    def _refits(self, reference: Reference) -> None:
        """Short refits by SMC without some clusters, beside what the table gives."""
        import pandas as pd

        calibration, form = self.calibration, self.form.refits
        if not form.clusters:
            return
        from sim.experiments.calibration.accept import record_without

        smc = replace_form(calibration.file.smc, particles=form.particles, generations=form.generations)
        rows = []
        for cluster in form.clusters:
            out = [n for n, c in zip(calibration.units, self.clusters, strict=True) if c == cluster]
            keep = [n for n in calibration.units if n not in out]
            database = self.study.databases / f"without-{cluster}.db"
            found = run_smc(
                [calibration], record_without(calibration, keep), smc, database, title=f"without {cluster}",
                keep=keep, **self.study.how,
            )  # fmt: skip
            by_smc = self._pledging(calibration.values(found.u), found.weights)
            accepted = accepted_without(calibration, reference, calibration.file.table.accept, out)
            table = pledge_probability(reference, accepted)
            for name in out:
                n = calibration.units.index(name)
                rows.append({
                    "cluster": cluster, "unit": name, "outcome": int(self.outcome[n]), "from_table": float(table[n]),
                    "by_smc": float(by_smc[n]), "effective": found.effective,
                })  # fmt: skip
        self._keep("refits", pd.DataFrame(rows))

    def _fresh(self) -> None:
        """Who pledges in new runs at the posterior's draws, and at draws moved by regression: Brier scores in sample."""
        if self.quick:
            return
        scores = {}
        for name in ("posterior", "regression"):
            file = self.study.folder / (
                "posterior.parquet" if name == "posterior" else f"posterior-{name}.parquet"
            )
            points = read_posterior(file).draws[list(self.calibration.paths)].to_numpy()
            probability = self._pledging(points, np.full(len(points), 1.0 / len(points)))
            scores[name] = float(((probability - self.outcome) ** 2).mean())
        self.data["fresh"] = scores

    def _pledging(self, points: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probability that each unit pledges over fresh runs at weighted points."""
        made = ask_all(
            self.calibration.asked(), points, lambda point: range(_FIRST_SEED + 16 * point, _FIRST_SEED + 16 * point + 16),
            lambda records, good: {"pledged": pledged_share(records, good)}, **{**self.study.how, "progress": False},
        )  # fmt: skip
        found: NDArray[np.float64] = weights @ made["pledged"]
        return found

    def _quiet(self) -> dict[str, Any]:
        return {"workers": self.study.workers, "say": self.study.say}

    def _recoding(self, points: NDArray[np.float64]) -> None:
        frame = probes.recoding(self.calibration, points, self.form.recoding, **self._quiet())
        self._keep("recoding", frame)

    def _placebo(self, points: NDArray[np.float64]) -> None:
        self._keep("placebo", probes.placebo(self.calibration, points, self.form.placebo, **self._quiet()))

    def _ahead(self, points: NDArray[np.float64]) -> None:
        self._keep("predictions", probes.ahead(self.calibration, points, self.form.ahead, **self._quiet()))

    def _ablation(self, points: NDArray[np.float64]) -> None:
        only = (
            _QUICK_ABLATIONS if self.quick else tuple(name for name, _, _ in ablations(self.calibration.base))
        )
        with bar(len(only), "ablations", self.study.progress, "ablation") as tick:
            frame = ablate(
                self.calibration, self.calibration.all_targets, points, self.outcome, self.form.ablation,
                lambda name: name in only, lambda: tick(1, 0), **self._quiet(),
            )  # fmt: skip
        self.data["ablation_base"] = dict(frame.attrs)
        self._keep("ablation", frame)


def _clean(value: Any) -> Any:
    """Plain types; what is not a number is null, so that any reader of JSON takes it."""
    if isinstance(value, dict):
        return {str(key): _clean(child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(child) for child in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
