"""A design from its file, or from plain data: checked, and every value with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ExperimentError, Problem, ScenarioError
from sim.experiments.design import Block, Design
from sim.experiments.spelling import Place, as_written, spelled_out, without_flawed
from sim.results.trust import is_plain_name
from sim.scenario.bundled import bundled_folder, bundled_scenarios
from sim.scenario.composer import compose
from sim.scenario.explain import schema_flaws, with_place
from sim.scenario.flaws import Flaw
from sim.scenario.nodes import Mark, Node, Tree, flatten
from sim.scenario.overrides import to_node
from sim.scenario.places import Reach
from sim.scenario.reader import is_design, read_bytes, read_text, read_tree
from sim.scenario.wording import nearest, one_line, ordered

__all__ = [
    "KINDS", "Draft", "bundled_designs", "bundled_experiments", "is_design", "kind_of_experiment", "read_design",
    "read_draft",
]  # fmt: skip

KINDS = {
    "free": "calibration",
    "placebo": "validation",
    "morris": "sensitivity",
    "sobol": "sensitivity",
    "patterns": "patterns",
    "scenario": "design",
}
"""Kind of an experiment file by a section that only this kind has; the first that a file has tells."""
_SECTION = re.compile(r"^([a-z_]+)[ \t]*:", re.MULTILINE)


@dataclass(frozen=True)
class Draft:
    """A design as it was read; whether its scenarios have what it varies is seen when it is planned."""

    name: str
    design: Design
    """What of it holds."""
    tree: Tree = field(repr=False)
    file: str
    """The file as errors name it."""
    folder: Path
    """What its paths are relative to."""
    flaws: tuple[Flaw, ...] = ()
    """What is wrong with its form."""
    positions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Where in the file the blocks of a section stand."""
    reach: Reach | None = None
    """What its paths may lead to; anything where it stands in no file."""
    implied: frozenset[Place] = frozenset()
    """Places that stand in the tree and not in the file: a list of values is short for ``{values: [...]}``."""

    def problems(self, flaws: Sequence[Flaw]) -> list[Problem]:
        """Flaws at their places in the file."""
        return _problems(flaws, self.tree, self.file, self.implied)

    def blocks(self) -> Iterator[tuple[Place, Block]]:
        """The blocks with their places, uncertainties first."""
        for section, blocks in (
            ("uncertainties", self.design.uncertainties),
            ("levers", self.design.levers),
        ):
            for position, block in zip(self.positions[section], blocks, strict=True):
                yield (section, position), block


def bundled_designs(root: Path | None = None) -> dict[str, Path]:
    """Designs that come with the program, by name.

    Examples
    --------
    >>> "omar-by-successor" in bundled_designs()
    True
    """
    return {name: file for name, (file, kind) in bundled_experiments(root).items() if kind == "design"}


def bundled_experiments(root: Path | None = None) -> dict[str, tuple[Path, str]]:
    """All experiment files that come with the program: file and kind, by name.

    Examples
    --------
    >>> bundled_experiments()["patterns"][1]
    'patterns'
    """
    root = bundled_folder("experiments") if root is None else root
    files = ((file, kind_of_experiment(file)) for file in sorted(root.glob("*.yaml")))
    return {file.stem: (file, kind) for file, kind in files if kind is not None}


def kind_of_experiment(file: str | Path) -> str | None:
    """What an experiment file is, by the names of its sections; it is not checked.

    Returns
    -------
    str
        ``design``, ``patterns``, ``sensitivity``, ``calibration`` or ``validation``; None for a scenario, and for what
        cannot be read.
    """
    try:
        text = read_bytes(file).decode("utf-8-sig")
    except (ScenarioError, UnicodeDecodeError):
        return None
    sections = set(_SECTION.findall(text)) or _top_keys(Path(file))
    if sections & {"factions", "extends"}:
        return None
    return next((kind for section, kind in KINDS.items() if section in sections), None)


def _top_keys(file: Path) -> set[str]:
    """Sections of a file that is written in another way, such as JSON."""
    try:
        data = read_tree(file).data
    except ScenarioError:
        return set()
    return set(map(str, data)) if isinstance(data, dict) else set()


def read_design(source: str | Path | Mapping[str, Any]) -> Draft:
    """Read a design and check its form.

    Parameters
    ----------
    source
        A YAML file, the name of a bundled design, or what such a file would say as nested mappings.

    Raises
    ------
    ExperimentError
        With everything that is wrong with its form, each with file, line and column.
    """
    draft = read_draft(source)
    if draft.flaws:
        raise ExperimentError(draft.problems(draft.flaws))
    return draft


def read_draft(source: str | Path | Mapping[str, Any]) -> Draft:
    """As :func:`read_design`; where parts of the form are wrong, the others and a list of flaws.

    Raises
    ------
    ExperimentError
        If it cannot be read, or too little of it holds to look further.
    """
    name, file, folder, node = _nodes(source)
    spelled, implied = spelled_out(node)
    tree = flatten(spelled)
    file = one_line(file)
    if isinstance(tree.data, dict) and "scenario" not in tree.data and tree.data.keys() & _SCENARIO_KEYS:
        hint = f"is a scenario, not a design of runs: bayah run {file}"
        raise ExperimentError(Problem(hint, file))
    design, flaws, positions = _checked(tree.data)
    if design is None:
        raise ExperimentError(_problems(flaws, tree, file, implied))
    reach = None if isinstance(source, Mapping) else Reach(folder)
    return Draft(name, design, tree, file, folder, tuple(flaws), positions, reach, implied)


def _problems(flaws: Sequence[Flaw], tree: Tree, file: str, implied: frozenset[Place]) -> list[Problem]:
    return ordered(
        replace(with_place(flaw, tree, file), path=as_written(flaw.path, implied)) for flaw in flaws
    )


_SCENARIO_KEYS = frozenset({"extends", "factions", "patrons", "regions", "events", "period", "weights"})
_META = {"title": "-", "question": "-", "schema_version": 1}


def _checked(data: Any) -> tuple[Design | None, list[Flaw], dict[str, tuple[int, ...]]]:
    """The design as far as it holds, what is wrong, and the positions of the blocks that are left."""
    flaws: list[Flaw] = []
    sections = ("uncertainties", "levers")
    everywhere = {name: data.get(name) if isinstance(data, dict) else None for name in sections}
    positions = {
        name: tuple(range(len(blocks))) if isinstance(blocks, list) else ()
        for name, blocks in everywhere.items()
    }
    for attempt in range(3):
        try:
            # JSON mode is strict about types (no number for text, no 1 for true) yet takes a list for a tuple.
            return Design.model_validate_json(json.dumps(data), strict=True), flaws, positions
        except ValidationError as error:
            found = schema_flaws(error, data, Design)
        # What is found later is the echo of what was left out.
        flaws = flaws if attempt else found
        if not isinstance(data, dict) or any(flaw.path[:1] == ("scenario",) for flaw in found):
            break
        data, positions = without_flawed(data, found, positions, _META)
    return None, flaws, positions


def _nodes(source: str | Path | Mapping[str, Any]) -> tuple[str, str, Path, Node]:
    """Name, file as errors name it, folder and nodes of a design."""
    try:
        if isinstance(source, Mapping):
            name = str(source.get("name", "design"))
            if not is_plain_name(name) or len(name) > 100:
                raise ExperimentError(Problem(f"'{one_line(name, 60)}' cannot name a folder", "design"))
            values = {key: _plain(value) for key, value in source.items() if key != "name"}
            return name, "design", Path(), to_node(values, Mark("design", 0, 0))
        path, file = _find(source)
        node = compose(read_text(read_bytes(path, file, "design"), file), file)
        if not is_plain_name(path.stem):
            told = "cannot name a folder of results; give the file a plain name"
            raise ExperimentError(Problem(told, one_line(file)))
        return path.stem, file, path.parent, node
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None
    except (ValueError, RecursionError) as error:
        raise ExperimentError(Problem(str(error), "design")) from None


def _plain(value: Any) -> Any:
    """Arrays, series and ranges as lists."""
    if isinstance(value, Mapping):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(child) for child in value]
    if hasattr(value, "tolist") and getattr(value, "ndim", 0) == 1:
        return value.tolist()
    return value


def _find(source: str | Path) -> tuple[Path, str]:
    text, path = str(source), Path(source)
    if not isinstance(source, str) or "/" in text or "\\" in text or path.suffix:
        return path, text
    experiments = bundled_experiments()
    bundled = {name: file for name, (file, kind) in experiments.items() if kind == "design"}
    if text in bundled:
        return bundled[text], text
    if text in experiments:
        raise ExperimentError(
            Problem(f"is no design of runs: it is of the kind {experiments[text][1]}", text)
        )
    if "\0" not in text and len(text) < 200 and path.is_file():
        return path, text
    if text in bundled_scenarios():
        raise ExperimentError(Problem(f"is a scenario, not a design of runs: bayah run {text}", text))
    files = [file.name for file in sorted(Path().glob("*.y*ml"))]
    guess = nearest(text, [*bundled, *files])
    raise ExperimentError(Problem(f"no such file, and no bundled design of that name{guess}", one_line(text)))
