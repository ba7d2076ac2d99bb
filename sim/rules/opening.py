"""The first moment of a run: what depends on the seed before the first month."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit_apart
from sim.rules.common import clamp
from sim.rules.posture import legitimacy_of
from sim.state import FloatArray, IntArray


@jit_apart
def open_run(F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray) -> None:
    """Draw each faction's own threshold (rule ``threshold``), and note where legitimacy starts.

    threshold = threshold_mean + threshold_sd * standard normal, within [0, 1]; force a month ago = force now.
    """
    for i in range(int(C[s.C_ROWS])):
        u, v, _, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], 0, draws.THRESHOLD, 0)
        F[i, s.F_THRESHOLD] = clamp(A[s.A_THRESHOLD_MEAN] + A[s.A_THRESHOLD_SD] * draws.normal(u, v))
    for k in range(P.shape[0]):
        P[k, s.P_LEGITIMACY] = legitimacy_of(P, A, k)
        P[k, s.P_LEGITIMACY_START] = P[k, s.P_LEGITIMACY]
        P[k, s.P_FORCE_BEFORE] = P[k, s.P_CORE] + P[k, s.P_SWORN] + P[k, s.P_DECLARED]
