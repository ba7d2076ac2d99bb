"""The figures of a validation and of runs under a posterior: what they show, that it can be read."""

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
from matplotlib.patches import Rectangle

import sim
from sim.experiments.calibration.posterior import Posterior, write_posterior
from sim.plots.posterior_bands import coded_oaths, posterior_bands
from sim.plots.study import Study
from sim.plots.validation_folder import VALIDATION_FIGURES, draw_validation
from sim.plots.validation_patterns import joint, patterns
from sim.plots.validation_probes import ablation, placebo, recoding
from sim.plots.validation_scores import against_rule, calibration_curve, scores
from sim.plots.validation_units import units

from .drawing import figure_of, legend_texts, overlapping, texts_of
from .invented import PATTERNS
from .invented_scores import RANGE_ONLY, validation_folder
from .test_calibration_figures import told

DRAWN: dict[str, Callable[..., Any]] = {name: draw for name, (draw, _) in VALIDATION_FIGURES.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return validation_folder(tmp_path_factory.mktemp("validations") / "invented")


@pytest.fixture(scope="module")
def study(folder: Path) -> Study:
    return Study(folder, "validation")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Forty runs at four draws of two weights, two of the months past what was fitted."""
    place = tmp_path_factory.mktemp("posterior")
    draws = pd.DataFrame({"weights.b_embed": [6.0, 7.0, 8.0, 9.0], "weights.clash": [0.01, 0.02, 0.01, 0.02]})
    write_posterior(Posterior(draws, {"free": list(draws)}), place / "posterior.parquet")
    return sim.ensemble(
        "baseline",
        runs=40,
        until="2015-12",
        parameters=place / "posterior.parquet",
        out=place / "runs",
        progress=False,
    )


@pytest.mark.parametrize("width", [6.3, 3.35])
@pytest.mark.parametrize("name", DRAWN)
def test_every_text_is_on_the_canvas_and_none_covers_another(name: str, width: float, study: Study) -> None:
    ax = DRAWN[name](study, figsize=(width, None))
    texts, box = texts_of(ax), figure_of(ax).bbox
    outside = [t for t, b in texts if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]
    assert not outside
    assert not overlapping(texts, 1.5)


@pytest.mark.parametrize("name", DRAWN)
def test_draws_into_the_axes_it_is_given_and_nowhere_else(name: str, study: Study) -> None:
    left, right = Figure(figsize=(13, 9)).subplots(1, 2)
    before = len(right.get_children())
    assert DRAWN[name](study, left) is left
    assert len(right.get_children()) == before
    assert left.child_axes


def test_the_scoreboard_has_a_row_a_measure(study: Study) -> None:
    ax = patterns(study)
    left, right = ax.child_axes
    frame = study.need("patterns")
    model = frame[frame["predictor"] == "model"]
    shares = [line.get_xdata()[0] for line in left.lines if line.get_markersize() == 7]
    assert shares == pytest.approx(list(model["in_range"]))
    assert len(left.lines) == len(frame)
    text = told(ax)
    for about in PATTERNS.values():
        assert about["title"] in text
    assert "Not fitted: The IMU stands with ISKP" in text
    # No skill where only a range is known; the one below -1 is an arrow at the edge.
    ends = [line.get_xdata()[0] for line in right.lines if line.get_marker() in ("o", "<")]
    known = model[model["measure"] != RANGE_ONLY]["skill"]
    assert ends == pytest.approx(list(np.maximum(known, -1.0)))
    assert sum(line.get_marker() == "<" for line in right.lines) == (known < -1).sum() == 1
    assert "range only" in text
    assert "constants only" in legend_texts(ax)


def test_cells_are_shares_of_runs_the_model_first(study: Study) -> None:
    ax = joint(study)
    frame = study.need("joint")
    panel = ax.child_axes[0]
    assert len(panel.patches) == len(frame)
    model = frame[frame["predictor"] == "model"].sort_values("inside")["share"]
    first = [text.get_text() for text in panel.texts[: len(model)]]
    assert first == [f"{100 * share:.0f}" for share in model]
    assert f"{float((model * np.arange(len(model))).sum()):.2g}" in told(ax)


def test_scores_are_a_forest_with_the_rule_as_its_line(study: Study) -> None:
    ax = scores(study)
    frame = study.need("scores")
    assert len(ax.child_axes) == 2
    main = frame[(frame["split"] == "leave_cluster_out") & (frame["subset"] == "all")]
    panel = ax.child_axes[0]
    dots = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o"]
    assert dots == pytest.approx(sorted(main["brier"]))
    spans = [tuple(line.get_xdata()) for line in panel.lines if len(line.get_xdata()) == 2]
    assert spans == [tuple(row) for row in main.sort_values("brier")[["low", "high"]].to_numpy()]
    rule = float(main.set_index("predictor")["brier"]["rule"])
    lines = [segment[0][0] for lines in panel.collections for segment in lines.get_segments()]
    assert rule in lines
    text = told(ax)
    assert "not embedded (23)" in text
    assert against_rule(study) == "−0.014 (95 % interval −0.064 to +0.021)"
    assert f"Model less rule, all units: {against_rule(study)}" in text


def test_units_are_sorted_and_marked_by_what_happened(study: Study) -> None:
    ax = units(study)
    frame = study.need("units").sort_values("held_out", ascending=False, kind="stable")
    panel = ax.child_axes[0]
    pledged = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "s"]
    others = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o"]
    assert pledged == list(frame[frame["outcome"] == 1]["held_out"])
    assert others == list(frame[frame["outcome"] == 0]["held_out"])
    ticks = [line.get_xdata()[0] for line in panel.lines if line.get_marker() == "|"]
    assert ticks == list(frame["rule"])
    assert "Islamic Movement of Uzbekistan" in told(ax)
    assert told(ax).count("yes") == int(frame["embedded"].sum())


def test_curves_have_their_counts_over_them(study: Study) -> None:
    ax = calibration_curve(study)
    frame = study.need("curve")
    assert len(ax.child_axes) == frame["predictor"].nunique()
    seen = [text for text, _ in texts_of(ax)]
    for count in frame["units"]:
        assert str(count) in seen
    model = frame[frame["predictor"] == "model"]
    dots = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in ax.child_axes[0].lines
        if line.get_marker() == "o"
    ]
    assert dots == [tuple(row) for row in model[["predicted", "observed"]].to_numpy()]


def test_ablations_that_change_most_are_shown_and_the_others_counted(study: Study) -> None:
    ax = ablation(study, most=6)
    frame = study.need("ablation")
    dots = [line.get_xdata()[0] for line in ax.child_axes[0].lines if line.get_marker() == "o"]
    assert dots == sorted(dots)
    assert len(dots) == 6
    assert dots[0] == frame["in_range_change"].min()
    text = told(ax)
    assert "Embeddedness known of no unit" in text
    assert f"{len(frame) - 6} others change less" in text
    assert "5.2 fitted patterns in range" in text
    assert len(
        [line for line in ablation(study, most=99).child_axes[0].lines if line.get_marker() == "o"]
    ) == len(frame)


def test_the_own_date_of_the_shock_stands_out(study: Study) -> None:
    ax = placebo(study)
    panel = ax.child_axes[0]
    frame = study.need("placebo")
    own = [line.get_ydata()[0] for line in panel.lines if line.get_marker() == "D"]
    assert own == [1.8]
    assert len([line for line in panel.lines if line.get_marker() == "o"]) == len(frame) - 1
    assert panel.get_yscale() == "log"
    assert "above 7 of 7 placebo dates" in told(ax)


def test_other_coding_has_names_of_units_and_both_scores(study: Study) -> None:
    ax = recoding(study)
    text = told(ax)
    for words in ("As coded", "Haqqani network", "All 2", "0.140", "0.190", "4.40"):
        assert words in text
    own = [line.get_xdata()[0] for line in ax.child_axes[0].lines if line.get_marker() == "o"]
    assert own == list(study.need("recoding")["brier_model"])


@pytest.mark.parametrize("width", [6.3, 3.35])
def test_years_ahead_are_named_unscored(width: float, study: Study) -> None:
    ax = DRAWN["predictions"](study, figsize=(width, None))
    text = told(ax)
    assert "Unscored; not a forecast of events to come" in text
    for words in ("persons, at the end of the year", "count, sum over the year", "2019", "2024"):
        assert words in text
    assert len(ax.child_axes) == study.need("predictions")["outcome"].nunique()


def test_only_what_is_there_is_drawn(folder: Path, tmp_path: Path) -> None:
    quick = tmp_path / "quick"
    quick.mkdir()
    data = json.loads((folder / "validation.json").read_text())
    for key in ("summary", "ablation_base", "posterior"):
        data.pop(key)
    (quick / "validation.json").write_text(json.dumps(data))
    for name in ("patterns", "ablation", "predictions"):
        shutil.copy(folder / f"{name}.parquet", quick)
    files = draw_validation(quick, tmp_path / "out")
    assert [file.name for file in files] == ["patterns.png", "ablation.png", "predictions.png"]
    assert all(file.stat().st_size > 10_000 for file in files)


@pytest.mark.parametrize("width", [6.3, 3.35])
def test_bands_under_the_posterior_can_be_read(width: float, ensemble: Any) -> None:
    record = {"pledged_units": {"2014-12": 9.0, "2015-12": 16.0}}
    ax = posterior_bands(ensemble, fitted_until="2015-06", record=record, figsize=(width, None))
    texts, box = texts_of(ax), figure_of(ax).bbox
    assert not [t for t, b in texts if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]
    assert not overlapping(texts, 1.5)


def test_bands_are_of_all_draws_and_shade_what_was_not_fitted(ensemble: Any) -> None:
    record = {"pledged_units": {"2014-12": 9.0, "2015-12": 16.0}}
    ax = posterior_bands(ensemble, fitted_until="2015-06", record=record)
    men, oaths, _ = ax.child_axes
    middle = ensemble.bands("focus_fighters", None)["q50"].to_numpy()
    assert any(np.array_equal(line.get_ydata()[:-1], middle) for line in men.lines)
    for panel in ax.child_axes:
        shaded = [patch for patch in panel.patches if isinstance(patch, Rectangle)]
        assert [(patch.get_x(), patch.get_width()) for patch in shaded] == [(30, 6)]
    points = [line for line in oaths.lines if line.get_marker() == "D"]
    assert [list(line.get_xdata()) for line in points] == [[24, 36]]
    assert [list(line.get_ydata()) for line in points] == [[9.0, 16.0]]
    text = told(ax)
    for words in (
        "Men with ISKP (persons)",
        "ever swore to ISKP (count)",
        "40 runs in the model at 4 posterior draws",
    ):
        assert words in text
    assert {"not used for fitting", "the record"} <= set(legend_texts(ax))
    plain = posterior_bands(ensemble, ["pledged_units"], fitted_until="2018-12")
    assert not {"not used for fitting", "the record"} & set(legend_texts(plain))


def test_coded_oaths_count_up_to_the_last_month_of_the_fit() -> None:
    found = coded_oaths()
    assert list(found)[-1] == "2018-12"
    assert list(found.values()) == sorted(found.values())
    assert found["2018-12"] == 17.0
