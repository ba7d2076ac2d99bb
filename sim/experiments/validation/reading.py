"""The file of a validation, checked, with its calibration and its frozen split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.experiments.calibration.problem import Calibration, read_calibration
from sim.experiments.fields import find_field
from sim.experiments.forms import checked_form, find_experiment, flawed, named_in, plain_stem, read_tree
from sim.experiments.validation.schema import ValidationFile
from sim.measures import MONTHLY
from sim.scenario.flaws import Flaw
from sim.scenario.load import with_overrides
from sim.scenario.places import ENDINGS, Reach
from sim.scenario.quantities import month_index, month_text
from sim.scenario.wording import nearest, one_line

__all__ = ["Validation", "read_validation"]


@dataclass(frozen=True, eq=False)
class Validation:
    """A validation ready to run."""

    name: str
    form: ValidationFile = field(repr=False)
    calibration: Calibration = field(repr=False)
    split: dict[str, Any] = field(repr=False)
    split_digest: str
    """SHA-256 of the split file."""


def read_validation(source: str | Path = "validation") -> Validation:
    """Read the file of a validation.

    Parameters
    ----------
    source
        A YAML file, or the name of a bundled one.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with file, line and column.
    """
    path, file = find_experiment(source, "validation")
    tree = read_tree(path, file, "validation")
    form = checked_form(tree, file, ValidationFile)
    name, reach = plain_stem(path, file), Reach(path.parent)
    calibration = read_calibration(
        named_in(tree, file, ("calibration",), form.calibration, path.parent, reach)
    )
    split_file = path.parent / form.split
    told = reach.flaw(form.split, split_file, ENDINGS)
    if told is not None:
        raise flawed([Flaw(("split",), told)], tree, file)
    split = read_tree(split_file, form.split, "split").data
    flaws = [*_form_flaws(form, calibration), *_split_flaws(split, calibration)]
    if flaws:
        raise flawed(flaws, tree, file)
    digest = hashlib.sha256(split_file.read_bytes()).hexdigest()
    return Validation(name, form, calibration, split, digest)


def _form_flaws(form: ValidationFile, calibration: Calibration) -> list[Flaw]:
    units = calibration.patterns.units
    if units is None:
        return [Flaw(("calibration",), "its patterns name no coded units")]
    flaws = []
    named: list[tuple[tuple[str | int, ...], str]] = [
        *((("traits", n), name) for n, name in enumerate(form.traits)),
        (("rule",), form.rule),
        (("recoding", "trait"), form.recoding.trait),
        (("recoding", "coded"), form.recoding.coded),
    ]
    for place, name in named:
        if name not in units.traits:
            flaws.append(Flaw(place, f"no trait '{name}' of the coded units{nearest(name, units.traits)}"))
        elif not set(units.traits[name]) <= {0, 1}:
            flaws.append(Flaw(place, f"trait '{name}' is not coded as 0 and 1"))
    for n, name in enumerate(form.refits.clusters):
        if name not in units.clusters:
            flaws.append(
                Flaw(("refits", "clusters", n), f"no cluster '{name}'{nearest(name, set(units.clusters))}")
            )
    known = calibration.patterns.file.patterns
    joint: list[tuple[tuple[str | int, ...], str]] = [
        (("jointly", "patterns", n), name) for n, name in enumerate(form.jointly.patterns)
    ]
    if form.jointly.pledges is not None:
        joint.append((("jointly", "pledges"), form.jointly.pledges))
    flaws += [
        Flaw(place, f"no pattern '{name}'{nearest(name, known)}")
        for place, name in joint
        if name not in known
    ]
    if form.jointly.patterns and form.jointly.pledges is None:
        flaws.append(Flaw(("jointly",), "name the pattern that tells how many pledge: pledges"))
    for n, path in enumerate(form.ablation.constants):
        if path not in calibration.paths:
            told = f"'{path}' is not free in the calibration{nearest(path, calibration.paths)}"
            flaws.append(Flaw(("ablation", "constants", n), told))
    monthly = {column.name for column in MONTHLY}
    outcomes: list[tuple[tuple[str | int, ...], str]] = [(("placebo", "outcome"), form.placebo.outcome)]
    outcomes += [(("ahead", "outcomes", n), name) for n, name in enumerate(form.ahead.outcomes)]
    flaws += [
        Flaw(place, f"no monthly outcome '{name}'{nearest(name, monthly)}")
        for place, name in outcomes
        if name not in monthly
    ]
    return [
        *flaws,
        *_recoding_flaws(form, calibration),
        *_placebo_flaws(form, calibration),
        *_ahead_flaws(form, calibration),
    ]


def _recoding_flaws(form: ValidationFile, calibration: Calibration) -> list[Flaw]:
    """Where the number that follows from a coding call is none, of any unit that is coded anew."""
    units, about = calibration.patterns.units, form.recoding
    assert units is not None
    marked = zip(units.names, units.traits.get(about.trait, ()), strict=False)
    for name in (name for name, mark in marked if mark == 1 and name in calibration.units):
        path = about.number.replace("*", name)
        try:
            find_field(calibration.base, path).take(about.value)
        except ValueError as error:
            return [Flaw(("recoding", "number"), f"{path}: {error}")]
    return []


def _placebo_flaws(form: ValidationFile, calibration: Calibration) -> list[Flaw]:
    about, events = form.placebo, calibration.base.scenario.events
    flaws = []
    event = about.event.split(".")
    if len(event) != 3 or event[0] != "events" or event[2] != "date" or event[1] not in events:
        told = "should be the date of an event: events.ID.date" + nearest(event[1], events)
        flaws.append(Flaw(("placebo", "event"), told))
    for n, path in enumerate(about.without):
        section, _, name = path.partition(".")
        if section != "events" or name not in events:
            flaws.append(
                Flaw(("placebo", "without", n), f"no event '{one_line(path)}'{nearest(name, events)}")
            )
    start, until = calibration.start, month_index(calibration.patterns.until)
    first, last = month_index(about.first), month_index(about.last)
    if first > last:
        flaws.append(Flaw(("placebo", "first"), "the first date comes before the last"))
    if first - about.window < start:
        told = f"leaves less than the window before it; should be no earlier than {month_text(start + about.window)}"
        flaws.append(Flaw(("placebo", "first"), told))
    if last + about.window > until:
        told = f"leaves less than the window after it; should be no later than {month_text(until - about.window)}"
        flaws.append(Flaw(("placebo", "last"), told))
    if month_index(about.never) <= until:
        flaws.append(
            Flaw(("placebo", "never"), f"should be after the last month, {calibration.patterns.until}")
        )
    return flaws or _moved_flaws(form, calibration)


def _moved_flaws(form: ValidationFile, calibration: Calibration) -> list[Flaw]:
    """Where the scenario does not hold with the event at a date: other events may need it."""
    about = form.placebo
    for name, date in (("never", about.never), ("first", about.first), ("last", about.last)):
        try:
            with_overrides(calibration.loaded, {about.event: date, **dict.fromkeys(about.without)})
        except ScenarioError as error:
            told = "; ".join(problem.message for problem in error.problems)
            return [
                Flaw(
                    ("placebo", "never" if name == "never" else "event"), f"with the event in {date}: {told}"
                )
            ]
    return []


def _ahead_flaws(form: ValidationFile, calibration: Calibration) -> list[Flaw]:
    year, month = form.ahead.until.split("-")
    if month != "12" or int(year) <= int(calibration.patterns.until[:4]):
        told = f"should be the December of a year after the fit, which ends with {calibration.patterns.until}"
        return [Flaw(("ahead", "until"), told)]
    return []


def _split_flaws(split: Any, calibration: Calibration) -> list[Flaw]:
    """Where roles of patterns, or clusters, are not those of the frozen split."""
    patterns, units = calibration.patterns.file.patterns, calibration.patterns.units
    whole = split if isinstance(split, dict) else {}
    flaws = []
    for role in ("fit", "report"):
        frozen = _names(whole.get(role))
        now = {name for name, pattern in patterns.items() if pattern.role == role}
        if frozen != now:
            apart = one_line(", ".join(sorted(frozen ^ now)), 200)
            told = f"the patterns of role {role} are not those of the frozen split: {apart}"
            flaws.append(Flaw(("split",), told))
    together = whole.get("together")
    for cluster, members in (together if isinstance(together, dict) else {}).items():
        coded = (
            set()
            if units is None
            else {n for n, c in zip(units.names, units.clusters, strict=True) if c == cluster}
        )
        if coded != _names(members):
            told = f"the units of cluster '{one_line(str(cluster))}' are not those of the frozen split"
            flaws.append(Flaw(("split",), told))
    return flaws


def _names(value: Any) -> set[str]:
    return {str(name) for name in value} if isinstance(value, list) else set()
