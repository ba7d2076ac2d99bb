"""Phase 10, movement: relocation under pressure, drift of identity, returnees, and how home states see it."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, gain_fighters, grain, patron_of, side_of
from sim.state import FloatArray, IntArray


@jit_apart
def likeness(F: FloatArray, G: FloatArray, i: int, r: int) -> float:
    """Kinship of a faction's outer layer with a region's people [0, 1]: sum of the smaller of each share."""
    value = 0.0
    for j in range(4):
        value += min(F[i, s.F_MIX_1 + j], G[r, s.G_MIX_1 + j])
    return value


@jit
def relocate(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray,
    NP: IntArray, NI: IntArray, i: int,
) -> None:  # fmt: skip
    """A pressed faction may move next door, toward kin and quiet (M55).

    P = M55 * relocation * min(1, state pressure + enemies' force / (enemies' force + own side's)), for
    factions that do not stand with the incumbent, and for foreigners; the neighbour is drawn by kinship * (1
    - pressure) * own force next to enemies' there.
    """
    patrons, r, t = P.shape[0], I[i, s.I_THEATRE], int(C[s.C_MONTH])
    side = side_of(I, i, patrons)
    if A[s.A_M55] == 0.0 or side < 0 or NP[r + 1] == NP[r]:
        return
    if side < patrons and P[side, s.P_INCUMBENT] > 0.0 and I[i, s.I_FOREIGN] == 0:
        return
    pressure = 0.0 if G[r, s.G_HOLDER] == side else G[r, s.G_PRESSURE]
    hostile = H[r, side, s.H_HOSTILE]
    pressed = min(1.0, pressure + hostile / (hostile + H[r, side, s.H_NOMINAL] + 1.0))
    p = A[s.A_RELOCATION] * pressed
    if p <= 0.0:
        return
    u, v, _, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.MOVE, 0)
    if u >= p:
        return
    total = 0.0
    for j in range(NP[r], NP[r + 1]):
        total += shelter(F, G, H, i, side, NI[j])
    mark = v * total
    for j in range(NP[r], NP[r + 1]):
        mark -= shelter(F, G, H, i, side, NI[j])
        if mark <= 0.0:
            I[i, s.I_THEATRE] = NI[j]
            return


@jit_apart
def shelter(F: FloatArray, G: FloatArray, H: FloatArray, i: int, side: int, r: int) -> float:
    """Weight of a region as a refuge: (0.1 + kinship) * (1.05 - pressure) * (men + 50) / (men + enemies +
    50).
    """
    safe = (H[r, side, s.H_NOMINAL] + 50.0) / (H[r, side, s.H_NOMINAL] + H[r, side, s.H_HOSTILE] + 50.0)
    return (0.1 + likeness(F, G, i, r)) * (1.05 - G[r, s.G_PRESSURE]) * safe


@jit
def drift(
    F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, A: FloatArray, D: FloatArray, i: int
) -> None:
    """Identity drifts from home with distance and returns with a patron's interest there (M20, M71).

    + M20 * drift * (1 - drift so far) * min(1, borders between home and theatre / 4); - M71 * homeward *
    interest of its patron in the home region * drift so far.
    """
    far = min(1.0, D[I[i, s.I_HOME], I[i, s.I_THEATRE]] / 4.0)
    value = F[i, s.F_DRIFT]
    change = A[s.A_M20] * A[s.A_DRIFT] * (1.0 - value) * far
    k = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    if k >= 0:
        change -= A[s.A_M71] * A[s.A_HOMEWARD] * H[I[i, s.I_HOME], k, s.H_INTEREST] * value
    F[i, s.F_DRIFT] = clamp(value + change)


@jit
def move(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, i: int,
) -> None:  # fmt: skip
    """Phase 10 for a faction: relocation, then drift of identity."""
    relocate(F, I, P, G, H, C, A, NP, NI, i)
    drift(F, I, P, H, A, D, i)


@jit
def shift_cores(
    P: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray, NP: IntArray, NI: IntArray
) -> None:
    """An entrant's own men move from pressed regions to neighbours it is interested in (M55, M64).

    Each month M55 * core_shift * pressed of the men in a region, shared among neighbours by interest * (1 +
    north_shift * share outside the first group) * (1.05 - pressure). No more can move than stood
    there when the sums were taken.
    """
    for k in range(P.shape[0]):
        if P[k, s.P_INCUMBENT] > 0.0 or P[k, s.P_CORE] <= 0.0 or A[s.A_M55] == 0.0:
            continue
        for r in range(H.shape[0]):
            H[r, k, s.H_PULL] = outlet(G, H, A, k, r)
        for r in range(H.shape[0]):
            core = min(H[r, k, s.H_CORE], H[r, k, s.H_NOMINAL])
            if core < 1.0:
                continue
            pressure = 0.0 if G[r, s.G_HOLDER] == k else G[r, s.G_PRESSURE]
            hostile = H[r, k, s.H_HOSTILE]
            pressed = min(1.0, pressure + hostile / (hostile + H[r, k, s.H_NOMINAL] + 1.0))
            total = 0.0
            for j in range(NP[r], NP[r + 1]):
                total += H[NI[j], k, s.H_PULL]
            if total <= 0.0:
                continue
            part = A[s.A_CORE_SHIFT] * pressed * core / total
            for j in range(NP[r], NP[r + 1]):
                men = min(grain(part * H[NI[j], k, s.H_PULL]), H[r, k, s.H_CORE])
                H[r, k, s.H_CORE] -= men
                H[NI[j], k, s.H_CORE] += men


@jit
def outlet(G: FloatArray, H: FloatArray, A: FloatArray, k: int, r: int) -> float:
    """Weight of a region as a way out for a patron's core."""
    other = 1.0 + A[s.A_NORTH_SHIFT] * (1.0 - G[r, s.G_MIX_1])
    return H[r, k, s.H_INTEREST] * other * (1.05 - G[r, s.G_PRESSURE])


@jit
def return_rate(G: FloatArray, C: FloatArray, A: FloatArray, P: FloatArray) -> float:
    """Monthly rate of return from abroad (M31, M48, M73).

    return_rate * (1 - M48 * reluctance * (1 - permitted)) * (M73: blowback) * (1 + M31 * condition * (mean
    minority grievance of the countries at war + 1 where a patron holds a state)). M48 and M73 are rival
    readings. Where the scenario states what share returns, and within how many months, that rate holds instead,
    and nobody returns after.
    """
    if C[s.C_ABROAD_RATE] >= 0.0:
        return C[s.C_ABROAD_RATE] if C[s.C_MONTH] < C[s.C_ABROAD_UNTIL] else 0.0
    rate = A[s.A_RETURN_RATE] * (
        1.0 - A[s.A_M48] * A[s.A_RETURN_RELUCTANCE] * (1.0 - C[s.C_ABROAD_PERMITTED])
    )
    if A[s.A_M73] > 0.0:
        rate *= A[s.A_RETURN_BLOWBACK]
    grievance, count, held = 0.0, 0.0, 0.0
    for r in range(G.shape[0]):
        if G[r, s.G_ABROAD] == 0.0:
            grievance += G[r, s.G_MINORITY]
            count += 1.0
    for k in range(P.shape[0]):
        held = max(held, P[k, s.P_HOLDS_STATE])
    return min(
        1.0, rate * (1.0 + A[s.A_M31] * A[s.A_RETURN_CONDITION] * (grievance / max(count, 1.0) + held))
    )


@jit
def is_kin(I: IntArray, G: FloatArray, i: int) -> bool:
    """Whether a faction is kin to men from abroad: in being, foreign, and at home there."""
    living = I[i, s.I_FATE] == s.FATE_ACTIVE and I[i, s.I_FOREIGN] == 1
    return bool(living and G[I[i, s.I_HOME], s.G_ABROAD] > 0.0)


@jit
def take_kin(F: FloatArray, I: IntArray, G: FloatArray, C: FloatArray, A: FloatArray, men: float) -> float:
    """Kin factions take in a part of the returnees; return how many (M20, M70).

    Each of n kin gets M70 * return_kin * (1 - drift) * men / n: who drifted from home is less believed there.
    """
    kin, taken = 0.0, 0.0
    for i in range(int(C[s.C_ROWS])):
        if is_kin(I, G, i):
            kin += 1.0
    if kin > 0.0:
        for i in range(int(C[s.C_ROWS])):
            if is_kin(I, G, i):
                share = A[s.A_M70] * A[s.A_RETURN_KIN] * (1.0 - F[i, s.F_DRIFT])
                added = gain_fighters(F, i, share * men / kin, 0.0)
                F[i, s.F_RETURNED] += added
                taken += added
    return taken


@jit
def settle_rest(P: FloatArray, H: FloatArray, C: FloatArray, r: int, men: float) -> None:
    """The other returnees join the core of the branch whose war they fought, if founded; else they go home
    quietly.
    """
    k = int(C[s.C_ABROAD_PATRON])
    if k >= 0 and P[k, s.P_FOUNDED] <= C[s.C_MONTH]:
        H[r, k, s.H_CORE] += men
        P[k, s.P_JOINED] += men


@jit_apart
def bring_back(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray,
    E: FloatArray,
) -> None:  # fmt: skip
    """Fighters abroad die (M76) and return (M31, M48, M70, M73); states take the return as a pretext (M74).

    Of those who return kin factions take a part, the rest goes to the regions that the event names.
    Repression in regions abroad + M74 * pretext * men returned / 1000.
    """
    pool = C[s.C_ABROAD_POOL]
    if pool <= 0.0:
        return
    died = grain(A[s.A_M76] * A[s.A_ABROAD_ATTRITION] * pool)
    C[s.C_ABROAD_DIED] += died
    back = grain(return_rate(G, C, A, P) * (pool - died))
    C[s.C_ABROAD_POOL] = max(0.0, pool - died - back)
    if back <= 0.0:
        return
    C[s.C_RETURNED] += back
    rest = back - take_kin(F, I, G, C, A, back)
    e = int(C[s.C_ABROAD_EVENT])
    for j in range(int(E[e, s.E_FIRST]), int(E[e, s.E_LAST])):
        r, men = int(E[j, s.E_REGION]), grain(rest * E[j, s.E_SIZE])
        G[r, s.G_RETURNED] += men
        settle_rest(P, H, C, r, men)
    for r in range(G.shape[0]):
        if G[r, s.G_ABROAD] > 0.0:
            G[r, s.G_REPRESSION] = clamp(G[r, s.G_REPRESSION] + A[s.A_M74] * A[s.A_PRETEXT] * back / 1000.0)


@jit
def alarm_home_states(
    F: FloatArray, I: IntArray, G: FloatArray, C: FloatArray, A: FloatArray, D: FloatArray
) -> None:
    """Home states press at home by the threat they present, less with distance (M21, M72).

    For regions abroad: pressure moves at 10 % a month to its base + M21 * threat_rhetoric * (1 - M72 *
    distance_comfort * mean distance of their exiles), distance in borders over 4, at most 1. The rhetoric
    does not depend on how many there are.
    """
    for r in range(G.shape[0]):
        G[r, s.G_EXILES] = 0.0
        G[r, s.G_EXILE_DISTANCE] = 0.0
    for i in range(int(C[s.C_ROWS])):
        if is_kin(I, G, i):
            r = I[i, s.I_HOME]
            G[r, s.G_EXILES] += 1.0
            G[r, s.G_EXILE_DISTANCE] += min(1.0, D[r, I[i, s.I_THEATRE]] / 4.0)
    for r in range(G.shape[0]):
        if G[r, s.G_EXILES] > 0.0 and C[s.C_MONTH] >= G[r, s.G_PRESSURE_UNTIL]:
            rhetoric = A[s.A_M21] * A[s.A_THREAT_RHETORIC]
            far = G[r, s.G_EXILE_DISTANCE] / G[r, s.G_EXILES]
            level = G[r, s.G_PRESSURE_BASE] + rhetoric * (1.0 - A[s.A_M72] * A[s.A_DISTANCE_COMFORT] * far)
            G[r, s.G_PRESSURE] = clamp(G[r, s.G_PRESSURE] + 0.1 * (level - G[r, s.G_PRESSURE]))


@jit_apart
def move_poles(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray,
    E: FloatArray, NP: IntArray, NI: IntArray, D: FloatArray,
) -> None:  # fmt: skip
    """Phase 10 for patrons and home states: cores shift, fighters return, states take alarm."""
    shift_cores(P, G, H, A, NP, NI)
    bring_back(F, I, P, G, H, C, A, E)
    alarm_home_states(F, I, G, C, A, D)
