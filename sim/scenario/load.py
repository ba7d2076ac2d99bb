"""A scenario by path or name, with overrides, as a checked :class:`~sim.scenario.schema.Scenario`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import Problem, ScenarioError, UsageError
from .bundled import find_scenario
from .check import faction_aliases, semantic_flaws
from .dated import dated_flaws, stretches
from .dates import orphans_of
from .emit import emit
from .explain import schema_flaws, with_place
from .flaws import Flaw
from .merge import Layers, Path_, gather, gather_text, idle_problems
from .nodes import Mark, Marks, Node, Tree, flatten
from .overrides import Overrides, apply_overrides, parse_overrides
from .reader import is_design
from .references import without_removed
from .schema import Scenario
from .walk import is_field
from .wording import dotted, listed, nearest, one_line, ordered

__all__ = [
    "Loaded", "load", "load_scenario", "load_text", "resolve_faction", "resolved_yaml", "with_overrides",
]  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """A scenario and where all of it came from."""

    name: str
    """Name of the file without its ending."""
    file: str
    """The file as errors name it."""
    scenario: Scenario
    """The checked scenario."""
    tree: dict[str, Any]
    """What the files and overrides say, merged, as plain data; defaults of the schema are not in it."""
    marks: Marks
    """File, line and column of every value of the tree, by path."""
    keys: Marks
    """File, line and column of every key of the tree, by path."""
    files: dict[str, str]
    """Files read, with the SHA-256 of their bytes."""
    overrides: tuple[str, ...]
    """Overrides, in the order in which they were laid."""
    own: dict[str, Any]
    """What the file itself says."""
    base: dict[str, Any] | None
    """What the files say, merged, that it extends; None where it extends none."""
    node: Node = field(repr=False, compare=False)
    """The merged nodes."""
    removed: dict[Path_, Mark] = field(repr=False, compare=False)
    """What a ``null`` deleted, and where it stands."""


def load(name_or_path: str | Path, overrides: Overrides = ()) -> Loaded:
    """Read, merge, override and check a scenario, and keep where everything came from.

    Parameters
    ----------
    name_or_path
        A YAML file, or the name of a bundled scenario.
    overrides
        ``path=value`` texts, or a mapping of dotted paths to Python values. None (``null``) removes an entry.

    Returns
    -------
    Loaded
        The scenario with its provenance.

    Raises
    ------
    ScenarioError
        With everything that is wrong, each with file, line and column.
    """
    path, file = find_scenario(name_or_path)
    return _finish(path.stem, file, gather(path, file), overrides)


def load_scenario(name_or_path: str | Path, overrides: Overrides = ()) -> Scenario:
    """As :func:`load`, the scenario only.

    Examples
    --------
    >>> load_scenario("baseline", ["decision.theta=2"]).decision.theta.value
    2.0
    """
    return load(name_or_path, overrides).scenario


def load_text(text: str, overrides: Overrides = (), name: str = "scenario") -> Loaded:
    """As :func:`load`, of YAML text that stands in no file."""
    return _finish(name, name, gather_text(text, name), overrides)


def with_overrides(loaded: Loaded, overrides: Overrides) -> Loaded:
    """The same scenario with further overrides, without reading its files again."""
    layers = Layers(files=loaded.files, removed=dict(loaded.removed), merged=loaded.node)
    return _finish(loaded.name, loaded.file, layers, overrides, loaded)


def _finish(
    name: str, file: str, layers: Layers, overrides: Overrides, earlier: Loaded | None = None
) -> Loaded:
    file = one_line(file)
    assert layers.merged is not None
    parsed = parse_overrides(overrides)
    aliases = faction_aliases(flatten(layers.merged).data) if parsed else {}
    root, problems = apply_overrides(layers.merged, parsed, layers, aliases)
    root = without_removed(root, layers.removed)
    tree = flatten(root)
    if is_design(tree.data):
        raise ScenarioError(Problem(f"is a design of many runs, not a scenario: bayah sweep {file}", file))
    problems += idle_problems(layers, lambda path: is_field(path, tree.data))
    scenario, found = _validate(tree, file, layers.removed)
    problems += found
    if scenario is not None and scenario.changes and not problems:
        problems += _change_problems(root, scenario, file)
    if problems or scenario is None:
        raise ScenarioError(ordered(problems))
    return Loaded(
        name=name,
        file=file,
        scenario=scenario,
        tree=tree.data,
        marks=tree.marks,
        keys=tree.keys,
        files=dict(layers.files),
        overrides=(*(earlier.overrides if earlier else ()), *map(str, parsed)),
        own=earlier.own if earlier else _plain(layers.own) or {},
        base=earlier.base if earlier else _plain(layers.base),
        node=root,
        removed=layers.removed,
    )


def _change_problems(root: Node, scenario: Scenario, file: str) -> list[Problem]:
    """What is wrong with the scenario in the stretches that its changes begin."""
    problems: list[Problem] = []
    before, tree = scenario, flatten(root)
    for stretch in stretches(root):
        found = list(stretch.problems)
        after, wrong = _validate(flatten(stretch.root), file, stretch.layers.removed)
        held = after if not found and not wrong else None
        found += [with_place(flaw, tree, file) for flaw in dated_flaws(before, stretch, held)]
        # What may not change at all is told once, and not by what it would lead to.
        found = found or [replace(one, message=f"from {stretch.month} on: {one.message}") for one in wrong]
        problems += found
        if found or after is None:
            break
        before = after
    return problems


def _plain(node: Node | None) -> dict[str, Any] | None:
    return None if node is None else flatten(node).data


def _validate(tree: Tree, file: str, removed: dict[Path_, Mark]) -> tuple[Scenario | None, list[Problem]]:
    scenario, flaws = None, []
    try:
        # JSON mode is strict about types (no number for text, no 1 for true) yet takes a list for a tuple.
        scenario = Scenario.model_validate_json(json.dumps(tree.data), strict=True)
    except ValidationError as error:
        flaws = schema_flaws(error, tree.data)
    # That an id is unknown, and which one may be meant, says more than that its form is wrong.
    found = semantic_flaws(tree.data)
    unknown = {flaw.path for flaw in found if flaw.missing is not None}
    flaws = [flaw for flaw in flaws if flaw.path not in unknown]
    told = {flaw.path for flaw in flaws}
    semantic = [flaw for flaw in found if flaw.path not in told]
    problems, rest = _orphan_problems(semantic, tree, removed)
    return scenario, [*problems, *(with_place(flaw, tree, file) for flaw in [*flaws, *rest])]


def _orphan_problems(
    flaws: list[Flaw], tree: Tree, removed: dict[Path_, Mark]
) -> tuple[list[Problem], list[Flaw]]:
    """One problem for each removed entry that others need, where it was removed; and the other flaws."""
    rest = [flaw for flaw in flaws if flaw.missing is None or flaw.missing not in removed]
    wanting: dict[tuple[str, str], list[Flaw]] = {}
    for flaw in flaws:
        if flaw.missing is not None and flaw.missing in removed:
            wanting.setdefault(flaw.missing, []).append(flaw)
    problems = []
    for (section, name), those in wanting.items():
        if section == "events":
            direct = [str(flaw.path[1]) for flaw in those if flaw.path[0] == "events"]
            users = orphans_of(tree.data["events"], name, direct) or [dotted(flaw.path) for flaw in those]
            what = "orphans events that need it"
        else:
            users, what = [dotted(flaw.path) for flaw in those], "leaves mentions of it"
        message = f"removing it {what}: {listed(dict.fromkeys(users))}; remove or change them too"
        problems.append(Problem(message, *removed[section, name], dotted((section, name))))
    return problems, rest


def resolve_faction(scenario: Scenario, text: str) -> str:
    """The id of a faction given by id, code (F30), name or alias, in any case.

    Raises
    ------
    UsageError
        If no faction is called so.
    """
    if text in scenario.factions:
        return text
    aliases = {faction_id.casefold(): faction_id for faction_id in scenario.factions}
    for alias, faction_id in faction_aliases(scenario.model_dump(include={"factions"})).items():
        aliases.setdefault(alias, faction_id)
    folded = text.strip().casefold()
    if folded in aliases:
        return aliases[folded]
    raise UsageError(f"unknown faction '{one_line(text, 60)}'{nearest(text, [*scenario.factions, *aliases])}")


def resolved_yaml(loaded: Loaded | Scenario) -> str:
    """The whole scenario as one file, defaults written out, that loads to an equal scenario."""
    scenario = loaded.scenario if isinstance(loaded, Loaded) else loaded
    data = _bare_numbers(scenario.model_dump(exclude_none=True))
    head = "# A resolved scenario: what its files, overrides and the defaults of the schema say together.\n"
    if isinstance(loaded, Loaded):
        head += "".join(f"# {Path(file).name} sha256 {digest}\n" for file, digest in loaded.files.items())
        head += "".join(f"# override {one_line(text)}\n" for text in loaded.overrides)
    return head + emit(data)


def _bare_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {"value"} and isinstance(value["value"], float):
            return value["value"]
        return {name: _bare_numbers(child) for name, child in value.items()}
    if isinstance(value, (list, tuple)):
        return [_bare_numbers(child) for child in value]
    return value
