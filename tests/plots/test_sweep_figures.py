"""The figures of a sweep: what they show, that it can be read, and what they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import sim
from sim.errors import UsageError
from sim.plots.bands import value_ticks
from sim.plots.heat import COLOURS, STATS
from sim.plots.probabilities import MOST_NAMED
from sim.plots.style import PATRON_COLOURS
from sim.plots.sweep_record import columns, differing, short_paths

from .drawing import figure_of, legend_texts, overlapping, texts_of
from .test_style import SIGHTS, lab, linear

META = {"title": "Small", "question": "Does it matter?", "schema_version": 1}
DATE, SHARE = "events.omar_revealed.date", "events.mansour_succession.recognition"


def design(**more: Any) -> dict[str, Any]:
    return {"meta": META, "scenario": "baseline", "until": "2014-12", **more}


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two dates out of their order by five shares by two weights, two runs each, bands kept."""
    levers = [{"grid": {DATE: ["2014-11", "2013-07"], SHARE: {"low": 0.3, "high": 1, "count": 3}}}]
    weights = [{"grid": {"decision.theta": [2.0, 4.0]}}]
    made = design(name="grid", levers=levers, uncertainties=weights, replicates=2, trajectories="quantiles")
    return sim.sweep(made, out=tmp_path_factory.mktemp("sweeps") / "grid", progress=False)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A hypercube over two weights, nothing kept by month."""
    over = {"decision.theta": {"low": 1.0, "high": 5.0}, "weights.b_embed": {"low": 0.1, "high": 2.0}}
    block = {"sample": "latin_hypercube", "points": 200, "over": over}
    made = design(name="sample", uncertainties=[block])
    return sim.sweep(made, out=tmp_path_factory.mktemp("sweeps") / "sample", progress=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Forty runs of one scenario, everything kept."""
    place = tmp_path_factory.mktemp("sweeps") / "runs"
    return sim.ensemble("baseline", runs=40, until="2015-12", out=place, progress=False)


DRAWN: dict[str, Callable[[Any, Any], Any]] = {
    "bands": lambda grid, runs: lambda **more: grid.plot.bands(points=[0, 3, 6], **more),
    "heat": lambda grid, runs: lambda **more: grid.plot.heat(DATE, SHARE, **more),
    "scatter": lambda grid, runs: lambda **more: runs.plot.scatter(**more),
    "allegiances": lambda grid, runs: lambda **more: runs.plot.allegiances(**more),
}


@pytest.mark.parametrize("width", [6.3, 3.35])
@pytest.mark.parametrize("name", DRAWN)
def test_every_text_is_on_the_canvas_and_none_covers_another(
    name: str, width: float, grid: Any, runs: Any
) -> None:
    ax = DRAWN[name](grid, runs)(figsize=(width, 4.6))
    texts, box = texts_of(ax), figure_of(ax).bbox
    outside = [t for t, b in texts if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]
    assert not outside
    assert not overlapping(texts, 1.5)


@pytest.mark.parametrize("name", DRAWN)
def test_draws_into_the_axes_it_is_given_and_nowhere_else(name: str, grid: Any, runs: Any) -> None:
    left, right = Figure(figsize=(13, 6)).subplots(1, 2)
    before = len(right.get_children())
    assert DRAWN[name](grid, runs)(ax=left) is left
    assert len(right.get_children()) == before
    assert left.child_axes


def test_bands_are_those_of_the_results(grid: Any) -> None:
    panel = grid.plot.bands("focus_fighters", 5, mean=True).child_axes[0]
    frame = grid.bands("focus_fighters", 5)
    median, mean = (line.get_ydata() for line in panel.lines[:2])
    assert np.array_equal(median[:-1], frame["q50"])
    assert np.array_equal(mean[:-1], frame["mean"])
    tops = [area.get_paths()[0].vertices[:, 1].max() for area in panel.collections[:2]]
    assert tops == pytest.approx([frame["q95"].max(), frame["q75"].max()])
    assert panel.get_ylabel() == "persons"


def test_bands_of_several_points_say_in_what_they_differ(grid: Any) -> None:
    ax = grid.plot.bands(points=[0, 6])
    values = [grid.plan.values(point) for point in (0, 6)]
    unlike = [path for path in values[0] if values[0][path] != values[1][path]]
    for point, text in zip((0, 6), legend_texts(ax), strict=True):
        assert text.endswith(f"(point {point})")
        assert text.count(",") == len(unlike) - 1
    colours = {to_hex(line.get_color()).upper() for line in ax.child_axes[0].lines[:2]}
    assert colours == set(PATRON_COLOURS[:2])


def test_an_event_whose_date_is_varied_is_marked_at_each_of_its_dates(grid: Any) -> None:
    first = next(n for n in range(12) if grid.plan.values(n)[DATE] == "2014-11")
    other = next(n for n in range(12) if grid.plan.values(n)[DATE] == "2013-07")
    texts = [text for text, _ in texts_of(grid.plot.bands(points=[first, other]))]
    assert {"2014-11  Omar's death announced", "2013-07  Omar's death announced"} <= set(texts)
    alone = [text for text, _ in texts_of(grid.plot.bands(points=other))]
    assert "2014-11  Omar's death announced" not in alone


def test_months_past_the_record_are_shaded(tmp_path: Path) -> None:
    changes = {"period.validated_until": "2014-06"}
    results = sim.ensemble(
        "baseline", runs=3, set=changes, until="2014-12", out=tmp_path / "late", progress=False
    )
    for ax in (results.plot.bands(), results.plot.allegiances("taliban")):
        boxes = [patch for patch in ax.child_axes[0].patches if isinstance(patch, Rectangle)]
        assert {patch.get_x() for patch in boxes} == {18.0}
        assert any("Shaded: after 2014-06, unvalidated." in text for text, _ in texts_of(ax))


def _cells(ax: Any) -> Any:
    mesh = next(artist for artist in ax.child_axes[0].collections if isinstance(artist, QuadMesh))
    return np.ma.filled(mesh.get_array(), np.nan)


@pytest.mark.parametrize("stat", STATS)
def test_cells_are_the_statistic_of_their_runs(stat: str, grid: Any) -> None:
    frame = grid.summary
    groups = frame.groupby([SHARE, DATE])["peak_fighters"]
    wanted = {"sd": lambda: groups.std(ddof=0)}.get(
        stat, lambda: groups.quantile(int(stat[1:]) / 100) if stat[0] == "q" else groups.agg(stat)
    )()
    assert np.allclose(_cells(grid.plot.heat(DATE, SHARE, "peak_fighters", stat)), wanted.unstack(DATE))


def test_rows_and_columns_are_in_order_and_what_else_is_varied_is_said(grid: Any) -> None:
    ax = grid.plot.heat(DATE, SHARE)
    panel = ax.child_axes[0]
    assert [text.get_text() for text in panel.get_xticklabels()] == ["2013-07", "2014-11"]
    assert [text.get_text() for text in panel.get_yticklabels()] == ["0.3", "0.65", "1"]
    footer = " ".join(text.get_text() for text in ax.texts)
    assert "Over all values of decision.theta." in footer
    assert "24 runs." in footer


def test_values_are_written_in_the_cells_where_they_fit(grid: Any) -> None:
    def numbers(ax: Any) -> list[str]:
        return [text.get_text() for text in ax.child_axes[0].texts]

    cells = _cells(grid.plot.heat(outcome="peak_fighters"))
    written = [float(text.replace(",", "")) for text in numbers(grid.plot.heat(outcome="peak_fighters"))]
    assert written == pytest.approx(cells.ravel().tolist(), abs=0.5)
    assert numbers(grid.plot.heat(outcome="peak_fighters", figsize=(1.6, 1.6))) == []


def test_the_name_of_the_scale_of_colours_stands_clear_of_its_numbers(grid: Any) -> None:
    texts = texts_of(grid.plot.heat(outcome="peak_fighters"))
    (name,) = (box for text, box in texts if text == "mean of peak_fighters (persons)")
    numbers = [box for text, box in texts if "," in text and text.replace(",", "").isdigit()]
    beside = [box.x1 for box in numbers if box.x1 > name.x0 - 60]
    assert beside
    assert name.x0 - max(beside) > 7  # pixels; a figure has 100 to the inch


def test_the_scenarios_own_value_is_marked_where_it_is_on_the_axis(tmp_path: Path) -> None:
    own = sim.load("baseline").scenario.weights.b_embed.value
    levers = [{"grid": {DATE: ["2014-07", "2015-07"], "weights.b_embed": [own, own + 1]}}]
    results = sim.sweep(design(levers=levers, until="2015-08"), tmp_path / "own", progress=False)
    panel = results.plot.heat().child_axes[0]
    frames = [patch.get_xy() for patch in panel.patches if isinstance(patch, Rectangle)]
    assert set(frames) == {(0.5, -0.5)}
    assert [tuple(line.get_xydata()[0]) for line in panel.lines] == [(1.0, 1.0), (1.0, 0.0)]


def test_a_sample_is_put_into_bins_of_equally_many_runs(sample: Any) -> None:
    ax = sample.plot.heat(outcome="pledged_ever")
    cells, frame = _cells(ax), sample.summary
    assert 3 <= len(cells) <= 8
    edges = [np.quantile(frame[path], np.linspace(0, 1, len(cells) + 1)) for path in sample.parameters]
    across, up = (
        np.searchsorted(edge[1:-1], frame[path], side="right")
        for edge, path in zip(edges, sample.parameters, strict=True)
    )
    means = frame["pledged_ever"].groupby([up, across]).mean()
    assert np.allclose(cells[tuple(zip(*means.index, strict=True))], means)
    assert "Bins of equally many runs" in " ".join(text.get_text() for text in ax.texts)
    labels = [float(text.get_text()) for text in ax.child_axes[0].get_xticklabels()]
    assert labels == pytest.approx(edges[0][:: max(1, round(len(edges[0]) / len(labels)))], rel=0.01)


def test_dots_histograms_and_correlations(runs: Any) -> None:
    ax = runs.plot.scatter(["pledged_ever", "peak_fighters", "rival_deaths"])
    panels = np.reshape(ax.child_axes, (3, 3))
    frame = runs.summary
    dots = next(a for a in panels[2, 1].collections if isinstance(a, PathCollection))
    assert np.array_equal(dots.get_offsets()[:, 0], frame["peak_fighters"])
    near = next(a for a in panels[1, 0].collections if isinstance(a, PathCollection)).get_offsets()
    assert (np.round(near[:, 0]) == frame["pledged_ever"]).all()
    assert panels[0, 0].patches[0].get_data().values.sum() == len(frame)
    r = frame[["peak_fighters", "rival_deaths"]].corr().iloc[0, 1]
    assert panels[1, 2].texts[0].get_text() == f"{r:+.2f}".replace("-", "−")
    names = [text for text, _ in texts_of(ax)]
    assert names.count("peak_fighters\n(persons)") == 2


def test_many_runs_are_drawn_as_density(tmp_path: Path) -> None:
    results = sim.ensemble(
        "baseline", runs=2100, until="2013-12", trajectories="none", out=tmp_path / "many",
        allegiances=False, progress=False,
    )  # fmt: skip
    below = np.reshape(results.plot.scatter(["peak_fighters", "final_fighters"]).child_axes, (2, 2))[1, 0]
    assert any(isinstance(artist, PolyCollection) for artist in below.collections)
    assert not any(isinstance(artist, PathCollection) for artist in below.collections)


def test_parameters_stand_beside_outcomes(grid: Any) -> None:
    ax = grid.plot.scatter(["pledged_ever"], [DATE, "theta"])
    assert len(ax.child_axes) == 9
    names = "\n".join(text for text, _ in texts_of(ax))
    assert "date" in names
    assert "decision.theta" in names.replace("\n", "")


def test_lines_are_the_shares_of_runs(runs: Any) -> None:
    ax = runs.plot.allegiances("taliban", factions=["IMU", "TTP core"])
    frame = runs.allegiances()["taliban"].unstack("faction")
    lines = [line.get_ydata() for line in ax.child_axes[0].lines if len(line.get_ydata()) > 2]
    assert len(lines) == 2
    for name in ("imu", "ttp"):
        assert any(np.allclose(line[:-1], frame[name]) for line in lines)


def test_few_are_named_and_the_rest_are_counted(runs: Any) -> None:
    ax = runs.plot.allegiances(["taliban", "iskp"])
    share = runs.allegiances()[["taliban", "iskp"]].sum(axis=1).unstack("faction")
    ever = int((share.max() > 0).sum())
    labels = [text for text, _ in texts_of(ax) if re.fullmatch(r".+ \d+ %", text)]
    assert len(labels) == MOST_NAMED
    footer = " ".join(text.get_text() for text in ax.texts)
    assert f"the {MOST_NAMED} lines that stand out most; grey: {ever - MOST_NAMED} others." in footer


def test_nobody_is_said_so(runs: Any) -> None:
    assert "None is, in any run." in [
        text for text, _ in texts_of(runs.plot.allegiances("merged", factions=[]))
    ]


REFUSED: list[tuple[str, Callable[[Any, Any, Any], Any], str]] = [
    ("outcome", lambda g, s, r: g.plot.bands("focus_fighter"), r"did you mean 'focus_fighters'\?"),
    ("nothing by month", lambda g, s, r: s.plot.bands(), "keeps nothing by month"),
    ("point", lambda g, s, r: g.plot.bands(points=[0, 12]), "there is no point 12; points are 0 to 11"),
    ("points", lambda g, s, r: g.plot.bands(points=range(7)), "1 to 6 points, not 7"),
    ("outcome of a run", lambda g, s, r: g.plot.heat(outcome="peak_fihters"), "did you mean 'peak_fighters'"),
    ("path", lambda g, s, r: g.plot.heat("decision.thet"), r"did you mean 'decision.theta'\?"),
    ("twice", lambda g, s, r: g.plot.heat(DATE, DATE), "not events.omar_revealed.date twice"),
    ("one path", lambda g, s, r: r.plot.heat(), "this sweep varies nothing"),
    ("stat", lambda g, s, r: g.plot.heat(stat="meen"), r"did you mean 'mean'\?"),
    ("one column", lambda g, s, r: g.plot.scatter(["splits"]), "2 to 10 outcomes and parameters, not 1"),
    ("held", lambda g, s, r: r.plot.allegiances("isk"), r"did you mean 'iskp'\?"),
    ("faction", lambda g, s, r: r.plot.allegiances(factions=["imo"]), "unknown faction 'imo'"),
    ("not counted", lambda g, s, r: g.plot.allegiances(), "does not count allegiances"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("draw", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_is_not_there_is_refused(
    draw: Callable[[Any, Any, Any], Any], message: str, grid: Any, sample: Any, runs: Any
) -> None:
    with pytest.raises(UsageError, match=message):
        draw(grid, sample, runs)


def test_short_paths_and_values_tell_points_apart(grid: Any) -> None:
    paths = ["events.a.date", "events.b.date", "events.b.x.date", "world.b.date"]
    short = short_paths(paths)
    assert len(set(short.values())) == len(paths)
    assert short["events.a.date"] == "a.date"
    assert len(set(differing(grid, list(range(12))))) == 12


@pytest.mark.parametrize(("low", "high"), [(17.2, 21.1), (0, 1), (0.0, 0.003), (0, 9000), (-3, 3)])
def test_labels_of_ticks_differ(low: float, high: float) -> None:
    places, labels = value_ticks(low, high)
    assert 2 <= len(places) == len(set(labels))
    assert [float(label.replace(",", "")) for label in labels] == pytest.approx(places)


@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_rise_in_lightness_and_lines_stay_apart(sight: str) -> None:
    tones = [lab(SIGHTS[sight] @ linear(to_hex(colormaps[COLOURS](at)))) for at in np.linspace(0, 1, 12)]
    assert (np.diff([tone[0] for tone in tones]) > 2).all()
    lines = [lab(SIGHTS[sight] @ linear(colour)) for colour in PATRON_COLOURS]
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(lines, 2)) > 5


def test_outcomes_that_do_not_vary_have_no_correlation(tmp_path: Path) -> None:
    results = sim.ensemble("baseline", runs=4, until="2013-02", out=tmp_path / "still", progress=False)
    ax = results.plot.scatter(["pledged_ever", "peak_fighters"])
    panels = np.reshape(ax.child_axes, (2, 2))
    assert panels[0, 1].texts[0].get_text() == "–"
    assert [text.get_text() for text in panels[1, 1].get_xticklabels()] == ["0"]


def test_a_map_reads_the_columns_it_shows_and_no_others(sample: Any) -> None:
    names = ["decision.theta", "weights.b_embed", "splits"]
    assert columns(sample, names).column_names == names
