"""The gallery as a page of figures and of the lines that draw them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["DOCS", "Entry", "draw", "entries"]

DOCS = Path(__file__).resolve().parents[2] / "docs"

_PART = re.compile(
    r"!\[(?P<alt>[^\]]+)\]\((?P<image>[^)]+)\)|^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
_FILE = re.compile(r"\s# (results/\S+)$")


@dataclass(frozen=True)
class Entry:
    """Lines of the page, with the figure they draw."""

    language: str
    """``python`` or ``sh``."""
    text: str
    image: str | None = None
    """Path below ``docs``; None where the lines only prepare."""

    @property
    def file(self) -> Path | None:
        """Where a command leaves the figure."""
        found = _FILE.search(self.text.strip())
        return None if found is None else Path(found[1])


def entries(text: str | None = None) -> list[Entry]:
    """What the page holds, in its order."""
    found: list[Entry] = []
    image: str | None = None
    for part in _PART.finditer((DOCS / "gallery.md").read_text(encoding="utf-8") if text is None else text):
        if part["image"]:
            assert image is None, f"no line draws {image}"
            image = part["image"]
        else:
            found.append(Entry(part["language"], part["text"], image))
            image = None
    assert image is None, f"no line draws {image}"
    return found


def draw(chosen: list[Entry], land: Callable[[str, Any], None]) -> Iterator[str]:
    """Run the Python of the page from above to below, and hand each figure on with the path of its image.

    Parameters
    ----------
    chosen
        Entries of the page.
    land
        Takes a path below ``docs`` and the axes.
    """
    names: dict[str, Any] = {}
    for entry in chosen:
        if entry.language != "python":
            continue
        if entry.image is None:
            exec(compile(entry.text, "gallery.md", "exec"), names)
            continue
        line = ast.parse(entry.text.strip(), mode="eval")
        land(entry.image, eval(compile(line, "gallery.md", "eval"), names))
        yield entry.image
