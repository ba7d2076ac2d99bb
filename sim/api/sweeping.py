"""Many runs from a notebook."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.handle import ScenarioHandle
from sim.api.voice import say, shown
from sim.errors import IncompleteError, Problem, UsageError
from sim.scenario.load import Loaded, load, with_overrides

if TYPE_CHECKING:
    from sim.experiments.plan import Plan
    from sim.experiments.results import Results
    from sim.experiments.sweep import SweepReport

__all__ = ["ensemble", "open_results", "plan_sweep", "sweep"]

Rule = Callable[..., int]


def plan_sweep(
    design: str | Path | Mapping[str, Any],
    runs: int | None = None,
    trajectories: str | None = None,
    rule: Rule | None = None,
    scenarios: Mapping[str, Loaded] | None = None,
) -> Plan:
    """The plan of a design, with the settings that a call may change.

    Parameters
    ----------
    design
        A file, the name of a bundled design, or what such a file would say.
    runs
        Runs at each point, instead of the design's.
    trajectories
        ``all``, ``quantiles`` or ``none``, instead of the design's.
    rule
        A decision rule of one's own.
    scenarios
        Scenarios by the names under which the design mentions them.

    Raises
    ------
    ExperimentError
        With everything that is wrong.
    """
    from dataclasses import replace

    from sim.experiments.design import Design
    from sim.experiments.planning import make_plan
    from sim.experiments.reading import read_draft

    draft = read_draft(design)
    changes: dict[str, Any] = {}
    if runs is not None:
        _check_runs(runs)
        changes["replicates"] = runs
    if trajectories is not None:
        if trajectories not in ("all", "quantiles", "none"):
            raise UsageError(
                Problem(f"should be all, quantiles or none, not '{trajectories}'", "trajectories")
            )
        changes["trajectories"] = draft.design.trajectories.model_copy(update={"keep": trajectories})
    changed: Design = draft.design.model_copy(update=changes)
    digest = None
    if rule is not None:
        from sim.agents.sources import source_of

        digest = source_of(rule)
    driver = "engine" if rule is None else "mesa"
    return make_plan(replace(draft, design=changed), scenarios, driver, digest)


def _check_runs(runs: Any) -> None:
    if not isinstance(runs, int) or isinstance(runs, bool) or runs < 1:
        raise UsageError(Problem(f"should be a whole number from 1, not {runs!r}", "runs"))


def sweep(
    design: str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    workers: int | None = None,
    runs: int | None = None,
    trajectories: str | None = None,
    shard: str | None = None,
    dask: Any = None,
    rule: Rule | None = None,
    progress: bool | None = None,
) -> Results:
    """Run a design, or go on with one that was begun.

    Parameters
    ----------
    design
        A YAML file, the name of a bundled design, or what such a file would say as nested mappings; there
        ``scenario`` may also be what :func:`sim.load` gave.
    out
        Folder of the results, by default ``results/NAME``. Runs that it holds already are not made again.
    workers
        Threads, or processes for a rule and for ``dask="local"``; by default the processors there are.
    runs
        Runs at each point, instead of the design's.
    trajectories
        ``all``, ``quantiles`` or ``none``, instead of the design's.
    shard
        ``2/5``: only the second of five shares of the work.
    dask
        A Dask client or cluster, the address of a scheduler, or ``local``: processes of this machine.
    rule
        Own decision rule, ``rule(faction, options, utilities, draw)``; runs by the Mesa driver, agent by agent.
    progress
        Show a bar; by default where there is somebody to see it.

    Returns
    -------
    sim.experiments.results.Results
        Frames, bands, figures, replays.

    Raises
    ------
    ExperimentError
        With everything that is wrong with the design.
    StoreError
        If the folder holds something else.
    IncompleteError
        If it was interrupted: what is kept is whole, the same call goes on.

    Examples
    --------
    >>> import sim, tempfile
    >>> design = {
    ...     "meta": {"title": "Theta", "question": "Does it matter?", "schema_version": 1},
    ...     "scenario": "baseline",
    ...     "until": "2014-12",
    ...     "levers": [{"grid": {"decision.theta": [2.0, 4.0]}}],
    ...     "replicates": 5,
    ... }
    >>> with tempfile.TemporaryDirectory() as place:
    ...     results = sim.sweep(design, out=place + "/theta")
    ...     print(results.summary.groupby("decision.theta").size().to_dict())
    {2.0: 5, 4.0: 5}
    """
    from sim.experiments.results import Results
    from sim.experiments.sweep import Shard, run_sweep

    design, scenarios = _with_handles(design)
    plan = plan_sweep(design, runs, trajectories, rule, scenarios)
    folder = Path(out) if out is not None else Path("results") / plan.name
    share = None if shard is None else Shard.parse(str(shard))
    report = run_sweep(plan, folder, workers, share, dask, rule, shown(progress), say)
    check_complete(report)
    return Results(folder)


def check_complete(report: SweepReport) -> None:
    """Raise if a sweep was stopped before its end, or chunks could not be made."""
    if report.stopped or report.mine_left:
        what = "stopped" if report.stopped else "not all chunks could be made"
        message = (
            f"{what}: {report.kept:,} of {report.runs:,} runs are kept; the same call goes on from there"
        )
        raise IncompleteError(Problem(message, str(report.folder)))


def _with_handles(
    design: str | Path | Mapping[str, Any],
) -> tuple[str | Path | Mapping[str, Any], dict[str, Loaded]]:
    """A design whose scenarios are all named, and those that were given as they are."""
    if not isinstance(design, str | Path | Mapping):
        raise UsageError(f"a design is a file, a name or a mapping, not {design!r}")
    if not isinstance(design, Mapping) or "scenario" not in design:
        return design, {}
    given = design["scenario"]
    several = list(given) if isinstance(given, list | tuple) else [given]
    known = {entry.name: entry.loaded for entry in several if isinstance(entry, ScenarioHandle)}
    names = [entry.name if isinstance(entry, ScenarioHandle) else entry for entry in several]
    return {**design, "scenario": names}, known


def ensemble(
    scenario: str | Path | ScenarioHandle = "baseline",
    runs: int = 1000,
    seed: int = 1,
    set: Mapping[str, Any] | None = None,
    until: str | None = None,
    trajectories: str | None = None,
    allegiances: bool = True,
    parameters: str | Path | None = None,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool | None = None,
) -> Results:
    """Run one scenario many times: seeds ``seed``, ``seed + 1`` and so on.

    Parameters
    ----------
    scenario
        Name of a bundled scenario, path of a file, or what :func:`sim.load` gave.
    runs
        How many.
    seed
        The first seed.
    set
        Changes: values by dotted path. They, and changes that the scenario came with, hold in the place of what
        ``parameters`` has for the same path.
    until
        Last month, ``YYYY-MM``, instead of the scenario's.
    trajectories
        ``all``, ``quantiles`` or ``none``; by default all up to 10,000 runs, quantiles above.
    allegiances
        Count in how many runs each faction holds each allegiance.
    parameters
        ``posterior``: weights inferred from the record, or the folder or file of another calibration. Runs are shared
        out among its draws, the same number to each, and what is left over is not made; each draw is a point with seeds
        of its own, and ``point=None`` asks for all of them.
    out
        Folder of the results; by default one that goes when the results are no longer in use.
    workers
        Threads; by default the processors there are.
    progress
        Show a bar; by default where there is somebody to see it.

    Examples
    --------
    >>> import sim
    >>> results = sim.ensemble("baseline", runs=20, until="2014-12")
    >>> results.bands("pledged_units").loc["2014-12", ["runs", "q50"]].to_dict()
    {'runs': 20.0, 'q50': 10.0}
    >>> inferred = sim.ensemble("baseline", runs=20, parameters="posterior", until="2014-12")
    >>> int(inferred.bands("pledged_units", point=None).loc["2014-12", "runs"])
    20
    """
    from sim.experiments.results import Results, remove_with
    from sim.experiments.sweep import run_sweep

    _check_runs(runs)
    loaded = scenario.loaded if isinstance(scenario, ScenarioHandle) else load(scenario)
    if set:
        loaded = with_overrides(loaded, dict(set))
    meta = loaded.scenario.meta
    design = {
        "name": loaded.name,
        "meta": {"title": meta.title, "question": meta.question, "schema_version": 1},
        "scenario": loaded.name,
        "seed": seed,
        "trajectories": trajectories or ("all" if runs <= 10_000 else "quantiles"),
        "allegiances": allegiances,
        **({} if until is None else {"until": until}),
    }
    each = runs
    if parameters is not None:
        points = _shared(parameters, runs, loaded)
        each = runs // len(points)
        design |= {"uncertainties": [{"list": points}], "draws": "own"}
    plan = plan_sweep(design, runs=each, scenarios={loaded.name: loaded})
    folder = Path(tempfile.mkdtemp(prefix="bayah-")) if out is None else Path(out)
    try:
        check_complete(run_sweep(plan, folder, workers, progress=shown(progress), say=say))
    except BaseException:
        if out is None:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    results = Results(folder)
    if out is None:
        remove_with(results, lambda: shutil.rmtree(folder, ignore_errors=True))
    return results


def _shared(parameters: str | Path, runs: int, loaded: Loaded) -> list[dict[str, float]]:
    """Draws of a posterior, no more than runs, evenly spaced; without what the scenario was told to set otherwise."""
    from sim.experiments.calibration.posterior import read_posterior
    from sim.scenario.compile import compile_scenario
    from sim.scenario.wording import nearest

    found = read_posterior(parameters)
    known = compile_scenario(loaded.scenario).levers
    missing = [path for path in found.draws.columns if path not in known]
    if missing:
        told = f"draws of '{found.about['scenario']}': '{loaded.name}' has no {missing[0]}{nearest(missing[0], known)}"
        raise UsageError(Problem(told, str(parameters)))
    rule = found.about.get("rule")
    if rule is not None and rule != loaded.scenario.decision.rule:
        say(f"these draws were inferred under the decision rule {rule}, not {loaded.scenario.decision.rule}")
    own = {text.partition("=")[0] for text in loaded.overrides}
    points = [{path: value for path, value in point.items() if path not in own} for point in found.points()]
    if not points or not points[0]:
        raise UsageError(Problem("has no values to vary", str(parameters)))
    count = min(len(points), runs)
    return [points[(n * len(points)) // count] for n in range(count)]


def open_results(folder: str | Path) -> Results:
    """The results of a sweep from its folder; nothing but the manifest is read yet.

    Parameters
    ----------
    folder
        As :func:`sim.sweep` or ``bayah sweep`` wrote it, or is still writing it.

    Raises
    ------
    StoreError
        If it is not the folder of a sweep.

    Examples
    --------
    >>> import sim, tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     made = sim.ensemble("baseline", runs=4, until="2013-06", out=place + "/four")
    ...     print(sim.open_results(place + "/four").summary["seed"].tolist())
    [1, 2, 3, 4]
    """
    from sim.experiments.results import Results

    return Results(folder)
