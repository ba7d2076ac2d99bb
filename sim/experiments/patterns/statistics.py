"""Statistics of runs, by name: the same function is asked of a simulated history and of the record.

Each takes :class:`~sim.experiments.patterns.records.Records` and gives one number for every run; not a number where the
run has nothing that it could be told of (the share of early pledges where nobody pledges).
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem
from sim.experiments.patterns.records import ALONE, DEAD, FOCUS, GONE, INCUMBENT, Records
from sim.measures import MONTHLY, SUMMARY
from sim.scenario.quantities import month_index, month_text

__all__ = ["STATISTICS", "Statistic", "statistic"]

Values = NDArray[np.float64]
MONTHLY_NAMES = frozenset(column.name for column in MONTHLY)
SUMMARY_NAMES = frozenset(column.name for column in SUMMARY if column.name != "status")


@dataclass(frozen=True)
class Statistic:
    """A named function over records."""

    name: str
    unit: str
    function: Callable[..., Values]
    outcomes: tuple[str, ...]
    """Arguments that name monthly outcomes."""
    coded: bool
    """Whether it reads units only, so that it can be asked of coded units."""
    own: bool = False
    """Whether it stands in a file of the user's."""
    wholes: tuple[str, ...] = ()
    """Arguments that name outcomes of whole runs."""

    @property
    def meaning(self) -> str:
        """The first line of what it says of itself."""
        return (inspect.getdoc(self.function) or "").split("\n", 1)[0]

    @property
    def digest(self) -> str:
        """SHA-256 of what it computes: its source, of one of the user's own that of the whole file."""
        if self.own:
            file = inspect.getsourcefile(self.function)
            text = "" if file is None else Path(file).read_text(encoding="utf-8")
        else:
            text = inspect.getsource(self.function)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def arguments(self) -> Mapping[str, inspect.Parameter]:
        """What it is given beside the records."""
        return dict(list(inspect.signature(self.function).parameters.items())[1:])

    def reads(self, given: Mapping[str, Any]) -> tuple[str, ...]:
        """Monthly outcomes that it reads with what it is given."""
        named = {**{n: p.default for n, p in self.arguments.items()}, **given}
        if self.own:
            return tuple(value for value in named.values() if value in MONTHLY_NAMES)
        return tuple(named[name] for name in self.outcomes if isinstance(named.get(name), str))


STATISTICS: dict[str, Statistic] = {}
"""All statistics, by name."""


def statistic(
    unit: str, outcomes: tuple[str, ...] = (), coded: bool = False, wholes: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """Put a function among the named statistics.

    Parameters
    ----------
    unit
        Unit of its value.
    outcomes
        Its arguments that name monthly outcomes.
    coded
        Whether it reads units only.
    wholes
        Its arguments that name outcomes of whole runs.
    """

    def keep(function: Callable[..., Values]) -> Callable[..., Values]:
        STATISTICS[function.__name__] = Statistic(
            function.__name__, unit, function, outcomes, coded, wholes=wholes
        )
        return function

    return keep


def _at(records: Records, month: str) -> int:
    """Place of a month, which must be one of the runs."""
    at = month_index(month) - records.start
    if not 0 <= at < records.months:
        first, last = month_text(records.start), month_text(records.start + records.months - 1)
        raise ExperimentError(Problem(f"{month} is not among the months of the runs, {first} to {last}"))
    return at


def _span(records: Records, months: Any) -> slice:
    first, last = months
    return slice(_at(records, first), _at(records, last) + 1)


def _years(records: Records, outcome: str, first: int, last: int) -> Values:
    """Sums by year, (runs, years)."""
    values = records.monthly[outcome]
    place = [_at(records, f"{year}-01") for year in range(first, last + 1)]
    _at(records, f"{last}-12")
    return np.stack([values[:, at : at + 12].sum(axis=1) for at in place], axis=1)


def _ratio(top: NDArray[Any], bottom: NDArray[Any]) -> Values:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Values = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1), np.nan)
    return found


@statistic("share", coded=True)
def share_pledged_before(records: Records, month: str) -> Values:
    """Share of the units that ever swear to the focus patron that did so before a month."""
    ever = records.oath >= 0
    return _ratio((ever & (records.oath < _at(records, month))).sum(axis=1), ever.sum(axis=1))


@statistic("count", coded=True)
def pledged_ever(records: Records) -> Values:
    """Units of which any part ever swore to the focus patron."""
    return (records.oath >= 0).sum(axis=1).astype(np.float64)


@statistic("share", coded=True)
def share_on_side(records: Records, side: str, month: str) -> Values:
    """Share of units on a side in a month: ``incumbent``, ``focus`` (those destroyed after an oath too) or ``rest``."""
    at = _at(records, month)
    now = records.side(at)
    fallen = ((now == DEAD) | (now == GONE)) & (records.oath >= 0) & (records.oath <= at)
    mine, theirs = (now == FOCUS) | fallen, now == INCUMBENT
    chosen = {"focus": mine, "incumbent": theirs, "rest": ~mine & ~theirs}[side]
    found: Values = chosen.mean(axis=1)
    return found


@statistic("share", coded=True)
def pledge_gap(records: Records, trait: str) -> Values:
    """Share that ever swears to the focus patron among units without a coded trait, less the share among those with it."""
    with_it = records.trait(trait).astype(bool)
    ever = (records.oath >= 0).astype(np.float64)
    if with_it.all() or not with_it.any():
        return np.full(records.runs, np.nan)
    found: Values = ever[:, ~with_it].mean(axis=1) - ever[:, with_it].mean(axis=1)
    return found


def _month_of(records: Records, dates: NDArray[np.int16], unit: str, never: int | None) -> Values:
    found = dates[:, records.units.index(unit)].astype(np.float64)
    return np.where(found >= 0, found, records.months if never is None else never)


@statistic("month", coded=True)
def first_offer(records: Records, unit: str, never: int | None = None) -> Values:
    """Month, from the first one, in which a unit first stands with the focus patron or offers itself to it."""
    return _month_of(records, records.support, unit, never)


@statistic("month", coded=True)
def first_oath(records: Records, unit: str, never: int | None = None) -> Values:
    """Month, from the first one, in which a unit first swears to the focus patron."""
    return _month_of(records, records.oath, unit, never)


@statistic("count")
def third_pole(records: Records, bloc: str | None = None) -> Values:
    """Units (of a bloc) that ever leave the incumbent to stand alone."""
    sides = records.sides if bloc is None else records.sides[:, :, records.trait("bloc") == bloc]
    left = (sides[:, :-1] == INCUMBENT) & (sides[:, 1:] == ALONE)
    found: Values = left.any(axis=1).sum(axis=1).astype(np.float64)
    return found


def _dissenters(
    records: Records, month: str, bloc: str, window: int
) -> tuple[NDArray[np.bool_], NDArray[Any]]:
    """Who of a bloc left the incumbent to stand alone within a window from a month on, and their sides from then on."""
    at = _at(records, month)
    sides = records.sides[:, :, records.trait("bloc") == bloc]
    before = sides[:, at - 1] == INCUMBENT
    return before & (sides[:, at : at + window] == ALONE).any(axis=1), sides[:, at:]


def _return(gone: NDArray[np.bool_], sides: NDArray[Any], until: int) -> NDArray[np.int64]:
    """Months until a dissenter is back with the incumbent, (runs, units); ``until`` where it is not."""
    left = np.where(gone, np.argmax(sides == ALONE, axis=1), 0)
    months = np.arange(sides.shape[1])[None, :, None]
    back = (sides == INCUMBENT) & (months > left[:, None, :])
    found: NDArray[np.int64] = np.where(back.any(axis=1), np.argmax(back, axis=1), until)
    return found


@statistic("months")
def first_return(records: Records, month: str, bloc: str, window: int = 6, never: int = 36) -> Values:
    """Months from a month until the first of those who then left the incumbent is back; ``never`` if none."""
    gone, sides = _dissenters(records, month, bloc, window)
    months = np.where(gone, np.minimum(_return(gone, sides, never), never), never).min(axis=1)
    return np.where(gone.any(axis=1), months, np.nan)


@statistic("share")
def share_returned(records: Records, month: str, bloc: str, within: int = 12, window: int = 6) -> Values:
    """Share of those who left the incumbent within a window of a month that is back within some months."""
    gone, sides = _dissenters(records, month, bloc, window)
    back = gone & (_return(gone, sides, within + 1) <= within)
    return _ratio(back.sum(axis=1), gone.sum(axis=1))


@statistic("yes or no")
def still_alone(records: Records, month: str, bloc: str, after: int = 36, window: int = 6) -> Values:
    """Whether any of those who left the incumbent within a window of a month stands alone some months later."""
    gone, sides = _dissenters(records, month, bloc, window)
    alone = gone & (sides[:, after] == ALONE)
    return np.where(gone.any(axis=1), alone.any(axis=1).astype(np.float64), np.nan)


@statistic("months")
def front_life(records: Records, regions: list[str], inside: bool = True) -> Values:
    """Median months from a unit's oath until it leaves the focus patron or is destroyed, cut at the last month.

    Of units whose last theatre is in (or outside) some regions.
    """
    rows = [n for n, name in enumerate(records.regions) if name in regions]
    here = np.isin(records.theatre, rows) == inside
    sworn = (records.oath >= 0) & here
    months = np.arange(records.months)[None, :, None]
    over = (records.sides != FOCUS) & (months > records.oath[:, None, :])
    end = np.where(over.any(axis=1), np.argmax(over, axis=1), records.months)
    lives = np.where(sworn, end - records.oath, np.nan)
    found = np.full(records.runs, np.nan)
    some = sworn.any(axis=1)
    if some.any():
        found[some] = np.nanmedian(lives[some], axis=1)
    return found


@statistic("ratio", outcomes=("outcome",))
def sum_ratio(records: Records, outcome: str, over: list[str], under: list[str]) -> Values:
    """Sum of a monthly outcome over some months, by its sum over others; each ``[first, last]``."""
    values = records.monthly[outcome]
    return _ratio(values[:, _span(records, over)].sum(axis=1), values[:, _span(records, under)].sum(axis=1))


@statistic("yes or no", outcomes=("outcome",))
def grows_yearly(records: Records, outcome: str, first: int, last: int) -> Values:
    """Whether the yearly sum of an outcome rises in every year."""
    return (np.diff(_years(records, outcome, first, last), axis=1) > 0).all(axis=1).astype(np.float64)


@statistic("year", outcomes=("outcome",))
def peak_year(records: Records, outcome: str, first: int, last: int) -> Values:
    """Year in which the yearly sum of an outcome is largest; not a number where all are nil."""
    sums = _years(records, outcome, first, last)
    return np.where(sums.max(axis=1) > 0, first + np.argmax(sums, axis=1).astype(np.float64), np.nan)


@statistic("per year", outcomes=("outcome",))
def yearly_mean(records: Records, outcome: str, first: int, last: int) -> Values:
    """Mean over years of the yearly sum of an outcome."""
    found: Values = _years(records, outcome, first, last).mean(axis=1)
    return found


@statistic("share", outcomes=("outcome", "other"))
def share_of_sum(records: Records, outcome: str, other: str, first: int, last: int) -> Values:
    """Sum of an outcome over some years as a share of its own and another one's."""
    mine = _years(records, outcome, first, last).sum(axis=1)
    return _ratio(mine, mine + _years(records, other, first, last).sum(axis=1))


@statistic("ratio", outcomes=("top", "bottom"))
def peak_yearly_ratio(records: Records, top: str, bottom: str, first: int, last: int) -> Values:
    """Largest over years of the geometric mean of one outcome's months by the mean of another's.

    The geometric mean takes the lognormal error out of monthly estimates of strength.
    """
    found = np.full(records.runs, -np.inf)
    for year in range(first, last + 1):
        months = _span(records, (f"{year}-01", f"{year}-12"))
        mean = np.exp(np.log(np.maximum(records.monthly[top][:, months], 1e-9)).mean(axis=1))
        found = np.maximum(found, mean / np.maximum(records.monthly[bottom][:, months].mean(axis=1), 1.0))
    return found


@statistic("as the outcome", outcomes=("outcome",))
def value_at(records: Records, outcome: str, month: str) -> Values:
    """An outcome at the end of a month."""
    return records.monthly[outcome][:, _at(records, month)].copy()


@statistic("ratio", outcomes=("outcome", "other"))
def ratio_at(records: Records, outcome: str, other: str, month: str) -> Values:
    """One outcome by another at the end of a month."""
    at = _at(records, month)
    return _ratio(records.monthly[outcome][:, at], records.monthly[other][:, at])


@statistic("as the outcome", wholes=("outcome",))
def run_outcome(records: Records, outcome: str) -> Values:
    """An outcome of the run as a whole, up to its last month (``bayah list outcomes``)."""
    return (records.summary or {})[outcome].copy()
