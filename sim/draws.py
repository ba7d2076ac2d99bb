"""Random numbers by address.

A draw is a function of where it stands, not of what was drawn before: the run's seed is the key, and
(entity, month, purpose, index) is the counter of a Philox4x32-10 block (Salmon et al. 2011). So one more draw, or
one more faction, changes no other draw; two arms of a what-if meet the same chance at every decision; and a run
comes out the same on any number of workers.

A block holds four 32-bit words. :func:`uniforms` gives them as four uniform numbers, the *lanes* of a purpose.
"""

from __future__ import annotations

import hashlib
import math

from sim.jit import jit, jit_apart

__all__ = [
    "PURPOSES",
    "child_entity",
    "entity_of",
    "normal",
    "pair_index",
    "philox",
    "purpose_of",
    "seed_key",
    "uniform",
    "uniforms",
]  # fmt: skip

_MASK = 0xFFFFFFFF
_SCALE = 2.0**-32
_TWO_PI = 6.283185307179586


def purpose_of(name: str) -> int:
    """The 32-bit code of a purpose: a hash of its name."""
    return int.from_bytes(hashlib.blake2s(b"purpose:" + name.encode(), digest_size=4).digest(), "little")


def entity_of(kind: str, name: str) -> int:
    """The 32-bit code of an entity (``faction``, ``region``, ``patron``): a hash of kind and id."""
    return int.from_bytes(hashlib.blake2s(f"{kind}:{name}".encode(), digest_size=4).digest(), "little")


def seed_key(seed: int) -> tuple[int, int]:
    """The two 32-bit halves of a run seed between 0 and 2**64 - 1."""
    return seed & _MASK, (seed >> 32) & _MASK


# Lanes of a block are named where they are used.
FATE = purpose_of("fate")
"""Every month: own leader lost, a split, a merger, awake for no reason."""
LEADER = purpose_of("leader")
"""Effect of a leader's loss (two lanes of a normal number)."""
WAKE = purpose_of("wake")
"""Awake for the reasons of the month."""
DISPLACE = purpose_of("displace")
"""Displaced or not, destination."""
RESETTLE = purpose_of("resettle")
CHOICE = purpose_of("choice")
"""The option chosen."""
THRESHOLD = purpose_of("threshold")
"""A faction's own threshold (drawn once, month 0)."""
OATH = purpose_of("oath")
"""Lag of the answer, answer, lag of visibility, second bid."""
DEMONSTRATE = purpose_of("demonstrate")
CLASH = purpose_of("clash")
"""Noise of monthly deaths."""
CRUSH = purpose_of("crush")
"""A front is crushed or not, and lag."""
MOVE = purpose_of("move")
"""Relocated or not, destination."""
SPLIT = purpose_of("split")
"""The share that leaves, and its leader's authority."""
OBSERVE = purpose_of("observe")
"""Errors of sources."""

PURPOSES: dict[str, int] = {
    "fate": FATE, "leader": LEADER, "wake": WAKE, "displace": DISPLACE, "resettle": RESETTLE, "choice": CHOICE,
    "threshold": THRESHOLD, "oath": OATH, "demonstrate": DEMONSTRATE, "clash": CLASH, "crush": CRUSH, "move": MOVE,
    "split": SPLIT, "observe": OBSERVE,
}  # fmt: skip


@jit
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """One block of Philox4x32-10: counter (c0..c3) and key (k0, k1), all 32-bit, to four 32-bit words."""
    for _ in range(10):
        product0 = 0xD2511F53 * c0
        product1 = 0xCD9E8D57 * c2
        high0 = (product0 >> 32) & _MASK
        high1 = (product1 >> 32) & _MASK
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, product1 & _MASK, high0 ^ c3 ^ k1, product0 & _MASK
        k0 = (k0 + 0x9E3779B9) & _MASK
        k1 = (k1 + 0xBB67AE85) & _MASK
    return c0, c1, c2, c3


@jit
def uniforms(
    key0: float, key1: float, entity: int, month: int, purpose: int, index: int
) -> tuple[float, float, float, float]:
    """Four uniform numbers in (0, 1) at an address.

    Parameters
    ----------
    key0, key1
        Halves of the run seed (whole numbers held as floats).
    entity, month, purpose, index
        The address; each is used modulo 2**32.
    """
    w0, w1, w2, w3 = philox(
        int(entity) & _MASK,
        int(month) & _MASK,
        int(purpose) & _MASK,
        int(index) & _MASK,
        int(key0),
        int(key1),
    )
    return (w0 + 0.5) * _SCALE, (w1 + 0.5) * _SCALE, (w2 + 0.5) * _SCALE, (w3 + 0.5) * _SCALE


@jit_apart
def uniform(key0: float, key1: float, entity: int, month: int, purpose: int, index: int) -> float:
    """The first lane of :func:`uniforms`."""
    return uniforms(key0, key1, entity, month, purpose, index)[0]


@jit_apart
def normal(u: float, v: float) -> float:
    """A standard normal number from two uniform ones (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(u)) * math.cos(_TWO_PI * v)


@jit_apart
def child_entity(parent: int, ordinal: int) -> int:
    """The entity of a faction's n-th splinter: of its parent's and the ordinal, so that no other is renumbered."""
    return philox(int(ordinal) & _MASK, 0x6368696C, 0, 0, int(parent) & _MASK, 0)[0]


@jit_apart
def pair_index(first: int, second: int) -> int:
    """A 32-bit index of an ordered pair of entities."""
    return philox(int(first) & _MASK, int(second) & _MASK, 0x70616972, 0, 0, 0)[0]
