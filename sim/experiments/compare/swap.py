"""Why a faction took another side in the other arm: one ingredient of its decision at a time is swapped.

At the first month in which a faction stands elsewhere, its decision in the other arm is taken again with one ingredient
of the base's in place of its own, on the same draw: one term for all options, or which options were on offer, or the
rule of choice. An ingredient is credited only if the choice then reverts to that of the base. Where no ingredient alone
does it but all together do, the cause is joint.

Where a faction was awake in one arm only, it is asked what it would have chosen in the arm in which it slept. If that is
what it chose where it was awake, then that it was awake is the whole cause, and what woke it is told. Else ingredients of
the arm in which it slept are put into its decision, as before. Where its side differs without a decision (it was
destroyed, merged, or had not come into being), that is told.
"""

from __future__ import annotations

from typing import Any

from sim import draws
from sim import state as s
from sim.jit import jit_apart
from sim.rules.appraisal import UNAVAILABLE
from sim.rules.choice import choose

__all__ = [
    "CODES", "KIND_AWAKE", "KIND_DECIDED", "KIND_FATE", "KIND_JOINT", "KIND_UNASKED", "KIND_UNEXPLAINED", "OFFERED",
    "RULE", "explain_pair",
]  # fmt: skip

CODES = (
    "faction", "month", "kind", "held", "base", "other", "base_awake", "other_awake", "reverts", "brings", "base_byte",
    "other_byte",
)  # fmt: skip
"""Columns of the codes: position of the faction, month of the run, kind, option held before, options chosen in each arm
(-1 where it was not asked), bits of why it was awake (0 asleep), bits of the ingredients that revert the choice, bits of
those that bring it about where it was not made, bytes of where it stands."""

KIND_DECIDED = 0
KIND_AWAKE = 1
KIND_FATE = 2
KIND_JOINT = 3
KIND_UNEXPLAINED = 4
KIND_UNASKED = 5
"""Awake in one arm only, and not asked yet what it would have chosen in the other."""

OFFERED = s.T_WIDTH
"""Bit of the ingredient "which options were on offer"; the bits below it are the terms."""
RULE = s.T_WIDTH + 1
"""Bit of the ingredient "the rule of choice": theta, rationality, rule."""


@jit_apart
def find(K: Any, count: int, month: int, row: int) -> int:
    """The decision of a faction in a month, or -1; decisions stand in order of months."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if K[middle, 0] < month:
            low = middle + 1
        else:
            high = middle
    while low < count and K[low, 0] == month:
        if K[low, 1] == row:
            return low
        low += 1
    return -1


@jit_apart
def byte_of(option: int, patrons: int) -> int:
    """What the record of sides holds after a choice: making peace ends a faction."""
    return s.AWAY + s.FATE_RECONCILED if option == 2 * patrons + 1 else option


@jit_apart
def mixed(T: Any, U: Any, swapped: int, offered: Any, total: Any) -> None:
    """Utilities with one term of ``T`` replaced by that of ``U``, for the options on offer in ``offered``.

    Summed in the order of the terms, as an appraisal does, so that no swap at all gives the utilities back.
    """
    for option in range(T.shape[0]):
        value = 0.0
        for term in range(T.shape[1]):
            value += U[option, term] if term == swapped else T[option, term]
        total[option] = value if offered[option] > 0.5 * UNAVAILABLE else UNAVAILABLE


@jit_apart
def ingredients(
    held: int, u: float, goal: int, AB: Any, AO: Any, TB: Any, VB: Any, TO: Any, VO: Any, V: Any, Q: Any
) -> int:  # fmt: skip
    """Bits of the ingredients of the first decision whose swap into the second gives the choice ``goal``.

    ``AB``, ``TB``, ``VB`` are the parameters, terms and utilities of the decision that ingredients are taken from,
    ``AO``, ``TO``, ``VO`` those of the decision that they are put into; ``V`` and ``Q`` are scratch.
    """
    bits = 0
    for term in range(TO.shape[1]):
        mixed(TO, TB, term, VO, V)
        if choose(AO, V, Q, held, u) == goal:
            bits |= 1 << term
    mixed(TO, TO, -1, VB, V)
    if choose(AO, V, Q, held, u) == goal:
        bits |= 1 << OFFERED
    for option in range(V.shape[0]):
        V[option] = VO[option]
    if choose(AB, V, Q, held, u) == goal:
        bits |= 1 << RULE
    return bits


@jit_apart
def explain_pair(
    LB: Any, LO: Any, RB: Any, RO: Any, FIRST: Any, START: Any, E: Any, keys: Any, AB: Any, AO: Any, KB: Any, TB: Any,
    VB: Any, nb: int, KO: Any, TO: Any, VO: Any, no: int, offset: int, V: Any, Q: Any, R: Any, G: Any,
) -> int:  # fmt: skip
    """The cause of the first difference of each faction of a pair.

    Parameters
    ----------
    LB, LO
        Bytes of where factions stand, shape (months of the run, rows).
    RB, RO
        Rows of the factions that both arms have.
    FIRST
        As :func:`sim.experiments.compare.tally.count_sides` notes it, in months compared.
    START
        Option held at the start, by faction.
    E
        Entities of the factions.
    keys
        Halves of the seed, shape (2,).
    AB, AO
        Parameters that hold in each month of the run, shape (months, parameters), or (1, parameters) for all.
    KB, TB, VB, nb, KO, TO, VO, no
        Decisions of each arm: keys, terms, values, how many.
    offset
        Months of the run before the first one compared.
    V, Q
        Scratch, shape (options,).
    R
        Room for the codes, shape (factions, len(CODES)).
    G
        Room for what each term adds to the gap between the two choices, other less base, shape (factions, terms).

    Returns
    -------
    int
        Rows written.
    """
    count, patrons = 0, (V.shape[0] - 2) // 2
    for f in range(RB.shape[0]):
        if FIRST[f, 0] < 0:
            continue
        month = int(FIRST[f, 0]) + offset
        b, o = find(KB, nb, month, RB[f]), find(KO, no, month, RO[f])
        base, other = int(LB[month, RB[f]]), int(LO[month, RO[f]])
        held = START[f] if month == 0 else int(LB[month - 1, RB[f]])
        if b >= 0:
            # One that comes into being this month held nothing before, and chooses from what it begins with.
            held = KB[b, 2]
        elif o >= 0:
            held = KO[o, 2]
        R[count, 0] = f
        R[count, 1] = month
        R[count, 3] = held
        R[count, 4] = KB[b, 3] if b >= 0 else -1
        R[count, 5] = KO[o, 3] if o >= 0 else -1
        R[count, 6] = KB[b, 4] if b >= 0 else 0
        R[count, 7] = KO[o, 4] if o >= 0 else 0
        R[count, 8] = 0
        R[count, 9] = 0
        R[count, 10] = base
        R[count, 11] = other
        for term in range(G.shape[1]):
            G[count, term] = 0.0
        # A decision without a reason for being awake is what a sleeping faction would have chosen.
        woke_base, woke_other = b >= 0 and KB[b, 4] != 0, o >= 0 and KO[o, 4] != 0
        expected_base = byte_of(KB[b, 3], patrons) if woke_base else held
        expected_other = byte_of(KO[o, 3], patrons) if woke_other else held
        if base != expected_base or other != expected_other:
            R[count, 2] = KIND_FATE
        elif b < 0 or o < 0 or R[count, 4] == R[count, 5]:
            R[count, 2] = KIND_AWAKE if b >= 0 and o >= 0 else KIND_UNASKED
        else:
            # What is put back goes into the decision that was taken, into the other arm's where both were.
            into_base = woke_base and not woke_other
            if into_base:
                R[count, 2] = swap(
                    held, month, E[f], keys, AO, AB, TO[o], VO[o, 0], TB[b], VB[b, 0], V, Q, R, count, 5, 4
                )
            else:
                R[count, 2] = swap(
                    held, month, E[f], keys, AB, AO, TB[b], VB[b, 0], TO[o], VO[o, 0], V, Q, R, count, 4, 5
                )
            mine, theirs = R[count, 5], R[count, 4]
            for term in range(G.shape[1]):
                G[count, term] = (TO[o, mine, term] - TO[o, theirs, term]) - (
                    TB[b, mine, term] - TB[b, theirs, term]
                )
        count += 1
    return count


@jit_apart
def swap(
    held: int, month: int, entity: int, keys: Any, AF: Any, AI: Any, TF: Any, VF: Any, TI: Any, VI: Any, V: Any, Q: Any,
    R: Any, n: int, goal: int, own: int,
) -> int:  # fmt: skip
    """The kind of cause of two choices that differ, and the ingredients credited, into row ``n`` of ``R``.

    Ingredients are taken from ``AF``, ``TF``, ``VF`` and put into ``AI``, ``TI``, ``VI``; ``goal`` and ``own`` are the
    columns of ``R`` that hold the choices of the two.
    """
    u = draws.uniform(keys[0], keys[1], entity, month, draws.CHOICE, 0)
    there, here = AF[min(month, AF.shape[0] - 1)], AI[min(month, AI.shape[0] - 1)]
    by_terms = int(here[s.A_RULE]) <= s.RULE_PATRONAGE and int(there[s.A_RULE]) <= s.RULE_PATRONAGE
    if by_terms:
        R[n, 8] = ingredients(held, u, R[n, goal], there, here, TF, VF, TI, VI, V, Q)
        R[n, 9] = ingredients(held, u, R[n, own], here, there, TI, VI, TF, VF, V, Q)
    elif here[s.A_RULE] != there[s.A_RULE]:
        # One of the rules is not about the terms at all: there is nothing to swap but the rule.
        R[n, 8] = 1 << RULE
        R[n, 9] = 1 << RULE
    if R[n, 8] != 0:
        return KIND_DECIDED
    if not by_terms:
        return KIND_UNEXPLAINED
    for option in range(V.shape[0]):
        V[option] = VF[option]
    return KIND_JOINT if choose(there, V, Q, held, u) == R[n, goal] else KIND_UNEXPLAINED
