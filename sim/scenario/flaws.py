"""What is wrong inside a scenario, by path; the file and line are looked up later, where there is a file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..errors import Problem
from .wording import MOST_PROBLEMS, dotted, nearest, one_line

__all__ = ["Flaw", "Namer"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """A problem at a path.

    Parameters
    ----------
    path
        Path inside the scenario.
    message
        What is wrong.
    at_key
        The key is at fault rather than the value.
    missing
        Section and id of what is mentioned but absent; a deletion of it answers for the flaw.
    """

    path: tuple[str | int, ...]
    message: str
    at_key: bool = False
    missing: tuple[str, str] | None = None

    def problem(self) -> Problem:
        """The problem without a place in a file."""
        return Problem(self.message, path=dotted(self.path))


class Namer:
    """Says that an id is not known, and which known one is most like it.

    Comparing names is slow, so that only as many are compared as will be printed.
    """

    def __init__(
        self, known: Mapping[str, Collection[str]], aliases: Mapping[str, str] | None = None
    ) -> None:
        self._known = known
        self._aliases = aliases or {}
        self._left = MOST_PROBLEMS

    def __call__(self, sort: str, name: str) -> str:
        self._left -= 1
        if sort == "faction" and name.casefold() in self._aliases:
            guess = f" (did you mean '{self._aliases[name.casefold()]}'?)"
        else:
            guess = nearest(name, self._known.get(sort, ())) if self._left > 0 else ""
        return f"unknown {sort} '{one_line(name, 60)}'{guess}"
