"""Blocks of a design as columns of values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.design import Block, SpanFields, Table
from sim.experiments.fields import LeverField, find_field, match_paths
from sim.experiments.sampling import draw, spread, unit_cube
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded
from sim.scenario.wording import listed, nearest, one_line

__all__ = ["Axis", "Expander"]

Place = tuple[str | int, ...]
_MOST_TABLE = 20_000_000


@dataclass(frozen=True)
class Axis:
    """Points of one block: values by path, each of shape (size,)."""

    fields: tuple[LeverField, ...]
    columns: Mapping[str, NDArray[Any]]
    places: Mapping[str, Place]
    """Where in the design each path stands."""

    @property
    def size(self) -> int:
        """Points."""
        return len(next(iter(self.columns.values())))


class Expander:
    """Turns blocks into axes; what is wrong is gathered in :attr:`flaws`.

    Parameters
    ----------
    scenarios
        The scenarios of the design; each must have every path.
    folder
        What files of points are relative to.
    seed
        Seed of the design.
    """

    def __init__(self, scenarios: Mapping[str, Loaded], folder: Path, seed: int) -> None:
        self.scenarios, self.folder, self.seed = scenarios, folder, seed
        self.flaws: list[Flaw] = []
        self._taken: dict[str, Place] = {}

    def expand(self, block: Block, place: Place, number: int) -> Axis | None:
        """The points of a block, None where something is wrong with it.

        Parameters
        ----------
        block
            The block.
        place
            Its place in the design.
        number
            Its position among all blocks: samples of different blocks differ.
        """
        before = len(self.flaws)
        if block.table is not None:
            axis = self._table(block.table, (*place, "table"))
        elif block.list is not None:
            axis = self._list(block.list, (*place, "list"))
        elif block.sample is not None:
            axis = self._sample(block, place, number)
        elif block.grid is not None:
            axis = self._spans(block.grid, (*place, "grid"), crossed=True)
        else:
            axis = self._spans(block.zip or {}, (*place, "zip"), crossed=False)
        return axis if len(self.flaws) == before else None

    def flaw(self, place: Place, message: str, at_key: bool = False) -> None:
        """Note what is wrong at a place of the design."""
        self.flaws.append(Flaw(place, one_line(message, 400), at_key))

    def _field(self, path: str, place: Place) -> LeverField | None:
        """What stands at a path; it must be the same in every scenario, and varied once."""
        found: LeverField | None = None
        for name, loaded in self.scenarios.items():
            try:
                field = find_field(loaded, path)
            except ValueError as error:
                where = f"in scenario '{name}': " if len(self.scenarios) > 1 else ""
                self.flaw(place, f"{where}{error}", at_key=True)
                return None
            found = found or field
        assert found is not None
        if found.path in self._taken:
            self.flaw(place, "is varied twice", at_key=True)
            return None
        self._taken[found.path] = place
        return found

    def _spans(self, spans: Mapping[str, SpanFields], place: Place, crossed: bool) -> Axis | None:
        fields, columns, places = [], {}, {}
        for path, span in spans.items():
            here = (*place, path)
            if "*" in path:
                self.flaw(here, "* stands for names in a sample only; name one path", at_key=True)
                continue
            field = self._field(path, here)
            if field is None:
                continue
            try:
                columns[field.path] = spread(field, span)
            except ValueError as error:
                self.flaw(here, str(error))
            fields.append(field)
            places[field.path] = here
        if len(columns) < len(spans):
            return None
        if crossed:
            columns = _crossed(columns)
        elif len({len(column) for column in columns.values()}) > 1:
            sizes = ", ".join(f"{path} has {len(column)}" for path, column in columns.items())
            self.flaw(place, f"lists of a zip are equally long; {sizes}", at_key=True)
            return None
        return Axis(tuple(fields), columns, places)

    def _list(self, points: tuple[dict[str, Any], ...], place: Place) -> Axis | None:
        paths = list(points[0])
        for n, point in enumerate(points):
            for path in point.keys() ^ set(paths):
                what = "is missing here" if path in paths else "is not in the first point of the list"
                self.flaw((*place, n), f"{path} {what}; points of a list set the same paths")
        fields = [self._field(path, (*place, 0, path)) for path in paths]
        columns, places = {}, {}
        for path, field in zip(paths, fields, strict=True):
            if field is not None:
                columns[field.path] = self._taken_values(field, points, path, place)
                places[field.path] = (*place, 0, path)
        known = tuple(field for field in fields if field is not None)
        return Axis(known, columns, places) if known else None

    def _taken_values(
        self, field: LeverField, points: tuple[dict[str, Any], ...], path: str, place: Place
    ) -> NDArray[Any]:
        values = []
        for n, point in enumerate(points):
            try:
                values.append(field.take(point.get(path)) if path in point else None)
            except ValueError as error:
                self.flaw((*place, n, path), str(error))
        kind: Any = {"number": np.float64, "switch": bool}.get(field.kind, object)
        return np.array(values, dtype=kind)

    def _sample(self, block: Block, place: Place, number: int) -> Axis | None:
        assert block.sample is not None
        assert block.over is not None
        assert block.points is not None
        chosen = list(self._sampled(block.over, (*place, "over")))
        if not chosen:
            return None
        words = (self.seed, number) if block.seed is None else (block.seed,)
        cube = unit_cube(block.sample, block.points, len(chosen), words)
        columns = {}
        for n, (field, span, here) in enumerate(chosen):
            try:
                columns[field.path] = draw(field, span, cube[:, n])
            except ValueError as error:
                self.flaw(here, str(error))
        places = {field.path: here for field, _, here in chosen}
        return Axis(tuple(field for field, _, _ in chosen), columns, places)

    def _sampled(
        self, over: Mapping[str, SpanFields], place: Place
    ) -> Iterator[tuple[LeverField, SpanFields, Place]]:
        """Fields of a sample; a path named outright goes before a pattern that matches it."""
        for path, span in sorted(over.items(), key=lambda item: "*" in item[0]):
            here = (*place, path)
            paths = [path]
            if "*" in path:
                matched = match_paths(next(iter(self.scenarios.values())), path)
                paths = [name for name in matched if name not in self._taken]
                if not matched:
                    self.flaw(here, "matches no number that has a prior", at_key=True)
            for name in paths:
                field = self._field(name, here)
                if field is not None:
                    yield field, span, here

    def _table(self, table: Table, place: Place) -> Axis | None:
        rows = self._read(table, place)
        if rows is None:
            return None
        wanted = dict(table.columns) or {name: name for name in rows if "." in name}
        if not wanted:
            self.flaw(place, f"no column is named by a path; there are {listed(rows)}")
        fields, columns, places = [], {}, {}
        for name, path in wanted.items():
            here = (*place, "columns", name) if table.columns else place
            if name not in rows:
                self.flaw(here, f"the file has no column '{name}'{nearest(name, rows)}")
                continue
            field = self._field(path, here)
            if field is not None:
                columns[field.path] = self._checked(field, rows[name], name, here)
                fields.append(field)
                places[field.path] = here
        return Axis(tuple(fields), columns, places) if fields else None

    def _read(self, table: Table, place: Place) -> dict[str, list[Any]] | None:
        import pyarrow as pa
        import pyarrow.csv as csv
        import pyarrow.parquet as pq

        file = self.folder / table.file
        try:
            arrow = pq.read_table(file) if file.suffix == ".parquet" else csv.read_csv(file)
        except FileNotFoundError:
            self.flaw((*place, "file"), f"no such file: {file}")
            return None
        except (OSError, pa.ArrowException) as error:
            self.flaw((*place, "file"), f"cannot be read: {one_line(str(error))}")
            return None
        if not 0 < arrow.num_rows <= _MOST_TABLE:
            self.flaw((*place, "file"), f"has {arrow.num_rows:,} rows; 1 to {_MOST_TABLE:,} can be read")
            return None
        return {name: arrow.column(name).to_pylist() for name in arrow.column_names}

    def _checked(self, field: LeverField, values: list[Any], name: str, place: Place) -> NDArray[Any]:
        taken, wrong = [], 0
        for row, value in enumerate(values):
            # A reader of CSV takes 2015-07-01 for a date.
            text = value.isoformat()[:7] if field.kind == "date" and hasattr(value, "isoformat") else value
            try:
                taken.append(field.take(text))
            except ValueError as error:
                wrong += 1
                if wrong <= 5:
                    self.flaw(place, f"column '{name}', row {row + 1}: {error}")
        if wrong > 5:
            self.flaw(place, f"column '{name}': {wrong - 5} more rows are wrong")
        kind: Any = {"number": np.float64, "switch": bool}.get(field.kind, object)
        return np.array(taken, dtype=kind)


def _crossed(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Every value with every value of the others; the last path turns fastest."""
    sizes = [len(column) for column in columns.values()]
    total, before, crossed = int(np.prod(sizes)), 1, {}
    for (path, column), size in zip(columns.items(), sizes, strict=True):
        after = total // (before * size)
        crossed[path] = np.tile(np.repeat(column, after), before)
        before *= size
    return crossed
