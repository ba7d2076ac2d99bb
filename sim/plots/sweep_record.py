"""What a figure of a sweep reads: columns of the summary, the scenario of a point, and how points are told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Problem, StoreError, UsageError
from sim.measures import MONTHLY, SUMMARY
from sim.results.trust import part_of
from sim.scenario.load import Loaded, load_text
from sim.scenario.schema import Scenario
from sim.scenario.wording import listed, nearest, one_line

from .page import width_of
from .style import SMALL

if TYPE_CHECKING:
    from sim.experiments.results import Results
    from sim.state import Column

__all__ = [
    "MOST_POINTS", "base_scenario", "check_outcomes", "check_parameter", "check_points", "columns", "differing",
    "kind_of", "meaning_of", "number_text", "point_scenario", "runs_at", "short_paths", "size_of", "title_of",
    "varied", "with_unit",
]  # fmt: skip

MOST_POINTS = 6
"""More points than this cannot be told apart by their colours."""
SCENARIO = "scenario"
_BY_NAME: dict[bool, dict[str, Column]] = {
    True: {column.name: column for column in MONTHLY},
    False: {column.name: column for column in SUMMARY},
}


def meaning_of(name: str, monthly: bool = False) -> Column:
    """Unit and meaning of an outcome."""
    return _BY_NAME[monthly][name]


def title_of(results: Results, name: str, monthly: bool = False) -> str:
    """What an outcome means, as the first scenario of the sweep has it."""
    return base_scenario(results).scenario.report.titles.get(name, meaning_of(name, monthly).meaning)


def with_unit(name: str) -> str:
    """An outcome of a run, as axes name it."""
    unit = meaning_of(name).unit
    return f"{name} ({'months from the start' if unit == 'month' else unit})"


def check_outcomes(results: Results, names: Iterable[str]) -> list[str]:
    """Outcomes of a run that the sweep keeps.

    Raises
    ------
    UsageError
        If it does not keep one of them.
    """
    names = [names] if isinstance(names, str) else list(names)
    for name in names:
        if name not in results.outcomes:
            known = listed(results.outcomes)
            guess = nearest(str(name), results.outcomes)
            raise UsageError(
                f"this sweep keeps no outcome '{one_line(str(name), 60)}' of its runs{guess}; it keeps {known}"
            )
    return names


def varied(results: Results) -> tuple[str, ...]:
    """What differs between points: paths, and the scenario where there are several."""
    return (*results.parameters, SCENARIO) if len(results.scenarios) > 1 else results.parameters


def check_parameter(results: Results, path: str) -> str:
    """A path that the sweep varies, also by its last parts if they are of no other.

    Raises
    ------
    UsageError
        If it does not vary it.
    """
    known = varied(results)
    ends = [name for name in known if name == path or name.endswith(f".{path}")]
    if path in known or len(ends) == 1:
        return path if path in known else ends[0]
    what = f"it varies {listed(known)}" if known else "it varies nothing"
    raise UsageError(
        f"this sweep does not vary '{one_line(str(path), 80)}'{nearest(str(path), known)}; {what}"
    )


def check_points(results: Results, points: int | Sequence[int]) -> list[int]:
    """Points that a figure compares.

    Raises
    ------
    UsageError
        If there is no such point, or there are too many to be told apart.
    """
    several = [points] if isinstance(points, int | np.integer) else list(points)
    for point in several:
        if isinstance(point, bool) or not isinstance(point, int | np.integer):
            raise UsageError(f"a point is a whole number from 0, not {point!r}")
        if not 0 <= point < results.manifest["points"]:
            raise UsageError(f"there is no point {point}; points are 0 to {results.manifest['points'] - 1:,}")
    unique = list(dict.fromkeys(int(point) for point in several))
    if not 0 < len(unique) <= MOST_POINTS:
        raise UsageError(f"a figure shows 1 to {MOST_POINTS} points, not {len(unique)}")
    return unique


def runs_at(results: Results, table: str, point: int) -> bool:
    """Whether a table holds anything of a point yet."""
    import pyarrow.compute as pc

    data = results.dataset(table)
    if data is None:
        return False
    return bool(data.count_rows(filter=pc.field("point") == point))


def columns(results: Results, names: Sequence[str]) -> Any:
    """Columns of the summary as a ``pyarrow.Table``, one row a run; no other column is read.

    Raises
    ------
    UsageError
        If no run is kept yet.
    StoreError
        If a part cannot be read.
    """
    import pyarrow as pa

    data = results.dataset("summary")
    if data is None:
        raise UsageError(f"no run is kept yet in {results.folder}")
    try:
        return data.to_table(columns=list(dict.fromkeys(names)))
    except (pa.ArrowException, OSError) as error:
        message = f"a part cannot be read ({str(error).splitlines()[0]}); see bayah results verify"
        raise StoreError(Problem(message, str(results.folder / "summary"))) from None


def kind_of(results: Results, path: str) -> tuple[str, str]:
    """Kind and unit of what is varied."""
    if path == SCENARIO:
        return "text", ""
    entry = next(entry for entry in results.manifest["parameters"] if entry["path"] == path)
    unit = entry["unit"] if entry["kind"] == "number" else "month" if entry["kind"] == "date" else ""
    return entry["kind"], "" if unit == "number" else unit


def size_of(results: Results, runs: int) -> str:
    """How many runs a figure is of, and whether there are more to come."""
    total = results.manifest["runs"]
    return f"{runs:,} runs" if runs == total else f"{runs:,} of {total:,} runs"


@lru_cache(maxsize=8)
def _loaded(text: str, name: str) -> Loaded:
    return load_text(text, name=name)


def base_scenario(results: Results, number: int = 0) -> Loaded:
    """A scenario of the sweep, before what is varied is laid over it."""
    entry = results.manifest["scenarios"][number]
    file = part_of(results.folder, entry["file"])
    try:
        return _loaded(file.read_text(encoding="utf-8"), entry["name"])
    except FileNotFoundError:
        raise StoreError(Problem("is missing from the folder of the sweep", str(file))) from None


def point_scenario(results: Results, point: int) -> Scenario:
    """The scenario of a point, as far as axes of months and marks of events need it: with its dates."""
    plan = results.plan
    scenario = base_scenario(results, int(plan.scenario_of[point])).scenario
    # What the plan holds has been checked, and to check a scenario again for each point takes its time.
    for path, value in plan.values(point).items():
        head, _, rest = path.partition(".")
        if head == "period":
            scenario = scenario.model_copy(
                update={"period": scenario.period.model_copy(update={rest: value})}
            )
        elif head == "events" and rest.endswith(".date"):
            event = rest.removesuffix(".date")
            moved = scenario.events[event].model_copy(update={"date": value})
            scenario = scenario.model_copy(update={"events": {**scenario.events, event: moved}})
    return scenario


def short_paths(paths: Sequence[str]) -> dict[str, str]:
    """The last parts of each path, two or as many as tell it from the others.

    Examples
    --------
    >>> short_paths(["events.omar_revealed.date", "decision.theta"])
    {'events.omar_revealed.date': 'omar_revealed.date', 'decision.theta': 'decision.theta'}
    """
    short = {}
    for path in paths:
        parts = path.split(".")
        for count in range(min(2, len(parts)), len(parts) + 1):
            tail = ".".join(parts[-count:])
            if sum(other == tail or other.endswith(f".{tail}") for other in paths) == 1:
                break
        short[path] = tail
    return short


def path_text(results: Results, path: str, room: float, size: float = SMALL) -> str:
    """A path with its unit, whole where it has room."""
    unit = kind_of(results, path)[1]
    tail = f" ({unit})" if unit else ""
    whole = path + tail
    return whole if width_of(whole, size) <= room else short_paths(varied(results))[path] + tail


def number_text(value: Any) -> str:
    """A value of a parameter, as labels write it.

    Examples
    --------
    >>> number_text(0.30000000000000004), number_text(12000.0), number_text(True), number_text("2015-07")
    ('0.3', '12,000', 'true', '2015-07')
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if not isinstance(value, int | float | np.number):
        return one_line(str(value), 60)
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 1000 and number == round(number) else f"{number:.4g}"


def differing(results: Results, points: Sequence[int]) -> list[str]:
    """For each point, the values in which it differs from the others; of a single one, all its values."""
    plan, short = results.plan, short_paths(varied(results))
    rows = []
    for point in points:
        values = dict(plan.values(point))
        if SCENARIO in short:
            values[SCENARIO] = plan.scenarios[int(plan.scenario_of[point])].name
        rows.append(values)
    unlike = [path for path in short if len(rows) == 1 or len({row[path] for row in rows}) > 1]
    return [", ".join(f"{short[path]} {number_text(row[path])}" for path in unlike) for row in rows]
