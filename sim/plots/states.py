"""What every faction held, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.frames import THIRD_POLE

from .record import Panel, Record

__all__ = ["ENDS", "States"]

ENDS = ("destroyed", "merged", "dissolved", "reconciled")
"""Fates that end a faction's part."""


@dataclass(frozen=True, eq=False)
class States:
    """Allegiance, oath and fate of all factions, matrices of months by factions."""

    names: Sequence[str]
    held: NDArray[Any]
    """An option, ``third`` for one that left a patron for itself, None where it is not in being."""
    oath: NDArray[Any]
    fate: NDArray[Any]
    parents: Sequence[str | None]

    @classmethod
    def of(cls, run: Record) -> States:
        """The states of a run's factions."""
        panel = Panel(run, "factions")
        held, fate, parent = panel.text("allegiance"), panel.text("fate"), panel.text("parent")
        held[panel.text("pole") == THIRD_POLE] = "third"
        held[fate == "reconciled"] = "exit"
        held[(fate != "active") & (fate != "reconciled")] = None
        parents = [next((name for name in column if name is not None), None) for column in parent.T]
        return cls(panel.names, held, panel.text("oath"), fate, parents)

    def during(self, first: int, last: int) -> States:
        """The states of some of the months, from position ``first`` to one before ``last``."""
        held, oath, fate = self.held[first:last], self.oath[first:last], self.fate[first:last]
        return States(self.names, held, oath, fate, self.parents)

    def origin(self, j: int, roster: Sequence[str]) -> str:
        """The faction of the roster that a faction comes from; itself, if it is one."""
        name: str | None = self.names[j]
        while name is not None and name not in roster:
            name = self.parents[self.names.index(name)]
        return name or self.names[j]

    def spells(self, j: int) -> Iterator[tuple[int, int, str, str]]:
        """Runs of months in which nothing changed: first, one past the last, option, oath."""
        held, oath = self.held[:, j], self.oath[:, j]
        changed = np.flatnonzero((held[1:] != held[:-1]) | (oath[1:] != oath[:-1])) + 1
        edges = [0, *changed.tolist(), len(held)]
        for first, last in pairwise(edges):
            if held[first] is not None:
                yield first, last, str(held[first]), str(oath[first])

    def end(self, j: int) -> tuple[int, str] | None:
        """When and how a faction's part ended, if it did."""
        for fate in ENDS:
            months = np.flatnonzero(self.fate[:, j] == fate)
            if len(months):
                return int(months[0]), fate
        return None

    def moved(self, j: int) -> int | None:
        """Month of its first change of allegiance."""
        spells = list(self.spells(j))
        return next((first for first, _, option, _ in spells if option != spells[0][2]), None)
