"""What a statistic is given, checked where the patterns are read: a run is no place to find a wrong month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sim.experiments.patterns.statistics import MONTHLY_NAMES, SUMMARY_NAMES, Statistic
from sim.experiments.patterns.units import Units
from sim.scenario.flaws import Flaw
from sim.scenario.quantities import month_index
from sim.scenario.wording import nearest, one_line, show

__all__ = ["Ground", "argument_flaws", "coded_flaws"]

_SIDES = ("incumbent", "focus", "rest")


@dataclass(frozen=True, eq=False)
class Ground:
    """What arguments are held against."""

    until: str
    """Last month that any pattern looks at."""
    units: Units | None
    """The coded units."""
    unread: bool = False
    """Whether there are coded units that could not be read, so that nothing is said of them again."""


def argument_flaws(
    found: Statistic, given: Mapping[str, Any], place: tuple[str, ...], ground: Ground
) -> list[Flaw]:
    """What is wrong with what a statistic is given.

    Parameters
    ----------
    found
        The statistic.
    given
        Its arguments.
    place
        Path of the part in the file.
    ground
        What they are held against.
    """
    known = found.arguments
    flaws = [
        Flaw((*place, "with", name), f"'{found.name}' takes no '{name}'{nearest(name, known)}", at_key=True)
        for name in given
        if name not in known
    ]
    needed = [name for name, p in known.items() if p.default is p.empty and name not in given]
    flaws += [Flaw(place, f"'{found.name}' also needs with: {name}") for name in needed]
    if found.own:
        return flaws
    for name, value in given.items():
        if name in known:
            told = _type_flaw(str(known[name].annotation), value) or _value_flaw(found, name, value, ground)
            flaws += [Flaw((*place, "with", name), told)] if told else []
    if not flaws and {"first", "last"} <= given.keys() and given["first"] > given["last"]:
        flaws.append(Flaw((*place, "with", "first"), "the first year comes before the last"))
    return flaws


def coded_flaws(
    found: Statistic, given: Mapping[str, Any], place: tuple[str, ...], ground: Ground
) -> Iterator[Flaw]:
    """Why an observation cannot be worked out from coded units."""
    told, units = "", ground.units
    if ground.unread:
        return
    if units is None:
        told = "no units are named in meta"
    elif not found.coded:
        told = f"'{found.name}' reads more than units"
    elif "side" in given and month_index(given["month"]) not in units.sides:
        column = "side_" + given["month"].replace("-", "_")
        told = f"the coded units have no column {column}"
    if told:
        yield Flaw((*place, "observed"), f"cannot be worked out from coded units: {told}")


def _type_flaw(wanted: str, value: Any) -> str:
    if value is None and "None" in wanted:
        return ""
    kind = wanted.partition(" | ")[0]
    fits = {
        "str": isinstance(value, str),
        "int": isinstance(value, int) and not isinstance(value, bool) and value >= 0,
        "bool": isinstance(value, bool),
        "list[str]": isinstance(value, list) and bool(value) and all(isinstance(v, str) for v in value),
    }
    words = {
        "str": "text", "int": "a whole number, 0 or more", "bool": "true or false", "list[str]": "a list of names",
    }  # fmt: skip
    return "" if fits.get(kind, True) else f"must be {words[kind]}, not {show(value)}"


def _value_flaw(found: Statistic, name: str, value: Any, ground: Ground) -> str:
    """What is wrong with a value of the right type; empty where nothing is."""
    until = ground.until
    if value is None:
        return ""
    if name in found.outcomes:
        return _stranger("monthly outcome", value, MONTHLY_NAMES)
    if name in found.wholes:
        return _stranger("outcome of runs", value, SUMMARY_NAMES)
    if name == "month":
        return _month_flaw(value, until)
    if name in ("over", "under"):
        return _span_flaw(value, until)
    if name in ("first", "last"):
        return "" if 1000 <= value <= int(until[:4]) else f"must be a year, {until[:4]} at the latest"
    if name == "side":
        return _stranger("side", value, _SIDES)
    if name in ("trait", "bloc", "unit"):
        return "" if ground.unread else _coded_flaw(found, name, value, ground.units)
    return ""


def _stranger(what: str, value: str, known: Any) -> str:
    return "" if value in known else f"no {what} '{one_line(value, 60)}'{nearest(value, known)}"


def _month_flaw(value: str, until: str) -> str:
    try:
        late = month_index(value) > month_index(until)
    except ValueError as error:
        return str(error)
    return f"{value} is after the last month, meta.until {until}" if late else ""


def _span_flaw(value: list[str], until: str) -> str:
    if len(value) != 2:
        return "must be two months, the first and the last"
    told = [flaw for flaw in (_month_flaw(month, until) for month in value) if flaw]
    if told:
        return told[0]
    return "" if month_index(value[0]) <= month_index(value[1]) else "the first month comes before the last"


def _coded_flaw(found: Statistic, name: str, value: str, units: Units | None) -> str:
    """Units and traits are those of the coded units, where there are any; traits are nowhere else."""
    if units is None:
        return "" if name == "unit" else f"'{found.name}' reads coded traits, and meta names no units"
    if name == "unit":
        return _stranger("coded unit", value, units.names)
    if name == "trait":
        told = _stranger("coded trait", value, units.traits)
        flag = told or set(units.traits[value]) <= {0, 1}
        return told if flag else f"trait '{one_line(value, 60)}' is not coded as 0 and 1"
    if "bloc" not in units.traits:
        return "the coded units have no column 'bloc'"
    return _stranger("bloc", value, sorted({str(bloc) for bloc in units.traits["bloc"]}))
