"""The figures of a run, at hand on the run itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.results.run import Run

__all__ = ["Plots", "figures_of"]


class Plots:
    """Figures of a run; each draws on ``ax``, or on a figure of its own, and returns the axes.

    ``options`` go to the figure's function in :mod:`sim.plots`, for example ``figsize=(6, 4)``.

    Examples
    --------
    >>> import sim
    >>> from matplotlib.figure import Figure
    >>> run = sim.run("baseline", seed=1, until="2014-12")
    >>> axes = run.plot.timeline(ax=Figure(figsize=(8, 6)).add_subplot())
    >>> axes.figure.get_size_inches().tolist()
    [8.0, 6.0]
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def __repr__(self) -> str:
        names = ("timeline", "ribbons", "patrons", "regions", "ties", "waterfall")
        return f"<figures of {self._run!r}: {', '.join(names)}>"

    def timeline(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Fighters by allegiance over time."""
        return self._draw("timeline", ax=ax, **options)

    def ribbons(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Allegiance of every faction over time, with the states of its oath."""
        return self._draw("ribbons", ax=ax, **options)

    def patrons(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Legitimacy, recognition and momentum of the patrons."""
        return self._draw("patrons", ax=ax, **options)

    def regions(self, month: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
        """Regions by control in a month, by default the last."""
        return self._draw("regions", self._month(month), ax=ax, **options)

    def ties(self, month: str | None = None, ax: Axes | None = None, **options: Any) -> Axes:
        """The network of ties in a month, by default the last, coloured by allegiance."""
        return self._draw("ties", self._month(month), ax=ax, **options)

    def waterfall(
        self, faction: str | None = None, month: str | None = None, ax: Axes | None = None, **options: Any
    ) -> Axes:
        """The terms of one decision, by default the most telling."""
        who = None if faction is None else self._run.faction(faction)
        return self._draw("waterfall", who, self._month(month), ax=ax, **options)

    def _month(self, month: str | None) -> str | None:
        return None if month is None else self._run.month(month)

    def _draw(self, name: str, *words: str | None, **options: Any) -> Axes:
        if isinstance(options.get("ax"), str):
            months = "it shows every month; " if not words else ""
            raise UsageError(f"{name}: ax should be axes of matplotlib, not text; {months}options go by name")
        axes: Axes = getattr(figures_of(name), name)(self._run, *words, **options)
        return axes


def figures_of(name: str) -> Any:
    # Figures stand on a higher floor: a run only hands itself to them, by name.
    from importlib import import_module

    return import_module(f"sim.plots.{name}")
