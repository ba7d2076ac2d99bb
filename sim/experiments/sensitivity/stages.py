"""Morris, then Sobol on what survives: designs, runs, indices as plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.reading import Measure
from sim.experiments.patterns.targets import measured
from sim.experiments.sensitivity.indices import (
    morris_design,
    morris_indices,
    morris_sizes,
    need_salib,
    sobol_design,
    sobol_indices,
    sobol_sizes,
    whole_groups,
)  # fmt: skip
from sim.experiments.sensitivity.noise import averages
from sim.experiments.sensitivity.parts import FORMAT, VERSION, Made, claim, make_points
from sim.experiments.sensitivity.reading import Inquiry
from sim.experiments.sensitivity.schema import Keep

__all__ = ["Analysis", "Stage", "analyse", "survivors"]

Floats = NDArray[np.float64]
LEAST = {"morris": 2, "sobol": 8}
"""Fewer whole trajectories or blocks than this give no indices."""
SHOWN = {"morris": ("mu_star", "low", "high"), "sobol": ("total", "total_low", "total_high")}
"""What is told at every size of a design, to show whether it has settled."""


@dataclass(frozen=True, eq=False)
class Stage:
    """A design with its runs."""

    name: str
    paths: tuple[str, ...]
    design: Floats
    """In the unit cube."""
    points: Floats
    """In their own units."""
    made: Made
    size: int
    """Points of a trajectory or block."""


@dataclass(frozen=True, eq=False)
class Analysis:
    """An analysis that was made: its numbers as plain data, and the points behind them."""

    about: dict[str, Any]
    stages: tuple[Stage, ...]


def analyse(
    inquiry: Inquiry,
    folder: Path,
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Analysis:
    """Make the runs of an analysis that its folder does not hold yet, and work out its indices.

    Raises
    ------
    UsageError
        If SALib is not installed.
    StoreError
        If the folder holds something else.
    IncompleteError
        If it was interrupted: what is kept is whole, the same call goes on.
    """
    need_salib()
    _try(inquiry)
    claim(inquiry, folder)
    how: dict[str, Any] = {"workers": workers, "progress": progress, "say": say}
    about = _about(inquiry)
    stages = []
    paths, morris, sobol = inquiry.paths, inquiry.form.morris, inquiry.form.sobol
    if morris is not None:
        design = morris_design(paths, morris.trajectories, morris.levels, inquiry.form.seed)
        stages.append(_make(inquiry, folder, "morris", paths, design, morris.replicates, how))
        about["morris"] = _told(inquiry, stages[-1])
    if sobol is not None:
        if morris is not None:
            paths = survivors(about["morris"], inquiry.form.keep)
            about["kept"] = list(paths)
        design = sobol_design(paths, sobol.points, inquiry.form.seed)
        stages.append(_make(inquiry, folder, "sobol", paths, design, sobol.replicates, how))
        about["sobol"] = _told(inquiry, stages[-1])
    return Analysis(about, tuple(stages))


def _try(inquiry: Inquiry) -> None:
    """One run, so that a statistic that cannot be told of these runs is found before there are many."""
    witness = inquiry.asked(()).witness()
    records, _ = witness.runs([inquiry.form.seed])
    problems: list[Problem] = []
    for one in inquiry.outputs:
        try:
            measured([cast("Measure", one)], records)
        except ExperimentError as error:
            problems += error.problems
        except (KeyError, IndexError, ValueError) as error:
            told = f"'{one.form.statistic}' cannot be told of these runs ({type(error).__name__}: {error})"
            problems.append(Problem(told, inquiry.name, path=f"outputs.{one.name}"))
    if problems:
        raise ExperimentError(problems)


def _about(inquiry: Inquiry) -> dict[str, Any]:
    form = inquiry.form
    return {
        "format": FORMAT,
        "version": VERSION,
        "name": inquiry.name,
        "title": form.meta.title,
        "question": form.meta.question,
        "scenario": form.scenario,
        "until": form.until or inquiry.loaded.scenario.period.end,
        "seed": form.seed,
        "outputs": {
            one.name: {"title": one.form.title, "statistic": one.form.statistic, "unit": one.unit}
            for one in inquiry.outputs
        },
        "parameters": {one.path: one.about for one in inquiry.parameters},
    }


def _make(
    inquiry: Inquiry, folder: Path, name: str, paths: tuple[str, ...], design: Floats, replicates: int,
    how: Mapping[str, Any],
) -> Stage:  # fmt: skip
    known = {one.path: one for one in inquiry.parameters}
    turned = [
        known[path].levels(design[:, n]) if name == "morris" else known[path].values(design[:, n])
        for n, path in enumerate(paths)
    ]
    points = np.stack(turned, axis=1)
    made = make_points(inquiry, folder, name, paths, points, replicates, **how)
    return Stage(name, paths, design, points, made, len(paths) + (1 if name == "morris" else 2))


def _told(inquiry: Inquiry, stage: Stage) -> dict[str, Any]:
    """A stage as plain data."""
    points, replicates = stage.made.good.shape
    return {
        "numbers": len(stage.paths),
        "points": points,
        "groups": points // stage.size,
        "replicates": replicates,
        "runs": points * replicates,
        "failed": int((~stage.made.good).sum()),
        "outputs": {
            one.name: _output(inquiry, stage, stage.made.values[:, :, n])
            for n, one in enumerate(inquiry.outputs)
        },
    }


def _output(inquiry: Inquiry, stage: Stage, values: Floats) -> dict[str, Any]:
    """Noise, indices and their convergence of an output, over the groups of points that have something to say."""
    groups, rows = whole_groups(values, stage.size)
    told: dict[str, Any] = {
        "dropped": int((~groups).sum()),
        "undefined": int((stage.made.good & ~np.isfinite(values)).sum()),
        "noise": averages(values).told(_sample_rows(stage) & rows),
    }
    kept = int(groups.sum())
    if kept < LEAST[stage.name]:
        return {**told, "indices": {}, "convergence": []}
    design, values = stage.design[rows], values[rows]
    sizes = morris_sizes(kept) if stage.name == "morris" else sobol_sizes(kept)

    def indices(size: int) -> dict[str, list[float]]:
        at = slice(0, size * stage.size)
        if stage.name == "sobol":
            return sobol_indices(design[at], values[at], inquiry.form.seed)
        assert inquiry.form.morris is not None
        return morris_indices(design[at], values[at], inquiry.form.morris.levels, inquiry.form.seed)

    found = {size: indices(size) for size in sizes}
    convergence = [
        {"size": size, "indices": _by_path(stage.paths, {name: one[name] for name in SHOWN[stage.name]})}
        for size, one in found.items()
    ]
    return {**told, "indices": _by_path(stage.paths, found[kept]), "convergence": convergence}


def _sample_rows(stage: Stage) -> NDArray[np.bool_]:
    """Points that are a sample of the priors: all of Morris, A and B of Sobol."""
    place = np.arange(len(stage.design)) % stage.size
    return (
        np.ones(len(place), dtype=bool)
        if stage.name == "morris"
        else (place == 0) | (place == stage.size - 1)
    )


def _by_path(paths: Sequence[str], columns: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
    return {path: {name: column[n] for name, column in columns.items()} for n, path in enumerate(paths)}


def survivors(morris: Mapping[str, Any], keep: int | Keep) -> tuple[str, ...]:
    """Numbers that go on from a screening, in the order of their largest effect on any output.

    Parameters
    ----------
    morris
        The screening as plain data.
    keep
        How many, or the rule.

    Raises
    ------
    ExperimentError
        If no number has any effect.
    """
    scores: dict[str, float] = {}
    for told in morris["outputs"].values():
        largest = max((one["mu_star"] for one in told["indices"].values()), default=0.0)
        for path, one in told["indices"].items():
            share = one["mu_star"] / largest if largest > 0 else 0.0
            scores[path] = max(scores.get(path, 0.0), share)
    least, most = (0.0, keep) if isinstance(keep, int) else (keep.share, keep.most)
    found = [path for path in sorted(scores, key=lambda path: -scores[path]) if scores[path] > 0]
    found = [path for path in found if scores[path] >= least][:most]
    if not found:
        raise ExperimentError(
            Problem("no number has any effect on any output: there is nothing for Sobol to share")
        )
    return tuple(found)
