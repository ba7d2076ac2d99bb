"""What may stand at a lever's path: a number in a range, a date, a switch, a word."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sim.errors import ScenarioError
from sim.scenario.check import faction_aliases
from sim.scenario.dates import relative_to
from sim.scenario.load import Loaded
from sim.scenario.overrides import locate
from sim.scenario.quantities import Quantity, Within, month_index, month_text
from sim.scenario.walk import allowed, bare, type_at
from sim.scenario.wording import dotted, listed, nearest, show

__all__ = ["FieldKind", "LeverField", "find_field", "match_paths"]

FieldKind = Literal["number", "date", "switch", "choice", "text"]

_MONTH_FIELDS = frozenset({"active_from", "start", "end", "validated_until"})


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
        Allowed words of a choice; events that a date may be relative to.
    """

    path: str
    kind: FieldKind
    value: Any
    quantity: Quantity | None
    within: Within
    words: tuple[str, ...]

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
    annotation, value = type_at(place, loaded.tree), _value_at(loaded.scenario, place)
    kind = bare(annotation)
    if kind is Quantity:
        quantity = value if isinstance(value, Quantity) else None
        number = None if quantity is None else quantity.value
        return LeverField(dotted(place), "number", number, quantity, _within(annotation), ())
    if kind is float:
        return LeverField(dotted(place), "number", value, None, Within("number"), ())
    if kind is bool:
        return LeverField(dotted(place), "switch", value, None, Within(""), ())
    words = allowed(annotation)
    if words and all(isinstance(word, str) for word in words) and place[-1] != "kind":
        return LeverField(dotted(place), "choice", value, None, Within(""), words)
    if kind is str and (place[-1] in _MONTH_FIELDS or (place[0] == "events" and place[-1] == "date")):
        return LeverField(dotted(place), "date", value, None, Within("month"), tuple(loaded.scenario.events))
    if kind is str and place[-1] not in ("source", "kind", "title", "name"):
        return LeverField(dotted(place), "text", value, None, Within(""), ())
    raise ValueError("is not a single number, date, switch or choice; name one inside it")


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
    import re

    from sim.scenario.walk import numbers

    parts = [re.escape(part).replace(r"\*", r"[^.]*") for part in pattern.split(".")]
    form = re.compile(r"\.".join(parts))
    return [
        dotted(path)
        for path, number, _ in numbers(loaded.scenario)
        if number.prior is not None and form.fullmatch(dotted(path))
    ]
