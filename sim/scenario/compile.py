"""From a scenario to the arrays of one run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import entity_of
from sim.scenario.compile_events import compile_events
from sim.scenario.dated import staged_scenarios
from sim.scenario.dates import resolve_dates
from sim.scenario.quantities import Quantity, month_index
from sim.scenario.schema import DECISION_RULES, Centres, Faction, Patron, Region, Scenario
from sim.scenario.slots import Joint, Slot, Slots, decay, same
from sim.state import FloatArray, IntArray

__all__ = ["Compiled", "Stage", "compile_scenario"]

FALLS = ("constant", "linear", "saturating")
OFF_BY_DEFAULT = ("M53", "M73")
THIRD_REACH = 0.5
"""Share of its men that the third pole can use where it stands (judgement: on home ground, without depth)."""
SUPPORT_UNKNOWN = 0.2
"""Support where a scenario states none."""


@dataclass(frozen=True, eq=False)
class Stage:
    """The scenario from a month on, where ``changes`` says so."""

    month: int
    """Months after the first one of the run."""
    compiled: Compiled
    """The scenario with all values that hold by then; of its state only :attr:`jumps` count."""
    jumps: tuple[tuple[str, tuple[int, ...]], ...]
    """Places in the state that take the value of the stage's arrays when the month begins."""
    paths: frozenset[str]
    """Dotted paths that are no longer what the scenario says at its start."""

    def sets(self, path: str) -> bool:
        """Whether a number is among what was changed: by its own path, or with an event or mapping as a whole."""
        return any(f"{path}.".startswith(f"{one.removesuffix('.value')}.") for one in self.paths)


@dataclass(frozen=True, eq=False)
class Compiled:
    """A scenario as arrays; see :mod:`sim.state` for their columns.

    The arrays are the state before the first month and are never written to: a run copies them.
    """

    scenario: Scenario
    start: int
    """Month index of the first month (:func:`sim.scenario.quantities.month_index`)."""
    months: int
    patrons: tuple[str, ...]
    factions: tuple[str, ...]
    regions: tuple[str, ...]
    events: tuple[str, ...]
    areas: tuple[str, ...]
    """All areas, in order."""
    countries: tuple[str, ...]
    arrays: dict[str, Any] = field(repr=False)
    """F, I, X, P, W, G, H, C, A, E (state and parameters), CEN (centres), TP, TI, TW (ties), NP, NI (neighbours),
    D (borders between regions)."""
    levers: dict[str, Slot] = field(repr=False)
    """Where each number stands, by dotted path."""
    joints: tuple[Joint, ...] = field(repr=False)
    """Places that follow from several numbers."""
    stages: tuple[Stage, ...] = field(default=(), repr=False)
    """What holds from later months on, in order."""

    @property
    def groups(self) -> tuple[str, ...]:
        """Ethnic groups, in order."""
        return self.scenario.groups

    @property
    def options(self) -> tuple[str, ...]:
        """Names of the options, in order."""
        return (*self.patrons, *(f"ally({name})" for name in self.patrons), "independent", "exit")


def compile_scenario(scenario: Scenario, spare_rows: int | None = None) -> Compiled:
    """Compile a checked scenario.

    Parameters
    ----------
    scenario
        The scenario.
    spare_rows
        Rows kept for splinters; by default 160, or half as many as there are factions if that is more.

    Returns
    -------
    Compiled
        Arrays of shape (factions + spare rows, ...) and so on.
    """
    patrons, factions, regions = tuple(scenario.patrons), tuple(scenario.factions), tuple(scenario.regions)
    spare = max(160, len(factions) // 2) if spare_rows is None else spare_rows
    start = month_index(scenario.period.start)
    months = month_index(scenario.period.end) - start + 1
    rows, poles, options = len(factions) + spare, len(patrons) + 1, 2 * len(patrons) + 2
    countries = tuple(dict.fromkeys(region.country for region in scenario.regions.values()))
    arrays: dict[str, Any] = {
        "F": np.zeros((rows, s.F_WIDTH)),
        "I": np.zeros((rows, s.I_WIDTH), dtype=np.int64),
        "X": np.zeros((rows, len(patrons), s.X_WIDTH)),
        "P": np.zeros((len(patrons), s.P_WIDTH)),
        "W": np.zeros((poles, poles, s.W_WIDTH)),
        "G": np.zeros((len(regions), s.G_WIDTH)),
        "H": np.zeros((len(regions), poles, s.H_WIDTH)),
        "C": np.zeros(s.C_WIDTH),
        "A": np.zeros(s.A_WIDTH),
        "CEN": np.zeros((options, s.T_WIDTH)),
    }
    slots = Slots(arrays)
    _parameters(slots, scenario)
    for r, (name, region) in enumerate(scenario.regions.items()):
        _region(slots, r, name, region, scenario, countries)
    for k, (name, patron) in enumerate(scenario.patrons.items()):
        _patron(slots, k, name, patron, scenario, regions)
    for i, (name, faction) in enumerate(scenario.factions.items()):
        _faction(slots, i, name, faction, scenario, start)
    _ties(slots, scenario, factions)
    arrays["NP"], arrays["NI"], arrays["D"] = _geography(scenario, regions)
    arrays["E"] = compile_events(slots, scenario, resolve_dates(scenario), start)
    _control(arrays, scenario, patrons, len(factions))
    _centres(slots, scenario, patrons)
    compiled = Compiled(
        scenario, start, months, patrons, factions, regions, tuple(scenario.events), tuple(scenario.areas),
        countries, arrays,
        slots.table(), tuple(slots.joints),
    )  # fmt: skip
    return replace(compiled, stages=_stages(compiled, spare)) if scenario.changes else compiled


_STATE = ("F", "I", "X", "P", "W", "G", "H")
_OPENED = (s.P_OFFERS_FROM, s.P_FOUNDED)
"""Columns of a patron that only events set once the run is under way."""


def _stages(compiled: Compiled, spare_rows: int) -> tuple[Stage, ...]:
    """The stretches of a scenario with dated changes; places that differ from the stretch before jump."""
    stages: list[Stage] = []
    before = compiled
    for month, paths, scenario in staged_scenarios(compiled.scenario):
        after = compile_scenario(scenario, spare_rows)
        jumps = [
            (name, tuple(int(part) for part in place))
            for name in _STATE
            for place in np.argwhere(after.arrays[name] != before.arrays[name])
            if not (name == "P" and place[1] in _OPENED)
        ]
        stages.append(Stage(month_index(month) - compiled.start, after, tuple(jumps), paths))
        before = after
    return tuple(stages)


def _parameters(slots: Slots, scenario: Scenario) -> None:
    for j, name in enumerate(type(scenario.weights).model_fields):
        quantity: Quantity = getattr(scenario.weights, name)
        slots.put(
            f"weights.{name}",
            quantity.value,
            "A",
            j,
            transform=decay if name.endswith("_half_life") else same,
        )
    decision = scenario.decision
    slots.put("decision.rule", decision.rule, "A", s.A_RULE, unit="choice", transform=DECISION_RULES.index)
    for name in ("rationality", "theta", "threshold_mean", "threshold_sd"):
        slots.put(f"decision.{name}", getattr(decision, name).value, "A", getattr(s, f"A_{name.upper()}"))
    structure = scenario.structure
    slots.put(
        "structure.legitimacy_fall",
        structure.legitimacy_fall,
        "A",
        s.A_FALL_MODE,
        unit="choice",
        transform=FALLS.index,
    )
    slots.put("structure.concealment_erosion", structure.concealment_erosion, "A", s.A_EROSION, unit="switch")
    for name in (
        "strength_sd",
        "attack_rate",
        "attack_sd",
        "foreign_bias",
        "claim_factor",
        "denial",
        "threat_inflation",
    ):
        slots.put(
            f"observation.{name}",
            getattr(scenario.observation, name).value,
            "A",
            getattr(s, f"A_OBS_{name.upper()}"),
        )
    for name, source in scenario.observation.sources.items():
        # Sources report after the run, from its outcomes.
        slots.note(f"observation.sources.{name}.attacks", source.attacks.value)
        slots.note(f"observation.sources.{name}.strength", source.strength.value)
    for number in range(1, 81):
        name = f"M{number:02d}"
        switched = scenario.mechanisms.get(name, name not in OFF_BY_DEFAULT)
        slots.put(f"mechanisms.{name}", switched, "A", s.A_SWITCH + number - 1, unit="switch")


def _mix(
    slots: Slots, path: str, mix: Mapping[str, Quantity], groups: Sequence[str], array: str, *place: int
) -> None:
    row, first = place
    for j, group in enumerate(groups):
        share = mix[group].value if group in mix else float(not mix and j == 0)
        slots.put(f"{path}.{group}", share, array, row, first + j)


def _region(
    slots: Slots, r: int, name: str, region: Region, scenario: Scenario, countries: tuple[str, ...]
) -> None:
    path, G, patrons = f"regions.{name}", slots.arrays["G"], tuple(scenario.patrons)
    G[r, s.G_COUNTRY] = countries.index(region.country)
    G[r, s.G_AREA] = list(scenario.areas).index(region.area)
    G[r, s.G_HOLDER] = patrons.index(region.holder) if region.holder in patrons else -1
    G[r, s.G_ENTITY] = entity_of("region", name)
    counted = scenario.areas[region.area]
    for kind, flag in (
        ("abroad", s.G_ABROAD), ("north", s.G_NORTH), ("west", s.G_WEST), ("gathered", s.G_GATHERED),
    ):  # fmt: skip
        G[r, flag] = float(kind in counted)
    G[r, [s.G_PRESSURE_UNTIL, s.G_OFFER_UNTIL]] = -1
    for text, columns in (
        ("state_capacity", (s.G_CAPACITY,)),
        ("pressure", (s.G_PRESSURE, s.G_PRESSURE_BASE)),
        ("offer", (s.G_OFFER,)),
        ("salafi_milieu", (s.G_MILIEU,)),
        ("minority_grievance", (s.G_MINORITY,)),
        ("push", (s.G_PUSH,)),
        ("recruit_pool", (s.G_POOL, s.G_POOL_START)),
        ("exposure", (s.G_EXPOSURE,)),
    ):
        for column in columns:
            slots.put(f"{path}.{text}", getattr(region, text).value, "G", r, column)
    slots.join([f"{path}.offer"], _offer_until, "G", r, s.G_OFFER_UNTIL)
    _mix(slots, f"{path}.ethnic_mix", region.ethnic_mix, scenario.groups, "G", r, s.G_MIX_1)
    slots.arrays["H"][r, :, [s.H_SUPPORT, s.H_SUPPORT_START]] = SUPPORT_UNKNOWN
    slots.arrays["H"][r, len(patrons), s.H_REACH] = THIRD_REACH
    for k, patron in enumerate(patrons):
        for text, column_names in (
            ("held", (s.H_HELD,)),
            ("reach", (s.H_REACH,)),
            ("support", (s.H_SUPPORT, s.H_SUPPORT_START)),
        ):
            number = getattr(region, text).get(patron)
            if number is not None:
                for column in column_names:
                    slots.put(f"{path}.{text}.{patron}", number.value, "H", r, k, column)


def _patron(
    slots: Slots, k: int, name: str, patron: Patron, scenario: Scenario, regions: tuple[str, ...]
) -> None:
    path, P, patrons = f"patrons.{name}", slots.arrays["P"], tuple(scenario.patrons)
    for text, columns in {
        "salafism": (s.P_SALAFISM,), "globalism": (s.P_GLOBALISM,), "recognition": (s.P_RECOGNITION,),
        "doctrinal_consistency": (s.P_CONSISTENCY, s.P_CONSISTENCY_START), "momentum": (s.P_MOMENTUM,),
        "institutionalisation": (s.P_INSTITUTION,), "transfer": (s.P_TRANSFER,), "effort": (s.P_EFFORT,),
        "outside_support": (s.P_SUPPORT, s.P_SUPPORT_LEVEL), "global_backing": (s.P_BACKING,),
        "core_pressure": (s.P_CORE_PRESSURE,), "capability": (s.P_CAPABILITY,), "franchise_slots": (s.P_SLOTS,),
        "acceptance": (s.P_ACCEPTANCE,), "tolerance": (s.P_TOLERANCE,), "posture": (s.P_POSTURE,),
        "goal": (s.P_GOAL,), "brutality": (s.P_BRUTALITY,), "recruits": (s.P_RECRUITS,), "growth": (s.P_GROWTH,),
        "captured": (s.P_CAPTURED,), "constant": (s.P_CONSTANT,),
    }.items():  # fmt: skip
        for column in columns:
            slots.put(f"{path}.{text}", getattr(patron, text).value, "P", k, column)
    P[k, s.P_INCUMBENT] = float(patron.incumbent)
    P[k, s.P_ENTITY] = entity_of("patron", name)
    P[k, [s.P_CORE_STATE, s.P_TRANSFER_DECAY]] = 1.0
    P[k, [s.P_CONCEALED, s.P_REVEALED, s.P_LEADER_LOST, s.P_NEWS]] = -1
    _mix(slots, f"{path}.core_mix", patron.core_mix, scenario.groups, "P", k, s.P_MIX_1)
    for region, number in patron.interest.items():
        slots.put(f"{path}.interest.{region}", number.value, "H", regions.index(region), k, s.H_INTEREST)
    slots.note(f"{path}.core_fighters", patron.core_fighters.value)
    for region, number in patron.core_regions.items():
        share = f"{path}.core_regions.{region}"
        slots.note(share, number.value)
        slots.join([f"{path}.core_fighters", share], _men_there, "H", regions.index(region), k, s.H_CORE)
    for column, table in ((s.W_HOSTILITY, "hostility"), (s.W_CONVERGENCE, "convergence")):
        for other, number in getattr(patron, table).items():
            slots.put(f"{path}.{table}.{other}", number.value, "W", k, patrons.index(other), column)


def _offer_until(values: Sequence[float]) -> float:
    """Peace on offer from the start stays on offer until an event changes it."""
    return float(s.NEVER) if values[0] > 0 else -1.0


def _men_there(values: Sequence[float]) -> float:
    men, share = values
    return _grain(men * share)


def _grain(value: float) -> float:
    return float(np.floor(value * 1048576.0 + 0.5) / 1048576.0)


def _faction(slots: Slots, i: int, name: str, faction: Faction, scenario: Scenario, start: int) -> None:
    patrons, factions, regions = list(scenario.patrons), list(scenario.factions), list(scenario.regions)
    path, F, I = f"factions.{name}", slots.arrays["F"], slots.arrays["I"]
    for text, columns in {
        "local_share": (s.F_LOCAL_SHARE,), "war_chest": (s.F_WAR_CHEST,), "salafism": (s.F_SALAFISM,),
        "globalism": (s.F_GLOBALISM,), "local_roots": (s.F_LOCAL_ROOTS,), "youth": (s.F_YOUTH,),
        "cohesion": (s.F_COHESION, s.F_COHESION_START), "autonomy": (s.F_AUTONOMY,), "relevance": (s.F_RELEVANCE,),
        "adaptability": (s.F_ADAPTABILITY,), "leader_authority": (s.F_AUTHORITY,), "visibility": (s.F_VISIBILITY,),
        "veteran_ties": (s.F_VETERANS,), "rival_of_parent": (s.F_RIVAL_OF_PARENT,),
    }.items():  # fmt: skip
        for column in columns:
            slots.put(f"{path}.{text}", getattr(faction, text).value, "F", i, column)
    slots.put(f"{path}.fighters", faction.fighters.value, "F", i, s.F_FIGHTERS, transform=_grain)
    slots.put(f"{path}.oath_bond.person", faction.oath_bond.person.value, "F", i, s.F_BOND_PERSON)
    slots.put(f"{path}.oath_bond.office", faction.oath_bond.office.value, "F", i, s.F_BOND_OFFICE)
    _mix(slots, f"{path}.ethnic_mix", faction.ethnic_mix, scenario.groups, "F", i, s.F_MIX_1)
    F[i, [s.F_QUALITY, s.F_RECOGNITION]] = 1.0
    for text, column in (
        ("embeddedness", s.X_EMBEDDEDNESS),
        ("grievance_latent", s.X_LATENT),
        ("rival_of", s.X_RIVAL),
    ):
        for patron, number in getattr(faction, text).items():
            slots.put(f"{path}.{text}.{patron}", number.value, "X", i, patrons.index(patron), column)
    I[i] = -1
    active = month_index(faction.active_from) - start if faction.active_from else 0
    I[i, s.I_ACTIVE_FROM] = max(0, active)
    I[i, s.I_FATE] = s.FATE_ACTIVE if active <= 0 else s.FATE_WAITING
    I[i, s.I_ALLEGIANCE] = I[i, s.I_START_ALLEGIANCE] = _option(faction.allegiance, patrons)
    I[i, s.I_OATH] = s.OATH_SWORN if faction.oath == "sworn" else s.OATH_NONE
    I[i, s.I_HOME], I[i, s.I_THEATRE] = regions.index(faction.home), regions.index(faction.theatre)
    I[i, s.I_PARENT] = factions.index(faction.parent) if faction.parent else -1
    I[i, s.I_ROOT] = factions.index(faction.lineage) if faction.lineage else i
    I[i, s.I_TIES] = i
    I[i, s.I_ENTITY] = entity_of("faction", name)
    I[i, [s.I_BORN, s.I_WAKE, s.I_LAG]] = 0
    I[i, s.I_FOREIGN] = int(faction.foreign)
    I[i, s.I_DECLINED_BY] = sum(
        1 << k for k, patron in enumerate(scenario.patrons.values()) if _declines(patron, name)
    )


def _declines(patron: Patron, faction: str) -> bool:
    return faction in patron.declines or bool(patron.accepts_only and faction not in patron.accepts_only)


def _option(text: str, patrons: list[str]) -> int:
    if text == "independent":
        return 2 * len(patrons)
    if text.startswith("ally("):
        return len(patrons) + patrons.index(text[5:-1])
    return patrons.index(text)


def _ties(slots: Slots, scenario: Scenario, factions: tuple[str, ...]) -> None:
    near: list[list[tuple[int, int]]] = [[] for _ in factions]
    row = {name: i for i, name in enumerate(factions)}
    for number, tie in enumerate(scenario.ties):
        a, b = row[tie.a], row[tie.b]
        near[a].append((b, number))
        near[b].append((a, number))
        slots.note(f"ties.{number}.weight", tie.weight.value)
    for peers in near:
        # By id and not by row, so that sums of weights come out the same in any order of the file.
        peers.sort(key=lambda pair: factions[pair[0]])
    flat = [pair for peers in near for pair in peers]
    slots.arrays["TP"] = np.cumsum([0, *map(len, near)]).astype(np.int64)
    slots.arrays["TI"] = np.array([peer for peer, _ in flat], dtype=np.int64)
    slots.arrays["TW"] = np.zeros(len(flat))
    for place, (_, number) in enumerate(flat):
        slots.put(f"ties.{number}.weight", scenario.ties[number].weight.value, "TW", place)
    for i, peers in enumerate(near):
        slots.join([f"ties.{number}.weight" for _, number in peers], math.fsum, "F", i, s.F_TIE_SUM)


def _geography(scenario: Scenario, regions: tuple[str, ...]) -> tuple[IntArray, IntArray, FloatArray]:
    row = {name: r for r, name in enumerate(regions)}
    near = [sorted(row[other] for other in region.neighbours) for region in scenario.regions.values()]
    pointers = np.cumsum([0, *(len(peers) for peers in near)]).astype(np.int64)
    borders = np.full((len(regions), len(regions)), 99.0)
    np.fill_diagonal(borders, 0.0)
    for r, peers in enumerate(near):
        borders[r, peers] = 1.0
    for via in range(len(regions)):
        borders = np.minimum(borders, borders[:, via, None] + borders[None, via, :])
    return pointers, np.array([peer for peers in near for peer in peers], dtype=np.int64), borders


def _control(arrays: dict[str, Any], scenario: Scenario, patrons: tuple[str, ...], rows: int) -> None:
    C, P = arrays["C"], arrays["P"]
    focus = scenario.report.focus or scenario.observation.patron or patrons[-1]
    C[s.C_ROWS] = rows
    C[[s.C_TALKS_PATRON, s.C_ABROAD_PATRON, s.C_ABROAD_EVENT, s.C_LAST_SWITCH, s.C_TALKS_UNTIL]] = -1
    C[s.C_ABROAD_RATE] = -1
    C[s.C_THIRD_HELP] = 1.0
    C[s.C_FOCUS] = patrons.index(focus)
    P[:, s.P_OFFERS_FROM] = _waits(scenario, patrons, "offers_open")
    P[:, s.P_FOUNDED] = _waits(scenario, patrons, "founded")


def _waits(scenario: Scenario, patrons: tuple[str, ...], kind: str) -> list[float]:
    waiting = {getattr(event, "patron", None) for event in scenario.events.values() if event.kind == kind}
    waiting |= {name for name, patron in scenario.patrons.items() if patron.latent}
    return [float(s.NEVER) if name in waiting else 0.0 for name in patrons]


def _centres(slots: Slots, scenario: Scenario, patrons: tuple[str, ...]) -> None:
    """An oath to a patron and alliance with it share their centres; a patron without any has none."""
    names = [term.name for term in s.TERM]
    for k, patron in enumerate(patrons):
        for term, number in scenario.decision.centres.get(patron, Centres()):
            for option in (k, k + len(patrons)):
                slots.put(f"decision.centres.{patron}.{term}", number, "CEN", option, names.index(term))
