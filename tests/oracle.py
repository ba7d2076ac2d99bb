"""Appraisal, choice and oaths once more, in plain Python, from ``docs/odd.md`` sections 7.0 and 7.5 to 7.7.

Both drivers share one set of rules, so that they agree proves the loop and not the rules. This module shares
no line with them: it works on rows of named numbers and knows neither arrays nor their columns.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any

__all__ = ["TERMS", "Row", "State", "answer", "appraise", "choose", "pledge", "reweigh"]

WORD = 2**32
UNAVAILABLE = -1e30
TERMS = (
    "embed", "ideology", "resource", "recruits", "legitimacy", "novelty", "power", "tie", "local",
    "punishment", "autonomy", "succession", "latent", "bond", "retain", "survival", "adapt", "niche",
    "permission", "exit", "constant",
)  # fmt: skip
LEFT_OUT = {
    "ideology_led": ("resource", "recruits", "power", "local", "niche", "permission"),
    "patronage_led": ("ideology", "legitimacy", "novelty"),
}
"""Terms that a rule sets to 0."""


class Row:
    """Named numbers."""

    def __init__(self, numbers: dict[str, Any]) -> None:
        self.__dict__.update(numbers)


class State:
    """All that phases 5 to 7 read and write, by the names of the model description."""

    faction: list[Row]
    patron: list[Row]
    region: list[Row]
    toward: list[list[Row]]
    """Faction toward patron."""
    between: list[list[Row]]
    """Pole toward pole; the last is the third pole."""
    ground: list[list[Row]]
    """Pole in region; the last pole is the third."""
    run: Row
    weight: Row
    on: Row
    """Switches, ``on.M08``."""
    rule: str
    centre: list[dict[str, float]]
    """By option and name of the term."""
    ties: dict[int, list[tuple[int, float]]]
    """By row: peers in alphabetical order of their ids, and weights."""
    seed: int
    month: int

    @property
    def poles(self) -> int:
        """Number of patrons, which is also the number of the third pole."""
        return len(self.patron)


# draws


def block(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """One block of Philox4x32-10."""
    c0, c1, c2, c3 = (word % WORD for word in counter)
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 % WORD, (p0 >> 32) ^ c3 ^ k1, p0 % WORD
        k0, k1 = (k0 + 0x9E3779B9) % WORD, (k1 + 0xBB67AE85) % WORD
    return c0, c1, c2, c3


def word_of(text: str) -> int:
    """The word of a name."""
    return int.from_bytes(hashlib.blake2s(text.encode(), digest_size=4).digest(), "little")


def lanes(seed: int, entity: int, month: int, purpose: str, index: int) -> list[float]:
    """The four numbers at an address."""
    key = seed % WORD, seed // WORD
    return [(word + 0.5) / WORD for word in block((entity, month, word_of(f"purpose:{purpose}"), index), key)]


def normal(u: float, v: float) -> float:
    """A standard normal number."""
    return math.sqrt(-2 * math.log(u)) * math.cos(2 * math.pi * v)


def entity_of_splinter(parent: int, ordinal: int) -> int:
    """The word of a splinter."""
    return block((ordinal, 0x6368696C, 0, 0), (parent, 0))[0]


def entity_of_pair(first: int, second: int) -> int:
    """The word of two poles."""
    return block((first, second, 0x70616972, 0), (0, 0))[0]


# arithmetic


def clamp(x: float) -> float:
    """Held between 0 and 1."""
    return min(1.0, max(0.0, x))


def grain(x: float) -> float:
    """Rounded to 2^-20."""
    return math.floor(x * 2**20 + 0.5) / 2**20


def safe_exp(x: float) -> float:
    """Exponential that cannot overflow."""
    return math.exp(min(50.0, max(-50.0, x)))


# options


def patron_of(option: int, poles: int) -> int:
    """The patron of an option, -1 for independence and exit."""
    return option if option < poles else option - poles if option < 2 * poles else -1


def in_being(faction: Row) -> bool:
    """Whether a faction acts."""
    return bool(faction.fate == "active")


def exists(w: State, i: int, option: int) -> bool:
    """Whether a faction can choose an option."""
    f, K = w.faction[i], w.poles
    if option == f.allegiance or option == 2 * K:
        return True
    if option == 2 * K + 1:
        return bool(w.region[f.theatre].offer > 0)
    return bool(w.patron[patron_of(option, K)].offers_from <= w.month)


# features of the appraisal


def distance(w: State, i: int, k: int) -> float:
    """Distance of doctrine and aim."""
    f, p = w.faction[i], w.patron[k]
    return 0.6 * abs(f.salafism - p.salafism) + w.on.M33 * 0.4 * abs(f.globalism - p.globalism)


def resource(w: State, i: int, k: int) -> float:
    """What a patron promises, saturating, times need."""
    f, p = w.faction[i], w.patron[k]
    need = (1 - 0.5 * f.relevance) / (1 + f.war_chest / 3)
    promised = p.transfer * p.core_state * (1 + w.on.M35 * w.weight.effort_pressure * p.core_pressure)
    promised += p.support
    more = max(0.0, max(other.backing - p.backing for other in w.patron))
    x = promised * (1 - w.on.M45 * w.weight.neglect * (1 - w.ground[f.theatre][k].interest))
    x *= 1 + w.on.M23 * (p.effort - 0.5)
    x *= 1 - w.on.M68 * w.weight.comparison * more
    return w.on.M06 * x / (1 + x) * need


def force_share(w: State, k: int, r: int) -> float:
    """Share of a pole in the force of a region."""
    total = 0.0
    for pole in w.ground[r]:
        total += pole.force
    return w.ground[r][k].force / (total + 1)


def balance(w: State, share: float) -> float:
    """Worth of a share of force: rises to the turning share, falls after it."""
    turn = w.weight.turning_share
    if share <= turn:
        return share / max(turn, 1e-6)
    return 1 - 2 * (share - turn) / max(1 - turn, 1e-6)


def effective(w: State, source: int, target: int) -> float:
    """Hostility as acted upon."""
    row = w.between[source][target]
    if source == w.poles or target == w.poles:
        return float(row.hostility)
    relief = 1 - w.on.M63 * w.weight.convergence_relief * row.convergence
    return row.hostility * relief * (1 - w.on.M64 * w.weight.outward_relief * w.patron[target].goal)


def fear(w: State, i: int, q: int) -> float:
    """Punishment expected for standing with a pole."""
    f, K = w.faction[i], w.poles
    total = 0.0
    for rival in range(K):
        if rival == q:
            continue
        p = w.patron[rival]
        if q == K:
            hostility = max(effective(w, rival, K), w.weight.hostility_third * p.incumbent)
        else:
            hostility = min(
                1.0, effective(w, rival, q) + w.on.M07 * w.weight.hostility_defection * p.incumbent
            )
        total += hostility * max(w.ground[f.theatre][rival].reach, force_share(w, rival, f.theatre))
    sight = f.visibility * f.fighters / (f.fighters + 150)
    return w.on.M08 * sight * total


def ties_of(w: State, i: int) -> list[tuple[int, float]]:
    """Peers and weights."""
    return w.ties.get(w.faction[i].ties, [])


def converts(w: State, i: int, k: int) -> float:
    """Weighted share of peers that came over to a patron of late."""
    above = below = 0.0
    for j, weight in ties_of(w, i):
        peer = w.faction[j]
        below += weight
        if peer.switched >= 0 and w.month - peer.switched <= 6:
            if peer.allegiance == k:
                above += weight
            elif peer.allegiance == w.poles + k:
                above += 0.5 * weight
    return above / below if below > 0 else 0.0


def tie(w: State, i: int, k: int) -> float:
    """Peers, and veterans of the war in Syria."""
    p = w.patron[k]
    value = converts(w, i, k) if w.on.M37 > 0 else 0.0
    if p.globalism > 0.5:
        value += w.on.M36 * w.faction[i].veterans * p.momentum
    return value


def passed_over(w: State, i: int, k: int) -> float:
    """Grievance of one passed over, by the patron or by the parent under it."""
    f = w.faction[i]
    value = float(w.toward[i][k].succession)
    if f.parent >= 0 and patron_of(w.faction[f.parent].allegiance, w.poles) == k:
        value += w.weight.parent_weight * f.parent_grievance
    return value


def latent(w: State, i: int, k: int) -> float:
    """Old resentment, once another patron is in reach."""
    for other, p in enumerate(w.patron):
        if other != k and (p.offers_from <= w.month or p.founded <= w.month):
            return w.on.M04 * w.toward[i][k].latent
    return 0.0


def breaking(w: State, i: int, option: int) -> float:
    """Bond broken by a move."""
    f, K = w.faction[i], w.poles
    held, bond = f.allegiance, f.bond_person + f.bond_office
    if option == held:
        return 0.0
    if held < K and option == held + K:
        return 0.5 * bond
    if held >= K and option == held - K:
        return 0.0
    return bond


def niche(w: State, i: int, k: int) -> float:
    """A free franchise."""
    p = w.patron[k]
    free = max(0.0, 1 - p.slots_used / max(1.0, p.slots))
    return w.on.M15 * free * w.ground[w.faction[i].theatre][k].interest * (1 - p.incumbent)


def permission(w: State, i: int) -> float:
    """Share of the force that holds the field."""
    total = 0.0
    for rival, p in enumerate(w.patron):
        total += p.incumbent * force_share(w, rival, w.faction[i].theatre)
    return w.on.M05 * total


def weighed(w: State, i: int, k: int) -> dict[str, tuple[float, float, float]]:
    """Of an oath to a patron: weight, feature, and the part of the weight for an ally, by term.

    Bond and constant have features of their own for an ally.
    """
    f, p, b = w.faction[i], w.patron[k], w.weight
    r, e, ally = f.theatre, 1 - p.incumbent, w.weight.ally_share
    embeddedness = w.toward[i][k].embeddedness
    doubt = (p.legitimacy - p.legitimacy_start) * (1 - 0.5 * embeddedness)
    return {
        "embed": (b.b_embed, embeddedness, ally),
        "ideology": (-b.b_ideology, distance(w, i, k), ally),
        "resource": (b.b_resource, resource(w, i, k), ally),
        "recruits": (b.b_recruits, w.on.M13 * p.momentum * (1 - f.relevance), ally),
        "legitimacy": (b.b_legitimacy, doubt, ally),
        "novelty": (b.b_novelty, w.on.M38 * f.youth * p.legitimacy * e, ally),
        "power": (b.b_power, balance(w, force_share(w, k, r)), ally),
        "tie": (b.b_tie, tie(w, i, k), ally),
        "local": (b.b_local, w.ground[r][k].held, ally),
        "punishment": (-b.b_punish, fear(w, i, k), b.ally_punish),
        "autonomy": (-b.b_autonomy, w.on.M22 * f.autonomy * (1 - p.tolerance), b.ally_autonomy),
        "succession": (-b.b_succession / 3, passed_over(w, i, k), ally),
        "latent": (-b.b_grievance, latent(w, i, k), ally),
        "bond": (-b.b_switch, breaking(w, i, k), 1.0),
        "retain": (b.b_retain, w.on.M62 * 12 * f.leak * p.globalism, ally),
        "survival": (b.b_survival, w.on.M01 * (1 - f.relevance), ally),
        "adapt": (b.b_adapt, w.on.M17 * (1 - f.adaptability) * p.momentum * e, ally),
        "niche": (b.b_niche, niche(w, i, k), 0.0),
        "constant": (1.0, p.constant, 1.0),
    }


def terms_alone(w: State, i: int) -> dict[str, float]:
    """Terms of independence."""
    f, b = w.faction[i], w.weight
    left = patron_of(f.allegiance, w.poles) >= 0 or f.left_patron >= 0
    return {
        "ideology": -b.b_ideology * b.independence_distance,
        "punishment": -b.b_punish * (fear(w, i, w.poles) if left else 0.0),
        "bond": -b.b_switch * breaking(w, i, 2 * w.poles),
        "permission": -b.b_permission * permission(w, i),
        "constant": b.c_independent,
    }


def terms_of_exit(w: State, i: int) -> dict[str, float]:
    """Terms of peace."""
    f, b = w.faction[i], w.weight
    return {
        "bond": -b.b_switch * breaking(w, i, 2 * w.poles + 1),
        "exit": b.b_exit * (w.region[f.theatre].offer * (1 - f.globalism) * f.local_roots),
        "constant": b.c_exit,
    }


def appraise(w: State, i: int) -> tuple[list[dict[str, float]], list[float]]:
    """Phase 5 of a faction: terms and utilities, by option."""
    K = w.poles
    options: list[dict[str, float]] = [dict.fromkeys(TERMS, 0.0) for _ in range(2 * K + 2)]
    for k in range(K):
        for name, (weight, feature, part) in weighed(w, i, k).items():
            options[k][name] = weight * (feature - w.centre[k][name])
            if name == "bond":
                feature = breaking(w, i, K + k)
            elif name == "constant":
                feature = w.weight.ally_share * feature + w.weight.c_ally
            options[K + k][name] = part * weight * (feature - w.centre[K + k][name])
    options[2 * K].update(terms_alone(w, i))
    options[2 * K + 1].update(terms_of_exit(w, i))
    utilities = []
    for option, terms in enumerate(options):
        for name in LEFT_OUT.get(w.rule, ()):
            terms[name] = 0.0
        total = 0.0
        for name in TERMS:
            total += terms[name]
        utilities.append(total if exists(w, i, option) else UNAVAILABLE)
    held = w.faction[i].allegiance
    if held < K:
        w.faction[i].punishment = fear(w, i, held)
    return options, utilities


# choice


def threshold_share(w: State, i: int, option: int) -> float:
    """Share of others that a faction of the threshold rule sees at an option."""
    K = w.poles
    if option == 2 * K:
        return float(w.run.share_independent)
    if option == 2 * K + 1:
        return float(w.run.share_exit)
    k = patron_of(option, K)
    share = float(w.patron[k].share)
    if ties_of(w, i):
        above = below = 0.0
        for j, weight in ties_of(w, i):
            if not in_being(w.faction[j]):
                continue
            below += weight
            if w.faction[j].allegiance == k:
                above += weight
            elif w.faction[j].allegiance == K + k:
                above += 0.5 * weight
        share = above / below if below > 0 else 0.0
    return share if option < K else 0.5 * share


def frustration(w: State, i: int, option: int) -> float:
    """Nearness of those with whom an option would bring a faction together."""
    f, K = w.faction[i], w.poles
    if option == 2 * K + 1:
        return 0.0
    weights = dict(ties_of(w, i))
    men = total = 0.0
    for j, peer in enumerate(w.faction):
        if j == i or not in_being(peer):
            continue
        men += peer.fighters
        near = 1 - 2 * (0.6 * abs(f.salafism - peer.salafism) + 0.4 * abs(f.globalism - peer.globalism))
        near += weights.get(j, 0.0)
        if patron_of(peer.allegiance, K) == patron_of(option, K):
            total += grain(near * peer.fighters) * (0.5 if K <= option < 2 * K else 1.0)
    return 12 / (1 + men) * total


def reweigh(w: State, i: int, utilities: list[float]) -> list[float]:
    """Utilities by the rule of decision."""
    f = w.faction[i]
    found = list(utilities)
    for option, value in enumerate(utilities):
        if value == UNAVAILABLE:
            continue
        if w.rule == "threshold":
            seen = 12 * (threshold_share(w, i, option) - f.threshold)
            found[option] = 0.0 if option == f.allegiance else seen
        elif w.rule == "landscape":
            found[option] = frustration(w, i, option)
    return found


def odds(w: State, i: int, utilities: list[float]) -> list[float]:
    """Probabilities of the options."""
    there = [value > -5e29 for value in utilities]
    if w.rule == "random":
        return [1 / sum(there) if here else 0.0 for here in there]
    best, held = max(utilities), w.faction[i].allegiance
    if w.weight.theta > 0 and best - utilities[held] <= w.weight.theta:
        return [float(option == held) for option in range(len(utilities))]
    raw = [
        safe_exp(w.weight.rationality * (value - best)) if here else 0.0
        for value, here in zip(utilities, there, strict=True)
    ]
    total = 0.0
    for value in raw:
        total += value
    return [value / total for value in raw]


def drawn(found: list[float], u: float) -> int:
    """The option at which the summed probabilities pass a draw."""
    total = 0.0
    for value in found:
        total += value
    reached = 0.0
    for option, value in enumerate(found):
        reached += value
        if value > 0 and reached > u * total:
            return option
    return max(option for option, value in enumerate(found) if value > 0)


def choose(w: State, i: int, utilities: list[float]) -> list[float]:
    """Phase 6 of a faction, on utilities by its rule; writes the choice and gives the probabilities."""
    f = w.faction[i]
    found = odds(w, i, utilities)
    f.choice = drawn(found, lanes(w.seed, f.entity, w.month, "choice", 0)[0])
    f.appraised = w.month
    return found


# oaths


def leave(w: State, i: int, old: int) -> None:
    """A faction leaves whoever it stood with."""
    f = w.faction[i]
    if old >= 0:
        w.patron[old].defectors += 1
        f.left_patron, f.left_month = old, w.month
    f.bond_person = f.bond_office = 0.0
    f.offer_month = f.answer_month = -1


def retaliation(w: State, u: float) -> int:
    """Months from visibility to retaliation."""
    return math.floor(u * (2 * w.weight.retaliation_lag + 1))


def offer(w: State, i: int) -> None:
    """A faction offers its oath."""
    f, b = w.faction[i], w.weight
    u0, u1, u2, _ = lanes(w.seed, f.entity, w.month, "oath", 0)
    f.offer_month = w.month
    f.answer_month = w.month + math.floor(b.accept_lag_min + u0 * (b.accept_lag_max - b.accept_lag_min + 1))
    f.oath = "offered"
    f.visible_from = w.month + math.floor(u1 * (b.visible_lag + 1))
    f.lag = retaliation(w, u2)
    w.run.offers += 1


def pledge(w: State, i: int) -> None:
    """First part of phase 7 of a faction."""
    f, K, t = w.faction[i], w.poles, w.month
    if f.choice == -1 or f.choice == f.allegiance:
        return
    k, old = patron_of(f.choice, K), patron_of(f.allegiance, K)
    if k != old or k < 0:
        leave(w, i, old)
    f.allegiance, f.oath, f.switched = f.choice, "none", t
    w.run.switches += 1
    w.run.last_switch = t
    if f.choice == 2 * K + 1:
        f.fate = "reconciled"
    elif f.choice == 2 * K:
        f.visible_from = t
        if old >= 0 and f.walked_out == -1:
            f.walked_out = t
        f.lag = retaliation(w, lanes(w.seed, f.entity, t, "oath", 0)[2])
    elif f.choice < K:
        w.patron[k].switches += 1
        offer(w, i)
        f.bond_office = max(f.bond_office, w.weight.bond_declared)
    else:
        f.visible_from = t + math.trunc(w.weight.visible_lag)
        f.bond_person = f.bond_office = 0.0
    if k >= 0 and k == w.run.focus and patron_of(f.start_allegiance, K) != k:
        if f.first_support == -1:
            f.first_support = t
        if f.choice < K and f.first_oath == -1:
            f.first_oath = t


def full(w: State, k: int) -> bool:
    """Whether a patron has no franchise left."""
    return bool(w.on.M15 > 0 and w.patron[k].slots_used >= w.patron[k].slots)


def acceptance(w: State, i: int, k: int) -> float:
    """Probability that a patron accepts."""
    f, p, b = w.faction[i], w.patron[k], w.weight
    if full(w, k) or int(f.declined_by) // 2**k % 2 == 1:
        return 0.0
    q = math.log(max(f.fighters, 1.0) / max(b.useful_size, 1.0))
    useful = safe_exp(-(q**2) / 4.5)
    doctrine = 1 - abs(f.salafism - p.salafism)
    fit = 1.5 * (1 - w.on.M45 * (1 - w.ground[f.theatre][k].interest)) * (0.4 + 0.6 * useful)
    fit *= 0.5 + 0.5 * doctrine
    fit *= 1 + w.on.M16 * (f.local_roots - 0.5)
    outer = b.accept_periphery
    wanted = outer + (b.accept_insider - outer) * min(1.0, fit)
    return clamp(wanted * p.acceptance * (1 + w.on.M23 * (p.effort - 0.5)))


def gain(f: Row, n: float, local: float) -> float:
    """Men join a faction."""
    a = grain(max(0.0, n))
    if a > 0:
        after = grain(f.fighters + a)
        f.local_share = clamp((f.fighters * f.local_share + a * local) / after)
        f.green = clamp((f.fighters * f.green + a) / after)
        f.fighters = after
    return a


def accepted(w: State, i: int, k: int) -> None:
    """An oath is recognised, and a rooted commander brings his men."""
    f, p, b = w.faction[i], w.patron[k], w.weight
    f.oath = "sworn"
    f.bond_office = max(f.bond_office, b.bond_new * p.institution)
    f.bond_person = b.bond_new * (1 - p.institution)
    w.run.acceptances += 1
    if k == w.run.focus and patron_of(f.start_allegiance, w.poles) != k and f.first_accept == -1:
        f.first_accept = w.month
    region = w.region[f.theatre]
    men = w.on.M69 * b.burst * f.local_roots * f.authority * f.fighters
    a = gain(f, min(men, 0.1 * region.pool), 1.0)
    f.recruited += a
    region.taken += a


def answer(w: State, i: int) -> None:
    """Second part of phase 7 of a faction."""
    f, K, t = w.faction[i], w.poles, w.month
    k = f.allegiance
    if k >= K or w.patron[k].founded > t:
        return
    if f.oath == "offered" and f.answer_month <= t:
        if lanes(w.seed, f.entity, t, "oath", 1)[0] < acceptance(w, i, k):
            accepted(w, i, k)
        else:
            f.oath = "refused" if full(w, k) else "self_declared"
        f.answered, f.answer_month = t, -1
    elif f.oath == "self_declared" and lanes(w.seed, f.entity, t, "oath", 2)[0] < w.weight.reoffer:
        f.oath, f.offer_month = "offered", t
        f.answer_month = t + math.trunc(w.weight.accept_lag_min)
        w.run.offers += 1
