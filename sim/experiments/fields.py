"""What may stand at a lever's path: a number in a range, a date, a switch, a word."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sim.errors import ScenarioError
from sim.scenario.check import faction_aliases
from sim.scenario.dates import relative_to
from sim.scenario.load import Loaded
from sim.scenario.overrides import locate
from sim.scenario.quantities import Quantity, Within, month_index, month_text
from sim.scenario.references import REFERENCES, known_ids
from sim.scenario.walk import allowed, bare, type_at
from sim.scenario.wording import dotted, listed, nearest, one_line, show

__all__ = ["FieldKind", "LeverField", "find_field", "match_paths"]

FieldKind = Literal["number", "date", "switch", "choice", "text"]

_MONTH_FIELDS = frozenset({"active_from", "start", "end", "validated_until"})
_LABELS = frozenset({"meta", "report", "sources"})


@dataclass(frozen=True)
class LeverField:
    """A value of a scenario that can be varied.

    Parameters
    ----------
    path
        Dotted path, aliases resolved.
    kind
        What stands there.
    value
        What the scenario has there, None where it says nothing.
    quantity
        The number with its prior, where it is one.
    within
        Unit and range of a number.
    words
        Allowed words of a choice; ids that a mention may name; events that a date may be relative to.
    sort
        What a mention names: ``region``, ``faction``, ``patron``.
    """

    path: str
    kind: FieldKind
    value: Any
    quantity: Quantity | None
    within: Within
    words: tuple[str, ...]
    sort: str = ""

    @property
    def unit(self) -> str:
        """Unit of a number, else the kind."""
        return self.within.unit if self.kind == "number" else "month" if self.kind == "date" else self.kind

    def take(self, value: Any) -> Any:
        """A value in its own form, checked.

        Raises
        ------
        ValueError
            If it cannot stand here, with what would be right.
        """
        if self.kind == "number":
            return self._number(value)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise ValueError(f"should be true or false, not {show(value)}")
            return value
        if not isinstance(value, str):
            wanted = "a month (YYYY-MM)" if self.kind == "date" else "a word"
            raise ValueError(f"should be {wanted}, not {show(value)}")
        return self._date(value) if self.kind == "date" else self._word(value)

    def _number(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"should be a number, not {show(value)}")
        number = float(value)
        if not math.isfinite(number):
            raise ValueError(f"should be a number, not {value}")
        inside = self.within.low <= number <= self.within.high
        if not inside or (self.within.whole and number != round(number)):
            self.within.check(Quantity(value=number))
        return number

    def _date(self, text: str) -> str:
        relative = relative_to(text)
        if relative is None or self.path.split(".")[0] != "events":
            return month_text(month_index(text))
        if relative[0] not in self.words:
            raise ValueError(f"unknown event '{relative[0]}'{nearest(relative[0], self.words)}")
        return text.strip()

    def _word(self, text: str) -> str:
        if self.kind == "choice" and text not in self.words:
            raise ValueError(f"{show(text)} is none of {listed(self.words)}{nearest(text, self.words)}")
        if self.kind == "text":
            ally = re.fullmatch(r"ally\((.*)\)", text) if self.sort == "allegiance" else None
            name = ally[1] if ally else text
            if name not in self.words:
                sort = self.sort.replace("allegiance", "patron")
                raise ValueError(f"unknown {sort} '{one_line(name, 60)}'{nearest(name, self.words)}")
        return text


def find_field(loaded: Loaded, path: str) -> LeverField:
    """What stands at a dotted path of a scenario.

    Raises
    ------
    ValueError
        If the scenario has no such path, or what stands there is not a single value.
    """
    try:
        place = locate(loaded.node, path, faction_aliases(loaded.tree))
    except ScenarioError as error:
        raise ValueError(error.problems[0].message) from None
    if place[0] in _LABELS or _inside_number(place, loaded):
        raise ValueError("is read by no rule; name a number, date, switch or choice")
    annotation, value = type_at(place, loaded.tree), _value_at(loaded.scenario, place)
    kind = bare(annotation)
    path = dotted(place)
    if kind is Quantity:
        quantity = value if isinstance(value, Quantity) else None
        number = None if quantity is None else quantity.value
        return LeverField(path, "number", number, quantity, _within(annotation), ())
    if kind is float:
        return LeverField(path, "number", value, None, Within("number"), ())
    if kind is bool:
        return LeverField(path, "switch", value, None, Within(""), ())
    words = allowed(annotation)
    if words and all(isinstance(word, str) for word in words) and place[-1] != "kind":
        return LeverField(path, "choice", value, None, Within(""), words)
    if kind is str and (place[-1] in _MONTH_FIELDS or (place[0] == "events" and place[-1] == "date")):
        return LeverField(path, "date", value, None, Within("month"), tuple(loaded.scenario.events))
    if kind is str:
        return _mention(place, path, value, loaded)
    raise ValueError("is not a single number, date, switch or choice; name one inside it")


def _inside_number(place: tuple[str | int, ...], loaded: Loaded) -> bool:
    """Whether a path leads to the prior, source or unit of a number."""
    return any(bare(type_at(place[:length], loaded.tree)) is Quantity for length in range(1, len(place)))


def _mention(place: tuple[str | int, ...], path: str, value: Any, loaded: Loaded) -> LeverField:
    """A text that names a region, faction or patron."""
    known = known_ids(loaded.tree)
    if place[0] == "factions" and place[-1] == "allegiance":
        words = ("independent", *known["patron"])
        return LeverField(path, "text", value, None, Within(""), words, "allegiance")
    for pattern, sort in REFERENCES:
        parts = pattern.split(".")
        if len(parts) == len(place) and all(
            part in ("*", str(here)) for part, here in zip(parts, place, strict=True)
        ):
            return LeverField(path, "text", value, None, Within(""), tuple(known[sort]), sort)
    raise ValueError("is a text that no rule reads; name a number, date, switch or choice")


def _within(annotation: Any) -> Within:
    return next((extra for extra in get_args(annotation)[1:] if isinstance(extra, Within)), Within("number"))


def _value_at(value: Any, place: tuple[str | int, ...]) -> Any:
    for part in place:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, tuple) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            value = getattr(value, str(part), None)
    return value


def match_paths(loaded: Loaded, pattern: str) -> list[str]:
    """Paths of numbers with a prior that match a pattern with ``*``, in the order of the scenario."""
    from sim.scenario.walk import numbers

    parts = pattern.split(".")
    found = []
    for path, number, _ in numbers(loaded.scenario):
        if number.prior is None or len(path) != len(parts):
            continue
        if all(_matches(str(name), part) for name, part in zip(path, parts, strict=True)):
            found.append(dotted(path))
    return found


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is a pattern in which ``*`` stands for any text; in time proportional to its length."""
    first, *others = pattern.split("*")
    if not others:
        return name == pattern
    *inner, last = others
    if not name.startswith(first) or len(name) < len(first) + len(last) or not name.endswith(last):
        return False
    here, end = len(first), len(name) - len(last)
    for piece in inner:
        at = name.find(piece, here, end)
        if at < 0:
            return False
        here = at + len(piece)
    return True
