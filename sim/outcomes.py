"""Outcomes: what is told of a run, each defined once, with its unit.

Monthly outcomes are measured at the end of a month from the state; the focus patron is the one whose rise is asked
about, the incumbent the first patron that holds the field at the start. Summary
outcomes are taken once, at the end, from the monthly ones and from the factions' dates.
"""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.measures import MONTHLY as MONTHLY
from sim.measures import SUMMARY as SUMMARY
from sim.rules.common import side_of
from sim.state import FloatArray, IntArray

(
    M_FOCUS_FIGHTERS, M_FOCUS_CORE, M_FOCUS_SWORN_UNITS, M_FOCUS_DECLARED_UNITS, M_FOCUS_ALLY_UNITS, M_PLEDGED_UNITS,
    M_INCUMBENT_UNITS, M_INDEPENDENT_UNITS, M_THIRD_UNITS, M_EXIT_UNITS, M_DESTROYED_UNITS, M_ACTIVE_UNITS,
    M_INCUMBENT_FIGHTERS, M_STRENGTH_RATIO, M_THIRD_FIGHTERS, M_FOCUS_LEGITIMACY, M_FOCUS_RECOGNITION,
    M_FOCUS_MOMENTUM, M_FOCUS_CAPABILITY, M_FOCUS_RECRUITED, M_FOCUS_INNER, M_FOCUS_MINORITY, M_FOCUS_NORTH,
    M_FOCUS_WEST, M_FOCUS_SUPPORT, M_INCUMBENT_LEGITIMACY, M_INCUMBENT_RECOGNITION, M_INCUMBENT_CONSISTENCY,
    M_INCUMBENT_MOMENTUM, M_INCUMBENT_OUTSIDE_SUPPORT, M_INCUMBENT_POSTURE, M_INCUMBENT_LOCAL_SUPPORT,
    M_INCUMBENT_FRAGMENTATION, M_INCUMBENT_COHESION, M_VISIBLE_ALLIES, M_HOSTILITY, M_RIVAL_DEATHS,
    M_SPLINTER_DEATHS, M_ATTACKS, M_ATTACKS_CLAIMED, M_ATTACKS_DENIED, M_STRENGTH_SEEN, M_FOREIGN_FIGHTERS,
    M_FOREIGN_SEEN, M_THREAT_SEEN, M_EXPOSURE, M_FOCUS_ABROAD, M_RETURNED, M_RETURNED_TO_KIN,
    M_ABROAD_POOL, M_STATE_CAPACITY, M_HOME_PRESSURE, M_REPRESSION_FELT, M_MILIEU, M_INSTABILITY, M_HOME_IDENTITY,
    M_LEAK, M_RELEVANCE, M_WAR_CHEST, M_FACTION_RECRUITS, M_ROOTED_RECRUITS, M_INNER_SHARE, M_GUESTS_GATHERED,
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
    m[M_FOCUS_MINORITY] = 1.0 - P[k, s.P_MIX_1]
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
        if G[r, s.G_NORTH] > 0.0:
            m[M_FOCUS_NORTH] += here
        if G[r, s.G_WEST] > 0.0:
            m[M_FOCUS_WEST] += here
        mine += here * H[r, k, s.H_SUPPORT]
        m[M_INCUMBENT_LOCAL_SUPPORT] += H[r, c, s.H_NOMINAL] * H[r, c, s.H_SUPPORT]
        theirs += H[r, c, s.H_NOMINAL]
        if G[r, s.G_ABROAD] > 0.0:
            abroad += 1.0
            m[M_HOME_PRESSURE] += G[r, s.G_PRESSURE]
            m[M_REPRESSION_FELT] += G[r, s.G_REPRESSED]
            m[M_FOCUS_ABROAD] += here
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
    for i in range(int(C[s.C_ROWS])):
        if I[i, s.I_FIRST_OATH] < 0:
            continue
        first = True
        for earlier in range(i):
            if I[earlier, s.I_FIRST_OATH] >= 0 and I[earlier, s.I_ROOT] == I[i, s.I_ROOT]:
                first = False
                break
        if first:
            total += 1.0
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
            if G[I[i, s.I_THEATRE], s.G_GATHERED] > 0.0:
                m[M_GUESTS_GATHERED] += fighters
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
