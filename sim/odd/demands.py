"""What reviewers ask of such a model, and where each demand is met or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .cells import code, table
from .states import data

__all__ = ["Demand", "counts", "demands", "demands_table"]

_MET = {"yes": "met", "part": "met in part", "no": "not met"}


@dataclass(frozen=True, slots=True)
class Demand:
    """One demand."""

    asks: str
    """What is asked."""
    met: str
    """``yes``, ``part`` or ``no``."""
    answer: str
    """What meets it, or why nothing does."""
    where: tuple[str, ...]
    """Files from the root of the project, commands (``bayah ...``), sections (``section 7.17``)."""


def demands() -> list[Demand]:
    """All demands, in order."""
    entries: list[Mapping[str, Any]] = data("demands")
    return [Demand(e["asks"], e["met"], e["answer"], tuple(e["where"])) for e in entries]


def _link(place: str) -> str:
    if place.startswith("section "):
        return place
    if place.startswith("bayah "):
        return code(place)
    path = place.removeprefix("docs/") if place.startswith("docs/") else f"../{place}"
    return f"[{place.rpartition('/')[2]}]({path})"


def demands_table() -> str:
    """The table of demands."""
    rows = (
        (str(place), one.asks, f"**{_MET[one.met]}**", one.answer, ", ".join(map(_link, one.where)))
        for place, one in enumerate(demands(), 1)
    )
    return table(("", "asked", "", "what there is, and what there is not", "where"), rows)


def counts() -> Mapping[str, int]:
    """How many demands are met (``yes``), met in part (``part``) and not met (``no``)."""
    found = Counter(one.met for one in demands())
    return {met: found[met] for met in _MET}
