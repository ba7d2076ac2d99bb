"""What a name means: a scenario, a lever, an outcome, a faction, a statement, a column."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import fill
from typing import Any

from pydantic import BaseModel

from sim.errors import UsageError
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.dates import resolve_dates
from sim.scenario.load import Loaded, load, resolve_faction
from sim.scenario.quantities import Quantity, month_text
from sim.scenario.walk import bare, type_at
from sim.scenario.wording import listed, nearest, one_line

__all__ = ["Description", "describe"]

_WIDTH = 100


@dataclass(frozen=True)
class Description:
    """What a name means, in words; a notebook shows it as text."""

    name: str
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    """A heading and its lines, for each thing of that name."""

    def __str__(self) -> str:
        return "\n\n".join("\n".join([heading, *map(_wrapped, lines)]) for heading, lines in self.parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        blocks = (
            f"<b>{escape(heading)}</b><br>{'<br>'.join(map(escape, lines))}" for heading, lines in self.parts
        )
        return f"<div>{'<br><br>'.join(blocks)}</div>"


def _wrapped(line: str) -> str:
    return fill(line, _WIDTH, initial_indent="  ", subsequent_indent="    ")


Part = tuple[str, tuple[str, ...]]


def _near(name: str, known: list[str]) -> str:
    """Names that hold this one, else the one most like it."""
    holding = [entry for entry in known if len(name) > 2 and name.casefold() in entry.casefold()]
    return f" (names that hold it: {listed(holding)})" if holding else nearest(name, known)


def describe(name: str, scenario: str | Path = "baseline") -> Description:
    """What a name means, with units and sources.

    Parameters
    ----------
    name
        A scenario, a dotted path, an event, a faction (id, code, name or alias), a patron, a region, an
        outcome, a statement (M08), a weight, a term, or a column of a table.
    scenario
        Where factions, events and numbers are looked up.

    Raises
    ------
    UsageError
        If nothing is called so.

    Examples
    --------
    >>> import sim
    >>> print(sim.describe("focus_core"))
    Outcome focus_core
      The focus patron's own men.
      By month, in persons.
    >>> print(sim.describe("M08"))
    Statement M08: Calculated risk
    ...
      Switch: mechanisms.M08, on
    ...
    """
    loaded = load(scenario)
    parts = tuple(part for find in _FINDERS for part in find(loaded, name.strip()))
    if not parts:
        known = [
            *bundled_scenarios(),
            *(entry for section in _SECTIONS for entry in getattr(loaded.scenario, section)),
            *type(loaded.scenario.weights).model_fields,
            *(row["name"] for row in _outcomes()),
        ]
        raise UsageError(f"nothing is called '{one_line(name, 60)}'{_near(name.strip(), known)}")
    return Description(name, parts)


_SECTIONS = ("patrons", "factions", "regions", "events")


def _outcomes() -> list[dict[str, Any]]:
    from sim.api.discovery import outcome_rows

    return outcome_rows()


def _scenario(loaded: Loaded, name: str) -> Iterator[Part]:
    if name in bundled_scenarios():
        meta = load(name).scenario.meta
        yield f"Scenario {name}", (meta.title, meta.question, *meta.notes)


def _path(loaded: Loaded, name: str) -> Iterator[Part]:
    if "." in name:
        yield from _at(loaded, tuple(name.split(".")))
    elif name in type(loaded.scenario.weights).model_fields:
        yield from _at(loaded, ("weights", name))


def _at(loaded: Loaded, path: tuple[str, ...]) -> Iterator[Part]:
    value: Any = loaded.scenario
    for part in path:
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        if value is None:
            return
    lines = [text for text in (_field_text(loaded, path),) if text]
    if isinstance(value, Quantity):
        lines += _number_lines(loaded, ".".join(path), value)
    elif isinstance(value, BaseModel):
        lines += [f"{name} = {_short(child)}" for name, child in value if child not in (None, (), {})]
    else:
        lines.append(f"= {value}")
    yield ".".join(path), tuple(lines)


def _field_text(loaded: Loaded, path: tuple[str, ...]) -> str:
    """The schema's own words on a field."""
    owner = bare(type_at(path[:-1], loaded.tree))
    if isinstance(owner, type) and issubclass(owner, BaseModel) and path[-1] in owner.model_fields:
        return owner.model_fields[path[-1]].description or ""
    event = loaded.scenario.events.get(path[1]) if len(path) == 3 and path[0] == "events" else None
    field = type(event).model_fields.get(path[2]) if event is not None else None
    return (field.description or "") if field is not None else ""


def _number_lines(loaded: Loaded, path: str, number: Quantity) -> list[str]:
    from sim.api.discovery import lever_rows

    row = next(row for row in lever_rows(loaded, path) if row["path"] == path)
    lines = [f"= {number.value:g} {row['unit']} ({row['kind']})"]
    lines += [f"prior {row['prior']}"] if row["prior"] else []
    lines += [f"source: {row['source']}"] if row["source"] else []
    cited = [key for key in loaded.scenario.sources if key in str(row["source"]).replace(",", " ").split()]
    return [*lines, *(f"{key}: {loaded.scenario.sources[key].cite}" for key in cited)]


def _short(value: Any) -> str:
    if isinstance(value, Quantity):
        return f"{value.value:g}" + (f" ({value.source})" if value.source else "")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(child)}" for name, child in value.items())
    if isinstance(value, BaseModel):
        return ", ".join(f"{name} {_short(child)}" for name, child in value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _entry(loaded: Loaded, name: str) -> Iterator[Part]:
    """A patron, region or event by id, a faction by anything it is called."""
    for section in ("patrons", "regions", "events"):
        if name in getattr(loaded.scenario, section):
            yield from _whole(loaded, section, name)
    try:
        faction = resolve_faction(loaded.scenario, name)
    except UsageError:
        return
    yield from _whole(loaded, "factions", faction)


def _whole(loaded: Loaded, section: str, name: str) -> Iterator[Part]:
    _, lines = next(_at(loaded, (section, name)))
    if section == "events":
        lines = (f"in {month_text(resolve_dates(loaded.scenario)[name])}", *lines)
    yield f"{section.rstrip('s').capitalize()} {name}", lines


def _outcome(loaded: Loaded, name: str) -> Iterator[Part]:
    for row in _outcomes():
        if row["name"] == name:
            per = "By month" if row["of"] == "month" else "Of the run as a whole"
            yield (
                f"Outcome {name}",
                (loaded.scenario.report.titles.get(name, row["meaning"]), f"{per}, in {row['unit']}."),
            )


def _statement(loaded: Loaded, name: str) -> Iterator[Part]:
    from sim.mechanisms import ARTICLES, MECHANISMS

    for statement in MECHANISMS:
        if statement.id != name.upper():
            continue
        on = loaded.scenario.mechanisms.get(statement.id, statement.default)
        contested = (f"Contested: {statement.contested}",) if statement.contested else ()
        direction = "up" if statement.direction > 0 else "down"
        yield (
            f"Statement {statement.id}: {statement.title}",
            (
                statement.statement,
                f"{statement.article}: {ARTICLES[statement.article]}",
                f"Rule: sim.{statement.rule}",
                f"Switch: {statement.switch}, {'on' if on else 'off'}",
                f"Should move {statement.readout} {direction}.",
                *contested,
            ),
        )


def _column(loaded: Loaded, name: str) -> Iterator[Part]:
    from sim import state as s

    tables = {
        "factions": (*s.FACTION, *s.FACTION_CODES, *s.FACTION_PATRON),
        "patrons": (*s.PATRON, *s.PATRON_PATRON),
        "regions": (*s.REGION, *s.REGION_PATRON),
    }
    for table, columns in tables.items():
        for column in columns:
            if column.name == name:
                yield f"Column {name} of the table of {table}", (column.meaning, f"In {column.unit}.")
    for term in s.TERM:
        if term.name == name:
            yield f"Term {name} of a decision", (term.meaning, f"In log-odds; told under {term.unit}.")


_FINDERS: tuple[Callable[[Loaded, str], Iterator[Part]], ...] = (
    _scenario, _path, _entry, _outcome, _statement, _column,
)  # fmt: skip
