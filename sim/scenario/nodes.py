"""Plain data in which every value knows its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = ["Mark", "Marks", "Node", "Scalar", "Tree", "flatten"]

Scalar = str | int | float | bool | None


class Mark(NamedTuple):
    """A place: file as the user named it, line and column from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A value with its place and the place of the key that leads to it."""

    value: Scalar | dict[str, Node] | list[Node]
    mark: Mark
    key: Mark | None = None


Marks = dict[tuple[str | int, ...], Mark]


class Tree(NamedTuple):
    """Plain data with the places of its values and of its keys, by path."""

    data: Any
    marks: Marks
    keys: Marks


def flatten(node: Node) -> Tree:
    """Nodes to plain data, with the places of values and keys by path."""
    marks: Marks = {}
    keys: Marks = {}

    def walk(node: Node, path: tuple[str | int, ...]) -> Any:
        marks[path] = node.mark
        if node.key is not None:
            keys[path] = node.key
        if isinstance(node.value, dict):
            return {name: walk(child, (*path, name)) for name, child in node.value.items()}
        if isinstance(node.value, list):
            return [walk(child, (*path, index)) for index, child in enumerate(node.value)]
        return node.value

    return Tree(walk(node, ()), marks, keys)
