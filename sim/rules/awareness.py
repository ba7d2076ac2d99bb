"""Phase 4, awareness: what makes a faction think again this month."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import patron_of
from sim.state import FloatArray, IntArray


@jit_apart
def tied_switches(I: IntArray, TP: IntArray, TI: IntArray, TW: FloatArray, root: int, month: int) -> float:
    """Summed weight of tied factions that changed sides in a month (M37)."""
    total = 0.0
    for j in range(TP[root], TP[root + 1]):
        if I[TI[j], s.I_SWITCHED] == month:
            total += TW[j]
    return total


@jit
def own_reasons(I: IntArray, A: FloatArray, t: int, i: int) -> tuple[float, int]:
    """P(not woken) and reasons from what befell the faction itself.

    Leader lost or parent's leader replaced: ``wake_leader``; displaced: ``wake_displaced``; its offer
    answered last month: ``wake_answer``; just split off: ``wake_leader``.
    """
    asleep, why = 1.0, 0
    if I[i, s.I_LEADER_LOST] == t:
        asleep *= 1.0 - A[s.A_WAKE_LEADER]
        why |= s.WAKE_LEADER
    if I[i, s.I_DISPLACED] == t:
        asleep *= 1.0 - A[s.A_WAKE_DISPLACED]
        why |= s.WAKE_DISPLACED
    # In the first month t - 1 is the -1 that stands for never.
    if t > 0 and I[i, s.I_ANSWERED] == t - 1:
        asleep *= 1.0 - A[s.A_WAKE_ANSWER]
        why |= s.WAKE_ANSWER
    if t > 0 and I[i, s.I_BORN_MONTH] == t - 1:
        asleep *= 1.0 - A[s.A_WAKE_LEADER]
        why |= s.WAKE_SPLIT
    parent = I[i, s.I_PARENT]
    if parent >= 0 and I[parent, s.I_LEADER_LOST] == t:
        asleep *= 1.0 - A[s.A_WAKE_LEADER]
        why |= s.WAKE_PARENT
    return asleep, why


@jit
def patron_reasons(
    F: FloatArray, I: IntArray, P: FloatArray, A: FloatArray, t: int, i: int
) -> tuple[float, int]:
    """P(not woken) and reasons from the patrons.

    The own patron's leader lost: ``wake_leader``; a hidden death revealed: ``wake_revealed``; news of any
    patron (offers open, founding, collapse): ``wake_news``, times (1 + M36 * veteran ties), at most 1; the
    own patron's crackdown on foreign guests, once in government: ``wake_crackdown * posture``.
    """
    asleep, why = 1.0, 0
    own = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    for k in range(P.shape[0]):
        if P[k, s.P_NEWS] == t:
            asleep *= 1.0 - min(1.0, A[s.A_WAKE_NEWS] * (1.0 + A[s.A_M36] * F[i, s.F_VETERANS]))
            why |= s.WAKE_NEWS
        if k != own:
            continue
        if P[k, s.P_LEADER_LOST] == t:
            asleep *= 1.0 - A[s.A_WAKE_LEADER]
            why |= s.WAKE_PATRON_LEADER
        if P[k, s.P_REVEALED] == t:
            asleep *= 1.0 - A[s.A_WAKE_REVEALED]
            why |= s.WAKE_REVEALED
        if I[i, s.I_FOREIGN] == 1 and P[k, s.P_HOLDS_STATE] > 0.0 and P[k, s.P_POSTURE] > 0.0:
            asleep *= 1.0 - A[s.A_WAKE_CRACKDOWN] * P[k, s.P_POSTURE]
            why |= s.WAKE_CRACKDOWN
    return asleep, why


@jit
def wake(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray,
    TW: FloatArray, i: int,
) -> int:  # fmt: skip
    """Whether a faction is awake this month, and why (the bits of its ``wake`` column).

    P(awake) = 1 - product of (1 - w) over the reasons of the month; where tied factions switched last month
    (M37), w is wake_tie * their summed weight, at most 1. Factions appraise on events; the base rate is tiny.
    """
    t = int(C[s.C_MONTH])
    own, why = own_reasons(I, A, t, i)
    theirs, more = patron_reasons(F, I, P, A, t, i)
    asleep = own * theirs
    why |= more
    if t > 0 and C[s.C_LAST_SWITCH] == t - 1 and A[s.A_M37] > 0.0:
        tied = tied_switches(I, TP, TI, TW, I[i, s.I_TIES], t - 1)
        if tied > 0.0:
            asleep *= 1.0 - min(1.0, A[s.A_WAKE_TIE] * tied)
            why |= s.WAKE_TIE
    if why != 0:
        u = draws.uniform(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.WAKE, 0)
        if u < 1.0 - asleep:
            I[i, s.I_WAKE] |= why
    return I[i, s.I_WAKE]
