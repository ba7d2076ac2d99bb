"""Every figure: where it draws, what it says, and that all of it can be read."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.plots.folder import DPI, FIGURES, write_figures
from sim.plots.style import TITLE

from .drawing import figure_of, legend_texts, overlapping, texts_of

CASES = (
    ("baseline", 6.3), ("baseline", 3.35), ("omar-hidden-until-2018", 6.3),
    ("six months", 6.3), ("six months", 3.35), ("odd names", 6.3), ("odd names", 3.35), ("to 2027", 3.35),
)  # fmt: skip
"""Scenarios and widths: a page's and a column's, inches."""


@pytest.mark.parametrize("name", FIGURES)
def test_draws_into_the_axes_it_is_given_and_nowhere_else(name: str, run: Any) -> None:
    figure = Figure(figsize=(13, 9))
    left, right = figure.subplots(1, 2)
    before = len(right.get_children())
    assert FIGURES[name](run, ax=left) is left
    assert len(right.get_children()) == before
    assert figure.axes == [left, right] or set(figure.axes) - {left, right} <= set(left.child_axes)
    assert texts_of(left)


@pytest.mark.parametrize("name", FIGURES)
def test_makes_a_figure_of_its_own_that_a_notebook_shows(name: str, run: Any) -> None:
    ax: Any = FIGURES[name](run)
    assert figure_of(ax).get_size_inches()[0] == 6.3
    assert ax._repr_png_().startswith(b"\x89PNG")
    title = " ".join(
        text.get_text() for text in ax.texts if text.get_weight() == "bold" and text.get_size() == TITLE
    )
    assert repr(ax) == f"<Figure: {title}>"


UNITS = {
    "timeline": ("year", {"persons"}), "allegiance": ("year", {""}), "patrons": ("year", {"share"}),
    "decision": ("log-odds, each term against its mean in the first month; a move needs a sum above 3", {""}),
}  # fmt: skip


@pytest.mark.parametrize("name", UNITS)
def test_axes_are_labelled_with_their_units(name: str, run: Any) -> None:
    panels = FIGURES[name](run).child_axes
    along, up = UNITS[name]
    assert panels[-1].get_xlabel().replace("\n", " ") == along
    assert {panel.get_ylabel() for panel in panels} == up


ENTRIES = {
    "timeline": {"own men", "accepted factions", "on their own"},
    "allegiance": {"Taliban", "ISKP", "oath accepted", "self-declared", "thin: splinter of the one above"},
    "patrons": {"Taliban", "ISKP", "before oaths are asked for"},
    "regions": {"Taliban strongest", "90 % of the force or more", "frame: held by a patron, not the state"},
    "ties": {"Taliban", "100 fighters", "1,000 fighters"},
    "decision": {"speaks for: ISKP"},
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
def test_the_legend_names_what_is_drawn(name: str, run: Any) -> None:
    assert ENTRIES[name] <= set(legend_texts(FIGURES[name](run)))


@pytest.mark.parametrize(("case", "width"), CASES)
@pytest.mark.parametrize("name", FIGURES)
def test_every_text_is_on_the_canvas_and_none_covers_another(
    name: str, case: str, width: float, run_of: Callable[..., Any]
) -> None:
    size = figure_of(FIGURES[name](run_of(case))).get_size_inches()
    draw: Any = FIGURES[name]
    ax = draw(run_of(case), figsize=(width, max(float(size[1]), 3.0)))
    texts, box = texts_of(ax), figure_of(ax).bbox
    outside = [
        t for t, b in texts if b.x0 < -0.5 or b.y0 < -0.5 or b.x1 > box.x1 + 0.5 or b.y1 > box.y1 + 0.5
    ]
    assert not outside
    crowded = name == "ties" and width < 4
    assert len(overlapping(texts, 1.0)) <= (3 if crowded else 0), overlapping(texts, 1.0)


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", ["allegiance", "decision", "ties"])
def test_other_seeds_can_be_read_too(name: str, seed: int, run_of: Callable[..., Any]) -> None:
    texts = texts_of(FIGURES[name](run_of("baseline", seed)))
    assert not overlapping(texts, 1.0)


@pytest.mark.parametrize("name", FIGURES)
def test_the_footer_says_what_is_shown(name: str, run: Any) -> None:
    texts = [text.get_text() for text in FIGURES[name](run).texts]
    assert "Taliban or ISKP, 2013 to 2024: the baseline. One run in the model, seed 1." in texts


@pytest.mark.parametrize("name", ["timeline", "allegiance", "patrons"])
def test_months_past_the_record_are_shaded_and_named(name: str, run: Any, run_of: Callable[..., Any]) -> None:
    def shaded(ax: Any) -> set[float]:
        boxes = [patch for panel in ax.child_axes for patch in panel.patches if isinstance(patch, Rectangle)]
        return {patch.get_x() for patch in boxes}

    longer = FIGURES[name](run_of("to 2027"))
    assert shaded(longer) == {144.0}
    assert any("Shaded: after 2024-12, unvalidated." in text for text, _ in texts_of(longer))
    assert shaded(FIGURES[name](run)) == set()


def _numpy_chance() -> list[int]:
    state: Any = np.random.get_state()  # noqa: NPY002
    return list(map(int, state[1]))


@pytest.fixture(scope="module")
def written(run: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """All figures in a folder, drawn where everything else is drawn in a look of its own."""
    settings, state = dict(matplotlib.rcParams), _numpy_chance()
    chance = random.getstate()
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 40}):
        files = write_figures(run, tmp_path_factory.mktemp("written"))
        assert matplotlib.rcParams["font.size"] == 40
    assert dict(matplotlib.rcParams) == settings
    assert _numpy_chance() == state
    assert random.getstate() == chance
    return files


def test_neither_pyplot_nor_pandas_is_loaded() -> None:
    code = "import sys, sim.plots.folder; print({'matplotlib.pyplot', 'pandas'} & set(sys.modules))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"


def test_all_figures_go_to_a_folder_the_same_bytes_twice_and_touch_nothing_global(
    run: Any, written: list[Path], tmp_path: Path
) -> None:
    from PIL import Image

    again = write_figures(run, tmp_path)
    assert [path.stem for path in written] == list(FIGURES)
    for one, other in zip(written, again, strict=True):
        assert one.read_bytes() == other.read_bytes()
        with Image.open(one) as picture:
            assert picture.width == round(6.3 * DPI)
            assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 20
