"""The document as a whole: the text in its order, with every table that the code can write."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sim.scenario.dates import resolve_dates
from sim.scenario.quantities import month_index, month_text

from . import demands, numbers, rules, states
from .cells import code, prose, table

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario.load import Loaded

__all__ = ["PARTS", "document"]

PARTS = (
    "purpose", "entities", "process", "concepts", "input", "conventions", "patrons", "decisions", "men", "movement",
    "measuring", "numbers", "statements", "parameters", "outcomes", "rules", "demands", "references",
)  # fmt: skip
"""The files of the text, in order."""


def document(loaded: Loaded, calibration: Path | None = None) -> str:
    """The description of the model, with the numbers of a scenario, as Markdown.

    Parameters
    ----------
    loaded
        The scenario whose numbers are told.
    calibration
        The design that says which numbers are inferred; by default the bundled one.

    Returns
    -------
    str
        The document. Links are relative to the folder ``docs``.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=False,  # Markdown, not HTML; what a scenario says is escaped cell by cell
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(_words(loaded, calibration))
    folder = files("sim.odd").joinpath("text")
    texts = (folder.joinpath(f"{part}.md.j2").read_text(encoding="utf-8") for part in PARTS)
    return "\n".join(environment.from_string(text).render() for text in texts)


def _words(loaded: Loaded, calibration: Path | None) -> dict[str, Any]:
    """What the text calls: names of the scenario, and the tables."""
    scenario = loaded.scenario
    told = numbers.Numbers(loaded, calibration)
    return {
        "name": loaded.name.replace("`", ""),  # it stands in code font
        "title": prose(scenario.meta.title),
        "is_baseline": loaded.name == "baseline",
        "period": scenario.period,
        "months": month_index(scenario.period.end) - month_index(scenario.period.start) + 1,
        "factions": len(scenario.factions),
        "regions": len(scenario.regions),
        "events": len(scenario.events),
        "event_table": lambda: _event_table(loaded),
        "events_after": lambda month: _events_after(loaded, month),
        "numbers": told,
        "state_table": states.state_table,
        "outcome_table": states.outcome_table,
        "decision_rules": rules.decision_rules,
        "statements_table": rules.statements_table,
        "rules_of": rules.rules_of,
        "demands_table": demands.demands_table,
        "demands_counts": demands.counts(),
    }


def _event_table(loaded: Loaded) -> str:
    months = resolve_dates(loaded.scenario)
    events = loaded.scenario.events
    rows = []
    for name in sorted(
        events, key=lambda name: months[name]
    ):  # events of a month stay in the order of the file
        event = events[name]
        what = prose(event.title) if event.title else ""
        rows.append((month_text(months[name]), code(name), code(event.kind), what, prose(event.source)))
    return table(("month", "event", "kind", "what", "where the date is from"), rows)


def _events_after(loaded: Loaded, month: str) -> int:
    return sum(index > month_index(month) for index in resolve_dates(loaded.scenario).values())
