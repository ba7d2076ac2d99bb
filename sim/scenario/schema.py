"""The scenario: what a file may say, with unit, range and meaning of every field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, model_validator

from .events import Event
from .quantities import (
    Count,
    Date,
    Factor,
    Frozen,
    Identifier,
    Month,
    Months,
    Name,
    Persons,
    Quantity,
    Share,
    Source,
    Upkeep,
    Weight,
    month_index,
    q,
)  # fmt: skip
from .weights import Weights

__all__ = [
    "DECISION_RULES", "EthnicMix", "Faction", "Meta", "Patron", "Period", "Region", "Scenario", "Tie",
]  # fmt: skip

Rule = Literal["logit", "ideology_led", "patronage_led", "threshold", "landscape", "random"]
DECISION_RULES: tuple[str, ...] = (
    "logit",
    "ideology_led",
    "patronage_led",
    "threshold",
    "landscape",
    "random",
)
Allegiance = Annotated[
    str, StringConstraints(pattern=r"^(independent|[a-z][a-z0-9_]*|ally\([a-z][a-z0-9_]*\))$")
]
Area = Literal["abroad", "north", "west", "gathered"]
MechanismId = Annotated[str, StringConstraints(pattern=r"^M(0[1-9]|[1-7][0-9]|80)$")]


class Meta(Frozen):
    """What the scenario is."""

    title: Name
    """A line for figures and tables."""
    question: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    """What the scenario asks."""
    schema_version: Literal[1]
    """Version of this format."""
    notes: tuple[Annotated[str, StringConstraints(max_length=2000)], ...] = ()
    """What a reader must know: disagreements between sources, what is held fixed."""


class Period(Frozen):
    """The months simulated."""

    start: Month
    """First month."""
    end: Month
    """Last month, included."""
    validated_until: Month | None = None
    """Months after this one are labelled unvalidated; none are where not given."""

    @property
    def last_validated(self) -> str:
        """The month after which months are labelled unvalidated."""
        return self.validated_until or self.end

    @model_validator(mode="after")
    def _forward(self) -> Period:
        if month_index(self.end) < month_index(self.start):
            raise ValueError(f"end ({self.end}) is before start ({self.start})")
        if month_index(self.end) - month_index(self.start) >= 1200:
            raise ValueError("a period has at most 1200 months")
        return self


def _whole(mix: dict[str, Quantity]) -> dict[str, Quantity]:
    total = sum(share.value for share in mix.values())
    if mix and abs(total - 1) > 1e-6:
        raise ValueError(f"shares must add up to 1, they add up to {total:g}")
    return mix


EthnicMix = Annotated[dict[Identifier, Share], AfterValidator(_whole)]
"""Shares of the scenario's groups, as sources describe an area or a membership; 0 where not given."""


class Bond(Frozen):
    """The bond of an oath at the start."""

    person: Share = q(0.0)
    """To the man; it lapses with his death."""
    office: Share = q(0.0)
    """To the institution."""


class Faction(Frozen):
    """An organisation that chooses its allegiance: the agent of the model."""

    name: Name
    """Name for figures: a network, not a living man."""
    code: Annotated[str, StringConstraints(pattern=r"^F\d{2,5}$")] | None = None
    """Code in the table of factions, also accepted as an alias."""
    aliases: tuple[Name, ...] = ()
    """Other names under which it can be asked for."""
    notes: tuple[Source, ...] = ()
    """Disagreements between sources."""
    active_from: Month | None = None
    """First month it exists; from the start where not given."""
    lineage: Identifier | None = None
    """The faction it descends from: an oath of the line counts for the root."""
    parent: Identifier | None = None
    """The faction whose leader it quarrels with or obeys (an umbrella and its commanders)."""
    home: Identifier
    """Region it comes from."""
    theatre: Identifier
    """Region it operates in at the start."""
    allegiance: Allegiance
    """At the start: a patron's name, ``ally(patron)``, or ``independent``."""
    oath: Literal["none", "sworn"] = "none"
    """State of the oath at the start."""
    oath_bond: Bond = Field(default_factory=Bond)
    """Bond of that oath."""
    foreign: bool = False
    """Foreign to the countries at war."""
    leader: Name | None = None
    """Historical leader, or none."""
    fighters: Persons
    """Armed men."""
    local_share: Share
    """Share in the outer, local layer; the rest is the inner core (M52)."""
    war_chest: Months = q(3.0)
    """Funds, in months of upkeep per fighter."""
    salafism: Share
    """Doctrine: that of the country 0 to Salafi 1."""
    globalism: Share
    """Aim: national 0 to global caliphate 1 (M33)."""
    embeddedness: dict[Identifier, Share] = Field(default_factory=dict)
    """Trust tie with the core of each patron, from dated evidence before 2014-06."""
    local_roots: Share
    """Standing in the home area (M16)."""
    ethnic_mix: Annotated[EthnicMix, Field(min_length=1)]
    """Of the outer layer at the start, by group."""
    youth: Share
    """Share of members with no tie to the founding generation (M38)."""
    cohesion: Share = q(0.6)
    """Resistance to splitting."""
    autonomy: Share
    """Wish to stay separate (M22)."""
    relevance: Share = q(0.5)
    """Standing among peers (M01)."""
    adaptability: Share = q(0.5)
    """Ability to adapt its brand (M17)."""
    leader_authority: Share = q(0.6)
    """Authority of its leader."""
    visibility: Share = q(1.0)
    """How visible it is for its size (media and urban cells are hard to see)."""
    veteran_ties: Share = q(0.0)
    """Ties to veterans of the war elsewhere (M36)."""
    grievance_latent: dict[Identifier, Factor] = Field(default_factory=dict)
    """Old resentment against a patron (M04)."""
    rival_of: dict[Identifier, Share] = Field(default_factory=dict)
    """How far its leader is a rival passed over in a patron's succession (M03)."""
    rival_of_parent: Share = q(0.0)
    """How far its leader is a rival passed over in the parent's succession."""


class Patron(Frozen):
    """A pole that factions may swear to."""

    name: Name
    """Name for figures."""
    leader: Name
    """Leader at the start."""
    incumbent: bool = False
    """Holds the field at the start: it gives permission to operate (M05) and is the old brand (M38)."""
    salafism: Share
    """Doctrine: that of the country 0 to Salafi 1."""
    globalism: Share
    """Aim: national 0 to global caliphate 1 (M33)."""
    recognition: Share
    """Share of its field that recognises the leader."""
    doctrinal_consistency: Share
    """How far its deeds agree with its doctrine (M58)."""
    momentum: Share
    """Recent success (M18, M36)."""
    institutionalisation: Share
    """How far the office outlives the man (M33, M34)."""
    transfer: Upkeep
    """Transfer per sworn fighter and month (M06)."""
    effort: Share
    """How far it wants to root itself here (M23)."""
    outside_support: Share = q(0.0)
    """Support by outside powers (M43)."""
    global_backing: Share = q(0.0)
    """Effort of the global organisation behind it (M68)."""
    core_pressure: Share = q(0.0)
    """Pressure on its core elsewhere (M35)."""
    capability: Share
    """Skill (M59)."""
    franchise_slots: Count
    """Factions it can recognise (M15)."""
    acceptance: Share = q(1.0)
    """Policy: 1 answers bids on their merit, 0 accepts nobody."""
    declines: tuple[Identifier, ...] = ()
    """Factions of which it answers no bid."""
    accepts_only: tuple[Identifier, ...] = ()
    """The only factions of which it answers bids; all where not given."""
    latent: bool = False
    """Not there at the start: events open its offers and found it, and without them it never comes."""
    tolerance: Share
    """Autonomy it leaves to its factions (M22)."""
    posture: Share = q(0.0)
    """Toward foreign allies: 0 accommodate to 1 crack down (M24 to M28)."""
    goal: Share
    """Inward 0 to outward 1 (M64)."""
    brutality: Share
    """Violence it shows to locals (M39)."""
    recruits: Persons = q(0.0)
    """Men who join its core each month where nothing hinders or helps (P20)."""
    growth: Share = q(0.0)
    """Monthly growth of its core."""
    core_fighters: Persons = q(0.0)
    """Its own men at the start."""
    core_regions: dict[Identifier, Share] = Field(default_factory=dict)
    """Where they are."""
    core_mix: EthnicMix = Field(default_factory=dict)
    """Their ethnic mix; all of the first group where not given."""
    captured: Persons = q(0.0)
    """Its men in prison at the start."""
    constant: Weight = q(0.0)
    """Constant of an oath to it in the utility: what the terms leave unexplained."""
    interest: dict[Identifier, Share]
    """Interest in each region (M23, M45, M68); 0 where not given."""
    hostility: dict[Identifier, Share] = Field(default_factory=dict)
    """Toward other patrons at the start (M54)."""
    convergence: dict[Identifier, Share] = Field(default_factory=dict)
    """Ends shared with other patrons (M63)."""


class Region(Frozen):
    """A part of the theatre."""

    name: Name
    """Name for figures."""
    country: Name
    """Country it lies in."""
    area: Identifier
    """One of the scenario's ``areas``."""
    grid: tuple[int, int]
    """Row and column in the map-like figure."""
    neighbours: tuple[Identifier, ...]
    """Regions it borders on; each must name the other."""
    holder: Identifier = "state"
    """``state`` or a patron."""
    state_capacity: Share
    """Hold of the state on the region (M40, M66)."""
    pressure: Share
    """State pressure at the start."""
    offer: Share = q(0.0)
    """Peace on offer."""
    salafi_milieu: Share
    """How far the milieu is Salafi (M57, M78)."""
    minority_grievance: Share = q(0.0)
    """Grievance of minorities (M56)."""
    push: Share
    """Exclusion, poor religious education, repression (M47)."""
    recruit_pool: Persons
    """Men who could be recruited over the period."""
    ethnic_mix: Annotated[EthnicMix, Field(min_length=1)]
    """Of the population, by group."""
    held: dict[Identifier, Share] = Field(default_factory=dict)
    """Ground that a patron held in the past."""
    support: dict[Identifier, Share] = Field(default_factory=dict)
    """Population support of a patron."""
    reach: dict[Identifier, Share] = Field(default_factory=dict)
    """Share of nominal force that a patron can use here in a month (P5)."""
    exposure: Share = q(0.0)
    """Nearness to the countries abroad (M77)."""


class Tie(Frozen):
    """A tie between two factions."""

    a: Identifier
    """One faction."""
    b: Identifier
    """The other."""
    weight: Share
    """Strength."""
    kind: Literal["command", "kin", "hosting", "alliance", "training", "rivalry_in_unit"] = "alliance"
    """What ties them: a label, which no rule reads."""
    source: Source
    """Where the tie is known from."""


class Centres(Frozen):
    """What the terms of standing with a patron are centred on, in the unit of each term's feature.

    Means over the factions of the scenario's first month, computed by ``bayah centre``; what-ifs share them.
    """

    embed: float = 0.0
    """Trust tie."""
    ideology: float = 0.0
    """Distance of doctrine."""
    resource: float = 0.0
    """Resources expected."""
    recruits: float = 0.0
    """Recruits expected."""
    legitimacy: float = 0.0
    """Legitimacy against its start."""
    novelty: float = 0.0
    """New brand among the young."""
    power: float = 0.0
    """Bandwagon and balance by the share of force."""
    tie: float = 0.0
    """Recent converts among peers, and veterans."""
    local: float = 0.0
    """Ground held in the theatre."""
    punishment: float = 0.0
    """Punishment expected from rivals."""
    autonomy: float = 0.0
    """Autonomy lost."""
    retain: float = 0.0
    """Members it fears to lose."""
    survival: float = 0.0
    """Fear of oblivion."""
    adapt: float = 0.0
    """Pull of an entrant on those that cannot adapt."""
    niche: float = 0.0
    """Free franchise slots."""


class Decision(Frozen):
    """How factions choose."""

    rule: Rule = "logit"
    """Decision rule; the others are rivals and baselines."""
    rationality: Factor = q(1.0)
    """Precision of the choice (P24); 1 is the unit of the weights."""
    theta: Weight = q(3.0)
    """The best option must beat the present one by this much."""
    threshold_mean: Share = q(0.35)
    """Mean threshold of the ``threshold`` rule."""
    threshold_sd: Share = q(0.15)
    """Its standard deviation."""
    centres: dict[Identifier, Centres] = Field(default_factory=dict)
    """Centres of the terms by patron, computed once from the first month (``bayah centre``)."""


class Structure(Frozen):
    """Structural choices that are not statements of an article."""

    legitimacy_fall: Literal["constant", "linear", "saturating"] = "linear"
    """How the fall at revelation grows with the months of concealment."""
    concealment_erosion: bool = False
    """Rumours erode recognition while a death is hidden."""


class ObservationSource(Frozen):
    """One source of reports."""

    attacks: Factor
    """Share of attacks reported (1 all; above 1 over-claimed)."""
    strength: Factor
    """Bias of reported strength."""
    kind: Literal["monitor", "claims", "holder", "foreign_state"]
    """Who speaks: an outside monitor, the faction itself (M60), the holder of the state (M80), a foreign state (M49)."""


class Observation(Frozen):
    """What sources would report of the true state."""

    strength_sd: Factor = q(0.5)
    """Log sd of strength estimates (P22)."""
    attack_rate: Factor = q(8.2)
    """Attacks per month by a thousand fighters of full capability."""
    attack_sd: Factor = q(0.4)
    """Log sd of monthly attacks."""
    foreign_bias: Factor = q(1.5)
    """Inflation of official numbers of foreign fighters (M49)."""
    claim_factor: Factor = q(1.5)
    """Inflation of claims (M60)."""
    denial: Share = q(0.6)
    """Part that a patron in government denies (M80)."""
    threat_inflation: Factor = q(2.0)
    """Threat as home states present it, against the true size (M21)."""
    patron: Identifier | None = None
    """Whose attacks are observed; the last patron where not given."""
    sources: dict[Identifier, ObservationSource] = Field(default_factory=dict)
    """Sources of reports, by id."""


class Report(Frozen):
    """What the summary and the figures show of this scenario."""

    dates: tuple[Month, ...] = ()
    """Months of the printed table."""
    focus: Identifier | None = None
    """The patron whose rise is asked about; the last one where not given."""
    marks: tuple[Identifier, ...] = ()
    """Events marked in figures."""
    titles: dict[Identifier, Name] = Field(default_factory=dict)
    """What outcomes mean here, by name, in figures and tables; the general meaning where not given."""


class Readout(Frozen):
    """Where the answer to a what-if is read, and what would be no effect."""

    outcome: Name
    """An outcome by month or of the run (``bayah list outcomes``)."""
    month: Month | None = None
    """The month read; the last one of the period where not given. Not for outcomes of the run."""
    no_effect: Annotated[float, Field(gt=0)]
    """A mean difference smaller than this, in the unit of the outcome, counts as no effect."""
    because: Name
    """Why so much."""
    direction: Literal["lower", "higher", "same"] | None = None
    """What the source leads one to expect of the alternative, to be tested (``bayah directions``)."""
    stated: Name | None = None
    """Who says so: articles and statements, or the record."""


class Change(Frozen):
    """What holds from a month on."""

    set: dict[Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$")], JsonValue] = Field(
        default_factory=dict
    )
    """Values by dotted path, as ``patrons.iskp.acceptance: {value: 0, source: ...}``."""
    remove: tuple[Annotated[str, StringConstraints(pattern=r"^[^\s.]+(\.[^\s.]+)+$")], ...] = ()
    """Events that do not come any more, as ``events.doha_truce``."""


class WhatIf(Frozen):
    """What a what-if is about: what a reader needs to judge its answer, stated before it is run."""

    statements: tuple[MechanismId, ...] = ()
    """Statements of the articles that it bears on."""
    held_fixed: tuple[Annotated[str, StringConstraints(min_length=1, max_length=500)], ...] = ()
    """What is as in the baseline although it might not have been."""
    readouts: tuple[Readout, ...] = ()
    """Where the answer is read; the first is the main one."""
    expects: Annotated[str, StringConstraints(max_length=500)] | None = None
    """What the articles, or the record, lead one to expect: to be tested, not built in."""


class Citation(Frozen):
    """A source that numbers refer to by its key."""

    cite: Source
    """How to cite it."""
    kind: Literal["article", "literature", "data", "coding", "record"]
    """Class of a number that names it first."""


class Scenario(Frozen):
    """A whole scenario, checked."""

    meta: Meta
    """What the scenario is."""
    period: Period
    """The months simulated."""
    groups: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=4)]
    """One to four ethnic groups; the first is the majority of the countries at war."""
    areas: dict[Identifier, tuple[Area, ...]]
    """Areas that regions lie in, and what each counts as: ``abroad`` (outside the countries at war), ``north`` and
    ``west`` (for the shares of the focus patron's men), ``gathered`` (for guests, M61)."""
    patrons: dict[Identifier, Patron]
    """Poles that factions may swear to, by id."""
    factions: dict[Identifier, Faction]
    """Organisations that choose, by id."""
    regions: dict[Identifier, Region]
    """Parts of the theatre, by id."""
    ties: tuple[Tie, ...] = ()
    """Ties between factions."""
    events: dict[Identifier, Event] = Field(default_factory=dict)
    """What happens at a date, by id; the kind of an event says what else it needs."""
    mechanisms: dict[MechanismId, bool] = Field(default_factory=dict)
    """Switches of the statements M01 to M80; on where not given (M53 and M73, which are contested, are off)."""
    structure: Structure = Field(default_factory=Structure)
    """Structural choices."""
    decision: Decision = Field(default_factory=Decision)
    """How factions choose."""
    weights: Weights = Field(default_factory=Weights)
    """Numbers of the rules."""
    observation: Observation = Field(default_factory=Observation)
    """What sources would report."""
    report: Report = Field(default_factory=Report)
    """What summary and figures show."""
    changes: dict[Month, Change] = Field(default_factory=dict)
    """What changes in a month and holds from then on; before it the run is as it was."""
    what_if: WhatIf | None = None
    """Of a what-if: what it bears on, what is held fixed, where the answer is read."""
    sources: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")], Citation] = (
        Field(default_factory=dict)
    )
    """Sources by key."""


__all__ += [
    "Bond",
    "Centres",
    "Change",
    "Citation",
    "Date",
    "Decision",
    "Observation",
    "ObservationSource",
    "Quantity",
    "Readout",
    "Report",
    "Structure",
    "WhatIf",
]
