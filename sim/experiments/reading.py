"""A design from its file, or from plain data: checked, and every value with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ExperimentError, Problem, ScenarioError
from sim.experiments.design import Design
from sim.scenario.bundled import bundled_folder
from sim.scenario.composer import compose
from sim.scenario.explain import schema_flaws, with_place
from sim.scenario.flaws import Flaw
from sim.scenario.nodes import Mark, Tree, flatten
from sim.scenario.overrides import to_node
from sim.scenario.reader import read_bytes, read_text
from sim.scenario.wording import nearest, one_line, ordered

__all__ = ["Draft", "bundled_designs", "is_design", "read_design"]


@dataclass(frozen=True)
class Draft:
    """A design whose form is right; whether its scenarios have what it varies is seen when it is planned."""

    name: str
    design: Design
    tree: Tree = field(repr=False)
    file: str
    """The file as errors name it."""
    folder: Path
    """What its paths are relative to."""

    def problems(self, flaws: Sequence[Flaw]) -> list[Problem]:
        """Flaws at their places in the file."""
        return ordered(with_place(flaw, self.tree, self.file) for flaw in flaws)


def bundled_designs(root: Path | None = None) -> dict[str, Path]:
    """Designs that come with the program, by name.

    Examples
    --------
    >>> "omar-by-successor" in bundled_designs()
    True
    """
    root = bundled_folder("experiments") if root is None else root
    return {file.stem: file for file in sorted(root.glob("*.yaml"))}


def is_design(data: Any) -> bool:
    """Whether plain data is meant as a design rather than as a scenario."""
    return isinstance(data, dict) and "scenario" in data and "factions" not in data


def read_design(source: str | Path | Mapping[str, Any]) -> Draft:
    """Read and check a design.

    Parameters
    ----------
    source
        A YAML file, the name of a bundled design, or what such a file would say as nested mappings.

    Raises
    ------
    ExperimentError
        With everything that is wrong with its form, each with file, line and column.
    """
    try:
        if isinstance(source, Mapping):
            name, file, folder = str(source.get("name", "design")), "design", Path()
            node = to_node({key: value for key, value in source.items() if key != "name"}, Mark(file, 0, 0))
        else:
            path, file = _find(source)
            name, folder = path.stem, path.parent
            node = compose(read_text(read_bytes(path, file, "design"), file), file)
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None
    except ValueError as error:
        raise ExperimentError(Problem(str(error), "design")) from None
    tree = flatten(node)
    try:
        # JSON mode is strict about types (no number for text, no 1 for true) yet takes a list for a tuple.
        design = Design.model_validate_json(json.dumps(tree.data), strict=True)
    except ValidationError as error:
        flaws = schema_flaws(error, tree.data, Design)
        raise ExperimentError(ordered(with_place(flaw, tree, one_line(file)) for flaw in flaws)) from None
    return Draft(name, design, tree, one_line(file), folder)


def _find(source: str | Path) -> tuple[Path, str]:
    text, path = str(source), Path(source)
    if not isinstance(source, str) or "/" in text or "\\" in text or path.suffix:
        return path, text
    bundled = bundled_designs()
    if text in bundled:
        return bundled[text], text
    if "\0" not in text and len(text) < 200 and path.is_file():
        return path, text
    files = [file.name for file in sorted(Path().glob("*.y*ml"))]
    guess = nearest(text, [*bundled, *files])
    raise ExperimentError(Problem(f"no such file, and no bundled design of that name{guess}", one_line(text)))
