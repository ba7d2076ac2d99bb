"""Blocks of a design as columns of values: looked at first, filled when all blocks hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.design import Block, SpanFields, Table
from sim.experiments.fields import LeverField, find_field, match_paths
from sim.experiments.pointfile import checked_column, read_columns
from sim.experiments.sampling import check_span, draw, spread, unit_cube
from sim.experiments.spelling import Place
from sim.scenario.flaws import Flaw
from sim.scenario.load import Loaded
from sim.scenario.places import Reach
from sim.scenario.wording import MOST_PROBLEMS, listed, nearest, one_line

__all__ = ["Axis", "Expander", "Sketch"]

Columns = dict[str, NDArray[Any]]
_MOST_VALUES = 200_000_000
"""More values than this in one block do not fit into memory."""
_MOST_FLAWS = 2000
"""More flaws are not kept: nobody reads as far, and to place each takes its time."""


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


@dataclass(frozen=True)
class Sketch:
    """A block that was looked at: how many points it has, and how to make them."""

    fields: tuple[LeverField, ...]
    places: Mapping[str, Place]
    size: int
    fill: Callable[[], Columns]

    def axis(self) -> Axis:
        """The points."""
        return Axis(self.fields, self.fill(), self.places)


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
    reach
        What the design may name; anything where it stands in no file.
    """

    def __init__(
        self, scenarios: Mapping[str, Loaded], folder: Path, seed: int, reach: Reach | None = None
    ) -> None:
        self.scenarios, self.folder, self.seed, self.reach = scenarios, folder, seed, reach
        self.flaws: list[Flaw] = []
        self._taken: dict[str, Place] = {}
        self._named: set[str] = set()

    def reserve(self, blocks: Iterable[Block]) -> None:
        """Note all paths that are named outright: a pattern stands for the others."""
        every = list(blocks)
        if not any("*" in path for block in every for path in block.over or ()):
            return
        first, unknown = next(iter(self.scenarios.values())), 0
        for path in (path for block in every for path in _named(block)):
            try:
                self._named.add(find_field(first, path).path)
            except ValueError:
                unknown += 1
                if unknown > MOST_PROBLEMS:
                    return

    def expand(self, block: Block, place: Place) -> Sketch | None:
        """Look at a block; None where something is wrong with it."""
        before = len(self.flaws)
        if block.table is not None:
            sketch = self._table(block.table, (*place, "table"))
        elif block.list is not None:
            sketch = self._list(block.list, (*place, "list"))
        elif block.sample is not None:
            sketch = self._sample(block, place)
        elif block.grid is not None:
            sketch = self._spans(block.grid, (*place, "grid"), crossed=True)
        else:
            sketch = self._spans(block.zip or {}, (*place, "zip"), crossed=False)
        return sketch if len(self.flaws) == before else None

    def flaw(self, place: Place, message: str, at_key: bool = False) -> None:
        """Note what is wrong at a place of the design."""
        if len(self.flaws) < _MOST_FLAWS:
            self.flaws.append(Flaw(place, one_line(message, 400), at_key))

    def _field(self, path: str, place: Place, prior: bool = False) -> LeverField | None:
        """What stands at a path; it must be the same in every scenario, and varied once."""
        fields: list[LeverField] = []
        if "*" in path:
            self.flaw(place, "* stands for names in a sample only; name one path", at_key=True)
            return None
        for name, loaded in self.scenarios.items():
            try:
                fields.append(find_field(loaded, path))
            except ValueError as error:
                where = f"in scenario '{name}': " if len(self.scenarios) > 1 else ""
                self.flaw(place, f"{where}{error}", at_key=True)
                return None
        found = fields[0]
        if found.path in self._taken:
            self.flaw(place, "is varied twice", at_key=True)
            return None
        self._taken[found.path] = place
        if prior and len({field.quantity.prior if field.quantity else None for field in fields}) > 1:
            self.flaw(place, "the scenarios state different priors for it; give a distribution", at_key=True)
            return None
        known = [word for word in found.words if all(word in field.words for field in fields)]
        return replace(found, words=tuple(known))

    def _take(self, field: LeverField, value: Any, place: Place) -> None:
        try:
            field.take(value)
        except ValueError as error:
            self.flaw(place, str(error))

    def _checked(self, field: LeverField, span: SpanFields, place: Place, drawn: bool) -> bool:
        """Whether the values of a path hold; each is told at its own place."""
        before = len(self.flaws)
        for n, value in enumerate(span.values or ()):
            self._take(field, value, (*place, "values", n))
        for end in ("low", "high"):
            if getattr(span, end) is not None and field.kind in ("number", "date"):
                self._take(field, getattr(span, end), (*place, end))
        if len(self.flaws) == before:
            try:
                check_span(field, span, drawn)
            except ValueError as error:
                self.flaw(place, str(error))
        return len(self.flaws) == before

    def _spans(self, spans: Mapping[str, SpanFields], place: Place, crossed: bool) -> Sketch | None:
        fields, sizes, places = [], {}, {}
        for path, span in spans.items():
            here = (*place, path)
            field = self._field(path, here)
            if field is None or not self._checked(field, span, here, drawn=False):
                continue
            column = spread(field, span)
            if crossed and span.values is not None:
                self._doubles(column, here)
            fields.append((field, column))
            sizes[field.path] = len(column)
            places[field.path] = here
        if len(fields) < len(spans):
            return None
        columns = {field.path: column for field, column in fields}
        known = tuple(field for field, _ in fields)
        if crossed:
            return Sketch(known, places, math.prod(sizes.values()), lambda: _crossed(columns))
        if len(set(sizes.values())) > 1:
            told = ", ".join(f"{path} has {size:,}" for path, size in sizes.items())
            self.flaw(place, f"lists of a zip are equally long; {told}", at_key=True)
            return None
        return Sketch(known, places, next(iter(sizes.values())), lambda: columns)

    def _doubles(self, column: NDArray[Any], place: Place) -> None:
        seen: set[Any] = set()
        for n, value in enumerate(column.tolist()):
            if value in seen:
                self.flaw((*place, "values", n), f"{value} stands here twice")
            seen.add(value)

    def _list(self, points: tuple[dict[str, Any], ...], place: Place) -> Sketch | None:
        paths = list(points[0])
        for n, point in enumerate(points):
            for path in sorted(point.keys() ^ set(paths)):
                what = "is missing here" if path in paths else "is not in the first point of the list"
                self.flaw((*place, n), f"{path} {what}; points of a list set the same paths")
        fields, places = {}, {}
        for path in paths:
            field = self._field(path, (*place, 0, path))
            if field is not None:
                fields[path], places[field.path] = field, (*place, 0, path)
                for n, point in enumerate(points):
                    if path in point:
                        self._take(field, point[path], (*place, n, path))

        def fill() -> Columns:
            return {
                field.path: _column(field, [field.take(point[path]) for point in points])
                for path, field in fields.items()
            }

        return Sketch(tuple(fields.values()), places, len(points), fill)

    def _sample(self, block: Block, place: Place) -> Sketch | None:
        assert block.sample is not None
        assert block.over is not None
        assert block.points is not None
        method, points = block.sample, block.points
        if method == "sobol" and points & (points - 1):
            below = 1 << (points.bit_length() - 1)
            message = f"a Sobol sequence is balanced at powers of 2 only; {points} is none"
            self.flaw((*place, "points"), f"{message} (did you mean {below} or {2 * below}?)")
        chosen = list(self._sampled(block.over, (*place, "over")))
        if points * len(chosen) > _MOST_VALUES:
            message = (
                f"{points:,} points of {len(chosen)} paths are too many; at most {_MOST_VALUES:,} values"
            )
            self.flaw((*place, "points"), message)
        # Samples of different blocks differ: uncertainties are numbered apart from levers.
        # From 1, for numpy takes the words (seed, 0) for the seed alone.
        position = 2 * int(place[1]) + (place[0] == "levers") + 1
        words = (self.seed, position) if block.seed is None else (block.seed,)

        def fill() -> Columns:
            cube = unit_cube(method, points, len(chosen), words)
            return {field.path: draw(field, span, cube[:, n]) for n, (field, span, _) in enumerate(chosen)}

        places = {field.path: here for field, _, here in chosen}
        return Sketch(tuple(field for field, _, _ in chosen), places, points, fill)

    def _sampled(
        self, over: Mapping[str, SpanFields], place: Place
    ) -> Iterator[tuple[LeverField, SpanFields, Place]]:
        for path, span in over.items():
            here = (*place, path)
            for name in self._matched(path, here) if "*" in path else (path,):
                field = self._field(name, here, prior=span.prior is not None)
                if field is not None and self._checked(field, span, here, drawn=True):
                    yield field, span, here

    def _matched(self, pattern: str, place: Place) -> list[str]:
        """Numbers that all scenarios have, with a prior, and that no path names outright."""
        first, *others = (match_paths(loaded, pattern) for loaded in self.scenarios.values())
        matched = [name for name in first if all(name in other for other in others)]
        names = [name for name in matched if name not in self._named]
        if not names:
            what = "nothing but what is named elsewhere" if matched else "no number that has a prior"
            self.flaw(place, f"matches {what}", at_key=True)
        return names

    def _table(self, table: Table, place: Place) -> Sketch | None:
        file = self.folder / table.file
        told = None if self.reach is None else self.reach.flaw(table.file, file)
        if told is not None:
            self.flaw((*place, "file"), told)
            return None
        try:
            rows = read_columns(file)
        except ValueError as error:
            self.flaw((*place, "file"), f"{table.file}: {error}")
            return None
        wanted = dict(table.columns) or {name: name for name in rows if "." in name}
        if not wanted:
            self.flaw(place, f"no column is named by a path; there are {listed(rows)}", at_key=True)
        fields, columns, places = [], {}, {}
        for name, path in wanted.items():
            here = (*place, "columns", name) if table.columns else (*place, "file")
            if name not in rows:
                self.flaw(here, f"the file has no column '{one_line(name, 60)}'{nearest(name, rows)}", True)
                continue
            field = self._field(path, here)
            if field is not None:
                columns[field.path] = checked_column(field, rows[name], self._teller(name, here))
                fields.append(field)
                places[field.path] = here
        size = len(next(iter(rows.values())))
        return Sketch(tuple(fields), places, size, lambda: columns)

    def _teller(self, name: str, place: Place) -> Callable[[str], None]:
        return lambda message: self.flaw(place, f"column '{one_line(name, 60)}', {message}")


def _named(block: Block) -> Iterator[str]:
    """The paths that a block names outright."""
    for paths in (block.grid, block.zip, block.over, block.list[0] if block.list else None):
        yield from (path for path in paths or () if "*" not in path)
    yield from block.table.columns.values() if block.table is not None else ()


def _crossed(columns: Mapping[str, NDArray[Any]]) -> Columns:
    """Every value with every value of the others; the last path turns fastest."""
    sizes = [len(column) for column in columns.values()]
    total, before, crossed = math.prod(sizes), 1, {}
    for (path, column), size in zip(columns.items(), sizes, strict=True):
        after = total // (before * size)
        crossed[path] = np.tile(np.repeat(column, after), before)
        before *= size
    return crossed


def _column(field: LeverField, values: list[Any]) -> NDArray[Any]:
    kind: Any = {"number": np.float64, "switch": bool}.get(field.kind, object)
    return np.array(values, dtype=kind)
