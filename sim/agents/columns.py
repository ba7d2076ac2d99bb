"""State as attributes: every column of an agent's row under its own name, in words where it is a code.

Nothing is stored in an agent but the number of its row, so what an attribute shows is what the rules work on,
and what is written to it is what they meet next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from sim import state as s
from sim.errors import UsageError
from sim.scenario.quantities import month_index, month_text
from sim.state import Column

__all__ = ["ByPatron", "Cell", "Row", "add_columns"]


class Row(Protocol):
    """What has a row of a matrix: a faction, a patron, a region."""

    row: int
    model: Any


T = TypeVar("T")


def _option(agent: Row, code: int) -> str | None:
    options: tuple[str, ...] = agent.model.config.options
    return options[code] if 0 <= code < len(options) else None


def _month(agent: Row, code: int) -> str | None:
    return month_text(agent.model.config.start + code) if 0 <= code < s.NEVER else None


def _patron(agent: Row, code: int) -> str | None:
    patrons: tuple[str, ...] = agent.model.config.patrons
    return patrons[code] if 0 <= code < len(patrons) else None


def _region(agent: Row, code: int) -> str:
    return str(agent.model.config.regions[code])


def _area(agent: Row, code: int) -> str:
    return str(agent.model.config.areas[code])


def _faction(agent: Row, code: int) -> str | None:
    return str(agent.model.names[code]) if code >= 0 else None


def _flag(agent: Row, code: int) -> bool:
    return bool(code)


_READ: dict[str, Callable[[Row, int], Any]] = {
    "option": _option, "month": _month, "patron": _patron, "region": _region, "faction": _faction,
    "area": _area, "flag": _flag,
}  # fmt: skip
"""How a code of a unit reads."""

_WORDS: dict[str, tuple[str, ...]] = {"fate": s.FATES, "oath": s.OATHS}
"""Codes with words of their own, by column."""


def _choices(agent: Row, unit: str) -> tuple[str, ...]:
    config = agent.model.config
    names: dict[str, tuple[str, ...]] = {
        "option": config.options, "patron": config.patrons, "region": config.regions,
        "area": config.areas, "faction": agent.model.names,
    }  # fmt: skip
    return names.get(unit, ())


def _code_of(agent: Row, column: Column, value: Any) -> float:
    """The code of a value given in words."""
    if value is None:
        return -1
    if not isinstance(value, str):
        return float(value)
    if column.unit == "month":
        return month_index(value) - int(agent.model.config.start)
    words = _WORDS.get(column.name) or _choices(agent, column.unit)
    if value not in words:
        raise UsageError(f"{column.name} cannot be '{value}'; it is one of: {', '.join(words) or 'a number'}")
    return words.index(value)


class Cell(Generic[T]):
    """One column of a matrix as an attribute.

    Parameters
    ----------
    array
        Name of the matrix in the model's world (``F``, ``I``, ``P``, ``G``).
    index
        Position of the column.
    column
        Its name, unit and meaning; the meaning is the attribute's docstring.
    """

    def __init__(self, array: str, index: int, column: Column) -> None:
        self.array, self.index, self.column = array, index, column
        self.__doc__ = f"{column.meaning} ({column.unit})"

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        value = getattr(agent.model.world, self.array)[agent.row, self.index].item()
        words = _WORDS.get(self.column.name)
        if words is not None:
            return words[int(value)]
        read = _READ.get(self.column.unit)
        return value if read is None else read(agent, int(value))

    def __set__(self, agent: Any, value: Any) -> None:
        getattr(agent.model.world, self.array)[agent.row, self.index] = _code_of(agent, self.column, value)


class ByPatron:
    """One column of a matrix by patron as an attribute: a dictionary from patron to number.

    The dictionary is a copy; assign a dictionary of the entries to be changed.
    """

    def __init__(self, array: str, index: int, column: Column) -> None:
        self.array, self.index, self.column = array, index, column
        self.__doc__ = f"{column.meaning} By patron ({column.unit})."

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        values = getattr(agent.model.world, self.array)[agent.row, :, self.index].tolist()
        return dict(zip(agent.model.config.patrons, values, strict=False))

    def __set__(self, agent: Any, values: Mapping[str, float]) -> None:
        patrons: tuple[str, ...] = agent.model.config.patrons
        for name, value in values.items():
            if name not in patrons:
                raise UsageError(f"unknown patron '{name}'; the patrons are {', '.join(patrons)}")
            getattr(agent.model.world, self.array)[agent.row, patrons.index(name), self.index] = value


def add_columns(
    owner: type, array: str, columns: Iterable[Column], kind: type[Cell[Any]] | type[ByPatron] = Cell
) -> None:
    """Give a class an attribute for each column whose name is not already taken by a method of it."""
    for index, column in enumerate(columns):
        if not hasattr(owner, column.name):
            setattr(owner, column.name, kind(array, index, column))
