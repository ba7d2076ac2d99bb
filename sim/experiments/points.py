"""Which points of a design cannot be: dates out of order, shares that do not add up, values that do not go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.axes import Axis
from sim.experiments.dating import out_of_order
from sim.experiments.spelling import Place
from sim.scenario.check import date_flaws, number_of
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, with_overrides
from sim.scenario.walk import numbers
from sim.scenario.wording import dotted

__all__ = ["impossible_points", "structural_paths"]

Rows = NDArray[np.int64]
Columns = Mapping[str, NDArray[Any]]

_MOST_TOLD = 3
"""Points told of each sort; the others are counted."""
_MOST_COMPARED = 1000
"""Points that are looked at for what to tell."""
_PARTS_OF_ONE = frozenset({"ethnic_mix", "core_mix", "core_regions", "destinations", "regions"})


def impossible_points(
    scenarios: Mapping[str, Loaded], axes: Sequence[Axis], scenario_of: NDArray[np.int32], columns: Columns
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
        rows = np.flatnonzero(scenario_of == number) if columns else np.empty(0, dtype=np.int64)
        found = _Found(places, bad, len(scenario_of))
        _look(loaded, rows, columns, found)
        flaws += found.told()
    return bad, list(dict.fromkeys(flaws))


class _Found:
    """Gathers what cannot be, and tells the first of it."""

    def __init__(self, places: Mapping[str, Place], bad: NDArray[np.bool_], points: int) -> None:
        self.places, self.bad, self.points = places, bad, points
        self._flaws: dict[Place, list[Flaw]] = {}
        self._counts: dict[Place, int] = {}

    def add(self, rows: Rows, path: str, messages: Sequence[str]) -> None:
        """Note points that cannot be, and what is told of them at the place of a path."""
        if not len(rows):
            return
        self.bad[rows] = True
        place = self.places[path]
        told = self._flaws.setdefault(place, [])
        self._counts[place] = self._counts.get(place, 0) + len(rows)
        if len(told) < _MOST_TOLD:
            told += [Flaw(place, message, at_key=True) for message in messages]

    def told(self) -> list[Flaw]:
        """All flaws, with the number of points that they concern."""
        flaws = [flaw for told in self._flaws.values() for flaw in told]
        for place, count in self._counts.items():
            share = f"{count:,} of {self.points:,} points cannot be"
            message = f"with these values {share}; change them, or leave the points out by impossible: skip"
            flaws.append(Flaw(place, message, at_key=True))
        return flaws


def _look(loaded: Loaded, rows: Rows, columns: Columns, found: _Found) -> None:
    """Check all points of a scenario, one structure after the other."""
    if not len(rows):
        return
    first = {path: _plain(column[rows[0]]) for path, column in columns.items()}
    structural = structural_paths(loaded, first)
    dates = [path for path in columns if path.startswith("events.") and path.endswith(".date")]
    shares = list(_wholes(columns))
    base = loaded.scenario.model_dump(exclude_none=True)
    for values, group in _combinations(rows, columns, structural):
        tree = _laid(base, values)
        good = _in_order(tree, group, columns, dates, values, found)
        good = _whole(tree, good, columns, found)
        if not len(good) or not (structural or dates or shares):
            continue
        # Dates and shares hold: whatever is still wrong is wrong with the structure.
        paths = dict.fromkeys((*structural, *dates, *(path for group in shares for path in group[1])))
        one = {path: _plain(columns[path][good[0]]) for path in paths}
        try:
            with_overrides(loaded, one)
        except ScenarioError as error:
            told = values or one
            for problem in error.problems:
                path = _blamed(problem.path, told)
                found.add(good, path, [f"at {_text(told)}: {problem.path}: {problem.message}"])


def structural_paths(loaded: Loaded, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Paths whose change is a change of structure: the scenario is compiled anew for each of their values.

    Parameters
    ----------
    loaded
        The scenario.
    values
        What a point varies, by path.
    """
    stated = {dotted(path) for path, _, _ in numbers(loaded.scenario)}
    stated |= {f"events.{name}.date" for name in loaded.scenario.events}
    others = {path: value for path, value in values.items() if path not in stated}
    if not others:
        return ()
    from sim.scenario.compile import compile_scenario

    try:
        # A number that the scenario does not state has a place of its own only once it is stated.
        known = compile_scenario(with_overrides(loaded, others).scenario).levers
    except ScenarioError:
        return tuple(others)
    return tuple(path for path in others if path not in known)


def _combinations(
    rows: Rows, columns: Columns, paths: Sequence[str]
) -> Iterator[tuple[dict[str, Any], Rows]]:
    """Distinct values of some paths, and the rows that have them."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for path in paths:
        column = columns[path][rows]
        words, place = np.unique(
            column.astype(str) if column.dtype == object else column, return_inverse=True
        )
        codes = np.unique(codes * len(words) + place, return_inverse=True)[1]
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for group in np.split(rows[order], starts[1:]):
        first = group[0]
        yield {path: _plain(columns[path][first]) for path in paths}, group


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _laid(tree: dict[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario as plain data with other values in it; the parts that change are copied."""
    for path, value in values.items():
        tree = _put(tree, path.split("."), value)
    return tree


def _put(here: Any, parts: Sequence[str], value: Any) -> Any:
    if not parts:
        return value
    head, rest = parts[0], parts[1:]
    if isinstance(here, list | tuple):
        changed = list(here)
        changed[int(head)] = _put(here[int(head)], rest, value)
        return changed
    old = here if isinstance(here, dict) else {}
    return {**old, head: _put(old.get(head), rest, value)}


def _in_order(
    tree: dict[str, Any],
    rows: Rows,
    columns: Columns,
    dates: Sequence[str],
    values: Mapping[str, Any],
    found: _Found,
) -> Rows:
    """The rows whose dates are in order."""
    if not dates:
        flaws = date_flaws(tree, tree["events"]) if values else []
        if flaws:
            message = f"at {_text(values)}: {flaws[0].problem()}"
            more = f" (and {len(flaws) - 1} more)" if len(flaws) > 1 else ""
            found.add(rows, _blamed(".".join(map(str, flaws[0].path)), values), [message + more])
        return rows[:0] if flaws else rows
    by_event = {path.split(".")[1]: columns[path][rows] for path in dates}
    wrong = out_of_order(tree, by_event)
    rest = rows[wrong]
    path = dates[0]
    for _, group in islice(
        _combinations(rest[:_MOST_COMPARED], columns, dates), _MOST_TOLD if len(rest) else 0
    ):
        path = _tell(tree, group, columns, dates, found)
        rest = np.setdiff1d(rest, group)
    found.add(rest, path, [])
    return rows[~wrong]


def _tell(tree: dict[str, Any], rows: Rows, columns: Columns, dates: Sequence[str], found: _Found) -> str:
    """Say what is wrong with dates that some points share, and give the path at which it is said."""
    here = {path: _plain(columns[path][rows[0]]) for path in dates}
    dated = {path.split(".")[1]: {"date": value} for path, value in here.items()}
    changed = {name: {**event, **dated.get(name, {})} for name, event in tree["events"].items()}
    flaws = date_flaws(tree, changed)
    names = [".".join(map(str, flaw.path)) for flaw in flaws]
    best = next((n for n, name in enumerate(names) if any(path.startswith(name) for path in dates)), 0)
    path = next((path for path in dates if path.startswith(names[best])), dates[0])
    found.add(rows, path, [f"at {_text(here)}: {flaws[best].problem()}"])
    return path


def _blamed(place: str, values: Mapping[str, Any]) -> str:
    """The varied path that a problem at a place is told at."""
    near = [path for path in values if place.startswith(path) or path.startswith(f"{place}.")]
    # A period that ends too early is told of what comes after it.
    ends = [path for path in values if path.startswith("period.")]
    return next(iter([*near, *ends, *values]))


def _wholes(columns: Columns) -> Iterator[tuple[str, list[str]]]:
    """Shares of one whole that are varied, by the path of the whole."""
    groups: dict[str, list[str]] = {}
    for path in columns:
        parent, _, _ = path.rpartition(".")
        whole = parent.rpartition(".")[2] in _PARTS_OF_ONE and parent.count(".") == 2
        if whole and columns[path].dtype == np.float64:
            groups.setdefault(parent, []).append(path)
    yield from groups.items()


def _whole(tree: dict[str, Any], rows: Rows, columns: Columns, found: _Found) -> Rows:
    """The rows in which shares of one whole, some of which are varied, add up to 1."""
    for parent, paths in _wholes(columns):
        whole: Any = tree
        for part in parent.split("."):
            whole = whole.get(part) or {}
        fixed = [number_of(v) or 0.0 for name, v in whole.items() if f"{parent}.{name}" not in paths]
        total = np.sum([columns[path][rows] for path in paths], axis=0) + sum(fixed)
        off = np.abs(total - 1.0) > 1e-6
        if off.any():
            message = f"the shares of {parent} must add up to 1, at a point they add up to {total[off][0]:g}"
            found.add(rows[off], paths[0], [f"{message}; vary them together, as a list or a zip"])
        rows = rows[~off]
    return rows


def _text(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{path}={value}" for path, value in values.items())
