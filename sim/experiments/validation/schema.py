"""The file of a validation: which calibration, which checks, how many runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat, StringConstraints

from sim.scenario.quantities import Frozen, Month, Name

__all__ = ["Ablation", "Ahead", "Placebo", "Recoding", "Refits", "ValidationFile"]

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z][a-zA-Z0-9_]{0,63}$")]
Path_ = Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$", max_length=300)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]


class ValidationMeta(Frozen):
    """What the validation is."""

    title: Name
    """A line for figures and tables."""
    question: Text
    """What the validation asks."""
    schema_version: Literal[1]
    """Version of this format."""
    notes: tuple[Text, ...] = ()
    """What a reader must know."""


class Jointly(Frozen):
    """Patterns that runs in which nobody pledges pass too, and the pattern that tells how many pledge."""

    patterns: tuple[Word, ...] = ()
    """Names of the patterns that must hold at once."""
    pledges: Word | None = None
    """The pattern that tells how many pledge."""


class Refits(Frozen):
    """Short refits by SMC without a cluster, beside acceptance from the table."""

    clusters: tuple[Word, ...] = ()
    """Clusters that are left out, one at a time."""
    particles: Annotated[int, Field(ge=20, le=100_000)] = 150
    """Parameter sets of a generation."""
    generations: Annotated[int, Field(ge=1, le=100)] = 3
    """Most generations."""


class Ablation(Frozen):
    """Each statement off in turn, with constants refitted."""

    constants: tuple[Path_, ...]
    """Numbers that are sought anew for each ablation."""
    draws: Count = 48
    """Posterior draws that it is tried on."""
    tries: Count = 4
    """Values of the constants tried at each draw; the nearest is kept. The first are the draw's own."""
    runs: Count = 4
    """Runs of each try."""
    fresh: Count = 8
    """Runs that score what was kept, with seeds of their own."""


class Placebo(Frozen):
    """A shock at dates at which it did not come."""

    event: Path_
    """Date of the event that is moved."""
    never: Month
    """A date after the last month: the event does not come."""
    without: tuple[Path_, ...] = ()
    """Events that are taken out, since they need it."""
    outcome: Word = "attacks"
    """Monthly outcome that is looked at."""
    first: Month = "2016-01"
    """First month of the placebo dates."""
    last: Month = "2018-06"
    """Last month of them."""
    dates: Count = 20
    """How many dates are tried."""
    window: Annotated[int, Field(ge=1, le=24)] = 6
    """Months before and after, the month of the event in neither."""
    runs: Count = 300
    """Runs of each date."""


class Recoding(Frozen):
    """Coding calls that could go either way, turned round."""

    trait: Word = "judgement_call"
    """Trait of the units that marks them."""
    coded: Word = "embedded"
    """The trait that is coded otherwise."""
    number: Annotated[str, StringConstraints(pattern=r"^factions\.\*\.[a-z_.]+$")] = (
        "factions.*.embeddedness.taliban"
    )
    """The number of the scenario that follows from it."""
    value: FiniteFloat = 0.2
    """What that becomes."""
    runs: Count = 4
    """Runs of each posterior draw."""


class Ahead(Frozen):
    """Years after those that were fitted, simulated without a refit and scored by nobody here."""

    until: Month = "2024-12"
    """Last month that is simulated."""
    outcomes: tuple[Word, ...] = (
        "attacks",
        "rival_deaths",
        "focus_fighters",
        "strength_ratio",
        "pledged_units",
    )
    """Outcomes that are told."""
    runs: Count = 2
    """Runs of each posterior draw."""


class ValidationFile(Frozen):
    """A validation."""

    meta: ValidationMeta
    """What the validation is."""
    calibration: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = "calibration"
    """Bundled calibration, or a path relative to this file."""
    split: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = "split.yaml"
    """The frozen split, relative to this file."""
    traits: tuple[Word, ...] = ("salafi", "displaced", "succession_loser", "foreign", "embedded", "east")
    """Coded traits that the ridge logit is given."""
    rule: Word = "embedded"
    """Trait of the one-variable rule: those without it pledge."""
    jointly: Jointly = Field(default_factory=lambda: Jointly())
    """The joint check of patterns."""
    refits: Refits = Field(default_factory=Refits)
    """Refits without a cluster."""
    ablation: Ablation
    """Statements off in turn."""
    placebo: Placebo
    """A shock at dates at which it did not come."""
    recoding: Recoding = Field(default_factory=Recoding)
    """Coding calls turned round."""
    ahead: Ahead = Field(default_factory=Ahead)
    """Years after the fit."""
    bootstrap: Annotated[int, Field(ge=100, le=1_000_000)] = 4000
    """Resamples of clusters."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1
    """Seed of draws and runs."""
