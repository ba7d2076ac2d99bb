"""``--set path=value``: one number, date, switch or entry of a scenario changed without a file."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel

from ..errors import Problem, ScenarioError
from .composer import CONTROL, MOST_DEPTH, compose
from .merge import OVERRIDE, QUANTITY_KEYS, Layers, is_number, merge
from .nodes import Mark, Node
from .quantities import Quantity
from .schema import Scenario
from .walk import bare, fields_in, step
from .wording import dotted, listed, nearest, one_line

__all__ = ["Override", "Overrides", "apply_overrides", "locate", "parse_overrides"]

Overrides = Mapping[str, Any] | Sequence[str]
Path_ = tuple[str | int, ...]

_DATED = re.compile(r"(.*?)\s*@\s*(\d{4}-\d{2})", re.DOTALL)


@dataclass(frozen=True)
class Override:
    """A path and the value to lay there."""

    path: tuple[str, ...]
    node: Node
    text: str | None
    """The value as it was typed, None where it came as a Python value."""
    label: str
    """How errors name it."""
    month: str | None = None
    """The month from which it holds; from the start where None."""

    def problem(self, message: str) -> Problem:
        """A problem with this override."""
        return Problem(message, self.label, path=dotted(self.path))

    def __str__(self) -> str:
        return self.label.removeprefix("--").removeprefix("set ")


def parse_overrides(overrides: Overrides) -> list[Override]:
    """Read overrides given as ``path=value`` texts, or as a mapping of dotted paths to Python values.

    Raises
    ------
    ScenarioError
        With all that cannot be read.
    """
    if isinstance(overrides, str):
        overrides = [overrides]
    parsed: list[Override] = []
    problems: list[Problem] = []
    pairs = overrides.items() if isinstance(overrides, Mapping) else [(text, None) for text in overrides]
    for text, value in pairs:
        try:
            typed = not isinstance(overrides, Mapping)
            parsed.append(_from_text(str(text)) if typed else _from_value(str(text), value))
        except ScenarioError as error:
            problems += error.problems
    if problems:
        raise ScenarioError(problems)
    return parsed


def _split(path: str, label: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in path.split("."))
    if not all(parts):
        raise ScenarioError(Problem("the path has an empty part; write it as factions.imu.fighters", label))
    if len(parts) > MOST_DEPTH:
        raise ScenarioError(Problem("the path is too long", label))
    return parts


def _from_text(text: str) -> Override:
    label = f"--set {one_line(text, 100)}"
    path, equals, value = text.partition("=")
    if not equals:
        raise ScenarioError(Problem("write it as path=value, for example weights.b_embed=4", label))
    path, value, month = _dated(path, value.strip())
    parts = _split(path, label)
    if not value:
        raise ScenarioError(
            Problem("no value after =; write null to remove an entry", label, path=dotted(parts))
        )
    try:
        node = compose(value, label, any_kind=True)
    except ScenarioError as error:
        raise ScenarioError([Problem(p.message, label, path=dotted(parts)) for p in error.problems]) from None
    return Override(parts, _marked(node, Mark(label, 0, 0)), value, label, month)


def _dated(path: str, value: str) -> tuple[str, str, str | None]:
    """Path and value without the month that stands after either: ``path=value@2015-06``, ``path@2015-06=value``."""
    after = _DATED.fullmatch(path) or (None if value[:1] in "'\"" else _DATED.fullmatch(value))
    if after is None:
        return path, value, None
    return (after[1], value, after[2]) if after.string is path else (path, after[1], after[2])


def _from_value(path: str, value: Any) -> Override:
    label = f"set {one_line(path, 100)}"
    path, _, month = _dated(path, "")
    parts = _split(path, label)
    try:
        node = to_node(value, Mark(label, 0, 0))
        return Override(parts, node, None, f"{label}={one_line(str(value), 60)}", month)
    except ValueError as error:
        raise ScenarioError(Problem(str(error), label, path=dotted(parts))) from None


def _marked(node: Node, mark: Mark) -> Node:
    value = node.value
    if isinstance(value, dict):
        value = {name: _marked(child, mark) for name, child in value.items()}
    elif isinstance(value, list):
        value = [_marked(child, mark) for child in value]
    return Node(value, mark, mark)


def to_node(value: Any, mark: Mark, depth: int = 0) -> Node:
    """A Python value as nodes.

    Raises
    ------
    ValueError
        If it is not made of numbers, text, true, false, None, mappings and lists.
    """
    if depth > MOST_DEPTH:
        raise ValueError(f"nested more than {MOST_DEPTH} deep")
    if isinstance(value, BaseModel):
        value = value.model_dump(exclude_none=True)
    elif isinstance(value, (datetime.date, datetime.datetime)):
        value = value.isoformat()[:10]
    elif hasattr(value, "item") and not isinstance(value, (Mapping, str)) and getattr(value, "ndim", 1) == 0:
        value = value.item()
    if isinstance(value, Mapping):
        items = {_text(str(name)): to_node(child, mark, depth + 1) for name, child in value.items()}
        return Node(items, mark, mark)
    if isinstance(value, (list, tuple)):
        return Node([to_node(child, mark, depth + 1) for child in value], mark, mark)
    if isinstance(value, str):
        return Node(_text(value), mark, mark)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if abs(value) >= 2**63 if isinstance(value, int) else not math.isfinite(value):
            raise ValueError(f"{one_line(str(value), 40)} is not a finite number of usual size")
    elif value is not None and not isinstance(value, bool):
        raise ValueError(f"a value of type {type(value).__name__} has no place in a scenario")
    return Node(value, mark, mark)


def _text(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("the text has a control character")
    return text


def apply_overrides(
    root: Node, overrides: Sequence[Override], layers: Layers, aliases: Mapping[str, str]
) -> tuple[Node, list[Problem]]:
    """Lay overrides over a scenario, in their order; the scenario itself is not changed.

    Parameters
    ----------
    root
        The scenario.
    overrides
        What to lay over it.
    layers
        Where deletions are noted.
    aliases
        Ids of factions by folded code and alias.

    Returns
    -------
    tuple
        The scenario with what could be laid over it, and a problem for every path that it does not have.
    """
    problems: list[Problem] = []
    for override in overrides:
        try:
            path, node = _locate(root, override, aliases)
            if override.month is None:
                root = _assign(root, path, node, layers, ())
            else:
                root = _assign(
                    root, ("changes",), _change(root, override.month, dotted(path), node), layers, ()
                )
        except ScenarioError as error:
            problems += error.problems
    return root, problems


def _change(root: Node, month: str, path: str, node: Node) -> Node:
    """An entry of ``changes``: a value set from a month on or, for None, something that does not come any more."""
    mark = node.mark
    if node.value is not None:
        entry = {"set": Node({path: node}, mark, mark)}
    else:
        removed = _below(_below(_below(root, "changes"), month), "remove")
        known = removed.value if removed is not None and isinstance(removed.value, list) else []
        entry = {"remove": Node([*known, Node(path, mark, mark)], mark, mark)}
    return Node({month: Node(dict(entry), mark, mark)}, mark, mark)


def locate(root: Node, path: str, aliases: Mapping[str, str]) -> Path_:
    """The path inside a scenario that a dotted path names, with list positions as numbers and aliases resolved.

    Raises
    ------
    ScenarioError
        If the scenario has nothing of that name, with the nearest that it has.
    """
    label = one_line(path, 100)
    override = Override(_split(path, label), Node(0.0, Mark(label, 0, 0)), None, label)
    return _locate(root, override, aliases)[0]


def _kind_of(node: Node | None) -> dict[str, Any]:
    """As much of an event's data as tells its kind."""
    kind = node.value.get("kind") if node is not None and isinstance(node.value, dict) else None
    return {"kind": kind.value} if kind is not None else {}


def _locate(root: Node, override: Override, aliases: Mapping[str, str]) -> tuple[Path_, Node]:
    """The path with list positions as numbers and aliases resolved, and the value as the schema types it."""
    annotation: Any = Scenario
    here: Node | None = root
    path: list[str | int] = []
    node = override.node
    for position, part in enumerate(override.path):
        if bare(annotation) is Quantity and part == "value" and position == len(override.path) - 1:
            break
        key = _key(here, annotation, part, override, position, aliases)
        annotation = step(annotation, key, _kind_of(here))
        path.append(key)
        here = _below(here, key)
    kind = bare(annotation)
    if kind is Quantity and is_number(node):
        node = Node({"value": node, "source": Node(OVERRIDE, node.mark)}, node.mark, node.key)
    elif kind is str and override.text is not None and isinstance(node.value, (bool, int, float)):
        node = Node(override.text, node.mark, node.key)
    return tuple(path), node


def _below(node: Node | None, key: str | int) -> Node | None:
    if node is None:
        return None
    if isinstance(node.value, dict):
        return node.value.get(str(key))
    if isinstance(node.value, list) and isinstance(key, int):
        return node.value[key]
    return None


def _key(
    here: Node | None,
    annotation: Any,
    part: str,
    override: Override,
    position: int,
    aliases: Mapping[str, str],
) -> str | int:
    """One part of the path as a key of what stands there, or a ScenarioError that names the nearest."""
    value = here.value if here is not None else None
    before = dotted(override.path[:position]) or "the scenario"
    if isinstance(value, list):
        if part.isascii() and part.isdigit() and len(part) < 7 and int(part) < len(value):
            return int(part)
        raise ScenarioError(override.problem(f"{before} is a list of {len(value)}; name a position from 0"))
    fields = fields_in(annotation, _kind_of(here))
    if fields is not None:
        if part in fields:
            return part
        guess = nearest(part, fields) or f"; known here: {listed(fields)}"
        raise ScenarioError(override.problem(f"unknown path: {before} has no '{one_line(part, 60)}'{guess}"))
    known = list(value) if isinstance(value, dict) else []
    is_last = position == len(override.path) - 1
    if part in known or (is_last and get_origin(bare(annotation)) is dict):
        return part
    if override.path[0] == "factions" and position == 1 and part.casefold() in aliases:
        return aliases[part.casefold()]
    what = f"unknown path: {before} has no '{one_line(part, 60)}'{nearest(part, known)}"
    raise ScenarioError(override.problem(what))


def _assign(node: Node | None, path: Path_, value: Node, layers: Layers, done: Path_) -> Node:
    if not path:
        return merge(node, value, layers, done)
    head, rest = path[0], path[1:]
    if node is not None and isinstance(node.value, list) and isinstance(head, int):
        items = list(node.value)
        items[head] = _assign(items[head], rest, value, layers, (*done, head))
        return Node(items, node.mark, node.key)
    mark = node.mark if node is not None else value.mark
    key = node.key if node is not None else value.key
    known: dict[str, Node] = {}
    if node is not None and isinstance(node.value, dict):
        known = node.value
    elif node is not None and is_number(node) and head in QUANTITY_KEYS:
        known = {"value": node}
    if not rest and value.value is None:
        return merge(Node(known, mark, key), Node({str(head): value}, value.mark), layers, done)
    layers.removed.pop((*done, head), None)
    child = _assign(known.get(str(head)), rest, value, layers, (*done, head))
    return Node({**known, str(head): child}, mark, key)
