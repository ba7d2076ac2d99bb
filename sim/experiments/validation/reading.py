"""The file of a validation, checked, with its calibration and its frozen split."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ExperimentError, ScenarioError
from sim.experiments.calibration.problem import Calibration, find_experiment, read_calibration
from sim.experiments.validation.schema import ValidationFile
from sim.measures import MONTHLY
from sim.scenario.composer import compose
from sim.scenario.explain import schema_flaws, with_place
from sim.scenario.flaws import Flaw
from sim.scenario.nodes import flatten
from sim.scenario.reader import read_bytes, read_text
from sim.scenario.wording import nearest, one_line, ordered

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
    path, file = find_experiment(source)
    tree = _tree(path, file)
    try:
        form = ValidationFile.model_validate_json(json.dumps(tree.data), strict=True)
    except ValidationError as error:
        data = tree.data if isinstance(tree.data, dict) else {}
        flaws = schema_flaws(error, data, ValidationFile)
        raise ExperimentError(ordered(with_place(flaw, tree, file) for flaw in flaws)) from None
    own = form.calibration
    calibration = read_calibration(own if "/" not in own and not Path(own).suffix else path.parent / own)
    split_file = path.parent / form.split
    split = _tree(split_file, form.split).data
    flaws = [*_form_flaws(form, calibration), *_split_flaws(split, calibration)]
    if flaws:
        raise ExperimentError(ordered(with_place(flaw, tree, file) for flaw in flaws))
    digest = hashlib.sha256(split_file.read_bytes()).hexdigest()
    return Validation(path.stem, form, calibration, split, digest)


def _tree(path: Path, file: str) -> Any:
    try:
        return flatten(compose(read_text(read_bytes(path, file, "experiment"), file), file))
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None


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
    event = form.placebo.event.split(".")
    events = calibration.base.scenario.events
    if len(event) != 3 or event[0] != "events" or event[2] != "date" or event[1] not in events:
        flaws.append(
            Flaw(
                ("placebo", "event"),
                "should be the date of an event: events.ID.date" + nearest(event[1], events),
            )
        )
    return flaws


def _split_flaws(split: Any, calibration: Calibration) -> list[Flaw]:
    """Where roles of patterns, or clusters, are not those of the frozen split."""
    patterns = calibration.patterns.file.patterns
    flaws = []
    for role in ("fit", "report"):
        frozen = split.get(role, []) if isinstance(split, dict) else []
        now = [name for name, pattern in patterns.items() if pattern.role == role]
        if sorted(frozen) != sorted(now):
            apart = sorted(set(frozen) ^ set(now))
            told = f"the patterns of role {role} are not those of the frozen split: {one_line(', '.join(apart), 200)}"
            flaws.append(Flaw(("split",), told))
    units = calibration.patterns.units
    for cluster, members in (split.get("together", {}) if isinstance(split, dict) else {}).items():
        coded = (
            []
            if units is None
            else [n for n, c in zip(units.names, units.clusters, strict=True) if c == cluster]
        )
        if sorted(coded) != sorted(members):
            flaws.append(
                Flaw(("split",), f"the units of cluster '{cluster}' are not those of the frozen split")
            )
    return flaws
