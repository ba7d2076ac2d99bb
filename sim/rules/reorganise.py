"""Phase 11, reorganisation: splits, mergers, dissolution. Rows of factions are never reused."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, grain, patron_of
from sim.state import FloatArray, IntArray


@jit
def split_hazard(F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int) -> float:
    """Monthly hazard that a faction splits [0, 1] (M44, P11, T05, T21, T25).

    split_hazard * 2 * (1 - cohesion) * (1 + split_crisis * (1 - recognition of the patron's leader)) * (1 +
    split_losses * (recent losses + recent gains)) * (1 + M44 * split_talks while its patron talks) * (0.5 + 2
    * q * (1 - q)), q = its ties' summed weight / 4, at most 1: some overlap with others splits, much of it
    holds. Gains fragment as losses do (Woldemariam 2018).
    """
    k = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    crisis = 1.0
    if k >= 0:
        crisis += A[s.A_SPLIT_CRISIS] * (1.0 - P[k, s.P_RECOGNITION])
        if C[s.C_TALKS_PATRON] == k and C[s.C_MONTH] <= C[s.C_TALKS_UNTIL]:
            crisis *= 1.0 + A[s.A_M44] * A[s.A_SPLIT_TALKS]
    uneven = 1.0 + A[s.A_SPLIT_LOSSES] * (F[i, s.F_LOSSES] + F[i, s.F_GAINS])
    q = min(1.0, 0.25 * F[i, s.F_TIE_SUM])
    ties = 0.5 + 2.0 * q * (1.0 - q)
    return min(1.0, A[s.A_SPLIT_HAZARD] * 2.0 * (1.0 - F[i, s.F_COHESION]) * crisis * uneven * ties)


@jit_apart
def split(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:
    """Part of a faction leaves under a new leader and takes a drawn share of everything (P11).

    share = split_share_max * u. The splinter keeps doctrine, ties and allegiance for now, has a bond 0.3 of
    the old, a grievance of 1 against the patron it will leave, and thinks again next month. It is addressed
    by its parent's entity and its birth ordinal, so one more split elsewhere renumbers nothing.
    """
    t, j = int(C[s.C_MONTH]), int(C[s.C_ROWS])
    if j >= F.shape[0]:
        C[s.C_STATUS] = s.STATUS_ROWS
        return
    u, v, _, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.SPLIT, 0)
    share = A[s.A_SPLIT_SHARE_MAX] * u
    for column in range(F.shape[1]):
        F[j, column] = F[i, column]
    for column in range(I.shape[1]):
        I[j, column] = I[i, column]
    for k in range(X.shape[1]):
        for column in range(X.shape[2]):
            X[j, k, column] = X[i, k, column]
    C[s.C_ROWS] += 1.0
    C[s.C_SPLITS] += 1.0
    I[i, s.I_BORN] += 1
    I[j, s.I_BORN] = 0
    I[j, s.I_ENTITY] = draws.child_entity(I[i, s.I_ENTITY], I[i, s.I_BORN])
    I[j, s.I_PARENT] = i
    I[j, s.I_ACTIVE_FROM] = t
    I[j, s.I_BORN_MONTH] = t
    I[j, s.I_WAKE] = 0
    I[j, s.I_CHOICE] = -1
    men = grain(share * F[i, s.F_FIGHTERS])
    F[j, s.F_FIGHTERS] = men
    F[i, s.F_FIGHTERS] -= men
    F[j, s.F_AUTHORITY] = 0.3 + 0.6 * v
    for column in (
        s.F_RECRUITED,
        s.F_KILLED,
        s.F_CAPTURED,
        s.F_SURRENDERED,
        s.F_LEFT,
        s.F_RETURNED,
        s.F_DEATHS,
    ):
        F[j, column] = 0.0
    F[j, s.F_BOND_PERSON] *= 0.3
    F[j, s.F_BOND_OFFICE] *= 0.3
    F[j, s.F_COHESION] = F[j, s.F_COHESION_START]
    F[i, s.F_COHESION] = clamp(F[i, s.F_COHESION] + 0.1)
    k = patron_of(I[i, s.I_ALLEGIANCE], P.shape[0])
    if k >= 0:
        X[j, k, s.X_LATENT] += 1.0


@jit
def merge(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, i: int) -> None:
    """A splinter returns to the body it left, if both hold the same allegiance in the same theatre (P12).

    Not before six months. The body keeps its layers."""
    parent = I[i, s.I_PARENT]
    if parent < 0 or I[i, s.I_BORN_MONTH] < 0 or I[parent, s.I_FATE] != s.FATE_ACTIVE:
        return
    if I[parent, s.I_ALLEGIANCE] != I[i, s.I_ALLEGIANCE] or I[parent, s.I_THEATRE] != I[i, s.I_THEATRE]:
        return
    t = int(C[s.C_MONTH])
    if t - I[i, s.I_BORN_MONTH] < 6:
        return
    u = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.FATE, 0)[2]
    if u < A[s.A_MERGE_HAZARD]:
        F[parent, s.F_FIGHTERS] += F[i, s.F_FIGHTERS]
        F[i, s.F_FIGHTERS] = 0.0
        I[i, s.I_FATE] = s.FATE_MERGED
        C[s.C_MERGERS] += 1.0


@jit
def dissolve(F: FloatArray, I: IntArray, A: FloatArray, i: int) -> None:
    """A faction below ``dissolve_floor`` men ceases to exist; they leave."""
    if F[i, s.F_FIGHTERS] < A[s.A_DISSOLVE_FLOOR]:
        F[i, s.F_LEFT] += F[i, s.F_FIGHTERS]
        F[i, s.F_FIGHTERS] = 0.0
        I[i, s.I_FATE] = s.FATE_DISSOLVED


@jit_apart
def reorganise(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, C: FloatArray, A: FloatArray
) -> None:
    """Phase 11 for all factions: all splits, then all mergers, then all dissolutions, so that order never
    leaks.
    """
    before = int(C[s.C_ROWS])
    for i in range(before):
        ripe = I[i, s.I_FATE] == s.FATE_ACTIVE and F[i, s.F_FIGHTERS] >= A[s.A_SPLIT_MIN]
        if ripe and F[i, s.F_SPLIT_DRAW] < split_hazard(F, I, P, C, A, i):
            split(F, I, X, P, C, A, i)
    for i in range(before):
        if I[i, s.I_FATE] == s.FATE_ACTIVE:
            merge(F, I, C, A, i)
    for i in range(int(C[s.C_ROWS])):
        if I[i, s.I_FATE] == s.FATE_ACTIVE:
            dissolve(F, I, A, i)
