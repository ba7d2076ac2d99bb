"""The figures of a calibration: what they show, that it can be read, and what they do without."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from sim.errors import StoreError
from sim.experiments.sampling import prior_quantile
from sim.plots.calibration_choice import choice
from sim.plots.calibration_folder import CALIBRATION_FIGURES, draw_calibration
from sim.plots.calibration_numbers import contraction, density, marginals, prior_points
from sim.plots.calibration_pairs import pairs
from sim.plots.calibration_predictive import predictive
from sim.plots.calibration_recovery import recovery
from sim.plots.study import Study
from sim.scenario.quantities import Prior, Within

from .drawing import figure_of, legend_texts, overlapping, texts_of
from .invented import MEASURES, OUTSIDE, PATTERNS, PRIORS, calibration_folder

DRAWN: dict[str, Callable[..., Any]] = {name: draw for name, (draw, _) in CALIBRATION_FIGURES.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return calibration_folder(tmp_path_factory.mktemp("calibrations") / "invented")


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return Study(folder, "calibration")


def told(ax: Any) -> str:
    lines = sorted(texts_of(ax), key=lambda entry: (-round(entry[1].y1 / 4), entry[1].x0))
    return " ".join(text.replace("\n", " ") for text, _ in lines)


@pytest.mark.parametrize("name", DRAWN)
def test_every_text_is_on_the_canvas_and_none_covers_another(name: str, study: Study) -> None:
    ax = DRAWN[name](study)
    texts, box = texts_of(ax), figure_of(ax).bbox
    outside = [t for t, b in texts if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]
    assert not outside
    assert not overlapping(texts, 1.5)


@pytest.mark.parametrize("name", DRAWN)
def test_draws_into_the_axes_it_is_given_and_nowhere_else(name: str, study: Study) -> None:
    left, right = Figure(figsize=(22, 11)).subplots(1, 2)
    before = len(right.get_children())
    assert DRAWN[name](study, left) is left
    assert len(right.get_children()) == before
    assert left.child_axes


def test_posterior_stands_on_its_prior(study: Study) -> None:
    ax = marginals(study)
    assert len(ax.child_axes) == len(PRIORS)
    for panel, (path, prior) in zip(ax.child_axes, PRIORS.items(), strict=True):
        # Two curves and the mark of the scenario's value, over the area of the prior.
        assert len(panel.lines) == 3
        assert len(panel.collections) == 1
        low, high = panel.get_xlim()
        draws = study.need("posterior")[path]
        assert low < draws.min()
        assert draws.max() < high
        if prior["dist"] == "uniform":
            corners = panel.collections[0].get_paths()[0].vertices
            assert corners[:, 0].min() == pytest.approx(prior["low"], abs=0.01)
            assert corners[:, 1].max() == pytest.approx(1 / (prior["high"] - prior["low"]))
        assert path in told(ax)
    text = told(ax)
    assert {"log-odds", "per month"} <= set(texts_seen(ax))
    assert text.count("median outside 99 %") == 1
    assert f"Median outside the prior's 99 % interval: {OUTSIDE}." in text
    assert "contraction 0.95" in text


def texts_seen(ax: Any) -> list[str]:
    return [text for text, _ in texts_of(ax)]


@pytest.mark.parametrize("path", PRIORS)
def test_the_density_of_a_prior_is_that_of_its_quantiles(path: str) -> None:
    about = PRIORS[path]
    x, y = prior_points(about)
    area = float(np.trapezoid(y, x))
    assert area == pytest.approx(1.0, abs=0.01)
    ends = (
        -np.inf if about["low"] is None else about["low"],
        np.inf if about["high"] is None else about["high"],
    )
    prior = Prior.model_validate({key: value for key, value in about.items() if key != "unit"})
    median = prior_quantile(prior, np.array([0.5]), Within("", *ends))[0]
    below = x <= median
    assert float(np.trapezoid(y[below], x[below])) == pytest.approx(0.5, abs=0.02)


def test_a_density_adds_up_to_one_within_its_ends() -> None:
    draws = np.random.default_rng(1).beta(1.0, 3.0, 400)
    at = np.linspace(0, 1, 2001)
    assert float(np.trapezoid(density(draws, at, 0.0, 1.0), at)) == pytest.approx(1.0, abs=0.01)
    assert density(draws, np.array([-0.1, 1.1]), 0.0, 1.0).tolist() == [0.0, 0.0]


def test_draws_that_come_several_times_are_smoothed_more() -> None:
    few = np.random.default_rng(2).normal(size=12)
    at = np.linspace(-6, 6, 400)
    assert density(np.repeat(few, 40), at).max() == pytest.approx(density(few, at).max(), rel=0.02)


def test_pairs_show_every_pair_once_and_its_correlation(study: Study) -> None:
    ax = pairs(study)
    count = len(PRIORS)
    panels = np.reshape(ax.child_axes, (count, count))
    frame = study.need("posterior")[list(PRIORS)]
    ranks = frame.rank().corr().to_numpy()
    for row in range(count):
        for column in range(count):
            panel = panels[row, column]
            if row > column:
                dots = panel.collections[0].get_offsets()
                assert np.allclose(dots, frame.iloc[:, [column, row]])
            elif row < column:
                assert panel.texts[0].get_text() == f"{ranks[row, column]:+.2f}".replace("-", "−")


def test_contraction_is_sorted_and_its_most_is_named(study: Study) -> None:
    ax = contraction(study)
    frame = study.need("parameters")
    best = frame[frame["way"] == "smc"].set_index("path")["contraction"].sort_values(ascending=False)
    dots = [line.get_xdata()[0] for line in ax.child_axes[0].lines if line.get_marker() == "o"]
    assert dots == pytest.approx(list(best))
    assert f"Most: {best.index[0]}, {best.iloc[0]:.2f}." in told(ax)


def test_checks_tell_runs_record_and_range(study: Study) -> None:
    ax = predictive(study)
    text = told(ax)
    frame = study.need("predictive")
    for name, about in MEASURES.items():
        assert PATTERNS[name.split(".")[0]]["title"] in text
        low, middle, high = frame[name].quantile([0.05, 0.5, 0.95])
        assert f"{float(f'{middle:.3g}'):g} ({float(f'{low:.3g}'):g} to {float(f'{high:.3g}'):g})" in text
        if about["observed"] is None:
            assert f"({about['low']:g} to {about['high']:g})" in text
    observed = [line for line in ax.child_axes[0].lines if line.get_marker() == "D"]
    assert len(observed) == sum(about["observed"] is not None for about in MEASURES.values())
    assert "Not fitted: The IMU stands with ISKP" in text
    assert "imu_support.offer" in text


def test_recovery_shows_truths_both_ways_and_the_nominal_lines(study: Study) -> None:
    ax = recovery(study)
    *grid, coverage = ax.child_axes
    frame = study.need("recovery")
    for panel, path in zip(grid, PRIORS, strict=True):
        part = frame[(frame["path"] == path) & (frame["way"] == "table")]
        assert any(np.array_equal(line.get_ydata(), part["q50"]) for line in panel.lines)
        assert {"o", "D"} <= {line.get_marker() for line in panel.lines}
    upright = [
        line.get_xdata()[0] for line in coverage.lines if list(line.get_xdata()) in ([0.5, 0.5], [0.9, 0.9])
    ]
    assert {0.5, 0.9} <= set(upright)
    held = {row["path"]: row for row in study.data["recovery"]["coverage"]}
    dots = {line.get_xdata()[0] for line in coverage.lines if line.get_marker() in ("s", "o")}
    assert {row["held_90"] for row in held.values()} <= dots
    assert "24 truths" in told(ax)
    assert "by sequential Monte Carlo" in legend_texts(ax)


def test_choice_tells_probabilities_and_who_was_not_asked(study: Study) -> None:
    ax = choice(study)
    text = told(ax)
    bars = sorted(bar.get_width() for bar in ax.child_axes[0].patches)
    assert bars == pytest.approx(sorted(study.data["choice"]["probability"].values()))
    assert "The calibrated model" in text
    assert text.count("not in the choice") == 2
    assert "81 %" in text
    assert "0.12 %" in text


def test_a_folder_is_drawn_whole_and_twice_the_same(folder: Path, tmp_path: Path) -> None:
    files = draw_calibration(folder, tmp_path / "one")
    assert [file.stem for file in files] == list(CALIBRATION_FIGURES)
    again = draw_calibration(folder, tmp_path / "two")
    for file, other in zip(files, again, strict=True):
        assert file.read_bytes() == other.read_bytes()
        assert imread(file).shape[1] >= 960


def test_what_was_not_made_is_not_drawn(folder: Path, tmp_path: Path) -> None:
    part = tmp_path / "part"
    part.mkdir()
    data = json.loads((folder / "calibration.json").read_text())
    for key in ("choice", "rivals", "recovery", "predictive", "smc"):
        data.pop(key, None)
    data["posterior"] |= {"way": "table"}
    (part / "calibration.json").write_text(json.dumps(data))
    shutil.copy(folder / "posterior-table.parquet", part)
    frame = pd.read_parquet(folder / "parameters.parquet")
    frame[frame["way"] == "table"].to_parquet(part / "parameters.parquet")
    files = draw_calibration(part, tmp_path / "out")
    assert [file.stem for file in files] == ["marginals", "pairs", "contraction"]
    assert legend_texts(marginals(Study(part, "calibration")))[1] == "posterior, rejection from the table"


def test_a_folder_of_something_else_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"holds no calibration: calibration.json is missing"):
        draw_calibration(tmp_path, tmp_path / "out")
    (tmp_path / "calibration.json").write_text("{")
    with pytest.raises(StoreError, match="cannot be read"):
        draw_calibration(tmp_path, tmp_path / "out")
