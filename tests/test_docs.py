"""What the documentation says of names, units, defaults and switches is so; its blocks run in ``tests/documents``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim import state as s
from sim.draws import PURPOSES
from sim.experiments.design import Design
from sim.experiments.patterns.schema import Part, Pattern, PatternMeta
from sim.mechanisms import MECHANISMS
from sim.scenario.events import EVENT_KINDS

DOCS = Path(__file__).resolve().parents[1] / "docs"
ODD = (DOCS / "odd.md").read_text(encoding="utf-8")
PAGES = [*sorted(DOCS.glob("*.md")), *sorted((DOCS / "how-to").glob("*.md"))]


def rows(text: str) -> dict[str, list[str]]:
    """Cells of all table rows whose first cell is a name in code font, by that name; the last one stays."""
    lines = re.findall(r"^\| `?(\w+)`? \| (.*) \|$", text, re.MULTILINE)
    return {name: rest.split(" | ") for name, rest in lines}


def section(title: str) -> str:
    """The text of a section of the model description, by the start of its title."""
    found = re.search(rf"^### {re.escape(title)}.*?(?=^###? |\Z)", ODD, re.DOTALL | re.MULTILINE)
    assert found is not None, title
    return found[0]


def test_every_term_of_the_utility_is_described_in_its_order() -> None:
    told = re.findall(
        r"^\| (\d+) `(\w+)` \|", section("7.5").partition("independent: weight")[0], re.MULTILINE
    )
    assert told == [(str(place), term.name) for place, term in enumerate(s.TERM)]


def test_every_switch_stands_in_a_formula() -> None:
    body = ODD[ODD.index("### 7.0") : ODD.index("### 7.15")]
    assert [m.id for m in MECHANISMS if not re.search(rf"\b{m.id}\b", body)] == []


def test_every_purpose_of_a_draw_is_described() -> None:
    told = set(
        re.findall(r"^\| `(\w+)` \| (?:faction|patron|region|pair of poles) \|", section("7.0"), re.MULTILINE)
    )
    assert told == PURPOSES.keys()


def test_every_kind_of_event_is_described() -> None:
    files = (DOCS / "scenario-files.md").read_text(encoding="utf-8")
    assert set(EVENT_KINDS) <= rows(section("7.1")).keys()
    assert set(EVENT_KINDS) <= rows(files).keys()


def test_every_file_that_the_pages_link_is_there() -> None:
    links = [
        (page, link) for page in PAGES for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))
    ]
    assert links
    assert [link for page, link in links if not (page.parent / link).exists()] == []


def test_every_key_of_a_design_is_described_with_its_default() -> None:
    page = (DOCS / "experiment-files.md").read_text(encoding="utf-8")
    told = rows(page.partition("## Keys")[2].partition("## Paths")[0])
    told.pop("key", None)
    assert told.keys() == Design.model_fields.keys()
    for name, field in Design.model_fields.items():
        if isinstance(field.default, bool | int | str):
            assert told[name][0].strip("`") == str(field.default).lower(), name


@pytest.mark.parametrize(
    ("model", "start", "end"),
    [
        (PatternMeta, "`meta`:", "A pattern:"),
        (Pattern, "A pattern:", "A part:"),
        (Part, "A part:", "A part needs"),
    ],
)
def test_every_key_of_a_pattern_is_described(model: type[BaseModel], start: str, end: str) -> None:
    page = (DOCS / "record.md").read_text(encoding="utf-8")
    told = rows(page.partition(start)[2].partition(end)[0])
    told.pop("key", None)
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert told.keys() == fields.keys()
    for name, field in fields.items():
        assert (told[name][0] == "required") == field.is_required(), name
