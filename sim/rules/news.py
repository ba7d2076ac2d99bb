"""Phase 1, news: dated events, then leaders lost in the month.

An event is a row of ``E``; one function a kind or family of kinds. An event that touches several factions or
regions is several rows. Sizes are in the units of ``sim.scenario.events``.
"""

from __future__ import annotations

from sim import draws
from sim import state as s
from sim.jit import jit, jit_apart
from sim.rules.common import clamp, grain, lose_fighters, safe_exp, side_of
from sim.state import FloatArray, IntArray


@jit_apart
def patron_news(P: FloatArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int) -> None:
    """News of a patron: leader, offers, founding, prestige, truce, promise, core.

    Deaths and revelations are stamped with the month; phase 2 works out what they change. A succession takes
    place only where the seat is vacant, so without strikes from outside (M42) their victims' successors do
    not follow. A prestige shock moves momentum by M36 * its size. A truce costs consistency: size * (1 - part
    won back by jurists) (M58). A territorial collapse moves momentum and leaves the stated part of the core
    (P19).
    """
    kind, t, k = int(E[e, s.E_KIND]), C[s.C_MONTH], int(E[e, s.E_PATRON])
    size = E[e, s.E_SIZE]
    if kind == s.EVENT_LEADER_DIES:
        if size > 0.0:
            P[k, s.P_CONCEALED] = t
        elif E[e, s.E_SIZE2] == 0.0 or A[s.A_M42] > 0.0:
            P[k, s.P_LEADER_LOST] = t
            P[k, s.P_VACANT] = 1.0
    elif kind == s.EVENT_REVEALED:
        P[k, s.P_REVEALED] = t
        P[k, s.P_VACANT] = 1.0
    elif kind == s.EVENT_SUCCESSION and P[k, s.P_VACANT] > 0.0:
        P[k, s.P_RECOGNITION] = size
        P[k, s.P_VACANT] = 0.0
    elif kind == s.EVENT_OFFERS_OPEN:
        P[k, s.P_OFFERS_FROM] = t
        P[k, s.P_NEWS] = t
    elif kind == s.EVENT_PRESTIGE:
        P[k, s.P_MOMENTUM] = clamp(P[k, s.P_MOMENTUM] + A[s.A_M36] * size)
    elif kind == s.EVENT_TERRITORIAL_COLLAPSE:
        P[k, s.P_MOMENTUM] = clamp(P[k, s.P_MOMENTUM] + size)
        P[k, s.P_CORE_STATE] = E[e, s.E_SIZE2]
        P[k, s.P_NEWS] = t
    elif kind == s.EVENT_TRUCE:
        cost = A[s.A_M58] * size * (1.0 - E[e, s.E_SIZE2])
        P[k, s.P_CONSISTENCY] = clamp(P[k, s.P_CONSISTENCY] - cost)
    elif kind == s.EVENT_TALKS:
        C[s.C_TALKS_PATRON] = k
        C[s.C_TALKS_UNTIL] = t + E[e, s.E_MONTHS]
    elif kind == s.EVENT_PROMISE:
        P[k, s.P_PROMISE] = size
    elif kind == s.EVENT_TRANSFER:
        P[k, s.P_TRANSFER] = size
    elif kind == s.EVENT_CORE_DECLINE:
        P[k, s.P_TRANSFER_DECAY] = size
    elif kind == s.EVENT_CORE_PRESSURE:
        P[k, s.P_CORE_PRESSURE] = size
    elif kind == s.EVENT_SUPPORT:
        P[k, s.P_SUPPORT_LEVEL] = size
    elif kind == s.EVENT_POSTURE:
        P[k, s.P_DEMAND] = size
    elif kind == s.EVENT_GOAL:
        P[k, s.P_GOAL] = size


@jit_apart
def found(P: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int) -> None:
    """A branch is founded: three streams meet (M50), offers are answered from now on.

    core there = M50 * (envoys from the centre + men recruited + foreigners resettled); without M50 only the
    envoys come.
    """
    k, r = int(E[e, s.E_PATRON]), int(E[e, s.E_REGION])
    P[k, s.P_FOUNDED] = C[s.C_MONTH]
    P[k, s.P_NEWS] = C[s.C_MONTH]
    men = grain(E[e, s.E_SIZE] + A[s.A_M50] * (E[e, s.E_SIZE2] + E[e, s.E_SIZE3]))
    H[r, k, s.H_CORE] += men
    P[k, s.P_JOINED] += men


@jit_apart
def refuse_unity(P: FloatArray, W: FloatArray, A: FloatArray, E: FloatArray, e: int) -> None:
    """A refused plea for one flag raises hostility on both sides by ``hostility_plea`` (M54)."""
    k, other = int(E[e, s.E_PATRON]), int(E[e, s.E_OTHER])
    if E[e, s.E_SIZE] > 0.0:
        rise = A[s.A_M54] * A[s.A_HOSTILITY_PLEA]
        W[k, other, s.W_HOSTILITY] = clamp(W[k, other, s.W_HOSTILITY] + rise)
        W[other, k, s.W_HOSTILITY] = clamp(W[other, k, s.W_HOSTILITY] + rise)


@jit_apart
def crack_down(W: FloatArray, E: FloatArray, e: int) -> None:
    """A patron uses ``intensity`` times the usual force against a rival from now on."""
    W[int(E[e, s.E_PATRON]), int(E[e, s.E_OTHER]), s.W_CRACKDOWN] = E[e, s.E_SIZE] - 1.0


@jit_apart
def region_news(
    P: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int
) -> None:  # fmt: skip
    """News of a region: pressure, capacity, peace on offer, grievance, sanctuary, takeover, interest.

    A drawdown takes its capacity over its months (M66); a sanctuary adds instability (M32); attrition sets
    the monthly loss of capacity (M40); repression, a crackdown's too, is felt with a lag (M46).
    """
    kind, t, r = int(E[e, s.E_KIND]), C[s.C_MONTH], int(E[e, s.E_REGION])
    size = E[e, s.E_SIZE]
    if kind == s.EVENT_OPERATION or kind == s.EVENT_PRESSURE:
        G[r, s.G_PRESSURE] = max(G[r, s.G_PRESSURE], size)
        G[r, s.G_PRESSURE_UNTIL] = max(G[r, s.G_PRESSURE_UNTIL], t + E[e, s.E_MONTHS])
    elif kind == s.EVENT_DRAWDOWN:
        G[r, s.G_DRAWDOWN] = A[s.A_M66] * size
        G[r, s.G_DRAWDOWN_STEP] = A[s.A_M66] * size / max(1.0, E[e, s.E_MONTHS])
    elif kind == s.EVENT_SANCTUARY:
        G[r, s.G_INSTABILITY] = clamp(G[r, s.G_INSTABILITY] + A[s.A_M32] * size)
    elif kind == s.EVENT_REPRESSION:
        G[r, s.G_REPRESSION] = clamp(size)
    elif kind == s.EVENT_CRACKDOWN:
        G[r, s.G_REPRESSION] = clamp(G[r, s.G_REPRESSION] + E[e, s.E_SIZE2])
    elif kind == s.EVENT_MINORITY_ABUSE:
        G[r, s.G_MINORITY] = clamp(G[r, s.G_MINORITY] + size)
    elif kind == s.EVENT_PEACE_OFFER:
        G[r, s.G_OFFER] = size
        G[r, s.G_OFFER_UNTIL] = t + E[e, s.E_MONTHS]
    elif kind == s.EVENT_FORCE_ATTRITION:
        G[r, s.G_ATTRITION] = size
    elif kind == s.EVENT_INTEREST:
        H[r, int(E[e, s.E_PATRON]), s.H_INTEREST] = size
    elif kind == s.EVENT_TAKEOVER:
        k = int(E[e, s.E_PATRON])
        G[r, s.G_HOLDER] = k
        G[r, s.G_CAPACITY] = size
        G[r, s.G_ATTRITION] = 0.0
        G[r, s.G_DRAWDOWN] = 0.0
        G[r, s.G_PRESSURE] = 0.0
        G[r, s.G_PRESSURE_BASE] = 0.0
        P[k, s.P_HOLDS_STATE] = 1.0


@jit_apart
def destination(E: FloatArray, e: int, u: float) -> int:
    """A region drawn from an event's destinations by their weights, or -1 where it names none."""
    first, last = int(E[e, s.E_FIRST]), int(E[e, s.E_LAST])
    total = 0.0
    for j in range(first, last):
        total += E[j, s.E_SIZE]
    mark = u * total
    for j in range(first, last):
        mark -= E[j, s.E_SIZE]
        if mark <= 0.0:
            return int(E[j, s.E_REGION])
    return int(E[last - 1, s.E_REGION]) if last > first else -1


@jit_apart
def displace(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int, i: int) -> None:
    """An operation displaces a faction of its region with the stated probability (M51).

    It loses ``displaced_loss`` of its men and ``displaced_chest`` of its funds, and goes to a drawn
    destination.
    """
    t = int(C[s.C_MONTH])
    u, v, _, _ = draws.uniforms(
        C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.DISPLACE, int(E[e, s.E_CODE])
    )
    if u >= A[s.A_M51] * E[e, s.E_SIZE2]:
        return
    F[i, s.F_LEFT] += lose_fighters(F, A, i, A[s.A_DISPLACED_LOSS] * F[i, s.F_FIGHTERS])
    F[i, s.F_WAR_CHEST] *= 1.0 - A[s.A_DISPLACED_CHEST]
    F[i, s.F_LOSSES] += A[s.A_DISPLACED_LOSS]
    I[i, s.I_DISPLACED] = t
    to = destination(E, e, v)
    if to >= 0:
        I[i, s.I_THEATRE] = to


@jit_apart
def resettle(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int) -> None:
    """A patron moves a guest faction to a drawn destination before an operation, without loss (M61)."""
    i = int(E[e, s.E_FACTION])
    if A[s.A_M61] == 0.0 or I[i, s.I_FATE] != s.FATE_ACTIVE:
        return
    t = int(C[s.C_MONTH])
    u = draws.uniform(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.RESETTLE, int(E[e, s.E_CODE]))
    to = destination(E, e, u)
    if to >= 0:
        I[i, s.I_THEATRE] = to
        I[i, s.I_DISPLACED] = t


@jit_apart
def strike(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, E: FloatArray, e: int) -> None:
    """An outside power removes a faction's leader (M42): men are lost with him, the rest is phase 1's leader
    loss.
    """
    i = int(E[e, s.E_FACTION])
    if A[s.A_M42] == 0.0 or I[i, s.I_FATE] != s.FATE_ACTIVE:
        return
    F[i, s.F_KILLED] += lose_fighters(F, A, i, E[e, s.E_SIZE] * F[i, s.F_FIGHTERS])
    F[i, s.F_LOSSES] += E[e, s.E_SIZE]
    lose_leader(F, I, C, A, i)


@jit_apart
def lose_leader(F: FloatArray, I: IntArray, C: FloatArray, A: FloatArray, i: int) -> None:
    """A faction loses its leader: authority falls by ``leader_loss_authority``; quality changes by a
    lognormal factor of log sd ``leader_loss_sd``, whose sign is open (P18: Price, Jordan and Johnston
    differ), kept in [0.5, 2].
    """
    t = int(C[s.C_MONTH])
    u, v, _, _ = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.LEADER, 0)
    F[i, s.F_AUTHORITY] *= 1.0 - A[s.A_LEADER_LOSS_AUTHORITY]
    change = safe_exp(A[s.A_LEADER_LOSS_SD] * draws.normal(u, v))
    F[i, s.F_QUALITY] = min(2.0, max(0.5, F[i, s.F_QUALITY] * change))
    I[i, s.I_LEADER_LOST] = t


@jit_apart
def faction_succession(F: FloatArray, I: IntArray, C: FloatArray, E: FloatArray, e: int) -> None:
    """A faction names a new leader: recognition among its children starts at the stated share."""
    i = int(E[e, s.E_FACTION])
    if I[i, s.I_FATE] == s.FATE_ACTIVE:
        F[i, s.F_RECOGNITION] = E[e, s.E_SIZE]
        I[i, s.I_LEADER_LOST] = int(C[s.C_MONTH])


@jit_apart
def release(P: FloatArray, H: FloatArray, E: FloatArray, e: int) -> None:
    """Prisoners of a patron go free and join its core; never more than are held (P21)."""
    k, r = int(E[e, s.E_PATRON]), int(E[e, s.E_REGION])
    men = grain(min(P[k, s.P_CAPTURED], E[e, s.E_SIZE]))
    P[k, s.P_CAPTURED] = grain(P[k, s.P_CAPTURED] - men)
    H[r, k, s.H_CORE] += men
    P[k, s.P_JOINED] += men


@jit_apart
def run_news(C: FloatArray, E: FloatArray, e: int) -> None:
    """News of the run as a whole: help for the third pole; a pool of fighters abroad (M31, M76)."""
    if int(E[e, s.E_KIND]) == s.EVENT_THIRD_HELP:
        C[s.C_THIRD_HELP] = E[e, s.E_SIZE]
    else:
        C[s.C_ABROAD_POOL] = E[e, s.E_SIZE]
        C[s.C_ABROAD_PATRON] = E[e, s.E_PATRON]
        C[s.C_ABROAD_PERMITTED] = E[e, s.E_SIZE2]
        C[s.C_ABROAD_RATE] = E[e, s.E_SIZE3]
        C[s.C_ABROAD_UNTIL] = C[s.C_MONTH] + E[e, s.E_MONTHS]
        C[s.C_ABROAD_EVENT] = e


@jit_apart
def next_news(E: FloatArray, month: float) -> float:
    """The first month from a given one on that has an event, or ``NEVER``."""
    soonest = float(s.NEVER)
    for e in range(E.shape[0]):
        if E[e, s.E_MONTH] >= month:
            soonest = min(soonest, E[e, s.E_MONTH])
    return soonest


@jit_apart
def apply_events(
    F: FloatArray, I: IntArray, P: FloatArray, W: FloatArray, G: FloatArray, H: FloatArray, C: FloatArray,
    A: FloatArray, E: FloatArray,
) -> None:  # fmt: skip
    """Apply all events of the month, in the order of the file."""
    t = C[s.C_MONTH]
    for e in range(E.shape[0]):
        if E[e, s.E_MONTH] != t:
            continue
        C[s.C_MOVED] = 1.0
        kind = int(E[e, s.E_KIND])
        if kind == s.EVENT_FOUNDED:
            found(P, H, C, A, E, e)
        elif kind == s.EVENT_UNITY_PLEA:
            refuse_unity(P, W, A, E, e)
        elif kind == s.EVENT_RESETTLEMENT:
            resettle(F, I, C, A, E, e)
        elif kind == s.EVENT_STRIKE:
            strike(F, I, C, A, E, e)
        elif kind == s.EVENT_FACTION_SUCCESSION:
            faction_succession(F, I, C, E, e)
        elif kind == s.EVENT_RELEASE:
            release(P, H, E, e)
        elif kind == s.EVENT_THIRD_HELP or kind == s.EVENT_RETURNEES:
            run_news(C, E, e)
        elif E[e, s.E_REGION] >= 0.0 and kind != s.EVENT_DESTINATION:
            if kind == s.EVENT_CRACKDOWN:
                crack_down(W, E, e)
            region_news(P, G, H, C, A, E, e)
            if kind == s.EVENT_OPERATION:
                for i in range(int(C[s.C_ROWS])):
                    if (
                        I[i, s.I_FATE] == s.FATE_ACTIVE
                        and I[i, s.I_THEATRE] == E[e, s.E_REGION]
                        and I[i, s.I_DISPLACED] != int(t)
                    ):
                        displace(F, I, C, A, E, e, i)
        elif E[e, s.E_PATRON] >= 0.0 and kind != s.EVENT_DESTINATION:
            patron_news(P, C, A, E, e)


@jit
def notice(
    F: FloatArray, I: IntArray, P: FloatArray, G: FloatArray, C: FloatArray, A: FloatArray, i: int
) -> None:
    """A faction's month begins: it may come into being, lose its leader by chance, or wake for no reason.

    P(leader lost) = leader_loss_hazard * (0.3 + 2 * state pressure on its theatre); P(awake) = wake_base. A
    faction on the side of the holder feels no state pressure.
    """
    t = int(C[s.C_MONTH])
    I[i, s.I_WAKE] = 0
    I[i, s.I_CHOICE] = -1
    if I[i, s.I_FATE] == s.FATE_WAITING:
        if I[i, s.I_ACTIVE_FROM] > t:
            return
        I[i, s.I_FATE] = s.FATE_ACTIVE
        C[s.C_MOVED] = 1.0
    if I[i, s.I_FATE] != s.FATE_ACTIVE:
        return
    leader, split, _, wake = draws.uniforms(C[s.C_KEY0], C[s.C_KEY1], I[i, s.I_ENTITY], t, draws.FATE, 0)
    F[i, s.F_SPLIT_DRAW] = split
    r = I[i, s.I_THEATRE]
    pressure = G[r, s.G_PRESSURE]
    if G[r, s.G_HOLDER] >= 0.0 and G[r, s.G_HOLDER] == side_of(I, i, P.shape[0]):
        pressure = 0.0
    if leader < A[s.A_LEADER_LOSS_HAZARD] * (0.3 + 2.0 * pressure):
        lose_leader(F, I, C, A, i)
    if wake < A[s.A_WAKE_BASE]:
        I[i, s.I_WAKE] = s.WAKE_BASE
