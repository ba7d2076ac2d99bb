"""Ids that a scenario mentions, and whether they exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sim.measures import MONTHLY, SUMMARY

from .flaws import Flaw, Namer
from .nodes import Node

__all__ = ["REFERENCES", "entries", "find", "known_ids", "reference_flaws", "without_removed"]

Path_ = tuple[str | int, ...]

REFERENCES: tuple[tuple[str, str], ...] = (
    ("factions.*.home", "region"),
    ("factions.*.theatre", "region"),
    ("factions.*.parent", "faction"),
    ("factions.*.lineage", "faction"),
    ("factions.*.ethnic_mix.{}", "group"),
    ("factions.*.embeddedness.{}", "patron"),
    ("factions.*.grievance_latent.{}", "patron"),
    ("factions.*.rival_of.{}", "patron"),
    ("patrons.*.core_mix.{}", "group"),
    ("patrons.*.core_regions.{}", "region"),
    ("patrons.*.interest.{}", "region"),
    ("patrons.*.hostility.{}", "patron"),
    ("patrons.*.convergence.{}", "patron"),
    ("patrons.*.declines.*", "faction"),
    ("patrons.*.accepts_only.*", "faction"),
    ("regions.*.area", "area"),
    ("regions.*.ethnic_mix.{}", "group"),
    ("regions.*.neighbours.*", "region"),
    ("regions.*.holder", "holder"),
    ("regions.*.held.{}", "patron"),
    ("regions.*.support.{}", "patron"),
    ("regions.*.reach.{}", "patron"),
    ("ties.*.a", "faction"),
    ("ties.*.b", "faction"),
    ("decision.centres.{}", "patron"),
    ("events.*.patron", "patron"),
    ("events.*.to", "patron"),
    ("events.*.faction", "faction"),
    ("events.*.factions.*", "faction"),
    ("events.*.region", "region"),
    ("events.*.regions.*", "region"),
    ("events.*.regions.{}", "region"),
    ("events.*.destinations.{}", "region"),
    ("events.*.country", "country"),
    ("events.*.requires.*", "event"),
    ("events.*.voids.*", "event"),
    ("observation.patron", "patron"),
    ("report.focus", "patron"),
    ("report.marks.*", "event"),
    ("report.titles.{}", "outcome"),
)
"""Where ids stand (``*`` any id or list item, ``{}`` the keys of a mapping) and what they name."""

_SECTIONS = {
    "region": "regions",
    "faction": "factions",
    "patron": "patrons",
    "holder": "patrons",
    "event": "events",
}
_ALLEGIANCE = re.compile(r"ally\((\w+)\)|(\w+)")


def entries(data: Any, section: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The mappings of a section, by id; anything else there is the schema's to report."""
    found = data.get(section) if isinstance(data, dict) else None
    for name, entry in found.items() if isinstance(found, dict) else ():
        if isinstance(entry, dict):
            yield name, entry


def find(data: Any, pattern: tuple[str, ...], path: Path_ = ()) -> Iterator[tuple[Path_, str, bool]]:
    """Texts at the places of a pattern: path, text, and whether it is a key."""
    if not pattern:
        if isinstance(data, str):
            yield path, data, False
        return
    part, rest = pattern[0], pattern[1:]
    if part == "{}":
        for name in data if isinstance(data, dict) else ():
            yield (*path, name), name, True
    elif part != "*":
        if isinstance(data, dict) and part in data:
            yield from find(data[part], rest, (*path, part))
    elif isinstance(data, dict):
        for name, child in data.items():
            yield from find(child, rest, (*path, name))
    elif isinstance(data, (list, tuple)):
        for index, child in enumerate(data):
            yield from find(child, rest, (*path, index))


def known_ids(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Ids of each sort; a sort whose section is broken is left out, so that it is not reported twice."""
    known: dict[str, list[str]] = {}
    for sort, section in (
        ("area", "areas"), ("region", "regions"), ("faction", "factions"), ("patron", "patrons"),
    ):  # fmt: skip
        if isinstance(data.get(section), dict):
            known[sort] = list(data[section])
    known["outcome"] = [column.name for column in (*MONTHLY, *SUMMARY)]
    if isinstance(data.get("groups"), (list, tuple)):
        known["group"] = [group for group in data["groups"] if isinstance(group, str)]
    events = data.get("events") or {}
    if isinstance(events, dict):
        known["event"] = list(events)
    if "patron" in known:
        known["holder"] = ["state", *known["patron"]]
    if "region" in known:
        countries = [region.get("country") for _, region in entries(data, "regions")]
        known["country"] = list(dict.fromkeys(country for country in countries if isinstance(country, str)))
    return known


def reference_flaws(data: Mapping[str, Any], known: Mapping[str, list[str]], name: Namer) -> list[Flaw]:
    """Every mention of a region, faction, patron, country or event that the scenario does not have."""
    sets = {sort: set(ids) for sort, ids in known.items()}
    flaws: list[Flaw] = []
    for pattern, sort in REFERENCES:
        if sort not in sets:
            continue
        for path, text, at_key in find(data, tuple(pattern.split("."))):
            if text not in sets[sort]:
                # A mapping matches `*` by its values, which are no ids there.
                if pattern == "events.*.regions.*" and isinstance(data["events"][path[1]]["regions"], dict):
                    continue
                section = _SECTIONS.get(sort)
                flaws.append(Flaw(path, name(sort, text), at_key, (section, text) if section else None))
    flaws += _allegiance_flaws(data, sets, name)
    return flaws


def _allegiance_flaws(data: Mapping[str, Any], sets: Mapping[str, set[str]], name: Namer) -> list[Flaw]:
    flaws = []
    for faction_id, faction in entries(data, "factions"):
        text = faction.get("allegiance")
        match = _ALLEGIANCE.fullmatch(text) if isinstance(text, str) else None
        if match is None or "patron" not in sets or text == "independent":
            continue
        patron = match[1] if match[1] is not None else match[2]
        if patron not in sets["patron"]:
            flaws.append(
                Flaw(
                    ("factions", faction_id, "allegiance"),
                    name("patron", patron),
                    missing=("patrons", patron),
                )
            )
    return flaws


def without_removed(root: Node, removed: Collection[Path_]) -> Node:
    """A scenario without what goes with a removed faction, patron or event.

    The ties of a faction go with it, and so does what others hold toward a patron: trust, grievance, ground,
    interest. The mark of an event in figures goes with the event, and so does that another rules it out. Events and
    allegiances do not: what becomes of them is the author's to say.
    """
    events = {path[1] for path in removed if len(path) == 2 and path[0] == "events"}
    if events:
        root = _drop(root, ("report", "marks"), events)
        root = _drop(root, ("events", "*", "voids"), events)
    factions = {path[1] for path in removed if len(path) == 2 and path[0] == "factions"}
    patrons = {path[1] for path in removed if len(path) == 2 and path[0] == "patrons"}
    if factions and isinstance(root.value, dict) and "ties" in root.value:
        ties = root.value["ties"]
        if isinstance(ties.value, list):
            kept = [tie for tie in ties.value if not factions & {_end(tie, "a"), _end(tie, "b")}]
            root = Node({**root.value, "ties": Node(list(kept), ties.mark, ties.key)}, root.mark, root.key)
    for pattern, sort in REFERENCES if patrons else ():
        if sort == "patron" and pattern.endswith(".{}"):
            root = _prune(root, tuple(pattern.split("."))[:-1], patrons)
    return root


def _drop(node: Node, pattern: tuple[str, ...], names: Collection[Any]) -> Node:
    """Lists at the places of a pattern without some names."""
    if not pattern:
        if not isinstance(node.value, list):
            return node
        return Node(
            [item for item in node.value if not isinstance(item.value, str) or item.value not in names],
            node.mark,
            node.key,
        )
    if not isinstance(node.value, dict):
        return node
    chosen = node.value.keys() if pattern[0] == "*" else node.value.keys() & {pattern[0]}
    dropped = {name: _drop(node.value[name], pattern[1:], names) for name in chosen}
    return Node({name: dropped.get(name, child) for name, child in node.value.items()}, node.mark, node.key)


def _end(tie: Node, name: str) -> Any:
    end = tie.value.get(name) if isinstance(tie.value, dict) else None
    return end.value if end is not None and isinstance(end.value, str) else None


def _prune(node: Node, pattern: tuple[str, ...], names: Collection[Any]) -> Node:
    if not isinstance(node.value, dict):
        return node
    if not pattern:
        return Node(
            {name: child for name, child in node.value.items() if name not in names}, node.mark, node.key
        )
    chosen = node.value.keys() if pattern[0] == "*" else node.value.keys() & {pattern[0]}
    pruned = {name: _prune(node.value[name], pattern[1:], names) for name in chosen}
    return Node({name: pruned.get(name, child) for name, child in node.value.items()}, node.mark, node.key)
