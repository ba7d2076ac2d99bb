"""``extends``: files laid over each other by the rules of RFC 7386, each value keeping its place.

A mapping is merged key by key, ``null`` deletes a key, anything else replaces. Beyond the RFC, a bare number
over ``{value, unit, prior, source}`` replaces the value only, and its source becomes ``override``: the cited
source did not say the new number.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import Problem, ScenarioError
from .bundled import bundled_scenarios
from .composer import compose
from .nodes import Mark, Node
from .places import ENDINGS, Reach
from .reader import read_bytes, read_text
from .wording import dotted, nearest, one_line

__all__ = [
    "OVERRIDE",
    "QUANTITY_KEYS",
    "Layers",
    "gather",
    "gather_text",
    "idle_problems",
    "is_number",
    "is_quantity",
    "merge",
    "replace_number",
]

OVERRIDE = "override"
"""Source of a number that was laid over a cited one."""
QUANTITY_KEYS = frozenset({"value", "unit", "prior", "source"})
_MOST_FILES = 64
_KEPT_BYTES = 300_000

Path_ = tuple[str | int, ...]


@dataclass
class Layers:
    """What reading a scenario and the files it extends gave."""

    files: dict[str, str] = field(default_factory=dict)
    """Files read, with the SHA-256 of their bytes."""
    removed: dict[Path_, Mark] = field(default_factory=dict)
    """Paths that a ``null`` deleted, and where it stands."""
    idle: dict[Path_, tuple[Mark, list[str]]] = field(default_factory=dict)
    """Paths that a ``null`` should have deleted, had they been there, and the keys beside them."""
    seen: set[Path] = field(default_factory=set)
    """Real paths of the files read."""
    reach: Reach | None = None
    """Which files may be extended; all where nothing is read."""
    merged: Node | None = None
    """The whole scenario."""
    own: Node | None = None
    """What the file itself says."""
    base: Node | None = None
    """What the files say that it extends."""


def is_number(node: Node | None) -> bool:
    """Whether the node is a number (true and false are none)."""
    return node is not None and isinstance(node.value, (int, float)) and not isinstance(node.value, bool)


def is_quantity(node: Node | None) -> bool:
    """Whether the node has the form ``{value, unit, prior, source}``."""
    return (
        node is not None
        and isinstance(node.value, dict)
        and "value" in node.value
        and node.value.keys() <= QUANTITY_KEYS
    )


def replace_number(base: Node | None, number: Node) -> Node:
    """A number laid over ``{value, unit, prior, source}``: unit and prior stay, the source goes."""
    kept = dict(base.value) if base is not None and isinstance(base.value, dict) else {}
    kept["value"] = Node(number.value, number.mark, number.key)
    kept["source"] = Node(OVERRIDE, number.mark)
    return Node(kept, number.mark, number.key)


def merge(base: Node | None, patch: Node, layers: Layers, path: Path_ = ()) -> Node:
    """Lay ``patch`` over ``base``; neither is changed.

    Parameters
    ----------
    base, patch
        Nodes; a ``base`` of None strips the deletions from the patch.
    layers
        Where deletions are noted.
    path
        Path of both.
    """
    if not isinstance(patch.value, dict):
        return replace_number(base, patch) if is_number(patch) and is_quantity(base) else patch
    if base is not None and is_number(base) and patch.value.keys() <= QUANTITY_KEYS:
        base = Node({"value": base}, base.mark, base.key)
    known = base.value if base is not None and isinstance(base.value, dict) else None
    result = dict(known) if known is not None else {}
    for name, child in patch.value.items():
        here = (*path, name)
        if child.value is None:
            if known is not None:
                _delete(known, here, child, layers)
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), child, layers, here)
            layers.removed.pop(here, None)
    if known is not None and is_quantity(base) and "value" in patch.value and "source" not in patch.value:
        result["source"] = Node(OVERRIDE, patch.value["value"].mark)
    if base is None or known is None:
        return Node(result, patch.mark, patch.key)
    return Node(result, base.mark, base.key)


def _delete(known: dict[str, Node], path: Path_, null: Node, layers: Layers) -> None:
    mark = null.key or null.mark
    if path[-1] in known:
        layers.removed[path] = mark
    elif path not in layers.removed:
        layers.idle[path] = (mark, list(known))


def gather(path: Path, file: str) -> Layers:
    """Read a scenario and all that it extends, and merge them; later ones win, the file itself last.

    A file that is extended by several is laid down once, where it is first met.

    Raises
    ------
    ScenarioError
        If a file cannot be read, or files extend each other in a ring.
    """
    layers = Layers(reach=Reach(path.parent))
    return _merge_all(_patches(read_bytes(path, file), path, file, layers, [(_real(path), file)]), layers)


def gather_text(text: str, file: str) -> Layers:
    """As :func:`gather`, of text in no file; what it extends is relative to the working folder."""
    layers = Layers(reach=Reach(Path()))
    data = text.encode("utf-8", errors="surrogatepass")
    return _merge_all(_patches(data, Path(file), file, layers, []), layers)


def _merge_all(patches: list[Node], layers: Layers) -> Layers:
    for patch in patches[:-1]:
        layers.base = merge(layers.base, patch, layers)
    layers.own = patches[-1]
    layers.merged = merge(layers.base, layers.own, layers)
    return layers


def _patches(data: bytes, path: Path, file: str, layers: Layers, chain: list[tuple[Path, str]]) -> list[Node]:
    """What the file extends and then the file, in the order in which they are laid down."""
    file = one_line(file)
    layers.files[file] = hashlib.sha256(data).hexdigest()
    layers.seen.update(real for real, _ in chain[-1:])
    root = (_kept if len(data) <= _KEPT_BYTES else _composed)(data, file)
    assert isinstance(root.value, dict)
    own = dict(root.value)
    extends = own.pop("extends", None)
    patches: list[Node] = []
    for target in _targets(extends):
        found, name = _resolve(str(target.value), path, file, target.mark, layers)
        real = _real(found)
        _refuse_ring(real, name, target.mark, chain)
        if real not in layers.seen:
            patches += _patches(read_bytes(found, name), found, name, layers, [*chain, (real, name)])
    return [*patches, Node(own, root.mark)]


def _composed(data: bytes, file: str) -> Node:
    return compose(read_text(data, file), file)


# What-ifs share their base, and composing it takes longer than all else. Nothing changes a node once it is composed.
_kept = functools.lru_cache(maxsize=48)(_composed)


def _targets(extends: Node | None) -> list[Node]:
    if extends is None or extends.value is None:
        return []
    targets = extends.value if isinstance(extends.value, list) else [extends]
    for target in targets:
        if not isinstance(target.value, str) or not target.value:
            message = "should be the path of a file, or a list of paths, relative to this file"
            raise ScenarioError(Problem(message, *target.mark, "extends"))
    return targets


def _resolve(text: str, path: Path, file: str, mark: Mark, layers: Layers) -> tuple[Path, str]:
    """The file that ``extends`` names: beside this one, or a bundled scenario by its name."""
    found, name = path.parent / text, os.path.normpath(os.path.join(os.path.dirname(file), text))
    try:
        flaw = layers.reach.flaw(text, found, ENDINGS) if layers.reach is not None else None
        if flaw is not None and text not in bundled_scenarios():
            raise ScenarioError(Problem(flaw, *mark, "extends"))
        if flaw is None and found.is_file():
            return found, name
        bundled = bundled_scenarios()
        if text in bundled:
            return bundled[text], str(bundled[text])
        siblings: list[str] = []
        if found.parent.is_dir():
            siblings = [str(Path(text).parent / entry.name) for entry in sorted(found.parent.glob("*.y*ml"))]
        what = "is a folder; name a scenario file" if found.is_dir() else "no such file"
        message = f"'{one_line(text, 80)}': {what}{nearest(text, [*siblings, *bundled])}"
    except (OSError, ValueError) as error:
        message = f"'{one_line(text, 80)}': cannot be read: {one_line(str(error), 80)}"
    raise ScenarioError(Problem(message, *mark, "extends"))


def _refuse_ring(real: Path, name: str, mark: Mark, chain: list[tuple[Path, str]]) -> None:
    places = [place for place, _ in chain]
    if real in places:
        ring = [file for _, file in chain[places.index(real) :]] + [name]
        raise ScenarioError(
            Problem(f"files extend each other in a ring: {' -> '.join(ring)}", *mark, "extends")
        )
    if len(chain) >= _MOST_FILES:
        raise ScenarioError(Problem(f"more than {_MOST_FILES} files extend each other", *mark, "extends"))


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def idle_problems(layers: Layers, is_field: Callable[[Path_], bool]) -> list[Problem]:
    """Nulls that delete nothing, except of fields that the schema knows, where they are harmless."""
    problems = []
    for path, (mark, beside) in layers.idle.items():
        if not is_field(path):
            message = f"null removes nothing, there is no such key{nearest(str(path[-1]), beside)}"
            problems.append(Problem(message, *mark, dotted(path)))
    return problems
