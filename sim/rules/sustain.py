"""Phase 9, sustain: men, money, support and standing, for patrons by region and for factions."""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.clash import take_core
from sim.rules.common import clamp, gain_fighters, grain, lose_fighters, patron_of, promised_transfer, side_of
from sim.state import FloatArray, IntArray

YEARS = 12.0


@jit
def incumbent_fragmentation(P: FloatArray) -> float:
    """The largest fragmentation of an incumbent's side [0, 1]."""
    worst = 0.0
    for k in range(P.shape[0]):
        if P[k, s.P_INCUMBENT] > 0.0:
            worst = max(worst, P[k, s.P_FRAGMENTATION])
    return worst


@jit
def appeal(P: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray, r: int, k: int) -> float:
    """Multiplier of recruitment for pole k in a region (M13, M19, M40, M46, M47, M56, M57, M75).

    (1 + M13 * brand * momentum) * (1 + M47 * push * push factors + M46 * repression_grievance * repression
    felt) * (1 + M57 * milieu * milieu there * salafism of k) * (1 + M56 * minority * minority grievance *
    share outside the first group, against the holder) * (1 + M40 * vacuum * (1 - capacity), where k does not hold the
    state) * (1 + M19 * loop * (support + capability) / 2) * (abroad_demand with M75, in regions
    abroad).
    """
    value = 1.0 + A[s.A_M13] * A[s.A_BRAND] * P[k, s.P_MOMENTUM]
    value *= (
        1.0
        + A[s.A_M47] * A[s.A_PUSH] * G[r, s.G_PUSH]
        + A[s.A_M46] * A[s.A_REPRESSION_GRIEVANCE] * G[r, s.G_REPRESSED]
    )
    value *= 1.0 + A[s.A_M57] * A[s.A_MILIEU] * G[r, s.G_MILIEU] * P[k, s.P_SALAFISM]
    against = 1.0 if G[r, s.G_HOLDER] != k else 0.0
    entrant = 1.0 if P[k, s.P_INCUMBENT] == 0.0 else 0.0
    others = A[s.A_M56] * A[s.A_MINORITY] * G[r, s.G_MINORITY] * (1.0 - G[r, s.G_MIX_1])
    value *= 1.0 + against * entrant * others
    value *= 1.0 + against * (A[s.A_M40] * A[s.A_VACUUM] * (1.0 - G[r, s.G_CAPACITY]))
    value *= 1.0 + A[s.A_M19] * A[s.A_LOOP] * 0.5 * (H[r, k, s.H_SUPPORT] + P[k, s.P_CAPABILITY])
    demand = A[s.A_ABROAD_DEMAND] if A[s.A_M75] > 0.0 else 1.0
    value *= demand if G[r, s.G_ABROAD] > 0.0 else 1.0
    return value


@jit
def entry(P: FloatArray, A: FloatArray, k: int) -> float:
    """Ease of entry for a pole that is not the incumbent (M11, M65).

    (1 + M65 * entry_fragmentation * fragmentation of the incumbent) * (1 + critical_gain above the critical
    fragmentation, with M11).
    """
    if P[k, s.P_INCUMBENT] > 0.0:
        return 1.0
    torn = incumbent_fragmentation(P)
    value = 1.0 + A[s.A_M65] * A[s.A_ENTRY_FRAGMENTATION] * torn
    if A[s.A_M11] > 0.0 and torn > A[s.A_CRITICAL_FRAGMENTATION]:
        value *= 1.0 + A[s.A_CRITICAL_GAIN]
    return value


@jit
def pull_of(P: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray, r: int, k: int) -> float:
    """Weight of a region in a patron's base inflow: interest * men left in the pool, more among others when
    pressed.

    With M55 a pressed entrant turns to other ethnic groups: * (1 + north_shift * felt pressure * share outside
    the first group).
    """
    weight = H[r, k, s.H_INTEREST] * max(0.0, G[r, s.G_POOL])
    turn = A[s.A_M55] * A[s.A_NORTH_SHIFT] * P[k, s.P_FELT_PRESSURE] * (1.0 - G[r, s.G_MIX_1])
    return weight * (1.0 + turn) if P[k, s.P_INCUMBENT] == 0.0 else weight


@jit
def blend(P: FloatArray, G: FloatArray, A: FloatArray, k: int, r: int, men: float, core: float) -> None:
    """The ethnic mix of a patron's core follows where its recruits come from (M55)."""
    if A[s.A_M55] == 0.0 or men <= 0.0:
        return
    part = men / max(core, men)
    for j in range(4):
        P[k, s.P_MIX_1 + j] += part * (G[r, s.G_MIX_1 + j] - P[k, s.P_MIX_1 + j])


@jit
def recruit_cores(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Men join the patrons' own ranks (M13, M19, P20), never more than a tenth of a region's pool a month.

    In region r: (recruits * weight(r) / sum of weights + growth * core there) * appeal * entry, once founded.
    """
    for k in range(P.shape[0]):
        for r in range(H.shape[0]):
            H[r, k, s.H_APPEAL] = appeal(P, G, H, A, r, k)
        if P[k, s.P_FOUNDED] > C[s.C_MONTH]:
            continue
        weights, core = 0.0, P[k, s.P_CORE]
        for r in range(H.shape[0]):
            H[r, k, s.H_PULL] = pull_of(P, G, H, A, r, k)
        for r in range(H.shape[0]):
            weights += H[r, k, s.H_PULL]
        ease = entry(P, A, k)
        for r in range(H.shape[0]):
            base = P[k, s.P_GROWTH] * H[r, k, s.H_CORE]
            if weights > 0.0:
                base += P[k, s.P_RECRUITS] * H[r, k, s.H_PULL] / weights
            if base <= 0.0:
                continue
            men = grain(min(base * ease * H[r, k, s.H_APPEAL], 0.1 * G[r, s.G_POOL]))
            H[r, k, s.H_CORE] += men
            G[r, s.G_TAKEN] += men
            P[k, s.P_JOINED] += men
            blend(P, G, A, k, r, men, core)
            core += men


@jit
def pay_cores(P: FloatArray, H: FloatArray, A: FloatArray, k: int) -> None:
    """Unpaid men leave the core: desertion * (1 - money), money = local income * support + transfer, at most
    1.
    """
    given = promised_transfer(P, A, k)
    for r in range(H.shape[0]):
        if H[r, k, s.H_CORE] <= 0.0:
            continue
        money = A[s.A_LOCAL_INCOME] * (0.5 + 0.5 * H[r, k, s.H_SUPPORT]) + given
        if money < 1.0:
            take_core(P, H, r, k, A[s.A_DESERTION] * (1.0 - money) * H[r, k, s.H_CORE], s.P_LEFT)


@jit
def change_support(P: FloatArray, H: FloatArray, A: FloatArray, k: int) -> None:
    """Local support falls with disunity and with violence shown to locals, and recovers (M39).

    support - M39 * support_decay * (fragmentation + brutality) * support * part present + support_recovery *
    (start - support); part present = men there / (men there + 200).
    """
    for r in range(H.shape[0]):
        value = H[r, k, s.H_SUPPORT]
        here = H[r, k, s.H_NOMINAL] / (H[r, k, s.H_NOMINAL] + 200.0)
        fall = (
            A[s.A_M39] * A[s.A_SUPPORT_DECAY] * (P[k, s.P_FRAGMENTATION] + P[k, s.P_BRUTALITY]) * value * here
        )
        H[r, k, s.H_SUPPORT] = clamp(
            value - fall + A[s.A_SUPPORT_RECOVERY] * (H[r, k, s.H_SUPPORT_START] - value)
        )


@jit
def change_region(G: FloatArray, C: FloatArray, A: FloatArray, threat: float, r: int) -> None:
    """A region's month (M32, M40, M46, M66, M78).

    Capacity falls by M40 * attrition and by the drawdown's step * (1 - drawdown_delay * visible threat);
    raised pressure and offers of peace end when their time is up; the milieu grows by milieu_growth * milieu
    * (1 - milieu) with M78; repression is felt with a lag of about half a year; a resistance fades with
    ``instability_half_life``.
    """
    t = C[s.C_MONTH]
    capacity = G[r, s.G_CAPACITY] - A[s.A_M40] * G[r, s.G_ATTRITION]
    drawdown = G[r, s.G_DRAWDOWN]
    step = min(drawdown, G[r, s.G_DRAWDOWN_STEP] * (1.0 - A[s.A_DRAWDOWN_DELAY] * threat))
    step = step if drawdown > 0.0 else 0.0
    G[r, s.G_DRAWDOWN] = drawdown - step
    G[r, s.G_CAPACITY] = clamp(capacity - step)
    pressure, offer = G[r, s.G_PRESSURE], G[r, s.G_OFFER]
    calmer = pressure + (G[r, s.G_PRESSURE_BASE] - pressure) * 0.2
    G[r, s.G_PRESSURE] = calmer if t >= G[r, s.G_PRESSURE_UNTIL] else pressure
    G[r, s.G_OFFER] = 0.0 if t >= G[r, s.G_OFFER_UNTIL] else offer
    G[r, s.G_MILIEU] += A[s.A_M78] * A[s.A_MILIEU_GROWTH] * G[r, s.G_MILIEU] * (1.0 - G[r, s.G_MILIEU])
    G[r, s.G_REPRESSED] += (G[r, s.G_REPRESSION] - G[r, s.G_REPRESSED]) * 0.1
    G[r, s.G_INSTABILITY] *= A[s.A_INSTABILITY_HALF_LIFE]
    pool = G[r, s.G_POOL] - G[r, s.G_TAKEN]
    G[r, s.G_POOL] = max(0.0, grain(pool + (G[r, s.G_POOL_START] - pool) * 0.002))
    G[r, s.G_TAKEN] = 0.0


@jit_apart
def nourish(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Phase 9 for patrons and regions: the regions' own month, recruits, pay, support, and the lure of
    elsewhere.

    The lure is the largest core state * momentum of a patron with a global aim (M14).
    """
    threat, C[s.C_LURE] = 0.0, 0.0
    for k in range(P.shape[0]):
        if P[k, s.P_GLOBALISM] > 0.5:
            C[s.C_LURE] = max(C[s.C_LURE], P[k, s.P_CORE_STATE] * P[k, s.P_MOMENTUM])
        if P[k, s.P_INCUMBENT] > 0.0:
            threat = max(threat, P[k, s.P_THREAT])
    for r in range(G.shape[0]):
        change_region(G, C, A, threat, r)
    recruit_cores(P, G, H, C, A)
    for k in range(P.shape[0]):
        pay_cores(P, H, A, k)
        change_support(P, H, A, k)


@jit
def income(F: FloatArray, I: IntArray, P: FloatArray, A: FloatArray, i: int) -> float:
    """Money per fighter and month, in upkeep multiples (M06, M16).

    local_income * (0.5 + 0.5 * local roots) (0.75 of it for all without M16) + a quarter of the patron's
    transfer for a recognised oath, ``ally_share`` of that for an ally: three quarters go to what is not
    upkeep (judgement).
    """
    roots = 0.5 + 0.5 * F[i, s.F_LOCAL_ROOTS] if A[s.A_M16] > 0.0 else 0.75
    money = A[s.A_LOCAL_INCOME] * roots
    k = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    if k >= 0 and I[i, s.I_ALLEGIANCE] >= P.shape[0]:
        money += A[s.A_ALLY_SHARE] * 0.25 * promised_transfer(P, A, k)
    elif k >= 0 and I[i, s.I_OATH] == s.OATH_SWORN:
        money += 0.25 * promised_transfer(P, A, k)
    return money


@jit
def recruit(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray, i: int
) -> None:
    """A faction recruits (M13, M16, M19, M47, M55): at most 2 % of the region's pool.

    fighters * faction_growth * (M16: 0.25 + 0.75 * local roots, else 0.6) * (1 + M19 * loop * (quality - 1 +
    war chest / 12)) * appeal of its patron in the theatre (1 + push for the independent). Recruits join the
    outer layer, whose mix follows the theatre (M55).
    """
    r = I[i, s.I_THEATRE]
    k = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    rate = A[s.A_FACTION_GROWTH] * (0.25 + 0.75 * F[i, s.F_LOCAL_ROOTS] if A[s.A_M16] > 0.0 else 0.6)
    rate *= 1.0 + A[s.A_M19] * A[s.A_LOOP] * (F[i, s.F_QUALITY] - 1.0 + F[i, s.F_WAR_CHEST] / YEARS)
    if k >= 0:
        rate *= H[r, k, s.H_APPEAL]
    else:
        rate *= 1.0 + A[s.A_M47] * A[s.A_PUSH] * G[r, s.G_PUSH]
    men = min(rate * F[i, s.F_FIGHTERS], 0.02 * G[r, s.G_POOL])
    added = gain_fighters(F, i, men, 1.0)
    F[i, s.F_RECRUITED] += added
    G[r, s.G_TAKEN] += added
    part = added / max(F[i, s.F_FIGHTERS], 1.0)
    F[i, s.F_GAINS] = F[i, s.F_GAINS] * 0.7937005259840998 + part
    if A[s.A_M55] > 0.0:
        for j in range(4):
            F[i, s.F_MIX_1 + j] += part * (G[r, s.G_MIX_1 + j] - F[i, s.F_MIX_1 + j])


@jit
def leak_rate(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, i: int) -> float:
    """Share of members leaving for a competing theatre this month (M14).

    M14 * leak * globalism * (1, or a quarter for locals) * lure of the war elsewhere * (1 - relevance): hopes
    here hold them.
    """
    abroad = 1.0 if I[i, s.I_FOREIGN] == 1 else 0.25
    return A[s.A_M14] * A[s.A_LEAK] * F[i, s.F_GLOBALISM] * abroad * C[s.C_LURE] * (1.0 - F[i, s.F_RELEVANCE])


@jit
def shrink(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, i: int, money: float) -> None:
    """Men leave: leak abroad (M14), and desertion when the chest is empty, late joiners first (T32).

    Desertion = desertion * (1 - money) * (1 + share of late joiners) once the war chest is empty.
    """
    F[i, s.F_LEAK] = leak_rate(F, I, C, A, i)
    share = F[i, s.F_LEAK]
    if F[i, s.F_WAR_CHEST] <= 0.0 and money < 1.0:
        desert = A[s.A_DESERTION] * (1.0 - money) * (1.0 + F[i, s.F_GREEN])
        F[i, s.F_GREEN] = max(0.0, F[i, s.F_GREEN] - desert)
        share += desert
    if share > 0.0:
        F[i, s.F_LEFT] += lose_fighters(F, A, i, share * F[i, s.F_FIGHTERS])
    F[i, s.F_GREEN] *= 0.97


@jit
def sustain(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:  # fmt: skip
    """A faction's month (M01, M09, M13, M14, M19).

    War chest + income - 1 upkeep, within [0, 12] months; recruits; leak and desertion; quality returns to 1 +
    M19 * loop * war chest / 12 at 5 % a month; relevance moves to 0.3 + 0.7 * momentum of its patron (0.3
    without one) with ``relevance_half_life``; authority moves to 0.6 at 1 % a month, as a leader grows into
    the post; cohesion returns to its start at 3 % a month and loses M09 * wedge * agitation among its side;
    recognition of its own leader among its children heals with ``parent_recovery_half_life``.
    """
    money = income(F, I, P, A, i)
    F[i, s.F_WAR_CHEST] = min(YEARS, max(0.0, F[i, s.F_WAR_CHEST] + money - 1.0))
    recruit(F, I, P, G, H, A, i)
    shrink(F, I, C, A, i, money)
    better = 1.0 + A[s.A_M19] * A[s.A_LOOP] * F[i, s.F_WAR_CHEST] / YEARS
    F[i, s.F_QUALITY] += (better - F[i, s.F_QUALITY]) * 0.05
    side = side_of(I, i, P.shape[0])
    rise, agitation = 0.0, 0.0
    if 0 <= side < P.shape[0]:
        rise, agitation = P[side, s.P_MOMENTUM], P[side, s.P_AGITATION]
    keep = A[s.A_RELEVANCE_HALF_LIFE]
    F[i, s.F_RELEVANCE] = clamp(F[i, s.F_RELEVANCE] * keep + (1.0 - keep) * (0.3 + 0.7 * rise))
    F[i, s.F_AUTHORITY] = clamp(F[i, s.F_AUTHORITY] + 0.01 * (0.6 - F[i, s.F_AUTHORITY]))
    F[i, s.F_RECOGNITION] = 1.0 - (1.0 - F[i, s.F_RECOGNITION]) * A[s.A_PARENT_RECOVERY_HALF_LIFE]
    drift = 0.03 * (F[i, s.F_COHESION_START] - F[i, s.F_COHESION])
    F[i, s.F_COHESION] = clamp(F[i, s.F_COHESION] + drift - A[s.A_M09] * A[s.A_WEDGE] * agitation)
