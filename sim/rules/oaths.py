"""Phase 7, oaths: a choice becomes an offer, and an offer is accepted, ignored or refused."""

from __future__ import annotations

import math

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, gain_fighters, patron_of, safe_exp
from sim.state import FloatArray, IntArray


@jit_apart
def leave(F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, i: int) -> None:
    """A faction leaves its patron: the bond is gone and the patron reads a defection (M07)."""
    old = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    if old >= 0:
        P[old, s.P_DEFECTORS] += 1.0
        I[i, s.I_LEFT_PATRON] = old
        I[i, s.I_LEFT_MONTH] = int(C[s.C_MONTH])
    F[i, s.F_BOND_PERSON] = 0.0
    F[i, s.F_BOND_OFFICE] = 0.0
    I[i, s.I_OFFER_MONTH] = -1
    I[i, s.I_ANSWER_MONTH] = -1


@jit_apart
def offer(I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int, k: int) -> None:
    """An oath is offered: the answer is due after a drawn lag (P14), not before the branch is founded.

    lag = floor(accept_lag_min + u * (accept_lag_max - accept_lag_min + 1)): with whole weights each month
    between is as likely. The oath is seen after floor(v * (visible_lag + 1)) months, and retaliation can
    strike after floor(w * (2 * retaliation_lag + 1)) more (P15).
    """
    t = int(C[s.C_MONTH])
    u, v, w, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.OATH, 0)
    span = A[s.A_ACCEPT_LAG_MAX] - A[s.A_ACCEPT_LAG_MIN]
    lag = int(math.floor(A[s.A_ACCEPT_LAG_MIN] + u * (span + 1.0)))
    I[i, s.I_OFFER_MONTH] = t
    I[i, s.I_ANSWER_MONTH] = t + lag
    I[i, s.I_OATH] = s.OATH_OFFERED
    I[i, s.I_VISIBLE_FROM] = t + int(math.floor(v * (A[s.A_VISIBLE_LAG] + 1.0)))
    I[i, s.I_LAG] = int(math.floor(w * (2.0 * A[s.A_RETALIATION_LAG] + 1.0)))
    C[s.C_OFFERS] += 1.0


@jit
def stamp(I: IntArray, C: FloatArray, i: int, column: int) -> None:
    """Note the month of a first time."""
    if I[i, column] < 0:
        I[i, column] = int(C[s.C_MONTH])


@jit
def pledge(F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int) -> None:
    """Carry out the choice of the month: stay, offer an oath, ally, walk out, or make peace.

    First support is the first month a faction that did not start there stands with the focus patron; first
    oath the first month it swears to it. One who walks out is seen at once; retaliation strikes after a drawn
    lag.
    """
    choice = I[i, s.I_CHOICE]
    held = I[i, s.I_ALLEGIANCE]
    if choice < 0 or choice == held:
        return
    patrons, t = P.shape[0], int(C[s.C_MONTH])
    k, old = patron_of(choice, patrons), patron_of(held, patrons)
    if k != old or k < 0:
        leave(F, I, P, C, i)
    I[i, s.I_ALLEGIANCE] = choice
    I[i, s.I_OATH] = s.OATH_NONE
    I[i, s.I_SWITCHED] = t
    C[s.C_SWITCHES] += 1.0
    C[s.C_MOVED] = 1.0
    C[s.C_LAST_SWITCH] = t
    if choice == 2 * patrons + 1:
        I[i, s.I_FATE] = s.FATE_RECONCILED
        return
    if choice == 2 * patrons:
        w = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.OATH, 0)[2]
        I[i, s.I_VISIBLE_FROM] = t
        if old >= 0:
            stamp(I, C, i, s.I_WALKED_OUT)
        I[i, s.I_LAG] = int(math.floor(w * (2.0 * A[s.A_RETALIATION_LAG] + 1.0)))
        return
    if choice < patrons:
        P[k, s.P_SWITCHES] += 1.0
        offer(I, P, C, A, i, k)
        F[i, s.F_BOND_OFFICE] = max(F[i, s.F_BOND_OFFICE], A[s.A_BOND_DECLARED])
    else:
        I[i, s.I_VISIBLE_FROM] = t + int(A[s.A_VISIBLE_LAG])
        F[i, s.F_BOND_PERSON] = 0.0
        F[i, s.F_BOND_OFFICE] = 0.0
    if k == int(C[s.C_FOCUS]) and patron_of(I[i, s.I_START_ALLEGIANCE], patrons) != k:
        stamp(I, C, i, s.I_FIRST_SUPPORT)
        if choice < patrons:
            stamp(I, C, i, s.I_FIRST_OATH)


@jit
def usefulness(F: FloatArray, A: FloatArray, i: int) -> float:
    """How useful a faction's size is to a patron (0, 1]: exp(-ln(fighters / F*)^2 / (2 * 1.5^2))."""
    ratio = math.log(max(F[i, s.F_FIGHTERS], 1.0) / max(A[s.A_USEFUL_SIZE], 1.0))
    return safe_exp(-ratio * ratio / 4.5)


@jit_apart
def acceptance(
    F: FloatArray, I: IntArray, P: FloatArray, H: FloatArray, A: FloatArray, i: int, k: int
) -> float:
    """P(an oath is accepted) (M15, M16, M23, M45, P14).

    (periphery + (insider - periphery) * min(1, 1.5 * interest * (0.4 + 0.6 * usefulness) * (0.5 + 0.5 * doctrine)
    * (1 + M16 * (local roots - 0.5)))) * policy * (1 + M23 * (effort - 0.5)); none where all slots are taken
    (M15), and none for a faction that the patron declines. Interest is the patron's in the theatre; 1 without
    M45. Doctrine = 1 - |difference in salafism|.
    """
    if A[s.A_M15] > 0.0 and P[k, s.P_SLOTS_USED] >= P[k, s.P_SLOTS]:
        return 0.0
    if (I[i, s.I_DECLINED_BY] >> k) & 1:
        return 0.0
    interest = 1.0 - A[s.A_M45] * (1.0 - H[I[i, s.I_THEATRE], k, s.H_INTEREST])
    doctrine = 1.0 - abs(F[i, s.F_SALAFISM] - P[k, s.P_SALAFISM])
    fit = 1.5 * interest * (0.4 + 0.6 * usefulness(F, A, i)) * (0.5 + 0.5 * doctrine)
    fit *= 1.0 + A[s.A_M16] * (F[i, s.F_LOCAL_ROOTS] - 0.5)
    outer = A[s.A_ACCEPT_PERIPHERY]
    p = outer + (A[s.A_ACCEPT_INSIDER] - outer) * min(1.0, fit)
    effort = 1.0 + A[s.A_M23] * (P[k, s.P_EFFORT] - 0.5)
    return clamp(p * P[k, s.P_ACCEPTANCE] * effort)


@jit_apart
def swear_in(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, C: FloatArray, A: FloatArray, i: int, k: int
) -> None:
    """An oath is accepted: a bond begins, and a rooted commander brings his tribesmen (M69).

    bond = ``bond_new``, split by institutionalisation; recruits = M69 * burst * local roots * authority *
    fighters, at most a tenth of the region's pool.
    """
    I[i, s.I_OATH] = s.OATH_SWORN
    F[i, s.F_BOND_OFFICE] = max(F[i, s.F_BOND_OFFICE], A[s.A_BOND_NEW] * P[k, s.P_INSTITUTION])
    F[i, s.F_BOND_PERSON] = A[s.A_BOND_NEW] * (1.0 - P[k, s.P_INSTITUTION])
    C[s.C_ACCEPTANCES] += 1.0
    C[s.C_MOVED] = 1.0
    if k == int(C[s.C_FOCUS]) and patron_of(I[i, s.I_START_ALLEGIANCE], P.shape[0]) != k:
        stamp(I, C, i, s.I_FIRST_ACCEPT)
    r = I[i, s.I_THEATRE]
    men = A[s.A_M69] * A[s.A_BURST] * F[i, s.F_LOCAL_ROOTS] * F[i, s.F_AUTHORITY] * F[i, s.F_FIGHTERS]
    added = gain_fighters(F, i, min(men, 0.1 * G[r, s.G_POOL]), 1.0)
    F[i, s.F_RECRUITED] += added
    G[r, s.G_TAKEN] += added


@jit
def await_answer(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:  # fmt: skip
    """An open offer is answered when due; one that flies the flag unrecognised may ask again (M45).

    Accepted with probability :func:`acceptance`; else refused where all slots are taken, and ignored
    otherwise: the faction flies the flag without transfer and with a weak bond, and asks again with hazard
    ``reoffer``.
    """
    patrons, t = P.shape[0], int(C[s.C_MONTH])
    k = I[i, s.I_ALLEGIANCE]
    if k >= patrons:
        return
    if I[i, s.I_OATH] == s.OATH_OFFERED and I[i, s.I_ANSWER_MONTH] <= t and P[k, s.P_FOUNDED] <= t:
        u = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.OATH, 1)[0]
        if u < acceptance(F, I, P, H, A, i, k):
            swear_in(F, I, P, G, C, A, i, k)
        elif A[s.A_M15] > 0.0 and P[k, s.P_SLOTS_USED] >= P[k, s.P_SLOTS]:
            I[i, s.I_OATH] = s.OATH_REFUSED
        else:
            I[i, s.I_OATH] = s.OATH_DECLARED
        I[i, s.I_ANSWERED] = t
        I[i, s.I_ANSWER_MONTH] = -1
    elif I[i, s.I_OATH] == s.OATH_DECLARED and P[k, s.P_FOUNDED] <= t:
        u = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.OATH, 2)[0]
        if u < A[s.A_REOFFER]:
            I[i, s.I_OATH] = s.OATH_OFFERED
            I[i, s.I_OFFER_MONTH] = t
            I[i, s.I_ANSWER_MONTH] = t + int(A[s.A_ACCEPT_LAG_MIN])
            C[s.C_OFFERS] += 1.0
