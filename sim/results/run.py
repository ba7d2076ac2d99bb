"""A run, as it was just made or as it was read from its folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, StoreError, UsageError
from sim.results.figures import Plots, figures_of
from sim.results.folder import SCENARIO, TABLES, read_manifest, read_table, write_folder
from sim.results.manifest import describe_run
from sim.results.tables import Table
from sim.results.trust import part_of, when_opened
from sim.scenario.load import Loaded, load_scenario, resolve_faction, resolved_yaml
from sim.scenario.quantities import month_index
from sim.scenario.reader import read_bytes
from sim.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from sim.engine.world import History
    from sim.results.explain import Explanation
    from sim.scenario.compile import Compiled

__all__ = ["Run", "open_run"]


class Run:
    """One run: what was run, what came of it, and why.

    Frames are made when they are first asked for. Made by :func:`sim.run` or :func:`sim.open_run`.

    Parameters
    ----------
    manifest
        Seed, driver, scenario, versions: what the folder of a run keeps beside its tables.
    table_of
        Gives a table by name.
    scenario_of
        Gives the scenario.
    text_of
        Gives the scenario as YAML.
    history
        The full record, where the run was made here.
    folder
        The folder that it was read from.

    Examples
    --------
    >>> import sim
    >>> run = sim.run("baseline", seed=1, until="2014-12")
    >>> run.outcomes.loc["2014-12", ["active_units", "pledged_units"]].tolist()
    [40.0, 13.0]
    >>> len(run.factions.loc["2014-12"].query("allegiance == 'iskp'"))
    14
    >>> run.columns("factions").loc["fighters", "unit"]
    'persons'
    >>> int(run.table(["2014-12"]).loc[("2014-12", "taliban", "sworn"), "factions"])
    25
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        table_of: Callable[[str], Table],
        scenario_of: Callable[[], Scenario],
        text_of: Callable[[], str],
        history: History | None = None,
        folder: Path | None = None,
    ) -> None:
        self.manifest = dict(manifest)
        self.history = history
        self.folder = folder
        self._table_of, self._scenario_of, self._text_of = table_of, scenario_of, text_of
        self._tables: dict[str, Table] = {}
        self._frames: dict[str, pd.DataFrame] = {}

    @classmethod
    def of_history(
        cls,
        source: Loaded | Scenario,
        compiled: Compiled,
        history: History,
        driver: str,
        own: Mapping[str, Any] | None = None,
    ) -> Run:
        """A run from its record; ``own`` are classes and rules that took the place of the model's."""
        from sim.results.frames import Record
        from sim.results.happenings import happenings

        record = Record(compiled, history)
        makers = {"events": lambda: happenings(record)}
        manifest = describe_run(source, compiled, record.summary(), history.seed, driver, own or {})
        return cls(
            manifest,
            lambda name: (makers.get(name) or getattr(record, name))(),
            lambda: compiled.scenario,
            lambda: resolved_yaml(source),
            history=history,
        )

    @property
    @when_opened
    def seed(self) -> int:
        """The seed."""
        return int(self.manifest["seed"])

    @property
    @when_opened
    def driver(self) -> str:
        """``engine`` or ``mesa``."""
        return str(self.manifest["driver"])

    @property
    @when_opened
    def name(self) -> str:
        """The name of the scenario: that of its file, without the ending."""
        return str(self.manifest["scenario"]["name"])

    @property
    @when_opened
    def unvalidated_from(self) -> str | None:
        """The first month past those that the model was held against, or None."""
        value = self.manifest["period"]["unvalidated_from"]
        return None if value is None else str(value)

    @cached_property
    @when_opened
    def scenario(self) -> Scenario:
        """The scenario that was run."""
        return self._scenario_of()

    @when_opened
    def data(self, name: str) -> Table:
        """A table without pandas.

        Parameters
        ----------
        name
            One of ``factions``, ``patrons``, ``regions``, ``events``, ``decisions``, ``outcomes``.
        """
        if name not in TABLES:
            raise UsageError(f"there is no table '{name}'; there are: {', '.join(TABLES)}")
        if name not in self._tables:
            self._tables[name] = self._table_of(name)
        return self._tables[name]

    @when_opened
    def _frame(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            self._frames[name] = self.data(name).frame()
        return self._frames[name]

    @property
    @when_opened
    def reports(self) -> pd.DataFrame:
        """What each source of the scenario would have reported: attacks and strength, by month and source."""
        from sim.results.reports import reports

        return reports(self.outcomes, self.scenario)

    @property
    def factions(self) -> pd.DataFrame:
        """State of every faction at the end of every month, by month and faction."""
        return self._frame("factions")

    @property
    def patrons(self) -> pd.DataFrame:
        """State of every patron at the end of every month, by month and patron."""
        return self._frame("patrons")

    @property
    def regions(self) -> pd.DataFrame:
        """State of every region at the end of every month, by month and region."""
        return self._frame("regions")

    @property
    def events(self) -> pd.DataFrame:
        """What happened, by month: dated events of the scenario, and what the run brought about."""
        return self._frame("events")

    @property
    def decisions(self) -> pd.DataFrame:
        """Every option of every appraisal with its terms, by month, faction and option."""
        return self._frame("decisions")

    @property
    def outcomes(self) -> pd.DataFrame:
        """Outcomes by month."""
        return self._frame("outcomes")

    @cached_property
    @when_opened
    def summary(self) -> pd.Series[float]:
        """Outcomes of the run as a whole."""
        import pandas as pd

        return pd.Series(self.manifest["summary"], name="value", dtype=float)

    @when_opened
    def columns(self, name: str) -> pd.DataFrame:
        """Unit and meaning of the columns of a table."""
        import pandas as pd

        fields = [(field.name, field.unit, field.meaning) for field in self.data(name).fields]
        return pd.DataFrame(fields, columns=["column", "unit", "meaning"]).set_index("column")

    @property
    def plot(self) -> Plots:
        """Figures: ``run.plot.timeline()``, ``run.plot.ties("2015-08")`` and so on."""
        return Plots(self)

    @when_opened
    def faction(self, text: str) -> str:
        """The id of a faction of this run given by id, code, name or alias; splinters by id.

        Raises
        ------
        UsageError
            If no faction is called so.
        """
        folded = text.strip().casefold()
        if folded in self.data("factions").words("faction").words:
            return folded
        return resolve_faction(self.scenario, text)

    @when_opened
    def month(self, text: str) -> str:
        """A month of this run as ``YYYY-MM``.

        Raises
        ------
        UsageError
            If it is no month, or not in the period.
        """
        period = self.manifest["period"]
        try:
            index = month_index(str(text))
        except ValueError as error:
            raise UsageError(Problem(str(error), "month")) from None
        if not month_index(period["start"]) <= index <= month_index(period["end"]):
            raise UsageError(
                Problem(f"{text} is outside the period, {period['start']} to {period['end']}", "month")
            )
        return str(text)[:7]

    @when_opened
    def explain(self, faction: str, month: str | None = None) -> Explanation:
        """Why a faction chose as it did.

        Parameters
        ----------
        faction
            Id, code, name or alias.
        month
            ``YYYY-MM`` of a decision; without it, all decisions in short and the most important in full.

        Raises
        ------
        UsageError
            If the faction or the month is not in the run.
        """
        from sim.results.explain import explain

        return explain(self, faction, None if month is None else str(month))

    @when_opened
    def branch(self, month: str, set: Mapping[str, Any]) -> Run:
        """The history under other levers from a month on; what came before is the same.

        Parameters
        ----------
        month
            The first month under the new levers, ``YYYY-MM``.
        set
            Values by dotted path; None removes an event that has not happened yet.

        Returns
        -------
        Run
            Equal to the full run of the scenario with these values dated (``path@month``).

        Raises
        ------
        BayahError
            If a value does not hold, or the run was made with classes or a rule of one's own.

        Examples
        --------
        >>> import sim
        >>> run = sim.run("baseline", seed=3, until="2015-12")
        >>> other = run.branch("2015-06", set={"patrons.iskp.acceptance": 0})
        >>> bool((run.outcomes.loc[:"2015-05"] == other.outcomes.loc[:"2015-05"]).all(axis=None))
        True
        """
        from sim.results.making import make_run
        from sim.scenario.load import load_text, with_overrides

        if self.manifest["own"]:
            raise UsageError(
                "a run with classes or a rule of one's own cannot be branched; run it anew with path@month"
            )
        when = self.month(month)
        if not set:
            raise UsageError(Problem("say what changes then: set={'path': value}", "set"))
        dated = [path for path in set if "@" in path]
        if dated:
            raise UsageError(Problem(f"'{dated[0]}' has a month of its own", "set"))
        loaded = load_text(self._text_of(), name=self.name)
        changed = with_overrides(loaded, {f"{path}@{when}": value for path, value in set.items()})
        end = str(self.manifest["period"]["end"])
        return make_run(changed, self.seed, "mesa" if self.driver == "mesa" else "engine", end)

    @when_opened
    def table(self, dates: Sequence[str] | None = None) -> pd.DataFrame:
        """Fighters and factions by allegiance at some months.

        Parameters
        ----------
        dates
            Months; by default those of the scenario's report, or year ends.
        """
        from sim.results.summary import allegiance_table

        return allegiance_table(self, dates).frame()

    @when_opened
    def summary_text(self, width: int = 100) -> str:
        """The summary as text."""
        from sim.results.summary import summary_text

        return summary_text(self, width)

    @when_opened
    def save(self, folder: str | Path, force: bool = False, figures: bool = True) -> Path:
        """Write the run to a folder, whole or not at all.

        Parameters
        ----------
        folder
            Missing or empty, unless forced.
        force
            Replace a run that is there.
        figures
            Draw the figures, too.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        StoreError
            If something is there that may not be replaced.
        """
        return write_folder(
            folder,
            (self.data(name) for name in TABLES),
            self._text_of(),
            self.manifest,
            force,
            self._draw if figures else None,
        )

    def _draw(self, folder: Path) -> None:
        figures_of("folder").write_figures(self, folder)

    @when_opened
    def __repr__(self) -> str:
        period = self.manifest["period"]
        return f"<Run of {self.name}, seed {self.seed}, {self.driver}, {period['start']} to {period['end']}>"

    @when_opened
    def _repr_html_(self) -> str:
        from sim.results.summary import summary_html

        return summary_html(self)


def open_run(folder: str | Path) -> Run:
    """A run from its folder.

    Parameters
    ----------
    folder
        As :meth:`Run.save` or ``bayah run`` wrote it.

    Raises
    ------
    StoreError
        If the folder is damaged, or is not one of ours. Tables are read, and checked, when first used.
    """
    place = Path(folder).absolute()
    manifest = read_manifest(place)
    return Run(
        manifest,
        lambda name: read_table(place, name, manifest),
        lambda: _read_scenario(place, manifest),
        lambda: _scenario_text(place, manifest),
        folder=place,
    )


def _scenario_text(folder: Path, manifest: Mapping[str, Any]) -> str:
    file = part_of(folder, SCENARIO)
    if not file.is_file():
        raise StoreError(Problem("is missing from the folder of the run", str(file)))
    raw = read_bytes(file)
    if hashlib.sha256(raw).hexdigest() != manifest["scenario"].get("sha256"):
        raise StoreError(Problem("is damaged: its bytes are not those that were written", str(file)))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise StoreError(Problem("is damaged: it is no text", str(file))) from None


def _read_scenario(folder: Path, manifest: Mapping[str, Any]) -> Scenario:
    _scenario_text(folder, manifest)
    return load_scenario(folder / SCENARIO)
