"""What a figure reads of a run: its scenario, its seed, and its tables, as matrices of months by who."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.results.tables import Table
from sim.scenario.dated import lived_scenario
from sim.scenario.dates import resolve_dates
from sim.scenario.quantities import month_index
from sim.scenario.schema import Scenario

from .style import Palette

__all__ = [
    "Panel", "Record", "Source", "Stretch", "event_title", "marked_events", "month_position", "months_of", "palette_of",
    "unvalidated_from",
]  # fmt: skip


class Record(Protocol):
    """A run, as :class:`sim.results.run.Run` is one. Figures do without pandas, which is slow to load."""

    @property
    def scenario(self) -> Scenario:
        """The scenario it ran."""

    @property
    def seed(self) -> int:
        """Its seed."""

    def data(self, name: str) -> Table:
        """One of its tables: ``factions``, ``patrons``, ``regions``, ``decisions``."""


@dataclass(frozen=True)
class Stretch:
    """Months of a scenario, for figures that are not of a single run."""

    scenario: Scenario
    months: range
    """Indices of :func:`~sim.scenario.quantities.month_index`."""


Source = Record | Stretch
"""What axes of months are drawn for."""


class Panel:
    """A table with a row for each month and entity, as matrices of months by entities.

    Parameters
    ----------
    run
        The run.
    name
        The table.
    """

    def __init__(self, run: Record, name: str) -> None:
        self.table = run.data(name)
        keys = self.table.words(self.table.keys[1])
        self.names = keys.words
        self._who = keys.codes
        self._when = self.table.numbers("month") - month_index(run.scenario.period.start)
        self._shape = (len(months_of(run)), len(self.names))

    def number(self, column: str, missing: float = np.nan) -> NDArray[np.float64]:
        """A column of numbers, shape (months, entities)."""
        out = np.full(self._shape, missing)
        out[self._when, self._who] = self.table.numbers(column)
        return out

    def text(self, column: str) -> NDArray[Any]:
        """A column of words, shape (months, entities); None where there is none."""
        out = np.full(self._shape, None, dtype=object)
        out[self._when, self._who] = self.table.words(column).texts()
        return out


def months_of(run: Source) -> range:
    """The months of a run, as indices of :func:`~sim.scenario.quantities.month_index`."""
    if isinstance(run, Stretch):
        return run.months
    months = run.data("patrons").numbers("month")
    return range(int(months.min()), int(months.max()) + 1)


def month_position(run: Record, month: str | None) -> int:
    """Position of a month (``2015-08``) in the run; the last one where not given.

    Raises
    ------
    UsageError
        If the run does not have that month.
    """
    from sim.errors import UsageError
    from sim.scenario.quantities import month_text

    months = months_of(run)
    if month is None:
        return len(months) - 1
    try:
        at = month_index(str(month))
    except ValueError as error:
        raise UsageError(f"'{month}' is not a month; write it as 2015-08") from error
    if at not in months:
        raise UsageError(
            f"the run goes from {month_text(months[0])} to {month_text(months[-1])}; {month} is outside"
        )
    return at - months[0]


def palette_of(run: Source) -> Palette:
    """Colours and names for the run's patrons."""
    return Palette({patron: entry.name for patron, entry in run.scenario.patrons.items()})


def unvalidated_from(run: Source) -> int | None:
    """Position of the first month that no record validates, or None where the run ends before it."""
    months = months_of(run)
    first = month_index(run.scenario.period.last_validated) + 1 - months[0]
    return max(first, 0) if first < len(months) else None


def event_title(run: Source, event: str) -> str:
    """An event's title, or its kind and whom it concerns."""
    entry = lived_scenario(run.scenario).events[event]
    title = getattr(entry, "title", None)
    if title:
        return str(title)
    patron = getattr(entry, "patron", None)
    kind = str(entry.kind).replace("_", " ")
    return f"{palette_of(run).name(patron)}: {kind}" if patron in run.scenario.patrons else kind.capitalize()


_TELLING = (
    "revealed", "offers_open", "founded", "takeover", "territorial_collapse", "operation", "leader_dies",
    "truce", "unity_plea", "prestige",
)  # fmt: skip


def marked_events(run: Source) -> list[tuple[int, str]]:
    """Position of the month, and id, of the events that figures mark, those within the period, by date.

    They are the scenario's own choice, or else the eight that weigh most by their kind.
    """
    months = months_of(run)
    scenario = lived_scenario(run.scenario)
    at = {event: month - months[0] for event, month in resolve_dates(scenario).items() if month in months}
    chosen = [event for event in run.scenario.report.marks if event in at]
    if not run.scenario.report.marks:
        weight = {kind: n for n, kind in enumerate(_TELLING)}
        kinds = {event: str(scenario.events[event].kind) for event in at}
        telling = [event for event in at if kinds[event] in weight]
        chosen = sorted(telling, key=lambda event: (weight[kinds[event]], at[event], event))[:8]
    return sorted((at[event], event) for event in dict.fromkeys(chosen))
