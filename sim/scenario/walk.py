"""The schema read by path: which type stands where, which keys it knows, which numbers a scenario has."""

from __future__ import annotations

import types
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from .events import EVENT_KINDS, Event
from .quantities import Quantity, Within
from .schema import Change, Scenario

__all__ = [
    "allowed",
    "bare",
    "event_models",
    "fields_in",
    "fields_of",
    "is_field",
    "numbers",
    "step",
    "type_at",
]

Path_ = tuple[str | int, ...]


@cache
def event_models() -> dict[str, type[BaseModel]]:
    """The class of each kind of event."""
    union, *_ = get_args(Event)
    models = {get_args(get_type_hints(model)["kind"])[0]: model for model in get_args(union)}
    return {kind: models[kind] for kind in EVENT_KINDS if kind in models}


def _event_model(data: Any) -> type[BaseModel] | None:
    kind = data.get("kind") if isinstance(data, dict) else None
    return event_models().get(kind) if isinstance(kind, str) else None


def bare(annotation: Any) -> Any:
    """An annotation without its metadata and without ``None``."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            members = [member for member in get_args(annotation) if member is not type(None)]
            if len(members) > 1:
                return annotation
            annotation = members[0]
        else:
            return annotation


def _is_event(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, types.UnionType) and len(get_args(annotation)) > 1


def step(annotation: Any, part: str | int, data: Any) -> Any:
    """The annotation of a child, or None where the schema knows none of that name."""
    kind = bare(annotation)
    if _is_event(kind):
        model = _event_model(data)
        if model is None:
            return None
        kind = model
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        info = kind.model_fields.get(str(part))
        return None if info is None else _annotated(info)
    arguments = get_args(kind)
    if get_origin(kind) is dict:
        return arguments[1]
    if get_origin(kind) is tuple and isinstance(part, int):
        return arguments[0]
    return None


def _annotated(info: Any) -> Any:
    """A field's annotation together with its metadata."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def type_at(path: Sequence[str | int], data: Any, root: type[BaseModel] = Scenario) -> Any:
    """The annotation at a path of a file, or None where the schema has nothing of that name.

    Parameters
    ----------
    path
        Path inside the file.
    data
        The file as plain data; it tells the kind of an event.
    root
        What the file holds.
    """
    annotation: Any = root
    for part in path:
        annotation = step(annotation, part, data)
        if annotation is None:
            return None
        data = _child(data, part)
    return annotation


def _child(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(part)
    if isinstance(data, (list, tuple)) and isinstance(part, int) and 0 <= part < len(data):
        return data[part]
    return None


def fields_in(annotation: Any, data: Any) -> list[str] | None:
    """The keys that a value of this annotation may have; None where keys are free or nothing is known."""
    kind = bare(annotation)
    if _is_event(kind):
        kind = _event_model(data)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return list(kind.model_fields)
    return None


def fields_of(path: Sequence[str | int], data: Any, root: type[BaseModel] = Scenario) -> list[str] | None:
    """The keys that a mapping at a path may have; None where keys are free (ids) or nothing is known."""
    annotation = type_at(path, data, root)
    for part in path:
        data = _child(data, part)
    return fields_in(annotation, data)


def is_field(path: Sequence[str | int], data: Any) -> bool:
    """Whether the last part of a path is a field of the schema, rather than an id."""
    return str(path[-1]) in (fields_of(path[:-1], data) or ())


def allowed(annotation: Any) -> tuple[str, ...]:
    """The values that a literal allows; empty for other types."""
    kind = bare(annotation)
    return tuple(str(value) for value in get_args(kind)) if get_origin(kind) is Literal else ()


def numbers(scenario: Scenario) -> Iterator[tuple[Path_, Quantity, str]]:
    """All numbers of a scenario that carry unit, prior and source: path, number, unit."""
    yield from _numbers(scenario, Scenario, ())


def _numbers(value: Any, annotation: Any, path: Path_) -> Iterator[tuple[Path_, Quantity, str]]:
    if isinstance(value, Quantity):
        yield path, value, _unit(annotation)
    elif isinstance(value, Change):
        for name, child in value.set.items():
            yield from _changed(name, child, (*path, "set", name))
    elif isinstance(value, BaseModel):
        for name, info in type(value).model_fields.items():
            yield from _numbers(getattr(value, name), _annotated(info), (*path, name))
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _numbers(child, get_args(bare(annotation))[1], (*path, name))
    elif isinstance(value, tuple):
        for index, child in enumerate(value):
            yield from _numbers(child, get_args(bare(annotation))[0], (*path, index))


def _changed(name: str, value: Any, path: Path_) -> Iterator[tuple[Path_, Quantity, str]]:
    """A number that is laid at a dotted path from a month on."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number or (isinstance(value, dict) and "value" in value):
        yield path, Quantity.model_validate(value), _unit(type_at(name.split("."), None))


def _unit(annotation: Any) -> str:
    for extra in get_args(annotation)[1:] if get_origin(annotation) is Annotated else ():
        if isinstance(extra, Within):
            return extra.unit
    return ""
