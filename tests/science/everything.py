"""A small scenario in which every kind of event happens within two years, so that every rule has something to do."""

from __future__ import annotations

from typing import Any

import yaml
from scenarios_tiny import tiny_scenario_text

from sim.scenario.events import EVENT_KINDS
from sim.scenario.schema import DECISION_RULES, Scenario

__all__ = ["VARIANTS", "everything"]

SOURCE = "judgement: for a test"
EVENTS: dict[str, dict[str, Any]] = {
    "talks_in_the_plain": {"kind": "talks", "date": "2013-08", "patron": "elders", "months": 6},
    "elder_dies": {"kind": "leader_dies", "date": "2013-02", "patron": "elders", "concealed": True},
    "banner_calls": {"kind": "offers_open", "date": "2013-03", "patron": "banner"},
    "abroad": {
        "kind": "returnees", "date": "2013-03", "patron": "banner", "pool": 2000, "permitted": 0.5,
        "regions": {"hills": 0.6, "steppe": 0.4},
    },
    "banner_founded": {
        "kind": "founded", "date": "2013-04", "patron": "banner", "region": "hills", "envoys": 150,
        "recruited": 200, "resettled": 150,
    },
    "valley_operation": {
        "kind": "operation", "date": "2013-05", "regions": ["hills", "valley"], "pressure": 0.9, "months": 3,
        "displaces": 0.6, "destinations": {"valley": 0.5, "plain": 0.5},
    },
    "guests_move": {
        "kind": "resettlement", "date": "2013-04", "patron": "elders", "factions": ["guests", "exiles"],
        "destinations": {"hills": 0.7, "plain": 0.3},
    },
    "plea": {"kind": "unity_plea", "date": "2013-06", "patron": "elders", "to": "banner"},
    "plea_heard": {
        "kind": "unity_plea", "date": "2013-06", "patron": "banner", "to": "elders", "refused": False,
    },
    "elder_revealed": {"kind": "revealed", "date": "2013-07", "patron": "elders"},
    "elder_succeeded": {
        "kind": "succession", "date": "2013-07", "patron": "elders", "leader": "Second", "recognition": 0.4,
    },
    "parent_leader": {
        "kind": "faction_succession", "date": "2013-07", "faction": "old_guard", "leader": "Third",
        "recognition": 0.3,
    },
    "strike": {"kind": "strike", "date": "2013-08", "faction": "sons", "loss": 0.2},
    "money": {"kind": "transfer", "date": "2013-08", "patron": "banner", "level": 2.5},
    "core_falls": {"kind": "core_decline", "date": "2014-02", "patron": "banner", "half_life": 6},
    "core_pressed": {"kind": "core_pressure", "date": "2013-09", "patron": "banner", "level": 0.7},
    "caliph_killed": {"kind": "leader_dies", "date": "2013-11", "patron": "banner", "external": True},
    "caliph_follows": {
        "kind": "succession", "date": "2013-12", "patron": "banner", "leader": "Second", "recognition": 0.6,
    },
    "victory": {"kind": "prestige", "date": "2013-09", "patron": "banner", "momentum": 0.3},
    "collapse": {
        "kind": "territorial_collapse", "date": "2014-03", "patron": "banner", "momentum": -0.3, "core": 0.4,
    },
    "takeover": {
        "kind": "takeover", "date": "2013-10", "patron": "elders", "country": "Afghanistan", "capacity": 0.5,
    },
    "release": {
        "kind": "release", "date": "2013-10", "patron": "banner", "region": "hills", "fighters": 300,
    },
    "demand": {"kind": "posture", "date": "2013-10", "patron": "elders", "demand": 1.0},
    "truce": {"kind": "truce", "date": "2013-11", "patron": "elders", "cost": 0.2, "counter": 0.5},
    "promise": {"kind": "promise", "date": "2013-11", "patron": "elders", "support": 0.4},
    "aid": {"kind": "support", "date": "2013-11", "patron": "elders", "level": 0.3},
    "strikes": {"kind": "pressure", "date": "2013-12", "regions": ["hills"], "level": 0.8, "months": 2},
    "troops_leave": {
        "kind": "drawdown", "date": "2013-02", "country": "Afghanistan", "capacity": 0.3, "months": 6,
    },
    "sanctuary": {"kind": "sanctuary", "date": "2014-01", "regions": ["plain"], "instability": 0.3},
    "repression": {"kind": "repression", "date": "2013-04", "regions": ["steppe"], "level": 0.6},
    "abuse": {"kind": "minority_abuse", "date": "2013-11", "regions": ["plain"], "grievance": 0.4},
    "peace": {"kind": "peace_offer", "date": "2013-05", "regions": ["plain", "valley"], "level": 1, "months": 9},
    "outside_help": {"kind": "third_help", "date": "2013-08", "factor": 3},
    "attrition": {"kind": "force_attrition", "date": "2013-03", "country": "Pakistan", "rate": 0.01},
    "outward": {"kind": "goal", "date": "2014-01", "patron": "banner", "goal": 1.0},
    "interest": {
        "kind": "interest", "date": "2013-09", "patron": "banner", "regions": ["plain", "steppe"], "level": 0.9,
    },
    "crackdown": {
        "kind": "crackdown", "date": "2014-02", "patron": "elders", "to": "banner", "intensity": 2,
        "indiscriminate": 0.3, "regions": ["hills", "plain"],
    },
}  # fmt: skip
WEIGHTS: dict[str, float] = {
    "wake_base": 0.15, "split_hazard": 0.03, "merge_hazard": 0.5, "crush_hazard": 0.9, "force_ratio": 0.6,
    "demonstration_hazard": 0.4, "relocation": 0.4, "core_shift": 0.1, "return_rate": 0.08, "reoffer": 0.5,
    "leader_loss_hazard": 0.08, "dissolve_floor": 25, "visible_lag": 1, "retaliation_lag": 0,
    "c_independent": 2.0, "b_embed": 2.0, "hostility_contact": 0.2, "clash": 0.03, "desertion": 0.2,
    "concealment_erosion": 0.02, "critical_fragmentation": 0.1, "b_exit": 25, "c_exit": 0,
}  # fmt: skip
EXILES: dict[str, Any] = {
    "name": "Exiles", "home": "steppe", "theatre": "valley", "allegiance": "ally(elders)", "foreign": True,
    "fighters": 900, "local_share": 0.3, "salafism": 0.8, "globalism": 0.8, "local_roots": 0.2,
    "ethnic_mix": {"uzbek": 1}, "youth": 0.6, "autonomy": 0.5, "veteran_ties": 0.8, "war_chest": 0,
    "embeddedness": {"elders": 0.2}, "grievance_latent": {"elders": 0.6},
}  # fmt: skip
CHILDREN: dict[str, Any] = {
    "name": "Children", "home": "plain", "theatre": "hills", "allegiance": "elders", "oath": "sworn",
    "oath_bond": {"person": 0.2}, "parent": "old_guard", "lineage": "old_guard", "rival_of_parent": 0.8,
    "fighters": 500, "local_share": 0.6, "salafism": 0.7, "globalism": 0.4, "local_roots": 0.7,
    "ethnic_mix": {"pashtun": 1}, "youth": 0.8, "autonomy": 0.7, "rival_of": {"elders": 0.9},
}  # fmt: skip
LONERS: dict[str, Any] = {
    "name": "Loners", "home": "hills", "theatre": "plain", "allegiance": "independent", "fighters": 130,
    "active_from": "2013-06", "local_share": 0.5, "salafism": 0.9, "globalism": 0.6, "local_roots": 0.4,
    "ethnic_mix": {"tajik": 1}, "youth": 0.9, "autonomy": 0.2,
}  # fmt: skip
STEPPE: dict[str, Any] = {
    "name": "Steppe", "country": "Elsewhere", "area": "central_asia", "grid": [0, 3], "neighbours": ["valley"],
    "state_capacity": 0.8, "pressure": 0.4, "salafi_milieu": 0.3, "push": 0.5, "recruit_pool": 5000,
    "minority_grievance": 0.2, "ethnic_mix": {"uzbek": 1}, "reach": {"banner": 0.2}, "exposure": 1,
}  # fmt: skip
VARIANTS: dict[str, dict[str, Any]] = {
    **{rule: {"decision": {"rule": rule, "theta": 1.0}} for rule in DECISION_RULES},
    "contested": {
        "mechanisms": {"M53": True, "M73": True}, "structure": {"legitimacy_fall": "saturating"},
        "decision": {"theta": 0.0},
    },
    "without": {
        "mechanisms": {f"M{number:02d}": False for number in range(1, 81)},
        "structure": {"legitimacy_fall": "constant", "concealment_erosion": True},
    },
}  # fmt: skip
"""Parts of the scenario laid over it, by name: decision rules, switches on and off, structural choices."""


def everything(variant: str) -> Scenario:
    """The scenario in a variant of :data:`VARIANTS`."""
    data = yaml.safe_load(tiny_scenario_text())
    data["period"] = {"start": "2013-01", "end": "2014-12"}
    data["events"] = {name: event | {"source": SOURCE} for name, event in EVENTS.items()}
    assert {event["kind"] for event in EVENTS.values()} == set(EVENT_KINDS)
    data["weights"] |= WEIGHTS
    data["factions"] |= {"exiles": EXILES, "children": CHILDREN, "loners": LONERS}
    data["regions"] |= {"steppe": STEPPE}
    data["regions"]["valley"]["neighbours"] += ["steppe"]
    data["ties"] += [
        {"a": "exiles", "b": "guests", "weight": 0.7, "source": SOURCE},
        {"a": "children", "b": "sons", "weight": 0.5, "source": SOURCE},
    ]
    data["patrons"]["banner"] |= {"captured": 100, "recruits": 60, "growth": 0.02, "global_backing": 0.2}
    data["patrons"]["elders"] |= {"recruits": 40, "growth": 0.01, "global_backing": 0.6}
    data["patrons"]["banner"]["interest"]["valley"] = 0.5
    del data["report"]["dates"], data["report"]["marks"]
    return Scenario.model_validate(data | VARIANTS[variant])
