"""A calibration ready to run: free numbers with their priors, others fixed, measures with their targets."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem, ScenarioError
from sim.experiments.calibration.schema import CalibrationFile
from sim.experiments.fields import LeverField, find_field
from sim.experiments.forms import checked_form, find_experiment, flawed, named_in, plain_stem, read_tree
from sim.experiments.patterns.many import Asked
from sim.experiments.patterns.reading import Measure, Patterns, read_patterns
from sim.experiments.patterns.targets import Targets, targets_of
from sim.experiments.sampling import check_prior, prior_quantile, round_off
from sim.scenario.compile import compile_scenario
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, load, with_overrides
from sim.scenario.places import Reach
from sim.scenario.quantities import month_index
from sim.scenario.wording import nearest, one_line

__all__ = ["Calibration", "prior_mean", "read_calibration"]

_STEPS = 4096


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibration: what is asked, of what, with which priors."""

    name: str
    file: CalibrationFile = field(repr=False)
    base: Loaded = field(repr=False)
    """The scenario as it is."""
    fixed: Mapping[str, float]
    """Numbers fixed at the mean of their prior."""
    fields: tuple[LeverField, ...] = field(repr=False)
    """The free numbers."""
    patterns: Patterns = field(repr=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of the free numbers."""
        return tuple(one.path for one in self.fields)

    @cached_property
    def loaded(self) -> Loaded:
        """The scenario with the fixed numbers set."""
        return with_overrides(self.base, dict(self.fixed)) if self.fixed else self.base

    @property
    def measures(self) -> tuple[Measure, ...]:
        """All measures, those that are fitted first."""
        return (*self.patterns.of_role("fit"), *self.patterns.of_role("report"))

    @property
    def fitted(self) -> int:
        """How many of them are fitted."""
        return len(self.patterns.of_role("fit"))

    @cached_property
    def start(self) -> int:
        """Month index of the first month."""
        return month_index(self.base.scenario.period.start)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the scenario."""
        return tuple(self.base.scenario.factions)

    @cached_property
    def targets(self) -> Targets:
        """The record's side of the fitted measures."""
        return targets_of(self.patterns, self.measures[: self.fitted], self.start)

    @cached_property
    def all_targets(self) -> Targets:
        """The record's side of all measures."""
        return targets_of(self.patterns, self.measures, self.start)

    def values(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Free numbers from points of the unit cube, shape (points, free)."""
        columns = []
        for n, one in enumerate(self.fields):
            assert one.quantity is not None
            assert one.quantity.prior is not None
            drawn = prior_quantile(one.quantity.prior, np.clip(u[:, n], 2.0**-40, 1 - 2.0**-40), one.within)
            columns.append(np.round(drawn) if one.within.whole else round_off(drawn))
        return np.stack(columns, axis=1)

    def asked(self, loaded: Loaded | None = None, until: str | None = None) -> Asked:
        """What is run, with the free numbers as paths."""
        return Asked(
            self.loaded if loaded is None else loaded, self.paths, until or self.patterns.until,
            self.patterns.monthly, self.patterns,
        )  # fmt: skip

    def rival(self, name: str) -> Calibration:
        """The calibration of a rival model.

        Raises
        ------
        ExperimentError
            If what it sets does not hold.
        """
        about = self.file.rivals[name]
        known = list(compile_scenario(self.base.scenario).levers)
        values: dict[str, Any] = {}
        for pattern, value in about.set.items():
            values.update(dict.fromkeys(_named(pattern, known), value))
        free = self.paths if about.free is None else about.free
        fields = tuple(one for one in self.fields if one.path in free)
        # What was free and is not any more stands at the mean of its prior, like the rest.
        means = {one.path: prior_mean(one) for one in self.fields if one.path not in free}
        fixed = {path: value for path, value in {**self.fixed, **means}.items() if path not in values}
        try:
            base = with_overrides(self.base, values)
        except ScenarioError as error:
            raise ExperimentError(
                [replace(p, file=f"rivals.{name}: {p.file}") for p in error.problems]
            ) from None
        return replace(self, base=base, fields=fields, fixed=fixed)


def prior_mean(one: LeverField) -> float:
    """Mean of the prior of a number, by the midpoint rule over its quantiles."""
    assert one.quantity is not None
    assert one.quantity.prior is not None
    u = (np.arange(_STEPS) + 0.5) / _STEPS
    mean = float(prior_quantile(one.quantity.prior, u, one.within).mean())
    return float(round(mean)) if one.within.whole else float(round_off(np.array([round(mean, 9)]))[0])


def read_calibration(source: str | Path = "calibration", scenario: Loaded | None = None) -> Calibration:
    """Read the file of a calibration.

    Parameters
    ----------
    source
        A YAML file, or the name of a bundled one.
    scenario
        The scenario, in the place of the file's.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with file, line and column.
    """
    path, file = find_experiment(source, "calibration")
    tree = read_tree(path, file, "calibration")
    form = checked_form(tree, file, CalibrationFile)
    name, reach = plain_stem(path, file), Reach(path.parent)
    problems: list[Problem] = []
    loaded, patterns = scenario, None
    try:
        if scenario is None:
            loaded = load(named_in(tree, file, ("scenario",), form.scenario, path.parent, reach))
    except (ScenarioError, ExperimentError) as error:
        problems += error.problems
    try:
        patterns = read_patterns(named_in(tree, file, ("patterns",), form.patterns, path.parent, reach))
    except ExperimentError as error:
        problems += error.problems
    if problems or loaded is None or patterns is None:
        raise ExperimentError(problems)
    flaws: list[Flaw] = []
    fields = _free(form, loaded, flaws)
    fixed = _fixed(form, loaded, flaws)
    flaws += _unit_flaws(loaded, patterns)
    flaws += _rival_flaws(form, loaded)
    if flaws:
        raise flawed(flaws, tree, file)
    return Calibration(name, form, loaded, fixed, fields, patterns)


def _free(form: CalibrationFile, loaded: Loaded, flaws: list[Flaw]) -> tuple[LeverField, ...]:
    found = []
    for path in form.free:
        try:
            one = find_field(loaded, path)
            if one.kind != "number" or one.quantity is None or one.quantity.prior is None:
                raise ValueError("the scenario states no prior for it")
            check_prior(one.quantity.prior, one.within)
            found.append(one)
        except ValueError as error:
            flaws.append(Flaw(("free", path), str(error), at_key=True))
    return tuple(found)


def _fixed(form: CalibrationFile, loaded: Loaded, flaws: list[Flaw]) -> dict[str, float]:
    paths = list(compile_scenario(loaded.scenario).levers)
    chosen: dict[str, float] = {}
    for n, pattern in enumerate(form.as_stated):
        if not any(fnmatch.fnmatchcase(path, pattern) for path in paths):
            flaws.append(Flaw(("as_stated", n), f"no number matches '{pattern}'"))
    for n, pattern in enumerate(form.at_prior_mean):
        matching = [path for path in paths if fnmatch.fnmatchcase(path, pattern)]
        if not matching:
            flaws.append(Flaw(("at_prior_mean", n), f"no number matches '{pattern}'"))
        for path in matching:
            if path in form.free or any(fnmatch.fnmatchcase(path, keep) for keep in form.as_stated):
                continue
            one = find_field(loaded, path)
            if one.quantity is not None and one.quantity.prior is not None:
                chosen[one.path] = prior_mean(one)
    return chosen


def _named(pattern: str, known: Sequence[str]) -> list[str]:
    """Paths that a pattern with ``*`` stands for; a path without stands for itself."""
    return [path for path in known if fnmatch.fnmatchcase(path, pattern)] if "*" in pattern else [pattern]


def _rival_flaws(form: CalibrationFile, loaded: Loaded) -> list[Flaw]:
    """What is wrong with rivals, as far as it shows before a scenario is made of them."""
    flaws = []
    if form.rivals and form.rival_table is None:
        flaws.append(Flaw(("rivals",), "rivals need a rival_table"))
    known = list(compile_scenario(loaded.scenario).levers)
    for name, rival in form.rivals.items():
        place = ("rivals", name)
        free = tuple(form.free) if rival.free is None else rival.free
        for pattern, value in rival.set.items():
            at, paths = (*place, "set", pattern), _named(pattern, known)
            if not paths:
                flaws.append(Flaw(at, f"no number matches '{pattern}'", at_key=True))
            told = next((flaw for path in paths if (flaw := _set_flaw(loaded, path, value))), None)
            if told is not None:
                flaws.append(Flaw(at, told, at_key=True))
            both = [path for path in paths if path in free]
            if both and told is None:
                flaws.append(
                    Flaw(at, f"sets what the rival infers: {one_line(', '.join(both), 200)}", at_key=True)
                )
        for n, path in enumerate(rival.free or ()):
            if path not in form.free:
                told = f"'{one_line(path)}' is not free in the calibration{nearest(path, list(form.free))}"
                flaws.append(Flaw((*place, "free", n), told))
        if not free:
            flaws.append(Flaw((*place, "free"), "a rival needs a number to infer"))
        elif rival.choice and set(free) != set(form.free):
            flaws.append(Flaw((*place, "choice"), "a rival in the choice infers all free numbers"))
    return flaws


def _set_flaw(loaded: Loaded, path: str, value: float | str) -> str | None:
    try:
        find_field(loaded, path).take(value)
    except ValueError as error:
        return str(error)
    return None


def _unit_flaws(loaded: Loaded, patterns: Patterns) -> list[Flaw]:
    coded: Sequence[str] = (
        patterns.units.names if patterns.units is not None else tuple(loaded.scenario.factions)
    )
    missing = [name for name in loaded.scenario.factions if name not in coded]
    absent = [name for name in coded if name not in loaded.scenario.factions]
    told: list[Flaw] = []
    if missing:
        told.append(Flaw(("patterns",), f"factions that are not coded: {', '.join(missing[:8])}"))
    if absent:
        told.append(Flaw(("patterns",), f"coded units that the scenario has not: {', '.join(absent[:8])}"))
    return told
