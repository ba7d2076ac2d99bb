"""The figures of a comparison, at hand on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.compare.comparison import Comparison

__all__ = ["ComparisonPlots"]


class ComparisonPlots:
    """Figures of a comparison; each draws on ``ax``, or on a figure of its own, and returns the axes.

    ``options`` go to the figure's function in :mod:`sim.plots`, for example ``figsize=(6, 4)``. A
    comparison with several alternatives is told which one to draw; ``difference`` and ``forest`` draw all.
    """

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def difference(
        self,
        outcome: str,
        alternative: str | Sequence[str] | None = None,
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """A monthly outcome: mean paired difference with its interval; up to six alternatives."""
        from .difference import difference

        return difference(self._comparison, outcome, alternative, ax, **options)

    def who_moved(self, alternative: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
        """Factions whose side differs, by month, coloured by the share of pairs."""
        from .who_moved import who_moved

        return who_moved(self._comparison, alternative, ax, **options)

    def pair(
        self,
        pair: int | None = None,
        alternative: str | None = None,
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """One pair side by side: the factions whose side differs, a ribbon each."""
        from .pair import pair as draw

        return draw(self._comparison, pair, alternative, ax, **options)

    def causes(
        self, faction: str, alternative: str | None = None, ax: Axes | None = None, **options: Any
    ) -> Axes:
        """Why a faction's side differs: the pairs in which it does, by cause."""
        from .causes import causes

        return causes(self._comparison, faction, alternative, ax, **options)

    def forest(self, outcome: str, month: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
        """An outcome in a month, by default the last: a row for each alternative."""
        from .forest import forest

        return forest(self._comparison, outcome, month, ax, **options)

    def __repr__(self) -> str:
        names = ", ".join(self._comparison.alternatives)
        return f"<Figures of {names} against {self._comparison.base}: difference, who_moved, pair, causes, forest>"
