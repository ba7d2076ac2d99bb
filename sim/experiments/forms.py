"""Experiment files as forms: read, checked against a model, every flaw at its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import ExperimentError, Problem, ScenarioError
from sim.experiments.reading import bundled_experiments
from sim.results.trust import is_plain_name
from sim.scenario.composer import compose
from sim.scenario.explain import schema_flaws, with_place
from sim.scenario.flaws import Flaw
from sim.scenario.nodes import Tree, flatten
from sim.scenario.places import ENDINGS, Reach
from sim.scenario.reader import read_bytes, read_text
from sim.scenario.wording import nearest, one_line, ordered

__all__ = ["beside", "checked_form", "find_experiment", "flawed", "named_in", "plain_stem", "read_tree"]

M = TypeVar("M", bound=BaseModel)


def find_experiment(source: str | Path, kind: str) -> tuple[Path, str]:
    """The file of an experiment given by path or by the name of a bundled one, and its name in errors.

    Parameters
    ----------
    source
        Path or name.
    kind
        What it should be: ``sensitivity``, ``calibration``, ``validation``.

    Raises
    ------
    ExperimentError
        If a name is neither a bundled experiment of that kind nor a file.
    """
    text, path = str(source), Path(source)
    if not isinstance(source, str) or "/" in text or "\\" in text or path.suffix:
        return path, one_line(text)
    kinds = {name: found for name, (_, found) in bundled_experiments().items()}
    if kinds.get(text) == kind:
        return bundled_experiments()[text][0], text
    if text in kinds:
        raise ExperimentError(Problem(f"is no {kind}: it is of the kind {kinds[text]}", text))
    if "\0" not in text and len(text) < 200 and path.is_file():
        return path, one_line(text)
    guess = nearest(text, [name for name, found in kinds.items() if found == kind])
    told = f"no such file, and no bundled {kind} of that name{guess}"
    raise ExperimentError(Problem(told, one_line(text)))


def beside(name: str, folder: Path) -> str | Path:
    """A bundled file by its name, or a path relative to a folder."""
    return name if "/" not in name and not Path(name).suffix else folder / name


def named_in(
    tree: Tree, file: str, place: tuple[str, ...], name: str, folder: Path, reach: Reach | None
) -> str | Path:
    """As :func:`beside`, of a name that stands in a file.

    Parameters
    ----------
    tree, file
        The file, and its name in errors.
    place
        Where the name stands in it.
    name, folder
        The name, and what it is relative to.
    reach
        What the file may name; anything where it is None.

    Raises
    ------
    ExperimentError
        If the file may not name it.
    """
    found = beside(name, folder)
    told = reach.flaw(name, found, ENDINGS) if reach is not None and isinstance(found, Path) else None
    if told is not None:
        raise flawed([Flaw(place, told)], tree, file)
    return found


def plain_stem(path: Path, file: str) -> str:
    """The name of an experiment, which also names the folder of its results: that of its file, without the ending.

    Raises
    ------
    ExperimentError
        If it cannot name a folder.
    """
    if not is_plain_name(path.stem):
        raise ExperimentError(Problem("cannot name a folder of results; give the file a plain name", file))
    return path.stem


def read_tree(path: Path, file: str, kind: str) -> Tree:
    """A YAML file as plain data in which every value knows its place.

    Parameters
    ----------
    path, file
        The file, and its name in errors.
    kind
        What it should be, for errors.

    Raises
    ------
    ExperimentError
        If it cannot be read.
    """
    try:
        return flatten(compose(read_text(read_bytes(path, file, kind), file), file))
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None


def checked_form(tree: Tree, file: str, model: type[M]) -> M:
    """What a file says, as a model of it.

    Raises
    ------
    ExperimentError
        With everything that is wrong with its form.
    """
    try:
        # JSON mode is strict about types (no number for text) yet takes a list for a tuple.
        return model.model_validate_json(json.dumps(tree.data), strict=True)
    except ValidationError as error:
        data = tree.data if isinstance(tree.data, dict) else {}
        flaws = schema_flaws(error, data, model)
    raise flawed(flaws, tree, file)


def flawed(flaws: Iterable[Flaw], tree: Tree, file: str) -> ExperimentError:
    """Flaws of a file at their places."""
    return ExperimentError(ordered(with_place(flaw, tree, file) for flaw in flaws))
