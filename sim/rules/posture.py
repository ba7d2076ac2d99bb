"""Phase 3, posture: what patrons have to give, how they treat guests, and how they stand to each other."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp
from sim.state import FloatArray


@jit
def support_target(P: FloatArray, A: FloatArray, k: int) -> float:
    """Outside support a patron can count on [0, 1] (M24, M29, M43, M79).

    level by events + M43 * threat_support * threat, for the incumbent whom others court as the lesser evil
    + believed part of its promise + M24 * posture * demand - M79 * exposure_cost * visible allies.
    Outsiders believe ``credibility`` of a promise (M29), all of it if M29 is off.
    """
    believed = 1.0 - A[s.A_M29] * (1.0 - A[s.A_CREDIBILITY])
    courted = A[s.A_M43] * A[s.A_THREAT_SUPPORT] * P[k, s.P_THREAT] * P[k, s.P_INCUMBENT]
    reward = A[s.A_M24] * P[k, s.P_POSTURE] * P[k, s.P_DEMAND]
    exposed = A[s.A_M79] * A[s.A_EXPOSURE_COST] * P[k, s.P_VISIBLE_ALLIES]
    return clamp(P[k, s.P_SUPPORT_LEVEL] + courted + believed * P[k, s.P_PROMISE] + reward - exposed)


@jit
def demanded(P: FloatArray, A: FloatArray, k: int) -> float:
    """What a patron in government owes to outsiders [0, 1] (M24, M30).

    M24 * recognition_seeking + M30 * neighbour_pressure * demand; 0 for one that holds no state.
    """
    want = A[s.A_M24] * A[s.A_RECOGNITION_SEEKING] + A[s.A_M30] * A[s.A_NEIGHBOUR_PRESSURE] * P[k, s.P_DEMAND]
    return clamp(want) * P[k, s.P_HOLDS_STATE]


@jit
def posture_target(P: FloatArray, A: FloatArray, k: int) -> float:
    """Crackdown on foreign allies that a patron in government aims at [0, 1] (M26, M27, M79).

    What is :func:`demanded`; a strong rival makes allies worth keeping: / (1 + M27 * rival_dependence *
    threat); the convex cost of repressing its own: / (1 + M26 * backlash * foreign part of its allies); at
    most ``posture_cap``, what its apparatus can deliver (M79).
    """
    want = demanded(P, A, k)
    want /= 1.0 + A[s.A_M27] * A[s.A_RIVAL_DEPENDENCE] * P[k, s.P_THREAT]
    want /= 1.0 + A[s.A_M26] * A[s.A_BACKLASH] * P[k, s.P_FOREIGN_ALLIES]
    if A[s.A_M79] > 0.0:
        want = min(want, A[s.A_POSTURE_CAP])
    return clamp(want)


@jit
def take_posture(P: FloatArray, A: FloatArray, k: int) -> None:
    """Posture adjusts with ``posture_half_life``; quiet accommodation puts silence in the place of repression
    (M28).

    posture -> target * (1 - M28 * quiet); silence -> M28 * quiet * what is demanded, in full, for silence
    costs its allies little; visible allies = foreign part of its men * (1 - posture) * (1 - silence).
    """
    target = posture_target(P, A, k)
    move = 1.0 - A[s.A_POSTURE_HALF_LIFE]
    open_part = target * (1.0 - A[s.A_M28] * A[s.A_QUIET])
    if P[k, s.P_HOLDS_STATE] > 0.0:
        P[k, s.P_POSTURE] = clamp(P[k, s.P_POSTURE] + (open_part - P[k, s.P_POSTURE]) * move)
        silence = A[s.A_M28] * A[s.A_QUIET] * demanded(P, A, k)
        P[k, s.P_SILENCE] += (silence - P[k, s.P_SILENCE]) * move
    seen = P[k, s.P_FOREIGN_ALLIES] * (1.0 - P[k, s.P_POSTURE]) * (1.0 - P[k, s.P_SILENCE])
    P[k, s.P_VISIBLE_ALLIES] = P[k, s.P_HOLDS_STATE] * seen


@jit
def change_momentum(P: FloatArray, C: FloatArray, A: FloatArray, capacity: float, k: int) -> None:
    """Momentum of a patron [0, 1] (M18, M25, M44, M67).

    momentum * keep + momentum_gain * growth of its force, (now - before) / (now + before + 500) within +-0.2,
    + M18 * bandwagon * units newly sworn + M25 * betrayal * what rivals do to their own allies; in talks +
    M67 * talks_momentum * support * (1 - state capacity) - M44 * spoiler cost, where the cost is 0.05 *
    spoiler * threat by the rival.
    """
    force = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
    growth = (force - P[k, s.P_FORCE_BEFORE]) / (force + P[k, s.P_FORCE_BEFORE] + 500.0)
    growth = min(0.2, max(-0.2, growth))
    momentum = P[k, s.P_MOMENTUM] * A[s.A_MOMENTUM_HALF_LIFE] + A[s.A_MOMENTUM_GAIN] * growth
    momentum += A[s.A_M18] * A[s.A_BANDWAGON] * P[k, s.P_SWITCHES]
    momentum += A[s.A_M25] * A[s.A_BETRAYAL] * P[k, s.P_BETRAYAL]
    if C[s.C_TALKS_PATRON] == k and C[s.C_MONTH] <= C[s.C_TALKS_UNTIL]:
        momentum += A[s.A_M67] * A[s.A_TALKS_MOMENTUM] * P[k, s.P_SUPPORT] * (1.0 - capacity)
        cost = 0.05 * A[s.A_M44] * A[s.A_SPOILER] * P[k, s.P_THREAT]
        C[s.C_DEAL_COST] += cost
        momentum -= cost
    P[k, s.P_MOMENTUM] = clamp(momentum)
    P[k, s.P_FORCE_BEFORE] = force


@jit
def legitimacy_of(P: FloatArray, A: FloatArray, k: int) -> float:
    """Legitimacy of a patron [0, 1]: recognition * doctrinal consistency * (0.5 + momentum / 2) (M12, M18,
    M58).

    Without M12 a contested successor counts as recognised; without M18 momentum lends nothing.
    """
    recognition = 1.0 - A[s.A_M12] * (1.0 - P[k, s.P_RECOGNITION])
    return recognition * P[k, s.P_CONSISTENCY] * (0.5 + 0.5 * A[s.A_M18] * P[k, s.P_MOMENTUM])


@jit
def learn(P: FloatArray, A: FloatArray, k: int) -> None:
    """Capability grows, faster under pressure (M59): + (learning_base + M59 * learning * p) * (1 -
    capability).

    p is state pressure on its men plus half the threat by its rivals, at most 1: the crackdown that was to
    end it teaches it.
    """
    pressure = min(1.0, P[k, s.P_FELT_PRESSURE] + 0.5 * P[k, s.P_THREAT])
    rate = A[s.A_LEARNING_BASE] + A[s.A_M59] * A[s.A_LEARNING] * pressure
    P[k, s.P_CAPABILITY] += rate * (1.0 - P[k, s.P_CAPABILITY])


@jit
def command(P: FloatArray, C: FloatArray, A: FloatArray, capacity: float, k: int) -> None:
    """A patron's own month: transfers, support, posture, momentum, capability, legitimacy.

    The transfer falls by its decay factor once the core declines (P4); support moves to its target with
    ``support_half_life``.
    """
    P[k, s.P_TRANSFER] *= P[k, s.P_TRANSFER_DECAY]
    move = 1.0 - A[s.A_SUPPORT_HALF_LIFE]
    P[k, s.P_SUPPORT] += (support_target(P, A, k) - P[k, s.P_SUPPORT]) * move
    take_posture(P, A, k)
    change_momentum(P, C, A, capacity, k)
    learn(P, A, k)
    P[k, s.P_LEGITIMACY] = legitimacy_of(P, A, k)


@jit
def demonstrate(P: FloatArray, W: FloatArray, C: FloatArray, A: FloatArray, k: int) -> None:
    """An entrant may stage demonstrative violence (M41): prestige for it, hostility by all others toward it.

    P = M41 * demonstration_hazard * capability once founded; momentum and the hostility of others rise by
    ``demonstration_gain``.
    """
    t = int(C[s.C_MONTH])
    if P[k, s.P_INCUMBENT] > 0.0 or P[k, s.P_FOUNDED] > t or A[s.A_M41] == 0.0:
        return
    u = draws.uniform(C[s.C_KEY0], C[s.C_KEY1], int(P[k, s.P_ENTITY]), t, draws.DEMONSTRATE, 0)
    if u < A[s.A_DEMONSTRATION_HAZARD] * P[k, s.P_CAPABILITY]:
        P[k, s.P_MOMENTUM] = clamp(P[k, s.P_MOMENTUM] + A[s.A_DEMONSTRATION_GAIN])
        for other in range(P.shape[0]):
            if other != k:
                W[other, k, s.W_HOSTILITY] = clamp(W[other, k, s.W_HOSTILITY] + A[s.A_DEMONSTRATION_GAIN])


@jit
def change_hostility(P: FloatArray, W: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Hostility between poles [0, 1] (M07).

    h * keep + hostility_contact * contact * (1 - h) + M07 * hostility_defection * units that left k while the
    other gained, for the incumbent, who reads defection as a challenge. Between a patron and those who left
    it for themselves: ``hostility_third`` while they exist.
    """
    patrons = P.shape[0]
    for k in range(patrons):
        for other in range(patrons):
            if other == k:
                continue
            h = W[k, other, s.W_HOSTILITY] * A[s.A_HOSTILITY_HALF_LIFE]
            h += A[s.A_HOSTILITY_CONTACT] * W[k, other, s.W_CONTACT] * (1.0 - h)
            lost = min(P[k, s.P_DEFECTORS], P[other, s.P_SWITCHES])
            h += A[s.A_M07] * A[s.A_HOSTILITY_DEFECTION] * lost * P[k, s.P_INCUMBENT]
            W[k, other, s.W_HOSTILITY] = clamp(h)
        third = A[s.A_HOSTILITY_THIRD] if C[s.C_THIRD_FORCE] > 0.0 else 0.0
        W[k, patrons, s.W_HOSTILITY] = third * P[k, s.P_INCUMBENT]
        W[patrons, k, s.W_HOSTILITY] = third * P[k, s.P_INCUMBENT]


@jit
def mean_capacity(G: FloatArray) -> float:
    """Mean state capacity of the regions in the war's own countries [0, 1]."""
    total = 0.0
    count = 0.0
    for r in range(G.shape[0]):
        if G[r, s.G_ABROAD] == 0.0:
            total += G[r, s.G_CAPACITY]
            count += 1.0
    return total / max(1.0, count)


@jit_apart
def take_positions(P: FloatArray, W: FloatArray, G: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Phase 3 for all patrons: each one's own month, demonstrations, then hostility."""
    capacity = mean_capacity(G)
    for k in range(P.shape[0]):
        command(P, C, A, capacity, k)
    for k in range(P.shape[0]):
        demonstrate(P, W, C, A, k)
    change_hostility(P, W, C, A)
    for k in range(P.shape[0]):
        P[k, s.P_SWITCHES] = 0.0
        P[k, s.P_DEFECTORS] = 0.0
