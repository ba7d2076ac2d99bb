"""A sweep as a notebook reads it: frames made when they are asked for, one run made again when it is pointed at."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import Problem, StoreError, UsageError
from sim.experiments.plan import Plan
from sim.experiments.quantiles import QUANTILE_NAMES, band
from sim.experiments.store.ledger import Ledger, Standing
from sim.experiments.store.manifest import plan_of, read_manifest
from sim.experiments.store.parts import shelf
from sim.experiments.store.swap import put_right
from sim.results.figures import figures_of
from sim.results.trust import when_opened
from sim.scenario.quantities import month_index, month_text
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

    from sim.agents.model import AllegianceModel
    from sim.experiments.bench import Rule
    from sim.results.run import Run

__all__ = ["Results", "open_results"]

_DATE = "datetime64[ns]"


class Results:
    """The results of a sweep. Made by :func:`sim.sweep`, :func:`sim.ensemble` or :func:`sim.open_results`.

    Parameters
    ----------
    folder
        The store.

    Examples
    --------
    >>> import sim
    >>> results = sim.ensemble("baseline", runs=10, seed=1, until="2014-12")
    >>> results.status().runs
    10
    >>> results.summary["pledged_ever"].describe()[["min", "max"]].tolist()
    [4.0, 13.0]
    >>> results.trajectories("pledged_units", runs=3, months="2014-12")["pledged_units"].tolist()
    [11.0]
    >>> float(results.allegiances().loc["2014-12"].loc["haqqani", "taliban"])
    1.0
    >>> results.replay(3)
    <Run of baseline, seed 4, engine, 2013-01 to 2014-12>
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder: Path = Path(folder).absolute()
        self.manifest = read_manifest(self.folder)
        put_right(self.folder)

    @property
    @when_opened
    def name(self) -> str:
        """Name of the design."""
        return str(self.manifest["name"])

    @property
    @when_opened
    def title(self) -> str:
        """Title of the design."""
        return str(self.manifest["title"])

    @property
    @when_opened
    def parameters(self) -> tuple[str, ...]:
        """Dotted paths that the design varies."""
        return tuple(entry["path"] for entry in self.manifest["parameters"])

    @property
    @when_opened
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios."""
        return tuple(entry["name"] for entry in self.manifest["scenarios"])

    @property
    @when_opened
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes of a run in :attr:`summary`."""
        return tuple(self.manifest["keep"]["outcomes"])

    @property
    @when_opened
    def monthly(self) -> tuple[str, ...]:
        """Monthly outcomes that are kept, if any."""
        kept = self.manifest["keep"]
        return tuple(kept["monthly"]) if kept["trajectories"] != "none" else ()

    @cached_property
    @when_opened
    def plan(self) -> Plan:
        """All runs of the sweep."""
        return plan_of(self.folder)

    @when_opened
    def status(self) -> Standing:
        """How far the sweep has come: chunks done, runs, failed runs, damaged parts."""
        return Ledger(self.folder, self.plan).stand()

    @cached_property
    @when_opened
    def design(self) -> pd.DataFrame:
        """A row for each point: the scenario and what is varied."""
        frame: pd.DataFrame = self.plan.table().arrow({}).to_pandas()
        return frame.set_index("point")

    @property
    @when_opened
    def summary(self) -> pd.DataFrame:
        """A row for each run that came out, by run: point, replicate, seed, what was varied, outcomes.

        Read anew at each call, so that a sweep under way can be watched.
        """
        return self._whole("summary")

    @property
    @when_opened
    def failures(self) -> pd.DataFrame:
        """A row for each run that failed, by run, with the reason."""
        return self._whole("failed")

    @when_opened
    def dataset(self, table: str) -> Any:
        """A table as a ``pyarrow.dataset``, of which nothing is read yet; None where there is no part of it.

        Parameters
        ----------
        table
            ``summary``, ``trajectories``, ``quantiles``, ``allegiances`` or ``failed``.
        """
        import pyarrow.dataset as ds

        files = [str(file) for _, file in shelf(self.folder / table)[0]]
        return ds.dataset(files, format="parquet") if files else None

    @when_opened
    def trajectories(
        self,
        outcomes: str | Sequence[str] | None = None,
        points: int | Sequence[int] | None = None,
        runs: int | Sequence[int] | None = None,
        months: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Monthly outcomes by run and month; only what is asked for is read.

        Parameters
        ----------
        outcomes
            Names; all that are kept by default.
        points, runs, months
            Which; all by default. Months as ``YYYY-MM``.

        Raises
        ------
        UsageError
            If the sweep keeps no trajectories, or not of this outcome.
        """
        import pyarrow.compute as pc

        if self.manifest["keep"]["trajectories"] != "all":
            kept = self.manifest["keep"]["trajectories"]
            raise UsageError(
                f"this sweep keeps no trajectories (trajectories: {kept}); ask for bands, or replay a run"
            )
        names = [outcomes] if isinstance(outcomes, str) else list(outcomes or self.monthly)
        for name in names:
            self._check_monthly(name)
        wanted: Any = None
        for column, values in (("point", points), ("run", runs)):
            if values is not None:
                several = [values] if isinstance(values, int | np.integer) else list(values)
                mask = pc.field(column).isin([int(value) for value in several])
                wanted = mask if wanted is None else wanted & mask
        if months is not None:
            several_ = [months] if isinstance(months, str) else list(months)
            dates = [_date(str(month)) for month in several_]
            mask = (pc.field("month") == dates[0]) if len(dates) == 1 else pc.field("month").isin(dates)
            wanted = mask if wanted is None else wanted & mask
        frame = self._frame("trajectories", ["run", "month", *names], wanted)
        frame["month"] = _periods(frame["month"])
        return frame.sort_values(["run", "month"], ignore_index=True).set_index(["run", "month"])

    @when_opened
    def bands(self, outcome: str, point: int | None = 0) -> pd.DataFrame:
        """Mean and quantiles of a monthly outcome over the runs of a point, or of all points (None), by month.

        Raises
        ------
        UsageError
            If the sweep keeps nothing by month, or not this outcome.
        """
        import pandas as pd
        import pyarrow.compute as pc

        self._check_monthly(outcome)
        columns = ["mean", *QUANTILE_NAMES]
        if point is not None:
            self._check_point(point)
        if self.manifest["keep"]["trajectories"] == "quantiles":
            if point is None:
                raise UsageError("quantiles are kept by point; those of all points need trajectories: all")
            where = (pc.field("point") == point) & (pc.field("outcome") == outcome)
            frame = self._frame("quantiles", ["month", "runs", *columns], where)
            frame["month"] = _periods(frame["month"])
            return frame.sort_values("month").set_index("month")
        wide = self.trajectories(outcome, points=point)[outcome].unstack("run").sort_index()
        frame = pd.DataFrame(band(wide.to_numpy().T), index=wide.index, columns=columns)
        frame.insert(0, "runs", wide.shape[1])
        return frame

    @when_opened
    def allegiances(self, point: int | None = 0) -> pd.DataFrame:
        """Share of runs of a point, or of all (None), in which each faction holds each allegiance; rows add up to 1.

        Raises
        ------
        UsageError
            If the sweep does not count allegiances.
        """
        import pyarrow.compute as pc

        if not self.manifest["keep"]["allegiances"]:
            raise UsageError("this sweep does not count allegiances; set allegiances: true in its design")
        if point is not None:
            self._check_point(point)
        columns = ["month", "faction", "held", "runs"]
        frame = self._frame("allegiances", columns, None if point is None else pc.field("point") == point)
        frame["month"] = _periods(frame["month"])
        counts = frame.groupby(["month", "faction", "held"])["runs"].sum().unstack("held", fill_value=0)
        counts.columns.name = None
        return counts.div(counts.sum(axis=1), axis=0)

    @when_opened
    def replay(self, run: int, driver: str = "engine", rule: Rule | None = None) -> Run:
        """Make a run again, with its full record, and compare it with what the store holds.

        Parameters
        ----------
        run
            Position in the plan: the index of :attr:`summary`.
        driver
            ``engine`` or ``mesa``.
        rule
            The decision rule of one's own that the sweep was made with.

        Raises
        ------
        UsageError
            If there is no such run.
        StoreError
            If it comes out otherwise than the store has it, with what differs.
        """
        from sim.experiments.replay import replay

        return replay(self, run, driver, rule)

    @when_opened
    def model(self, run: int, rule: Rule | None = None) -> AllegianceModel:
        """A run as a live Mesa model before its first month."""
        from sim.experiments.replay import live_model

        return live_model(self, run, rule)

    @property
    def plot(self) -> Any:
        """Figures: ``results.plot.bands("focus_fighters")``, ``heat``, ``scatter``, ``allegiances``."""
        return figures_of("sweeps").SweepPlots(self)

    @when_opened
    def _check_monthly(self, name: str) -> None:
        if name not in self.monthly:
            kept = (
                f"kept are {', '.join(self.monthly)}" if self.monthly else "this sweep keeps nothing by month"
            )
            raise UsageError(
                f"no monthly outcome '{one_line(name, 60)}'{nearest(name, self.monthly)}; {kept}"
            )

    @when_opened
    def _check_point(self, point: int) -> None:
        if not 0 <= point < self.manifest["points"]:
            raise UsageError(f"there is no point {point}; points are 0 to {self.manifest['points'] - 1}")

    def _frame(self, table: str, columns: list[str] | None, where: Any) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa

        data = self.dataset(table)
        if data is None:
            return pd.DataFrame(columns=columns)
        try:
            frame: pd.DataFrame = data.to_table(columns=columns, filter=where).to_pandas()
        except (pa.ArrowException, OSError) as error:
            told = (str(error) or type(error).__name__).splitlines()[0]
            message = f"a part cannot be read ({told}); see bayah results verify"
            raise StoreError(Problem(message, str(self.folder / table))) from None
        return frame

    def _whole(self, table: str) -> pd.DataFrame:
        frame = self._frame(table, None, None)
        if "run" not in frame:
            return frame
        return frame.sort_values("run", ignore_index=True).set_index("run")

    @when_opened
    def __repr__(self) -> str:
        return f"<Results of {self.name}: {self._size()}, in {self._place()}>"

    def _size(self) -> str:
        standing = self.status()
        kept, runs = standing.runs + standing.failed, self.manifest["runs"]
        failed = f", {standing.failed:,} failed" if standing.failed else ""
        return f"{kept:,} of {runs:,} runs, {self.manifest['points']:,} points{failed}"

    def _place(self) -> Path:
        """The folder, as short as it can be said from here: what is shown is often passed on."""
        here = Path.cwd()
        return self.folder.relative_to(here) if self.folder.is_relative_to(here) else self.folder

    @when_opened
    def _repr_html_(self) -> str:
        varied = ", ".join(self.parameters) or "nothing"
        return (
            f"<div><b>{escape(self.title)}</b><br>{escape(self._size())}<br>varied: {escape(varied)}<br>"
            f"<code>{escape(str(self._place()))}</code></div>"
        )


def _date(month: str) -> Any:
    import datetime

    try:
        text = month_text(month_index(month))
    except ValueError as error:
        raise UsageError(str(error)) from None
    return datetime.date(int(text[:4]), int(text[5:]), 1)


def _periods(dates: Any) -> Any:
    import pandas as pd

    return pd.PeriodIndex(pd.to_datetime(dates).astype(_DATE), freq="M")


def open_results(folder: str | Path) -> Results:
    """The results in a folder; see :func:`sim.open_results`."""
    return Results(folder)


def remove_with(results: Results, remove: Any) -> None:
    """Call something when results are no longer in use."""
    weakref.finalize(results, remove)
