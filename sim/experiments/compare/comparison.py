"""A comparison: what differs between scenarios under the same chance, who moved, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import Problem, UsageError
from sim.results.figures import figures_of
from sim.results.trust import when_opened
from sim.scenario.load import Loaded, load_text
from sim.scenario.quantities import month_index
from sim.scenario.wording import nearest, one_line

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.explain import Explanation
    from sim.results.run import Run

__all__ = ["FRAMES", "Comparison", "Reading"]

_USUAL = ("pledged_units", "focus_fighters", "third_units", "incumbent_units")
"""Outcomes read at the end where a scenario does not say where its answer is read."""

FRAMES = ("difference", "spread", "who_moved", "moved_by_month", "reasons", "terms", "pairs")
"""The frames that are kept, in order."""


@dataclass(frozen=True)
class Reading:
    """Where the answer to a what-if is read."""

    outcome: str
    month: str
    """``YYYY-MM``, or ``run``."""
    no_effect: float | None = None
    because: str = ""


class Comparison:
    """Scenarios set side by side, run by run, under the same chance. Made by :func:`sim.compare`.

    Parameters
    ----------
    about
        What was compared, how often, with which weights.
    frames
        By name of :data:`FRAMES`.
    texts
        Each scenario as YAML, by name.
    again
        Makes the comparison for some of its pairs.
    loaded
        Scenarios that are read already.

    Examples
    --------
    >>> import sim
    >>> told = sim.compare("baseline", set={"patrons.iskp.acceptance@2015-01": 0}, runs=8, until="2015-06")
    >>> told.base, told.alternatives, told.pairs_count
    ('baseline', ('baseline with patrons.iskp.acceptance@2015-01=0',), 8)
    >>> told.difference("pledged_units", "2014-12")["difference"].tolist()
    [0.0]
    >>> told.who_moved().columns[:3].tolist()
    ['name', 'moved', 'at_end']
    >>> told.replay(0)
    <Run of baseline, seed 1, engine, 2013-01 to 2015-06>
    """

    def __init__(
        self,
        about: Mapping[str, Any],
        frames: Mapping[str, pd.DataFrame] | Callable[[str], pd.DataFrame],
        texts: Mapping[str, str] | Callable[[str], str],
        again: Callable[[Comparison, Any], Comparison] | None = None,
        loaded: Mapping[str, Loaded] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.folder = folder
        self.about = dict(about)
        self._frame_of = frames if callable(frames) else frames.__getitem__
        self._text_of = texts if callable(texts) else texts.__getitem__
        self._again = again
        self._loaded = dict(loaded or {})
        self._frames: dict[str, pd.DataFrame] = {}

    # What was compared

    @property
    @when_opened
    def base(self) -> str:
        """Name of the base."""
        return str(self.about["base"])

    @property
    @when_opened
    def alternatives(self) -> tuple[str, ...]:
        """Names of what it is compared with."""
        return tuple(self.about["alternatives"])

    @property
    @when_opened
    def titles(self) -> dict[str, str]:
        """Titles of the scenarios, by name."""
        return {name: entry["title"] for name, entry in self.about["scenarios"].items()}

    @property
    @when_opened
    def questions(self) -> dict[str, str]:
        """What each scenario asks, by name."""
        return {name: entry["question"] for name, entry in self.about["scenarios"].items()}

    @property
    @when_opened
    def what_ifs(self) -> dict[str, dict[str, Any]]:
        """What each alternative says of itself: statements, what is held fixed, readouts, what is expected."""
        return {name: self.about["scenarios"][name]["what_if"] for name in self.alternatives}

    @property
    @when_opened
    def pairs_count(self) -> int:
        """Pairs made."""
        return int(self.about["pairs"])

    @property
    @when_opened
    def seed(self) -> int:
        """The first seed."""
        return int(self.about["seed"])

    @property
    @when_opened
    def months(self) -> list[str]:
        """The months compared, ``YYYY-MM``."""
        return list(self.about["months"])

    @property
    @when_opened
    def face(self) -> str:
        """What every figure says of the weights and the pairs."""
        return str(self.about["face"])

    @property
    @when_opened
    def notes(self) -> tuple[str, ...]:
        """What differs between the scenarios besides the levers, and what is compared anyway."""
        return tuple(self.about["notes"])

    @property
    @when_opened
    def factions(self) -> dict[str, str]:
        """Names of the factions that are told apart, by id."""
        return dict(self.about["factions"])

    @property
    @when_opened
    def patrons(self) -> dict[str, str]:
        """Names of the patrons, by id."""
        return dict(self.about["patrons"])

    @property
    @when_opened
    def focus(self) -> str:
        """The focus patron."""
        return str(self.about["focus"])

    @property
    @when_opened
    def kept(self) -> tuple[str, ...]:
        """Monthly outcomes of which the spread over pairs is kept."""
        return tuple(self.about["kept"])

    @property
    @when_opened
    def lever_months(self) -> dict[str, str]:
        """The first month in which the levers of each alternative differ from the base's; empty where never."""
        return dict(self.about["lever_months"])

    @property
    @when_opened
    def unvalidated_from(self) -> str | None:
        """The first month past those that the model was held against, or None."""
        value = self.about["unvalidated_from"]
        return None if value is None else str(value)

    @cached_property
    @when_opened
    def readouts(self) -> dict[str, tuple[Reading, ...]]:
        """Where the answer of each alternative is read: what it says itself, else some outcomes at the end."""
        found = {}
        for name in self.alternatives:
            stated = (self.what_ifs[name] or {}).get("readouts", ())
            known = self._known(name)
            usual = [Reading(one, self._months_of(name)[-1]) for one in _USUAL]
            asked = [self._reading(name, entry) for entry in stated] or usual
            found[name] = tuple(one for one in asked if (one.outcome, one.month) in known)
        return found

    def _known(self, name: str) -> Any:
        """Outcomes and months that are compared with an alternative."""
        frame: Any = self.frame("difference")
        return frame.loc[name].index

    def _months_of(self, name: str) -> list[str]:
        months = set(self._known(name).get_level_values("month"))
        return [month for month in self.months if month in months]

    def _reading(self, name: str, entry: Mapping[str, Any]) -> Reading:
        outcome, month, months = str(entry["outcome"]), entry.get("month"), self._months_of(name)
        monthly = (outcome, months[0]) in self._known(name)
        if month is None or str(month) not in months:
            month = months[-1] if monthly else "run"
        return Reading(outcome, str(month), float(entry["no_effect"]), str(entry.get("because", "")))

    # Frames

    @when_opened
    def frame(self, name: str) -> pd.DataFrame:
        """One of :data:`FRAMES`, whole."""
        if name not in FRAMES:
            raise UsageError(f"there is no frame '{one_line(name, 60)}'{nearest(name, FRAMES)}")
        if name not in self._frames:
            self._frames[name] = self._frame_of(name)
        return self._frames[name]

    @when_opened
    def difference(self, outcome: str | None = None, month: str | None = None) -> pd.DataFrame:
        """Differences with their uncertainty, by alternative, outcome and month.

        Parameters
        ----------
        outcome
            One outcome only.
        month
            One month only, ``YYYY-MM``, or ``run`` for outcomes of the run as a whole.

        Returns
        -------
        pandas.DataFrame
            Means of both arms and their difference; its 95 % interval from pairs (``low``, ``high``); the share of
            pairs in which the alternative is higher or lower; the standard deviation of a pair's difference; how
            much pairing reduces the variance against independent seeds; pairs made, pairs that would do to see this
            difference (80 % power, 5 %), the smallest difference that could have been seen with those made; and the
            month in which the outcome differs first in any pair. Where weights vary, ``low`` to ``high`` is Monte
            Carlo error, and ``weights_sd``, ``weights_low`` and ``weights_high`` say how the mean difference varies
            with the weights.

        Raises
        ------
        UsageError
            If there is no such outcome or month.
        """
        frame = self.frame("difference")
        if outcome is not None:
            frame = frame[frame.index.get_level_values("outcome") == self.outcome(outcome)]
        if month is not None:
            frame = frame[frame.index.get_level_values("month") == self.month(month)]
        return frame

    @when_opened
    def spread(self, outcome: str) -> pd.DataFrame:
        """Quantiles over pairs of the difference of an outcome, by alternative and month; for those of ``kept``."""
        name = self.outcome(outcome)
        if name not in self.kept:
            told = ", ".join(self.kept)
            raise UsageError(
                f"the spread of '{name}' was not kept (outcomes=['{name}'] keeps it); there are: {told}"
            )
        chosen: pd.DataFrame = self.frame("spread").xs(name, level="outcome")  # type: ignore[assignment]
        return chosen

    @when_opened
    def who_moved(self) -> pd.DataFrame:
        """Which factions changed sides, by alternative and faction.

        Returns
        -------
        pandas.DataFrame
            ``moved``: share of pairs in which its side ever differs; ``at_end``: in the last month; ``month``: the
            median first month; the commonest pair of sides at the first difference, with its share; how often it ever
            swore to the focus patron in each arm, with the paired difference and its interval; and how often it
            swore ``later``, ``earlier``, or in one arm only.
        """
        return self.frame("who_moved")

    @when_opened
    def moved_by_month(self) -> pd.DataFrame:
        """Share of pairs in which a faction's side differs, by alternative and faction, a column a month."""
        return self.frame("moved_by_month")

    @when_opened
    def reasons(self, faction: str | None = None) -> pd.DataFrame:
        """Through what factions changed sides, by alternative, faction and cause.

        At its first difference a faction's decision in the alternative is taken again with one ingredient of the
        base's in place of its own, on the same draw. An ingredient is credited only if the choice reverts; several
        can be credited for one decision, so shares can add up to more than all. What no ingredient alone reverts is
        ``joint``.

        Parameters
        ----------
        faction
            One faction only: id, code, name or alias.
        """
        frame = self.frame("reasons")
        if faction is None:
            return frame
        return frame[frame.index.get_level_values("faction") == self.faction(faction)]

    @when_opened
    def terms(self, faction: str | None = None) -> pd.DataFrame:
        """What each term adds to the gap between the two choices of first differences, in log-odds, on the mean.

        By alternative, faction and term, over those first differences (``count``) in which both arms chose or one was
        asked what it would have chosen. Above 0 it speaks for what the faction chose in the alternative; the terms of a
        faction add up to the whole change of the gap.

        Parameters
        ----------
        faction
            One faction only: id, code, name or alias.
        """
        frame = self.frame("terms")
        if faction is None:
            return frame
        return frame[frame.index.get_level_values("faction") == self.faction(faction)]

    @property
    @when_opened
    def pairs(self) -> pd.DataFrame:
        """Every pair, by alternative and pair: seed, month in which it parts, outcomes of both runs, first moves."""
        return self.frame("pairs")

    # Names

    @when_opened
    def outcome(self, name: str) -> str:
        """The name of an outcome that is compared."""
        known = self.frame("difference").index.get_level_values("outcome").unique()
        if name not in known:
            raise UsageError(
                Problem(f"there is no outcome '{one_line(str(name), 60)}'{nearest(str(name), known)}")
            )
        return name

    @when_opened
    def month(self, text: str) -> str:
        """A month compared, or ``run``."""
        if text == "run":
            return text
        try:
            month_index(str(text))
        except ValueError as error:
            raise UsageError(Problem(str(error), "month")) from None
        if str(text)[:7] not in self.months:
            told = f"{self.months[0]} to {self.months[-1]}"
            raise UsageError(Problem(f"{text} is outside the months compared, {told}", "month"))
        return str(text)[:7]

    @when_opened
    def faction(self, text: str) -> str:
        """The id of a faction that is told apart, given by id, code, name or alias."""
        from sim.scenario.load import resolve_faction

        if text in self.factions:
            return text
        found = resolve_faction(self.scenario(self.base).scenario, text)
        if found not in self.factions:
            raise UsageError(f"'{found}' is not in both scenarios: it is not told apart")
        return found

    @when_opened
    def alternative(self, name: str | None = None) -> str:
        """An alternative by name; without one, the only one.

        Raises
        ------
        UsageError
            If there is none of that name, or there are several.
        """
        if name is None and len(self.alternatives) == 1:
            return self.alternatives[0]
        if name is None:
            raise UsageError(f"name the alternative: {', '.join(self.alternatives)}")
        if name not in self.alternatives:
            raise UsageError(
                f"there is no alternative '{one_line(name, 60)}'{nearest(name, self.alternatives)}"
            )
        return name

    @when_opened
    def scenario(self, name: str) -> Loaded:
        """One of the scenarios, checked."""
        if name not in (self.base, *self.alternatives):
            known = (self.base, *self.alternatives)
            raise UsageError(f"there is no scenario '{one_line(name, 60)}'{nearest(name, known)}")
        if name not in self._loaded:
            self._loaded[name] = load_text(self.scenario_text(name), name=name)
        return self._loaded[name]

    @when_opened
    def scenario_text(self, name: str) -> str:
        """One of the scenarios as YAML."""
        return self._text_of(name)

    # What can be done with it

    @when_opened
    def where(
        self, condition: str | Callable[[pd.DataFrame], Any] | Any, alternative: str | None = None
    ) -> Comparison:
        """The comparison of those pairs only in which something holds; their runs are made again.

        Parameters
        ----------
        condition
            A query of :attr:`pairs` (``"base_peak_fighters > 3000"``, ``"moved_imu != ''"``), a function of that
            frame, or true or false for each pair.
        alternative
            The alternative whose pairs are asked.

        Raises
        ------
        UsageError
            If the condition cannot be read, or holds in fewer than two pairs.
        """
        import numpy as np
        import pandas as pd

        pairs: Any = self.pairs.loc[self.alternative(alternative)]
        try:
            chosen = pairs.eval(condition) if isinstance(condition, str) else condition
            chosen = chosen(pairs) if callable(chosen) else chosen
            told = pd.Series(chosen, index=pairs.index)
            if not (pd.api.types.is_bool_dtype(told) or set(told.dropna().unique()) <= {True, False}):
                raise ValueError("it is not true or false for each pair")
            mask = np.asarray(told.fillna(False), dtype=bool) & pairs["made"].to_numpy()
        except Exception as error:
            raise UsageError(f"the condition cannot be read: {one_line(str(error), 200)}") from None
        if mask.sum() < 2:
            raise UsageError(
                f"the condition holds in {int(mask.sum())} of {len(pairs):,} pairs; two are needed"
            )
        if self._again is None:
            raise UsageError("this comparison cannot be made again")
        return self._again(self, np.flatnonzero(mask))

    @when_opened
    def replay(self, pair: int = 0, arm: str | None = None) -> Run:
        """One run of a pair, whole.

        Parameters
        ----------
        pair
            Position of the pair, from 0.
        arm
            Name of the base or of an alternative; by default the base.
        """
        from sim.experiments.compare.arms import make_arm
        from sim.experiments.compare.runner import not_set_by
        from sim.results.making import make_run
        from sim.scenario.load import with_overrides

        pairs = self.pairs.loc[self.alternatives[0]]
        if isinstance(pair, bool) or not hasattr(pair, "__index__") or not 0 <= int(pair) < len(pairs):
            raise UsageError(f"there is no pair {pair!r}; pairs are 0 to {len(pairs) - 1:,}")
        loaded = self.scenario(arm or self.base)
        values = self.about["points"][int(pairs["point"].iloc[int(pair)])]
        if values:
            mine, base = (make_arm(each, each.name, None) for each in (loaded, self.scenario(self.base)))
            loaded = with_overrides(
                loaded, {path: values[path] for path in not_set_by(mine, base, list(values))}
            )
        return make_run(loaded, int(pairs["seed"].iloc[int(pair)]), until=self.about["until"])

    @when_opened
    def explain(self, faction: str, alternative: str | None = None) -> Explanation:
        """Why a faction stands elsewhere in an alternative, over all pairs, in words."""
        from sim.experiments.compare.words import explain_faction

        return explain_faction(self, self.faction(faction), self.alternative(alternative))

    @when_opened
    def text(self, width: int = 100) -> str:
        """The answer in words."""
        from sim.experiments.compare.words import answer

        return answer(self, width)

    @property
    @when_opened
    def plot(self) -> Any:
        """Figures: ``comparison.plot.difference("focus_fighters")`` and so on."""
        return figures_of("comparisons").ComparisonPlots(self)

    @when_opened
    def save(self, folder: str | Path, force: bool = False, figures: bool = True) -> Path:
        """Write the comparison to a folder, whole or not at all; :func:`sim.open_comparison` reads it."""
        from sim.experiments.compare.folder import write_comparison

        return write_comparison(self, folder, force, figures)

    @when_opened
    def report(self, path: str | Path) -> Path:
        """Write one HTML file with the answer, its tables and all figures."""
        from importlib import import_module

        written: Path = import_module("sim.report").write_report(self, path)
        return written

    @when_opened
    def __str__(self) -> str:
        return self.text()

    @when_opened
    def __repr__(self) -> str:
        told = ", ".join(self.alternatives[:3]) + (" and others" if len(self.alternatives) > 3 else "")
        return f"<Comparison of {self.base} with {told}: {self.face}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre style='white-space:pre-wrap'>{escape(self.text())}</pre>"
