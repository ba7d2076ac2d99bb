"""Values that hold from a month on: a scenario as it stands in each stretch of its period.

``changes`` lays values over a scenario from a month on, and removes events that have not happened yet. What came before
that month is as it was: men, oaths and events of the past cannot be set.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Problem, ScenarioError
from .check import faction_aliases
from .dates import resolve_dates
from .flaws import Flaw
from .merge import Layers
from .nodes import Mark, Node, flatten
from .overrides import Override, apply_overrides, to_node
from .quantities import month_index, month_text
from .references import without_removed
from .schema import Scenario
from .wording import dotted, one_line

__all__ = ["Stretch", "dated_flaws", "lived_scenario", "staged_scenarios", "stretches"]

Path_ = tuple[str | int, ...]

_SECTIONS = frozenset(
    {
        "weights",
        "decision",
        "structure",
        "observation",
        "mechanisms",
        "patrons",
        "factions",
        "regions",
        "events",
        "ties",
    }
)
_AT_THE_START: dict[str, frozenset[str]] = {
    "decision": frozenset({"centres", "threshold_mean", "threshold_sd"}),
    # What is observed and reported is worked out after the run, for all of it.
    "observation": frozenset({"patron", "sources"}),
    "patrons": frozenset({"name", "leader", "latent", "incumbent", "core_fighters", "core_regions", "captured"}),
    "factions": frozenset(
        {
            "name", "code", "aliases", "notes", "active_from", "lineage", "parent", "home", "theatre", "allegiance",
            "oath", "foreign", "leader", "fighters",
        }
    ),
    "regions": frozenset({"name", "country", "area", "grid", "neighbours", "recruit_pool", "holder"}),
}  # fmt: skip
"""What tells how the run begins, and can be set at no later month."""


@dataclass
class Stretch:
    """A scenario as it stands from a month on."""

    month: str
    root: Node
    """The scenario, without ``changes``."""
    keys: dict[Path_, Path_]
    """Where ``changes`` says what is laid at a path."""
    layers: Layers
    problems: list[Problem] = field(default_factory=list)


def stretches(root: Node) -> Iterator[Stretch]:
    """The scenario in each stretch that ``changes`` begins, in order; changes add up.

    Parameters
    ----------
    root
        The scenario as nodes, ``changes`` among them. What has not the form of the schema is passed over: the schema
        tells it.
    """
    assert isinstance(root.value, dict)
    changes = root.value.get("changes")
    plain = {name: child for name, child in root.value.items() if name != "changes"}
    now, layers = Node(plain, root.mark, root.key), Layers()
    aliases = faction_aliases(flatten(now).data)
    for month, entry in sorted(changes.value.items()) if changes and isinstance(changes.value, dict) else ():
        stretch = Stretch(month, now, {}, layers)
        for path, node, place in _entries(entry, month):
            override = Override(tuple(path.split(".")), node, None, path)
            before = stretch.root
            stretch.root, problems = apply_overrides(before, [override], layers, aliases)
            mark = node.key or node.mark
            stretch.problems += [Problem(problem.message, *mark, dotted(place)) for problem in problems]
            stretch.keys[override.path] = place
        stretch.root = now = without_removed(stretch.root, layers.removed)
        yield stretch


def _entries(entry: Node, month: str) -> Iterator[tuple[str, Node, Path_]]:
    """Path, value and place of each change of a month; a value of None removes."""
    if not isinstance(entry.value, dict):
        return
    given, removed = entry.value.get("set"), entry.value.get("remove")
    if given is not None and isinstance(given.value, dict):
        for path, node in given.value.items():
            yield path, node, ("changes", month, "set", path)
    if removed is not None and isinstance(removed.value, list):
        for index, node in enumerate(removed.value):
            if isinstance(node.value, str):
                yield node.value, Node(None, node.mark, node.key), ("changes", month, "remove", index)


def dated_flaws(before: Scenario, stretch: Stretch, after: Scenario | None) -> Iterator[Flaw]:
    """What a change may not do: come outside the period, set the start, or undo the past.

    Parameters
    ----------
    before
        The scenario as it stands before the month.
    stretch
        The change.
    after
        The scenario from the month on; None where it does not hold.
    """
    month = month_index(stretch.month)
    first, last = month_index(before.period.start), month_index(before.period.end)
    if not first < month <= last:
        told = f"{before.period.start} to {before.period.end}"
        why = (
            "is the first month: set it without a date"
            if month == first
            else f"is outside the period, {told}"
        )
        yield Flaw(("changes", stretch.month), f"{stretch.month} {why}", at_key=True)
        return
    for path, place in stretch.keys.items():
        reason = _fixed(path)
        if reason:
            yield Flaw(place, reason, at_key=True)
    if after is not None:
        yield from _past_flaws(before, stretch, after, month)


def _fixed(path: Path_) -> str:
    section = str(path[0])
    if section not in _SECTIONS:
        return f"'{one_line(section, 40)}' holds for the whole run; it cannot change in a month"
    place = 1 if section in ("decision", "observation") else 2
    part = str(path[place]) if len(path) > place else ""
    if part in _AT_THE_START.get(section, ()):
        if section == "observation":
            return f"'{part}' holds for the whole run; it cannot change in a month"
        return f"'{part}' says how the run begins; it cannot be set from a later month on"
    if section in ("patrons", "factions", "regions") and not part:
        return "name what changes of it, as in patrons.iskp.acceptance"
    return ""


def _past_flaws(before: Scenario, stretch: Stretch, after: Scenario, month: int) -> Iterator[Flaw]:
    """Events that have happened and would be others, and events that would have to happen before the month."""
    then, now = resolve_dates(before), resolve_dates(after)
    for name in dict.fromkeys([*before.events, *after.events]):
        old, new = before.events.get(name), after.events.get(name)
        if old == new and then.get(name) == now.get(name):
            continue
        place = _place_of(stretch, name)
        if old is not None and then[name] < month:
            when = month_text(then[name])
            message = f"'{name}' has happened in {when}, before {stretch.month}; it cannot change any more"
            yield Flaw(place, message, at_key=True)
        elif new is not None and now[name] < month:
            message = f"'{name}' would happen in {month_text(now[name])}, before {stretch.month}"
            yield Flaw(place, message, at_key=True)


def _place_of(stretch: Stretch, event: str) -> Path_:
    """What in ``changes`` touches an event, directly or, by dates relative to others, at all."""
    own = [place for path, place in stretch.keys.items() if path[:2] == ("events", event)]
    others = [place for path, place in stretch.keys.items() if path[0] == "events"]
    return (own or others or [("changes", stretch.month)])[0]


def staged_scenarios(scenario: Scenario) -> list[tuple[str, frozenset[str], Scenario]]:
    """A checked scenario in each stretch that its ``changes`` begin: month, paths changed so far, scenario.

    Raises
    ------
    ScenarioError
        If the scenario was not checked and does not hold.
    """
    if not scenario.changes:
        return []
    root = to_node(scenario.model_dump(exclude_none=True), Mark("changes", 0, 0))
    found, paths = [], frozenset[str]()
    for stretch in stretches(root):
        if stretch.problems:
            raise ScenarioError(stretch.problems)
        data: Mapping[str, Any] = flatten(stretch.root).data
        paths |= {dotted(path) for path in stretch.keys}
        found.append((stretch.month, paths, Scenario.model_validate_json(json.dumps(data), strict=True)))
    return found


def lived_scenario(scenario: Scenario) -> Scenario:
    """A checked scenario as it stands in the end: with the events that came, on the dates on which they came.

    What has happened cannot change, so the last stretch has all of it.
    """
    staged = staged_scenarios(scenario)
    return staged[-1][2] if staged else scenario
