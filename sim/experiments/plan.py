"""Which runs a sweep consists of: run k is known without running the others.

Run k is replicate ``k % replicates`` of point ``k // replicates``. Chunk c holds the runs from ``c * chunk``; it is
what one worker does at a time and what one file of results holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results.tables import Field, Table, Words
from sim.scenario.load import Loaded, load_text

__all__ = ["Keep", "Plan", "PlannedScenario", "Variable", "chunk_of_size", "loaded_scenarios"]

_MOST_SEED = 2**64
_LEAST_CHUNK, _MOST_CHUNK = 50, 2000
_LEAST_BY_AGENT, _MOST_BY_AGENT = 5, 25
"""Agent by agent a run takes a tenth of a second or more, and a chunk should take a few."""


@dataclass(frozen=True)
class Variable:
    """A path that is varied."""

    path: str
    kind: str
    """``number``, ``date``, ``switch``, ``choice`` or ``text``."""
    unit: str


@dataclass(frozen=True)
class PlannedScenario:
    """A scenario of the sweep, as text that stands alone."""

    name: str
    text: str = field(repr=False)
    """Resolved YAML."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Keep:
    """What is kept of the runs."""

    outcomes: tuple[str, ...]
    """Outcomes of a run."""
    trajectories: str
    """``none``, ``quantiles`` or ``all``."""
    monthly: tuple[str, ...]
    """Monthly outcomes in the trajectories."""
    allegiances: bool
    """Count allegiances by point, month and faction."""


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of a sweep."""

    name: str
    title: str
    question: str
    scenarios: tuple[PlannedScenario, ...]
    variables: tuple[Variable, ...]
    scenario_of: NDArray[np.int32] = field(repr=False)
    """Position of each point's scenario, shape (points,)."""
    columns: Mapping[str, NDArray[Any]] = field(repr=False)
    """Values by path, shape (points,): float64, bool, or text."""
    replicates: int
    seed: int
    draws: str
    """``common``: replicate r has the seed ``seed + r`` at every point; ``own``: every run has a seed of its own."""
    keep: Keep
    chunk: int
    until: str | None = None
    """Last month that is run, where it is not the scenario's."""
    driver: str = "engine"
    rule: str | None = None
    """SHA-256 of the source of a decision rule of one's own."""
    skipped: int = 0
    """Points left out because they cannot be."""
    months: int = 0
    """Months of the longest run."""

    @property
    def points(self) -> int:
        """Points of the design."""
        return len(self.scenario_of)

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self.points * self.replicates

    @property
    def chunks(self) -> int:
        """Chunks in all."""
        return -(-self.runs // self.chunk)

    def chunk_runs(self, chunk: int) -> range:
        """Runs of a chunk."""
        return range(chunk * self.chunk, min((chunk + 1) * self.chunk, self.runs))

    def chunk_points(self, chunk: int) -> range:
        """Points of which a chunk holds runs."""
        runs = self.chunk_runs(chunk)
        return range(runs[0] // self.replicates, runs[-1] // self.replicates + 1)

    def point_chunks(self, point: int) -> range:
        """Chunks that hold runs of a point."""
        first = point * self.replicates
        return range(first // self.chunk, (first + self.replicates - 1) // self.chunk + 1)

    def place(self, run: int) -> tuple[int, int]:
        """Point and replicate of a run."""
        return divmod(run, self.replicates)

    def seed_of(self, run: int) -> int:
        """The run seed of a run."""
        step = run % self.replicates if self.draws == "common" else run
        return (self.seed + step) % _MOST_SEED

    def values(self, point: int) -> dict[str, Any]:
        """What a point varies, by path, in plain types."""
        return {path: _plain(column[point]) for path, column in self.columns.items()}

    @cached_property
    def form(self) -> dict[str, Any]:
        """What makes this plan this plan, in plain types: two plans are the same if their forms are."""
        return {
            "name": self.name,
            "scenarios": {scenario.name: scenario.digest for scenario in self.scenarios},
            "parameters": [[v.path, v.kind, v.unit] for v in self.variables],
            "points": self.points,
            "values": self._values_digest(),
            "replicates": self.replicates,
            "seed": self.seed,
            "draws": self.draws,
            "chunk": self.chunk,
            "outcomes": list(self.keep.outcomes),
            "trajectories": self.keep.trajectories,
            "monthly outcomes": list(self.keep.monthly) if self.keep.trajectories != "none" else [],
            "allegiances": self.keep.allegiances,
            "until": self.until,
            "driver": self.driver,
            "rule": self.rule,
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the form."""
        return hashlib.sha256(json.dumps(self.form, sort_keys=True).encode()).hexdigest()

    def _values_digest(self) -> str:
        digest = hashlib.sha256(np.ascontiguousarray(self.scenario_of, dtype="<i4").tobytes())
        for path in sorted(self.columns):
            column = self.columns[path]
            digest.update(path.encode())
            if column.dtype == object:
                digest.update("\0".join(column).encode())
            else:
                digest.update(np.ascontiguousarray(column, dtype="<f8").tobytes())
        return digest.hexdigest()

    def table(self, points: Sequence[int] | NDArray[Any] | None = None) -> Table:
        """The design: a row for each point, or for some of them."""
        chosen = np.arange(self.points) if points is None else np.asarray(points, dtype=np.int64)
        fields = [Field("point", "count", "point", "Point of the design, from 0.")]
        data: dict[str, Any] = {"point": chosen}
        self.add_parameters(fields, data, chosen)
        return Table("design", tuple(fields), data, ("point",))

    def add_parameters(self, fields: list[Field], data: dict[str, Any], points: NDArray[Any]) -> None:
        """Add the scenario and the varied values of points to a table."""
        fields.append(Field("scenario", "text", "scenario", "The scenario."))
        names = tuple(scenario.name for scenario in self.scenarios)
        data["scenario"] = Words(self.scenario_of[points].astype(np.int32), names)
        for variable in self.variables:
            column = self.columns[variable.path][points]
            kind: Any = {"number": "number", "switch": "flag"}.get(variable.kind, "text")
            fields.append(Field(variable.path, kind, variable.unit, "Varied by the design."))
            data[variable.path] = Words.of(column) if kind == "text" else column


def loaded_scenarios(plan: Plan) -> tuple[Loaded, ...]:
    """The scenarios of a plan, read from their text."""
    return tuple(load_text(scenario.text, name=scenario.name) for scenario in plan.scenarios)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def chunk_of_size(runs: int, replicates: int, whole_points: bool, driver: str = "engine") -> int:
    """Runs in a chunk, where a design does not say: 16 chunks or more, of 50 to 2,000 runs; of 5 to 25 by agent.

    Parameters
    ----------
    runs
        Runs of the sweep.
    replicates
        Runs at each point.
    whole_points
        Prefer chunks that hold whole points.
    driver
        ``engine`` or ``mesa``.
    """
    least, most = (_LEAST_CHUNK, _MOST_CHUNK) if driver == "engine" else (_LEAST_BY_AGENT, _MOST_BY_AGENT)
    size = max(least, min(most, -(-runs // 16)))
    if whole_points and replicates <= most:
        size = max(1, size // replicates) * replicates
    return size
