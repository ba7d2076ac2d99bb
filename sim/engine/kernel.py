"""The way into compiled code: one or many runs a call, without the interpreter between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.core import config as numba_config

from sim import state as s
from sim.engine.month import run_months
from sim.jit import jit_apart
from sim.rules.opening import open_run
from sim.rules.sums import take_stock
from sim.state import ByteArray, FloatArray, IntArray
from sim.tables import table

__all__ = ["NO_PROBES", "kernel_for", "run_all", "simulate"]


@jit_apart
def copy_table(to: Any, given: Any) -> None:
    """Copy a matrix."""
    for row in range(given.shape[0]):
        for column in range(given.shape[1]):
            to[row, column] = given[row, column]


@jit_apart
def copy_cube(to: Any, given: Any) -> None:
    """Copy a three-dimensional array."""
    for row in range(given.shape[0]):
        for k in range(given.shape[1]):
            for column in range(given.shape[2]):
                to[row, k, column] = given[row, k, column]


@jit_apart
def run_all(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray, CEN: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, T: FloatArray, V: FloatArray, Q: FloatArray,
    F0: FloatArray, I0: IntArray, X0: FloatArray, P0: FloatArray, W0: FloatArray, G0: FloatArray, H0: FloatArray,
    C0: FloatArray, keys: FloatArray, first: int, last: int, M: FloatArray, O: FloatArray, RF: FloatArray,
    RI: IntArray, RX: FloatArray, RP: FloatArray, RW: FloatArray, RG: FloatArray, RH: FloatArray, RC: FloatArray,
    DK: IntArray, DT: FloatArray, DV: FloatArray, L: ByteArray, PR: IntArray,
) -> int:  # fmt: skip
    """Run months ``first`` to before ``last``, once for each row of ``M`` and ``O``.

    Each run starts from the scenario's arrays ``F0`` .. ``C0`` with the halves of its seed in ``keys``. Without keys
    the one run goes on from ``F`` .. ``C`` as they are. The rest is as in :func:`sim.engine.month.run_months`.
    """
    decisions = 0
    for n in range(O.shape[0]):
        if keys.shape[0] > 0:
            copy_table(F, F0)
            copy_table(I, I0)
            copy_cube(X, X0)
            copy_table(P, P0)
            copy_cube(W, W0)
            copy_table(G, G0)
            copy_cube(H, H0)
            for column in range(C0.shape[0]):
                C[column] = C0[column]
            C[s.C_KEY0] = keys[n, 0]
            C[s.C_KEY1] = keys[n, 1]
            take_stock(F, I, P, W, G, H, C, A, NP, NI)
            open_run(F, I, P, C, A)
        decisions = run_months(
            F, I, X, P, W, G, H, C, A, E, CEN, TP, TI, TW, NP, NI, D, T, V, Q, first, last, M[n], O[n],
            RF, RI, RX, RP, RW, RG, RH, RC, DK, DT, DV, L[n], PR,
        )  # fmt: skip
    return decisions


@jit_apart
def run_two(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray, CEN: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, T: FloatArray, V: FloatArray, Q: FloatArray,
    F0: FloatArray, I0: IntArray, X0: FloatArray, P0: FloatArray, W0: FloatArray, G0: FloatArray, H0: FloatArray,
    C0: FloatArray, keys: FloatArray, first: int, last: int, M: FloatArray, O: FloatArray, RF: FloatArray,
    RI: IntArray, RX: FloatArray, RP: FloatArray, RW: FloatArray, RG: FloatArray, RH: FloatArray, RC: FloatArray,
    DK: IntArray, DT: FloatArray, DV: FloatArray, L: ByteArray, PR: IntArray,
) -> int:  # fmt: skip
    """:func:`run_all` for two patrons, with their number known to the compiler."""
    return run_all(
        table(F, "F", 2), table(I, "I", 2), table(X, "X", 2), table(P, "P", 2), table(W, "W", 2),
        table(G, "G", 2), table(H, "H", 2), table(C, "C", 2), table(A, "A", 2), table(E, "E", 2),
        table(CEN, "CEN", 2), table(TP, "TP", 2), table(TI, "TI", 2), table(TW, "TW", 2), table(NP, "NP", 2),
        table(NI, "NI", 2), table(D, "D", 2), table(T, "T", 2), table(V, "V", 2), table(Q, "Q", 2),
        F0, I0, X0, P0, W0, G0, H0, C0, keys, first, last, M, O, RF, RI, RX, RP, RW, RG, RH, RC, DK, DT, DV, L, PR,
    )  # fmt: skip


@jit_apart
def run_any(
    F: FloatArray, I: IntArray, X: FloatArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray,
    C: FloatArray, A: FloatArray, E: FloatArray, CEN: FloatArray, TP: IntArray, TI: IntArray, TW: FloatArray,
    NP: IntArray, NI: IntArray, D: FloatArray, T: FloatArray, V: FloatArray, Q: FloatArray,
    F0: FloatArray, I0: IntArray, X0: FloatArray, P0: FloatArray, W0: FloatArray, G0: FloatArray, H0: FloatArray,
    C0: FloatArray, keys: FloatArray, first: int, last: int, M: FloatArray, O: FloatArray, RF: FloatArray,
    RI: IntArray, RX: FloatArray, RP: FloatArray, RW: FloatArray, RG: FloatArray, RH: FloatArray, RC: FloatArray,
    DK: IntArray, DT: FloatArray, DV: FloatArray, L: ByteArray, PR: IntArray,
) -> int:  # fmt: skip
    """:func:`run_all` for any number of patrons."""
    return run_all(
        table(F, "F", 0), table(I, "I", 0), table(X, "X", 0), table(P, "P", 0), table(W, "W", 0),
        table(G, "G", 0), table(H, "H", 0), table(C, "C", 0), table(A, "A", 0), table(E, "E", 0),
        table(CEN, "CEN", 0), table(TP, "TP", 0), table(TI, "TI", 0), table(TW, "TW", 0), table(NP, "NP", 0),
        table(NI, "NI", 0), table(D, "D", 0), table(T, "T", 0), table(V, "V", 0), table(Q, "Q", 0),
        F0, I0, X0, P0, W0, G0, H0, C0, keys, first, last, M, O, RF, RI, RX, RP, RW, RG, RH, RC, DK, DT, DV, L, PR,
    )  # fmt: skip


def kernel_for(patrons: int) -> Any:
    """The compiled way in for a number of patrons; with compilation off, the plain one."""
    if numba_config.DISABLE_JIT:
        return run_all
    return run_two if patrons == 2 else run_any


_NO_KEYS = np.empty((0, 2))
_NO_BYTES = np.empty((1, 0, 0), dtype=np.uint8)
NO_PROBES = np.empty((0, 2), dtype=np.int64)
"""No faction is asked what it would choose if it were awake."""


def simulate(*arguments: Any) -> int:
    """Move one run from month ``first`` to before month ``last``.

    Parameters
    ----------
    arguments
        Those of :func:`sim.engine.month.run_months` but the last two, in order.

    Returns
    -------
    int
        Decisions recorded.
    """
    state, first, last, outcomes, summary = arguments[:20], *arguments[20:24]
    kernel = kernel_for(state[3].shape[0])
    return int(
        kernel(
            *state,
            *state[:8],
            _NO_KEYS,
            first,
            last,
            outcomes[None],
            summary[None],
            *arguments[24:],
            _NO_BYTES,
            NO_PROBES,
        )
    )
