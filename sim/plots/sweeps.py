"""The figures of a sweep, at hand on its results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.experiments.results import Results

__all__ = ["SweepPlots"]


class SweepPlots:
    """Figures of a sweep; each draws on ``ax``, or on a figure of its own, and returns the axes.

    ``options`` go to the figure's function in :mod:`sim.plots`, for example ``figsize=(6, 4)``.
    """

    def __init__(self, results: Results) -> None:
        self._results = results

    def bands(
        self,
        outcome: str | None = None,
        points: int | Sequence[int] = 0,
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """A monthly outcome over time: median and bands of a point, or of several; ``mean=True`` adds the mean."""
        from .bands import bands

        return bands(self._results, outcome, points, ax, **options)

    def heat(
        self,
        x: str | None = None,
        y: str | None = None,
        outcome: str | None = None,
        stat: str = "mean",
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """An outcome by two parameters, by default the first two that are varied."""
        from .heat import heat

        return heat(self._results, x, y, outcome, stat, ax, **options)

    def scatter(
        self,
        outcomes: Sequence[str] | None = None,
        parameters: Sequence[str] | None = None,
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """Outcomes of the runs, and parameters if named, each against each other.

        The panels are the ``child_axes`` of what is returned, row by row.
        """
        from .scatter import scatter

        return scatter(self._results, outcomes, parameters, ax, **options)

    def allegiances(
        self,
        held: str | Sequence[str] | None = None,
        point: int = 0,
        factions: Sequence[str] | None = None,
        ax: Axes | None = None,
        **options: Any,
    ) -> Axes:
        """Share of runs in which each faction holds an allegiance, by default to the focus patron, over time."""
        from .probabilities import probabilities

        return probabilities(self._results, held, point, factions, ax, **options)

    def posterior(
        self,
        outcomes: Sequence[str] | None = None,
        ax: Axes | None = None,
        coded: bool = True,
        **options: Any,
    ) -> Axes:
        """Monthly outcomes over all draws of ``parameters="posterior"``, with coded oaths beside them; a panel each."""
        from .posterior_bands import OUTCOMES, coded_oaths, posterior_bands

        record = {"pledged_units": coded_oaths()} if coded else None
        return posterior_bands(self._results, outcomes or OUTCOMES, ax, record=record, **options)

    def __repr__(self) -> str:
        return f"<Figures of {self._results.name}: bands, heat, scatter, allegiances, posterior>"
