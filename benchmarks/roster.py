"""Rosters of any size: the baseline's factions copied, with their ties and theatres."""

from __future__ import annotations

from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.quantities import Quantity
from sim.scenario.schema import Faction, Scenario, Tie

__all__ = ["scaled", "scaled_scenario"]


def scaled_scenario(scenario: Scenario, size: int) -> Scenario:
    """A scenario with a given number of factions.

    Copy n of a faction has its features, theatre, home, parent and lineage within copy n, and its ties to the
    same peers of copy n, so that ties per faction stay as they are. Men are divided by the number of copies,
    so that the field has about as many as before. Events befall the first copy only.

    Parameters
    ----------
    scenario
        Whose factions are copied.
    size
        Number of factions wanted; the last copy may be incomplete.
    """
    names = list(scenario.factions)
    copies = -(-size // len(names))
    place = {f"{name}{_mark(n)}": (name, n) for n in range(copies) for name in names}
    kept = dict(list(place.items())[:size])
    factions = {new: _copy(scenario.factions[old], n, copies, kept) for new, (old, n) in kept.items()}
    ties = tuple(
        Tie(a=tie.a + _mark(n), b=tie.b + _mark(n), weight=tie.weight, kind=tie.kind, source=tie.source)
        for n in range(copies)
        for tie in scenario.ties
        if tie.a + _mark(n) in kept and tie.b + _mark(n) in kept
    )
    return scenario.model_copy(update={"factions": factions, "ties": ties})


def scaled(scenario: Scenario, size: int) -> Compiled:
    """The same, compiled, with half as many rows again for splinters."""
    return compile_scenario(scaled_scenario(scenario, size), spare_rows=max(60, size))


def _mark(n: int) -> str:
    return f"_{n}" if n else ""


def _copy(faction: Faction, n: int, copies: int, kept: dict[str, tuple[str, int]]) -> Faction:
    above = {
        field: name + _mark(n) if name is not None and name + _mark(n) in kept else None
        for field, name in (("parent", faction.parent), ("lineage", faction.lineage))
    }
    men = Quantity(value=faction.fighters.value / copies)
    # Below the floor at which a faction dissolves there would soon be nobody left to time.
    men = men if men.value > 60.0 else Quantity(value=60.0)
    return faction.model_copy(update={**above, "code": None, "aliases": (), "fighters": men})
