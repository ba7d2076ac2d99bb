"""From the record of a run to its tables: rows become ids, codes become words, months become dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import state as s
from sim.engine.names import faction_names
from sim.engine.world import History
from sim.measures import MONTHLY, SUMMARY, titled
from sim.results.tables import NO_MONTH, Data, Field, Kind, Table, Words
from sim.rules.appraisal import UNAVAILABLE
from sim.scenario.compile import Compiled
from sim.state import Column

__all__ = ["DECISION_FIELDS", "POLE_NONE", "THIRD_POLE", "Record", "wake_words"]

THIRD_POLE = "third_pole"
"""Those who left a patron for themselves, in the names of columns and in the column ``pole``."""
POLE_NONE = "none"
STATE = "state"

_MONTH = Field("month", "month", "month", "Month, at its end.")
_ADDRESSES = frozenset({"entity", "split_draw"})
"""Columns that only the random numbers need."""


def wake_words(bits: int) -> str:
    """Why a faction was awake, in words."""
    return "; ".join(words for bit, words in s.WAKES.items() if bits & bit)


_REASONS = tuple(wake_words(bits) for bits in range(2 * max(s.WAKES)))
"""The words of every sum of bits."""


@dataclass(frozen=True, eq=False)
class Record:
    """The record of a run with the names of its rows.

    Parameters
    ----------
    compiled
        The scenario that was run.
    history
        Its record, by either driver.
    """

    compiled: Compiled
    history: History

    @cached_property
    def months(self) -> int:
        """Months in the record."""
        return int(self.history.outcomes.shape[0])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Ids of all factions, splinters included, by row."""
        rows = int(self.history.arrays["C"][-1, s.C_ROWS])
        return faction_names(self.compiled.factions, self.history.arrays["I"][-1, :, s.I_PARENT], rows)

    @cached_property
    def poles(self) -> tuple[str, ...]:
        """Patrons and the third pole."""
        return (*self.compiled.patrons, THIRD_POLE)

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """(months, rows): whether a faction exists or has existed."""
        rows = self.history.arrays["C"][:, s.C_ROWS].astype(np.int64)
        in_use = np.arange(self.history.arrays["I"].shape[1])[None, :] < rows[:, None]
        return np.asarray(in_use & (self.history.arrays["I"][:, :, s.I_FATE] != s.FATE_WAITING))

    def dates(self, months: NDArray[Any]) -> NDArray[np.int64]:
        """Months of the run as months of the calendar; those that never came as :data:`NO_MONTH`."""
        whole = months.astype(np.int64)
        return np.where((whole < 0) | (whole >= s.NEVER), NO_MONTH, whole + self.compiled.start)

    def factions(self) -> Table:
        """A row for every month and faction in being or gone."""
        builder = _Builder(self)
        when, rows = np.nonzero(self.present)
        builder.key(when, ("faction", self.names), rows)
        codes = self.history.arrays["I"][when, rows]
        patrons, held = len(self.compiled.patrons), codes[:, s.I_ALLEGIANCE]
        pole = np.where(held < 2 * patrons, held % patrons, patrons + 1)
        walked = (held == 2 * patrons) & (codes[:, s.I_LEFT_PATRON] >= 0)
        builder.text(
            Field("pole", "text", "pole", "The pole it stands with: a patron, third_pole, or none."),
            np.where(walked, patrons, pole),
            (*self.poles, POLE_NONE),
        )
        for j, column in enumerate(s.FACTION_CODES):
            builder.column(column, codes[:, j])
        F = self.history.arrays["F"][when, rows]
        for j, column in enumerate(s.FACTION):
            builder.column(column, F[:, j])
        X = self.history.arrays["X"][when, rows]
        for j, column in enumerate(s.FACTION_PATRON):
            for k, patron in enumerate(self.compiled.patrons):
                builder.column(_toward(column, patron), X[:, k, j])
        return builder.table("factions", ("month", "faction"))

    def patrons(self) -> Table:
        """A row for every month and patron."""
        builder = _Builder(self)
        count = len(self.compiled.patrons)
        when, rows = np.divmod(np.arange(self.months * count), count)
        builder.key(when, ("patron", self.compiled.patrons), rows)
        P = self.history.arrays["P"][when, rows]
        fighters = P[:, s.P_CORE] + P[:, s.P_SWORN] + P[:, s.P_DECLARED]
        builder.column(Column("fighters", "persons", "Core, sworn and self-declared men."), fighters)
        for j, column in enumerate(s.PATRON):
            builder.column(column, P[:, j])
        W = self.history.arrays["W"][when, rows]
        for j, column in enumerate(s.PATRON_PATRON):
            for k, pole in enumerate(self.poles):
                builder.column(_toward(column, pole), W[:, k, j])
        return builder.table("patrons", ("month", "patron"))

    def regions(self) -> Table:
        """A row for every month and region."""
        builder = _Builder(self)
        count = len(self.compiled.regions)
        when, rows = np.divmod(np.arange(self.months * count), count)
        builder.key(when, ("region", self.compiled.regions), rows)
        G = self.history.arrays["G"][when, rows]
        for j, column in enumerate(s.REGION):
            builder.column(column, G[:, j])
        H = self.history.arrays["H"][when, rows]
        for j, column in enumerate(s.REGION_PATRON):
            for k, pole in enumerate(self.poles):
                builder.column(_toward(column, pole), H[:, k, j])
        return builder.table("regions", ("month", "region"))

    def outcomes(self) -> Table:
        """A row for every month."""
        builder = _Builder(self)
        builder.month(np.arange(self.months))
        for j, column in enumerate(titled(MONTHLY, self.compiled.scenario.report.titles)):
            builder.number(column, self.history.outcomes[:, j])
        return builder.table("outcomes", ("month",))

    def summary(self) -> dict[str, float]:
        """The outcomes of the run as a whole, by name."""
        return {column.name: float(x) for column, x in zip(SUMMARY, self.history.summary, strict=True)}

    def decisions(self) -> Table:
        """A row for every option of every appraisal."""
        builder = _Builder(self)
        kept = self.history.decisions
        options, count = len(self.compiled.options), kept.keys.shape[0]
        each = np.repeat(kept.keys, options, axis=0)
        builder.key(each[:, 0], ("faction", self.names), each[:, 1])
        names = self.compiled.options
        builder.text(DECISION_FIELDS["option"], np.tile(np.arange(options), count), names)
        builder.text(DECISION_FIELDS["held"], each[:, 2], names)
        builder.text(DECISION_FIELDS["chosen"], each[:, 3], names)
        builder.text(DECISION_FIELDS["reasons"], each[:, 4], _REASONS)
        utility = kept.values[:, 0, :].reshape(-1)
        there = utility > 0.5 * UNAVAILABLE
        builder.add(DECISION_FIELDS["available"], there)
        builder.add(DECISION_FIELDS["utility"], np.where(there, utility, np.nan))
        builder.add(DECISION_FIELDS["probability"], kept.values[:, 1, :].reshape(-1).copy())
        terms = kept.terms.reshape(-1, s.T_WIDTH)
        for j, column in enumerate(s.TERM):
            builder.add(Field(column.name, "number", "log-odds", column.meaning), terms[:, j].copy())
        return builder.table("decisions", ("month", "faction", "option"))


DECISION_FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("option", "text", "option", "The option appraised."),
        Field("held", "text", "option", "Option held when it appraised."),
        Field("chosen", "text", "option", "Option chosen."),
        Field("reasons", "text", "words", "Why it was awake."),
        Field("available", "flag", "flag", "Whether the option existed this month."),
        Field("utility", "number", "log-odds", "Utility; none where the option did not exist."),
        Field("probability", "number", "share", "Probability of the option."),
    )
}
"""Columns of the table of decisions besides the terms."""


def _toward(column: Column, pole: str) -> Column:
    return Column(f"{column.name}_{pole}", column.unit, column.meaning)


class _Builder:
    """Collects the columns of one table."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.fields: list[Field] = []
        self.data: dict[str, Data] = {}
        compiled = record.compiled
        self.words: dict[str, Sequence[str]] = {
            "option": compiled.options,
            "region": compiled.regions,
            "faction": record.names,
            "patron": compiled.patrons,
            "fate": s.FATES,
            "oath": s.OATHS,
            "country": compiled.countries,
            "area": compiled.areas,
        }

    def add(self, field: Field, data: Data) -> None:
        """A column as it is."""
        self.fields.append(field)
        self.data[field.name] = data

    def month(self, when: NDArray[Any]) -> None:
        """The key ``month``, from months of the run."""
        self.add(_MONTH, when.astype(np.int64) + self.record.compiled.start)

    def key(self, when: NDArray[Any], named: tuple[str, Sequence[str]], rows: NDArray[Any]) -> None:
        """The keys ``month`` and who."""
        self.month(when)
        kind, names = named
        self.text(Field(kind, "text", kind, f"Id of the {kind}."), rows, names)

    def text(self, field: Field, codes: NDArray[Any], words: Sequence[str]) -> None:
        """A column of words from codes; what is out of range is missing."""
        whole = codes.astype(np.int32)
        inside = (whole >= 0) & (whole < len(words))
        self.add(field, Words(np.where(inside, whole, np.int32(-1)), tuple(words)))

    def number(self, column: Column, values: NDArray[Any]) -> None:
        """A column of numbers."""
        self.add(Field(column.name, "number", column.unit, column.meaning), values.astype(np.float64))

    def column(self, column: Column, values: NDArray[Any]) -> None:
        """A column of the state, in words, months or numbers by its unit."""
        name, unit, meaning = column
        if name.startswith("mix_"):
            group = int(name.removeprefix("mix_")) - 1
            if group < len(self.record.compiled.groups):
                self.number(column._replace(name=f"mix_{self.record.compiled.groups[group]}"), values)
            return
        if name in _ADDRESSES:
            return
        if name == "wake":
            self.text(Field(name, "text", "words", meaning), values, _REASONS)
        elif name == "holder":
            holders = (STATE, *self.record.compiled.patrons)
            self.text(Field(name, "text", "holder", meaning), values + 1, holders)
        elif unit == "code" or unit in self.words:
            self.text(
                Field(name, "text", unit if unit != "code" else name, meaning),
                values,
                self.words[unit if unit != "code" else name],
            )
        elif unit in _BY_UNIT:
            kind, convert = _BY_UNIT[unit]
            months = self.record.dates(values) if kind == "month" else convert(values)
            self.add(Field(name, kind, unit, meaning), months)
        else:
            self.number(column, values)

    def table(self, name: str, keys: tuple[str, ...]) -> Table:
        """The table."""
        return Table(name, tuple(self.fields), self.data, keys)


def _whole(values: NDArray[Any]) -> NDArray[np.int64]:
    return values.astype(np.int64)


def _true(values: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(values > 0)


_BY_UNIT: dict[str, tuple[Kind, Callable[[NDArray[Any]], NDArray[Any]]]] = {
    "month": ("month", _whole),
    "count": ("count", _whole),
    "flag": ("flag", _true),
}
