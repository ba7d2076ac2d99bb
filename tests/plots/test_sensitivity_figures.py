"""The figures of a sensitivity analysis: what they show, and that it can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from matplotlib.patches import Rectangle

import sim
from sim.errors import UsageError
from sim.plots.folder import land_figure
from sim.plots.style import PATRON_COLOURS

from .drawing import figure_of, legend_texts, overlapping, texts_of

PATHS = [
    "patrons.iskp.constant", "patrons.taliban.institutionalisation", "weights.b_embed", "weights.b_switch",
    "weights.parent_recovery_half_life", "weights.c_independent", "weights.split_min",
]  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    asked = {
        "name": "drawn",
        "meta": {"title": "Which of seven numbers matter", "question": "Which?", "schema_version": 1},
        "scenario": "baseline",
        "until": "2015-06",
        "outputs": {
            "pledges": {"title": "Units of which any part ever pledged", "statistic": "pledged_ever"},
            "ratio": {"title": "Peak ratio", "statistic": "run_outcome", "with": {"outcome": "peak_ratio"}},
            "nothing": {
                "title": "A month that never comes",
                "statistic": "first_oath",
                "with": {"unit": "haqqani", "never": 5},
            },
        },
        "parameters": PATHS,
        "morris": {"trajectories": 8, "replicates": 4},
        "keep": 4,
        "sobol": {"points": 64, "replicates": 3},
    }
    return sim.sensitivity(
        asked, out=tmp_path_factory.mktemp("drawn") / "drawn", figures=False, progress=False
    )


def bars(panel: Any) -> list[Any]:
    return [patch for patch in panel.patches if isinstance(patch, Rectangle)]


@pytest.mark.parametrize("stage", ["morris", "sobol"])
@pytest.mark.parametrize("figure", ["tornado", "convergence"])
@pytest.mark.parametrize("output", [None, "pledges"])
def test_all_texts_can_be_read(found: Any, stage: str, figure: str, output: str | None) -> None:
    axes = getattr(found.plot, figure)(output, stage)
    boxes = texts_of(axes)
    page = figure_of(axes).bbox
    assert overlapping(boxes) == []
    for text, box in boxes:
        assert box.x0 >= page.x0 - 1, text
        assert box.x1 <= page.x1 + 1, text
        assert box.y0 >= page.y0 - 1, text
        assert box.y1 <= page.y1 + 1, text


def test_a_tornado_shows_the_largest_first_in_the_colour_of_its_sign(found: Any) -> None:
    (panel,) = found.plot.tornado("pledges", "morris").child_axes
    ranked = found.ranked("pledges", "morris")
    assert [bar.get_width() for bar in bars(panel)] == pytest.approx([one["mu_star"] for _, one in ranked])
    assert panel.get_yticklabels()[0].get_text() == "iskp.constant"
    assert bars(panel)[0].get_facecolor()[:3] == pytest.approx(
        [int(PATRON_COLOURS[0][n : n + 2], 16) / 255 for n in (1, 3, 5)]
    )
    (few,) = found.plot.tornado("pledges", "morris", most=2).child_axes
    assert len(bars(few)) == 2


def test_convergence_shows_the_same_numbers_in_every_panel(found: Any) -> None:
    axes = found.plot.convergence(stage="sobol")
    pledges, ratio = axes.child_axes[:2]
    assert legend_texts(axes)[0] == "iskp.constant"
    told = found.about["sobol"]["outputs"]["ratio"]["convergence"]
    path = found.kept[0]
    lines = [list(line.get_ydata()) for line in ratio.lines]
    assert pytest.approx([step["indices"][path]["total"] for step in told]) in lines
    assert pledges.get_xscale() == "log"


def test_figures_are_the_same_bytes_twice(found: Any, tmp_path: Path) -> None:
    one, other = (land_figure(found.plot.tornado(), tmp_path / f"{n}.png") for n in "ab")
    assert one.read_bytes() == other.read_bytes()


def test_what_is_not_there_is_not_drawn(found: Any) -> None:
    with pytest.raises(UsageError, match="no output 'pledge' \\(did you mean 'pledges'"):
        found.plot.tornado("pledge")
    with pytest.raises(UsageError, match="has no 'pawn'; it has: morris, sobol"):
        found.plot.tornado(stage="pawn")
