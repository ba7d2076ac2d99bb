"""The experiment: what a design file may say. It varies values of scenarios and says what to keep of the runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from sim.scenario.quantities import Frozen, Month, Name, Prior

__all__ = [
    "MOST_RUNS", "QUANTILES", "Block", "Design", "DesignMeta", "Span", "Table", "Trajectories",
]  # fmt: skip

MOST_RUNS = 10**12
"""More runs than this are a slip of the pen."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles kept of monthly outcomes, over the replicates of a point."""

LeverPath = Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$", max_length=300)]
"""A dotted path of a scenario, for example ``weights.b_embed``; in samples ``*`` stands for any part of a name."""
OutcomeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


def _scalar(value: Any) -> Any:
    if isinstance(value, bool | int | float | str):
        return value
    raise ValueError("should be a number, a date, true or false, or a word")


Scalar = Annotated[Any, AfterValidator(_scalar), WithJsonSchema({"type": ["number", "string", "boolean"]})]
"""A value of a scenario: a number, ``2015-07``, true or false, a word."""


def _as_span(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return {"values": tuple(value)}
    if isinstance(value, dict) and isinstance(value.get("values"), list):
        return {**value, "values": tuple(value["values"])}
    if value == "prior":
        return {"prior": "scenario"}
    if isinstance(value, dict) and isinstance(value.get("dist"), str):
        return {"distribution": value}
    if isinstance(value, bool | int | float | str) or value is None:
        raise ValueError(
            "should be a list of values, a range {low, high, ...} or, in a sample, the word prior"
        )
    return value


class SpanFields(Frozen):
    """The values that one path takes: a list, a range, or (in samples) a prior."""

    values: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=1_000_000)] | None = None
    """The values one by one; a plain list means the same. A sample draws each with the same chance."""
    low: Scalar | None = None
    """First value of a range, or the lower end that is drawn from: a number or a month."""
    high: Scalar | None = None
    """Last value, or upper end, included."""
    count: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
    """Values in a range, evenly spaced."""
    step: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Or the distance between them; for dates in months."""
    log: bool = False
    """Evenly spaced, or drawn evenly, by the logarithm."""
    prior: Literal["scenario"] | None = None
    """Draw from the prior that the scenario states; the word ``prior`` alone means the same."""
    distribution: Prior | None = None
    """Draw from this one; ``{dist: normal, mean: 3, sd: 1}`` alone means the same."""

    @model_validator(mode="after")
    def _one_way(self) -> SpanFields:
        ways = [
            name
            for name, given in (
                ("values", self.values is not None),
                ("low and high", self.low is not None or self.high is not None),
                ("prior", self.prior is not None),
                ("a distribution", self.distribution is not None),
            )
            if given
        ]
        if len(ways) != 1:
            what = f"{' and '.join(ways)} exclude each other" if ways else "no values are given"
            raise ValueError(f"{what}; give a list, or low and high, or a prior")
        if (self.low is None) != (self.high is None):
            raise ValueError("a range needs both low and high")
        if self.low is None and (self.count is not None or self.step is not None or self.log):
            raise ValueError("count, step and log belong to a range of low and high")
        if self.count is not None and self.step is not None:
            raise ValueError("count and step exclude each other")
        return self


Span = Annotated[SpanFields, BeforeValidator(_as_span)]


class Table(Frozen):
    """A file of points, one a row."""

    file: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """CSV or Parquet, relative to this file."""
    columns: dict[str, LeverPath] = Field(default_factory=dict)
    """Dotted path of each column to use; by default columns named by a path."""


class Block(Frozen):
    """Paths that vary together, in one of five ways. Blocks are crossed with each other."""

    grid: dict[LeverPath, Span] | None = None
    """Every value of each path with every value of the others."""
    list: tuple[dict[LeverPath, Scalar], ...] | None = None
    """Points one by one."""
    zip: dict[LeverPath, Span] | None = None
    """The first values together, then the second ones, and so on."""
    table: Table | None = None
    """Points from a file."""
    sample: Literal["random", "latin_hypercube", "sobol"] | None = None
    """Points drawn over the paths of ``over``."""
    points: Annotated[int, Field(ge=1, le=100_000_000)] | None = None
    """Points of a sample; a power of 2 for a Sobol sequence."""
    over: dict[LeverPath, Span] | None = None
    """What a sample draws for each path."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the sample; by default that of the design and the position of the block."""

    @model_validator(mode="after")
    def _one_way(self) -> Block:
        names = ("grid", "list", "zip", "table", "sample")
        given = [name for name in names if getattr(self, name) is not None]
        if len(given) != 1:
            what = " and ".join(given) if given else "nothing"
            raise ValueError(f"a block has one of {', '.join(names)}; here is {what}")
        extra = [name for name in ("points", "over", "seed") if getattr(self, name) is not None]
        if self.sample is None and extra:
            raise ValueError(f"{' and '.join(extra)} belong to a sample, not to a {given[0]}")
        missing = [name for name in ("points", "over") if getattr(self, name) is None]
        if self.sample is not None and missing:
            raise ValueError(f"a sample also needs {' and '.join(missing)}")
        if any(getattr(self, name) in ({}, ()) for name in ("grid", "list", "zip", "over")):
            raise ValueError("a block is empty")
        if any(not point for point in self.list or ()):
            raise ValueError("a point of the list sets nothing")
        return self


def _as_trajectories(value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("outcomes"), list):
        return {**value, "outcomes": tuple(value["outcomes"])}
    return {"keep": value} if isinstance(value, str) else value


class TrajectoryFields(Frozen):
    """What is kept month by month."""

    keep: Literal["none", "quantiles", "all"] = "none"
    """Nothing, quantiles over the replicates of each point, or every run."""
    outcomes: tuple[OutcomeName, ...] = (
        "focus_fighters",
        "incumbent_fighters",
        "third_fighters",
        "pledged_units",
        "incumbent_units",
        "independent_units",
        "attacks",
    )
    """Monthly outcomes kept (``bayah list outcomes``)."""


Trajectories = Annotated[TrajectoryFields, BeforeValidator(_as_trajectories)]


def _as_names(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


class DesignMeta(Frozen):
    """What the experiment is."""

    title: Name
    """A line for figures and tables."""
    question: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    """What the experiment asks."""
    schema_version: Literal[1]
    """Version of this format."""
    notes: tuple[Annotated[str, StringConstraints(max_length=2000)], ...] = ()
    """What a reader must know."""


class Design(Frozen):
    """A whole experiment. Points are scenarios by uncertainties by levers; each is run once a replicate."""

    meta: DesignMeta
    """What the experiment is."""
    scenario: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=1000)], ...],
        BeforeValidator(_as_names),
        Field(min_length=1, max_length=1000),
    ]
    """Name of a bundled scenario or a path relative to this file; or several, which are crossed with the rest."""
    set: dict[LeverPath, Any] = Field(default_factory=dict)
    """Values laid over every scenario."""
    until: Month | None = None
    """Last month that is run, instead of the scenario's."""
    uncertainties: tuple[Block, ...] = ()
    """What nobody knows: weights, priors, sizes."""
    levers: tuple[Block, ...] = ()
    """What a what-if changes: dates, events, postures, policies."""
    replicates: Annotated[int, Field(ge=1, le=1_000_000_000)] = 1
    """Runs at each point."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of the first replicate, and of the samples."""
    draws: Literal["common", "own"] = "common"
    """``common``: replicate r has the run seed ``seed + r`` at every point, so points meet the same chances and their
    differences are due to their values. ``own``: no two runs share a seed."""
    outcomes: tuple[OutcomeName, ...] | None = None
    """Outcomes of a run that are kept; all where not given."""
    trajectories: Trajectories = Field(default_factory=TrajectoryFields)
    """What is kept month by month: ``none``, ``quantiles``, ``all``, or ``{keep, outcomes}``."""
    allegiances: bool = False
    """Count, for each point and month, in how many runs each faction holds each allegiance."""
    chunk: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Runs in a file of results; chosen by the number of runs where not given."""
    impossible: Literal["refuse", "skip"] = "refuse"
    """What to do with points that cannot be (a revelation before the death): refuse the design, or leave them out."""
