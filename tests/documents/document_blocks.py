"""The code blocks of README and docs, with the notes that stand above them and do not show.

A note is a comment in the line above a block: ``<!-- file: early.yaml -->``, several with ``;`` between. What notes
there are stands in :data:`NOTES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = ["APART", "LANGUAGES", "NOTES", "PAGES", "ROOT", "Block", "blocks_of", "pages_with", "prose_of"]

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("bash", "console", "python", "sh", "text", "yaml")
NOTES = {
    "file": "kept as a file of this name, for what comes after it on the page; Python is not run before that",
    "part of": "YAML: a piece of a scenario, laid over the scenario that is named",
    "wrong": "YAML: a file with mistakes; the page shows what is said of them",
    "prints": "what the block before it prints; `...` stands for what is left out",
    "exit": "the exit code, where it is not 0",
}

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}) *(?P<info>[^`]*)$")
_NOTE = re.compile(r"^\s*<!-- (.+?) -->\s*$")


@dataclass(frozen=True)
class Block:
    """A fenced block: page and line where its text begins, language, text, and the notes above it."""

    page: str
    line: int
    language: str
    text: str
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Page and line, as an editor takes them."""
        return f"{self.page}:{self.line}"


def _pages() -> list[str]:
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path.relative_to(ROOT).as_posix() for path in found if "_build" not in path.parts]


APART = {"docs/gallery.md": "tests/gallery/test_gallery.py"}
"""Pages whose blocks are run by a test of their own."""

PAGES = [page for page in _pages() if page not in APART]


def _language(info: str) -> str:
    """The language of a fence; nothing for a directive that shows no code."""
    words = info.split()
    if not words:
        return "text"
    if words[0] in ("{code-block}", "{code}"):
        return words[1] if len(words) > 1 else "text"
    return "" if words[0].startswith("{") else words[0]


def _notes(line: str) -> dict[str, str]:
    found = _NOTE.match(line)
    pairs = (part.partition(":") for part in found[1].split(";")) if found else ()
    notes = {name.strip(): value.strip() for name, _, value in pairs}
    return notes if notes.keys() <= NOTES.keys() else {}


def _fences(lines: list[str]) -> Iterator[tuple[int, int, str, int]]:
    """First line, line behind the last one, info and indent of each fenced block."""
    start = None
    for place, line in enumerate(lines):
        found = _FENCE.match(line)
        if start is None and found:
            start, opened = place + 1, found
        elif (
            start is not None
            and found
            and not found["info"]
            and found["fence"][0] == opened["fence"][0]
            and len(found["fence"]) >= len(opened["fence"])
        ):
            yield start, place, opened["info"].strip(), len(opened["indent"])
            start = None
    assert start is None, f"a block that begins in line {start} does not end"


@cache
def blocks_of(page: str) -> tuple[Block, ...]:
    """All blocks of a page, in order; directives are none."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    found = []
    for start, end, info, indent in _fences(lines):
        above = next((line for line in reversed(lines[: start - 1]) if line.strip()), "")
        text = "".join(f"{line[indent:]}\n" for line in lines[start:end])
        if language := _language(info):
            found.append(Block(page, start + 1, language, text, _notes(above)))
    return tuple(found)


def prose_of(page: str) -> list[tuple[int, str]]:
    """Number and text of the lines of a page that are in no block."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    inside = {place for start, end, _, _ in _fences(lines) for place in range(start - 1, end + 1)}
    return [(place + 1, line) for place, line in enumerate(lines) if place not in inside]


def pages_with(*languages: str) -> list[str]:
    """Pages that have a block in one of the languages."""
    return [page for page in PAGES if any(block.language in languages for block in blocks_of(page))]
