"""The gallery shows every picture of the documents with the line that draws it, and the lines draw."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from gallery_page import DOCS, draw, entries

from sim.cli import COMMANDS, main
from sim.plots.calibration_folder import CALIBRATION_FIGURES
from sim.plots.comparisons import ComparisonPlots
from sim.plots.sensitivities import SensitivityPlots
from sim.plots.sweeps import SweepPlots
from sim.plots.validation_folder import VALIDATION_FIGURES
from sim.results.figures import Plots


def test_every_picture_of_the_documents_is_in_the_gallery_once_with_its_line() -> None:
    there = {f"images/{path.name}" for path in (DOCS / "images").iterdir()}
    shown = Counter(entry.image for entry in entries() if entry.image)
    assert shown.keys() == there
    assert set(shown.values()) == {1}


def test_every_kind_of_figure_is_in_the_gallery() -> None:
    page = "".join(entry.text for entry in entries() if entry.image)
    for kind in (Plots, SweepPlots, ComparisonPlots):
        for name, _ in inspect.getmembers(kind, inspect.isfunction):
            assert name.startswith("_") or f"plot.{name}(" in page, (kind.__name__, name)
    drawn = {str(entry.file) for entry in entries() if entry.language == "sh"}
    told = {f"results/calibration/figures/{name}.png" for name in CALIBRATION_FIGURES}
    told |= {f"results/validation/figures/{name}.png" for name in VALIDATION_FIGURES}
    kinds = [name for name, _ in inspect.getmembers(SensitivityPlots, inspect.isfunction) if name[0] != "_"]
    assert drawn == told | {f"results/sensitivity/figures/{name}.png" for name in kinds}


def test_every_command_of_the_gallery_is_one_and_knows_its_experiment(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for line in {entry.text.partition("#")[0].strip() for entry in entries() if entry.language == "sh"}:
        program, command, *words = line.split()
        assert (program, command in COMMANDS) == ("bayah", True)
        usual = {"calibrate": "calibration", "validate": "validation"}
        assert main(["check", words[0] if words else usual[command]]) == 0


def test_what_draws_a_figure_is_one_line_that_gives_it() -> None:
    """That the lines run, tests/documents tells."""
    for entry in entries():
        if entry.image and entry.language == "python":
            line = ast.parse(entry.text.strip(), mode="eval").body
            assert isinstance(line, ast.Call), entry.text
            assert ".plot." in ast.unparse(line.func), entry.text


def test_figures_go_where_the_page_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    drawn: dict[str, Any] = {}
    page = (
        "```python\nimport sim\nrun = sim.run(until='2013-06')\n```\n"
        "![a](images/a.png)\n```python\nrun.plot.timeline()\n```\n"
        "![b](images/b.png)\n```sh\nbayah validate    # results/validation/figures/b.png\n```\n"
    )
    found = entries(page)
    assert list(draw(found, drawn.__setitem__)) == ["images/a.png"]
    assert drawn["images/a.png"].get_figure(root=True) is not None
    assert found[-1].file == Path("results/validation/figures/b.png")
    with pytest.raises(AssertionError, match=r"no line draws images/a.png"):
        entries("![a](images/a.png)\n![b](images/b.png)\n")
