"""YAML events to nodes.

PyYAML's own composer crashes on deep nesting, lets duplicate keys pass and reads ``no`` as false. So it
only gives events, and this module composes them. Scalars follow the core schema of YAML 1.2: null, booleans,
integers, floats; all else is text. Anchors, aliases, tags, merge keys and second documents are refused.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from ..errors import Problem, ScenarioError
from .nodes import Mark, Node, Scalar
from .wording import MOST_PROBLEMS, dotted, one_line, ordered

__all__ = ["CONTROL", "MOST_DEPTH", "MOST_VALUES", "compose"]

MOST_DEPTH = 32
"""Deepest nesting that is read; a scenario needs 7 levels."""
MOST_VALUES = 250_000
"""Most values in one file."""
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_HINTS = {
    "mapping values are not allowed in this context": (
        " (is a colon missing after a key, or does a text with a colon lack its quotes?)"
    ),
    "could not find expected ':'": " (is a colon missing after a key?)",
    "did not find expected ',' or '}'": " (is a } missing, or does a text with a comma or colon lack its quotes?)",
    "did not find expected ',' or ']'": " (is a ] missing, or does a text with a comma or colon lack its quotes?)",
    "found unexpected end of stream": " (is a quote or bracket not closed?)",
}
"""What people mostly did, by what the parser says."""
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that plain text does not have."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    node: Node
    wants_key: bool = False
    name: str | None = None
    name_mark: Mark | None = None


@dataclass
class _Composer:
    """Events in, one node out; what is wrong is gathered."""

    file: str
    problems: list[Problem] = field(default_factory=list)
    root: Node | None = None
    frames: list[_Frame] = field(default_factory=list)
    documents: int = 0
    values: int = 0

    def mark(self, event: Any) -> Mark:
        return Mark(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def report(self, message: str, mark: Mark) -> None:
        path = [part for part in map(self._name, self.frames) if part is not None]
        self.problems.append(Problem(message, *mark, dotted(path)))
        if len(self.problems) >= MOST_PROBLEMS:
            self.stop("there are more problems from here on", mark)

    @staticmethod
    def _name(frame: _Frame) -> str | None:
        return str(len(frame.node.value)) if isinstance(frame.node.value, list) else frame.name

    def stop(self, message: str, mark: Mark) -> None:
        raise ScenarioError(ordered([*self.problems, Problem(message, *mark)]))

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self.stop("a second document begins here; a file holds one", self.mark(event))
        elif isinstance(event, yaml.AliasEvent):
            self._refuse_reference(f"aliases (*{one_line(str(event.anchor), 40)})", event)
            self._scalar(None, event)
        elif isinstance(event, yaml.ScalarEvent):
            self._check_node(event)
            self._scalar(event, event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._check_node(event)
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._place(self.frames.pop().node)

    def _refuse_reference(self, what: str, event: Any) -> None:
        self.report(f"{what} are not allowed; write the value out, or use extends", self.mark(event))

    def _check_node(self, event: Any) -> None:
        self.values += 1
        if self.values > MOST_VALUES:
            self.stop(f"the file has more than {MOST_VALUES:,} values", self.mark(event))
        if event.anchor is not None:
            self._refuse_reference(f"anchors (&{one_line(event.anchor, 40)})", event)
        if event.tag is not None:
            tag = one_line(event.tag.replace("tag:yaml.org,2002:", "!!"), 40)
            self.report(f"tags ({tag}) are not allowed; write the value without it", self.mark(event))

    def _open(self, event: Any) -> None:
        mark = self.mark(event)
        if len(self.frames) >= MOST_DEPTH:
            self.stop(f"nested more than {MOST_DEPTH} deep", mark)
        if self.frames and self.frames[-1].wants_key:
            self.stop("a key must be a plain word, not a mapping or a list", mark)
        mapping = isinstance(event, yaml.MappingStartEvent)
        self.frames.append(_Frame(Node({} if mapping else [], mark), wants_key=mapping))

    def _scalar(self, event: Any, place: Any) -> None:
        mark = self.mark(place)
        if self.frames and self.frames[-1].wants_key:
            self._key(None if event is None else event.value, mark)
            return
        if event is None:
            value: Scalar = None
        elif event.implicit[0]:
            value = self._resolve(event.value, mark)
        else:
            value = self._text(event.value, mark)
        self._place(Node(value, mark))

    def _key(self, name: str | None, mark: Mark) -> None:
        frame = self.frames[-1]
        frame.wants_key = False
        frame.name, frame.name_mark = name, mark
        if name is None:
            return
        known = frame.node.value
        assert isinstance(known, dict)
        frame.name = self._text(name, mark)
        if name in known:
            first = known[name].key
            assert first is not None
            text = f"duplicate key '{one_line(name, 60)}' (first at line {first.line}, column {first.column})"
            self.report(text, mark)
            frame.name = None
        elif name == "<<":
            self.report("merge keys (<<) are not allowed; use extends at the top of the file", mark)
            frame.name = None
        elif not name:
            self.report("a key is empty", mark)
            frame.name = None

    def _place(self, node: Node) -> None:
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        if isinstance(frame.node.value, list):
            frame.node.value.append(node)
            return
        if frame.name is not None:
            assert isinstance(frame.node.value, dict)
            node.key = frame.name_mark
            frame.node.value[frame.name] = node
        frame.wants_key, frame.name = True, None

    def _text(self, text: str, mark: Mark) -> str:
        # Escapes in quoted text bring in what the check of the raw file cannot see.
        if CONTROL.search(text):
            self.report("the text has a control character", mark)
            return CONTROL.sub("?", text)
        return text

    def _resolve(self, text: str, mark: Mark) -> Scalar:
        if text in _NULL:
            return None
        if text in _BOOL:
            return _BOOL[text]
        if _NOT_FINITE.fullmatch(text):
            self.report(f"{text} is not a finite number", mark)
            return 0
        if len(text) <= 400 and _INT.fullmatch(text):
            number = int(text, 0) if text[:2] in ("0o", "0x") else int(text)
            if abs(number) < 2**63:
                return number
            self.report(f"{one_line(text, 40)} is too large a number", mark)
            return 0
        if _FLOAT.fullmatch(text):
            value = float(text) if len(text) <= 400 else math.inf
            if math.isfinite(value):
                return value
            self.report(f"{one_line(text, 40)} is too large a number", mark)
            return 0
        return text


def compose(text: str, file: str, *, any_kind: bool = False) -> Node:
    """Compose text into nodes.

    Parameters
    ----------
    text
        YAML.
    file
        Name of the file in errors.
    any_kind
        Accept any value; else the text must be a mapping.

    Raises
    ------
    ScenarioError
        With the first problem if the text is not YAML, else with all that this subset of YAML refuses.
    """
    composer = _Composer(file)
    try:
        for event in yaml.parse(text, Loader=_PARSER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        at = error.problem_mark or error.context_mark
        place = Mark(file, at.line + 1, at.column + 1) if at else Mark(file, 0, 0)
        reason = one_line(error.problem or error.context or "cannot be parsed")
        raise ScenarioError(Problem(f"not valid YAML: {reason}{_HINTS.get(reason, '')}", *place)) from None
    except yaml.YAMLError as error:
        raise ScenarioError(Problem(f"not valid YAML: {one_line(str(error))}", file)) from None
    except (ValueError, OverflowError) as error:
        # The pure parser turns an escape beyond Unicode into one of these.
        raise ScenarioError(Problem(f"not valid YAML: {one_line(str(error))}", file)) from None
    root = composer.root
    if composer.problems:
        raise ScenarioError(ordered(composer.problems))
    if any_kind:
        return root if root is not None else Node(None, Mark(file, 0, 0))
    if root is None or root.value is None:
        raise ScenarioError(Problem("the file is empty", file))
    if not isinstance(root.value, dict):
        what = "a list" if isinstance(root.value, list) else "a single value"
        raise ScenarioError(Problem(f"should be a mapping of keys to values, not {what}", *root.mark))
    return root
