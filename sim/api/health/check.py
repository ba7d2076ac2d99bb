"""One thing looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """One thing looked at, what was found, and what to do where that is wrong."""

    section: str
    name: str
    told: str
    """What was found, in a line."""
    problem: str = ""
    """What is wrong, empty where nothing is."""
    remedy: str = ""
    """What to do about it, or how to get what is not there."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The same as numbers and names."""

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problem
