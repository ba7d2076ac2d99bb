"""Any run of a store made again: the scenario with the point's values, the run's seed, the full record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Problem, RunError, StoreError, UsageError
from sim.experiments.results import Results
from sim.results.making import make_run, months_until
from sim.scenario.compile import compile_scenario
from sim.scenario.load import Loaded, load_text, with_overrides

if TYPE_CHECKING:
    from sim.agents.model import AllegianceModel
    from sim.experiments.bench import Rule
    from sim.results.run import Run

__all__ = ["live_model", "point_scenario", "replay"]


def point_scenario(results: Results, point: int) -> Loaded:
    """The scenario of a point, with its values laid over it."""
    plan = results.plan
    scenario = plan.scenarios[int(plan.scenario_of[point])]
    loaded = load_text(scenario.text, name=scenario.name)
    values = plan.values(point)
    return with_overrides(loaded, values) if values else loaded


def _check(results: Results, run: int, rule: Rule | None) -> None:
    plan = results.plan
    if isinstance(run, bool) or not hasattr(run, "__index__"):
        raise UsageError(f"a run is a whole number, not {run!r}")
    if not 0 <= run < plan.runs:
        raise UsageError(f"there is no run {run}; runs are 0 to {plan.runs - 1:,}")
    if plan.rule is not None:
        from sim.agents.sources import source_of

        if rule is None:
            raise UsageError("this sweep was made with a decision rule of one's own; give it as rule=")
        if source_of(rule) != plan.rule:
            raise UsageError("the rule is not the one that the sweep was made with: its source differs")


def live_model(results: Results, run: int, rule: Rule | None = None) -> AllegianceModel:
    """A run as a Mesa model before its first month."""
    from sim.agents.model import AllegianceModel

    _check(results, run, rule)
    loaded = point_scenario(results, results.plan.place(run)[0])
    compiled = compile_scenario(loaded.scenario)
    if results.plan.until is not None:
        compiled = replace(compiled, months=months_until(loaded.scenario, results.plan.until))
    return AllegianceModel(compiled, seed=results.plan.seed_of(run), rule=rule)


def replay(results: Results, run: int, driver: str = "engine", rule: Rule | None = None) -> Run:
    """Make a run again and compare it with the store; see :meth:`Results.replay`."""
    _check(results, run, rule)
    loaded = point_scenario(results, results.plan.place(run)[0])
    how: Any = "mesa" if rule is not None else driver
    try:
        made = make_run(loaded, results.plan.seed_of(run), how, results.plan.until, rule=rule)
    except RunError as error:
        kept = _reason(results, run)
        what = f"it failed in the sweep as well: {kept}" if kept else "the store does not say so"
        raise RunError(Problem(f"run {run} fails: {error.problems[0].message} ({what})")) from None
    told = _differences(results, run, made)
    if told:
        raise StoreError(
            [
                Problem(f"run {run} comes out otherwise than the store has it", str(results.folder)),
                *(Problem(text, str(results.folder)) for text in (*told, *_versions(results))),
            ]
        )
    return made


def _reason(results: Results, run: int) -> str:
    """Why a run failed in the sweep, empty where it did not."""
    failures = results.failures
    return str(failures.loc[run, "reason"]) if run in failures.index else ""


def _differences(results: Results, run: int, made: Run) -> list[str]:
    """What the store has otherwise; nothing is compared that it does not hold yet."""
    import pyarrow.compute as pc

    told = []
    here = pc.field("run") == run
    reason = _reason(results, run)
    if reason:
        told.append(f"it failed there: {reason}")
    summary = results._frame("summary", None, here)
    for name in results.outcomes if len(summary) else ():
        there, now = float(summary[name].iloc[0]), float(made.manifest["summary"][name])
        if there != now:
            told.append(f"{name} is {there!r} there, {now!r} here")
    if results.manifest["keep"]["trajectories"] == "all" and len(summary):
        stored = results._frame("trajectories", ["month", *results.monthly], here).sort_values("month")
        for name in results.monthly:
            now_ = made.data("outcomes").numbers(name)
            there_ = stored[name].to_numpy()
            if len(there_) != len(now_):
                told.append(f"{name} has {len(there_)} months there, {len(now_)} here")
            elif not np.array_equal(there_, now_):
                first = int(np.flatnonzero(there_ != now_)[0])
                month = made.outcomes.index[first]
                told.append(f"{name} is {there_[first]!r} in {month} there, {now_[first]!r} here")
    return told


def _versions(results: Results) -> list[str]:
    """Which sources and packages are not those that made the store."""
    from importlib.metadata import version

    from sim.jit import source_hash

    about = results.manifest
    told = []
    if about["code"] != source_hash():
        told.append(f"the rules and the engine differ: {about['code']} there, {source_hash()} here")
    for name, there in about["packages"].items():
        if version(name) != there:
            told.append(f"{name} is {there} there, {version(name)} here")
    return told or [
        "code and packages are the same: the store was changed, or this is a fault of the program"
    ]
