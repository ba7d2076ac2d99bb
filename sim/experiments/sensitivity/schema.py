"""The file of a sensitivity analysis: what is asked of runs, which numbers are varied, how many runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, StringConstraints, field_validator, model_validator

from sim.scenario.quantities import Frozen, Month, Name

__all__ = ["Keep", "Morris", "OutputForm", "Range", "SensitivityFile", "SensitivityMeta", "Sobol"]

Word = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Path = Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$", max_length=300)]
Runs = Annotated[int, Field(ge=1, le=10_000)]


class SensitivityMeta(Frozen):
    """What the analysis is."""

    title: Name
    """A line for figures and tables."""
    question: Text
    """What the analysis asks."""
    schema_version: Literal[1]
    """Version of this format."""
    notes: tuple[Text, ...] = ()
    """What a reader must know."""


class OutputForm(Frozen):
    """A number that is told of every run."""

    title: Name
    """A line for figures and tables."""
    statistic: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Name of a statistic (``bayah list statistics``), or ``FILE.py:FUNCTION`` of one of your own."""
    given: dict[Word, Any] = Field(default_factory=dict, alias="with")
    """What the statistic is given, by name."""


class Range(Frozen):
    """Values that a number takes, all as likely, in the place of its prior."""

    low: FiniteFloat
    """Lower end."""
    high: FiniteFloat
    """Upper end."""
    log: bool = False
    """As likely by the logarithm."""


class Morris(Frozen):
    """Screening by elementary effects."""

    trajectories: Annotated[int, Field(ge=2, le=10_000)] = 40
    """Ways through the values, each with one step of each number."""
    levels: Annotated[int, Field(ge=2, le=100)] = 4
    """Values of each number, an even count."""
    replicates: Runs = 24
    """Runs at each point, with the same seeds at all points."""

    @field_validator("levels")
    @classmethod
    def _even(cls, levels: int) -> int:
        if levels % 2:
            raise ValueError("should be even, so that all levels are visited as often")
        return levels


class Keep(Frozen):
    """Which numbers go on from the screening."""

    share: Annotated[FiniteFloat, Field(gt=0, le=1)]
    """Those whose effect on any output is this share of the largest on that output."""
    most: Annotated[int, Field(ge=1, le=1000)] = 20
    """And of these the first ones."""


class Sobol(Frozen):
    """Shares of variance of those that went on."""

    points: Annotated[int, Field(ge=8, le=2**20)] = 1024
    """Base points, a power of 2; each costs as many points as there are numbers, and 2 more."""
    replicates: Runs = 32
    """Runs at each point, with the same seeds at all points."""

    @field_validator("points")
    @classmethod
    def _power(cls, points: int) -> int:
        if points & (points - 1):
            below = 1 << (points.bit_length() - 1)
            raise ValueError(f"should be a power of 2: {below} or {2 * below}")
        return points


class SensitivityFile(Frozen):
    """A sensitivity analysis."""

    meta: SensitivityMeta
    """What the analysis is."""
    scenario: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    """A bundled scenario by name, or a file relative to this one."""
    until: Month | None = None
    """Last month that is run; by default the scenario's."""
    patterns: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    """Patterns whose coded units statistics may read: bundled, or a file relative to this one."""
    outputs: Annotated[dict[Word, OutputForm], Field(min_length=1)]
    """What is asked of runs, by name."""
    parameters: (
        Annotated[tuple[Path, ...], Field(min_length=1, max_length=1000)]
        | Annotated[dict[Path, Literal["prior"] | Range], Field(min_length=1)]
    )
    """Dotted paths of numbers, varied over their priors; ``*`` stands for any part of a name. As a mapping each may
    have a range in the place of its prior."""
    morris: Morris | None = None
    """Screening; without it none is made."""
    keep: Annotated[int, Field(ge=1, le=1000)] | Keep = 12
    """How many numbers go on from Morris to Sobol, by their largest effect on any output; or a rule."""
    sobol: Sobol | None = None
    """Without Morris, of all numbers."""
    seed: Annotated[int, Field(ge=0, le=2**53)] = 1
    """Seed of the designs and the first run seed."""

    @model_validator(mode="after")
    def _some(self) -> SensitivityFile:
        if self.morris is None and self.sobol is None:
            raise ValueError("give morris, sobol, or both")
        return self
