"""The constants that the terms of a utility are centred on, computed from the first month of a scenario.

A term of standing with a patron is weight * (feature - centre). The centre is the mean of the feature over
the factions in being in the first month, as the scenario's attributes and dated inputs of that month make
it: before any event has acted and before any draw. So a weight says how much differences between factions
and between months count, and not how good a patron is on the whole: that is the patron's constant. Without
centres, a change of one weight would also move everybody toward a patron or away from it, and weights and
constants could not be told apart.

The centres are written to a file that the scenario extends, so they are the same in every arm, ablation and
what-if. Switching a statement off acts on the feature and not on the centre: what goes is the feature, in
full.

Not centred: independence and exit, against which patrons are measured; and the terms that are nil until
something happens to a faction, or are its own past (succession, latent, bond), and the constant. An
alliance has the centres of the oath to the same patron.

Centring shifts the utility of an oath by the sum over terms of weight * centre, with the sign of the term.
Where utilities are to stay as they were, that sum is added to the patron's constant; :attr:`Centring.shift`
gives it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import state as s
from sim.engine.world import World
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import Loaded
from sim.scenario.quantities import month_text
from sim.state import FloatArray

__all__ = ["CENTRED", "INPUTS", "Centring", "centre", "centres_text", "features"]

CENTRED: dict[str, tuple[int, int, int]] = {
    "embed": (s.T_EMBED, s.A_B_EMBED, 1),
    "ideology": (s.T_IDEOLOGY, s.A_B_IDEOLOGY, -1),
    "resource": (s.T_RESOURCE, s.A_B_RESOURCE, 1),
    "recruits": (s.T_RECRUITS, s.A_B_RECRUITS, 1),
    "legitimacy": (s.T_LEGITIMACY, s.A_B_LEGITIMACY, 1),
    "novelty": (s.T_NOVELTY, s.A_B_NOVELTY, 1),
    "power": (s.T_POWER, s.A_B_POWER, 1),
    "tie": (s.T_TIE, s.A_B_TIE, 1),
    "local": (s.T_LOCAL, s.A_B_LOCAL, 1),
    "punishment": (s.T_PUNISHMENT, s.A_B_PUNISH, -1),
    "autonomy": (s.T_AUTONOMY, s.A_B_AUTONOMY, -1),
    "retain": (s.T_RETAIN, s.A_B_RETAIN, 1),
    "survival": (s.T_SURVIVAL, s.A_B_SURVIVAL, 1),
    "adapt": (s.T_ADAPT, s.A_B_ADAPT, 1),
    "niche": (s.T_NICHE, s.A_B_NICHE, 1),
}
"""Terms that are centred: column of the term, column of its weight, sign of the feature in the utility."""

INPUTS: dict[str, tuple[int, ...]] = {
    "F": (
        s.F_FIGHTERS, s.F_WAR_CHEST, s.F_SALAFISM, s.F_GLOBALISM, s.F_YOUTH, s.F_AUTONOMY, s.F_RELEVANCE,
        s.F_ADAPTABILITY, s.F_VETERANS, s.F_VISIBILITY, s.F_LEAK,
    ),
    "I": (s.I_FATE, s.I_ALLEGIANCE, s.I_THEATRE, s.I_LEFT_PATRON, s.I_SWITCHED),
    "X": (s.X_EMBEDDEDNESS,),
    "P": (
        s.P_SALAFISM, s.P_GLOBALISM, s.P_RECOGNITION, s.P_CONSISTENCY, s.P_MOMENTUM, s.P_TRANSFER, s.P_EFFORT,
        s.P_SUPPORT, s.P_BACKING, s.P_CORE_PRESSURE, s.P_CORE_STATE, s.P_TOLERANCE, s.P_GOAL, s.P_INCUMBENT,
        s.P_SLOTS,
    ),
    "W": (s.W_HOSTILITY, s.W_CONVERGENCE),
    "H": (s.H_HELD, s.H_REACH, s.H_INTEREST, s.H_CORE),
    "A": (
        s.A_TURNING_SHARE, s.A_COMPARISON, s.A_NEGLECT, s.A_HOSTILITY_DEFECTION, s.A_CONVERGENCE_RELIEF,
        s.A_OUTWARD_RELIEF, s.A_EFFORT_PRESSURE, s.A_M01, s.A_M06, s.A_M07, s.A_M08, s.A_M12, s.A_M13,
        s.A_M15, s.A_M17, s.A_M18, s.A_M22, s.A_M23, s.A_M33, s.A_M35, s.A_M36, s.A_M38, s.A_M45, s.A_M62,
        s.A_M63, s.A_M64, s.A_M68,
    ),
}  # fmt: skip
"""Columns of the compiled arrays that the features of the first month depend on: what the hash covers."""

_GRAIN = 2.0**20


@dataclass(frozen=True, eq=False)
class Centring:
    """Centres of a scenario's terms, and what they shift."""

    name: str
    """Name of the scenario."""
    month: str
    """The first month."""
    counted: int
    """Factions in being then."""
    listed: int
    """Factions of the scenario."""
    means: dict[str, dict[str, float]]
    """Centre by patron and term, rounded to 2**-20."""
    shift: dict[str, dict[str, float]]
    """weight * centre by patron and term, signed, log-odds: what the constant of an oath has to make good."""
    alliance: dict[str, float]
    """The same summed for alliance, less the part of the patron's constant that an alliance has, log-odds."""
    inputs: str
    """Hash of the inputs."""


def features(compiled: Compiled) -> FloatArray:
    """Features of the first month, shape (factions in being, patrons, centred terms).

    The rules themselves compute them, with every weight 1 and no centre.
    """
    from sim.rules.appraisal import appraise

    world = World(compiled.arrays, 0)
    world.A, world.CEN = world.A.copy(), np.zeros_like(world.CEN)
    world.A[s.A_RULE] = s.RULE_LOGIT
    terms, weights, signs = (np.array(column) for column in zip(*CENTRED.values(), strict=True))
    world.A[weights] = 1.0
    found = []
    for i in range(int(world.C[s.C_ROWS])):
        if world.I[i, s.I_FATE] == s.FATE_ACTIVE:
            appraise(
                world.F, world.I, world.X, world.P, world.W, world.G, world.H, world.C, world.A, world.TP,
                world.TI, world.TW, world.CEN, world.T, world.V, i,
            )  # fmt: skip
            found.append(world.T[: len(compiled.patrons)][:, terms] * signs)
    return np.array(found).reshape(len(found), len(compiled.patrons), len(terms))


def centre(loaded: Loaded) -> Centring:
    """Compute the centres of a scenario.

    Parameters
    ----------
    loaded
        The scenario; centres that it states already play no part.

    Returns
    -------
    Centring
        The centres and what they shift at the scenario's own weights.
    """
    compiled = compile_scenario(loaded.scenario)
    seen = features(compiled)
    total = seen.sum(axis=0) / max(1, seen.shape[0])
    means = np.floor(total * _GRAIN + 0.5) / _GRAIN
    A = compiled.arrays["A"]
    weights = np.array([sign * A[weight] for _, weight, sign in CENTRED.values()])
    part = np.full(len(CENTRED), A[s.A_ALLY_SHARE])
    names = list(CENTRED)
    part[names.index("punishment")] = A[s.A_ALLY_PUNISH]
    part[names.index("autonomy")] = A[s.A_ALLY_AUTONOMY]
    part[names.index("niche")] = 0.0
    return Centring(
        name=loaded.name,
        month=month_text(compiled.start),
        counted=seen.shape[0],
        listed=len(compiled.factions),
        means=_by_name(compiled, means),
        shift=_by_name(compiled, means * weights),
        alliance={
            patron: float(((part - A[s.A_ALLY_SHARE]) * weights * means[k]).sum())
            for k, patron in enumerate(compiled.patrons)
        },
        inputs=_hash(compiled),
    )


def _by_name(compiled: Compiled, table: FloatArray) -> dict[str, dict[str, float]]:
    # Adding nought turns a negative zero into zero.
    return {
        patron: {term: float(table[k, j]) + 0.0 for j, term in enumerate(CENTRED)}
        for k, patron in enumerate(compiled.patrons)
    }


def _hash(compiled: Compiled) -> str:
    """Hash of the inputs of the features: names of patrons, and the columns of :data:`INPUTS`."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update("\n".join(compiled.patrons).encode())
    arrays: dict[str, Any] = dict(compiled.arrays)
    rows = int(arrays["C"][s.C_ROWS])
    active = np.flatnonzero(arrays["I"][:rows, s.I_FATE] == s.FATE_ACTIVE)
    for name in ("F", "I", "X"):
        arrays[name] = arrays[name][active]
    for name, columns in INPUTS.items():
        chosen = arrays[name][..., list(columns)]
        digest.update(f"{name}{chosen.shape}".encode())
        digest.update(np.ascontiguousarray(chosen, dtype="<f8").tobytes())
    for name in ("NP", "NI"):
        digest.update(np.ascontiguousarray(arrays[name], dtype="<i8").tobytes())
    return digest.hexdigest()


def centres_text(found: Centring) -> str:
    """The centres as a file that a scenario can extend.

    Parameters
    ----------
    found
        What :func:`centre` gave.
    """
    counted, listed = found.counted, found.listed
    lines = [
        "# yaml-language-server: $schema=../scenario.schema.json",
        "# Written by `bayah centre [SCENARIO] --out FILE`; with --check it says whether this is stale.",
        f"# Means of each term's feature over the {counted} of {listed} factions in being in {found.month}.",
        "# A term is weight * (feature - centre); an alliance has those of the oath. What-ifs share them.",
        f"# inputs {found.inputs}",
        "decision:",
        "  centres:",
    ]
    for patron, numbers in found.means.items():
        lines.append(f"    {patron}:")
        lines += [f"      {term}: {number!r}" for term, number in numbers.items()]
    return "\n".join(lines) + "\n"
