"""The numbers of the rules: every weight, hazard and half-life of the model, with unit and range.

Defaults are the middle of the stated prior where there is one and a judgement otherwise; the bundled baseline
states each with its source. The rule that uses a number gives its formula.
"""

from __future__ import annotations

from .quantities import Factor, Frozen, Hazard, Months, Persons, Share, Upkeep, Weight, q

__all__ = ["Weights"]


class Weights(Frozen):
    """Parameters of the rules, the same for all factions and months of a run."""

    # appraisal: log-odds per appraisal
    b_embed: Weight = q(6.0)
    """Trust tie to the core of a patron (P2)."""
    b_ideology: Weight = q(1.0)
    """Distance of doctrine between faction and patron (P1)."""
    b_resource: Weight = q(4.35)
    """Transfer that a patron promises, saturating, times need (M06)."""
    b_recruits: Weight = q(1.5)
    """Recruits that a patron's brand is expected to bring (M13)."""
    b_legitimacy: Weight = q(1.5)
    """Legitimacy of the patron against its starting value (M12, M18, M58)."""
    b_novelty: Weight = q(1.5)
    """Pull of a new brand on the young (M38)."""
    b_power: Weight = q(3.0)
    """Share of force in the theatre: bandwagon below the turning share, balance above it (P3)."""
    b_tie: Weight = q(1.0)
    """Tied factions that came over lately (M37), and veterans of its war (M36)."""
    b_local: Weight = q(0.8)
    """Ground that the patron has held in the theatre."""
    b_punish: Weight = q(9.0)
    """Punishment expected from the patron's rivals (M07, M08)."""
    b_autonomy: Weight = q(3.0)
    """Autonomy lost under the patron (M22)."""
    b_switch: Weight = q(5.5)
    """Oath bond broken by leaving."""
    b_succession: Weight = q(3.0)
    """Grievance of those passed over in a succession (M03)."""
    b_grievance: Weight = q(3.75)
    """Latent grievance, released when another pole is in reach (M04)."""
    b_retain: Weight = q(3.0)
    """Members it fears to lose to another theatre (M62)."""
    b_survival: Weight = q(1.5)
    """Fear of oblivion: a side must be picked (M01)."""
    b_adapt: Weight = q(1.0)
    """Pull of a powerful entrant on those that cannot adapt (M17)."""
    b_niche: Weight = q(1.0)
    """Free franchise slots: first movers gain most (M15)."""
    b_permission: Weight = q(1.0)
    """Cost of operating without leave where an incumbent holds the area (M05)."""
    b_exit: Weight = q(4.0)
    """Peace with whoever holds the state, where it is offered."""
    c_ally: Weight = q(-1.0)
    """Constant of alliance without an oath."""
    c_independent: Weight = q(1.5)
    """Constant of independence."""
    c_exit: Weight = q(-6.0)
    """Constant of exit."""
    turning_share: Share = q(0.45)
    """Share of force at which bandwagon turns to balance (P3)."""
    independence_distance: Share = q(0.3)
    """Doctrinal distance to independence."""
    ally_share: Share = q(0.5)
    """Part of a patron's attraction that an ally enjoys (kappa)."""
    ally_punish: Share = q(0.5)
    """Part of the punishment that an ally risks."""
    ally_autonomy: Share = q(0.2)
    """Part of the autonomy cost that an ally bears."""
    parent_weight: Share = q(0.5)
    """Weight at which a quarrel with the parent's leader spills to the parent's patron."""
    comparison: Share = q(0.3)
    """How far a rival global patron's effort devalues a promise (M68)."""
    neglect: Share = q(0.5)
    """How far a patron's lack of interest discounts its promise (M45)."""

    # grievance and succession
    legitimacy_fall: Share = q(0.32)
    """Fall of doctrinal consistency when a death hidden for 27 months is revealed (P6, M02)."""
    fall_half_life: Months = q(12.0)
    """Half-life at which that fall heals."""
    fall_saturation: Months = q(12.0)
    """Time constant of the saturating form of the fall."""
    recovery_half_life: Months = q(3.0)
    """Half-life at which recognition of a successor heals (P7)."""
    recovery_success: Factor = q(1.0)
    """How much faster it heals with momentum."""
    parent_recovery_half_life: Months = q(18.0)
    """Half-life at which a faction's own new leader gains recognition."""
    rivalry: Factor = q(3.2)
    """Grievance of a rival passed over, at zero recognition (g_pass)."""
    concealment_erosion: Hazard = q(0.0025)
    """Monthly loss of recognition by rumour while a death is hidden (only with the switch on)."""
    latent_half_life: Months = q(24.0)
    """Half-life of old resentment."""
    bond_half_life: Months = q(24.0)
    """Half-life at which a new oath's bond grows."""

    # awareness: probability to appraise in the month of the event
    wake_base: Hazard = q(0.005)
    """With no event at all."""
    wake_leader: Hazard = q(0.66)
    """Own or the patron's leader lost."""
    wake_revealed: Hazard = q(0.9)
    """A concealed death revealed."""
    wake_news: Hazard = q(0.43)
    """News of a patron: offers open, founding, territory lost."""
    wake_displaced: Hazard = q(0.72)
    """Displaced or resettled."""
    wake_tie: Hazard = q(0.1)
    """A tied peer switched last month (M37)."""
    wake_answer: Hazard = q(0.5)
    """Its offer was answered or ignored."""
    wake_crackdown: Hazard = q(0.2)
    """Its patron's posture toward it hardens: times the posture."""

    # leaders
    leader_loss_hazard: Hazard = q(0.013)
    """Monthly hazard that a faction loses its leader, times (0.3 + 2 pressure)."""
    leader_loss_authority: Share = q(0.5)
    """Share of authority lost with the leader."""
    leader_loss_sd: Factor = q(0.6)
    """Log sd of the effect of the loss on quality (P18)."""

    # posture and hostility
    effort_pressure: Factor = q(0.5)
    """Rise of a patron's effort abroad with pressure on its core (M35)."""
    threat_support: Factor = q(0.5)
    """Outside support won as the rival grows (M43)."""
    recognition_seeking: Share = q(0.3)
    """Crackdown a patron in government owes to recognition from abroad (M24)."""
    neighbour_pressure: Share = q(0.4)
    """Crackdown owed to a full demand by neighbours (M30)."""
    rival_dependence: Factor = q(2.0)
    """How far a strong rival makes allies worth keeping (M27)."""
    backlash: Factor = q(1.5)
    """Convex cost of repression among its own allies (M26)."""
    quiet: Share = q(0.5)
    """Part of a crackdown that takes the form of imposed silence (M28)."""
    posture_cap: Share = q(0.5)
    """Largest crackdown that the patron's apparatus can deliver (M79)."""
    posture_half_life: Months = q(6.0)
    """Half-life at which posture adjusts."""
    posture_grievance: Factor = q(0.1)
    """Latent grievance that a full crackdown adds each month, times posture squared (M26)."""
    betrayal: Factor = q(0.1)
    """Momentum that a rival gains each month from a full crackdown on allies (M25)."""
    credibility: Share = q(0.4)
    """Part of a promise that outsiders believe (M29)."""
    exposure_cost: Factor = q(0.3)
    """Outside support lost to visible ally activity (M79)."""
    support_half_life: Months = q(12.0)
    """Half-life at which outside support adjusts."""
    hostility_contact: Hazard = q(0.05)
    """Monthly rise of hostility from contact in a contested region."""
    hostility_defection: Share = q(0.07)
    """Rise of hostility per unit that defects (M07)."""
    hostility_plea: Share = q(0.31)
    """Rise of hostility when a plea for unity is refused (M54)."""
    hostility_third: Share = q(0.27)
    """Hostility between a patron and those who left it for themselves."""
    hostility_half_life: Months = q(36.0)
    """Half-life of hostility."""
    convergence_relief: Share = q(0.5)
    """Part of hostility that shared ends remove (M63)."""
    outward_relief: Share = q(0.5)
    """Part of hostility that an outward goal removes (M64)."""
    demonstration_hazard: Hazard = q(0.05)
    """Monthly hazard of demonstrative violence at full capability (M41)."""
    demonstration_gain: Share = q(0.1)
    """Momentum won and hostility earned by it (M41)."""
    momentum_half_life: Months = q(8.0)
    """Half-life of momentum."""
    momentum_gain: Factor = q(1.0)
    """Momentum per unit of monthly growth of force."""
    bandwagon: Share = q(0.03)
    """Momentum per unit newly sworn (M18)."""
    learning: Hazard = q(0.063)
    """Monthly learning of capability under full pressure (M59)."""
    learning_base: Hazard = q(0.01)
    """Monthly learning of capability in quiet."""
    spoiler: Factor = q(1.0)
    """Cost of a deal per unit of the spoiler's strength (M44)."""
    talks_momentum: Factor = q(0.05)
    """Monthly momentum in talks per unit of support and state weakness (M67)."""
    entry_fragmentation: Factor = q(1.0)
    """How far fragmentation of the incumbent eases recruitment by an entrant (M65)."""
    critical_fragmentation: Share = q(0.08)
    """Fragmentation of the incumbent above which an entrant gains critical mass (M11)."""
    critical_gain: Factor = q(0.5)
    """Gain in recruitment above that threshold (M11)."""

    # oaths
    accept_insider: Share = q(0.75)
    """Probability that an insider's bid is accepted (P14)."""
    accept_periphery: Share = q(0.39)
    """Probability that a peripheral bid is accepted (P14)."""
    accept_lag_min: Months = q(2.0)
    """Shortest time to an answer (P14)."""
    accept_lag_max: Months = q(5.0)
    """Longest time to an answer (P14)."""
    useful_size: Persons = q(700.0)
    """Size at which a faction is most useful to a patron (F*)."""
    reoffer: Hazard = q(0.08)
    """Monthly hazard that a self-declared faction asks again."""
    visible_lag: Months = q(3.0)
    """Longest time until a new oath is seen."""
    bond_new: Share = q(0.3)
    """Bond at acceptance."""
    bond_declared: Share = q(0.1)
    """Bond of a self-declared oath."""
    burst: Factor = q(0.5)
    """Recruits that a rooted commander brings at acceptance, as a share of his fighters (M69)."""

    # clash
    clash: Hazard = q(0.0091)
    """Deaths per month and geometric mean of two forces at full hostility."""
    clash_sd: Factor = q(0.5)
    """Log sd of monthly deaths."""
    retaliation_lag: Months = q(2.0)
    """Time from visibility until retaliation can destroy a front (P15)."""
    force_ratio: Factor = q(3.5)
    """Force ratio at which a front can be crushed (P16)."""
    crush_hazard: Hazard = q(0.17)
    """Monthly hazard of a front that can be crushed, at full hostility."""
    crush_killed: Share = q(0.15)
    """Share killed when a front is crushed (P17)."""
    crush_surrendered: Share = q(0.55)
    """Share that surrenders to the holder (P17); the rest is captured."""
    infighting_drain: Factor = q(1.0)
    """Men who turn to the rival pole per death of infighting (M10)."""
    state_attrition: Hazard = q(0.03)
    """Monthly loss of manpower at full state pressure."""
    outer_first: Share = q(0.8)
    """Part of losses that falls on the outer layer before the inner (M52)."""
    repression_grievance: Factor = q(0.5)
    """Rise of push factors per unit of repression, lagged (M46)."""
    pretext: Factor = q(0.5)
    """Repression per thousand returnees (M74)."""
    cohesion_loss: Factor = q(1.0)
    """Cohesion lost per share of fighters lost."""
    wedge: Hazard = q(0.01)
    """Monthly loss of the other pole's cohesion at full agitation (M09)."""

    # sustain
    brand: Factor = q(1.0)
    """Multiplier of recruitment per unit of momentum (M13)."""
    push: Factor = q(1.0)
    """Multiplier of recruitment per unit of push factors (M47)."""
    minority: Factor = q(1.0)
    """Multiplier of recruitment against the holder per unit of minority grievance (M56)."""
    milieu: Factor = q(2.0)
    """Multiplier of Salafi recruitment per unit of milieu (M57)."""
    milieu_growth: Hazard = q(0.003)
    """Monthly growth of the milieu from its own stock (M78)."""
    vacuum: Factor = q(1.0)
    """Multiplier of recruitment where the state is absent (M40)."""
    loop: Factor = q(0.5)
    """Strength of the growth loop: funds, quality, support (M19)."""
    abroad_demand: Share = q(0.2)
    """Recruit base rate in regions abroad against elsewhere (M75)."""
    faction_growth: Hazard = q(0.01)
    """Monthly recruitment of a faction with full roots and support."""
    desertion: Hazard = q(0.05)
    """Monthly desertion of an unpaid fighter."""
    local_income: Upkeep = q(0.9)
    """Income from the home ground at full roots."""
    leak: Hazard = q(0.02)
    """Monthly leak of a globalist's members to a competing theatre at full pull (M14)."""
    support_decay: Hazard = q(0.05)
    """Monthly loss of local support per unit of fragmentation and brutality (M39)."""
    support_recovery: Hazard = q(0.02)
    """Monthly recovery of local support toward its start."""
    relevance_half_life: Months = q(24.0)
    """Half-life of relevance when idle (M01)."""

    # movement
    displaced_loss: Share = q(0.3)
    """Share of fighters lost in a displacement (M51)."""
    displaced_chest: Share = q(0.5)
    """Share of the war chest lost in a displacement (M51)."""
    relocation: Hazard = q(0.02)
    """Monthly hazard to move from full pressure (M55)."""
    core_shift: Hazard = q(0.01)
    """Monthly share of a patron's core that moves from full pressure (M55)."""
    north_shift: Factor = q(2.0)
    """Extra weight of regions of other ethnic groups for recruitment and moves under pressure (M55)."""
    return_rate: Hazard = q(0.005)
    """Monthly rate of return from the war abroad where nothing hinders or helps."""
    return_reluctance: Share = q(0.8)
    """Part of return that low interest and the patron's veto suppress (M48)."""
    return_blowback: Factor = q(2.0)
    """Multiplier of return if blowback is as feared (M73)."""
    return_condition: Factor = q(2.0)
    """Multiplier of return with permissive conditions or abused minorities (M31)."""
    return_kin: Share = q(0.5)
    """Share of returnees who go to kin factions (M70)."""
    abroad_attrition: Hazard = q(0.03)
    """Monthly attrition of the pool abroad (M76)."""
    drift: Hazard = q(0.02)
    """Monthly drift of identity from home at full distance (M20)."""
    homeward: Hazard = q(0.05)
    """Monthly return of identity where the patron invests in the home region (M71)."""
    threat_rhetoric: Share = q(0.3)
    """Pressure by home states independent of the true size (M21)."""
    distance_comfort: Share = q(0.6)
    """Relief of home-state pressure at full distance (M72)."""
    drawdown_delay: Share = q(0.5)
    """How far a visible rival threat delays a drawdown (M66)."""
    instability_half_life: Months = q(12.0)
    """Half-life of a resistance with a sanctuary (M32)."""

    # reorganisation
    split_hazard: Hazard = q(0.003)
    """Monthly base hazard of a split (P11)."""
    split_crisis: Factor = q(8.0)
    """Multiplier in a succession crisis (P11)."""
    split_losses: Factor = q(10.0)
    """Multiplier per unit of recent losses or gains."""
    split_talks: Factor = q(1.0)
    """Extra multiplier while talks are open."""
    split_share_max: Share = q(0.5)
    """Largest share that leaves."""
    split_min: Persons = q(60.0)
    """Smallest faction that can split."""
    merge_hazard: Hazard = q(0.015)
    """Monthly hazard that a splinter merges with kin under the same patron (P12)."""
    dissolve_floor: Persons = q(10.0)
    """Size below which a faction dissolves."""
