"""Random small scenarios: 2 to 4 patrons, 3 to 8 factions, 3 to 6 regions, events of all kinds.

Numbers are drawn on a coarse grid with both ends of their range on it: the ends are where rules break, and a
coarse draw keeps a scenario of a thousand numbers small enough to be shrunk.
"""

from __future__ import annotations

import typing
from typing import Any

from hypothesis import strategies as st

from sim.scenario.events import EVENT_KINDS, Event
from sim.scenario.quantities import Within, month_index, month_text
from sim.scenario.schema import DECISION_RULES, Scenario
from sim.scenario.weights import Weights

__all__ = ["scenarios"]

START = month_index("2013-01")
AREAS = {
    "east": ["gathered"], "south": ["gathered"], "north": ["north"], "west": ["west"], "centre": [],
    "pakistan": [], "central_asia": ["abroad"], "iran": ["abroad"], "levant": ["abroad"],
}  # fmt: skip
CLASSES = {
    typing.get_args(kind.model_fields["kind"].annotation)[0]: kind
    for kind in typing.get_args(typing.get_args(Event)[0])
}
PLACED = frozenset({"takeover", "release", "resettlement", "unity_plea", "talks", "truce"})
"""Kinds that need their patron to exist."""
Draw = typing.Callable[[st.SearchStrategy[Any]], Any]

shares = st.integers(0, 20).map(lambda n: n / 20)
mixes = st.sampled_from([
    {"pashtun": 1.0}, {"tajik": 1.0}, {"pashtun": 0.5, "uzbek": 0.5}, {"other": 1.0},
    {"pashtun": 0.25, "tajik": 0.25, "uzbek": 0.25, "other": 0.25},
])  # fmt: skip


def within(bounds: Within) -> st.SearchStrategy[float]:
    """Numbers of a field by its range; a range without an end is cut at what scenarios say."""
    tops = {"persons": 4000.0, "months": 36.0, "factor": 3.0, "upkeep multiples": 3.0, "count": 6.0}
    low, high = max(bounds.low, -30.0), min(bounds.high, tops.get(bounds.unit, 30.0))
    numbers = st.integers(0, 20).map(lambda n: low + (high - low) * n / 20)
    return numbers.map(round) if bounds.whole else numbers


def bounds_of(kind: Any, name: str) -> Within | None:
    """Range of a field, None where it is no number."""
    return next((item for item in kind.model_fields[name].metadata if isinstance(item, Within)), None)


@st.composite
def weights(draw: Draw) -> dict[str, float]:
    """Weights between nothing and twice what they are by default, within their ranges."""
    chosen: dict[str, float] = {}
    for name, field in Weights.model_fields.items():
        bounds = bounds_of(Weights, name)
        assert bounds is not None, name
        factor = draw(st.sampled_from([1.0, 1.0, 0.0, 0.5, 2.0]))
        number = min(bounds.high, max(bounds.low, field.default.value * factor))
        chosen[name] = round(number) if bounds.whole else number
    return chosen


@st.composite
def places(draw: Draw, regions: list[str]) -> dict[str, float]:
    """Shares by region that add up to 1."""
    split = draw(st.sampled_from([(1.0,), (0.5, 0.5), (0.25, 0.25, 0.5)]))
    names = draw(st.lists(st.sampled_from(regions), min_size=len(split), max_size=len(split), unique=True))
    return dict(zip(names, split, strict=True))


@st.composite
def by_patron(draw: Draw, patrons: list[str]) -> dict[str, float]:
    """A share toward some patrons."""
    some = draw(st.lists(st.sampled_from(patrons), unique=True, max_size=len(patrons)))
    return {name: draw(shares) for name in some}


@st.composite
def a_patron(
    draw: Draw, name: str, patrons: list[str], regions: list[str], incumbent: bool
) -> dict[str, Any]:
    """A patron as plain data."""
    others = [other for other in patrons if other != name]
    data: dict[str, Any] = {
        text: draw(shares)
        for text in (
            "salafism", "globalism", "recognition", "doctrinal_consistency", "momentum",
            "institutionalisation", "effort", "outside_support", "global_backing", "core_pressure",
            "capability", "acceptance", "tolerance", "posture", "goal", "brutality",
        )
    }  # fmt: skip
    return data | {
        "name": name, "leader": "Somebody", "incumbent": incumbent, "transfer": 2 * draw(shares),
        "franchise_slots": draw(st.sampled_from([0, 1, 3, 50])), "recruits": 100 * draw(shares),
        "growth": 0.05 * draw(shares), "core_fighters": 5000 * draw(shares),
        "core_regions": draw(places(regions)), "core_mix": draw(mixes), "captured": 500 * draw(shares),
        "constant": 4 * draw(shares) - 2,
        "interest": draw(by_patron(regions)), "hostility": draw(by_patron(others)),
        "convergence": draw(by_patron(others)),
    }  # fmt: skip


@st.composite
def a_region(draw: Draw, name: str, regions: list[str], patrons: list[str]) -> dict[str, Any]:
    """A region as plain data; regions lie along a line."""
    place = regions.index(name)
    data: dict[str, Any] = {
        text: draw(shares)
        for text in (
            "state_capacity", "pressure", "offer", "salafi_milieu", "minority_grievance", "push", "exposure",
        )
    }  # fmt: skip
    return data | {
        "name": name, "country": draw(st.sampled_from(["Afghanistan", "Pakistan", "Elsewhere"])),
        "area": draw(st.sampled_from(list(AREAS))), "grid": [0, place],
        "neighbours": [regions[at] for at in (place - 1, place + 1) if 0 <= at < len(regions)],
        "holder": draw(st.sampled_from(["state", "state", patrons[0]])), "recruit_pool": 20000 * draw(shares),
        "ethnic_mix": draw(mixes), "held": draw(by_patron(patrons)), "support": draw(by_patron(patrons)),
        "reach": draw(by_patron(patrons)),
    }  # fmt: skip


@st.composite
def a_faction(
    draw: Draw, name: str, before: list[str], regions: list[str], patrons: list[str], seniors: list[str],
    months: int,
) -> dict[str, Any]:  # fmt: skip
    """A faction as plain data, standing with a patron that exists at the start, or with none."""
    data: dict[str, Any] = {
        text: draw(shares)
        for text in (
            "local_share", "salafism", "globalism", "local_roots", "youth", "cohesion", "autonomy",
            "relevance", "adaptability", "leader_authority", "visibility", "veteran_ties", "rival_of_parent",
        )
    }  # fmt: skip
    options = ["independent", *seniors, *(f"ally({senior})" for senior in seniors)]
    data["allegiance"] = draw(st.sampled_from(options))
    if data["allegiance"] in seniors:
        data["oath"] = draw(st.sampled_from(["none", "sworn"]))
        data["oath_bond"] = {"person": draw(shares), "office": draw(shares)}
    if draw(st.integers(0, 3)) == 0:
        data["active_from"] = month_text(START + draw(st.integers(0, months - 1)))
    if before and draw(st.integers(0, 2)) == 0:
        data["parent"] = data["lineage"] = draw(st.sampled_from(before))
    return data | {
        "name": name, "home": draw(st.sampled_from(regions)), "theatre": draw(st.sampled_from(regions)),
        "foreign": draw(st.booleans()), "fighters": 2000 * draw(shares), "war_chest": 12 * draw(shares),
        "ethnic_mix": draw(mixes), "embeddedness": draw(by_patron(patrons)),
        "grievance_latent": draw(by_patron(patrons)), "rival_of": draw(by_patron(patrons)),
    }  # fmt: skip


@st.composite
def an_event(draw: Draw, kind: str, data: dict[str, Any], months: int) -> dict[str, Any]:
    """An event of a kind as plain data, with targets of the scenario and effects within their ranges."""
    patrons, regions, factions = (list(data[text]) for text in ("patrons", "regions", "factions"))
    countries = list(dict.fromkeys(region["country"] for region in data["regions"].values()))
    some = st.lists(st.sampled_from(regions), unique=True, min_size=1, max_size=3)
    patron = draw(st.sampled_from(patrons))
    others = [name for name in patrons if name != patron]
    fixed: dict[str, st.SearchStrategy[Any]] = {
        "kind": st.just(kind), "source": st.just("judgement: drawn"), "patron": st.just(patron),
        "to": st.sampled_from(others), "leader": st.just("Somebody"),
        "region": st.sampled_from(regions), "regions": places(regions) if kind == "returnees" else some,
        "country": st.sampled_from(countries),
        "faction": st.sampled_from(factions), "destinations": places(regions),
        "factions": st.lists(st.sampled_from(factions), unique=True, min_size=1, max_size=3),
        "concealed": st.booleans(), "external": st.booleans(), "refused": st.booleans(),
    }  # fmt: skip
    event: dict[str, Any] = {}
    for name in CLASSES[kind].model_fields:
        bounds = bounds_of(CLASSES[kind], name)
        if bounds is not None:
            event[name] = draw(within(bounds))
        elif name in fixed:
            event[name] = draw(fixed[name])
    named = [event[name] for name in ("faction",) if name in event] + event.get("factions", [])
    begins = [month_index(data["factions"][name].get("active_from", "2013-01")) for name in named]
    event["date"] = month_text(draw(st.integers(max([START, *begins]), START + months - 1)))
    return event


def in_order(events: list[dict[str, Any]], entrants: dict[str, int]) -> dict[str, dict[str, Any]]:
    """Events by id, without those that the checks of a scenario refuse."""
    kept: dict[str, dict[str, Any]] = {}
    hidden: dict[str, str] = {}
    for number, event in enumerate(sorted(events, key=lambda event: str(event["date"]))):
        named = [name for name in (event.get("patron"), event.get("to")) if name in entrants]
        if event["kind"] in PLACED and any(month_index(event["date"]) < entrants[name] for name in named):
            continue
        if event["kind"] == "revealed" and event["patron"] not in hidden:
            continue
        if event["kind"] == "leader_dies" and event["concealed"]:
            hidden[event["patron"]] = event["date"]
        kept[f"event_{number}"] = event
    return kept


@st.composite
def scenarios(draw: Draw, max_months: int = 30, rule: str | None = None) -> Scenario:
    """A checked scenario that passes ``bayah check``.

    Parameters
    ----------
    max_months
        Longest period.
    rule
        Decision rule; by default any.
    """
    months = draw(st.integers(6, max_months))
    patrons = [f"patron_{k}" for k in range(draw(st.integers(2, 4)))]
    regions = [f"region_{r}" for r in range(draw(st.integers(3, 6)))]
    factions = [f"faction_{i}" for i in range(draw(st.integers(3, 8)))]
    # The last patron may be an entrant, founded on a date; the others are there from the start.
    entrants = {patrons[-1]: START + draw(st.integers(0, months - 1))} if draw(st.booleans()) else {}
    seniors = [name for name in patrons if name not in entrants]
    data: dict[str, Any] = {
        "meta": {"title": "Drawn", "question": "Does it hold?", "schema_version": 1},
        "period": {"start": "2013-01", "end": month_text(START + months - 1)},
        "groups": ["pashtun", "tajik", "uzbek", "other"], "areas": AREAS,
        "patrons": {name: draw(a_patron(name, patrons, regions, name == patrons[0])) for name in patrons},
        "regions": {name: draw(a_region(name, regions, patrons)) for name in regions},
        "factions": {
            name: draw(a_faction(name, factions[:i], regions, patrons, seniors, months))
            for i, name in enumerate(factions)
        },
        "weights": draw(weights()),
        "mechanisms": dict.fromkeys(
            (f"M{number:02d}" for number in draw(st.lists(st.integers(1, 80), unique=True, max_size=8))),
            draw(st.booleans()),
        ),
        "decision": {
            "rule": rule or draw(st.sampled_from(DECISION_RULES)), "rationality": 2 * draw(shares),
            "theta": 4 * draw(shares), "threshold_mean": draw(shares), "threshold_sd": 0.5 * draw(shares),
        },
        "structure": {
            "legitimacy_fall": draw(st.sampled_from(["constant", "linear", "saturating"])),
            "concealment_erosion": draw(st.booleans()),
        },
    }  # fmt: skip
    # Factions that never think again show nothing of their choices.
    data["weights"]["wake_base"] = draw(st.sampled_from([0.02, 0.2, 0.5]))
    pairs = [(a, b) for i, a in enumerate(factions) for b in factions[:i]]
    data["ties"] = [
        {"a": a, "b": b, "weight": draw(shares), "source": "judgement: drawn"}
        for a, b in draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8))
    ]
    kinds = [kind for kind in EVENT_KINDS if kind != "founded"]
    events = [
        draw(an_event(kind, data, months)) for kind in draw(st.lists(st.sampled_from(kinds), max_size=14))
    ]
    for patron, month in entrants.items():
        event = draw(an_event("founded", data, months))
        events.append(event | {"patron": patron, "date": month_text(month)})
    data["events"] = in_order(events, entrants)
    return Scenario.model_validate(data)
