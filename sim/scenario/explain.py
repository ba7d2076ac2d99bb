"""What the schema refuses, in plain words and at its place in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import Problem
from .flaws import Flaw
from .nodes import Mark, Tree
from .schema import Scenario
from .walk import allowed, event_models, fields_of, type_at
from .wording import MOST_PROBLEMS, dotted, listed, nearest, one_line, show

__all__ = ["schema_flaws", "with_place"]

Path_ = tuple[str | int, ...]

_PATTERNS = {
    r"^[a-z][a-z0-9_]{0,63}$": "an id: lower-case letters, digits and _, a letter first, at most 64",
    r"^M(0[1-9]|[1-7][0-9]|80)$": "a statement from M01 to M80",
    r"^F\d{2,5}$": "a code such as F30",
    r"^[^\x00-\x1f\x7f]+$": "one line of text",
    r"^[^\s.]+(\.[^\s.]+)+$": "a dotted path such as weights.b_embed",
    r"^[A-Za-z][A-Za-z0-9_]{0,15}$": "a key such as A5 or R69b",
    r"^(independent|[a-z][a-z0-9_]*|ally\([a-z][a-z0-9_]*\))$": "a patron's id, ally(patron) or independent",
}
_WANTED = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "tuple_type": "a list",
}
_MONTHS = frozenset({"date", "start", "end", "validated_until", "active_from", "dates", "until"})


def _plain_path(loc: tuple[str | int, ...], data: Any) -> Path_:
    """The path in the file of a place in the schema, which also names the kind of an event."""
    path: list[str | int] = []
    for position, part in enumerate(loc):
        if part == "[key]" or (position == 2 and loc[0] == "events" and part in event_models()):
            continue
        if not isinstance(data, (dict, list)):
            break
        path.append(part)
        if isinstance(data, dict):
            data = data.get(part)
        else:
            data = data[part] if isinstance(part, int) and part < len(data) else None
    return tuple(path)


def schema_flaws(
    error: ValidationError, data: Mapping[str, Any], root: type[BaseModel] = Scenario
) -> list[Flaw]:
    """The errors of a validation as flaws, with what would be right.

    Parameters
    ----------
    error
        What pydantic found in ``data``.
    data
        The file as plain data.
    root
        What the file holds.
    """
    flaws = []
    for position, detail in enumerate(error.errors(include_url=False)):
        path = _plain_path(detail["loc"], data)
        kind = detail["type"]
        if position > 2 * MOST_PROBLEMS:
            # Nobody reads as far; looking for near names would take minutes.
            flaws.append(Flaw(path, one_line(detail["msg"]), at_key=True))
            continue
        if kind == "extra_forbidden":
            flaws.append(Flaw(path, _unknown_key(path, data, root), at_key=True))
        elif kind in ("missing", "union_tag_not_found"):
            if kind == "union_tag_not_found":
                path = (*path, "kind")
            flaws.append(Flaw(path, f"required, but missing{_other_entry(path, data)}", at_key=True))
        elif kind == "union_tag_invalid":
            flaws.append(Flaw((*path, "kind"), _choice(detail["ctx"]["tag"], tuple(event_models()))))
        else:
            at_key = "[key]" in detail["loc"]
            flaws.append(Flaw(path, _message(kind, detail, path, data, root), at_key))
    return flaws


def _other_entry(path: Path_, data: Any) -> str:
    """An entry of a like name, where one of events, factions or the like may be meant and not a new one."""
    if len(path) != 3 or not isinstance(data.get(path[0]), dict):
        return ""
    name = str(path[1])
    guess = nearest(name, (str(other) for other in data[path[0]] if str(other) != name))
    return guess.replace("did you mean", f"or, for '{one_line(name, 60)}', did you mean", 1)


def _unknown_key(path: Path_, data: Any, root: type[BaseModel]) -> str:
    key = str(path[-1])
    if key == "extends":
        return "extends stands only at the top of a file"
    fields = fields_of(path[:-1], data, root) or []
    guess = _colon_missing(key) or nearest(key, fields)
    return f"unknown key{guess}" if guess else f"unknown key; known here: {listed(fields)}"


def _colon_missing(value: Any) -> str:
    # `key {a: 1}` is a key of its own to YAML, with the bracket in it.
    key, bracket, _ = str(value).partition("{")
    return f" (is a colon missing after '{one_line(key.strip(), 60)}'?)" if bracket and key.strip() else ""


def _message(kind: str, detail: Any, path: Path_, data: Any, root: type[BaseModel]) -> str:
    value, context = detail.get("input"), detail.get("ctx", {})
    if kind == "value_error":
        return one_line(str(context.get("error", detail["msg"])), 400)
    if kind == "literal_error":
        return _choice(value, allowed(type_at(path, data, root)) or (str(context.get("expected", "")),))
    if kind == "string_pattern_mismatch":
        wanted = _PATTERNS.get(context.get("pattern", ""), "of the right form")
        return f"{show(value)} is not {wanted}{_colon_missing(value)}"
    if kind in ("string_type", "int_type") and path and _is_month(path):
        return f"{show(value)} is not a month; write it as YYYY-MM, for example 2015-07"
    if kind in _WANTED:
        return f"should be {_WANTED[kind]}, not {show(value)}"
    if kind == "string_too_long":
        return f"text is too long; at most {context['max_length']} characters"
    if kind == "string_too_short":
        return "text is too short" if value else "text is empty"
    if kind == "too_short":
        return f"should have {context['min_length']} or more entries" if value else "is empty"
    if kind == "too_long":
        return f"has too many entries; at most {context['max_length']:,}"
    return one_line(str(detail["msg"])).replace("Input should", "should")


def _is_month(path: Path_) -> bool:
    return path[-1] in _MONTHS or (len(path) > 1 and path[-2] in _MONTHS)


def _choice(value: Any, choices: tuple[str, ...]) -> str:
    guess = nearest(str(value), choices)
    return f"{show(value)} is none of {listed(choices)}{guess}"


def with_place(flaw: Flaw, tree: Tree, file: str) -> Problem:
    """A flaw as a problem at its place: the value, or the key, or what is nearest around it."""
    # A number laid over another is at fault where its value stands, not where the first one began.
    mark = tree.keys.get(flaw.path) if flaw.at_key else tree.marks.get((*flaw.path, "value"))
    mark = mark or tree.marks.get(flaw.path)
    path = flaw.path
    while mark is None and path:
        path = path[:-1]
        if path:
            mark = tree.keys.get(path) or tree.marks.get(path)
    return Problem(flaw.message, *(mark or Mark(file, 0, 0)), dotted(flaw.path))
