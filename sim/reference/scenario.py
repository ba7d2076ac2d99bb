"""The page on scenario files: every section, every field, from the schema."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from pydantic import BaseModel

from sim.api.discovery import kind_of
from sim.odd.cells import code, table
from sim.odd.numbers import GROUPS
from sim.scenario import schema as s
from sim.scenario.events import EventBase
from sim.scenario.quantities import Prior, Quantity
from sim.scenario.walk import event_models
from sim.scenario.weights import Weights

from .examples import EXAMPLES, event_example
from .shapes import Links, Shape, default_told, meaning, shapes

__all__ = ["scenario_page"]

SECTIONS: dict[str, tuple[type[BaseModel], ...]] = {
    "meta": (s.Meta,), "period": (s.Period,), "patrons": (s.Patron,), "factions": (s.Faction, s.Bond),
    "regions": (s.Region,), "ties": (s.Tie,), "events": (EventBase,), "structure": (s.Structure,),
    "decision": (s.Decision, s.Centres), "weights": (Weights,), "observation": (s.Observation, s.ObservationSource),
    "report": (s.Report,), "changes": (s.Change,), "what_if": (s.WhatIf, s.Readout), "sources": (s.Citation,),
}  # fmt: skip
"""Sections of a file with the forms that stand in each."""

_INNER: Links = {
    s.Bond: "Bond", s.Centres: "Centres", s.ObservationSource: "Source of reports", s.Readout: "Readout",
    Quantity: "Numbers", Prior: "Priors", **{forms[0]: name for name, forms in SECTIONS.items()},
}  # fmt: skip
_LABELS = frozenset({"meta", "report", "sources", "what_if", "changes"})
"""Sections that no rule reads."""
_LISTED = ("patrons", "factions", "regions", "events", "sources")
_VARIED = ("number", "whole number", "switch", "choice", "month")
_HEADS = ("field", "type", "unit", "range", "default", "varied as", "what it is")

_INTRO = """\
# Scenario files: every field

<!-- written by: bayah reference scenario -->

What a scenario file may say, from the schema that checks it. How to write one stands in
[scenario files](../scenario-files.md), the formulas in [the model](../odd.md).

- A file that `extends` another gives only what differs: **required** is what the whole must have in the end. A mapping is
  merged key by key, anything else replaces, `null` deletes.
- A *number* is bare (`500`), or has its source and prior: [numbers](#numbers).
- *by id* means that entries are named by you: `factions: {imu: {...}}`. An id has up to 64 characters and begins with a
  letter.
- *Varied as*: a **lever** is what somebody could have done otherwise, an **uncertainty** is what nobody knows. Designs and
  `--set` vary both; what-ifs change levers. Where nothing stands, the field is a name, a label or a list: a file changes it.
- `bayah check FILE` tells every mistake with its line; `bayah schema` prints the same fields for an editor.
"""

_NUMBERS = """\
A number stands bare, or as a mapping:

```text
fighters: 500
fighters: {value: 500, unit: persons, source: "R69b 300 to 500 in 2013", prior: {dist: uniform, low: 300, high: 800}}
```
"""


def scenario_page() -> str:
    """The page as Markdown."""
    return "\n".join(
        [_INTRO, *_whole(), *(line for name in SECTIONS for line in _section(name)), *_numbers()]
    )


def _whole() -> Iterator[str]:
    yield "## The file\n"
    rows = [
        [
            code("extends"), "text or list of text", "", "paths, names of bundled scenarios", "none", "",
            "Files under this one, relative to it, or bundled; later ones win.",
        ]
    ]  # fmt: skip
    told = shapes(s.Scenario, _INNER)
    for name, info in s.Scenario.model_fields.items():
        varied = "lever" if name == "mechanisms" else ""
        rows.append(_row(name, told[name], default_told(info), varied, meaning(info)))
    yield table(_HEADS, rows) + "\n"
    yield "`mechanisms` switches the statements of the articles, which [mechanisms](mechanisms.md) lists:\n"
    yield _yaml(EXAMPLES["mechanisms"])


def _yaml(text: str) -> str:
    return f"```yaml\n{text}```\n"


def _section(name: str) -> Iterator[str]:
    first, *inner = SECTIONS[name]
    yield f"## {name}\n"
    yield f"{_sentence(first)}{' Entries stand by id.' if name in _LISTED else ''}\n"
    yield _fields(first, name)
    for form in inner:
        yield f"### {_INNER[form]}\n"
        yield f"{_sentence(form)}\n"
        yield _fields(form, name)
    if name in EXAMPLES:
        yield _yaml(EXAMPLES[name])
    if name == "events":
        yield from _events()


def _sentence(form: type[BaseModel]) -> str:
    text = inspect.cleandoc(form.__doc__ or "")
    return " ".join(text.split()).replace("``", "`")


def _fields(form: type[BaseModel], section: str, without: frozenset[str] = frozenset()) -> str:
    told = shapes(form, _INNER)
    rows = []
    for name, info in form.model_fields.items():
        if name in without:
            continue
        if form is Weights and name in GROUPS:
            rows.append([f"**{GROUPS[name]}**", *[""] * 6])
        rows.append(
            _row(name, told[name], default_told(info), _varied(section, name, told[name]), meaning(info))
        )
    return table(_HEADS, rows) + "\n"


def _row(name: str, told: Shape, default: str, varied: str, what: str) -> list[str]:
    return [code(name), told.kind, told.unit, told.span, default, varied, what]


def _varied(section: str, name: str, told: Shape) -> str:
    """Whether a field is a lever or an uncertainty."""
    if section in _LABELS or told.kind.partition(" by ")[0] not in _VARIED or name == "kind":
        return ""
    if told.kind.partition(" by ")[0] not in ("number", "whole number"):
        return "uncertainty" if (section, name) == ("decision", "rule") else kind_of(section, has_prior=False)
    bare, known = kind_of(section, has_prior=False), kind_of(section, has_prior=True)
    return bare if bare == known else f"{bare}; {known} where it has a prior"


def _events() -> Iterator[str]:
    """The kinds of events, each with its own fields and an example."""
    models = event_models()
    yield "Every event has the fields above, a `kind`, and what its kind needs. The kinds:\n"
    rows = [(f"[{code(kind)}](#{kind})", _sentence(model)) for kind, model in models.items()]
    yield table(("kind", "what happens"), rows) + "\n"
    shared = frozenset({*EventBase.model_fields, "kind"})
    for kind, model in models.items():
        yield f"### {kind}\n"
        yield f"{_sentence(model)}\n"
        yield _fields(model, "events", shared)
        yield f"```text\n{event_example(kind)}```\n"


def _numbers() -> Iterator[str]:
    yield "## Numbers\n"
    yield _NUMBERS
    yield _fields(Quantity, "meta")
    yield "### Priors\n"
    yield f"{_sentence(Prior)}\n"
    yield _fields(Prior, "meta")


def forms_of_the_scenario() -> tuple[type[BaseModel], ...]:
    """Every form that the page tells."""
    forms = tuple(form for section in SECTIONS.values() for form in section)
    return (*forms, *event_models().values(), Quantity, Prior, s.Scenario)
