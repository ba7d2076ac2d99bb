"""How the functions of a notebook speak: bars where somebody sees them, words to standard error."""

from __future__ import annotations

import sys

__all__ = ["say", "shown"]


def shown(progress: bool | None) -> bool | None:
    """Whether to show a bar: a notebook is no terminal, yet there is somebody to see it."""
    return True if progress is None and "ipykernel" in sys.modules else progress


def say(text: str) -> None:
    """A line to standard error."""
    print(text, file=sys.stderr, flush=True)
