"""From a design to the plan of its runs: scenarios loaded, blocks crossed, every point checked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem, ScenarioError, UsageError
from sim.experiments.axes import Axis, Expander, Sketch
from sim.experiments.design import MOST_RUNS, Design
from sim.experiments.plan import Keep, Plan, PlannedScenario, Variable, chunk_of_size
from sim.experiments.points import impossible_points
from sim.experiments.reading import Draft
from sim.outcomes import MONTHLY, SUMMARY
from sim.results.making import months_until
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, load, resolved_yaml, with_overrides
from sim.scenario.places import ENDINGS
from sim.scenario.wording import MOST_PROBLEMS, nearest, one_line, ordered

__all__ = ["MONTHLY_NAMES", "OUTCOMES", "make_plan"]

OUTCOMES = tuple(column.name for column in SUMMARY if column.name != "status")
"""Outcomes of a run that can be kept; runs with a bad status are kept apart."""
MONTHLY_NAMES = tuple(column.name for column in MONTHLY)
"""Outcomes of a month."""
_MOST_COUNTED = 50
_MOST_POINTS = 20_000_000


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
    flaws = [*draft.flaws, *_outcome_flaws(draft)]
    scenarios, problems = _scenarios(draft, known or {}, flaws)
    flaws += _until_flaws(draft.design, scenarios)
    sketches = _sketches(draft, scenarios, flaws) if scenarios else []
    if flaws or problems:
        raise ExperimentError(ordered([*problems, *draft.problems(flaws)]))
    _check_size(draft, len(scenarios) * math.prod(sketch.size for sketch in sketches))
    axes = [sketch.axis() for sketch in sketches]
    scenario_of, columns = _cross(len(scenarios), axes)
    bad, told = impossible_points(scenarios, axes, scenario_of, columns)
    if told and draft.design.impossible == "refuse":
        raise ExperimentError(draft.problems(told))
    if bad.all():
        nothing = Problem("no point of the design is possible", draft.file)
        raise ExperimentError([*draft.problems(told), nothing])
    return _assemble(draft, scenarios, axes, scenario_of, columns, ~bad, driver, rule)


def _sketches(draft: Draft, scenarios: Mapping[str, Loaded], flaws: list[Flaw]) -> list[Sketch]:
    expander = Expander(scenarios, draft.folder, draft.design.seed, draft.reach)
    expander.reserve(block for _, block in draft.blocks())
    sketches = []
    for place, block in draft.blocks():
        if len(expander.flaws) > MOST_PROBLEMS:
            # Nobody reads as far, and looking for near names takes its time.
            expander.flaw(place, "there may be more problems from here on")
            break
        sketches.append(expander.expand(block, place))
    flaws += expander.flaws
    return [sketch for sketch in sketches if sketch is not None]


def _check_size(draft: Draft, points: int) -> None:
    runs = points * draft.design.replicates
    if points > _MOST_POINTS:
        message = f"{points:,} points are too many; at most {_MOST_POINTS:,}: vary less, or sample"
        raise ExperimentError(Problem(message, draft.file))
    if runs > MOST_RUNS:
        message = f"{points:,} points of {draft.design.replicates:,} runs are too many; at most {MOST_RUNS:,}"
        raise ExperimentError(Problem(message, draft.file))
    if draft.design.seed + runs >= 2**63:
        raise ExperimentError(draft.problems([Flaw(("seed",), "seed plus runs must stay below 2**63")]))


def _outcome_flaws(draft: Draft) -> list[Flaw]:
    """Outcomes that there are not; read from the plain data, so that others may be wrong in form."""
    data = draft.tree.data
    kept = data.get("trajectories")
    flaws = []
    for place, names, known, others, sort in (
        (("outcomes",), data.get("outcomes"), OUTCOMES, MONTHLY_NAMES, "month"),
        (
            ("trajectories", "outcomes"),
            kept.get("outcomes") if isinstance(kept, dict) else None,
            MONTHLY_NAMES,
            OUTCOMES,
            "run",
        ),
    ):
        names = [name if isinstance(name, str) else "" for name in names] if isinstance(names, list) else []
        for n, name in enumerate(names):
            if name in names[:n] and name:
                flaws.append(Flaw((*place, n), f"'{one_line(name, 60)}' is named twice"))
            elif name and name not in known:
                hint = nearest(name, known)
                if name in others:
                    where = "under trajectories" if sort == "month" else "under outcomes"
                    hint = f"; it is measured by {sort}, and is named {where}{hint}"
                flaws.append(Flaw((*place, n), f"unknown outcome '{one_line(name, 60)}'{hint}"))
    told = {flaw.path for flaw in draft.flaws}
    return [flaw for flaw in flaws if flaw.path not in told]


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
    found: dict[str, Loaded] = {}
    problems: list[Problem] = []
    for n, name in enumerate(draft.design.scenario):
        place = ("scenario", n)
        if name in draft.design.scenario[:n]:
            flaws.append(Flaw(place, f"'{name}' is named twice"))
            continue
        source = None if name in known else _find(name, draft.folder)
        if isinstance(source, Path) and draft.reach is not None:
            told = draft.reach.flaw(name, source, ENDINGS)
            if told is not None:
                flaws.append(Flaw(place, told))
                continue
        try:
            loaded = known[name] if source is None else load(source)
        except ScenarioError as error:
            if all(problem.line == 0 and not problem.path for problem in error.problems):
                flaws += [Flaw(place, problem.message) for problem in error.problems]
            else:
                problems += error.problems
            continue
        label = name if name in known or loaded.name in found else loaded.name
        found[label] = loaded
    return {name: _with_set(loaded, draft.design, flaws) for name, loaded in found.items()}, problems


def _find(name: str, folder: Path) -> str | Path:
    """A bundled scenario by its name, or a path relative to the design."""
    is_name = "/" not in name and "\\" not in name and not Path(name).suffix
    try:
        beside = (folder / name).is_file()
    except (OSError, ValueError):
        beside = False
    return name if is_name and not beside else folder / name


def _with_set(loaded: Loaded, design: Design, flaws: list[Flaw]) -> Loaded:
    """A scenario with the values of ``set``; without those that do not hold."""
    starred = [path for path in design.set if "*" in path]
    message = "* stands for names in a sample only; name one path"
    found = {Flaw(("set", path), message, at_key=True): None for path in starred}
    values = {path: value for path, value in design.set.items() if path not in starred}
    while values:
        try:
            loaded = with_overrides(loaded, values)
            break
        except ScenarioError as error:
            told = [_set_flaw(values, problem) for problem in error.problems]
            found.update(dict.fromkeys(told))
            blamed = {flaw.path[1] for flaw in told if len(flaw.path) > 1}
            values = {path: value for path, value in values.items() if path not in blamed} if blamed else {}
    flaws += [flaw for flaw in found if flaw not in flaws]
    return loaded


def _set_flaw(values: Mapping[str, Any], problem: Problem) -> Flaw:
    for path in values:
        if problem.path == path or problem.file == f"set {path}" or problem.file.startswith(f"set {path}="):
            return Flaw(("set", path), problem.message)
    # A value may also break what stands elsewhere: the date of an event that others require.
    message = f"{problem.path}: {problem.message}"
    entry = ".".join(problem.path.split(".")[:2])
    dates = [path for path in values if path.endswith(".date")] if problem.path.endswith(".date") else []
    near = [path for path in values if path.startswith(entry)] or dates or list(values)
    return Flaw(("set", near[0]) if len(near) == 1 else ("set",), message)


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
    if keep.allegiances and design.chunk is None:
        # Counts are kept by point: many points with few runs each would make large files.
        chunk = min(chunk, _MOST_COUNTED * design.replicates)
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
