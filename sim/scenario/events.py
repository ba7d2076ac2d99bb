"""Events are data: one class a kind, told apart by ``kind``. The rule of a kind stands in ``sim/rules/news.py``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .quantities import (
    Date,
    Effect,
    Factor,
    Frozen,
    Hazard,
    Identifier,
    Months,
    Name,
    Persons,
    Share,
    Source,
    Upkeep,
    q,
)

__all__ = ["EVENT_KINDS", "Event"]


class EventBase(Frozen):
    """What all events share."""

    date: Date
    """Month of the event, ``YYYY-MM``, or relative to another event: ``iskp_founded + 5``."""
    title: Name | None = None
    """What happened, in a few words, for figures."""
    source: Source
    """Where the date is from."""
    note: Name | None = None
    """Disagreement between sources, or a caveat."""
    requires: tuple[Identifier, ...] = ()
    """Events that must have happened before or in the same month."""
    voids: tuple[Identifier, ...] = ()
    """Events that cannot happen once this one has."""


class LeaderDies(EventBase):
    """A patron loses its leader; a concealed death is news only when revealed."""

    kind: Literal["leader_dies"]
    patron: Identifier
    """Whose leader dies."""
    concealed: bool = False
    """The death is hidden until a ``revealed`` event."""
    external: bool = False
    """Killed by an outside power (M42)."""


class Revealed(EventBase):
    """A concealed death becomes known (M02)."""

    kind: Literal["revealed"]
    patron: Identifier
    """Whose leader's death becomes known."""


class Succession(EventBase):
    """A patron names a successor, whose recognition starts low and heals (M12)."""

    kind: Literal["succession"]
    patron: Identifier
    """Who names a successor."""
    leader: Name
    """The successor."""
    recognition: Share
    """Recognition on the first day (r0)."""


class FactionSuccession(EventBase):
    """A faction names a new leader; its children may refuse him."""

    kind: Literal["faction_succession"]
    faction: Identifier
    """Who names a new leader."""
    leader: Name
    """The new leader."""
    recognition: Share
    """Recognition among its children on the first day."""


class Strike(EventBase):
    """An outside power removes the leader of a faction (M42)."""

    kind: Literal["strike"]
    faction: Identifier
    """Who loses its leader."""
    loss: Share = q(0.2)
    """Share of its fighters that is lost with him."""


class Operation(EventBase):
    """A state operation presses regions and may displace who is there (M51)."""

    kind: Literal["operation"]
    regions: tuple[Identifier, ...]
    """Where it presses."""
    pressure: Share
    """State pressure while it lasts."""
    months: Months
    """How long the pressure lasts."""
    displaces: Share = q(0.0)
    """Probability that a faction there is displaced."""
    destinations: dict[Identifier, Share] = Field(default_factory=dict)
    """Where the displaced go, by weight."""


class Resettlement(EventBase):
    """A patron moves foreign guests to other regions (M61)."""

    kind: Literal["resettlement"]
    patron: Identifier
    """Who moves them."""
    factions: tuple[Identifier, ...]
    """Guests that are moved."""
    destinations: dict[Identifier, Share]
    """Where they go, by weight."""


class Transfer(EventBase):
    """A patron's transfer per fighter changes."""

    kind: Literal["transfer"]
    patron: Identifier
    """Who pays."""
    level: Upkeep
    """New level, in upkeep multiples per sworn fighter and month."""


class CoreDecline(EventBase):
    """A patron's core, elsewhere, begins to decline; its transfers halve with this half-life (P4)."""

    kind: Literal["core_decline"]
    patron: Identifier
    """Whose core declines."""
    half_life: Months
    """Months in which its transfers halve."""


class CorePressure(EventBase):
    """Pressure on a patron's core elsewhere (M35)."""

    kind: Literal["core_pressure"]
    patron: Identifier
    """Whose core is pressed."""
    level: Share
    """Pressure from here on."""


class OffersOpen(EventBase):
    """Oaths to the patron are asked for: factions may offer."""

    kind: Literal["offers_open"]
    patron: Identifier
    """To whom oaths are asked for."""


class Founded(EventBase):
    """The patron founds its branch: offers are answered from here on (M50)."""

    kind: Literal["founded"]
    patron: Identifier
    """Who founds its branch."""
    region: Identifier
    """Where it gathers."""
    envoys: Persons = q(0.0)
    """Men sent by the centre: repositioning."""
    recruited: Persons = q(0.0)
    """Men recruited locally at the start: recruitment."""
    resettled: Persons = q(0.0)
    """Foreigners gathered at the start: resettlement."""


class UnityPlea(EventBase):
    """A patron asks a rival for one flag; refusal makes hostility (M54)."""

    kind: Literal["unity_plea"]
    patron: Identifier
    """Who asks."""
    to: Identifier
    """The rival that is asked."""
    refused: bool = True
    """Whether the rival refuses."""


class Takeover(EventBase):
    """A patron takes the state in all regions of a country."""

    kind: Literal["takeover"]
    patron: Identifier
    """Who takes the state."""
    country: Name
    """Where; all regions of the country."""
    capacity: Share
    """State capacity of the new holder."""


class Release(EventBase):
    """A patron's men are freed from prison; they cannot exceed those captured and the stock stated here."""

    kind: Literal["release"]
    patron: Identifier
    """Whose men are freed."""
    region: Identifier
    """Where they are freed."""
    fighters: Persons
    """Men freed."""


class Returnees(EventBase):
    """Fighters abroad who may return (M31, M48, M70, M73, M76)."""

    kind: Literal["returnees"]
    pool: Persons
    """Men abroad at this date."""
    patron: Identifier
    """Whose war they fought."""
    permitted: Share = q(0.0)
    """How far that patron permits return (M48)."""
    regions: dict[Identifier, Share]
    """Where they come back to, by weight."""
    share: Share | None = None
    """Share of those alive who come back within ``months``, whatever moves them; by the rule where not given."""
    months: Months = q(36)
    """Months within which a stated share comes back."""


class Posture(EventBase):
    """Neighbours demand that a patron curb its foreign allies (M30)."""

    kind: Literal["posture"]
    patron: Identifier
    """Of whom it is demanded."""
    demand: Share
    """How far neighbours demand it."""


class Talks(EventBase):
    """Talks open on a deal with a patron (M44, M67)."""

    kind: Literal["talks"]
    patron: Identifier
    """With whom a deal is talked about."""
    months: Months
    """How long they stay open."""


class Truce(EventBase):
    """A patron signs with an enemy, which costs it consistency in the eyes of purists (M58)."""

    kind: Literal["truce"]
    patron: Identifier
    """Who signs."""
    cost: Share
    """Doctrinal consistency lost."""
    counter: Share = q(0.0)
    """Part of the cost that its jurists win back."""


class Promise(EventBase):
    """A patron promises outsiders to curb its allies, for support (M29)."""

    kind: Literal["promise"]
    patron: Identifier
    """Who promises."""
    support: Share
    """Support it would earn if fully believed."""


class Prestige(EventBase):
    """Success or failure changes a patron's momentum (M36)."""

    kind: Literal["prestige"]
    patron: Identifier
    """Whose momentum changes."""
    momentum: Effect
    """Change of its momentum."""


class TerritorialCollapse(EventBase):
    """A patron loses its territory elsewhere (P19)."""

    kind: Literal["territorial_collapse"]
    patron: Identifier
    """Who loses its territory."""
    momentum: Effect
    """Change of its momentum."""
    core: Share
    """What is left of its core (1 nothing lost)."""


class Support(EventBase):
    """Outside powers support a patron at a new level (M43)."""

    kind: Literal["support"]
    patron: Identifier
    """Who is supported."""
    level: Share
    """Support from here on."""


class Pressure(EventBase):
    """State or outside pressure on regions, lasting."""

    kind: Literal["pressure"]
    regions: tuple[Identifier, ...]
    """Where."""
    level: Share
    """Pressure while it lasts."""
    months: Months
    """How long it lasts."""


class Drawdown(EventBase):
    """Outside forces leave: state capacity falls (M66)."""

    kind: Literal["drawdown"]
    country: Name
    """Which state they leave."""
    capacity: Share
    """State capacity lost in full."""
    months: Months
    """How long it takes."""


class Sanctuary(EventBase):
    """A neighbour shelters an armed opposition (M32)."""

    kind: Literal["sanctuary"]
    regions: tuple[Identifier, ...]
    """Which regions it destabilises."""
    instability: Share
    """Instability that it adds."""


class Repression(EventBase):
    """States over-react at home (M46)."""

    kind: Literal["repression"]
    regions: tuple[Identifier, ...]
    """Where."""
    level: Share
    """Repression from here on."""


class MinorityAbuse(EventBase):
    """Minorities are abused (M56)."""

    kind: Literal["minority_abuse"]
    regions: tuple[Identifier, ...]
    """Where."""
    grievance: Effect
    """Change of the grievance of minorities."""


class PeaceOffer(EventBase):
    """The holder offers peace to whoever lays down arms."""

    kind: Literal["peace_offer"]
    regions: tuple[Identifier, ...]
    """Where."""
    level: Share
    """Peace on offer while it lasts."""
    months: Months
    """How long it lasts."""


class ThirdHelp(EventBase):
    """An outside power helps those who left a patron for themselves."""

    kind: Literal["third_help"]
    factor: Factor
    """Strength it lends them, 1 meaning none."""


class ForceAttrition(EventBase):
    """State forces of a country begin to lose men by attrition and desertion (M40)."""

    kind: Literal["force_attrition"]
    country: Name
    """Whose forces."""
    rate: Hazard
    """State capacity lost each month."""


class GoalChange(EventBase):
    """A patron turns outward or inward (M64)."""

    kind: Literal["goal"]
    patron: Identifier
    """Who turns."""
    goal: Share
    """0 inward to 1 outward."""


class InterestChange(EventBase):
    """A patron's interest in regions changes (M23, M45)."""

    kind: Literal["interest"]
    patron: Identifier
    """Whose interest changes."""
    regions: tuple[Identifier, ...]
    """In which regions."""
    level: Share
    """Interest from here on."""


class Crackdown(EventBase):
    """A patron steps up, or eases, its crackdown on a rival; those beside the rival may be hit as well (M46, M74)."""

    kind: Literal["crackdown"]
    patron: Identifier
    """Who cracks down, or eases."""
    to: Identifier
    """The rival."""
    intensity: Factor
    """Force it uses against the rival, 1 meaning as before."""
    indiscriminate: Effect = q(0.0)
    """Change of the repression that people in the regions feel: above 0 it strikes widely, below 0 it picks."""
    regions: tuple[Identifier, ...]
    """Where people feel it."""


Event = Annotated[
    LeaderDies | Revealed | Succession | FactionSuccession | Strike | Operation | Resettlement | Transfer
    | CoreDecline | CorePressure | OffersOpen | Founded | UnityPlea | Takeover | Release | Returnees | Posture
    | Talks | Truce | Promise | Prestige | TerritorialCollapse | Support | Pressure | Drawdown | Sanctuary
    | Repression | MinorityAbuse | PeaceOffer | ThirdHelp | ForceAttrition | GoalChange | InterestChange | Crackdown,
    Field(discriminator="kind"),
]  # fmt: skip
"""Any event."""

EVENT_KINDS: tuple[str, ...] = (
    "leader_dies", "revealed", "succession", "faction_succession", "strike", "operation", "resettlement", "transfer",
    "core_decline", "core_pressure", "offers_open", "founded", "unity_plea", "takeover", "release", "returnees",
    "posture", "talks", "truce", "promise", "prestige", "territorial_collapse", "support", "pressure", "drawdown",
    "sanctuary", "repression", "minority_abuse", "peace_offer", "third_help", "force_attrition", "goal", "interest",
    "crackdown",
)  # fmt: skip
"""All kinds, in the order of their codes in the compiled event table."""
