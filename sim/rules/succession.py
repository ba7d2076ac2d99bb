"""Phase 2, succession: what the loss of a leader does to a patron, and to those passed over."""

from __future__ import annotations

from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, patron_of, safe_exp
from sim.state import FloatArray, IntArray

REFERENCE_MONTHS = 27.0
"""Concealment at which the fall of legitimacy is stated (April 2013 to July 2015)."""
SWORN_BOND = 1.0
"""Full bond of an old oath."""


@jit_apart
def concealment_factor(A: FloatArray, months: float) -> float:
    """f(months) / f(27): how the fall grows with the months of concealment.

    constant: 1; linear: months / 27, at most 2; saturating: (1 - e^(-months/tau)) / (1 - e^(-27/tau)).
    """
    mode = int(A[s.A_FALL_MODE])
    if mode == s.FALL_CONSTANT:
        return 1.0
    if mode == s.FALL_LINEAR:
        return min(2.0, months / REFERENCE_MONTHS)
    tau = max(0.1, A[s.A_FALL_SATURATION])
    return (1.0 - safe_exp(-months / tau)) / (1.0 - safe_exp(-REFERENCE_MONTHS / tau))


@jit
def shock_share(P: FloatArray, A: FloatArray, k: int) -> float:
    """Part of a leadership shock that reaches the institution: 1 - M34 * institutionalisation.

    A doctrine that expects several successors makes the same loss small (M34); a movement tied to one man feels it
    in full (M33).
    """
    return 1.0 - A[s.A_M34] * P[k, s.P_INSTITUTION]


@jit_apart
def settle_leadership(P: FloatArray, C: FloatArray, A: FloatArray, k: int) -> None:
    """A patron's leadership this month (M02, M12, M34).

    At a revelation doctrinal consistency falls by M02 * legitimacy_fall * f(n)/f(27) * shock share, n the months of
    concealment; any other loss of a leader costs 0.3 of momentum and 0.2 of capability, times the shock share, and
    recognition is what the succession event states. Between shocks consistency
    returns to its start with ``fall_half_life`` and recognition to 1 with ``recovery_half_life``, faster by
    (1 + recovery_success * momentum). With the switch on, rumours erode recognition while a death is hidden.
    """
    t = C[s.C_MONTH]
    if P[k, s.P_REVEALED] == t:
        hidden = t - P[k, s.P_CONCEALED]
        fall = A[s.A_M02] * A[s.A_LEGITIMACY_FALL] * concealment_factor(A, hidden) * shock_share(P, A, k)
        P[k, s.P_CONSISTENCY] = clamp(P[k, s.P_CONSISTENCY] - fall)
        P[k, s.P_CONCEALED] = -1.0
        return
    if P[k, s.P_LEADER_LOST] == t:
        shock = shock_share(P, A, k)
        P[k, s.P_MOMENTUM] *= 1.0 - 0.3 * shock
        P[k, s.P_CAPABILITY] *= 1.0 - 0.2 * shock
        return
    P[k, s.P_CONSISTENCY] += (P[k, s.P_CONSISTENCY_START] - P[k, s.P_CONSISTENCY]) * (
        1.0 - A[s.A_FALL_HALF_LIFE]
    )
    speed = (1.0 - A[s.A_RECOVERY_HALF_LIFE]) * (1.0 + A[s.A_RECOVERY_SUCCESS] * P[k, s.P_MOMENTUM])
    P[k, s.P_RECOGNITION] += (1.0 - P[k, s.P_RECOGNITION]) * min(1.0, speed)
    if P[k, s.P_CONCEALED] >= 0.0:
        P[k, s.P_RECOGNITION] *= 1.0 - A[s.A_EROSION] * A[s.A_CONCEALMENT_EROSION]


@jit
def succession_grievance(A: FloatArray, authority: float, rival: float, recognition: float) -> float:
    """Grievance of one passed over, log-odds (M03, M12): M03 * rivalry * authority * rival * 2 * (1 - recognition).

    It heals as the successor is recognised and needs no second pole. (1 - recognition) is taken against one half,
    so that a successor whom all endorse leaves nobody aggrieved.
    """
    return A[s.A_M03] * A[s.A_RIVALRY] * authority * rival * 2.0 * (1.0 - recognition)


@jit
def grieve(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:
    """A faction's grievances and bonds this month (M03, M04, M26, M33).

    Latent grievance halves with ``latent_half_life``; a foreign guest's grows by M26 * posture_grievance *
    posture squared, for repression of one's own is felt out of proportion. The personal part of a bond lapses
    when the man is known to be dead; the office part grows toward the patron's institutionalisation, the
    personal part toward the rest, with ``bond_half_life``, while the oath is recognised. The quarrel with a
    parent's leader lasts while the parent is in being.
    """
    patrons = P.shape[0]
    for k in range(patrons):
        X[i, k, s.X_LATENT] *= A[s.A_LATENT_HALF_LIFE]
        if I[i, s.I_FOREIGN] == 1 and patron_of(I[i, s.I_ALLEGIANCE], patrons) == k:
            X[i, k, s.X_LATENT] += (
                A[s.A_M26] * A[s.A_POSTURE_GRIEVANCE] * P[k, s.P_POSTURE] * P[k, s.P_POSTURE]
            )
        X[i, k, s.X_SUCCESSION] = succession_grievance(
            A, F[i, s.F_AUTHORITY], X[i, k, s.X_RIVAL], P[k, s.P_RECOGNITION]
        )
    parent = I[i, s.I_PARENT]
    F[i, s.F_PARENT_GRIEVANCE] = 0.0
    if parent >= 0 and I[parent, s.I_FATE] == s.FATE_ACTIVE:
        F[i, s.F_PARENT_GRIEVANCE] = succession_grievance(
            A, F[i, s.F_AUTHORITY], F[i, s.F_RIVAL_OF_PARENT], F[parent, s.F_RECOGNITION]
        )
    k = patron_of(I[i, s.I_ALLEGIANCE], patrons)
    if k < 0 or I[i, s.I_OATH] != s.OATH_SWORN:
        return
    t = C[s.C_MONTH]
    if P[k, s.P_REVEALED] == t or P[k, s.P_LEADER_LOST] == t:
        F[i, s.F_BOND_PERSON] = 0.0
        return
    grow = 1.0 - A[s.A_BOND_HALF_LIFE]
    office = SWORN_BOND * P[k, s.P_INSTITUTION]
    F[i, s.F_BOND_OFFICE] += (office - F[i, s.F_BOND_OFFICE]) * grow
    F[i, s.F_BOND_PERSON] += ((SWORN_BOND - office) * P[k, s.P_RECOGNITION] - F[i, s.F_BOND_PERSON]) * grow
