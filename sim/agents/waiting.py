"""A word before the rules are compiled one by one, which takes most of a minute and happens once."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator

from sim.jit import cache_folder

__all__ = ["announce", "rules_are_compiled"]

_LAST = "outcomes.follow-*"
"""What a first month compiles last: where it is kept, so is the rest."""


def rules_are_compiled() -> bool:
    """Whether the rules are in the cache one by one, as agents call them, for this Python; or never compiled."""
    from numba.core import config

    if config.DISABLE_JIT:
        return True
    tag = f"py{sys.version_info.major}{sys.version_info.minor}"
    return any(cache_folder().rglob(f"{_LAST}.{tag}*.nbi"))


def announce(say: Callable[[str], object] | None = None) -> None:
    """Say once in a process that the rules are to be compiled, if they are.

    Parameters
    ----------
    say
        Told of it; by default standard error.
    """
    if next(_first(), False) and not rules_are_compiled():
        (say or _say)("compiling the rules for agents, once (about a minute)")


@functools.cache
def _first() -> Iterator[bool]:
    # Yields in the first call of a process only.
    return iter((True,))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
