"""Dates of events, some relative to others, as months; which event needs which, and which rules out which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..errors import ScenarioError
from .flaws import Flaw, Namer
from .quantities import month_index, month_text
from .schema import Scenario

__all__ = ["date_table", "order_flaws", "relative_to", "resolve_dates"]

_RELATIVE = re.compile(r"\s*([a-z][a-z0-9_]*)\s*(?:([+-])\s*(\d{1,3}))?\s*")


def relative_to(date: str) -> tuple[str, int] | None:
    """The event and the months after it of a relative date (``iskp_founded + 5``), or None for a month."""
    match = _RELATIVE.fullmatch(date)
    if match is None:
        return None
    months = int(match[3] or 0)
    return match[1], -months if match[2] == "-" else months


def date_table(events: Mapping[str, Any], name: Namer) -> tuple[dict[str, int], list[Flaw]]:
    """Month of every event whose date can be told, and what is wrong with the others.

    Parameters
    ----------
    events
        Events as plain data, by id. A date that is no date at all is passed over: the schema reports it.
    name
        Says that an id is not known, with the nearest one that is.
    """
    months: dict[str, int] = {}
    flaws: list[Flaw] = []
    pending: dict[str, tuple[str, int]] = {}
    for event_id, event in events.items():
        date = event.get("date") if isinstance(event, dict) else None
        relative = relative_to(date) if isinstance(date, str) else None
        if relative is not None:
            pending[event_id] = relative
            if relative[0] not in events:
                flaws.append(
                    Flaw(
                        ("events", event_id, "date"),
                        name("event", relative[0]),
                        missing=("events", relative[0]),
                    )
                )
        elif isinstance(date, str):
            try:
                months[event_id] = month_index(date)
            except ValueError:
                continue
    flaws += _follow(pending, months)
    return months, flaws


def _follow(pending: dict[str, tuple[str, int]], months: dict[str, int]) -> list[Flaw]:
    """Fill in relative dates along their chains; chains that close on themselves are flaws."""
    flaws: list[Flaw] = []
    done: set[str] = set()
    for start in pending:
        chain: list[str] = []
        place: dict[str, int] = {}
        event_id = start
        while event_id in pending and event_id not in done and event_id not in place:
            place[event_id] = len(chain)
            chain.append(event_id)
            event_id = pending[event_id][0]
        if event_id in place:
            ring = " -> ".join([*chain[place[event_id] :], event_id])
            flaws.append(Flaw(("events", event_id, "date"), f"dates that are relative to each other: {ring}"))
        for link in reversed(chain):
            base, offset = pending[link]
            if base in months:
                months[link] = months[base] + offset
        done.update(chain)
    return flaws


def _dependents(events: Mapping[str, Any]) -> dict[str, list[str]]:
    """For each event, those that require it or are dated by it."""
    needed: dict[str, list[str]] = {}
    for event_id, event in events.items():
        if not isinstance(event, dict):
            continue
        wanted = [item for item in _texts(event.get("requires"))]
        relative = relative_to(event["date"]) if isinstance(event.get("date"), str) else None
        for other in dict.fromkeys([*wanted, *([relative[0]] if relative else [])]):
            needed.setdefault(other, []).append(event_id)
    return needed


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, (list, tuple)) else []


def orphans_of(events: Mapping[str, Any], event_id: str, first: list[str] | None = None) -> list[str]:
    """Events that cannot stand without this one, directly or through others."""
    needed = _dependents(events)
    found = dict.fromkeys(needed.get(event_id, []) if first is None else first)
    queue = list(found)
    while queue:
        for other in needed.get(queue.pop(0), []):
            if other not in found and other != event_id:
                found[other] = None
                queue.append(other)
    return list(found)


def order_flaws(events: Mapping[str, Any], months: Mapping[str, int]) -> list[Flaw]:
    """Events before one that they require, or after one that rules them out."""
    flaws: list[Flaw] = []
    early: dict[str, list[str]] = {}
    for event_id, event in events.items():
        if not isinstance(event, dict) or event_id not in months:
            continue
        for other in _texts(event.get("requires")):
            if other == event_id:
                flaws.append(Flaw(("events", event_id, "requires"), "an event cannot require itself"))
            elif other in months and months[other] > months[event_id]:
                early.setdefault(other, []).append(event_id)
        for other in _texts(event.get("voids")):
            if other == event_id:
                flaws.append(Flaw(("events", event_id, "voids"), "an event cannot void itself"))
            elif other in months and months[other] >= months[event_id]:
                when = month_text(months[event_id])
                message = f"cannot happen once '{event_id}' ({when}) has, which voids it; remove or move one"
                flaws.append(Flaw(("events", other), message, at_key=True))
    for other, first in early.items():
        flaws.append(Flaw(("events", other, "date"), _too_late(events, months, other, first)))
    return flaws


def _too_late(events: Mapping[str, Any], months: Mapping[str, int], other: str, first: list[str]) -> str:
    direct = ", ".join(f"{event_id} ({month_text(months[event_id])})" for event_id in first)
    through = [event_id for event_id in orphans_of(events, other, first) if event_id not in first]
    more = f" and, through them, {', '.join(through)}" if through else ""
    when = month_text(months[other])
    return f"{when} is after events that require it: {direct}{more}; move or remove them too"


def resolve_dates(scenario: Scenario) -> dict[str, int]:
    """Month of every event, as an index of :func:`~sim.scenario.quantities.month_index`.

    Raises
    ------
    ScenarioError
        If a date is relative to an unknown event or, in a ring, to itself.
    """
    events = {event_id: {"date": event.date} for event_id, event in scenario.events.items()}
    months, flaws = date_table(events, Namer({"event": events}))
    if flaws:
        raise ScenarioError([flaw.problem() for flaw in flaws])
    return months
