"""Errors that a person can act on.

Every error of the program that is the user's to mend derives from :class:`BayahError` and prints as one line
per problem, ``file:line:column: path: what is wrong (did you mean ...)``. The command line turns them into exit
code 2 without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "BayahError",
    "ExperimentError",
    "IncompleteError",
    "Problem",
    "RunError",
    "ScenarioError",
    "StoreError",
    "UsageError",
]

_MOST = 2000
"""Longest part of a line that is printed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where.

    Parameters
    ----------
    message
        What is wrong and what would be right.
    file, line, column
        The place, 1-based; ``line`` 0 means that the place is the file as a whole.
    path
        Dotted path inside the scenario, empty for the file as a whole.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = _shown(self.file)
        if self.line:
            place += f":{self.line}:{self.column}"
        parts = [part for part in (place, _shown(self.path), _shown(self.message)) if part]
        return ": ".join(parts)


def _shown(text: str) -> str:
    """A text as one line that does nothing to a terminal: names of files may hold what moves its cursor."""
    if len(text) > _MOST:
        text = text[: _MOST - 3] + "..."
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class BayahError(Exception):
    """Base of all errors that come from what a user gave."""

    exit_code = 2

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        if isinstance(problems, Problem):
            problems = [problems]
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ScenarioError(BayahError):
    """A scenario file, or an override of it, does not hold."""


class ExperimentError(BayahError):
    """An experiment file does not hold."""


class StoreError(BayahError):
    """A folder of results cannot be written or read."""


class IncompleteError(StoreError):
    """Work stopped before its end; what is kept is whole, and the same call goes on from there."""

    exit_code = 3


class UsageError(BayahError):
    """A call asks for what is not there: an unknown faction, a month outside the period."""


class RunError(BayahError):
    """A run ended in a state that the model does not allow (a number that is not finite, rows exhausted)."""

    exit_code = 1
