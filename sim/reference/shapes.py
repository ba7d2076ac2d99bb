"""What may stand at a field of a file, in words: type, unit, range, default."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

from sim.odd.cells import code, number
from sim.scenario.quantities import Date, Identifier, Month, Quantity, Source, Within
from sim.scenario.schema import Allegiance, EthnicMix, MechanismId
from sim.scenario.walk import event_models

__all__ = ["Shape", "default_told", "meaning", "models_in", "shape", "shapes"]

Links = Mapping[type[BaseModel], str]
"""Headings under which forms inside forms are told, by their class."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand somewhere."""

    kind: str
    """The type, in words."""
    unit: str = ""
    span: str = ""
    """The range, or the words that are allowed."""


_PATH = r"^[^\s.]+(\.[^\s.]+)+$"
_KNOWN: tuple[tuple[Any, Shape], ...] = (
    (Month, Shape("month", "", "`YYYY-MM`")),
    (Date, Shape("month", "", "`YYYY-MM`, or `EVENT + 5`")),
    (Source, Shape("source", "", "2 to 600 characters")),
    (Allegiance, Shape("allegiance", "", "`PATRON`, `ally(PATRON)`, `independent`")),
    (MechanismId, Shape("statement", "", "`M01` to `M80`")),
)
_PATTERNS = {
    _PATH: Shape("dotted path"),
    get_args(Identifier)[1].pattern: Shape("id", "", "`a-z`, `0-9`, `_`"),
    r"^[a-zA-Z][a-zA-Z0-9_]{0,63}$": Shape("word", "", "letters, digits, `_`"),
    r"^F\d{2,5}$": Shape("code", "", "`F` and 2 to 5 digits"),
    r"^\d{4}-\d{2}$": Shape("month", "", "`YYYY-MM`"),
    r"^[A-Za-z][A-Za-z0-9_]{0,15}$": Shape("key", "", "up to 16 letters, digits, `_`"),
    r"^factions\.\*\.[a-z_.]+$": Shape("dotted path", "", "`factions.*.FIELD`"),
}
_PLAIN = {bool: Shape("switch", "", "`true`, `false`"), int: Shape("whole number"), float: Shape("number")}


def shapes(model: type[BaseModel], links: Links) -> dict[str, Shape]:
    """The shape of each field of a form, by its name in a file."""
    hints = get_type_hints(model, include_extras=True)
    fields = model.model_fields.items()
    return {info.alias or name: shape(hints[name], links) for name, info in fields}


def shape(annotation: Any, links: Links) -> Shape:
    """What an annotation of a form allows.

    Parameters
    ----------
    annotation
        With its constraints.
    links
        Where forms inside it are told.
    """
    for known, told in _KNOWN:
        if annotation == known:
            return told
    if get_origin(annotation) is Annotated:
        base, *extras = get_args(annotation)
        return _constrained(base, extras, links)
    if get_origin(annotation) in (Union, types.UnionType):
        return _either(annotation, links)
    if get_origin(annotation) is Literal:
        return Shape("choice", "", ", ".join(code(word) for word in get_args(annotation)))
    if get_origin(annotation) in (dict, tuple):
        return _collected(annotation, links)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape(
            f"[{links[annotation]}](#{_anchor(links[annotation])})" if annotation in links else "mapping"
        )
    return _PLAIN.get(annotation, Shape("text" if annotation is str else "any value"))


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-").replace("`", "").replace(".", "")


def _constrained(base: Any, extras: list[Any], links: Links) -> Shape:
    for extra in extras:
        if isinstance(extra, Within):
            kind = "whole number" if extra.whole else "number"
            return Shape(kind, extra.unit, extra.text().replace("1e+07", "10,000,000"))
        if isinstance(extra, StringConstraints) and extra.pattern is not None:
            told = _PATTERNS.get(str(extra.pattern))
            if told is not None:
                return told
    told = shape(base, links)
    if get_args(EthnicMix)[1] in extras:
        return replace(told, span="0 to 1, adding up to 1")
    bounds = dict(_bounds(extras))
    if not bounds:
        return told
    return replace(told, span=_span(bounds, told.kind, told.span))


def _bounds(extras: list[Any]) -> Iterator[tuple[str, Any]]:
    for extra in extras:
        parts = extra.metadata if isinstance(extra, FieldInfo) else [extra]
        for part in parts:
            for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
                value = getattr(part, name, None)
                if value is not None:
                    yield name, value


def _span(bounds: dict[str, Any], kind: str, before: str) -> str:
    low, high = bounds.get("ge"), bounds.get("le")
    if "gt" in bounds:
        low = f"above {_short(bounds['gt'])}"
    if "lt" in bounds:
        high = f"below {_short(bounds['lt'])}"
    if low is not None or high is not None:
        return _from_to(low, high)
    least, most = bounds.get("min_length"), bounds.get("max_length")
    what = "characters" if kind == "text" else "entries"
    told = _from_to(least, most)
    own = f"{told} {what}" if (least or 0) > 0 or most is not None else ""
    return "; ".join(part for part in (before, own) if part)


def _from_to(low: Any, high: Any) -> str:
    if high is None:
        return low if isinstance(low, str) else f"{_short(low)} or more"
    if low is None:
        return high if isinstance(high, str) else f"up to {_short(high)}"
    joint = ", " if isinstance(low, str) or isinstance(high, str) else " to "
    return f"{_short(low)}{joint}{_short(high)}"


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value
    powers = {2**20: "2^20", 2**31: "2^31", 2**53: "2^53", 2**63: "2^63"}
    return powers[value] if value in powers else f"{value:,}" if isinstance(value, int) else number(value)


def _either(annotation: Any, links: Links) -> Shape:
    parts = [part for part in get_args(annotation) if part is not type(None)]
    if set(parts) >= set(event_models().values()):
        return Shape("[event](#events)")
    told = [shape(part, links) for part in parts]
    if len(told) == 1:
        return told[0]
    kinds = dict.fromkeys(one.kind for one in told)
    spans = dict.fromkeys(one.span for one in told if one.span)
    return Shape(" or ".join(kinds), told[0].unit, "; ".join(spans))


def _collected(annotation: Any, links: Links) -> Shape:
    inner = get_args(annotation)
    if get_origin(annotation) is dict:
        key, value = (shape(part, links) for part in inner)
        by = key.kind if key.kind != "text" else "name"
        return replace(value, kind=f"{value.kind} by {by}", span=value.span or key.span)
    value = shape(inner[0], links)
    count = "list" if inner[-1] is Ellipsis else {2: "pair"}.get(len(inner), "list")
    return replace(value, kind=f"{count} of {value.kind}")


def default_told(info: FieldInfo) -> str:
    """The default of a field, ``required`` where there is none."""
    if info.is_required():
        return "**required**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if (
        value is None
        or value in ((), {})
        or (isinstance(value, BaseModel) and not isinstance(value, Quantity))
    ):
        return "none" if not isinstance(value, BaseModel) else "its defaults"
    if isinstance(value, Quantity):
        return number(value.value)
    if isinstance(value, tuple):
        return ", ".join(map(code, value))
    if isinstance(value, bool):
        return code(str(value).lower())
    return number(value) if isinstance(value, int | float) else code(value)


def meaning(info: FieldInfo) -> str:
    """What a field is, as its docstring says."""
    text = " ".join((info.description or "").split())
    return text.replace("|", "\\|").replace("``", "`")


def models_in(root: type[BaseModel]) -> list[type[BaseModel]]:
    """A form and all forms in it, in the order in which they are met."""
    found: list[type[BaseModel]] = []

    def look(part: Any) -> None:
        if isinstance(part, type) and issubclass(part, BaseModel):
            if part not in found:
                found.append(part)
                for hint in get_type_hints(part, include_extras=True).values():
                    look(hint)
        else:
            for inner in get_args(part):
                look(inner)

    look(root)
    return found
