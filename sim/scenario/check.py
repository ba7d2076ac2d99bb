"""What the schema cannot see: whether the parts of a scenario fit together.

The checks read plain data, so that they also work on a file whose fields are partly wrong: all problems are
told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import Problem
from .dates import date_table, order_flaws
from .flaws import Flaw, Namer
from .quantities import month_index, month_text
from .references import entries, known_ids, reference_flaws
from .schema import Scenario

__all__ = [
    "NEEDS_PATRON",
    "date_flaws",
    "faction_aliases",
    "number_of",
    "semantic_flaws",
    "semantic_problems",
]

Data = Mapping[str, Any]

_RESERVED = frozenset({"independent", "state", "exit", "ally", "none"})
NEEDS_PATRON = frozenset({"takeover", "release", "resettlement", "unity_plea", "talks", "truce"})
"""Kinds of events in which a patron acts, or is addressed: it must exist by then."""


def number_of(value: Any) -> float | None:
    """A bare number or the value of ``{value, ...}``; None for anything else."""
    if isinstance(value, dict):
        value = value.get("value")
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _month(text: Any) -> int | None:
    try:
        return month_index(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def semantic_flaws(data: Data) -> list[Flaw]:
    """All flaws of a scenario given as plain data.

    Parameters
    ----------
    data
        A scenario as nested mappings and lists, as a file says it or as ``Scenario.model_dump`` gives it.
    """
    known = known_ids(data)
    name = Namer(known, faction_aliases(data))
    raw = data.get("events") or {}
    events = {event_id: event for event_id, event in raw.items()} if isinstance(raw, dict) else {}
    months, flaws = date_table(events, name)
    flaws += reference_flaws(data, known, name)
    flaws += order_flaws(events, months)
    flaws += _period_flaws(data, events, months)
    for check in _CHECKS:
        flaws += check(data)
    return flaws + _story_flaws(data, events, months)


def _story_flaws(data: Data, events: Data, months: Mapping[str, int]) -> list[Flaw]:
    return [
        *_founding_flaws(data, events, months),
        *_revelation_flaws(events, months),
        *_active_flaws(data, events, months),
    ]


def date_flaws(data: Data, events: Data) -> list[Flaw]:
    """Flaws of a scenario that hang on the dates of its events alone.

    Parameters
    ----------
    data
        The scenario as plain data.
    events
        Its events, with the dates to check, in place of those of ``data``.
    """
    months, flaws = date_table(events, Namer({"event": events}))
    flaws += order_flaws(events, months)
    flaws += _period_flaws(data, events, months)
    return flaws + _story_flaws(data, events, months)


def semantic_problems(scenario: Scenario) -> list[Problem]:
    """All flaws of a checked scenario whose parts were changed since, without places in files."""
    return [flaw.problem() for flaw in semantic_flaws(scenario.model_dump())]


def faction_aliases(data: Data) -> dict[str, str]:
    """Ids of factions by folded code, name and alias; the first to claim one keeps it."""
    names: dict[str, str] = {}
    for faction_id, faction in entries(data, "factions"):
        for alias in [faction.get("code"), faction.get("name"), *_items(faction.get("aliases"))]:
            if isinstance(alias, str):
                names.setdefault(alias.casefold(), faction_id)
    return names


def _alias_flaws(data: Data) -> list[Flaw]:
    flaws = []
    owner = {faction_id.casefold(): faction_id for faction_id, _ in entries(data, "factions")}
    for faction_id, faction in entries(data, "factions"):
        given = [("code", faction.get("code"))]
        given += [("aliases", alias) for alias in _items(faction.get("aliases"))]
        for field, alias in given:
            if not isinstance(alias, str):
                continue
            first = owner.setdefault(alias.casefold(), faction_id)
            if first != faction_id:
                flaws.append(
                    Flaw(("factions", faction_id, field), f"'{alias}' already names faction '{first}'")
                )
    return flaws


def _group_flaws(data: Data) -> list[Flaw]:
    groups = _items(data.get("groups"))
    return [
        Flaw(("groups", index), f"'{group}' is named twice")
        for index, group in enumerate(groups)
        if group in groups[:index]
    ]


def _tie_flaws(data: Data) -> list[Flaw]:
    flaws = []
    first: dict[frozenset[str], int] = {}
    for index, tie in enumerate(_items(data.get("ties"))):
        ends = (tie.get("a"), tie.get("b")) if isinstance(tie, dict) else (None, None)
        a, b = ends
        if not isinstance(a, str) or not isinstance(b, str):
            continue
        if a == b:
            flaws.append(Flaw(("ties", index), f"'{a}' is tied to itself"))
        elif frozenset((a, b)) in first:
            flaws.append(
                Flaw(("ties", index), f"'{a}' and '{b}' are already tied in ties.{first[frozenset((a, b))]}")
            )
        else:
            first[frozenset((a, b))] = index
    return flaws


def _neighbour_flaws(data: Data) -> list[Flaw]:
    flaws = []
    neighbours = {
        region_id: _items(region.get("neighbours")) for region_id, region in entries(data, "regions")
    }
    for region_id, others in neighbours.items():
        for index, other in enumerate(others):
            path = ("regions", region_id, "neighbours", index)
            if other == region_id:
                flaws.append(Flaw(path, "a region is no neighbour of itself"))
            elif other in others[:index]:
                flaws.append(Flaw(path, f"'{other}' is named twice"))
            elif isinstance(other, str) and other in neighbours and region_id not in neighbours[other]:
                flaws.append(Flaw(path, f"'{other}' does not name '{region_id}' as a neighbour in turn"))
    return flaws


def _share_flaws(data: Data) -> list[Flaw]:
    flaws = []
    places = [
        (("patrons", patron_id, "core_regions"), patron) for patron_id, patron in entries(data, "patrons")
    ]
    for event_id, event in entries(data, "events"):
        places.append((("events", event_id, "destinations"), event))
        places.append((("events", event_id, "regions"), event))
    for path, entry in places:
        shares = entry.get(path[-1])
        if isinstance(shares, dict) and shares:
            values = [number_of(share) for share in shares.values()]
            known = [value for value in values if value is not None]
            if len(known) == len(values) and abs(sum(known) - 1) > 1e-6:
                flaws.append(Flaw(path, f"shares must add up to 1, they add up to {sum(known):g}"))
    for patron_id, patron in entries(data, "patrons"):
        if number_of(patron.get("core_fighters")) and not patron.get("core_regions"):
            flaws.append(
                Flaw(("patrons", patron_id, "core_fighters"), "core_regions must say where these men are")
            )
    return flaws


def _line_flaws(data: Data) -> list[Flaw]:
    """Parents and lineages that lead back to where they began."""
    flaws = []
    factions = dict(entries(data, "factions"))
    for field in ("parent", "lineage"):
        above = {faction_id: faction.get(field) for faction_id, faction in factions.items()}
        cleared: set[str] = set()
        for start in above:
            chain: list[str] = []
            here: Any = start
            while isinstance(here, str) and here in above and here not in cleared and here not in chain:
                chain.append(here)
                here = above[here]
            if here in chain:
                ring = " -> ".join([*chain[chain.index(here) :], here])
                flaws.append(Flaw(("factions", here, field), f"a ring of {field}s: {ring}"))
            cleared.update(chain)
    return flaws


def _patron_flaws(data: Data) -> list[Flaw]:
    flaws = []
    factions = {faction_id for faction_id, _ in entries(data, "factions")}
    for patron_id, patron in entries(data, "patrons"):
        if patron_id in _RESERVED:
            flaws.append(
                Flaw(
                    ("patrons", patron_id), f"'{patron_id}' has a meaning of its own; choose another id", True
                )
            )
        elif patron_id in factions:
            flaws.append(Flaw(("patrons", patron_id), f"'{patron_id}' is also the id of a faction", True))
        for field in ("hostility", "convergence"):
            if isinstance(patron.get(field), dict) and patron_id in patron[field]:
                flaws.append(
                    Flaw(("patrons", patron_id, field, patron_id), "a patron has none toward itself", True)
                )
    for faction_id, faction in entries(data, "factions"):
        allegiance = faction.get("allegiance")
        apart = allegiance == "independent" or str(allegiance).startswith("ally(")
        if faction.get("oath") == "sworn" and apart:
            message = f"'sworn' needs a patron as allegiance, not '{allegiance}'"
            flaws.append(Flaw(("factions", faction_id, "oath"), message))
    return flaws


_CHECKS: tuple[Callable[[Data], list[Flaw]], ...] = (
    _alias_flaws,
    _group_flaws,
    _tie_flaws,
    _neighbour_flaws,
    _share_flaws,
    _line_flaws,
    _patron_flaws,
)


def _period_flaws(data: Data, events: Data, months: Mapping[str, int]) -> list[Flaw]:
    period = data.get("period")
    if not isinstance(period, dict):
        return []
    start, end = _month(period.get("start")), _month(period.get("end"))
    flaws: list[Flaw] = []
    if start is not None and end is not None and end < start:
        return flaws
    for event_id, month in months.items():
        when = month_text(month) if 0 <= month < 120_000 else "a month out of all reach"
        if start is not None and month < start:
            message = f"{when} is before the period, which starts in {month_text(start)}"
            flaws.append(Flaw(("events", event_id, "date"), message))
        # An event dated by another may follow it out of the period: it then does not happen.
        elif end is not None and month > end and _month(events[event_id].get("date")) is not None:
            message = f"{when} is after the period, which ends in {month_text(end)}"
            flaws.append(Flaw(("events", event_id, "date"), message))
    for faction_id, faction in entries(data, "factions"):
        active = _month(faction.get("active_from"))
        if active is not None and end is not None and active > end:
            message = f"{month_text(active)} is after the period, which ends in {month_text(end)}"
            flaws.append(Flaw(("factions", faction_id, "active_from"), message))
    return flaws


def _founding_flaws(data: Data, events: Data, months: Mapping[str, int]) -> list[Flaw]:
    """Patrons that are founded twice, or act, or are sworn to, before they exist."""
    founded: dict[str, str] = {}
    flaws = []
    dated = [
        (event_id, event) for event_id, event in entries({"events": events}, "events") if event_id in months
    ]
    for event_id, event in dated:
        if event.get("kind") == "founded" and isinstance(event.get("patron"), str):
            first = founded.setdefault(event["patron"], event_id)
            if first != event_id:
                message = f"'{event['patron']}' is already founded by '{first}'"
                flaws.append(Flaw(("events", event_id), message, at_key=True))
    since = {patron: months[event_id] for patron, event_id in founded.items()}
    for event_id, event in dated:
        for patron in (
            (event.get("patron"), event.get("to")) if str(event.get("kind")) in NEEDS_PATRON else ()
        ):
            if isinstance(patron, str) and months[event_id] < since.get(patron, 0):
                when, begins = month_text(months[event_id]), month_text(since[patron])
                message = f"{when} is before '{patron}' exists: '{founded[patron]}' is in {begins}"
                flaws.append(Flaw(("events", event_id, "date"), message))
    return flaws + _early_oath_flaws(data, since)


def _early_oath_flaws(data: Data, since: Mapping[str, int]) -> list[Flaw]:
    """Factions that begin under a patron which does not exist yet."""
    period = data.get("period")
    start = _month(period.get("start")) if isinstance(period, dict) else None
    flaws = []
    for faction_id, faction in entries(data, "factions"):
        patron = str(faction.get("allegiance")).removeprefix("ally(").removesuffix(")")
        begins = max(start or 0, _month(faction.get("active_from")) or 0)
        if start is not None and begins < since.get(patron, 0):
            message = f"'{patron}' does not exist before {month_text(since[patron])}"
            flaws.append(Flaw(("factions", faction_id, "allegiance"), message))
    return flaws


def _revelation_flaws(events: Data, months: Mapping[str, int]) -> list[Flaw]:
    """A revelation with no hidden death before it."""
    flaws = []
    deaths: dict[str, list[str]] = {}
    for event_id, event in entries({"events": events}, "events"):
        if event.get("kind") == "leader_dies" and event.get("concealed") is True:
            deaths.setdefault(str(event.get("patron")), []).append(event_id)
    for event_id, event in entries({"events": events}, "events"):
        if (
            event.get("kind") != "revealed"
            or event_id not in months
            or not isinstance(event.get("patron"), str)
        ):
            continue
        hidden = deaths.get(event["patron"], [])
        # Where the death is required by name, or has no date, that is told already.
        required = [other for other in _items(event.get("requires")) if isinstance(other, str)]
        told = any(other in required or other not in months for other in hidden)
        told = told or any(other not in events for other in required)
        if not told and not any(months[other] <= months[event_id] for other in hidden):
            message = f"there is no concealed death of a leader of '{event['patron']}' to reveal by then"
            flaws.append(Flaw(("events", event_id, "date"), message))
    return flaws


def _active_flaws(data: Data, events: Data, months: Mapping[str, int]) -> list[Flaw]:
    """Events that befall a faction before it exists."""
    since = {
        faction_id: _month(faction.get("active_from")) for faction_id, faction in entries(data, "factions")
    }
    flaws = []
    for event_id, event in entries({"events": events}, "events"):
        for faction_id in [event.get("faction"), *_items(event.get("factions"))]:
            active = since.get(faction_id) if isinstance(faction_id, str) else None
            if active is not None and event_id in months and months[event_id] < active:
                message = (
                    f"{month_text(months[event_id])} is before '{faction_id}' exists ({month_text(active)})"
                )
                flaws.append(Flaw(("events", event_id, "date"), message))
    return flaws
