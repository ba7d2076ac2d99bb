"""What comes out of a folder of results is data, and none of it is taken on trust.

Whoever opens a folder may have been sent it. Numbers are read as JSON and Parquet, which hold no code; nothing is
unpickled, and no name in a folder leads out of it.
"""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar

from sim.errors import BayahError, Problem, StoreError
from sim.scenario.composer import CONTROL
from sim.scenario.reader import read_bytes
from sim.scenario.wording import one_line

__all__ = [
    "MOST_JSON",
    "as_written",
    "checked_frame",
    "has_control",
    "is_plain_name",
    "part_of",
    "read_json",
    "told_of",
    "when_opened",
]

MOST_JSON = 8_000_000
"""Largest JSON file that is read: in memory it takes up to thirty times as much."""
_MOST_NAME = 200
_ESCAPED = re.compile(r"\\[bfu]")


class _Opened(Protocol):
    @property
    def folder(self) -> Path | None:
        """Where it was read from; None where it was made here."""


if TYPE_CHECKING:
    import pandas as pd

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=_Opened)


@contextmanager
def as_written(place: Path | None) -> Iterator[None]:
    """Say of whatever goes wrong inside that the folder is not as the program writes it.

    Parameters
    ----------
    place
        The folder or file; where it is None, errors pass as they are.

    Raises
    ------
    StoreError
        In the place of any error that is none of ours.
    """
    try:
        yield
    except (BayahError, MemoryError):
        raise
    except OSError as error:
        if place is None:
            raise
        told = one_line(error.strerror or str(error) or type(error).__name__)
        raise StoreError(Problem(f"cannot be read: {told}", str(place))) from error
    except Exception as error:
        if place is None:
            raise
        told = f"{told_of(error)}: it was changed since it was written, or this is a fault of the program"
        raise StoreError(Problem(f"cannot be used as it is ({told})", str(place))) from error


def told_of(error: BaseException) -> str:
    """An error of a library in one short line."""
    return one_line(f"{type(error).__name__}: {str(error).strip()}".rstrip(": "), 160)


def when_opened(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """A method under :func:`as_written` where what it belongs to was read from a folder."""

    @functools.wraps(method)
    def guarded(self: S, /, *args: P.args, **kw: P.kwargs) -> R:
        with as_written(self.folder):
            return method(self, *args, **kw)

    return guarded


def read_json(file: Path, what: str = "file of results") -> Any:
    """A JSON file of bounded size whose texts are fit for a terminal.

    Raises
    ------
    StoreError
        If it cannot be read, or is none.
    FileNotFoundError
        If it is not there.
    """
    if not os.path.lexists(file):
        raise FileNotFoundError(2, "no such file", str(file))
    try:
        data = read_bytes(file, str(file), what, MOST_JSON)
    except BayahError as error:
        raise StoreError(error.problems) from None
    try:
        text = data.decode("utf-8")
        value: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError(Problem(f"cannot be read: {one_line(str(error))}", str(file))) from None
    if _has_control(text, value):
        raise StoreError(Problem("is damaged: a text in it has control characters", str(file)))
    return value


def _has_control(text: str, value: Any) -> bool:
    """Whether texts of a JSON file hold characters that plain text does not have, escaped or not."""
    if CONTROL.search(text):
        return True
    left = [value] if _ESCAPED.search(text) else []
    while left:
        one = left.pop()
        if isinstance(one, str) and CONTROL.search(one):
            return True
        if isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
    return False


def checked_frame(frame: pd.DataFrame, file: Path) -> pd.DataFrame:
    """A table whose texts are fit for a terminal.

    Raises
    ------
    StoreError
        If a text holds control characters, or two columns have one name.
    """
    if not frame.columns.is_unique:
        raise StoreError(Problem("is damaged: two columns have one name", str(file)))
    columns: list[Any] = [frame[name] for name in frame.columns]
    levels: list[Any] = [frame.index.get_level_values(n) for n in range(frame.index.nlevels)]
    for column in (*columns, *levels):
        if column.dtype.kind not in "OTUS":
            continue
        if _hashable(column) and has_control(column.drop_duplicates()):
            raise StoreError(Problem("is damaged: a text in it has control characters", str(file)))
    return frame


def has_control(values: Iterable[Any]) -> bool:
    """Whether texts hold characters that plain text does not have."""
    return any(isinstance(value, str) and CONTROL.search(value) is not None for value in values)


def _hashable(column: Any) -> bool:
    try:
        column.drop_duplicates()
    except TypeError:
        return False
    return True


def is_plain_name(name: object) -> bool:
    """Whether a text names a file or folder in the place where it is looked for, and nothing else."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= _MOST_NAME
        and name not in (".", "..")
        and name.isprintable()
        and not {"/", "\\", "\0"} & set(name)
    )


def part_of(folder: Path, name: object) -> Path:
    """A file that a folder says it holds.

    Parameters
    ----------
    folder
        The folder.
    name
        Path inside it, as its manifest has it.

    Raises
    ------
    StoreError
        If the name leads out of the folder, by itself or by a link.
    """
    told = f"names a part outside of the folder: '{one_line(str(name), 80)}'"
    parts = name.split("/") if isinstance(name, str) else []
    if not parts or not all(is_plain_name(part) for part in parts):
        raise StoreError(Problem(told, str(folder)))
    file = folder.joinpath(*parts)
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        raise StoreError(Problem(told, str(folder)))
    return file
