"""The file of patterns: each a statistic, what the record has for it, a target, a source and a role."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import Field, FiniteFloat, StringConstraints, model_validator

from sim.scenario.quantities import Frozen, Name

__all__ = ["Part", "Pattern", "PatternFile", "PatternMeta"]

Word = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,63}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Role = Literal["fit", "report"]
Way = Literal["share", "event"]


class Part(Frozen):
    """One number of a pattern."""

    statistic: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Name of a statistic (``bayah list statistics``), or ``FILE.py:FUNCTION`` of one of your own."""
    given: dict[Word, Any] = Field(default_factory=dict, alias="with")
    """What the statistic is given, by name."""
    observed: FiniteFloat | Literal["coded"] | None = None
    """What the record has; ``coded``: worked out from the coded units by the same statistic."""
    range: tuple[FiniteFloat, FiniteFloat] | None = None
    """Where a run should lie, ends included."""
    scale: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """A difference that counts as one, on the logarithm where ``log``; by default half of the range."""
    log: bool = False
    """Compare by the logarithm."""
    note: Text | None = None
    """What a reader must know."""

    @model_validator(mode="after")
    def _holds(self) -> Part:
        if self.range is not None and self.range[0] > self.range[1]:
            raise ValueError("range: the lower end comes first")
        if self.observed is None and self.range is None:
            raise ValueError("give what was observed, a range, or both")
        if self.log and any(
            isinstance(value, float) and value <= 0 for value in (self.observed, *(self.range or ())[:1])
        ):
            raise ValueError("a logarithm needs numbers above 0")
        if self.scale is None and (self.range is None or self.range[0] == self.range[1]):
            raise ValueError("give a scale: there is no range to take it from")
        return self

    def on_scale(self, value: float) -> float:
        """A value as it is compared."""
        return math.log(value) if self.log else value

    @property
    def spread(self) -> float:
        """A difference that counts as one."""
        if self.scale is not None:
            return self.scale
        low, high = self.range or (0.0, 0.0)
        return (self.on_scale(high) - self.on_scale(low)) / 2.0


class Pattern(Frozen):
    """Something that the record shows, told by one or more numbers."""

    title: Name
    """A line for figures and tables."""
    parts: Annotated[dict[Word, Part], Field(min_length=1)]
    """Its numbers; they share the weight of the pattern."""
    role: Role
    """``fit``: calibration is held to it; ``report``: it is only told."""
    score: Way
    """``share``: over many units, judged by the share of runs in range. ``event``: happened once, judged by where the
    observation lies among the runs."""
    confidence: Literal["high", "medium", "low"]
    """How firm the record is."""
    source: Text
    """Where the record is from."""
    note: Text | None = None
    """What a reader must know."""


class PatternMeta(Frozen):
    """What the file is."""

    title: Name
    """A line for figures and tables."""
    schema_version: Literal[1]
    """Version of this format."""
    until: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}$")]
    """Last month that any pattern looks at; runs end there."""
    units: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    """CSV of the coded units, relative to this file."""
    notes: tuple[Text, ...] = ()
    """What a reader must know."""


class PatternFile(Frozen):
    """Patterns by name."""

    meta: PatternMeta
    """What the file is."""
    patterns: Annotated[dict[Word, Pattern], Field(min_length=1)]
    """Patterns by name."""
