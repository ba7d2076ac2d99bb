"""What the documentation says of names, units, defaults and switches is so, and its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from sim import state as s
from sim.api.sweeping import plan_sweep
from sim.cli import main
from sim.draws import PURPOSES
from sim.experiments.calibration.problem import read_calibration
from sim.experiments.design import Design
from sim.experiments.patterns.reading import read_patterns
from sim.experiments.patterns.schema import Part, Pattern, PatternMeta
from sim.experiments.sensitivity.reading import read_sensitivity
from sim.mechanisms import MECHANISMS
from sim.scenario.events import EVENT_KINDS
from sim.scenario.load import load_text

DOCS = Path(__file__).resolve().parents[1] / "docs"
ODD = (DOCS / "odd.md").read_text(encoding="utf-8")
PAGES = sorted(DOCS.glob("*.md"))


def blocks(language: str) -> list[tuple[str, str]]:
    """(page, text) of all blocks in a language."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        found += [
            (page.name, block)
            for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        ]
    return found


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


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_every_yaml_example_is_a_file_without_a_warning(page: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(text, encoding="utf-8")
    assert main(["check", "--strict", str(path)]) == 0, page
    if page == "experiment-files.md":
        assert plan_sweep(path).points > 1
    elif page == "record.md":
        assert read_patterns(path).measures
    elif page == "calibration.md":
        assert read_calibration(path).paths
    elif page == "sensitivity.md":
        assert read_sensitivity(path).parameters
    else:
        assert load_text(text).scenario.meta.title


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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "text"), [(page, text) for page, text in blocks("python") if page != "cluster.md"]
)
def test_every_python_example_runs(page: str, text: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", text], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, (page, done.stdout, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "text"), blocks("bash"))
def test_every_shell_example_runs(page: str, text: str, tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-e", "-c", text],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, (page, done.stdout, done.stderr)
