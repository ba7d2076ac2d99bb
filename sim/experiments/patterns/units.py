"""Coded units: what the record has of each, as a run of which only the units are known."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ExperimentError, Problem, ScenarioError
from sim.experiments.patterns.records import GONE, SIDES, Records
from sim.scenario.quantities import month_index
from sim.scenario.reader import read_bytes
from sim.scenario.wording import listed, nearest, one_line, ordered

__all__ = ["Units", "read_units"]

_NEEDED = ("unit", "cluster", "first_oath")
_DATES = ("first_support", "first_oath")
_SIDE = "side_"
_MOST_UNITS, _MOST_COLUMNS = 5000, 1000


@dataclass(frozen=True, eq=False)
class Units:
    """The coded units of a record, in the order of its file."""

    names: tuple[str, ...]
    clusters: tuple[str, ...]
    """Which units decided together."""
    oath: tuple[int | None, ...]
    """Month index of the first oath to the focus patron; None where there was none."""
    support: tuple[int | None, ...]
    sides: Mapping[int, tuple[str, ...]]
    """Side of each unit at the end of a month, by month index."""
    traits: Mapping[str, tuple[Any, ...]]
    """Flags as 0 and 1, words as they are."""

    @property
    def pledged(self) -> NDArray[np.bool_]:
        """Whether any part of each ever pledged."""
        return np.array([month is not None for month in self.oath])

    @property
    def digest(self) -> str:
        """SHA-256 of names, clusters and traits; outcomes are the record's side."""
        form = [self.names, self.clusters, {name: list(values) for name, values in self.traits.items()}]
        return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()

    def order(self, units: Sequence[str]) -> list[int]:
        """Rows of units by name.

        Raises
        ------
        ValueError
            If one is not coded.
        """
        return [self.names.index(name) for name in units]

    def traits_of(self, units: Sequence[str]) -> dict[str, NDArray[Any]]:
        """Traits in the order of some units."""
        rows = self.order(units)
        return {name: np.array([values[row] for row in rows]) for name, values in self.traits.items()}

    def flipped(self, unit: str) -> Units:
        """The same with the outcome of one unit turned round: an oath in 2015-01, or none."""
        from dataclasses import replace

        row = self.names.index(unit)
        now = self.oath[row]
        oath = tuple(
            (month_index("2015-01") if now is None else None) if n == row else month
            for n, month in enumerate(self.oath)
        )
        turned = {
            month: tuple(
                ("focus" if now is None else "incumbent") if n == row else side
                for n, side in enumerate(sides)
            )
            for month, sides in self.sides.items()
        }
        return replace(self, oath=oath, support=oath, sides=turned)

    def recoded(self, trait: str, values: Mapping[str, Any]) -> Units:
        """The same with a trait of some units coded otherwise."""
        from dataclasses import replace

        changed = tuple(
            values.get(name, value) for name, value in zip(self.names, self.traits[trait], strict=True)
        )
        return replace(self, traits={**self.traits, trait: changed})

    def records(self, start: int, months: int, units: Sequence[str] | None = None) -> Records:
        """The record as one run.

        Parameters
        ----------
        start
            Month index of the first month.
        months
            How many there are.
        units
            Which units, in which order; all where not given.
        """
        names = tuple(self.names if units is None else units)
        rows = self.order(names)
        sides = np.full((1, months, len(names)), GONE, dtype=np.int8)
        for month, words in self.sides.items():
            if 0 <= month - start < months:
                sides[0, month - start] = [SIDES.index(words[row]) for row in rows]

        def dates(column: Sequence[int | None]) -> NDArray[np.int16]:
            found = [column[row] for row in rows]
            # What was so before the runs begin is so in their first month.
            inside = [-1 if m is None or m - start >= months else max(m - start, 0) for m in found]
            return np.array([inside], dtype=np.int16)

        none = np.full((1, len(names)), -1, dtype=np.int16)
        return Records(
            start, names, sides, dates(self.support), dates(self.oath), none, none, {},
            traits=self.traits_of(names),
        )  # fmt: skip


def read_units(path: Path, file: str | None = None) -> Units:
    """Coded units from CSV: ``unit``, ``cluster``, ``first_oath``; ``side_YYYY_MM``; any other column is a trait.

    Raises
    ------
    ExperimentError
        With everything that is wrong, each with its line.
    """
    file = one_line(file or str(path))
    try:
        text = read_bytes(path, file, "table of units").decode("utf-8-sig")
    except ScenarioError as error:
        raise ExperimentError(error.problems) from None
    except UnicodeDecodeError as error:
        raise ExperimentError(Problem(f"cannot be read: {one_line(str(error))}", file)) from None
    reader = csv.DictReader(io.StringIO(text))
    try:
        columns = list(reader.fieldnames or ())
        rows = list(reader)
    except csv.Error as error:
        told = f"is not CSV from here on: {one_line(str(error))}"
        raise ExperimentError(Problem(told, file, reader.line_num + 1, 1)) from None
    told = _columns_flaw(columns) or ("" if rows else "has a header and no units")
    if len(rows) > _MOST_UNITS:
        told = f"has {len(rows):,} units; at most {_MOST_UNITS:,} can be coded"
    if told:
        raise ExperimentError(Problem(told, file, 1, 1))
    return _units(rows, columns, file)


def _columns_flaw(columns: Sequence[str]) -> str:
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        return f"coded units need the columns {listed(_NEEDED)}; missing: {', '.join(missing)}"
    if len(columns) > _MOST_COLUMNS:
        return f"has {len(columns):,} columns; at most {_MOST_COLUMNS:,} can be read"
    twice = sorted(name for name, count in Counter(columns).items() if count > 1)
    return f"columns stand twice: {listed(twice)}" if twice else ""


def _units(rows: list[dict[str, Any]], columns: list[str], file: str) -> Units:
    problems: list[Problem] = []

    def month(line: int, column: str, text: str) -> int | None:
        try:
            return month_index(text) if text else None
        except ValueError as error:
            problems.append(Problem(str(error), file, line, 1, column))
            return None

    names = [(row["unit"] or "").strip() for row in rows]
    first: dict[str, int] = {}
    problems += [
        Problem(
            f"unit '{one_line(name, 60)}' stands twice" if name else "a unit needs a name",
            file,
            n + 2,
            1,
            "unit",
        )
        for n, name in enumerate(names)
        if not name or first.setdefault(name, n) != n
    ]
    dates = {
        column: tuple(month(n + 2, column, (row.get(column) or "").strip()) for n, row in enumerate(rows))
        for column in _DATES
    }
    sides: dict[int, tuple[str, ...]] = {}
    for column in columns:
        if not column.startswith(_SIDE):
            continue
        at = month(1, column, column.removeprefix(_SIDE).replace("_", "-"))
        words = tuple((row[column] or "").strip() for row in rows)
        for n, word in enumerate(words):
            if word not in SIDES:
                hint = nearest(word, SIDES)
                problems.append(Problem(f"'{one_line(word, 60)}' is no side{hint}", file, n + 2, 1, column))
        if at is not None:
            sides[at] = words
    if problems:
        raise ExperimentError(ordered(problems))
    known = {"unit", "cluster", *_DATES}
    traits = {
        column: tuple(_plain((row[column] or "").strip()) for row in rows)
        for column in columns
        if column not in known and not column.startswith(_SIDE)
    }
    clusters = tuple((row["cluster"] or "").strip() or name for row, name in zip(rows, names, strict=True))
    return Units(tuple(names), clusters, dates["first_oath"], dates["first_support"], sides, traits)


def _plain(text: str) -> Any:
    return int(text) if text in ("0", "1") else text
