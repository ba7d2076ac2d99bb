"""The gallery shows every picture of the documents with the line that draws it, and the lines draw."""

from __future__ import annotations

import inspect
import re
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

FEWER = {
    "runs=2000": "runs=12",
    "runs=1000": "runs=20",
    "runs=400": "runs=8",
    '"replicates": 50': '"replicates": 1',
}
"""The same lines with fewer runs."""


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
        assert (
            main(["check", *(words or [{"calibrate": "calibration", "validate": "validation"}[command]])])
            == 0
        )


def test_fewer_runs_are_asked_for_where_the_page_asks_for_many() -> None:
    page = "".join(entry.text for entry in entries())
    assert all(text in page for text in FEWER)
    assert {int(count) for count in re.findall(r"runs=(\d+)", page)} == {2000, 1000, 400}


@pytest.mark.slow
def test_the_lines_of_the_gallery_draw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    plt.switch_backend("Agg")
    drawn: dict[str, bool] = {}

    def land(image: str, axes: Any) -> None:
        assert isinstance(axes, Axes)
        axes.get_figure(root=True).draw_without_rendering()  # type: ignore[union-attr]
        drawn[image] = bool(axes.get_children())
        plt.close("all")

    images = list(draw(entries(), land, FEWER))
    assert images == [entry.image for entry in entries() if entry.image and entry.language == "py"]
    assert all(drawn.values())
