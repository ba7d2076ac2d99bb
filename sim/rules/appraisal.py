"""Phase 5, appraisal: what each option is worth to a faction, in log-odds.

Options are, in order: sworn to patron 0 .. K-1, ally of patron 0 .. K-1, independent, exit. Each term is
weight * (feature - centre); the centres come from a scenario's first month and are the same in every arm.
An ally enjoys ``ally_share`` of a patron's attraction, risks ``ally_punish`` of the punishment and bears
``ally_autonomy`` of the autonomy cost. The functions below give the features; :func:`appraise` puts them
together.
"""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import effective_hostility, patron_of, promised_transfer
from sim.state import FloatArray, IntArray

UNAVAILABLE = -1.0e30
"""Utility of an option that does not exist."""
MEMORY = 6
"""Months for which a tied faction's switch is still news."""


@jit
def distance(F: FloatArray, P: FloatArray, A: FloatArray, i: int, k: int) -> float:
    """Doctrinal distance [0, 1]: 0.6 * |salafism| + M33 * 0.4 * |globalism| differences (P1).

    The second axis is the vision: a global caliphate, or a national movement tied to a local leader (M33).
    """
    doctrine = abs(F[i, s.F_SALAFISM] - P[k, s.P_SALAFISM])
    vision = abs(F[i, s.F_GLOBALISM] - P[k, s.P_GLOBALISM])
    return 0.6 * doctrine + A[s.A_M33] * 0.4 * vision


@jit
def need(F: FloatArray, i: int) -> float:
    """Need for money (0, 1]: 1 / (1 + war chest / 3 months) * (1 - relevance / 2)."""
    return (1.0 - 0.5 * F[i, s.F_RELEVANCE]) / (1.0 + F[i, s.F_WAR_CHEST] / 3.0)


@jit
def resource(F: FloatArray, P: FloatArray, H: FloatArray, A: FloatArray, i: int, k: int, r: int) -> float:
    """Resources expected of a patron [0, 1]: M06 * x / (1 + x) * need (M06, M23, M45, M68).

    x = promised transfer * (1 - M45 * neglect * (1 - interest in the theatre)) * (1 - M68 * comparison * how
    much more the rivals' global organisation invests), and * (0.5 + effort) with M23. A patron that neglects
    the theatre promises little; a rival centre's steadier investment devalues its promise.
    """
    x = promised_transfer(P, A, k)
    x *= 1.0 - A[s.A_M45] * A[s.A_NEGLECT] * (1.0 - H[r, k, s.H_INTEREST])
    x *= 1.0 + A[s.A_M23] * (P[k, s.P_EFFORT] - 0.5)
    more = 0.0
    for other in range(P.shape[0]):
        more = max(more, P[other, s.P_BACKING] - P[k, s.P_BACKING])
    x *= 1.0 - A[s.A_M68] * A[s.A_COMPARISON] * more
    return A[s.A_M06] * x / (1.0 + x) * need(F, i)


@jit
def recruits(F: FloatArray, P: FloatArray, A: FloatArray, i: int, k: int) -> float:
    """Recruits expected from the brand [0, 1]: M13 * momentum * (1 - relevance)."""
    return A[s.A_M13] * P[k, s.P_MOMENTUM] * (1.0 - F[i, s.F_RELEVANCE])


@jit
def legitimacy(X: FloatArray, P: FloatArray, i: int, k: int) -> float:
    """Change of the patron's legitimacy since the start, halved for the fully embedded [-1, 1].

    (legitimacy - start) * (1 - embeddedness / 2). Against the start, because a level common to all factions
    is a constant.
    """
    return (P[k, s.P_LEGITIMACY] - P[k, s.P_LEGITIMACY_START]) * (1.0 - 0.5 * X[i, k, s.X_EMBEDDEDNESS])


@jit
def novelty(F: FloatArray, P: FloatArray, A: FloatArray, i: int, k: int) -> float:
    """Pull of a new brand on the young [0, 1]: M38 * youth * legitimacy of a patron that is not the
    incumbent.
    """
    return A[s.A_M38] * F[i, s.F_YOUTH] * P[k, s.P_LEGITIMACY] * (1.0 - P[k, s.P_INCUMBENT])


@jit
def force_share(H: FloatArray, k: int, r: int) -> float:
    """Share of the usable force in a region that is the patron's [0, 1]."""
    total = 0.0
    for other in range(H.shape[1]):
        total += H[r, other, s.H_FORCE]
    return H[r, k, s.H_FORCE] / (total + 1.0)


@jit
def power(H: FloatArray, A: FloatArray, k: int, r: int) -> float:
    """Bandwagon, then balance [-1, 1] (P3, Christia 2012).

    share / turning share up to it, then 1 - 2 * (share - turning share) / (1 - turning share).
    """
    share, turn = force_share(H, k, r), A[s.A_TURNING_SHARE]
    if share <= turn:
        return share / max(turn, 1.0e-6)
    return 1.0 - 2.0 * (share - turn) / max(1.0 - turn, 1.0e-6)


@jit_apart
def peer_share(
    I: IntArray, TP: IntArray, TI: IntArray, TW: FloatArray, root: int, k: int, patrons: int
) -> float:
    """Weighted share of tied factions that stand with a patron [0, 1]; allies count half; 0 without ties."""
    total = 0.0
    those = 0.0
    for j in range(TP[root], TP[root + 1]):
        peer = TI[j]
        if I[peer, s.I_FATE] != s.FATE_ACTIVE:
            continue
        total += TW[j]
        option = I[peer, s.I_ALLEGIANCE]
        if option == k:
            those += TW[j]
        elif option == k + patrons:
            those += 0.5 * TW[j]
    return those / total if total > 0.0 else 0.0


@jit_apart
def recent_converts(
    I: IntArray, TP: IntArray, TI: IntArray, TW: FloatArray, root: int, k: int, patrons: int, t: int
) -> float:  # fmt: skip
    """Weighted share of tied factions that came over to a patron within ``MEMORY`` months [0, 1]; allies
    half.
    """
    total = 0.0
    those = 0.0
    for j in range(TP[root], TP[root + 1]):
        peer = TI[j]
        total += TW[j]
        if I[peer, s.I_SWITCHED] >= 0 and t - I[peer, s.I_SWITCHED] <= MEMORY:
            option = I[peer, s.I_ALLEGIANCE]
            if option == k:
                those += TW[j]
            elif option == k + patrons:
                those += 0.5 * TW[j]
    return those / total if total > 0.0 else 0.0


@jit
def tie(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray,
    TW: FloatArray, i: int, k: int,
) -> float:  # fmt: skip
    """Contagion and veterans [0, 2]: M37 * tied factions that came over lately + M36 * veteran ties *
    momentum.

    Recent converts and not all who stand with the patron: where nearly everybody starts with the incumbent,
    the share of all peers is inertia and no diffusion. Veterans of its war speak for a patron with a global
    aim.
    """
    value = 0.0
    if A[s.A_M37] > 0.0:
        value = recent_converts(I, TP, TI, TW, I[i, s.I_TIES], k, P.shape[0], int(C[s.C_MONTH]))
    if P[k, s.P_GLOBALISM] > 0.5:
        value += A[s.A_M36] * F[i, s.F_VETERANS] * P[k, s.P_MOMENTUM]
    return value


@jit
def sight(F: FloatArray, i: int) -> float:
    """How visible a faction is [0, 1]: visibility * fighters / (fighters + 150)."""
    return F[i, s.F_VISIBILITY] * F[i, s.F_FIGHTERS] / (F[i, s.F_FIGHTERS] + 150.0)


@jit_apart
def punishment(
    F: FloatArray, P: FloatArray, W: FloatArray, H: FloatArray, A: FloatArray, i: int, pole: int, r: int
) -> float:
    """Punishment expected for standing with a pole [0, K]: M08 * sum over rivals of hostility * reach * sight
    (P5).

    The faction looks ahead (M08): the hostility counted is at least ``hostility_third`` for walking out on an
    incumbent, and one more defection's worth (M07) for joining its rival.
    """
    total = 0.0
    patrons = P.shape[0]
    for other in range(patrons):
        if other == pole:
            continue
        h = effective_hostility(P, W, A, other, pole)
        if pole == patrons:
            h = max(h, A[s.A_HOSTILITY_THIRD] * P[other, s.P_INCUMBENT])
        else:
            h = min(1.0, h + A[s.A_M07] * A[s.A_HOSTILITY_DEFECTION] * P[other, s.P_INCUMBENT])
        total += h * max(H[r, other, s.H_REACH], force_share(H, other, r))
    return A[s.A_M08] * total * sight(F, i)


@jit
def latent(X: FloatArray, P: FloatArray, A: FloatArray, i: int, k: int, t: float) -> float:
    """Old resentment released [0, inf): M04 * latent grievance, if another founded pole or open offer
    exists.
    """
    for other in range(P.shape[0]):
        reachable = P[other, s.P_OFFERS_FROM] <= t or P[other, s.P_FOUNDED] <= t
        if other != k and reachable:
            return A[s.A_M04] * X[i, k, s.X_LATENT]
    return 0.0


@jit
def breaking(F: FloatArray, I: IntArray, i: int, option: int, patrons: int) -> float:
    """Bond that an option breaks [0, 1]: all of it for leaving the patron, half for staying as an ally."""
    held = I[i, s.I_ALLEGIANCE]
    if option == held:
        return 0.0
    bond = F[i, s.F_BOND_PERSON] + F[i, s.F_BOND_OFFICE]
    if held < patrons and option == held + patrons:
        return 0.5 * bond
    if held >= patrons and option == held - patrons:
        return 0.0
    return bond


@jit
def put(T: FloatArray, CEN: FloatArray, option: int, term: int, weight: float, feature: float) -> None:
    """Write one term: weight * (feature - centre)."""
    T[option, term] = weight * (feature - CEN[option, term])


@jit
def put_both(
    T: FloatArray,
    CEN: FloatArray,
    k: int,
    patrons: int,
    term: int,
    weight: float,
    part: float,
    feature: float,
) -> None:
    """Write one term for an oath to patron k, and a part of it for alliance with k."""
    put(T, CEN, k, term, weight, feature)
    put(T, CEN, k + patrons, term, part * weight, feature)


@jit_apart
def appraise_patron(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, H: FloatArray, C: FloatArray,
    A: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray, CEN: FloatArray, T: FloatArray, i: int, k: int,
) -> None:  # fmt: skip
    """The terms of standing with patron k, sworn (option k) and allied (option K + k).

    embed: embeddedness; ideology: - distance; resource, recruits, legitimacy, novelty, power, tie: as above;
    local: ground held in the theatre; punishment: - expected; autonomy: - M22 * autonomy * (1 - tolerance);
    succession: - a third of the weight * (grievance of one passed over + ``parent_weight`` of the quarrel
    with a parent that stands with k), for grievance is in log-odds already; latent: - released resentment;
    bond: - bond broken; retain: M62 * yearly leak * globalism of k; survival: M01 * (1 - relevance); adapt:
    M17 * (1 - adaptability) * momentum of an entrant; niche: M15 * free slots * interest, for an entrant and
    an oath; constant: the patron's, and ``c_ally`` for an ally.
    """
    n, r, t = P.shape[0], I[i, s.I_THEATRE], C[s.C_MONTH]
    entrant, part = 1.0 - P[k, s.P_INCUMBENT], A[s.A_ALLY_SHARE]
    put_both(T, CEN, k, n, s.T_EMBED, A[s.A_B_EMBED], part, X[i, k, s.X_EMBEDDEDNESS])
    put_both(T, CEN, k, n, s.T_IDEOLOGY, -A[s.A_B_IDEOLOGY], part, distance(F, P, A, i, k))
    put_both(T, CEN, k, n, s.T_RESOURCE, A[s.A_B_RESOURCE], part, resource(F, P, H, A, i, k, r))
    put_both(T, CEN, k, n, s.T_RECRUITS, A[s.A_B_RECRUITS], part, recruits(F, P, A, i, k))
    put_both(T, CEN, k, n, s.T_LEGITIMACY, A[s.A_B_LEGITIMACY], part, legitimacy(X, P, i, k))
    put_both(T, CEN, k, n, s.T_NOVELTY, A[s.A_B_NOVELTY], part, novelty(F, P, A, i, k))
    put_both(T, CEN, k, n, s.T_POWER, A[s.A_B_POWER], part, power(H, A, k, r))
    put_both(T, CEN, k, n, s.T_TIE, A[s.A_B_TIE], part, tie(F, I, P, C, A, TP, TI, TW, i, k))
    put_both(T, CEN, k, n, s.T_LOCAL, A[s.A_B_LOCAL], part, H[r, k, s.H_HELD])
    fear = punishment(F, P, W, H, A, i, k, r)
    put_both(T, CEN, k, n, s.T_PUNISHMENT, -A[s.A_B_PUNISH], A[s.A_ALLY_PUNISH], fear)
    freedom = A[s.A_M22] * F[i, s.F_AUTONOMY] * (1.0 - P[k, s.P_TOLERANCE])
    put_both(T, CEN, k, n, s.T_AUTONOMY, -A[s.A_B_AUTONOMY], A[s.A_ALLY_AUTONOMY], freedom)
    passed = X[i, k, s.X_SUCCESSION]
    parent = I[i, s.I_PARENT]
    if parent >= 0 and patron_of(I[parent, s.I_ALLEGIANCE], n) == k:
        passed += A[s.A_PARENT_WEIGHT] * F[i, s.F_PARENT_GRIEVANCE]
    put_both(T, CEN, k, n, s.T_SUCCESSION, -A[s.A_B_SUCCESSION] / 3.0, part, passed)
    put_both(T, CEN, k, n, s.T_LATENT, -A[s.A_B_GRIEVANCE], part, latent(X, P, A, i, k, t))
    put(T, CEN, k, s.T_BOND, -A[s.A_B_SWITCH], breaking(F, I, i, k, n))
    put(T, CEN, k + n, s.T_BOND, -A[s.A_B_SWITCH], breaking(F, I, i, k + n, n))
    kept = A[s.A_M62] * 12.0 * F[i, s.F_LEAK] * P[k, s.P_GLOBALISM]
    put_both(T, CEN, k, n, s.T_RETAIN, A[s.A_B_RETAIN], part, kept)
    put_both(T, CEN, k, n, s.T_SURVIVAL, A[s.A_B_SURVIVAL], part, A[s.A_M01] * (1.0 - F[i, s.F_RELEVANCE]))
    rebrand = A[s.A_M17] * (1.0 - F[i, s.F_ADAPTABILITY]) * P[k, s.P_MOMENTUM] * entrant
    put_both(T, CEN, k, n, s.T_ADAPT, A[s.A_B_ADAPT], part, rebrand)
    free = max(0.0, 1.0 - P[k, s.P_SLOTS_USED] / max(1.0, P[k, s.P_SLOTS]))
    put_both(
        T, CEN, k, n, s.T_NICHE, A[s.A_B_NICHE], 0.0, A[s.A_M15] * free * H[r, k, s.H_INTEREST] * entrant
    )
    put(T, CEN, k, s.T_CONSTANT, 1.0, P[k, s.P_CONSTANT])
    put(T, CEN, k + n, s.T_CONSTANT, 1.0, part * P[k, s.P_CONSTANT] + A[s.A_C_ALLY])


@jit_apart
def appraise_alone(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, A: FloatArray,
    CEN: FloatArray, T: FloatArray, i: int,
) -> None:  # fmt: skip
    """The terms of independence and of exit.

    Independence: ideology - ``independence_distance``; punishment as one who walked out, if it stands or
    stood with an incumbent; bond broken; permission - M05 * the incumbents' share of force in the theatre;
    constant. Exit: exit b_exit * offer * (1 - globalism) * local roots; bond broken; constant.
    """
    patrons, r = P.shape[0], I[i, s.I_THEATRE]
    alone, out = 2 * patrons, 2 * patrons + 1
    for term in range(T.shape[1]):
        T[alone, term] = 0.0
        T[out, term] = 0.0
    put(T, CEN, alone, s.T_IDEOLOGY, -A[s.A_B_IDEOLOGY], A[s.A_INDEPENDENCE_DISTANCE])
    walked = patron_of(I[i, s.I_ALLEGIANCE], patrons) >= 0 or I[i, s.I_LEFT_PATRON] >= 0
    fear = punishment(F, P, W, H, A, i, patrons, r) if walked else 0.0
    put(T, CEN, alone, s.T_PUNISHMENT, -A[s.A_B_PUNISH], fear)
    put(T, CEN, alone, s.T_BOND, -A[s.A_B_SWITCH], breaking(F, I, i, alone, patrons))
    leave = 0.0
    for k in range(patrons):
        leave += P[k, s.P_INCUMBENT] * force_share(H, k, r)
    put(T, CEN, alone, s.T_PERMISSION, -A[s.A_B_PERMISSION], A[s.A_M05] * leave)
    put(T, CEN, alone, s.T_CONSTANT, 1.0, A[s.A_C_INDEPENDENT])
    peace = G[r, s.G_OFFER] * (1.0 - F[i, s.F_GLOBALISM]) * F[i, s.F_LOCAL_ROOTS]
    put(T, CEN, out, s.T_EXIT, A[s.A_B_EXIT], peace)
    put(T, CEN, out, s.T_BOND, -A[s.A_B_SWITCH], breaking(F, I, i, out, patrons))
    put(T, CEN, out, s.T_CONSTANT, 1.0, A[s.A_C_EXIT])


@jit
def on_offer(P: FloatArray, G: FloatArray, C: FloatArray, option: int, r: int) -> bool:
    """Whether an option exists this month: offers to the patron are open, or peace is offered in the
    region.
    """
    patrons = P.shape[0]
    if option == 2 * patrons:
        return True
    if option == 2 * patrons + 1:
        return bool(G[r, s.G_OFFER] > 0.0)
    return bool(P[patron_of(option, patrons), s.P_OFFERS_FROM] <= C[s.C_MONTH])


@jit_apart
def appraise(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray, CEN: FloatArray, T: FloatArray,
    V: FloatArray, i: int,
) -> None:  # fmt: skip
    """Fill the terms ``T`` (options by terms) and utilities ``V`` (options) of a faction, log-odds.

    V = sum of the terms, from the first to the last. The rules ``ideology_led`` and ``patronage_led`` leave
    out the other's terms: the former those of resources, recruits, power, ground, niche and permission; the
    latter those of doctrine, legitimacy and novelty. An option that does not exist gets ``UNAVAILABLE``; the
    present one always exists.
    """
    patrons = P.shape[0]
    for k in range(patrons):
        appraise_patron(F, I, X, P, W, H, C, A, TP, TI, TW, CEN, T, i, k)
    appraise_alone(F, I, P, W, G, H, A, CEN, T, i)
    rule = int(A[s.A_RULE])
    held = I[i, s.I_ALLEGIANCE]
    for option in range(2 * patrons + 2):
        if rule == s.RULE_IDEOLOGY:
            for term in (s.T_RESOURCE, s.T_RECRUITS, s.T_POWER, s.T_LOCAL, s.T_NICHE, s.T_PERMISSION):
                T[option, term] = 0.0
        elif rule == s.RULE_PATRONAGE:
            for term in (s.T_IDEOLOGY, s.T_LEGITIMACY, s.T_NOVELTY):
                T[option, term] = 0.0
        total = 0.0
        for term in range(s.T_WIDTH):
            total += T[option, term]
        V[option] = total if option == held or on_offer(P, G, C, option, I[i, s.I_THEATRE]) else UNAVAILABLE
    if held < patrons:
        F[i, s.F_PUNISHMENT] = punishment(F, P, W, H, A, i, held, I[i, s.I_THEATRE])
