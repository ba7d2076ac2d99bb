"""What everybody can see at the start of a phase: forces, shares and totals, summed in row order.

These sums are the snapshot that the following phases read, so the order of factions never leaks into them.
"""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, effective_hostility, grain, side_of, weight_of
from sim.state import FloatArray, IntArray

SPILL = 0.25
"""Share of a neighbouring region's men that can be used across the border (judgement)."""


@jit_apart
def count_cores(P: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Set all sums to zero and start from the patrons' own men."""
    patrons = P.shape[0]
    for k in range(patrons):
        core = 0.0
        for r in range(H.shape[0]):
            core += H[r, k, s.H_CORE]
            H[r, k, s.H_NOMINAL] = H[r, k, s.H_CORE]
        P[k, s.P_CORE] = core
        P[k, s.P_SWORN] = 0.0
        P[k, s.P_DECLARED] = 0.0
        P[k, s.P_ALLIED] = 0.0
        P[k, s.P_FOREIGN_CORE] = 0.0
        P[k, s.P_SHARE] = 0.0
        P[k, s.P_SLOTS_USED] = 0.0
        P[k, s.P_PARTED] = 0.0
        P[k, s.P_GUESTS] = 0.0
    for r in range(H.shape[0]):
        H[r, patrons, s.H_NOMINAL] = H[r, patrons, s.H_CORE]
    C[s.C_THIRD_FORCE] = 0.0
    C[s.C_SHARE_INDEPENDENT] = 0.0
    C[s.C_SHARE_EXIT] = 0.0
    C[s.C_FOREIGN_MEN] = 0.0


@jit
def add_faction(F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, C: FloatArray, i: int) -> None:
    """Add a living faction to its pole: men by region, men and units by patron; and to the patron that it left."""
    patrons, men = P.shape[0], F[i, s.F_FIGHTERS]
    side, left = side_of(I, i, patrons), I[i, s.I_LEFT_PATRON]
    if left >= 0 and left != side:
        P[left, s.P_PARTED] += men
    if I[i, s.I_FOREIGN] == 1:
        C[s.C_FOREIGN_MEN] += men
        if 0 <= side < patrons:
            P[side, s.P_GUESTS] += men
    if side >= 0:
        H[I[i, s.I_THEATRE], side, s.H_NOMINAL] += men * weight_of(I, i, patrons)
    if side == patrons:
        C[s.C_THIRD_FORCE] += men
    if side < 0 or side == patrons:
        C[s.C_SHARE_INDEPENDENT] += 1.0
        return
    P[side, s.P_FOREIGN_CORE] += grain(men * (1.0 - F[i, s.F_LOCAL_SHARE]))
    if I[i, s.I_ALLEGIANCE] >= patrons:
        P[side, s.P_ALLIED] += men
        P[side, s.P_SHARE] += 0.5
        return
    P[side, s.P_SHARE] += 1.0
    if I[i, s.I_OATH] == s.OATH_SWORN:
        P[side, s.P_SWORN] += men
        P[side, s.P_SLOTS_USED] += 1.0
    else:
        P[side, s.P_DECLARED] += men


@jit_apart
def count_factions(F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Add every living faction, and turn units into shares of all; who made peace counts among them."""
    units = 0.0
    for i in range(int(C[s.C_ROWS])):
        if I[i, s.I_FATE] == s.FATE_ACTIVE:
            units += 1.0
            add_faction(F, I, P, H, C, i)
        elif I[i, s.I_FATE] == s.FATE_RECONCILED:
            units += 1.0
            C[s.C_SHARE_EXIT] += 1.0
    if units > 0.0:
        for k in range(P.shape[0]):
            P[k, s.P_SHARE] /= units
        C[s.C_SHARE_INDEPENDENT] /= units
        C[s.C_SHARE_EXIT] /= units


@jit_apart
def use_force(G: FloatArray, H: FloatArray, C: FloatArray, NP: IntArray, NI: IntArray) -> None:
    """Force of each pole that can be used in each region this month, in persons (P5).

    force = reach * (men there + SPILL * men next door) * (1 - instability there if it holds the state); the
    third pole's is multiplied by the help it gets. A neighbour's sanctuary ties down the holder's men (M32).
    """
    poles = H.shape[1]
    for r in range(H.shape[0]):
        first, last, holder = NP[r], NP[r + 1], int(G[r, s.G_HOLDER])
        for k in range(poles):
            near = 0.0
            for j in range(first, last):
                near += H[NI[j], k, s.H_NOMINAL]
            force = H[r, k, s.H_REACH] * (H[r, k, s.H_NOMINAL] + SPILL * near)
            if k == poles - 1:
                force *= C[s.C_THIRD_HELP]
            if k == holder:
                force *= 1.0 - G[r, s.G_INSTABILITY]
            H[r, k, s.H_FORCE] = force


@jit_apart
def meet(W: FloatArray, H: FloatArray) -> None:
    """Contact between poles: contact[k, l] = share of k's men who stand where l has men."""
    poles = H.shape[1]
    for k in range(poles):
        for other in range(poles):
            W[k, other, s.W_CONTACT] = 0.0
        men = 0.0
        for r in range(H.shape[0]):
            here = H[r, k, s.H_NOMINAL]
            if here <= 0.0:
                continue
            men += here
            for other in range(poles):
                if other != k and H[r, other, s.H_NOMINAL] > 0.0:
                    W[k, other, s.W_CONTACT] += here
        if men > 0.0:
            for other in range(poles):
                W[k, other, s.W_CONTACT] /= men


@jit_apart
def face_enemies(P: FloatArray, W: FloatArray, H: FloatArray, A: FloatArray) -> None:
    """The force of a pole's enemies in each region, weighted by hostility.

    hostile[r, k] = sum over l of l's usable force times its hostility toward k; enemy = the patron with the most
    of it.
    """
    poles = H.shape[1]
    for k in range(poles):
        for other in range(poles):
            if other != k:
                W[k, other, s.W_EFFECTIVE] = effective_hostility(P, W, A, k, other)
    for r in range(H.shape[0]):
        for k in range(poles):
            hostile, most, who = 0.0, 0.0, -1
            for other in range(poles):
                if other == k:
                    continue
                force = W[other, k, s.W_EFFECTIVE] * H[r, other, s.H_FORCE]
                hostile += force
                if force > most and other < poles - 1:
                    most, who = force, other
            H[r, k, s.H_HOSTILE] = hostile
            H[r, k, s.H_ENEMY] = who


@jit_apart
def size_up(P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray) -> None:
    """Patron totals: fragmentation, threat, pressure felt, foreign allies, agitation, betrayal.

    fragmentation = (1 - recognition) / 2 + men who left it / (men who left it + its own), at most 1 (M65);
    threat = the strongest rival's men / its own, at most 1; felt pressure = mean state pressure by where its
    men are; agitation = share of factions with its rivals or on their own (M09); betrayal = rivals' posture
    times the foreign part of their men (M25).
    """
    patrons = P.shape[0]
    for k in range(patrons):
        P[k, s.P_AGITATION] = C[s.C_SHARE_INDEPENDENT]
        P[k, s.P_BETRAYAL] = 0.0
        left = P[k, s.P_PARTED]
        own = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED] + P[k, s.P_ALLIED]
        P[k, s.P_FRAGMENTATION] = clamp(0.5 * (1.0 - P[k, s.P_RECOGNITION]) + left / (left + own + 1.0))
        theirs = P[k, s.P_SWORN] + P[k, s.P_DECLARED] + P[k, s.P_ALLIED]
        P[k, s.P_FOREIGN_ALLIES] = P[k, s.P_GUESTS] / (theirs + 1.0)
        men = 0.0
        felt = 0.0
        for r in range(H.shape[0]):
            men += H[r, k, s.H_NOMINAL]
            if G[r, s.G_HOLDER] != k:
                felt += H[r, k, s.H_NOMINAL] * G[r, s.G_PRESSURE]
        P[k, s.P_FELT_PRESSURE] = felt / (men + 1.0)
        P[k, s.P_THREAT] = 0.0
    for k in range(patrons):
        own = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED] + 1.0
        for other in range(patrons):
            if other != k:
                rival = P[other, s.P_CORE] + P[other, s.P_SWORN] + P[other, s.P_DECLARED]
                P[k, s.P_THREAT] = max(P[k, s.P_THREAT], min(1.0, rival / own))
                P[k, s.P_AGITATION] += P[other, s.P_SHARE]
                P[k, s.P_BETRAYAL] += P[other, s.P_POSTURE] * P[other, s.P_FOREIGN_ALLIES]


@jit
def count(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray,
    NP: IntArray, NI: IntArray,
) -> None:  # fmt: skip
    """The sums that only men, allegiances and regions change."""
    count_cores(P, H, C)
    count_factions(F, I, P, H, C)
    use_force(G, H, C, NP, NI)
    meet(W, H)
    C[s.C_MOVED] = 0.0


@jit
def compare(P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """The sums that hostility, recognition and posture change too."""
    face_enemies(P, W, H, A)
    size_up(P, G, H, C)


@jit_apart
def take_stock(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray,
    A: FloatArray, NP: IntArray, NI: IntArray,
) -> None:  # fmt: skip
    """All sums, in order."""
    count(F, I, P, W, G, H, C, NP, NI)
    compare(P, W, G, H, C, A)


@jit_apart
def renew_stock(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray,
    A: FloatArray, NP: IntArray, NI: IntArray,
) -> None:  # fmt: skip
    """The same as :func:`take_stock`, but counts only if men or allegiances changed since the last count."""
    if C[s.C_MOVED] > 0.0:
        count(F, I, P, W, G, H, C, NP, NI)
    compare(P, W, G, H, C, A)
