"""Markdown: tables, code, and text of scenarios made safe for a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

__all__ = ["code", "number", "prose", "table"]


def code(text: object) -> str:
    """Text in code font."""
    return f"`{text}`"


def number(value: float) -> str:
    """A number as short as it can be without losing what a file says.

    Examples
    --------
    >>> number(20000.0), number(0.0017), number(1e7)
    ('20000', '0.0017', '10000000')
    """
    return str(int(value)) if value == int(value) else f"{value:.10g}"


def prose(text: str) -> str:
    """Text of a scenario on one line, with nothing in it that Markdown would read.

    Examples
    --------
    >>> prose("A|B *c*")
    'A\\\\|B \\\\*c\\\\*'
    """
    return re.sub(r"([\\|*_`<\[\]])", r"\\\1", " ".join(text.split()))


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown and hold no bare ``|``."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        f"| {' | '.join(line)} |".replace("|  |", "| |").replace("|  |", "| |") for line in lines
    )
