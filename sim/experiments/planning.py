"""From a design to the plan of its runs: scenarios loaded, blocks crossed, every point checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem, ScenarioError, UsageError
from sim.experiments.axes import Axis, Expander
from sim.experiments.design import MOST_RUNS, Block, Design
from sim.experiments.plan import Keep, Plan, PlannedScenario, Variable, chunk_of_size
from sim.experiments.points import impossible_points
from sim.experiments.reading import Draft
from sim.outcomes import MONTHLY, SUMMARY
from sim.results.making import months_until
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, load, resolved_yaml, with_overrides
from sim.scenario.wording import nearest, ordered

__all__ = ["OUTCOMES", "make_plan"]

OUTCOMES = tuple(column.name for column in SUMMARY if column.name != "status")
"""Outcomes of a run that can be kept; runs with a bad status are kept apart."""
_MOST_POINTS = 100_000_000


def make_plan(
    draft: Draft,
    known: Mapping[str, Loaded] | None = None,
    driver: str = "engine",
    rule: str | None = None,
) -> Plan:
    """The plan of a design.

    Parameters
    ----------
    draft
        The design.
    known
        Scenarios by the names under which the design mentions them, where they are not in files.
    driver, rule
        What runs it; the hash of a rule of one's own.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with file, line and column.
    """
    design = draft.design
    flaws = [*_outcome_flaws(design)]
    scenarios, problems = _scenarios(draft, known or {}, flaws)
    flaws += _until_flaws(design, scenarios)
    if not scenarios or len(scenarios) < len(design.scenario):
        raise ExperimentError(ordered([*problems, *draft.problems(flaws)]))
    expander = Expander(scenarios, draft.folder, design.seed)
    axes = _axes(design, expander)
    flaws += expander.flaws
    if flaws or problems:
        raise ExperimentError(ordered([*problems, *draft.problems(flaws)]))
    count = len(scenarios) * int(np.prod([axis.size for axis in axes], dtype=object))
    if count > _MOST_POINTS or count * design.replicates > MOST_RUNS:
        message = f"{count:,} points of {design.replicates:,} runs are too many; vary less, or sample"
        raise ExperimentError(Problem(message, draft.file))
    if design.seed + count * design.replicates >= 2**63:
        raise ExperimentError(Problem("seed plus runs must stay below 2**63", draft.file, path="seed"))
    scenario_of, columns = _cross(len(scenarios), axes)
    bad, told = impossible_points(scenarios, axes, scenario_of, columns)
    if told and design.impossible == "refuse":
        raise ExperimentError(draft.problems(told))
    if bad.all():
        raise ExperimentError(
            [*draft.problems(told), Problem("no point of the design is possible", draft.file)]
        )
    return _assemble(draft, scenarios, axes, scenario_of, columns, ~bad, driver, rule)


def _outcome_flaws(design: Design) -> list[Flaw]:
    monthly = [column.name for column in MONTHLY]
    flaws = []
    for place, names, known in (
        (("outcomes",), design.outcomes or (), OUTCOMES),
        (("trajectories", "outcomes"), design.trajectories.outcomes, monthly),
    ):
        for n, name in enumerate(names):
            other = monthly if known is OUTCOMES else OUTCOMES
            hint = f"; '{name}' is kept by {'month' if known is OUTCOMES else 'run'}" if name in other else ""
            if name not in known:
                flaws.append(Flaw((*place, n), f"unknown outcome '{name}'{hint or nearest(name, known)}"))
            elif name in names[:n]:
                flaws.append(Flaw((*place, n), f"'{name}' is named twice"))
    return flaws


def _until_flaws(design: Design, scenarios: Mapping[str, Loaded]) -> list[Flaw]:
    flaws = []
    for name, loaded in scenarios.items() if design.until else ():
        try:
            _months(loaded, design.until)
        except UsageError as error:
            flaws.append(Flaw(("until",), f"in scenario '{name}': {error.problems[0].message}"))
    return flaws


def _months(loaded: Loaded, until: str | None) -> int:
    """Months that are run of a scenario."""
    return months_until(loaded.scenario, until or loaded.scenario.period.end)


def _scenarios(
    draft: Draft, known: Mapping[str, Loaded], flaws: list[Flaw]
) -> tuple[dict[str, Loaded], list[Problem]]:
    """The scenarios by name; problems of their own files are told as they are."""
    scenarios: dict[str, Loaded] = {}
    problems: list[Problem] = []
    for n, name in enumerate(draft.design.scenario):
        place = ("scenario", n) if isinstance(draft.tree.data.get("scenario"), list) else ("scenario",)
        try:
            loaded = known[name] if name in known else load(_find(name, draft.folder))
        except ScenarioError as error:
            if all(problem.line == 0 and not problem.path for problem in error.problems):
                flaws += [Flaw(place, problem.message) for problem in error.problems]
            else:
                problems += error.problems
            continue
        label = name if name in known else loaded.name
        if label in scenarios:
            flaws.append(Flaw(place, f"'{label}' is named twice"))
            continue
        try:
            scenarios[label] = with_overrides(loaded, draft.design.set) if draft.design.set else loaded
        except ScenarioError as error:
            flaws += [_set_flaw(draft.design, problem) for problem in error.problems]
    return scenarios, problems


def _find(name: str, folder: Path) -> str | Path:
    """A bundled scenario by its name, or a path relative to the design."""
    beside = folder / name
    if name in bundled_scenarios() and not beside.is_file():
        return name
    return beside if "/" in name or Path(name).suffix or beside.is_file() else name


def _set_flaw(design: Design, problem: Problem) -> Flaw:
    for path in design.set:
        if problem.path == path or problem.file == f"set {path}" or problem.file.startswith(f"set {path}="):
            return Flaw(("set", path), problem.message)
    return Flaw(("set",), f"{problem.path}: {problem.message}")


def _axes(design: Design, expander: Expander) -> list[Axis]:
    axes = []
    blocks: list[tuple[str, int, Block]] = [
        ("uncertainties", n, b) for n, b in enumerate(design.uncertainties)
    ]
    blocks += [("levers", n, block) for n, block in enumerate(design.levers)]
    for number, (section, n, block) in enumerate(blocks):
        axis = expander.expand(block, (section, n), number)
        if axis is not None:
            axes.append(axis)
    return axes


def _cross(scenarios: int, axes: Sequence[Axis]) -> tuple[NDArray[np.int32], dict[str, NDArray[Any]]]:
    """All points: scenarios turn slowest, the last block fastest."""
    sizes = [scenarios, *(axis.size for axis in axes)]
    rows = np.arange(int(np.prod(sizes)))
    columns: dict[str, NDArray[Any]] = {}
    for axis, size in zip(reversed(axes), reversed(sizes[1:]), strict=True):
        rows, place = np.divmod(rows, size)
        for path in reversed(list(axis.columns)):
            columns[path] = axis.columns[path][place]
    return rows.astype(np.int32), dict(reversed(columns.items()))


def _assemble(
    draft: Draft,
    scenarios: Mapping[str, Loaded],
    axes: Sequence[Axis],
    scenario_of: NDArray[np.int32],
    columns: Mapping[str, NDArray[Any]],
    good: NDArray[np.bool_],
    driver: str,
    rule: str | None,
) -> Plan:
    design = draft.design
    points = int(good.sum())
    runs = points * design.replicates
    keep = Keep(
        outcomes=design.outcomes or OUTCOMES,
        trajectories=design.trajectories.keep,
        monthly=design.trajectories.outcomes,
        allegiances=design.allegiances,
    )
    whole = keep.trajectories == "quantiles"
    chunk = design.chunk or chunk_of_size(runs, design.replicates, whole, driver)
    if whole and design.replicates <= chunk:
        chunk -= chunk % design.replicates
    months = [_months(loaded, design.until) for loaded in scenarios.values()]
    return Plan(
        name=draft.name,
        title=design.meta.title,
        question=design.meta.question,
        scenarios=tuple(PlannedScenario(name, resolved_yaml(s.scenario)) for name, s in scenarios.items()),
        variables=tuple(Variable(f.path, f.kind, f.unit) for axis in axes for f in axis.fields),
        scenario_of=scenario_of[good],
        columns={path: column[good] for path, column in columns.items()},
        replicates=design.replicates,
        seed=design.seed,
        draws=design.draws,
        keep=keep,
        chunk=chunk,
        driver=driver,
        rule=rule,
        skipped=len(good) - points,
        until=design.until,
        months=max(months),
    )
