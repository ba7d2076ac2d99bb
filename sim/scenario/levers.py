"""Numbers of a compiled scenario changed in place: what a sweep does between two runs.

A lever is varied through the places that compilation wrote it to, so nothing is read, checked or compiled again.
The arrays after :meth:`Levers.write` equal those of the scenario compiled with the same values as overrides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import Problem, UsageError
from .compile import Compiled
from .dates import relative_to
from .quantities import month_index
from .slots import Joint, Slot
from .wording import nearest, one_line

__all__ = ["Levers", "has_slot"]


def has_slot(compiled: Compiled, path: str) -> bool:
    """Whether a value of a scenario can be changed without compiling it again."""
    return path in compiled.levers


class Levers:
    """Some levers of a compiled scenario, to be set together.

    Parameters
    ----------
    compiled
        The scenario.
    paths
        Dotted paths, each of which has a slot.

    Raises
    ------
    UsageError
        If a path has none.

    Examples
    --------
    >>> from sim.scenario.compile import compile_scenario
    >>> from sim.scenario.load import load_scenario
    >>> compiled = compile_scenario(load_scenario("baseline"))
    >>> arrays = {name: array.copy() for name, array in compiled.arrays.items()}
    >>> Levers(compiled, ["decision.theta"]).write(arrays, [2.5])
    """

    def __init__(self, compiled: Compiled, paths: Sequence[str]) -> None:
        unknown = [path for path in paths if path not in compiled.levers]
        if unknown:
            raise UsageError(
                [
                    Problem(f"no lever '{one_line(path, 80)}'{nearest(path, compiled.levers)}")
                    for path in unknown
                ]
            )
        self.paths = tuple(paths)
        self._slots: list[tuple[int, Slot]] = []
        self._dates = _Dates(compiled, paths)
        for position, path in enumerate(paths):
            if not _is_date(path):
                self._slots.append((position, compiled.levers[path]))
        self._joints = [joint for joint in compiled.joints if not set(joint.paths).isdisjoint(paths)]
        self._base = {path: compiled.levers[path].value for joint in self._joints for path in joint.paths}

    def write(self, arrays: Mapping[str, Any], values: Sequence[Any]) -> None:
        """Set the levers.

        Parameters
        ----------
        arrays
            Copies of the scenario's arrays, by name.
        values
            A value for each path, as a scenario has it: a number, ``2015-07``, true, a word.
        """
        for position, slot in self._slots:
            number = slot.transform(values[position])
            for name, index in slot.places:
                arrays[name][index] = number
        self._dates.write(arrays, values)
        if self._joints:
            self._write_joints(arrays, dict(zip(self.paths, values, strict=True)))

    def _write_joints(self, arrays: Mapping[str, Any], varied: Mapping[str, Any]) -> None:
        known = {**self._base, **varied}
        joint: Joint
        for joint in self._joints:
            name, index = joint.place
            arrays[name][index] = joint.combine([known[path] for path in joint.paths])


def _is_date(path: str) -> bool:
    parts = path.split(".")
    return len(parts) == 3 and parts[0] == "events" and parts[2] == "date"


class _Dates:
    """Dates that are varied, and those of events that are dated by them."""

    def __init__(self, compiled: Compiled, paths: Sequence[str]) -> None:
        self._start = compiled.start
        self._position = {path.split(".")[1]: n for n, path in enumerate(paths) if _is_date(path)}
        self._text = {name: event.date for name, event in compiled.scenario.events.items()}
        self._places = {
            name: compiled.levers[f"events.{name}.date"].places
            for name in (self._text if self._position else ())
            if self._moves(name)
        }

    def _moves(self, name: str) -> bool:
        while name not in self._position:
            relative = relative_to(self._text[name])
            if relative is None:
                return False
            name = relative[0]
        return True

    def write(self, arrays: Mapping[str, Any], values: Sequence[Any]) -> None:
        months: dict[str, int] = {}
        for name, places in self._places.items():
            month = self._month(name, values, months) - self._start
            for array, index in places:
                arrays[array][index] = month

    def _month(self, name: str, values: Sequence[Any], known: dict[str, int]) -> int:
        """Month of an event; chains of dates were checked to end."""
        if name not in known:
            position = self._position.get(name)
            text = self._text[name] if position is None else str(values[position])
            relative = relative_to(text)
            if relative is None:
                known[name] = month_index(text)
            else:
                known[name] = self._month(relative[0], values, known) + relative[1]
        return known[name]
