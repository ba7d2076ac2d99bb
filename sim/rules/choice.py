"""Phase 6, choice: from utilities to one option. Rival decision rules stand beside each other here."""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.appraisal import UNAVAILABLE, peer_share
from sim.rules.common import grain, patron_of, safe_exp
from sim.state import FloatArray, IntArray

SHARE_SCALE = 12.0
"""Log-odds per unit of share in the ``threshold`` and ``landscape`` rules, so that theta means the same."""


@jit
def probabilities(V: FloatArray, Q: FloatArray, held: int, rationality: float, theta: float) -> None:
    """Probability of each option (McKelvey and Palfrey 1995), into ``Q``.

    The faction stays unless the best option beats the present one by more than theta log-odds; then Q[o] =
    exp(rationality * V[o]) / sum over the options that exist. With theta 0 the choice is always open, so that
    equal utilities give equal odds.
    """
    best = UNAVAILABLE
    for option in range(V.shape[0]):
        Q[option] = 0.0
        best = max(best, V[option])
    if theta > 0.0 and best - V[held] <= theta:
        Q[held] = 1.0
        return
    total = 0.0
    for option in range(V.shape[0]):
        if V[option] > 0.5 * UNAVAILABLE:
            Q[option] = safe_exp(rationality * (V[option] - best))
            total += Q[option]
    for option in range(V.shape[0]):
        Q[option] /= total


@jit
def even_odds(V: FloatArray, Q: FloatArray) -> None:
    """The same probability for every option that exists (rule ``random``)."""
    count = 0.0
    for option in range(V.shape[0]):
        Q[option] = 1.0 if V[option] > 0.5 * UNAVAILABLE else 0.0
        count += Q[option]
    for option in range(V.shape[0]):
        Q[option] /= count


@jit
def draw_option(Q: FloatArray, u: float) -> int:
    """The option at which the summed probabilities pass u."""
    total = 0.0
    for option in range(Q.shape[0]):
        total += Q[option]
    mark, summed, last = u * total, 0.0, 0
    for option in range(Q.shape[0]):
        if Q[option] > 0.0:
            last = option
            summed += Q[option]
            if mark < summed:
                return option
    return last


@jit_apart
def threshold_utilities(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    V: FloatArray, i: int,
) -> None:  # fmt: skip
    """Rule ``threshold`` (Granovetter 1978): follow when enough others have gone before.

    V[o] = SHARE_SCALE * (share of tied peers, or of all without ties, that hold the option - own threshold);
    V[present] = 0.
    """
    patrons, held, root = P.shape[0], I[i, s.I_ALLEGIANCE], I[i, s.I_TIES]
    tied = TP[root + 1] > TP[root]
    for option in range(V.shape[0]):
        if V[option] <= 0.5 * UNAVAILABLE:
            continue
        k = patron_of(option, patrons)
        if k < 0:
            share = C[s.C_SHARE_INDEPENDENT] if option == 2 * patrons else C[s.C_SHARE_EXIT]
        elif tied:
            share = peer_share(I, TP, TI, TW, root, k, patrons)
        else:
            share = P[k, s.P_SHARE]
        if k >= 0 and option >= patrons:
            share *= 0.5
        V[option] = SHARE_SCALE * (share - F[i, s.F_THRESHOLD])
    V[held] = 0.0


@jit
def propensity(F: FloatArray, i: int, j: int) -> float:
    """Propensity of two factions to work together [-1, 1]: 1 - 2 * distance of doctrine (Axelrod, Bennett
    1993).
    """
    salafism = abs(F[i, s.F_SALAFISM] - F[j, s.F_SALAFISM])
    globalism = abs(F[i, s.F_GLOBALISM] - F[j, s.F_GLOBALISM])
    return 1.0 - 2.0 * (0.6 * salafism + 0.4 * globalism)


@jit_apart
def landscape_utilities(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    V: FloatArray, i: int,
) -> None:  # fmt: skip
    """Rule ``landscape`` (Axelrod and Bennett 1993): least frustration.

    V[o] = SHARE_SCALE * sum over others with the pole of o of (propensity + tie weight) * size / all sizes.
    Size is fighters; quadratic in factions by definition. Each part is rounded to the grain, so that the sum
    does not depend on the order of factions.
    """
    patrons, root = P.shape[0], I[i, s.I_TIES]
    for option in range(V.shape[0]):
        if V[option] > 0.5 * UNAVAILABLE:
            V[option] = 0.0
    all_sizes = 1.0
    for j in range(int(C[s.C_ROWS])):
        if j == i or I[j, s.I_FATE] != s.FATE_ACTIVE:
            continue
        size = F[j, s.F_FIGHTERS]
        all_sizes += size
        near = propensity(F, i, j)
        for e in range(TP[root], TP[root + 1]):
            if TI[e] == j:
                near += TW[e]
        pole = patron_of(I[j, s.I_ALLEGIANCE], patrons)
        for option in range(V.shape[0]):
            same = patron_of(option, patrons) == pole and option != 2 * patrons + 1
            if same and V[option] > 0.5 * UNAVAILABLE:
                V[option] += grain(near * size) * (0.5 if patrons <= option < 2 * patrons else 1.0)
    for option in range(V.shape[0]):
        if V[option] > 0.5 * UNAVAILABLE:
            V[option] *= SHARE_SCALE / all_sizes


@jit_apart
def reweigh(
    F: FloatArray, I: IntArray, P: FloatArray, C: FloatArray, A: FloatArray, TP: IntArray, TI: IntArray,
    TW: FloatArray, V: FloatArray, i: int,
) -> None:  # fmt: skip
    """Replace the utilities where the scenario's decision rule is not about the terms."""
    rule = int(A[s.A_RULE])
    if rule == s.RULE_THRESHOLD:
        threshold_utilities(F, I, P, C, TP, TI, TW, V, i)
    elif rule == s.RULE_LANDSCAPE:
        landscape_utilities(F, I, P, C, TP, TI, TW, V, i)


@jit_apart
def choose(A: FloatArray, V: FloatArray, Q: FloatArray, held: int, u: float) -> int:
    """The option chosen, and its probabilities into ``Q``; theta applies to all rules but ``random``."""
    if int(A[s.A_RULE]) == s.RULE_RANDOM:
        even_odds(V, Q)
    else:
        probabilities(V, Q, held, A[s.A_RATIONALITY], A[s.A_THETA])
    return draw_option(Q, u)


@jit_apart
def decision_draw(I: IntArray, C: FloatArray, i: int) -> float:
    """The uniform number that decides a faction's choice this month."""
    return draws.uniform(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], int(C[s.C_MONTH]), draws.CHOICE, 0)
