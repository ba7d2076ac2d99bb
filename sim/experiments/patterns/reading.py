"""Patterns from their file: checked, every statistic found, every observation worked out."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from sim.errors import ExperimentError
from sim.experiments.forms import checked_form, flawed, read_tree
from sim.experiments.patterns.arguments import Ground, argument_flaws, coded_flaws
from sim.experiments.patterns.schema import Part, Pattern, PatternFile
from sim.experiments.patterns.statistics import STATISTICS, Statistic
from sim.experiments.patterns.units import Units, read_units
from sim.scenario.bundled import bundled_folder
from sim.scenario.flaws import Flaw
from sim.scenario.places import Reach
from sim.scenario.quantities import month_index
from sim.scenario.wording import MOST_PROBLEMS, nearest, one_line

__all__ = ["Measure", "Patterns", "find_statistic", "read_patterns"]


@dataclass(frozen=True, eq=False)
class Measure:
    """One number of a pattern, ready to be asked of runs."""

    pattern: str
    part: str
    about: Pattern = field(repr=False)
    form: Part = field(repr=False)
    statistic: Statistic = field(repr=False)

    @property
    def name(self) -> str:
        """Pattern and part: ``SF4.focus``."""
        return f"{self.pattern}.{self.part}"

    @property
    def weight(self) -> float:
        """Its share of the weight of its pattern."""
        return 1.0 / len(self.about.parts)


@dataclass(frozen=True, eq=False)
class Patterns:
    """The patterns of a file."""

    name: str
    file: PatternFile = field(repr=False)
    measures: tuple[Measure, ...]
    units: Units | None
    path: Path = field(repr=False)

    @property
    def until(self) -> str:
        """Last month that any pattern looks at."""
        return self.file.meta.until

    @property
    def monthly(self) -> tuple[str, ...]:
        """Monthly outcomes that the statistics read."""
        named = [name for m in self.measures for name in m.statistic.reads(m.form.given)]
        return tuple(dict.fromkeys(named))

    def of_role(self, role: str) -> tuple[Measure, ...]:
        """The measures of patterns of a role, ``fit`` or ``report``."""
        return tuple(m for m in self.measures if m.about.role == role)


def read_patterns(source: str | Path = "patterns") -> Patterns:
    """Read patterns.

    Parameters
    ----------
    source
        A YAML file, or ``patterns``: the bundled ones.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with file, line and column.
    """
    path, file = _find(source)
    reach = Reach(path.parent)
    tree = read_tree(path, file, "patterns")
    form = checked_form(tree, file, PatternFile)
    flaws: list[Flaw] = []
    until = form.meta.until
    try:
        month_index(until)
    except ValueError as error:
        flaws.append(Flaw(("meta", "until"), str(error)))
        until = "9999-12"
    units = _units(form, path.parent, reach, flaws)
    ground = Ground(until, units, form.meta.units is not None and units is None)
    measures = [
        measure
        for name, pattern in form.patterns.items()
        for part, one in pattern.parts.items()
        # Nobody reads as far, and looking for near names takes its time.
        if len(flaws) <= MOST_PROBLEMS
        and (measure := _measure(name, pattern, part, one, path.parent, reach, ground, flaws)) is not None
    ]
    if flaws:
        raise flawed(flaws, tree, file)
    return Patterns(path.stem, form, tuple(measures), units, path)


def _find(source: str | Path) -> tuple[Path, str]:
    if isinstance(source, str) and source == "patterns":
        return bundled_folder("experiments") / "patterns.yaml", "patterns"
    return Path(source), one_line(str(source))


def _units(form: PatternFile, folder: Path, reach: Reach, flaws: list[Flaw]) -> Units | None:
    if form.meta.units is None:
        return None
    told = reach.flaw(form.meta.units, folder / form.meta.units)
    if told is not None:
        flaws.append(Flaw(("meta", "units"), told))
        return None
    try:
        return read_units(folder / form.meta.units, form.meta.units)
    except ExperimentError as error:
        flaws += [Flaw(("meta", "units"), str(problem)) for problem in error.problems]
        return None


def _measure(
    name: str, pattern: Pattern, part: str, form: Part, folder: Path, reach: Reach, ground: Ground, flaws: list[Flaw]
) -> Measure | None:  # fmt: skip
    place = ("patterns", name, "parts", part)
    before = len(flaws)
    found = find_statistic(form.statistic, folder, reach, (*place, "statistic"), flaws)
    if found is None:
        return None
    flaws += argument_flaws(found, form.given, place, ground)
    if form.observed == "coded" and len(flaws) == before:
        flaws += coded_flaws(found, form.given, place, ground)
    return Measure(name, part, pattern, form, found) if len(flaws) == before else None


def find_statistic(
    text: str, folder: Path, reach: Reach | None, place: tuple[str, ...], flaws: list[Flaw]
) -> Statistic | None:
    """A statistic by name, or ``FILE.py:FUNCTION`` relative to a folder; what is wrong goes to the flaws.

    Such a file is run. It is looked for only where an experiment is read that a user named, within its reach; nothing in
    a folder of results leads here.
    """
    if text in STATISTICS:
        return STATISTICS[text]
    file, colon, function = text.rpartition(":")
    if not colon or not file.endswith(".py"):
        hint = nearest(text, STATISTICS)
        flaws.append(
            Flaw(place, f"no statistic '{one_line(text, 60)}'{hint}; one of your own is FILE.py:FUNCTION")
        )
        return None
    told = None if reach is None else reach.flaw(file, folder / file)
    if told is not None:
        flaws.append(Flaw(place, told))
        return None
    try:
        spec = importlib.util.spec_from_file_location(Path(file).stem, folder / file)
        if spec is None or spec.loader is None:
            raise ImportError("is no Python file")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        own = vars(module).get(function)
        if not callable(own):
            there = [name for name, value in vars(module).items() if callable(value)]
            raise NameError(f"it has no function '{function}'{nearest(function, there)}")
        return Statistic(function, "number", own, (), False, own=True)
    except Exception as error:
        # What stands in a file of the user's own may fail in any way.
        flaws.append(
            Flaw(
                place,
                f"'{one_line(text, 60)}' cannot be used: {type(error).__name__}: {one_line(str(error))}",
            )
        )
        return None
