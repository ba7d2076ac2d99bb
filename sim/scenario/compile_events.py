"""Dated events as rows of numbers: one row for each thing an event touches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim import state as s
from sim.draws import entity_of
from sim.scenario.events import EVENT_KINDS
from sim.scenario.quantities import Quantity
from sim.scenario.schema import Scenario
from sim.scenario.slots import Slots, decay, same
from sim.state import FloatArray

__all__ = ["compile_events"]

SIZES: dict[str, tuple[str | None, str | None, str | None]] = {
    "leader_dies": ("concealed", "external", None),
    "succession": ("recognition", None, None),
    "faction_succession": ("recognition", None, None),
    "strike": ("loss", None, None),
    "operation": ("pressure", "displaces", None),
    "transfer": ("level", None, None),
    "core_decline": ("half_life", None, None),
    "core_pressure": ("level", None, None),
    "founded": ("envoys", "recruited", "resettled"),
    "unity_plea": ("refused", None, None),
    "takeover": ("capacity", None, None),
    "release": ("fighters", None, None),
    "returnees": ("pool", "permitted", None),
    "crackdown": ("intensity", "indiscriminate", None),
    "posture": ("demand", None, None),
    "truce": ("cost", "counter", None),
    "promise": ("support", None, None),
    "prestige": ("momentum", None, None),
    "territorial_collapse": ("momentum", "core", None),
    "support": ("level", None, None),
    "pressure": ("level", None, None),
    "drawdown": ("capacity", None, None),
    "sanctuary": ("instability", None, None),
    "repression": ("level", None, None),
    "minority_abuse": ("grievance", None, None),
    "peace_offer": ("level", None, None),
    "third_help": ("factor", None, None),
    "force_attrition": ("rate", None, None),
    "goal": ("goal", None, None),
    "interest": ("level", None, None),
}
"""Which fields of a kind are its first, second and third effect size."""


def _targets(event: Any, scenario: Scenario) -> list[tuple[int, int]]:
    """(faction, region) of each row of an event, -1 for none."""
    factions, regions = list(scenario.factions), list(scenario.regions)
    if hasattr(event, "factions"):
        return [(factions.index(name), -1) for name in event.factions]
    if hasattr(event, "faction"):
        return [(factions.index(event.faction), -1)]
    if hasattr(event, "country"):
        return [
            (-1, r) for r, region in enumerate(scenario.regions.values()) if region.country == event.country
        ]
    if isinstance(getattr(event, "regions", None), tuple):
        return [(-1, regions.index(name)) for name in event.regions]
    if hasattr(event, "region"):
        return [(-1, regions.index(event.region))]
    return [(-1, -1)]


def _destinations(event: Any) -> dict[str, Quantity]:
    places = getattr(event, "destinations", None) or getattr(event, "regions", None)
    return places if isinstance(places, dict) else {}


def compile_events(slots: Slots, scenario: Scenario, months: dict[str, int], start: int) -> FloatArray:
    """The event table, shape (rows, E_WIDTH), in the order of the file: a month's events happen in that order.

    So a date is a number like any other, and moving it moves no row. The destinations of an event stand in rows of
    their own at the end, which its rows point to.
    """
    patrons, regions = list(scenario.patrons), list(scenario.regions)
    events = scenario.events
    rows = [(name, target) for name in events for target in _targets(events[name], scenario)]
    places = [(name, region) for name in events for region in _destinations(events[name])]
    table = np.full((len(rows) + len(places), s.E_WIDTH), -1.0)
    slots.arrays["E"] = table
    first = {name: len(rows) + j for j, (name, _) in reversed(list(enumerate(places)))}
    for e, (name, (faction, region)) in enumerate(rows):
        event: Any = events[name]
        table[e, s.E_KIND] = EVENT_KINDS.index(event.kind)
        slots.put(f"events.{name}.date", months[name] - start, "E", e, s.E_MONTH, unit="month")
        table[e, s.E_FACTION], table[e, s.E_REGION] = faction, region
        if hasattr(event, "patron"):
            table[e, s.E_PATRON] = patrons.index(event.patron)
        if hasattr(event, "to"):
            table[e, s.E_OTHER] = patrons.index(event.to)
        table[e, s.E_CODE] = entity_of("event", name)
        _sizes(slots, name, event, e)
        count = len(_destinations(event))
        table[e, s.E_FIRST] = first[name] if count else -1
        table[e, s.E_LAST] = first[name] + count if count else -1
    for e, (name, place) in enumerate(places, start=len(rows)):
        table[e, s.E_KIND] = s.EVENT_DESTINATION
        table[e, s.E_REGION] = regions.index(place)
        part = "destinations" if hasattr(events[name], "destinations") else "regions"
        weight = _destinations(events[name])[place].value
        slots.put(f"events.{name}.{part}.{place}", weight, "E", e, s.E_SIZE)
    return table


def _sizes(slots: Slots, name: str, event: Any, e: int) -> None:
    columns = (s.E_SIZE, s.E_SIZE2, s.E_SIZE3)
    for column, text in zip(columns, SIZES.get(event.kind, (None, None, None)), strict=True):
        if text is None:
            continue
        value = getattr(event, text)
        number = value.value if isinstance(value, Quantity) else float(value)
        slots.put(
            f"events.{name}.{text}", number, "E", e, column, transform=decay if text == "half_life" else same
        )
    if hasattr(event, "months"):
        slots.put(f"events.{name}.months", event.months.value, "E", e, s.E_MONTHS)
    if getattr(event, "share", None) is not None:
        share, months = f"events.{name}.share", f"events.{name}.months"
        slots.note(share, event.share.value)
        slots.join([share, months], _monthly_rate, "E", e, s.E_SIZE3)


def _monthly_rate(values: Sequence[float]) -> float:
    """The rate at which a share of those alive leaves within some months."""
    share, months = values
    return float(1.0 - (1.0 - share) ** (1.0 / max(months, 1.0)))
