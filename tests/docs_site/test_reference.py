"""The pages of the reference are what the program writes, and leave no field, statement, number or command out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim.cli import COMMANDS, main
from sim.experiments.format import SCHEMAS
from sim.mechanisms import MECHANISMS
from sim.odd.numbers import Numbers
from sim.reference import PAGES
from sim.reference.examples import EXAMPLES, event_example
from sim.reference.experiments import FILES
from sim.reference.scenario import SECTIONS
from sim.reference.shapes import models_in
from sim.scenario.events import EVENT_KINDS
from sim.scenario.load import load, load_text
from sim.scenario.quantities import Within
from sim.scenario.schema import Scenario

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"
EXPERIMENTS = [form for file in FILES for form in models_in(file.form)]


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """The other cells of rows whose first cell is code, by it; the last one of a name stays."""
    lines = re.findall(r"^\| `([^`]+)` \| (.*) \|$", text, re.MULTILINE)
    return {name: re.split(r"(?<!\\)\| ", rest) for name, rest in lines}


def section(text: str, title: str) -> str:
    found = re.search(rf"^(#+) {re.escape(title)}\n.*?(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found is not None, title
    return found[0]


@pytest.mark.parametrize("name", [*PAGES, "commands"])
def test_a_page_is_what_the_program_writes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reference", name]) == 0
    told = f"write it anew: bayah reference {name} --out docs/reference"
    assert capsys.readouterr().out == text_of(name), told


def test_pages_are_written_into_a_folder_and_an_unknown_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reference", "mechanisms", "--out", str(tmp_path / "new")]) == 0
    assert (tmp_path / "new" / "mechanisms.md").read_text(encoding="utf-8") == text_of("mechanisms")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["mechanisms.md"]
    assert main(["reference", "mechanism"]) == 2
    assert "there is no page 'mechanism' (did you mean 'mechanisms'?)" in capsys.readouterr().err


def test_every_form_of_a_scenario_has_its_place() -> None:
    told = {form for forms in SECTIONS.values() for form in forms}
    events = {
        form
        for form in models_in(Scenario)
        if "kind" in form.model_fields and "requires" in form.model_fields
    }
    rest = set(models_in(Scenario)) - told - events
    assert {form.__name__ for form in rest} == {"Scenario", "Quantity", "Prior"}


@pytest.mark.parametrize("name", SECTIONS)
def test_every_field_of_a_section_has_unit_range_default_and_meaning(name: str) -> None:
    text = text_of("scenario")
    form = SECTIONS[name][0]
    told = rows(section(text, name))
    for field, info in form.model_fields.items():
        _, unit, span, default, varied, what = (cell.strip() for cell in told[field])
        within = [item for item in info.metadata if isinstance(item, Within)]
        if within:
            assert unit == within[0].unit
            assert span == within[0].text().replace("1e+07", "10,000,000")
            assert varied, (name, field)
        assert (default == "**required**") == info.is_required(), (name, field)
        assert what, (name, field)


def test_every_kind_of_event_has_fields_and_an_example() -> None:
    text = text_of("scenario")
    for kind in EVENT_KINDS:
        part = section(text, kind)
        assert event_example(kind) in part, kind
        assert f"kind: {kind}" in part, kind


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_a_file_without_a_warning(name: str, tmp_path: Path) -> None:
    assert f"```yaml\n{EXAMPLES[name]}```" in text_of("scenario")
    assert name in load_text(EXAMPLES[name]).tree
    file = tmp_path / "example.yaml"
    file.write_text(EXAMPLES[name], encoding="utf-8")
    assert main(["check", "--strict", str(file)]) == 0


def test_every_kind_of_experiment_file_is_told() -> None:
    assert len(FILES) == len(SCHEMAS)
    text = text_of("experiments")
    assert [file.heading for file in FILES] == re.findall(r"^## (.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("form", EXPERIMENTS, ids=lambda form: form.__name__)
def test_every_field_of_an_experiment_file_is_told(form: type[BaseModel]) -> None:
    text = text_of("experiments") + text_of("scenario")
    for name, info in form.model_fields.items():
        meaning = " ".join((info.description or "").split()).replace("``", "`").replace("|", "\\|")
        assert meaning, name
        assert re.search(
            rf"^\| `{info.alias or name}` \|.*\| {re.escape(meaning)} \|$", text, re.MULTILINE
        ), name


def test_every_statement_is_told_with_rule_switch_and_readout() -> None:
    told = dict(
        re.findall(
            r"^\| (M\d\d) \| (.*) \|$", text_of("mechanisms").partition("## Contested")[0], re.MULTILINE
        )
    )
    assert sorted(told) == [one.id for one in MECHANISMS]
    for one in MECHANISMS:
        for part in (one.statement, f"`sim.{one.rule}`", f"`{one.switch}`", f"`{one.readout}`"):
            assert part in told[one.id], (one.id, part)


def test_every_number_of_the_baseline_is_told_and_counted_first() -> None:
    text = text_of("evidence")
    numbers = Numbers(load("baseline"))
    assert numbers.counts_table() in text.partition("\n## ")[0]
    told = re.findall(
        r"^\| `([^`]+)` \| (\S+) \| [^|]+ \| (\w+) \|", text.partition("## Sources")[0], re.MULTILINE
    )
    assert [float(value) for _, value, _ in told] == [pytest.approx(row.value) for row in numbers.rows]
    assert [kind for *_, kind in told] == [row.kind for row in numbers.rows]


def test_every_command_is_told_with_its_options() -> None:
    text = text_of("commands")
    assert set(COMMANDS) <= set(re.findall(r"^## bayah (\S+)$", text, re.MULTILINE))
    for option in ("--branch-at", "--seed", "--out", "--json"):
        assert option in section(text, "bayah run")


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.stem)
def test_no_cell_breaks_its_row(page: Path) -> None:
    """As many cells in a row as in the head of its table."""
    for block in re.findall(r"(?:^\|.*\n)+", page.read_text(encoding="utf-8"), re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(counts) == 1, block[:300]
