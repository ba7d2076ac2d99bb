"""Where a run meets what its scenario changes in a month: other parameters from here on, and places in its state set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from sim import state as s

__all__ = ["StageLike", "enter", "legs"]


class StageLike(Protocol):
    """What the engine needs of a :class:`sim.scenario.compile.Stage`."""

    @property
    def month(self) -> int:
        """Month of the run in which it begins."""

    @property
    def jumps(self) -> Iterable[tuple[str, tuple[int, ...]]]:
        """Places in the state that are set: name of an array, index."""


def legs(stages: Sequence[StageLike], months: int) -> Iterator[tuple[int, int, int]]:
    """The stretches of a run: number of the stage that begins it (-1 the start), first month, month after the last."""
    begins = [0, *(stage.month for stage in stages if stage.month < months)]
    for number, (first, last) in enumerate(zip(begins, [*begins[1:], months], strict=True), start=-1):
        yield number, first, last


def enter(
    state: Mapping[str, Any],
    before: Any,
    after: Mapping[str, Any],
    jumps: Iterable[tuple[str, tuple[int, ...]]],
) -> None:
    """Set the state of a run at the beginning of a stage.

    Parameters
    ----------
    state
        The arrays that the run changes, by name.
    before
        The event table until now.
    after
        The arrays of the stage, by name.
    jumps
        Which places take the stage's value.
    """
    for name, place in jumps:
        state[name][place] = after[name][place]
    control = state["C"]
    control[s.C_MOVED] = 1.0
    row = int(control[s.C_ABROAD_EVENT])
    if row >= 0:
        # The pool abroad is addressed by its row, and removed events move rows.
        events = after["E"]
        same = (events[:, s.E_CODE] == before[row, s.E_CODE]) & (events[:, s.E_KIND] == before[row, s.E_KIND])
        control[s.C_ABROAD_EVENT] = float(same.argmax())
