"""Short forms of a design written out, with every value still at its place; and a design without what is wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from sim.scenario.flaws import Flaw
from sim.scenario.nodes import Node
from sim.scenario.wording import dotted

__all__ = ["Place", "as_written", "spelled_out", "without_flawed"]

Place = tuple[str | int, ...]
_SPANNED = ("grid", "zip", "over")
_SECTIONS = ("uncertainties", "levers")


def spelled_out(root: Node) -> tuple[Node, frozenset[Place]]:
    """A design with its short forms written out, and the places that this added.

    Parameters
    ----------
    root
        The design as it was read.
    """
    implied: set[Place] = set()
    if not isinstance(root.value, dict):
        return root, frozenset()
    items = dict(root.value)
    for name in ("scenario", "outcomes"):
        if name in items and isinstance(items[name].value, str):
            items[name] = _below(items[name], [items[name]])
            implied.add((name, 0))
    kept = items.get("trajectories")
    if kept is not None and isinstance(kept.value, str):
        items["trajectories"] = _below(kept, {"keep": kept})
        implied.add(("trajectories", "keep"))
    for name in _SECTIONS:
        section = items.get(name)
        if section is not None and isinstance(section.value, list):
            blocks = [_block(block, (name, n), implied) for n, block in enumerate(section.value)]
            items[name] = Node(list(blocks), section.mark, section.key)
    return Node(items, root.mark, root.key), frozenset(implied)


def _below(node: Node, value: dict[str, Node] | list[Node]) -> Node:
    return Node(value, node.mark, node.key)


def _block(block: Node, place: Place, implied: set[Place]) -> Node:
    if not isinstance(block.value, dict):
        return block
    items = dict(block.value)
    for name in _SPANNED:
        spans = items.get(name)
        if spans is not None and isinstance(spans.value, dict):
            written = {path: _span(span, (*place, name, path), implied) for path, span in spans.value.items()}
            items[name] = Node(written, spans.mark, spans.key)
    return Node(items, block.mark, block.key)


def _span(span: Node, place: Place, implied: set[Place]) -> Node:
    key: str | None = None
    child = span
    if isinstance(span.value, list):
        key = "values"
    elif span.value == "prior":
        key, child = "prior", Node("scenario", span.mark, span.key)
    elif isinstance(span.value, dict) and "dist" in span.value:
        key = "distribution"
    if key is None:
        return span
    implied.add((*place, key))
    return Node({key: child}, span.mark, span.key)


def as_written(path: Place, implied: Iterable[Place]) -> str:
    """A dotted path without the parts that a short form leaves out."""
    left_out = set(implied)
    return dotted([part for n, part in enumerate(path) if path[: n + 1] not in left_out])


def without_flawed(
    data: Mapping[str, Any],
    flaws: Iterable[Flaw],
    positions: Mapping[str, tuple[int, ...]],
    meta: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, tuple[int, ...]]]:
    """A design without the parts that are wrong, so that the others can be looked at.

    Parameters
    ----------
    data
        The design as plain data.
    flaws
        What is wrong with it.
    positions
        Where in the file the blocks of each section stand.
    meta
        Stands in for a heading that is wrong.

    Returns
    -------
    tuple
        The rest of the design, and the positions of the blocks that are left.
    """
    rest = copy.deepcopy(dict(data))
    dropped: dict[str, set[int]] = {name: set() for name in _SECTIONS}
    for flaw in flaws:
        path = flaw.path
        if path[:1] == ("meta",):
            rest["meta"] = dict(meta)
        elif len(path) > 1 and path[0] in _SECTIONS and isinstance(path[1], int):
            if not _drop_entry(rest, path):
                dropped[str(path[0])].add(path[1])
        elif len(path) > 1 and path[0] == "set" and isinstance(rest.get("set"), dict):
            rest["set"].pop(path[1], None)
        elif path:
            rest.pop(str(path[0]), None)
    kept = dict(positions)
    for name, gone in dropped.items():
        if isinstance(rest.get(name), list):
            left = [n for n in range(len(rest[name])) if n not in gone]
            rest[name] = [rest[name][n] for n in left]
            kept[name] = tuple(positions[name][n] for n in left)
        else:
            kept[name] = ()
    return rest, kept


def _drop_entry(rest: dict[str, Any], path: Place) -> bool:
    """Drop one path of a block; False where the block as a whole must go."""
    section, number, *inner = path
    block = rest[str(section)][number]
    if len(inner) < 2 or inner[0] not in _SPANNED or not isinstance(block, dict):
        return False
    spans = block.get(inner[0])
    if not isinstance(spans, dict):
        return False
    spans.pop(inner[1], None)
    return bool(spans)
