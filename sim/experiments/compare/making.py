"""Comparisons made: which pairs, with which weights, on how many threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, UsageError
from sim.experiments.compare import frames as make
from sim.experiments.compare.arms import Arm, Match, cut_together, make_arm, match
from sim.experiments.compare.comparison import Comparison
from sim.experiments.compare.measured import Measured, Task
from sim.experiments.compare.pairs import measure_pairs
from sim.experiments.execute.control import Stop, heeding_signals
from sim.outcomes import MONTHLY
from sim.results.making import LARGEST_SEED, check_seed, engine_is_compiled
from sim.results.manifest import focus_of, scenario_hash
from sim.scenario.load import Loaded, resolved_yaml
from sim.scenario.quantities import month_index, month_text
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["KEPT", "Weights", "make_comparison"]

KEPT = (
    "pledged_units", "focus_fighters", "focus_sworn_units", "incumbent_units", "third_units", "strength_ratio", "attacks",
    "rival_deaths",
)  # fmt: skip
"""Monthly outcomes of which the spread over pairs is always kept, beside those that a what-if reads."""
_MOST_PAIRS = 10_000_000
_MOST_TOLD = 8


@dataclass(frozen=True)
class Weights:
    """A set of values of what nobody knows, over which a comparison is made."""

    name: str
    """What figures call it: the name of the design or file, or ``posterior``."""
    points: tuple[Mapping[str, Any], ...]
    """Values by dotted path."""


def make_comparison(
    base: Loaded,
    others: Sequence[Loaded],
    runs: int = 2000,
    seed: int = 1,
    until: str | None = None,
    weights: Weights | None = None,
    outcomes: Sequence[str] = (),
    workers: int | None = None,
    progress: bool | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Compare a scenario with others, pair by pair.

    Parameters
    ----------
    base, others
        The scenarios.
    runs
        Pairs in all; with weights, shared evenly among their points.
    seed
        The first seed; each pair has the next one.
    until
        Last month, instead of the scenarios'.
    weights
        Values over which the comparison is made; without them, weights are as the scenarios have them.
    outcomes
        Further monthly outcomes of which the spread over pairs is kept.
    workers
        Threads; by default the processors there are.
    progress
        Show a bar: yes, no, or where standard error is a terminal.
    say
        Told what takes long.

    Raises
    ------
    UsageError
        If the pairs, seeds, outcomes or weights do not hold, or the scenarios have nothing in common.
    """
    task = _task(_runs(runs), check_seed(seed), weights)
    named = zip((base, *others), _names(base, others), strict=True)
    arms = cut_together([make_arm(loaded, name, until) for loaded, name in named])
    matches = [match(arms[0], other) for other in arms[1:]]
    if weights is not None:
        task = replace(task, points=_checked_points(arms, weights))
    kept = _kept(arms[1:], outcomes)
    if not engine_is_compiled():
        say("compiling the engine, once (about a minute)")
    about = _about(arms, matches, task, seed, until, weights, kept)
    return _made(arms, matches, task, about, kept, workers, progress, say)


def _made(
    arms: Sequence[Arm], matches: Sequence[Match], task: Task, about: dict[str, Any], kept: Sequence[str],
    workers: int | None, progress: bool | None, say: Callable[[str], None],
) -> Comparison:  # fmt: skip
    measured = _measure(arms, matches, task, kept, workers, progress, say)
    made = int(min(each.done.sum() for each in measured))
    tried = task.pairs
    if made < 2:
        reasons = [reason for each in measured for reason in each.failed.values()]
        why = f": {reasons[0]}" if reasons else ""
        raise UsageError(f"{made} of {tried:,} pairs could be made, two are needed{why}")
    failed = {arm.name: len(each.failed) for arm, each in zip(arms[1:], measured, strict=True) if each.failed}
    notes = list(about["notes"])
    notes += [f"{count:,} pairs with '{name}' failed and are left out" for name, count in failed.items()]
    stopped = made + max(failed.values(), default=0) < tried
    if stopped:
        notes.append(f"stopped after {made:,} of {tried:,} pairs")
    about = {**about, "pairs": made, "stopped": stopped, "notes": notes, "face": _face(about, task, made)}
    frames = _frames(arms, measured, task, about["factions"])
    loaded = {arm.name: arm.loaded for arm in arms}
    return Comparison(about, frames, lambda name: resolved_yaml(loaded[name]), make_again, loaded)


def make_again(comparison: Comparison, pairs: Any) -> Comparison:
    """The comparison of some of its pairs; their runs are made again."""
    about = comparison.about
    names = (comparison.base, *comparison.alternatives)
    arms = cut_together([make_arm(comparison.scenario(name), name, about["until"]) for name in names])
    matches = [match(arms[0], other) for other in arms[1:]]
    frame = comparison.pairs.loc[comparison.alternatives[0]].iloc[pairs]
    points = sorted(frame["point"].unique())
    task = Task(
        tuple(about["points"][point] for point in points),
        tuple(tuple(int(seed) for seed in frame.loc[frame["point"] == point, "seed"]) for point in points),
    )
    told = f"those {len(pairs):,} of {comparison.pairs_count:,} pairs in which a condition holds"
    chosen = {**about, "points": list(task.points), "notes": [*about["notes"], told]}
    return _made(arms, matches, task, chosen, about["kept"], None, False, lambda text: None)


def _runs(runs: Any) -> int:
    if isinstance(runs, bool) or not hasattr(runs, "__index__") or not 2 <= int(runs) <= _MOST_PAIRS:
        raise UsageError(f"runs: a number of pairs from 2 to {_MOST_PAIRS:,}, not {one_line(repr(runs), 40)}")
    return int(runs)


def _task(runs: int, seed: int, weights: Weights | None) -> Task:
    points = weights.points if weights is not None else ({},)
    each = runs // len(points)
    if each < 1 or (weights is not None and each < 2):
        raise UsageError(
            f"{runs:,} pairs are too few for {len(points):,} points of weights: two at each are needed"
        )
    if seed + each * len(points) > LARGEST_SEED:
        raise UsageError(f"seed: {seed} leaves too few seeds for {runs:,} pairs")
    # Each point has seeds of its own, so that chance and weights can be told apart.
    seeds = tuple(tuple(range(seed + p * each, seed + (p + 1) * each)) for p in range(len(points)))
    return Task(points, seeds)


def _names(base: Loaded, others: Sequence[Loaded]) -> list[str]:
    """Names that tell the scenarios apart: those of their files, with overrides or a number where need be."""
    if not others:
        raise UsageError("name one or more scenarios to compare with")
    names = [base.name]
    for loaded in others:
        name = loaded.name
        if name in names and loaded.overrides:
            name = one_line(f"{name} with {', '.join(loaded.overrides)}", 80)
        plain, number = name, 2
        while name in names:
            name, number = f"{plain} ({number})", number + 1
        names.append(name)
    return names


def _checked_points(arms: Sequence[Arm], weights: Weights) -> tuple[dict[str, Any], ...]:
    """The points of the weights, every value checked against what may stand at its path."""
    from sim.experiments.fields import find_field

    problems = [
        Problem(f"no number of '{arm.name}'{nearest(path, arm.compiled.levers)}", weights.name, path=path)
        for path in weights.points[0]
        for arm in arms
        if path not in arm.compiled.levers
    ]
    if problems:
        raise UsageError(problems)
    fields = {path: find_field(arms[0].loaded, path) for path in weights.points[0]}
    points: list[dict[str, Any]] = []
    for row, point in enumerate(weights.points, 1):
        taken = {}
        for path, value in point.items():
            try:
                taken[path] = fields[path].take(_number_in(value, fields[path].kind))
            except ValueError as error:
                problems.append(Problem(f"point {row}: {error}", weights.name, path=path))
        points.append(taken)
    if problems:
        more = [Problem(f"and {len(problems) - _MOST_TOLD:,} more", weights.name)]
        raise UsageError([*problems[:_MOST_TOLD], *(more if len(problems) > _MOST_TOLD else [])])
    return tuple(points)


def _number_in(value: Any, kind: str) -> Any:
    """The number that a text holds, as a column of a file does in which one row is no number."""
    if kind != "number" or not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        return value


def _kept(others: Sequence[Arm], outcomes: Sequence[str]) -> tuple[str, ...]:
    monthly = [column.name for column in MONTHLY]
    unknown = [name for name in outcomes if name not in monthly]
    if unknown:
        told = [
            Problem(f"no monthly outcome '{one_line(name, 60)}'{nearest(name, monthly)}") for name in unknown
        ]
        raise UsageError(told)
    stated = [
        readout.outcome
        for arm in others
        if arm.loaded.scenario.what_if is not None
        for readout in arm.loaded.scenario.what_if.readouts
        if readout.outcome in monthly
    ]
    return tuple(dict.fromkeys([*KEPT, *stated, *outcomes]))


def _about(
    arms: Sequence[Arm], matches: Sequence[Match], task: Task, seed: int, until: str | None, weights: Weights | None,
    kept: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    """What a comparison says of itself, but for what only making it can tell."""
    from sim.jit import source_hash

    base, scenario = arms[0], arms[0].loaded.scenario
    last = max(one.start + one.months for one in matches) - 1
    past = month_index(scenario.period.last_validated) + 1
    common = [name for name in base.compiled.factions if all(name in one.factions for one in matches)]
    months = [month_text(month) for month in range(min(one.start for one in matches), last + 1)]
    return {
        "base": base.name,
        "alternatives": [arm.name for arm in arms[1:]],
        "scenarios": {arm.name: _scenario_about(arm.loaded) for arm in arms},
        "months": months,
        "until": until,
        "seed": seed,
        "runs": task.pairs,
        "points": [dict(point) for point in task.points],
        "weights": None if weights is None else weights.name,
        "kept": list(kept),
        "factions": {name: scenario.factions[name].name for name in common},
        "patrons": {
            name: patron.name for arm in arms for name, patron in arm.loaded.scenario.patrons.items()
        },
        "focus": focus_of(scenario),
        "focus_of": {arm.name: focus_of(arm.loaded.scenario) for arm in arms},
        "same_chance": all(one.offsets == (0, 0) for one in matches),
        "lever_months": {
            arm.name: "" if one.levers_from is None else month_text(base.compiled.start + one.levers_from)
            for arm, one in zip(arms[1:], matches, strict=True)
        },
        "unvalidated_from": month_text(max(past, min(one.start for one in matches)))
        if last >= past
        else None,
        "notes": list(
            dict.fromkeys(
                f"{arm.name}: {note}"
                for arm, one in zip(arms[1:], matches, strict=True)
                for note in one.notes
            )
        ),
        "code": source_hash(),
        "packages": _packages(),
    }


def _scenario_about(loaded: Loaded) -> dict[str, Any]:
    scenario = loaded.scenario
    return {
        "title": scenario.meta.title,
        "question": scenario.meta.question,
        "hash": scenario_hash(scenario),
        "files": dict(loaded.files),
        "overrides": list(loaded.overrides),
        "what_if": None
        if scenario.what_if is None
        else scenario.what_if.model_dump(mode="json", exclude_none=True),
    }


def _packages() -> dict[str, str]:
    import platform
    from importlib.metadata import version

    return {
        "python": platform.python_version(),
        **{name: version(name) for name in ("bayah", "numpy", "numba")},
    }


def _face(about: Mapping[str, Any], task: Task, made: int) -> str:
    if about["weights"] is None:
        return f"weights fixed, {made:,} pairs"
    if about["weights"] == "posterior":
        return f"posterior, {len(task.points):,} draws, {made:,} pairs"
    return f"weights: {len(task.points):,} draws of {about['weights']}, {made:,} pairs"


def _frames(
    arms: Sequence[Arm], measured: Sequence[Measured], task: Task, names: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    makers: dict[str, Callable[[Measured], pd.DataFrame]] = {
        "difference": lambda each: make.difference_frame(each, task),
        "spread": make.spread_frame,
        "who_moved": lambda each: make.moved_frame(each, names),
        "moved_by_month": make.month_frame,
        "reasons": make.reason_frame,
        "terms": make.term_frame,
        "pairs": lambda each: make.pair_frame(each, task),
    }
    titles = [arm.name for arm in arms[1:]]
    return {
        name: pd.concat(
            {t: maker(each) for t, each in zip(titles, measured, strict=True)}, names=["alternative"]
        )
        for name, maker in makers.items()
    }


def _measure(
    arms: Sequence[Arm], matches: Sequence[Match], task: Task, kept: Sequence[str], workers: int | None,
    progress: bool | None, say: Callable[[str], None],
) -> list[Measured]:  # fmt: skip
    from sim.experiments.sweep import processors

    columns = [column.name for column in MONTHLY]
    stop = Stop()
    with _bar(task.pairs, progress) as tick, heeding_signals(stop, say):
        return measure_pairs(
            arms[0],
            arms[1:],
            matches,
            task,
            [columns.index(name) for name in kept],
            workers or processors(),
            tick,
            stop,
        )


@contextmanager
def _bar(total: int, shown: bool | None) -> Iterator[Callable[[int, int], None]]:
    from tqdm import tqdm

    disable = None if shown is None else not shown
    with tqdm(total=total, unit=" pairs", disable=disable, smoothing=0.1, mininterval=0.2) as bar:

        def tick(done: int, failed: int) -> None:
            bar.update(done)

        yield tick
