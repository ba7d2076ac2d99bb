"""What a run is made of: matrices of numbers, columns by name, with units.

A run holds plain float64 and int64 matrices, because compiled rules and Mesa agents then read and write the same
memory at the least cost. The tables below name each column; the constants (``F_FIGHTERS`` ...) are their
positions, and a test holds the two together. Months count from the first month of the period, -1 for never.

| matrix | shape | what |
| --- | --- | --- |
| ``F`` | (rows, F_WIDTH) | factions, numbers |
| ``I`` | (rows, I_WIDTH) | factions, codes and months |
| ``X`` | (rows, K, X_WIDTH) | faction by patron |
| ``P`` | (K, P_WIDTH) | patrons |
| ``W`` | (K + 1, K + 1, W_WIDTH) | patron by patron; the last is the third pole |
| ``G`` | (regions, G_WIDTH) | regions |
| ``H`` | (regions, K + 1, H_WIDTH) | region by patron |
| ``C`` | (C_WIDTH,) | the run |
| ``A`` | (A_WIDTH,) | weights, switches, structural choices |
| ``E`` | (events, E_WIDTH) | dated events |

K is the number of patrons. The third pole is made of those who left a patron for themselves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
ByteArray = NDArray[np.uint8]


class Column(NamedTuple):
    """A column: its name, unit and meaning."""

    name: str
    unit: str
    meaning: str


FACTION: tuple[Column, ...] = (
    Column("fighters", "persons", "Armed men, sum of both layers."),
    Column("local_share", "share", "Part in the outer, local layer (M52)."),
    Column("war_chest", "months", "Funds in months of upkeep per fighter, 0 to 12."),
    Column("salafism", "share", "Doctrine, that of the country 0 to Salafi 1."),
    Column("globalism", "share", "National 0 to global 1 (M33)."),
    Column("local_roots", "share", "Standing in the home area (M16)."),
    Column("youth", "share", "Members with no tie to the founding generation (M38)."),
    Column("cohesion", "share", "Resistance to splitting."),
    Column("cohesion_start", "share", "Where cohesion returns to."),
    Column("autonomy", "share", "Wish to stay separate (M22)."),
    Column("relevance", "share", "Standing among peers (M01)."),
    Column("adaptability", "share", "Ability to adapt the brand (M17)."),
    Column("authority", "share", "Authority of the leader."),
    Column("veterans", "share", "Ties to veterans of the war elsewhere (M36)."),
    Column("visibility", "share", "How visible for its size."),
    Column("mix_1", "share", "The first group's, of the outer layer."),
    Column("mix_2", "share", "The second group's, of the outer layer."),
    Column("mix_3", "share", "The third group's, of the outer layer."),
    Column("mix_4", "share", "The fourth group's, of the outer layer."),
    Column("drift", "share", "Distance of identity from home (M20)."),
    Column("bond_person", "share", "Bond of the oath to the man."),
    Column("bond_office", "share", "Bond of the oath to the institution."),
    Column("green", "share", "Members who joined late; they leave first."),
    Column("losses", "share", "Recent losses, share of fighters, half-life 3 months."),
    Column("gains", "share", "Recent gains, share of fighters, half-life 3 months."),
    Column("quality", "factor", "Quality of commanders and arms (M19)."),
    Column("recognition", "share", "Recognition of its own leader by its children."),
    Column("rival_of_parent", "share", "Passed over in the parent's succession."),
    Column("parent_grievance", "log-odds", "Quarrel with the parent's leader this month."),
    Column("leak", "share", "Members expected to leave for another theatre this month (M14)."),
    Column("punishment", "share", "Punishment expected from the present patron's rivals, last appraisal."),
    Column("deaths", "persons", "Deaths of this month."),
    Column("recruited", "persons", "Ever recruited."),
    Column("killed", "persons", "Ever killed."),
    Column("captured", "persons", "Ever captured."),
    Column("surrendered", "persons", "Ever surrendered to the holder."),
    Column("left", "persons", "Ever left: deserted, leaked, lost in flight."),
    Column("returned", "persons", "Ever received from abroad."),
    Column("threshold", "share", "Own threshold (decision rule ``threshold``)."),
    Column("tie_sum", "share", "Sum of the weights of its ties."),
    Column("split_draw", "share", "The draw that decides on a split this month."),
)
"""Numbers of a faction (matrix ``F``)."""

FACTION_CODES: tuple[Column, ...] = (
    Column("fate", "code", "See the FATE codes."),
    Column("allegiance", "option", "Option held: patron k, K + k ally of k, 2K independent, 2K + 1 exit."),
    Column("oath", "code", "See the OATH codes."),
    Column("home", "region", "Row of the home region."),
    Column("theatre", "region", "Row of the region operated in."),
    Column("parent", "faction", "Row of the parent, or -1."),
    Column("root", "faction", "Row of the first of its line."),
    Column("ties", "faction", "Row whose ties it has: its own, or its parent's at birth."),
    Column("active_from", "month", "First month it exists."),
    Column("entity", "code", "Address of its draws."),
    Column("born", "count", "Splinters it has had."),
    Column("foreign", "flag", "Foreign to the countries at war."),
    Column("wake", "bits", "Why it is awake this month (WAKE codes), 0 asleep."),
    Column("choice", "option", "Option chosen this month, or -1."),
    Column("offer_month", "month", "Month of the open offer, or -1."),
    Column("answer_month", "month", "Month the answer is due, or -1."),
    Column("visible_from", "month", "Month from which its oath is seen, or -1."),
    Column("lag", "months", "Months from visibility to retaliation."),
    Column(
        "first_support",
        "month",
        "First month allied with, or offering to, a patron it did not start with; -1 never.",
    ),
    Column("first_oath", "month", "First month it swore to such a patron; -1 never."),
    Column("first_accept", "month", "First month such a patron accepted; -1 never."),
    Column("switched", "month", "Month of the last change of allegiance, or -1."),
    Column("appraised", "month", "Month of the last appraisal, or -1."),
    Column("left_patron", "patron", "Patron it left for itself (the third pole), or -1."),
    Column("left_month", "month", "When it left, or -1."),
    Column("leader_lost", "month", "Month its leader was lost, or -1."),
    Column("displaced", "month", "Month it was displaced or resettled, or -1."),
    Column("answered", "month", "Month its offer was answered or ignored, or -1."),
    Column("start_allegiance", "option", "Option held at the start."),
    Column("crusher", "patron", "Who destroyed it, or -1."),
    Column("walked_out", "month", "First month it left a patron for itself, or -1."),
    Column("born_month", "month", "Month it split off, or -1."),
    Column("declined_by", "bits", "Patrons that answer none of its bids: the sum of 2^k over them."),
)
"""Codes and months of a faction (matrix ``I``)."""

FACTION_PATRON: tuple[Column, ...] = (
    Column("embeddedness", "share", "Trust tie with the core of the patron."),
    Column("latent", "log-odds", "Old resentment (M04)."),
    Column("succession", "log-odds", "Grievance of one passed over (M03)."),
    Column("rival", "share", "Passed over in the patron's succession."),
)
"""A faction toward a patron (matrix ``X``)."""

PATRON: tuple[Column, ...] = (
    Column("salafism", "share", "Doctrine."),
    Column("globalism", "share", "Aim."),
    Column("recognition", "share", "Recognition of the leader."),
    Column("consistency", "share", "Doctrinal consistency (M58)."),
    Column("consistency_start", "share", "Where consistency heals to."),
    Column("momentum", "share", "Recent success (M18, M36)."),
    Column("institution", "share", "How far the office outlives the man (M34)."),
    Column("transfer", "upkeep multiples", "Transfer per sworn fighter and month (M06)."),
    Column("transfer_decay", "factor", "Monthly factor on the transfer once the core declines."),
    Column("effort", "share", "How far it wants to root itself here (M23)."),
    Column("support", "share", "Support by outside powers (M43)."),
    Column("support_level", "share", "Level that events give outside support."),
    Column("promise", "share", "Support that a promise would earn (M29)."),
    Column("backing", "share", "Effort of the global organisation behind it (M68)."),
    Column("core_pressure", "share", "Pressure on the core elsewhere (M35)."),
    Column("core_state", "share", "What is left of the core elsewhere."),
    Column("capability", "share", "Skill (M59)."),
    Column("slots", "count", "Factions it can recognise (M15)."),
    Column("slots_used", "count", "Factions it has recognised."),
    Column("acceptance", "share", "Policy of answering bids."),
    Column("tolerance", "share", "Autonomy it leaves (M22)."),
    Column("posture", "share", "Toward foreign allies, accommodate 0 to crack down 1."),
    Column("demand", "share", "Demand by neighbours to crack down (M30)."),
    Column("goal", "share", "Inward 0 to outward 1 (M64)."),
    Column("brutality", "share", "Violence shown to locals (M39)."),
    Column("recruits", "persons", "Base inflow a month (P20)."),
    Column("growth", "share", "Base growth of the core a month."),
    Column("captured", "persons", "Its men in prison."),
    Column("constant", "log-odds", "Constant of an oath."),
    Column("incumbent", "flag", "Holds the field at the start."),
    Column("offers_from", "month", "Month from which factions may offer; a large number for never."),
    Column("founded", "month", "Month from which offers are answered; a large number for never."),
    Column("holds_state", "flag", "In government."),
    Column("concealed", "month", "Month of a concealed death, or -1."),
    Column("entity", "code", "Address of its draws."),
    Column("revealed", "month", "Month of the last revelation, or -1."),
    Column("leader_lost", "month", "Month the leader was lost, or -1."),
    Column("news", "month", "Month of the last news of it, or -1."),
    Column("legitimacy", "share", "recognition x consistency x (0.5 + momentum / 2)."),
    Column("legitimacy_start", "share", "Legitimacy in the reference month."),
    Column("fragmentation", "share", "Disunity of its side (M65)."),
    Column("core", "persons", "Its own men, all regions."),
    Column("mix_1", "share", "The first group's, of the core."),
    Column("mix_2", "share", "The second group's, of the core."),
    Column("mix_3", "share", "The third group's, of the core."),
    Column("mix_4", "share", "The fourth group's, of the core."),
    Column("sworn", "persons", "Men of accepted factions."),
    Column("declared", "persons", "Men of factions that swore and were not accepted."),
    Column("allied", "persons", "Men of allies without an oath."),
    Column("foreign_core", "persons", "Inner-layer men of its factions."),
    Column("force_before", "persons", "Core, sworn and declared men a month ago."),
    Column("share", "share", "Share of factions with it, allies half."),
    Column("switches", "count", "Factions newly sworn to it this month."),
    Column("defectors", "count", "Factions that left it for another patron this month."),
    Column("visible_allies", "share", "Foreign allies' activity seen abroad (M79)."),
    Column("threat", "share", "The strongest rival's force against its own."),
    Column("felt_pressure", "share", "State pressure on its men, by where they are."),
    Column("betrayal", "share", "Crackdown by rivals on their own allies, as told against them (M25)."),
    Column("silence", "share", "Silence it imposes on its guests (M28)."),
    Column("foreign_allies", "share", "Foreign part of the men who stand with it."),
    Column("agitation", "share", "Strength of those who drive wedges into its side (M09)."),
    Column("deaths", "persons", "Deaths of its side by rivals this month."),
    Column("crushed", "count", "Fronts of its side destroyed so far."),
    Column("killed", "persons", "Core men ever killed."),
    Column("left", "persons", "Core men ever gone: deserted, turned."),
    Column("joined", "persons", "Core men ever recruited or received."),
    Column("vacant", "flag", "Its leader is gone and no successor named."),
    Column("parted", "persons", "Men of factions that left it and stand elsewhere."),
    Column("guests", "persons", "Men of foreign factions that stand with it."),
)
"""A patron (matrix ``P``)."""

PATRON_PATRON: tuple[Column, ...] = (
    Column("hostility", "share", "Of the row toward the column, cordial 0 to war 1."),
    Column("convergence", "share", "Ends shared (M63)."),
    Column("deaths", "persons", "Deaths that the row caused the column this month."),
    Column("killed", "persons", "The same, ever."),
    Column("effective", "share", "Hostility as acted upon (M63, M64)."),
    Column("contact", "share", "Share of the row's force beside the column's."),
    Column(
        "crackdown", "factor", "Force that the row uses against the column beyond the usual, in shares of it."
    ),
)
"""A patron toward another (matrix ``W``)."""

REGION: tuple[Column, ...] = (
    Column("country", "code", "Country."),
    Column("area", "area", "Area, for shares."),
    Column("holder", "patron", "-1 the state, or the patron that holds it."),
    Column("capacity", "share", "State capacity (M40)."),
    Column("attrition", "share", "Monthly loss of capacity once attrition began (M40)."),
    Column("drawdown", "share", "Capacity still to be lost to a drawdown (M66)."),
    Column("drawdown_step", "share", "Capacity lost to it each month."),
    Column("pressure", "share", "State pressure."),
    Column("pressure_base", "share", "Pressure it returns to."),
    Column("pressure_until", "month", "Last month of raised pressure, or -1."),
    Column("offer", "share", "Peace on offer."),
    Column("offer_until", "month", "Last month of the offer, or -1."),
    Column("milieu", "share", "Salafi milieu (M57)."),
    Column("minority", "share", "Minority grievance (M56)."),
    Column("push", "share", "Push factors (M47)."),
    Column("repression", "share", "Over-reaction of states (M46)."),
    Column("repressed", "share", "Repression as felt, with a lag (M46)."),
    Column("pool", "persons", "Men who could still be recruited."),
    Column("pool_start", "persons", "The same at the start."),
    Column("taken", "persons", "Men recruited from it this month."),
    Column("mix_1", "share", "The first group's, of the population."),
    Column("mix_2", "share", "The second group's, of the population."),
    Column("mix_3", "share", "The third group's, of the population."),
    Column("mix_4", "share", "The fourth group's, of the population."),
    Column("exposure", "share", "Nearness to the countries abroad (M77)."),
    Column("instability", "share", "Armed opposition with a sanctuary (M32)."),
    Column("abroad", "share", "1 outside the countries at war."),
    Column("returned", "persons", "Ever returned here from abroad."),
    Column("exiles", "count", "Foreign factions at home here."),
    Column("exile_distance", "borders", "Sum of their distances, in fours of borders, each at most 1."),
    Column("entity", "code", "Address of its draws."),
    Column("north", "flag", "Counted as north."),
    Column("west", "flag", "Counted as west."),
    Column("gathered", "flag", "Counted for gathered guests (M61)."),
)
"""A region (matrix ``G``)."""

REGION_PATRON: tuple[Column, ...] = (
    Column("held", "share", "Ground held in the past."),
    Column("support", "share", "Population support."),
    Column("support_start", "share", "Where support recovers to."),
    Column("reach", "share", "Share of nominal force usable in a month (P5)."),
    Column("interest", "share", "Interest of the patron (M23)."),
    Column("core", "persons", "Core men here."),
    Column("nominal", "persons", "Core and factions here, allies half."),
    Column("force", "persons", "Force that can be used here this month."),
    Column("deaths", "persons", "Deaths of this side here this month."),
    Column("hostile", "persons", "Force of its enemies here, weighted by hostility."),
    Column("appeal", "factor", "Multiplier of recruitment this month."),
    Column("pull", "persons", "Weight in the base inflow this month."),
    Column("loss", "share", "Share of its men here who died in fights this month."),
    Column("enemy", "patron", "The strongest enemy here, or -1."),
    Column("crush", "per month", "Hazard that its front here is destroyed."),
    Column("state_loss", "share", "Share of a pole's men here lost to the state this month."),
)
"""A patron in a region (matrix ``H``)."""

CONTROL: tuple[Column, ...] = (
    Column("key0", "code", "Low half of the seed."),
    Column("key1", "code", "High half of the seed."),
    Column("month", "month", "Month of the run, 0 the first."),
    Column("rows", "count", "Rows of factions in use."),
    Column("status", "code", "0 good; see the STATUS codes."),
    Column("talks_patron", "patron", "Patron in talks, or -1."),
    Column("talks_until", "month", "Last month of the talks, or -1."),
    Column("deal_cost", "share", "Cost of a deal raised by a spoiler, summed (M44)."),
    Column("lure", "share", "Pull of the war elsewhere (M14)."),
    Column("third_help", "factor", "Strength lent to the third pole."),
    Column("abroad_pool", "persons", "Men abroad who may return."),
    Column("abroad_patron", "patron", "Whose war they fight, or -1."),
    Column("abroad_permitted", "share", "How far return is permitted (M48)."),
    Column("abroad_died", "persons", "Men lost abroad (M76)."),
    Column("returned", "persons", "Men returned."),
    Column("last_switch", "month", "Last month in which any faction changed sides, or -1."),
    Column("abroad_event", "count", "Row of the event that named the pool abroad, or -1."),
    Column("total_killed", "persons", "Ever killed by other sides."),
    Column("share_independent", "share", "Share of factions independent."),
    Column("share_exit", "share", "Share of factions that made peace."),
    Column("offers", "count", "Oaths offered so far."),
    Column("acceptances", "count", "Oaths accepted so far."),
    Column("switches", "count", "Changes of allegiance so far."),
    Column("splits", "count", "Splits so far."),
    Column("mergers", "count", "Mergers so far."),
    Column("crushed", "count", "Fronts destroyed so far."),
    Column("third_force", "persons", "Men of those who left a patron for themselves."),
    Column("exposure", "persons", "Force of the focus patron near the countries abroad (M77)."),
    Column("attacks", "count", "Attacks by the focus patron, true."),
    Column("focus", "patron", "Patron whose rise is asked about."),
    Column("surrendered", "persons", "Men of crushed fronts who surrendered."),
    Column("focus_strength", "persons", "Men of the focus patron, true."),
    Column("threat_seen", "persons", "Threat as home states present it (M21)."),
    Column("foreign_seen", "persons", "Foreign fighters as officials report them (M49)."),
    Column("claimed", "count", "Attacks as the faction claims them (M60)."),
    Column("denied", "count", "Attacks as the holder of the state reports them (M80)."),
    Column("monitored", "count", "Attacks as a monitor reports them."),
    Column("strength_seen", "persons", "Strength as a monitor estimates it (P22)."),
    Column("foreign_men", "persons", "Men of all foreign factions."),
    Column("moved", "flag", "Men or allegiances changed since they were last counted."),
    Column(
        "abroad_rate", "per month", "Rate of return that the scenario states, or -1 where the rule gives it."
    ),
    Column("abroad_until", "month", "Month in which returns at the stated rate end."),
)
"""The run (vector ``C``)."""

EVENT: tuple[Column, ...] = (
    Column("kind", "code", "Index in EVENT_KINDS."),
    Column("month", "month", "When."),
    Column("patron", "patron", "Patron concerned, or -1."),
    Column("faction", "faction", "Faction concerned, or -1."),
    Column("region", "region", "Region concerned, or -1."),
    Column("other", "patron", "Second patron or region, or -1."),
    Column("size", "mixed", "First effect size."),
    Column("size2", "mixed", "Second effect size."),
    Column("size3", "mixed", "Third effect size."),
    Column("months", "months", "Duration."),
    Column("first", "count", "First row of its destinations, or -1."),
    Column("last", "count", "One past the last row of its destinations."),
    Column("code", "code", "Address of its draws."),
)
"""An event (matrix ``E``)."""

TERM: tuple[Column, ...] = (
    Column("embed", "ties", "Trust tie to the patron's core."),
    Column("ideology", "doctrine", "Distance of doctrine."),
    Column("resource", "resources", "Transfer promised, times need."),
    Column("recruits", "resources", "Recruits expected from the brand."),
    Column("legitimacy", "legitimacy", "Legitimacy against its start."),
    Column("novelty", "legitimacy", "New brand among the young."),
    Column("power", "power", "Share of force in the theatre."),
    Column("tie", "ties", "Peers and veterans."),
    Column("local", "power", "Ground held in the theatre."),
    Column("punishment", "punishment", "Punishment expected from rivals."),
    Column("autonomy", "autonomy", "Autonomy lost."),
    Column("succession", "grievance", "Passed over in a succession."),
    Column("latent", "grievance", "Old resentment released."),
    Column("bond", "ties", "Oath broken by leaving."),
    Column("retain", "resources", "Members kept from leaving."),
    Column("survival", "survival", "Fear of oblivion: a side must be picked."),
    Column("adapt", "survival", "Pull of an entrant on those that cannot adapt."),
    Column("niche", "resources", "Free franchise."),
    Column("permission", "power", "Leave to operate."),
    Column("exit", "exit", "Peace on offer."),
    Column("constant", "constant", "Constant of the option."),
)
"""Terms of the utility; the unit is the group they are told in (columns of the terms)."""

F_FIGHTERS = 0
F_LOCAL_SHARE = 1
F_WAR_CHEST = 2
F_SALAFISM = 3
F_GLOBALISM = 4
F_LOCAL_ROOTS = 5
F_YOUTH = 6
F_COHESION = 7
F_COHESION_START = 8
F_AUTONOMY = 9
F_RELEVANCE = 10
F_ADAPTABILITY = 11
F_AUTHORITY = 12
F_VETERANS = 13
F_VISIBILITY = 14
F_MIX_1 = 15
F_MIX_2 = 16
F_MIX_3 = 17
F_MIX_4 = 18
F_DRIFT = 19
F_BOND_PERSON = 20
F_BOND_OFFICE = 21
F_GREEN = 22
F_LOSSES = 23
F_GAINS = 24
F_QUALITY = 25
F_RECOGNITION = 26
F_RIVAL_OF_PARENT = 27
F_PARENT_GRIEVANCE = 28
F_LEAK = 29
F_PUNISHMENT = 30
F_DEATHS = 31
F_RECRUITED = 32
F_KILLED = 33
F_CAPTURED = 34
F_SURRENDERED = 35
F_LEFT = 36
F_RETURNED = 37
F_THRESHOLD = 38
F_TIE_SUM = 39
F_SPLIT_DRAW = 40
F_WIDTH = 41

I_FATE = 0
I_ALLEGIANCE = 1
I_OATH = 2
I_HOME = 3
I_THEATRE = 4
I_PARENT = 5
I_ROOT = 6
I_TIES = 7
I_ACTIVE_FROM = 8
I_ENTITY = 9
I_BORN = 10
I_FOREIGN = 11
I_WAKE = 12
I_CHOICE = 13
I_OFFER_MONTH = 14
I_ANSWER_MONTH = 15
I_VISIBLE_FROM = 16
I_LAG = 17
I_FIRST_SUPPORT = 18
I_FIRST_OATH = 19
I_FIRST_ACCEPT = 20
I_SWITCHED = 21
I_APPRAISED = 22
I_LEFT_PATRON = 23
I_LEFT_MONTH = 24
I_LEADER_LOST = 25
I_DISPLACED = 26
I_ANSWERED = 27
I_START_ALLEGIANCE = 28
I_CRUSHER = 29
I_WALKED_OUT = 30
I_BORN_MONTH = 31
I_DECLINED_BY = 32
I_WIDTH = 33

X_EMBEDDEDNESS = 0
X_LATENT = 1
X_SUCCESSION = 2
X_RIVAL = 3
X_WIDTH = 4

P_SALAFISM = 0
P_GLOBALISM = 1
P_RECOGNITION = 2
P_CONSISTENCY = 3
P_CONSISTENCY_START = 4
P_MOMENTUM = 5
P_INSTITUTION = 6
P_TRANSFER = 7
P_TRANSFER_DECAY = 8
P_EFFORT = 9
P_SUPPORT = 10
P_SUPPORT_LEVEL = 11
P_PROMISE = 12
P_BACKING = 13
P_CORE_PRESSURE = 14
P_CORE_STATE = 15
P_CAPABILITY = 16
P_SLOTS = 17
P_SLOTS_USED = 18
P_ACCEPTANCE = 19
P_TOLERANCE = 20
P_POSTURE = 21
P_DEMAND = 22
P_GOAL = 23
P_BRUTALITY = 24
P_RECRUITS = 25
P_GROWTH = 26
P_CAPTURED = 27
P_CONSTANT = 28
P_INCUMBENT = 29
P_OFFERS_FROM = 30
P_FOUNDED = 31
P_HOLDS_STATE = 32
P_CONCEALED = 33
P_ENTITY = 34
P_REVEALED = 35
P_LEADER_LOST = 36
P_NEWS = 37
P_LEGITIMACY = 38
P_LEGITIMACY_START = 39
P_FRAGMENTATION = 40
P_CORE = 41
P_MIX_1 = 42
P_MIX_2 = 43
P_MIX_3 = 44
P_MIX_4 = 45
P_SWORN = 46
P_DECLARED = 47
P_ALLIED = 48
P_FOREIGN_CORE = 49
P_FORCE_BEFORE = 50
P_SHARE = 51
P_SWITCHES = 52
P_DEFECTORS = 53
P_VISIBLE_ALLIES = 54
P_THREAT = 55
P_FELT_PRESSURE = 56
P_BETRAYAL = 57
P_SILENCE = 58
P_FOREIGN_ALLIES = 59
P_AGITATION = 60
P_DEATHS = 61
P_CRUSHED = 62
P_KILLED = 63
P_LEFT = 64
P_JOINED = 65
P_VACANT = 66
P_PARTED = 67
P_GUESTS = 68
P_WIDTH = 69

W_HOSTILITY = 0
W_CONVERGENCE = 1
W_DEATHS = 2
W_KILLED = 3
W_EFFECTIVE = 4
W_CONTACT = 5
W_CRACKDOWN = 6
W_WIDTH = 7

G_COUNTRY = 0
G_AREA = 1
G_HOLDER = 2
G_CAPACITY = 3
G_ATTRITION = 4
G_DRAWDOWN = 5
G_DRAWDOWN_STEP = 6
G_PRESSURE = 7
G_PRESSURE_BASE = 8
G_PRESSURE_UNTIL = 9
G_OFFER = 10
G_OFFER_UNTIL = 11
G_MILIEU = 12
G_MINORITY = 13
G_PUSH = 14
G_REPRESSION = 15
G_REPRESSED = 16
G_POOL = 17
G_POOL_START = 18
G_TAKEN = 19
G_MIX_1 = 20
G_MIX_2 = 21
G_MIX_3 = 22
G_MIX_4 = 23
G_EXPOSURE = 24
G_INSTABILITY = 25
G_ABROAD = 26
G_RETURNED = 27
G_EXILES = 28
G_EXILE_DISTANCE = 29
G_ENTITY = 30
G_NORTH = 31
G_WEST = 32
G_GATHERED = 33
G_WIDTH = 34

H_HELD = 0
H_SUPPORT = 1
H_SUPPORT_START = 2
H_REACH = 3
H_INTEREST = 4
H_CORE = 5
H_NOMINAL = 6
H_FORCE = 7
H_DEATHS = 8
H_HOSTILE = 9
H_APPEAL = 10
H_PULL = 11
H_LOSS = 12
H_ENEMY = 13
H_CRUSH = 14
H_STATE_LOSS = 15
H_WIDTH = 16

C_KEY0 = 0
C_KEY1 = 1
C_MONTH = 2
C_ROWS = 3
C_STATUS = 4
C_TALKS_PATRON = 5
C_TALKS_UNTIL = 6
C_DEAL_COST = 7
C_LURE = 8
C_THIRD_HELP = 9
C_ABROAD_POOL = 10
C_ABROAD_PATRON = 11
C_ABROAD_PERMITTED = 12
C_ABROAD_DIED = 13
C_RETURNED = 14
C_LAST_SWITCH = 15
C_ABROAD_EVENT = 16
C_TOTAL_KILLED = 17
C_SHARE_INDEPENDENT = 18
C_SHARE_EXIT = 19
C_OFFERS = 20
C_ACCEPTANCES = 21
C_SWITCHES = 22
C_SPLITS = 23
C_MERGERS = 24
C_CRUSHED = 25
C_THIRD_FORCE = 26
C_EXPOSURE = 27
C_ATTACKS = 28
C_FOCUS = 29
C_SURRENDERED = 30
C_FOCUS_STRENGTH = 31
C_THREAT_SEEN = 32
C_FOREIGN_SEEN = 33
C_CLAIMED = 34
C_DENIED = 35
C_MONITORED = 36
C_STRENGTH_SEEN = 37
C_FOREIGN_MEN = 38
C_MOVED = 39
C_ABROAD_RATE = 40
C_ABROAD_UNTIL = 41
C_WIDTH = 42

E_KIND = 0
E_MONTH = 1
E_PATRON = 2
E_FACTION = 3
E_REGION = 4
E_OTHER = 5
E_SIZE = 6
E_SIZE2 = 7
E_SIZE3 = 8
E_MONTHS = 9
E_FIRST = 10
E_LAST = 11
E_CODE = 12
E_WIDTH = 13

T_EMBED = 0
T_IDEOLOGY = 1
T_RESOURCE = 2
T_RECRUITS = 3
T_LEGITIMACY = 4
T_NOVELTY = 5
T_POWER = 6
T_TIE = 7
T_LOCAL = 8
T_PUNISHMENT = 9
T_AUTONOMY = 10
T_SUCCESSION = 11
T_LATENT = 12
T_BOND = 13
T_RETAIN = 14
T_SURVIVAL = 15
T_ADAPT = 16
T_NICHE = 17
T_PERMISSION = 18
T_EXIT = 19
T_CONSTANT = 20
T_WIDTH = 21

A_B_EMBED = 0
A_B_IDEOLOGY = 1
A_B_RESOURCE = 2
A_B_RECRUITS = 3
A_B_LEGITIMACY = 4
A_B_NOVELTY = 5
A_B_POWER = 6
A_B_TIE = 7
A_B_LOCAL = 8
A_B_PUNISH = 9
A_B_AUTONOMY = 10
A_B_SWITCH = 11
A_B_SUCCESSION = 12
A_B_GRIEVANCE = 13
A_B_RETAIN = 14
A_B_SURVIVAL = 15
A_B_ADAPT = 16
A_B_NICHE = 17
A_B_PERMISSION = 18
A_B_EXIT = 19
A_C_ALLY = 20
A_C_INDEPENDENT = 21
A_C_EXIT = 22
A_TURNING_SHARE = 23
A_INDEPENDENCE_DISTANCE = 24
A_ALLY_SHARE = 25
A_ALLY_PUNISH = 26
A_ALLY_AUTONOMY = 27
A_PARENT_WEIGHT = 28
A_COMPARISON = 29
A_NEGLECT = 30
A_LEGITIMACY_FALL = 31
A_FALL_HALF_LIFE = 32
A_FALL_SATURATION = 33
A_RECOVERY_HALF_LIFE = 34
A_RECOVERY_SUCCESS = 35
A_PARENT_RECOVERY_HALF_LIFE = 36
A_RIVALRY = 37
A_CONCEALMENT_EROSION = 38
A_LATENT_HALF_LIFE = 39
A_BOND_HALF_LIFE = 40
A_WAKE_BASE = 41
A_WAKE_LEADER = 42
A_WAKE_REVEALED = 43
A_WAKE_NEWS = 44
A_WAKE_DISPLACED = 45
A_WAKE_TIE = 46
A_WAKE_ANSWER = 47
A_WAKE_CRACKDOWN = 48
A_LEADER_LOSS_HAZARD = 49
A_LEADER_LOSS_AUTHORITY = 50
A_LEADER_LOSS_SD = 51
A_EFFORT_PRESSURE = 52
A_THREAT_SUPPORT = 53
A_RECOGNITION_SEEKING = 54
A_NEIGHBOUR_PRESSURE = 55
A_RIVAL_DEPENDENCE = 56
A_BACKLASH = 57
A_QUIET = 58
A_POSTURE_CAP = 59
A_POSTURE_HALF_LIFE = 60
A_POSTURE_GRIEVANCE = 61
A_BETRAYAL = 62
A_CREDIBILITY = 63
A_EXPOSURE_COST = 64
A_SUPPORT_HALF_LIFE = 65
A_HOSTILITY_CONTACT = 66
A_HOSTILITY_DEFECTION = 67
A_HOSTILITY_PLEA = 68
A_HOSTILITY_THIRD = 69
A_HOSTILITY_HALF_LIFE = 70
A_CONVERGENCE_RELIEF = 71
A_OUTWARD_RELIEF = 72
A_DEMONSTRATION_HAZARD = 73
A_DEMONSTRATION_GAIN = 74
A_MOMENTUM_HALF_LIFE = 75
A_MOMENTUM_GAIN = 76
A_BANDWAGON = 77
A_LEARNING = 78
A_LEARNING_BASE = 79
A_SPOILER = 80
A_TALKS_MOMENTUM = 81
A_ENTRY_FRAGMENTATION = 82
A_CRITICAL_FRAGMENTATION = 83
A_CRITICAL_GAIN = 84
A_ACCEPT_INSIDER = 85
A_ACCEPT_PERIPHERY = 86
A_ACCEPT_LAG_MIN = 87
A_ACCEPT_LAG_MAX = 88
A_USEFUL_SIZE = 89
A_REOFFER = 90
A_VISIBLE_LAG = 91
A_BOND_NEW = 92
A_BOND_DECLARED = 93
A_BURST = 94
A_CLASH = 95
A_CLASH_SD = 96
A_RETALIATION_LAG = 97
A_FORCE_RATIO = 98
A_CRUSH_HAZARD = 99
A_CRUSH_KILLED = 100
A_CRUSH_SURRENDERED = 101
A_INFIGHTING_DRAIN = 102
A_STATE_ATTRITION = 103
A_OUTER_FIRST = 104
A_REPRESSION_GRIEVANCE = 105
A_PRETEXT = 106
A_COHESION_LOSS = 107
A_WEDGE = 108
A_BRAND = 109
A_PUSH = 110
A_MINORITY = 111
A_MILIEU = 112
A_MILIEU_GROWTH = 113
A_VACUUM = 114
A_LOOP = 115
A_ABROAD_DEMAND = 116
A_FACTION_GROWTH = 117
A_DESERTION = 118
A_LOCAL_INCOME = 119
A_LEAK = 120
A_SUPPORT_DECAY = 121
A_SUPPORT_RECOVERY = 122
A_RELEVANCE_HALF_LIFE = 123
A_DISPLACED_LOSS = 124
A_DISPLACED_CHEST = 125
A_RELOCATION = 126
A_CORE_SHIFT = 127
A_NORTH_SHIFT = 128
A_RETURN_RATE = 129
A_RETURN_RELUCTANCE = 130
A_RETURN_BLOWBACK = 131
A_RETURN_CONDITION = 132
A_RETURN_KIN = 133
A_ABROAD_ATTRITION = 134
A_DRIFT = 135
A_HOMEWARD = 136
A_THREAT_RHETORIC = 137
A_DISTANCE_COMFORT = 138
A_DRAWDOWN_DELAY = 139
A_INSTABILITY_HALF_LIFE = 140
A_SPLIT_HAZARD = 141
A_SPLIT_CRISIS = 142
A_SPLIT_LOSSES = 143
A_SPLIT_TALKS = 144
A_SPLIT_SHARE_MAX = 145
A_SPLIT_MIN = 146
A_MERGE_HAZARD = 147
A_DISSOLVE_FLOOR = 148
A_RULE = 149
A_RATIONALITY = 150
A_THETA = 151
A_THRESHOLD_MEAN = 152
A_THRESHOLD_SD = 153
A_FALL_MODE = 154
A_EROSION = 155
A_OBS_STRENGTH_SD = 156
A_OBS_ATTACK_RATE = 157
A_OBS_ATTACK_SD = 158
A_OBS_FOREIGN_BIAS = 159
A_OBS_CLAIM_FACTOR = 160
A_OBS_DENIAL = 161
A_OBS_THREAT_INFLATION = 162
A_SWITCH = 163
"""Switch of statement M01; M02 follows, and so on."""
A_M01 = 163
A_M02 = 164
A_M03 = 165
A_M04 = 166
A_M05 = 167
A_M06 = 168
A_M07 = 169
A_M08 = 170
A_M09 = 171
A_M10 = 172
A_M11 = 173
A_M12 = 174
A_M13 = 175
A_M14 = 176
A_M15 = 177
A_M16 = 178
A_M17 = 179
A_M18 = 180
A_M19 = 181
A_M20 = 182
A_M21 = 183
A_M22 = 184
A_M23 = 185
A_M24 = 186
A_M25 = 187
A_M26 = 188
A_M27 = 189
A_M28 = 190
A_M29 = 191
A_M30 = 192
A_M31 = 193
A_M32 = 194
A_M33 = 195
A_M34 = 196
A_M35 = 197
A_M36 = 198
A_M37 = 199
A_M38 = 200
A_M39 = 201
A_M40 = 202
A_M41 = 203
A_M42 = 204
A_M43 = 205
A_M44 = 206
A_M45 = 207
A_M46 = 208
A_M47 = 209
A_M48 = 210
A_M49 = 211
A_M50 = 212
A_M51 = 213
A_M52 = 214
A_M53 = 215
A_M54 = 216
A_M55 = 217
A_M56 = 218
A_M57 = 219
A_M58 = 220
A_M59 = 221
A_M60 = 222
A_M61 = 223
A_M62 = 224
A_M63 = 225
A_M64 = 226
A_M65 = 227
A_M66 = 228
A_M67 = 229
A_M68 = 230
A_M69 = 231
A_M70 = 232
A_M71 = 233
A_M72 = 234
A_M73 = 235
A_M74 = 236
A_M75 = 237
A_M76 = 238
A_M77 = 239
A_M78 = 240
A_M79 = 241
A_M80 = 242
A_WIDTH = 243

# fates
FATE_WAITING = 0
FATE_ACTIVE = 1
FATE_MERGED = 2
FATE_RECONCILED = 3
FATE_DESTROYED = 4
FATE_DISSOLVED = 5
FATES = ("waiting", "active", "merged", "reconciled", "destroyed", "dissolved")
AWAY = 240
"""Added to the fate of a faction that is not active, where a byte otherwise holds the option of one that is."""

# oaths
OATH_NONE = 0
OATH_OFFERED = 1
OATH_SWORN = 2
OATH_DECLARED = 3
OATH_REFUSED = 4
OATHS = ("none", "offered", "sworn", "self_declared", "refused")

# why a faction is awake
WAKE_BASE = 1
WAKE_LEADER = 2
WAKE_PATRON_LEADER = 4
WAKE_REVEALED = 8
WAKE_NEWS = 16
WAKE_DISPLACED = 32
WAKE_TIE = 64
WAKE_ANSWER = 128
WAKE_PARENT = 256
WAKE_CRACKDOWN = 512
WAKE_SPLIT = 1024
WAKES = {
    WAKE_BASE: "nothing in particular",
    WAKE_LEADER: "its leader was lost",
    WAKE_PATRON_LEADER: "its patron's leader was lost",
    WAKE_REVEALED: "a hidden death was revealed",
    WAKE_NEWS: "news of a patron",
    WAKE_DISPLACED: "it was displaced",
    WAKE_TIE: "a tied faction switched",
    WAKE_ANSWER: "its offer was answered or ignored",
    WAKE_PARENT: "its parent's leader was replaced",
    WAKE_CRACKDOWN: "its patron cracks down",
    WAKE_SPLIT: "it had just split off",
}

# decision rules, by position in scenario.schema.DECISION_RULES
RULE_LOGIT = 0
RULE_IDEOLOGY = 1
RULE_PATRONAGE = 2
RULE_THRESHOLD = 3
RULE_LANDSCAPE = 4
RULE_RANDOM = 5

# how the fall of legitimacy grows with concealment
FALL_CONSTANT = 0
FALL_LINEAR = 1
FALL_SATURATING = 2

# states in which a run can end
STATUS_GOOD = 0
STATUS_NOT_FINITE = 1
STATUS_ROWS = 2
STATUS_NEGATIVE = 3
STATUSES = ("good", "a number that is not finite", "no row left for a splinter", "a negative stock")

NEVER = 1_000_000
"""A month that does not come."""

# kinds of events, by position in scenario.events.EVENT_KINDS
EVENT_LEADER_DIES = 0
EVENT_REVEALED = 1
EVENT_SUCCESSION = 2
EVENT_FACTION_SUCCESSION = 3
EVENT_STRIKE = 4
EVENT_OPERATION = 5
EVENT_RESETTLEMENT = 6
EVENT_TRANSFER = 7
EVENT_CORE_DECLINE = 8
EVENT_CORE_PRESSURE = 9
EVENT_OFFERS_OPEN = 10
EVENT_FOUNDED = 11
EVENT_UNITY_PLEA = 12
EVENT_TAKEOVER = 13
EVENT_RELEASE = 14
EVENT_RETURNEES = 15
EVENT_POSTURE = 16
EVENT_TALKS = 17
EVENT_TRUCE = 18
EVENT_PROMISE = 19
EVENT_PRESTIGE = 20
EVENT_TERRITORIAL_COLLAPSE = 21
EVENT_SUPPORT = 22
EVENT_PRESSURE = 23
EVENT_DRAWDOWN = 24
EVENT_SANCTUARY = 25
EVENT_REPRESSION = 26
EVENT_MINORITY_ABUSE = 27
EVENT_PEACE_OFFER = 28
EVENT_THIRD_HELP = 29
EVENT_FORCE_ATTRITION = 30
EVENT_GOAL = 31
EVENT_INTEREST = 32
EVENT_CRACKDOWN = 33
EVENT_DESTINATION = 100
"""A row that only holds a destination (region) and its weight of the event before."""
