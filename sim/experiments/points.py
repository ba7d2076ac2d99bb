"""Which points of a design cannot be: dates out of order, shares that do not add up, values that do not go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.axes import Axis, Place
from sim.scenario.check import date_flaws, number_of
from sim.scenario.compile import compile_scenario
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, with_overrides

__all__ = ["impossible_points", "structural_paths"]

_MOST_TOLD = 20
_PARTS_OF_ONE = frozenset({"ethnic_mix", "core_mix", "core_regions", "destinations", "regions"})


def impossible_points(
    scenarios: Mapping[str, Loaded],
    axes: Sequence[Axis],
    scenario_of: NDArray[np.int32],
    columns: Mapping[str, NDArray[Any]],
) -> tuple[NDArray[np.bool_], list[Flaw]]:
    """Points that cannot be run.

    Parameters
    ----------
    scenarios
        By name.
    axes
        The blocks.
    scenario_of, columns
        Scenario and values of each point, shape (points,).

    Returns
    -------
    tuple
        A mask of shape (points,), and flaws at the places of the design that tell the first of them.
    """
    places = {path: place for axis in axes for path, place in axis.places.items()}
    bad = np.zeros(len(scenario_of), dtype=bool)
    flaws: list[Flaw] = []
    for number, loaded in enumerate(scenarios.values()):
        here = np.flatnonzero(scenario_of == number)
        for check in (_structures, _dates, _shares):
            wrong, told = check(loaded, here, columns, places)
            bad[wrong] = True
            flaws += told
    if len(flaws) > _MOST_TOLD:
        rest = len(flaws) - _MOST_TOLD
        flaws = [*flaws[:_MOST_TOLD], Flaw(flaws[0].path, f"and {rest} more combinations that cannot be")]
    return bad, flaws


Found = tuple[NDArray[np.int64], list[Flaw]]


def _combinations(
    rows: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], paths: Sequence[str]
) -> Iterable[tuple[dict[str, Any], NDArray[np.int64]]]:
    """Distinct values of some paths, and the rows that have them."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for path in paths:
        words, place = np.unique(columns[path][rows], return_inverse=True)
        codes = np.unique(codes * len(words) + place, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for group in np.split(rows[order], starts[1:]):
        first = group[0]
        yield {path: _plain(columns[path][first]) for path in paths}, group


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def structural_paths(loaded: Loaded, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths whose change is a change of structure: the scenario is compiled anew for each of their values.

    Parameters
    ----------
    loaded
        The scenario.
    values
        What a point varies, by path.

    Raises
    ------
    ScenarioError
        If the scenario does not hold with these values.
    """
    laid = compile_scenario(with_overrides(loaded, values).scenario)
    return tuple(path for path in values if path not in laid.levers)


def _structures(
    loaded: Loaded, rows: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], places: Mapping[str, Place]
) -> Found:
    """The whole scenario, checked once for each distinct structure with the first values of everything else."""
    if not columns:
        return np.empty(0, dtype=np.int64), []
    first = {path: _plain(column[rows[0]]) for path, column in columns.items()}
    try:
        structural = structural_paths(loaded, first)
    except ScenarioError as error:
        # Dates are checked, and told, apart.
        if all(problem.path.endswith(".date") for problem in error.problems):
            dates = [path for path in columns if path.endswith(".date")]
            rest = {path: value for path, value in first.items() if path not in dates}
            structural = structural_paths(loaded, rest) if rest else ()
        else:
            return rows, _told(error, first, places)
    wrong, flaws = [], []
    for values, group in _combinations(rows, columns, structural) if structural else ():
        try:
            with_overrides(loaded, values)
        except ScenarioError as error:
            wrong.append(group)
            flaws += _told(error, values, places)
    return (np.concatenate(wrong) if wrong else np.empty(0, dtype=np.int64)), flaws


def _told(error: ScenarioError, values: Mapping[str, Any], places: Mapping[str, Place]) -> list[Flaw]:
    flaws = []
    for problem in error.problems:
        path = next((path for path in values if problem.path.startswith(path)), next(iter(values)))
        flaws.append(Flaw(places[path], f"at {_text(values)}: {problem.path}: {problem.message}"))
    return flaws


def _dates(
    loaded: Loaded, rows: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], places: Mapping[str, Place]
) -> Found:
    paths = [path for path in columns if path.startswith("events.") and path.endswith(".date")]
    if not paths:
        return np.empty(0, dtype=np.int64), []
    events: dict[str, Any] = loaded.tree["events"]
    wrong: list[NDArray[np.int64]] = []
    flaws: list[Flaw] = []
    for values, group in _combinations(rows, columns, paths):
        dated = {path.split(".")[1]: {"date": value} for path, value in values.items()}
        changed = {name: {**event, **dated.get(name, {})} for name, event in events.items()}
        found = date_flaws(loaded.tree, changed)
        if found:
            wrong.append(group)
            if len(flaws) <= 10 * _MOST_TOLD:
                flaws += [
                    Flaw(places[_nearest(flaw, paths)], f"at {_text(values)}: {flaw.problem()}")
                    for flaw in found
                ]
    return (np.concatenate(wrong) if wrong else np.empty(0, dtype=np.int64)), flaws


def _nearest(flaw: Flaw, paths: Sequence[str]) -> str:
    dotted = ".".join(map(str, flaw.path))
    return next((path for path in paths if path.startswith(dotted)), paths[0])


def _shares(
    loaded: Loaded, rows: NDArray[np.int64], columns: Mapping[str, NDArray[Any]], places: Mapping[str, Place]
) -> Found:
    """Shares of one whole, some of which are varied, must still add up to 1."""
    groups: dict[str, list[str]] = {}
    for path in columns:
        parent, _, _ = path.rpartition(".")
        if parent.rpartition(".")[2] in _PARTS_OF_ONE and parent.count(".") == 2:
            groups.setdefault(parent, []).append(path)
    wrong: list[NDArray[np.int64]] = []
    flaws: list[Flaw] = []
    for parent, paths in groups.items():
        whole = loaded.tree
        for part in parent.split("."):
            whole = whole.get(part) or {}
        fixed = [number_of(v) or 0.0 for name, v in whole.items() if f"{parent}.{name}" not in paths]
        total = np.sum([columns[path][rows] for path in paths], axis=0) + sum(fixed)
        off = np.abs(total - 1.0) > 1e-6
        if off.any():
            wrong.append(rows[off])
            message = f"the shares of {parent} must add up to 1, at a point they add up to {total[off][0]:g}"
            flaws.append(Flaw(places[paths[0]], f"{message}; vary them together, as a list or a zip"))
    return (np.concatenate(wrong) if wrong else np.empty(0, dtype=np.int64)), flaws


def _text(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{path}={value}" for path, value in values.items())
