"""A sensitivity analysis from its file: every statistic found, every number with what it is varied over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import BayahError, ExperimentError, Problem, ScenarioError
from sim.experiments.design import SpanFields
from sim.experiments.fields import LeverField, find_field, match_paths
from sim.experiments.forms import checked_form, find_experiment, named_in, plain_stem, read_tree
from sim.experiments.patterns.arguments import Ground, argument_flaws
from sim.experiments.patterns.many import Asked
from sim.experiments.patterns.reading import Patterns, find_statistic, read_patterns
from sim.experiments.patterns.statistics import Statistic
from sim.experiments.sampling import check_span, draw
from sim.experiments.sensitivity.schema import OutputForm, Range, SensitivityFile
from sim.measures import MONTHLY, SUMMARY
from sim.results.making import months_until
from sim.results.trust import is_plain_name
from sim.scenario.compile import compile_scenario
from sim.scenario.explain import with_place
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded, load
from sim.scenario.nodes import Mark, Tree, flatten
from sim.scenario.overrides import to_node
from sim.scenario.places import Reach
from sim.scenario.wording import one_line, ordered

__all__ = ["Inquiry", "Output", "Parameter", "read_sensitivity"]

TAIL = 0.025
"""Levels of a normal or lognormal prior lie between this quantile and its counterpart: its ends are far out or nowhere."""


@dataclass(frozen=True, eq=False)
class Output:
    """A number that is told of every run."""

    name: str
    form: OutputForm = field(repr=False)
    statistic: Statistic = field(repr=False)

    @property
    def unit(self) -> str:
        """Unit of the statistic, or of the outcome that it gives as it is."""
        units = {column.name: column.unit for column in (*SUMMARY, *MONTHLY)}
        return units.get(str(self.form.given.get("outcome")), "") if self._plain else self.statistic.unit

    @property
    def _plain(self) -> bool:
        return self.statistic.unit == "as the outcome"


@dataclass(frozen=True, eq=False)
class Parameter:
    """A number that is varied."""

    lever: LeverField = field(repr=False)
    span: SpanFields = field(repr=False)

    @property
    def path(self) -> str:
        """Dotted path."""
        return self.lever.path

    @property
    def about(self) -> dict[str, Any]:
        """What it is varied over, as plain data."""
        span, prior = self.span, self.lever.quantity.prior if self.lever.quantity else None
        if span.low is None and prior is not None:
            over: dict[str, Any] = {"prior": prior.model_dump(exclude_none=True, exclude={"source"})}
        else:
            over = {"range": [span.low, span.high], "log": span.log}
        return {"value": self.lever.value, "unit": self.lever.unit, **over}

    def levels(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at levels from 0 to 1, both included, shape (n,)."""
        prior = self.lever.quantity.prior if self.span.low is None and self.lever.quantity else None
        if prior is not None and prior.dist in ("normal", "lognormal"):
            u = TAIL + (1 - 2 * TAIL) * u
        return self.values(u)

    def values(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values at quantiles, shape (n,)."""
        inside = np.clip(u, 2.0**-40, 1 - 2.0**-40)
        return np.asarray(draw(self.lever, self.span, inside), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Inquiry:
    """A sensitivity analysis ready to be made."""

    name: str
    form: SensitivityFile = field(repr=False)
    loaded: Loaded = field(repr=False)
    outputs: tuple[Output, ...] = field(repr=False)
    parameters: tuple[Parameter, ...] = field(repr=False)
    patterns: Patterns | None = field(repr=False, default=None)

    @property
    def paths(self) -> tuple[str, ...]:
        """Dotted paths of what is varied."""
        return tuple(one.path for one in self.parameters)

    @property
    def survivors(self) -> int:
        """How many numbers go on to Sobol, at most."""
        keep = self.form.keep
        most = keep if isinstance(keep, int) else keep.most
        return len(self.parameters) if self.form.morris is None else min(most, len(self.parameters))

    def asked(self, paths: tuple[str, ...] | None = None) -> Asked:
        """What is run, with some of the numbers as paths, by default all."""
        monthly = [name for one in self.outputs for name in one.statistic.reads(one.form.given)]
        return Asked(
            self.loaded, self.paths if paths is None else paths, self.form.until,
            tuple(dict.fromkeys(monthly)), self.patterns,
        )  # fmt: skip

    def told(self) -> list[str]:
        """How large it is, a line for each part."""
        morris, sobol, lines = self.form.morris, self.form.sobol, []
        if morris is not None:
            points = morris.trajectories * (len(self.parameters) + 1)
            lines.append(f"Morris: {len(self.parameters)} numbers, {points * morris.replicates:,} runs")
        if sobol is not None:
            points = sobol.points * (self.survivors + 2)
            most = "at most " if morris is not None and not isinstance(self.form.keep, int) else ""
            lines.append(f"Sobol: {most}{self.survivors} numbers, {most}{points * sobol.replicates:,} runs")
        return lines


def read_sensitivity(source: str | Path | Mapping[str, Any]) -> Inquiry:
    """Read a sensitivity analysis.

    Parameters
    ----------
    source
        A YAML file, the name of a bundled one, or what such a file would say as nested mappings.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with file, line and column.
    """
    name, file, folder, tree = _read(source)
    reach = None if isinstance(source, Mapping) else Reach(folder)
    form = checked_form(tree, file, SensitivityFile)
    problems: list[Problem] = []
    flaws: list[Flaw] = []
    loaded, patterns = None, None
    try:
        loaded = load(named_in(tree, file, ("scenario",), form.scenario, folder, reach))
        if form.until is not None:
            months_until(loaded.scenario, form.until)
    except (ScenarioError, ExperimentError) as error:
        problems += error.problems
    except BayahError as error:
        flaws.append(Flaw(("until",), error.problems[0].message))
    try:
        if form.patterns is not None:
            patterns = read_patterns(named_in(tree, file, ("patterns",), form.patterns, folder, reach))
    except ExperimentError as error:
        problems += error.problems
    until = form.until or (loaded.scenario.period.end if loaded else "9999-12")
    units = patterns.units if patterns is not None else None
    ground = Ground(until, units, form.patterns is not None and units is None)
    outputs = [_output(name, one, folder, reach, ground, flaws) for name, one in form.outputs.items()]
    parameters = () if loaded is None else _parameters(form, loaded, flaws)
    problems += ordered(with_place(flaw, tree, file) for flaw in flaws)
    if problems or loaded is None:
        raise ExperimentError(problems)
    found = tuple(one for one in outputs if one is not None)
    return Inquiry(name, form, loaded, found, parameters, patterns)


def _read(source: str | Path | Mapping[str, Any]) -> tuple[str, str, Path, Tree]:
    """Name, file as errors name it, folder, and what is said."""
    try:
        if isinstance(source, Mapping):
            given = {key: value for key, value in source.items() if key != "name"}
            tree = flatten(to_node(given, Mark("sensitivity", 0, 0)))
            name = source.get("name", "sensitivity")
            if not is_plain_name(name):
                told = f"'{one_line(str(name), 60)}' cannot name a folder"
                raise ExperimentError(Problem(told, "sensitivity"))
            return str(name), "sensitivity", Path(), tree
        path, file = find_experiment(source, "sensitivity")
        return plain_stem(path, file), file, path.parent, read_tree(path, file, "sensitivity analysis")
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None
    except (ValueError, RecursionError) as error:
        raise ExperimentError(Problem(str(error), "sensitivity")) from None


def _output(
    name: str, form: OutputForm, folder: Path, reach: Reach | None, ground: Ground, flaws: list[Flaw]
) -> Output | None:
    before, place = len(flaws), ("outputs", name)
    found = find_statistic(form.statistic, folder, reach, (*place, "statistic"), flaws)
    if found is None:
        return None
    flaws += argument_flaws(found, form.given, place, ground)
    return Output(name, form, found) if len(flaws) == before else None


def _parameters(form: SensitivityFile, loaded: Loaded, flaws: list[Flaw]) -> tuple[Parameter, ...]:
    """The numbers that are varied; each once, though several patterns may match it."""
    written = compile_scenario(loaded.scenario).levers
    found: dict[str, Parameter] = {}
    named = isinstance(form.parameters, dict)
    given = form.parameters.items() if isinstance(form.parameters, dict) else enumerate(form.parameters)
    for key, value in given:
        pattern = str(key if named else value)
        span = _span(value if named else "prior")
        place: tuple[str | int, ...] = ("parameters", key)
        try:
            paths = match_paths(loaded, pattern) if "*" in pattern else [pattern]
            if not paths:
                raise ValueError(f"no number with a prior matches '{one_line(pattern, 80)}'")
            for path in paths:
                one = _parameter(loaded, path, span, written)
                found.setdefault(one.path, one)
        except ValueError as error:
            flaws.append(Flaw(place, str(error), at_key=named))
    return tuple(found.values())


def _span(value: Any) -> SpanFields:
    if isinstance(value, Range):
        return SpanFields(low=value.low, high=value.high, log=value.log)
    return SpanFields(prior="scenario")


def _parameter(loaded: Loaded, path: str, span: SpanFields, written: Mapping[str, Any]) -> Parameter:
    one = find_field(loaded, path)
    if one.kind != "number":
        raise ValueError(f"is a {one.kind}; only numbers are varied")
    for end in (span.low, span.high):
        if end is not None:
            one.take(end)
    check_span(one, span, True)
    if one.path not in written:
        raise ValueError("is a number that no rule reads in a run")
    return Parameter(one, span)
