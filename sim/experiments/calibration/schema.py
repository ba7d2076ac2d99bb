"""The file of a calibration: what is free, what it is held to, how many draws."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, StringConstraints

from sim.scenario.quantities import Frozen, Name

__all__ = ["CalibrationFile", "Recovery", "Rival", "Smc", "Table"]

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Path_ = Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$", max_length=300)]
PathPattern = Annotated[str, StringConstraints(min_length=1, max_length=300)]


Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class CalibrationMeta(Frozen):
    """What the calibration is."""

    title: Name
    """A line for figures and tables."""
    question: Text
    """What the calibration asks."""
    schema_version: Literal[1]
    """Version of this format."""
    notes: tuple[Text, ...] = ()
    """What a reader must know."""


class Table(Frozen):
    """A stored table of draws from the prior, with the runs of each."""

    draws: Annotated[int, Field(ge=64, le=10_000_000)]
    """Draws from the prior: the first ones of a Latin hypercube in blocks of 1,000."""
    replicates: Annotated[int, Field(ge=1, le=1000)]
    """Runs of each draw; no two runs share a seed, so that the record meets every sort of chance."""
    accept: Annotated[FiniteFloat, Field(gt=0, le=1)] = 0.005
    """Share of runs nearest to the record that are accepted."""


class Smc(Frozen):
    """Sequential Monte Carlo by pyABC."""

    particles: Annotated[int, Field(ge=20, le=100_000)] = 500
    """Parameter sets of a generation."""
    replicates: Annotated[int, Field(ge=1, le=1000)] = 8
    """Runs of each particle; it is accepted if one of them is near enough and weighs by how many are."""
    generations: Annotated[int, Field(ge=1, le=100)] = 6
    """Most generations."""
    quantile: Annotated[FiniteFloat, Field(gt=0, lt=1)] = 0.4
    """The next threshold is this quantile of the distances of the last generation."""
    least_rate: Annotated[FiniteFloat, Field(ge=0, lt=1)] = 0.01
    """It ends where fewer particles than this share are accepted."""


class Rival(Frozen):
    """Another model of the same record."""

    title: Name
    """A line for figures and tables."""
    set: dict[Path_, FiniteFloat | str] = Field(default_factory=dict)
    """Values by dotted path; ``*`` stands for any part of a name."""
    free: tuple[Path_, ...] | None = None
    """Which of the free numbers it infers; all where not given."""
    choice: bool = False
    """Whether it stands in the choice of the most probable model, beside the calibrated one."""


class Recovery(Frozen):
    """Known parameters sought from synthetic records."""

    truths: Annotated[int, Field(ge=1, le=10_000)] = 60
    """Truths drawn from the prior, each with one run as its record, sought by rejection from the table."""
    by_smc: Annotated[int, Field(ge=0, le=20)] = 2
    """How many of them are sought by SMC as well."""


class Choice(Frozen):
    """Choice between models by SMC."""

    particles: Annotated[int, Field(ge=20, le=100_000)] = 300
    """Parameter sets of a generation."""
    generations: Annotated[int, Field(ge=1, le=100)] = 4
    """Most generations."""


class CalibrationFile(Frozen):
    """A calibration."""

    meta: CalibrationMeta
    """What the calibration is."""
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """Bundled scenario, or a path relative to this file."""
    patterns: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = "patterns"
    """The bundled patterns, or a path relative to this file."""
    free: Annotated[dict[Path_, Literal["prior"]], Field(min_length=1)]
    """Numbers that are inferred, each from the prior that the scenario states."""
    at_prior_mean: tuple[PathPattern, ...] = ()
    """Numbers that are fixed at the mean of their prior, where they have one; ``*`` stands for any part of a name."""
    as_stated: tuple[PathPattern, ...] = ()
    """Of those, the ones that keep the value of the scenario."""
    table: Table
    """The table of draws."""
    rivals: dict[Word, Rival] = Field(default_factory=dict)
    """Rival models, each calibrated from a table of its own."""
    rival_table: Table | None = None
    """The table of each rival."""
    smc: Smc = Field(default_factory=Smc)
    """Sequential Monte Carlo after the table."""
    recovery: Recovery = Field(default_factory=Recovery)
    """Known parameters sought again."""
    choice: Choice = Field(default_factory=Choice)
    """Choice between models."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of draws and runs."""
