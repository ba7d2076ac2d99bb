"""Outcomes: what is told of a run, each defined once, with its unit.

Monthly outcomes are measured at the end of a month from the state; the focus patron is the one whose rise is asked
about (ISKP in the bundled scenarios), the incumbent the first patron that holds the field at the start. Summary
outcomes are taken once, at the end, from the monthly ones and from the factions' dates.
"""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import side_of
from sim.state import Column, FloatArray, IntArray

MONTHLY: tuple[Column, ...] = (
    Column("focus_fighters", "persons", "Core, sworn and self-declared men of the focus patron."),
    Column("focus_core", "persons", "The focus patron's own men."),
    Column("focus_sworn_units", "count", "Factions whose oath to the focus patron is accepted."),
    Column("focus_declared_units", "count", "Factions that swore to it and were not (yet) accepted."),
    Column("focus_ally_units", "count", "Factions allied with it without an oath."),
    Column("pledged_units", "count", "Lines of factions that ever swore to it."),
    Column("incumbent_units", "count", "Factions sworn to or allied with the incumbent."),
    Column("independent_units", "count", "Factions on their own."),
    Column("third_units", "count", "Factions that left a patron for themselves."),
    Column("exit_units", "count", "Factions that made peace."),
    Column("destroyed_units", "count", "Factions destroyed."),
    Column("active_units", "count", "Factions in being."),
    Column("incumbent_fighters", "persons", "Core, sworn and self-declared men of the incumbent."),
    Column("strength_ratio", "ratio", "Men of the focus patron over the incumbent's."),
    Column("third_fighters", "persons", "Men of those who left a patron for themselves."),
    Column("focus_legitimacy", "share", "Legitimacy of the focus patron."),
    Column("focus_recognition", "share", "Recognition of its leader."),
    Column("focus_momentum", "share", "Its momentum."),
    Column("focus_capability", "share", "Its capability."),
    Column("focus_recruited", "persons", "Men who ever joined its core."),
    Column("focus_inner", "persons", "Inner-layer men of its factions."),
    Column("focus_non_pashtun", "share", "Non-Pashtun share of its core."),
    Column("focus_north", "share", "Share of its men in the north."),
    Column("focus_west", "share", "Share of its men in the west."),
    Column("focus_support", "share", "Mean local support of it where it has men."),
    Column("incumbent_legitimacy", "share", "Legitimacy of the incumbent."),
    Column("incumbent_recognition", "share", "Recognition of its leader."),
    Column("incumbent_consistency", "share", "Its doctrinal consistency."),
    Column("incumbent_momentum", "share", "Its momentum."),
    Column("incumbent_outside_support", "share", "Outside support it enjoys."),
    Column("incumbent_posture", "share", "Its crackdown on foreign allies."),
    Column("incumbent_local_support", "share", "Mean local support of it where it has men."),
    Column("incumbent_fragmentation", "share", "Disunity of its side."),
    Column("incumbent_cohesion", "share", "Mean cohesion of its factions."),
    Column("visible_allies", "share", "Its foreign allies' activity seen abroad."),
    Column("hostility", "share", "Hostility of the incumbent toward the focus patron."),
    Column("rival_deaths", "persons", "Deaths between incumbent and focus patron this month."),
    Column("splinter_deaths", "persons", "Deaths between incumbent and third pole this month."),
    Column("attacks", "count", "Attacks by the focus patron as a monitor reports them, this month."),
    Column("attacks_claimed", "count", "The same as it claims them (M60)."),
    Column("attacks_denied", "count", "The same as the holder of the state reports them (M80)."),
    Column("strength_seen", "persons", "Its strength as a monitor estimates it (P22)."),
    Column("foreign_fighters", "persons", "Foreign fighters of all factions."),
    Column("foreign_seen", "persons", "Foreign fighters as officials report them (M49)."),
    Column("threat_seen", "persons", "Threat as home states present it (M21)."),
    Column(
        "exposure", "persons", "Men of the focus patron weighted by nearness to Central Asia and Iran (M77)."
    ),
    Column("central_asia_recruits", "persons", "Men of the focus patron in regions abroad."),
    Column("returned", "persons", "Men ever returned from the Levant."),
    Column("returned_to_kin", "persons", "Returnees whom kin factions took in (M70)."),
    Column("abroad_pool", "persons", "Men abroad who may return."),
    Column("state_capacity", "share", "Mean state capacity of the countries at war."),
    Column("home_pressure", "share", "Mean state pressure in regions abroad."),
    Column("repression_felt", "share", "Mean repression felt in regions abroad (M46)."),
    Column("milieu", "share", "Mean Salafi milieu of the countries at war."),
    Column("instability", "share", "Mean instability by armed opposition with a sanctuary (M32)."),
    Column("home_identity", "share", "Mean closeness to home of foreign factions (M20)."),
    Column("leak", "share", "Mean monthly leak to another theatre (M14)."),
    Column("relevance", "share", "Mean relevance of factions."),
    Column("war_chest", "months", "Mean war chest of factions."),
    Column("faction_recruits", "persons", "Men ever recruited by factions."),
    Column(
        "rooted_recruits", "persons", "Men ever recruited by factions with local roots of at least one half."
    ),
    Column("inner_share", "share", "Inner-layer share of all factions' men (M52)."),
    Column("guests_south_east", "persons", "Foreign fighters in the east and south (M61)."),
    Column("displaced_units", "count", "Factions ever displaced or resettled."),
    Column("offers", "count", "Oaths offered so far."),
    Column("acceptances", "count", "Oaths accepted so far."),
    Column("switches", "count", "Changes of allegiance so far."),
    Column("splits", "count", "Splits so far."),
    Column("mergers", "count", "Mergers so far."),
    Column("crushed", "count", "Fronts destroyed so far."),
    Column("surrendered", "persons", "Men of crushed fronts who surrendered so far."),
    Column("deal_cost", "share", "Cost of a deal raised by a spoiler, summed (M44)."),
    Column(
        "succession_grievance",
        "log-odds",
        "Mean grievance of those passed over, against the incumbent (M03).",
    ),
    Column(
        "effective_organisations",
        "count",
        "1 / sum of squared shares of men: how many organisations it is like.",
    ),
    Column("polarisation", "share", "4 * incumbent share * focus share of factions: 1 when evenly divided."),
    Column(
        "hostility_acted",
        "share",
        "The same as acted upon: shared ends and an outward goal soften it (M63, M64).",
    ),
    Column(
        "focus_globalism",
        "share",
        "Mean globalism of factions with the focus patron, less that of the others (M33).",
    ),
)
"""Monthly outcomes, in the order of the columns of ``M``."""

(
    M_FOCUS_FIGHTERS, M_FOCUS_CORE, M_FOCUS_SWORN_UNITS, M_FOCUS_DECLARED_UNITS, M_FOCUS_ALLY_UNITS, M_PLEDGED_UNITS,
    M_INCUMBENT_UNITS, M_INDEPENDENT_UNITS, M_THIRD_UNITS, M_EXIT_UNITS, M_DESTROYED_UNITS, M_ACTIVE_UNITS,
    M_INCUMBENT_FIGHTERS, M_STRENGTH_RATIO, M_THIRD_FIGHTERS, M_FOCUS_LEGITIMACY, M_FOCUS_RECOGNITION,
    M_FOCUS_MOMENTUM, M_FOCUS_CAPABILITY, M_FOCUS_RECRUITED, M_FOCUS_INNER, M_FOCUS_NON_PASHTUN, M_FOCUS_NORTH,
    M_FOCUS_WEST, M_FOCUS_SUPPORT, M_INCUMBENT_LEGITIMACY, M_INCUMBENT_RECOGNITION, M_INCUMBENT_CONSISTENCY,
    M_INCUMBENT_MOMENTUM, M_INCUMBENT_OUTSIDE_SUPPORT, M_INCUMBENT_POSTURE, M_INCUMBENT_LOCAL_SUPPORT,
    M_INCUMBENT_FRAGMENTATION, M_INCUMBENT_COHESION, M_VISIBLE_ALLIES, M_HOSTILITY, M_RIVAL_DEATHS,
    M_SPLINTER_DEATHS, M_ATTACKS, M_ATTACKS_CLAIMED, M_ATTACKS_DENIED, M_STRENGTH_SEEN, M_FOREIGN_FIGHTERS,
    M_FOREIGN_SEEN, M_THREAT_SEEN, M_EXPOSURE, M_CENTRAL_ASIA_RECRUITS, M_RETURNED, M_RETURNED_TO_KIN,
    M_ABROAD_POOL, M_STATE_CAPACITY, M_HOME_PRESSURE, M_REPRESSION_FELT, M_MILIEU, M_INSTABILITY, M_HOME_IDENTITY,
    M_LEAK, M_RELEVANCE, M_WAR_CHEST, M_FACTION_RECRUITS, M_ROOTED_RECRUITS, M_INNER_SHARE, M_GUESTS_SOUTH_EAST,
    M_DISPLACED_UNITS, M_OFFERS, M_ACCEPTANCES, M_SWITCHES, M_SPLITS, M_MERGERS, M_CRUSHED, M_SURRENDERED,
    M_DEAL_COST, M_SUCCESSION_GRIEVANCE, M_EFFECTIVE_ORGANISATIONS, M_POLARISATION, M_HOSTILITY_ACTED, M_FOCUS_GLOBALISM,
) = range(77)  # fmt: skip
M_WIDTH = 77


@jit
def incumbent_of(P: FloatArray) -> int:
    """The first incumbent patron, or 0."""
    for k in range(P.shape[0]):
        if P[k, s.P_INCUMBENT] > 0.0:
            return k
    return 0


@jit_apart
def measure_patrons(P: FloatArray, W: FloatArray, C: FloatArray, m: FloatArray) -> None:
    """Outcomes that are read from patrons and the run."""
    k, c = int(C[s.C_FOCUS]), incumbent_of(P)
    m[M_FOCUS_FIGHTERS] = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
    m[M_INCUMBENT_FIGHTERS] = P[c, s.P_CORE] + P[c, s.P_SWORN] + P[c, s.P_DECLARED]
    m[M_STRENGTH_RATIO] = m[M_FOCUS_FIGHTERS] / (m[M_INCUMBENT_FIGHTERS] + 1.0)
    m[M_THIRD_FIGHTERS] = C[s.C_THIRD_FORCE]
    m[M_FOCUS_CORE] = P[k, s.P_CORE]
    m[M_FOCUS_LEGITIMACY] = P[k, s.P_LEGITIMACY]
    m[M_FOCUS_RECOGNITION] = P[k, s.P_RECOGNITION]
    m[M_FOCUS_MOMENTUM] = P[k, s.P_MOMENTUM]
    m[M_FOCUS_CAPABILITY] = P[k, s.P_CAPABILITY]
    m[M_FOCUS_RECRUITED] = P[k, s.P_JOINED]
    m[M_FOCUS_INNER] = P[k, s.P_FOREIGN_CORE]
    m[M_FOCUS_NON_PASHTUN] = 1.0 - P[k, s.P_MIX_PASHTUN]
    m[M_INCUMBENT_LEGITIMACY] = P[c, s.P_LEGITIMACY]
    m[M_INCUMBENT_RECOGNITION] = P[c, s.P_RECOGNITION]
    m[M_INCUMBENT_CONSISTENCY] = P[c, s.P_CONSISTENCY]
    m[M_INCUMBENT_MOMENTUM] = P[c, s.P_MOMENTUM]
    m[M_INCUMBENT_OUTSIDE_SUPPORT] = P[c, s.P_SUPPORT]
    m[M_INCUMBENT_POSTURE] = P[c, s.P_POSTURE]
    m[M_INCUMBENT_FRAGMENTATION] = P[c, s.P_FRAGMENTATION]
    m[M_VISIBLE_ALLIES] = P[c, s.P_VISIBLE_ALLIES]
    m[M_HOSTILITY] = W[c, k, s.W_HOSTILITY]
    m[M_HOSTILITY_ACTED] = W[c, k, s.W_EFFECTIVE]
    m[M_RIVAL_DEATHS] = W[c, k, s.W_DEATHS] + W[k, c, s.W_DEATHS]
    third = P.shape[0]
    m[M_SPLINTER_DEATHS] = W[c, third, s.W_DEATHS] + W[third, c, s.W_DEATHS]
    m[M_ATTACKS] = C[s.C_MONITORED]
    m[M_ATTACKS_CLAIMED] = C[s.C_CLAIMED]
    m[M_ATTACKS_DENIED] = C[s.C_DENIED]
    m[M_STRENGTH_SEEN] = C[s.C_STRENGTH_SEEN]
    m[M_FOREIGN_SEEN] = C[s.C_FOREIGN_SEEN]
    m[M_THREAT_SEEN] = C[s.C_THREAT_SEEN]
    m[M_EXPOSURE] = C[s.C_EXPOSURE]
    m[M_RETURNED] = C[s.C_RETURNED]
    m[M_ABROAD_POOL] = C[s.C_ABROAD_POOL]
    m[M_OFFERS] = C[s.C_OFFERS]
    m[M_ACCEPTANCES] = C[s.C_ACCEPTANCES]
    m[M_SWITCHES] = C[s.C_SWITCHES]
    m[M_SPLITS] = C[s.C_SPLITS]
    m[M_MERGERS] = C[s.C_MERGERS]
    m[M_CRUSHED] = C[s.C_CRUSHED]
    m[M_SURRENDERED] = C[s.C_SURRENDERED]
    m[M_DEAL_COST] = C[s.C_DEAL_COST]


@jit_apart
def measure_regions(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, m: FloatArray) -> None:
    """Outcomes that are read from regions."""
    k, c = int(C[s.C_FOCUS]), incumbent_of(P)
    home, abroad, men, mine, theirs = 0.0, 0.0, 0.0, 0.0, 0.0
    for r in range(G.shape[0]):
        here = H[r, k, s.H_NOMINAL]
        men += here
        area = int(G[r, s.G_AREA])
        if area == s.AREA_NORTH:
            m[M_FOCUS_NORTH] += here
        elif area == s.AREA_WEST:
            m[M_FOCUS_WEST] += here
        mine += here * H[r, k, s.H_SUPPORT]
        m[M_INCUMBENT_LOCAL_SUPPORT] += H[r, c, s.H_NOMINAL] * H[r, c, s.H_SUPPORT]
        theirs += H[r, c, s.H_NOMINAL]
        if G[r, s.G_ABROAD] > 0.0:
            abroad += 1.0
            m[M_HOME_PRESSURE] += G[r, s.G_PRESSURE]
            m[M_REPRESSION_FELT] += G[r, s.G_REPRESSED]
            m[M_CENTRAL_ASIA_RECRUITS] += here
        else:
            home += 1.0
            m[M_STATE_CAPACITY] += G[r, s.G_CAPACITY]
            m[M_MILIEU] += G[r, s.G_MILIEU]
            m[M_INSTABILITY] += G[r, s.G_INSTABILITY]
    m[M_FOCUS_NORTH] /= men + 1.0
    m[M_FOCUS_WEST] /= men + 1.0
    m[M_FOCUS_SUPPORT] = mine / (men + 1.0)
    m[M_INCUMBENT_LOCAL_SUPPORT] /= theirs + 1.0
    m[M_HOME_PRESSURE] /= max(abroad, 1.0)
    m[M_REPRESSION_FELT] /= max(abroad, 1.0)
    m[M_STATE_CAPACITY] /= max(home, 1.0)
    m[M_MILIEU] /= max(home, 1.0)
    m[M_INSTABILITY] /= max(home, 1.0)


@jit_apart
def count_lines(I: IntArray, C: FloatArray) -> float:
    """Lines of factions of which any part ever swore to the focus patron."""
    total = 0.0
    rows = int(C[s.C_ROWS])
    for root in range(rows):
        if I[root, s.I_ROOT] != root:
            continue
        for i in range(rows):
            if I[i, s.I_ROOT] == root and I[i, s.I_FIRST_OATH] >= 0:
                total += 1.0
                break
    return total


@jit_apart
def measure_allegiance(I: IntArray, P: FloatArray, C: FloatArray, m: FloatArray) -> None:
    """Counts of factions by allegiance, oath and fate."""
    patrons, k, c = P.shape[0], int(C[s.C_FOCUS]), incumbent_of(P)
    for i in range(int(C[s.C_ROWS])):
        fate = I[i, s.I_FATE]
        if fate == s.FATE_RECONCILED:
            m[M_EXIT_UNITS] += 1.0
        elif fate == s.FATE_DESTROYED:
            m[M_DESTROYED_UNITS] += 1.0
        if I[i, s.I_DISPLACED] >= 0:
            m[M_DISPLACED_UNITS] += 1.0
        if fate != s.FATE_ACTIVE:
            continue
        m[M_ACTIVE_UNITS] += 1.0
        option = I[i, s.I_ALLEGIANCE]
        if option == k:
            m[M_FOCUS_SWORN_UNITS if I[i, s.I_OATH] == s.OATH_SWORN else M_FOCUS_DECLARED_UNITS] += 1.0
        elif option == k + patrons:
            m[M_FOCUS_ALLY_UNITS] += 1.0
        elif option == c or option == c + patrons:
            m[M_INCUMBENT_UNITS] += 1.0
        elif option == 2 * patrons:
            m[M_INDEPENDENT_UNITS] += 1.0
            if I[i, s.I_LEFT_PATRON] >= 0:
                m[M_THIRD_UNITS] += 1.0
    m[M_PLEDGED_UNITS] = count_lines(I, C)
    units = max(1.0, m[M_ACTIVE_UNITS])
    mine = m[M_FOCUS_SWORN_UNITS] + m[M_FOCUS_DECLARED_UNITS] + m[M_FOCUS_ALLY_UNITS]
    m[M_POLARISATION] = 4.0 * mine * m[M_INCUMBENT_UNITS] / (units * units)


@jit_apart
def measure_factions(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, G: FloatArray, C: FloatArray, m: FloatArray
) -> None:  # fmt: skip
    """Means and sums over factions."""
    c = incumbent_of(P)
    units, foreign, men, inner, cohesion, theirs = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    mine, aim, others = 0.0, 0.0, 0.0
    squares = P[c, s.P_CORE] * P[c, s.P_CORE] + m[M_FOCUS_CORE] * m[M_FOCUS_CORE]
    everybody = P[c, s.P_CORE] + m[M_FOCUS_CORE]
    for i in range(int(C[s.C_ROWS])):
        m[M_FACTION_RECRUITS] += F[i, s.F_RECRUITED]
        m[M_RETURNED_TO_KIN] += F[i, s.F_RETURNED]
        if F[i, s.F_LOCAL_ROOTS] >= 0.5:
            m[M_ROOTED_RECRUITS] += F[i, s.F_RECRUITED]
        if I[i, s.I_FATE] != s.FATE_ACTIVE:
            continue
        fighters = F[i, s.F_FIGHTERS]
        units += 1.0
        men += fighters
        squares += fighters * fighters
        inner += fighters * (1.0 - F[i, s.F_LOCAL_SHARE])
        m[M_LEAK] += F[i, s.F_LEAK]
        m[M_RELEVANCE] += F[i, s.F_RELEVANCE]
        m[M_WAR_CHEST] += F[i, s.F_WAR_CHEST]
        m[M_SUCCESSION_GRIEVANCE] += X[i, c, s.X_SUCCESSION]
        side = side_of(I, i, P.shape[0])
        if side == int(C[s.C_FOCUS]):
            mine += 1.0
            aim += F[i, s.F_GLOBALISM]
        else:
            others += F[i, s.F_GLOBALISM]
        if side == c:
            theirs += 1.0
            cohesion += F[i, s.F_COHESION]
        if I[i, s.I_FOREIGN] == 1:
            foreign += 1.0
            m[M_FOREIGN_FIGHTERS] += fighters
            m[M_HOME_IDENTITY] += 1.0 - F[i, s.F_DRIFT]
            area = int(G[I[i, s.I_THEATRE], s.G_AREA])
            if area == s.AREA_EAST or area == s.AREA_SOUTH:
                m[M_GUESTS_SOUTH_EAST] += fighters
    if mine > 0.0:
        m[M_FOCUS_GLOBALISM] = aim / mine - others / max(units - mine, 1.0)
    everybody += men
    units = max(units, 1.0)
    m[M_LEAK] /= units
    m[M_RELEVANCE] /= units
    m[M_WAR_CHEST] /= units
    m[M_SUCCESSION_GRIEVANCE] /= units
    m[M_HOME_IDENTITY] /= max(foreign, 1.0)
    m[M_INCUMBENT_COHESION] = cohesion / max(theirs, 1.0)
    m[M_INNER_SHARE] = inner / (men + 1.0)
    m[M_EFFECTIVE_ORGANISATIONS] = everybody * everybody / max(squares, 1.0)


@jit_apart
def measure(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, m: FloatArray,
) -> None:  # fmt: skip
    """All monthly outcomes of the state as it stands, into the row ``m`` of shape (M_WIDTH,)."""
    for column in range(M_WIDTH):
        m[column] = 0.0
    measure_patrons(P, W, C, m)
    measure_regions(P, G, H, C, m)
    measure_allegiance(I, P, C, m)
    measure_factions(F, I, X, P, G, C, m)


SUMMARY: tuple[Column, ...] = (
    Column("pledged_ever", "count", "Lines of factions that ever swore to the focus patron."),
    Column("supported_ever", "count", "Factions that ever stood with it, splinters apart."),
    Column("accepted_ever", "count", "Factions it ever accepted, splinters apart."),
    Column("peak_fighters", "persons", "Most men it had in any month."),
    Column("peak_month", "month", "The month of that, from the start."),
    Column("peak_ratio", "ratio", "Its men over the incumbent's, at most."),
    Column("final_fighters", "persons", "Its men in the last month."),
    Column(
        "third_pole_ever", "count", "Factions that ever left the incumbent for themselves, splinters apart."
    ),
    Column("splits", "count", "Splits."),
    Column("mergers", "count", "Mergers."),
    Column("crushed", "count", "Fronts destroyed."),
    Column("rival_deaths", "persons", "Deaths between incumbent and focus patron."),
    Column("splinter_deaths", "persons", "Deaths between incumbent and third pole."),
    Column("attacks", "count", "Attacks by it as a monitor reports them."),
    Column("switches", "count", "Changes of allegiance."),
    Column("status", "code", "0 good; see the status codes."),
)
"""Outcomes of a run, in the order of the columns of ``O``."""
(
    O_PLEDGED_EVER, O_SUPPORTED_EVER, O_ACCEPTED_EVER, O_PEAK_FIGHTERS, O_PEAK_MONTH, O_PEAK_RATIO, O_FINAL_FIGHTERS,
    O_THIRD_POLE_EVER, O_SPLITS, O_MERGERS, O_CRUSHED, O_RIVAL_DEATHS, O_SPLINTER_DEATHS, O_ATTACKS, O_SWITCHES,
    O_STATUS,
) = range(16)  # fmt: skip
O_WIDTH = 16


@jit
def follow(P: FloatArray, C: FloatArray, out: FloatArray) -> None:
    """Keep the peaks and sums of the summary up to this month."""
    k, c = int(C[s.C_FOCUS]), incumbent_of(P)
    men = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
    theirs = P[c, s.P_CORE] + P[c, s.P_SWORN] + P[c, s.P_DECLARED]
    if men > out[O_PEAK_FIGHTERS]:
        out[O_PEAK_FIGHTERS] = men
        out[O_PEAK_MONTH] = C[s.C_MONTH]
    out[O_PEAK_RATIO] = max(out[O_PEAK_RATIO], men / (theirs + 1.0))
    out[O_FINAL_FIGHTERS] = men
    out[O_ATTACKS] += C[s.C_MONITORED]


@jit_apart
def summarise(I: IntArray, P: FloatArray, W: FloatArray, C: FloatArray, out: FloatArray) -> None:
    """The summary at the end of a run."""
    k, c, third = int(C[s.C_FOCUS]), incumbent_of(P), P.shape[0]
    out[O_PLEDGED_EVER] = count_lines(I, C)
    out[O_SUPPORTED_EVER] = out[O_ACCEPTED_EVER] = out[O_THIRD_POLE_EVER] = 0.0
    for i in range(int(C[s.C_ROWS])):
        if I[i, s.I_BORN_MONTH] >= 0:
            continue
        out[O_SUPPORTED_EVER] += 1.0 if I[i, s.I_FIRST_SUPPORT] >= 0 else 0.0
        out[O_ACCEPTED_EVER] += 1.0 if I[i, s.I_FIRST_ACCEPT] >= 0 else 0.0
        out[O_THIRD_POLE_EVER] += 1.0 if I[i, s.I_WALKED_OUT] >= 0 else 0.0
    out[O_SPLITS] = C[s.C_SPLITS]
    out[O_MERGERS] = C[s.C_MERGERS]
    out[O_CRUSHED] = C[s.C_CRUSHED]
    out[O_SWITCHES] = C[s.C_SWITCHES]
    out[O_RIVAL_DEATHS] = W[c, k, s.W_KILLED] + W[k, c, s.W_KILLED]
    out[O_SPLINTER_DEATHS] = W[c, third, s.W_KILLED] + W[third, c, s.W_KILLED]
    out[O_STATUS] = C[s.C_STATUS]
