"""Scenario files, one at a time: bytes, text, plain data in which every value knows its place."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Any

from ..errors import Problem, ScenarioError
from .composer import CONTROL, compose
from .nodes import Mark, Tree, flatten
from .wording import nearest, one_line

__all__ = ["MOST_BYTES", "is_design", "read_bytes", "read_text", "read_tree"]

MOST_BYTES = 5_000_000
"""Largest file that is read."""

_TAB_INDENT = re.compile(r"^ *\t[ \t]*[^\s#]", re.MULTILINE)


def is_design(data: Any) -> bool:
    """Whether plain data is a design of many runs rather than a scenario: it names the scenario that it runs."""
    return isinstance(data, dict) and "scenario" in data and "factions" not in data and "extends" not in data


def read_bytes(
    path: str | Path, file: str | None = None, kind: str = "scenario", most: int = MOST_BYTES
) -> bytes:
    """The bytes of a regular file of bounded size.

    Parameters
    ----------
    path, file
        The file, and its name in errors.
    kind
        What it should be, for errors.
    most
        Most bytes that are read.

    Raises
    ------
    ScenarioError
        If there is no such file, or it is a folder, a device, or too large.
    """
    file = one_line(str(path) if file is None else file)
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise ScenarioError(Problem(f"is a folder; name a {kind} file", file))
        if not stat.S_ISREG(status.st_mode):
            raise ScenarioError(Problem("is not a regular file", file))
        if status.st_size <= most:
            with open(path, "rb") as stream:
                data = stream.read(most + 1)
            if len(data) <= most:
                return data
    except FileNotFoundError:
        raise ScenarioError(Problem(f"no such file{_sibling(path)}", file)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ScenarioError(Problem(f"cannot be read: {one_line(reason)}", file)) from None
    except ValueError:
        raise ScenarioError(Problem("cannot be read: this is no file name", file)) from None
    size = max(status.st_size, most + 1)
    limit = f"a {kind} has at most {most / 1e6:g} MB"
    raise ScenarioError(Problem(f"too large ({size / 1e6:.1f} MB); {limit}", file))


def _sibling(path: str | Path) -> str:
    folder = Path(path).parent
    try:
        names = [entry.name for entry in sorted(folder.iterdir()) if entry.suffix in (".yaml", ".yml")]
    except (OSError, ValueError):
        return ""
    guess = nearest(Path(path).name, names)
    if not guess:
        return ""
    return guess.replace("'", f"'{folder}/", 1) if str(folder) != "." else guess


def read_text(data: bytes, file: str) -> str:
    """Bytes as UTF-8 text with printable characters and no tabs in its indentation.

    Raises
    ------
    ScenarioError
        At the first byte that says otherwise.
    """
    if data[:4] in (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff") or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ScenarioError(Problem("is encoded as UTF-16 or UTF-32; save it as UTF-8", file))
    if b"\0" in data:
        raise ScenarioError(Problem("is a binary file, not text", file))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        bad = data[error.start]
        good = data[: error.start].decode("utf-8-sig", errors="ignore")
        message = f"is not UTF-8 text (byte 0x{bad:02x}); save the file as UTF-8"
        raise ScenarioError(Problem(message, *_place(good, len(good), file))) from None
    control = CONTROL.search(text)
    if control:
        message = f"control character U+{ord(control.group()):04X}; save the file as plain text"
        raise ScenarioError(Problem(message, *_place(text, control.start(), file)))
    tab = _TAB_INDENT.search(text)
    if tab:
        place = _place(text, text.index("\t", tab.start()), file)
        raise ScenarioError(Problem("a tab in the indentation; YAML indents with spaces", *place))
    return text


def _place(text: str, offset: int, file: str) -> Mark:
    before = text[:offset]
    return Mark(file, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def read_tree(path: str | Path) -> Tree:
    """Read one file, without what it extends.

    Parameters
    ----------
    path
        A YAML file.

    Returns
    -------
    Tree
        Plain nested data, and the places of its values and keys by path.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is not UTF-8, is not YAML, or uses what this format refuses.
    """
    file = one_line(str(path))
    return flatten(compose(read_text(read_bytes(path), file), file))
