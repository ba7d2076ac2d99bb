"""How errors speak: values on one line, nearest names, problems in the order of the files."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import Problem

__all__ = ["MOST_PROBLEMS", "dotted", "listed", "nearest", "one_line", "ordered", "show"]

MOST_PROBLEMS = 100
"""More problems than this are counted at most, not printed."""

_MOST_LISTED = 40
_MOST_COMPARED = 5_000


def one_line(text: str, most: int = 200) -> str:
    """The text with control characters escaped, so that a problem never breaks its line or the terminal."""
    if len(text) <= most and text.isprintable():
        return text
    safe = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: most + 1]
    )
    return safe if len(safe) <= most else safe[: most - 3] + "..."


def show(value: Any) -> str:
    """A value as an error names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, (int, float)):
        return one_line(f"the number {value!r}", 60)
    return f"'{one_line(str(value), 60)}'"


def listed(names: Iterable[str]) -> str:
    """Names in a row, cut where there are too many to read."""
    names = [one_line(name, 60) for name in names]
    if len(names) > _MOST_LISTED:
        return ", ".join(names[:_MOST_LISTED]) + f" and {len(names) - _MOST_LISTED} more"
    return ", ".join(names)


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'x'?)`` for the known name most like this one, or nothing."""
    known = list(known)
    if len(name) > 80 or len(known) > _MOST_COMPARED:
        return ""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    match = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" (did you mean '{by_folded[match[0]]}'?)" if match else ""


def dotted(path: Sequence[str | int]) -> str:
    """A path as it is written in ``--set`` and in errors."""
    return one_line(".".join(str(part) for part in path))


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    """Problems by file, line and column, each once; the tail of a very long list only counted."""
    unique = sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.path, p.message))
    if len(unique) > MOST_PROBLEMS + 1:
        rest = len(unique) - MOST_PROBLEMS
        unique = [*unique[:MOST_PROBLEMS], Problem(f"and {rest} more problems", unique[0].file)]
    return unique
