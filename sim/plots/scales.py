"""Values of a parameter as the rows or columns of a map: each value its own, or bins of equally many runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import UsageError
from sim.experiments.fields import find_field
from sim.scenario.dates import relative_to, resolve_dates
from sim.scenario.quantities import month_index, month_text

from .sweep_record import SCENARIO, base_scenario, kind_of, number_text

if TYPE_CHECKING:
    from sim.experiments.results import Results

__all__ = ["MOST_CELLS", "Scale", "Values", "values_of"]

MOST_CELLS = 48
"""More values than this are put into bins."""


@dataclass(frozen=True, eq=False)
class Values:
    """A column of the summary: its distinct values in order, and which of them each run has."""

    path: str
    places: NDArray[Any]
    """For each distinct value its place on a scale of numbers, ascending; months are indices, words 0, 1, 2."""
    texts: tuple[str, ...]
    """For each distinct value, unless there are too many to be labelled."""
    codes: NDArray[np.int64]
    measured: bool
    """Numbers and months, which can be put into bins."""
    dated: bool
    own: float | None
    """Place of the scenario's own value, where there is one for all scenarios."""

    @property
    def rows(self) -> NDArray[Any]:
        """The place of every run."""
        return self.places[self.codes]


def values_of(results: Results, path: str, column: Any) -> Values:
    """Order the values of a column.

    Parameters
    ----------
    results
        The sweep.
    path
        What is varied.
    column
        Its column of the summary, a ``pyarrow.ChunkedArray``.
    """
    kind = kind_of(results, path)[0]
    if kind in ("number", "switch"):
        places, codes = np.unique(column.to_numpy().astype(float), return_inverse=True)
        # A sample has as many values as runs, and none of them is ever written.
        told: Sequence[Any] = list(places) if len(places) <= MOST_CELLS else ()
        texts = [number_text(bool(place) if kind == "switch" else place) for place in told]
        own = _own(results, path)
        measured = kind == "number"
        return Values(path, places, tuple(texts), codes, measured, False, None if own is None else float(own))
    words, codes = _words(column)
    keys = _month_places(results, words) if kind == "date" else _word_places(results, path, words)
    order = np.argsort(keys, kind="stable")
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    own_text, places = _own(results, path), np.array(keys, dtype=float)[order]
    texts = [words[n] for n in order]
    own_place = None
    if own_text is not None:
        here = _month_places(results, [own_text])[0] if kind == "date" else None
        own_place = float(here) if here is not None else dict(zip(texts, places, strict=True)).get(own_text)
    return Values(path, places, tuple(texts), rank[codes], kind == "date", kind == "date", own_place)


def _words(column: Any) -> tuple[list[str], NDArray[np.int64]]:
    """Distinct words of a column, and which of them each row has."""
    import pyarrow as pa

    whole = (
        column.combine_chunks() if not pa.types.is_dictionary(column.type) else column.unify_dictionaries()
    )
    if pa.types.is_dictionary(column.type):
        whole = whole.combine_chunks()
        whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    else:
        whole = whole.dictionary_encode()
    codes = whole.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    used, codes = np.unique(codes, return_inverse=True)
    words = whole.dictionary.to_pylist()
    return [str(words[n]) for n in used], codes


def _month_places(results: Results, words: list[str]) -> list[float]:
    """Months of dates; those relative to another event as the scenario has that one."""
    dates: dict[str, int] | None = None
    places = []
    for word in words:
        relative = relative_to(word)
        if relative is None:
            places.append(float(month_index(word)))
            continue
        dates = resolve_dates(base_scenario(results).scenario) if dates is None else dates
        places.append(float(dates.get(relative[0], 0) + relative[1]))
    return places


def _word_places(results: Results, path: str, words: list[str]) -> list[float]:
    """Words of a choice in the order of the schema, scenarios in that of the design."""
    if path == SCENARIO:
        known: tuple[str, ...] = results.scenarios
    else:
        known = find_field(base_scenario(results), path).words
    rest = sorted(set(words) - set(known))
    return [float([*known, *rest].index(word)) for word in words]


def _own(results: Results, path: str) -> Any:
    """What the scenarios have at a path, where all have the same."""
    if path == SCENARIO:
        return None
    found = [find_field(base_scenario(results, n), path).value for n in range(len(results.scenarios))]
    return found[0] if all(value == found[0] for value in found) else None


@dataclass(frozen=True, eq=False)
class Scale:
    """Rows or columns of a map."""

    path: str
    codes: NDArray[np.int64]
    """Which of them each run belongs to."""
    size: int
    labels: tuple[str, ...]
    """One for each; for bins one for each of their edges, one more than bins."""
    binned: bool
    own: int | None
    """The one that holds the scenario's own value."""

    @classmethod
    def of(cls, values: Values, bins: int | None) -> Scale:
        """A scale of all values, or of bins that hold about equally many runs.

        Raises
        ------
        UsageError
            If there are too many values that cannot be put into bins.
        """
        if bins is None or not values.measured or len(values.places) <= bins:
            if len(values.places) > MOST_CELLS:
                raise UsageError(
                    f"{values.path} has {len(values.places):,} values; a map shows {MOST_CELLS} at most"
                )
            same = (
                [] if values.own is None else np.flatnonzero(np.isclose(values.places, values.own)).tolist()
            )
            own = same[0] if same else None
            return cls(values.path, values.codes, len(values.places), values.texts, False, own)
        return cls._binned(values, bins)

    @classmethod
    def _binned(cls, values: Values, bins: int) -> Scale:
        rows = values.rows
        edges = np.quantile(rows, np.linspace(0, 1, bins + 1))
        edges = np.unique(np.round(edges) if values.dated else edges)
        if len(edges) < 2:
            edges = np.array([edges[0], edges[0]])
        codes = np.searchsorted(edges[1:-1], rows, side="right")
        own = None
        if values.own is not None and edges[0] <= values.own <= edges[-1]:
            own = int(np.searchsorted(edges[1:-1], values.own, side="right"))
        labels = tuple(month_text(int(edge)) if values.dated else f"{edge:.3g}" for edge in edges)
        return cls(values.path, codes, len(edges) - 1, labels, True, own)
