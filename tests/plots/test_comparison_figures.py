"""The figures of a comparison: what they show, that it can be read, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import sim
from sim.errors import UsageError
from sim.plots.causes import KINDS, LEAST, causes_of
from sim.plots.comparison_record import amount, percent, signed
from sim.plots.pair import telling_pair
from sim.plots.states import States
from sim.plots.who_moved import LEAST as LEAST_MOVED

from .drawing import figure_of, legend_texts, overlapping, texts_of

OMAR, OPERATION = "omar-hidden-until-2018", "no-waziristan-operation"
LONG = "The union of the fronts of the upper valleys, of the passes and of $all_the$ roads between them (later more)"


def compare(base: Any, alternatives: Any, **more: Any) -> Any:
    return sim.compare(base, alternatives, progress=False, **more)


@pytest.fixture(scope="module")
def two() -> Any:
    """Two what-ifs, until the end of 2016."""
    return compare("baseline", [OMAR, OPERATION], runs=60, until="2016-12")


@pytest.fixture(scope="module")
def same() -> Any:
    """A scenario against itself."""
    return compare("baseline", "baseline", runs=3, until="2013-12")


@pytest.fixture(scope="module")
def varied() -> Any:
    """Over three values of a weight, with long names, and months past the record."""
    changes = {
        "factions.imu.name": LONG, "meta.title": f"Base of {LONG}", "period.validated_until": "2015-06",
    }  # fmt: skip
    base = sim.load("baseline", set=changes)
    other = base.without("mansour_killed", "hibatullah_succession").set(
        {"events.omar_revealed.date": "2018-07", "meta.title": f"What if {LONG}"}
    )
    weights = pd.DataFrame({"weights.b_embed": [0.5, 1.0, 1.5]})
    return compare(base, other, runs=24, until="2016-12", weights=weights)


def told(ax: Any) -> str:
    """All texts, from top to bottom."""
    lines = sorted(texts_of(ax), key=lambda entry: (-round(entry[1].y1 / 4), entry[1].x0))
    return " ".join(text.replace("\n", " ") for text, _ in lines)


DRAWN: dict[str, Callable[[Any, str, dict[str, Any]], Any]] = {
    "difference": lambda one, name, more: one.plot.difference("focus_fighters", name, **more),
    "several": lambda one, name, more: one.plot.difference("strength_ratio", **more),
    "who_moved": lambda one, name, more: one.plot.who_moved(name, **more),
    "pair": lambda one, name, more: one.plot.pair(alternative=name, **more),
    "causes": lambda one, name, more: one.plot.causes("imu", name, **more),
    "waterfall": lambda one, name, more: one.plot.waterfall("imu", name, **more),
    "forest": lambda one, name, more: one.plot.forest("focus_fighters", **more),
}


@pytest.mark.parametrize(
    ("case", "width"), [("two", 6.3), ("two", 3.35), ("varied", 6.3), ("varied", 3.35), ("same", 3.35)]
)
@pytest.mark.parametrize("name", DRAWN)
def test_every_text_is_on_the_canvas_and_none_covers_another(
    name: str, case: str, width: float, request: pytest.FixtureRequest
) -> None:
    one = request.getfixturevalue(case)
    ax = DRAWN[name](one, one.alternatives[0], {"figsize": (width, None)})
    texts, box = texts_of(ax), figure_of(ax).bbox
    outside = [t for t, b in texts if b.x0 < -1 or b.y0 < -1 or b.x1 > box.x1 + 1 or b.y1 > box.y1 + 1]
    assert not outside
    assert not overlapping(texts, 1.5)


@pytest.mark.parametrize("name", DRAWN)
def test_draws_into_the_axes_it_is_given_and_nowhere_else(name: str, two: Any) -> None:
    left, right = Figure(figsize=(13, 7)).subplots(1, 2)
    before = len(right.get_children())
    assert DRAWN[name](two, OMAR, {"ax": left}) is left
    assert len(right.get_children()) == before
    assert left.child_axes


@pytest.mark.parametrize("name", DRAWN)
def test_every_figure_says_what_is_compared_and_that_it_is_in_the_model(name: str, two: Any) -> None:
    text = told(DRAWN[name](two, OMAR, {}))
    assert "In the model, weights fixed, 60 pairs" in text
    assert two.titles["baseline"] in text
    assert two.titles[OMAR] in text


def test_figures_are_at_hand_by_name(two: Any) -> None:
    assert {"difference", "who_moved", "pair", "causes", "waterfall", "forest"} <= set(dir(two.plot))
    for name in ("difference", "who_moved", "pair", "causes", "waterfall", "forest"):
        assert name in repr(two.plot)
        assert getattr(two.plot, name).__doc__


def test_the_difference_is_that_of_the_frame(two: Any) -> None:
    ax = two.plot.difference("focus_fighters", OMAR)
    panel = ax.child_axes[0]
    frame = two.difference("focus_fighters").loc[(OMAR, "focus_fighters")]
    assert any(np.array_equal(line.get_ydata()[:-1], frame["difference"]) for line in panel.lines)
    lows = [area.get_paths()[0].vertices[:, 1].min() for area in panel.collections]
    spread = two.spread("focus_fighters").loc[OMAR]
    for column in (spread["q05"], frame["low"], -frame["smallest"]):
        assert any(low == pytest.approx(column.min()) for low in lows)
    assert panel.get_ylabel() == "difference (persons)"
    levers = [line for line in panel.lines if line.get_gid() == "levers"]
    assert [line.get_xdata()[0] for line in levers] == [two.months.index(two.lever_months[OMAR])]
    assert f"levers differ from {two.lever_months[OMAR]}" in legend_texts(ax)


def test_the_footer_tells_the_last_difference_and_the_smallest_that_could_have_been_seen(two: Any) -> None:
    row = two.difference("focus_fighters", "2016-12").loc[(OMAR, "focus_fighters", "2016-12")]
    text = told(two.plot.difference("focus_fighters", OMAR))
    assert f"At the end of 2016-12: {signed(row['difference'])} persons" in text
    assert f"could have been seen is {amount(row['smallest'])}." in text


def test_several_alternatives_have_a_line_each(two: Any) -> None:
    ax = two.plot.difference("focus_fighters")
    titles = [two.titles[name] for name in two.alternatives]
    assert [text for text in legend_texts(ax) if text in titles] == titles
    frame = two.difference("focus_fighters")["difference"]
    for name in two.alternatives:
        values = frame.loc[(name, "focus_fighters")]
        assert any(np.array_equal(line.get_ydata()[:-1], values) for line in ax.child_axes[0].lines[:2])
    assert "The smallest difference that could have been seen" in told(ax)


def test_the_spread_over_weights_is_told_apart(varied: Any) -> None:
    ax = varied.plot.difference("focus_fighters")
    frame = varied.difference("focus_fighters").loc[(varied.alternatives[0], "focus_fighters")]
    drawn_lines = [line.get_ydata()[:-1] for line in ax.child_axes[0].lines if len(line.get_ydata()) > 2]
    for column in ("weights_low", "weights_high"):
        assert any(np.array_equal(line, frame[column]) for line in drawn_lines)
    assert "spread over the weights, sampling error taken out" in legend_texts(ax)
    assert "weights: 3 draws" in told(ax)
    assert "spread over the weights" in legend_texts(varied.plot.forest("focus_fighters"))


@pytest.mark.parametrize("name", ["difference", "several", "who_moved", "pair"])
def test_months_past_the_record_are_shaded_and_named(name: str, varied: Any, two: Any) -> None:
    ax = DRAWN[name](varied, varied.alternatives[0], {})
    first = varied.months.index("2015-07")
    for panel in ax.child_axes[-1:]:
        assert any(isinstance(patch, Rectangle) and patch.get_x() == first for patch in panel.patches)
    assert "Shaded: after 2015-06, unvalidated." in told(ax)
    assert "unvalidated" not in told(DRAWN[name](two, OMAR, {}))


def test_a_forest_says_when_no_record_validates_what_it_shows(varied: Any, two: Any) -> None:
    assert "From 2015-07 on no record" in told(varied.plot.forest("focus_fighters", "2016-01"))
    assert "no record" not in told(varied.plot.forest("focus_fighters", "2015-06"))
    assert "no record" not in told(two.plot.forest("focus_fighters", "2016-01"))


def test_rows_are_the_factions_that_moved_those_that_did_most_first(two: Any) -> None:
    ax = two.plot.who_moved(OMAR)
    frame = two.who_moved().loc[OMAR]
    expected = frame[frame["moved"] >= LEAST_MOVED].sort_values("moved", ascending=False, kind="stable")
    cells = ax.child_axes[-1].images[0].get_array()
    assert np.array_equal(cells, two.moved_by_month().loc[OMAR].loc[expected.index])
    heights = sorted((-box.y0, text) for text, box in texts_of(ax) if text.endswith(" %"))
    shares = [text for _, text in heights if text in {percent(value) for value in expected["moved"]}]
    assert [percent(value) for value in expected["moved"]] == shares[-len(expected) :]
    assert "ISKP → Taliban" in told(ax)
    same = len(two.factions) - len(expected)
    assert f"{same} of {len(two.factions)} differ in less than 1 % of pairs." in told(ax)


def test_no_more_rows_than_asked_for_and_the_others_are_counted(two: Any) -> None:
    ax = two.plot.who_moved(OMAR, most=3)
    assert len(ax.child_axes[-1].images[0].get_array()) == 3
    moved = int((two.who_moved().loc[OMAR]["moved"] >= LEAST_MOVED).sum())
    assert f"{moved - 3} more differ less often than those shown." in told(ax)


def test_a_pair_shows_the_factions_whose_side_differs_in_it(two: Any) -> None:
    number = telling_pair(two, OMAR)
    states = [States.of(two.replay(number, arm)) for arm in ("baseline", OMAR)]
    unlike = {
        name
        for name in two.factions
        if (
            states[0].held[:, list(states[0].names).index(name)]
            != states[1].held[:, list(states[1].names).index(name)]
        ).any()
    }
    assert unlike
    ax = two.plot.pair(alternative=OMAR)
    text, names = told(ax), {text for text, _ in texts_of(ax)}
    for name, words in two.factions.items():
        shown = any(text == words or words.startswith(f"{text} (") for text in names)
        assert shown == (name in unlike), name
    assert f"{len(two.factions) - len(unlike)} of {len(two.factions)} factions stand on the same side" in text
    assert f"Pair {number}, seed {two.replay(number).seed}:" in text


def test_both_arms_of_a_pair_are_the_same_until_the_levers_differ(two: Any) -> None:
    first = two.months.index(two.lever_months[OMAR])
    left, right = two.plot.pair(0, OMAR).child_axes
    for panel in (left, right):
        lines = [line.get_xdata()[0] for line in panel.lines if line.get_gid() == "levers"]
        assert lines == [first]

    def before(panel: Any) -> set[tuple[Any, ...]]:
        shapes = panel.collections[1]
        colours = shapes.get_facecolor()
        found = set()
        for path, colour in zip(shapes.get_paths(), colours, strict=True):
            x, y = path.vertices[:, 0], path.vertices[:, 1]
            if x.min() < first:
                found.add((x.min(), min(x.max(), first), y.min(), y.max(), to_hex(colour)))
        return found

    assert before(left) == before(right) != set()


@pytest.mark.parametrize("alternative", [OMAR, OPERATION])
def test_bars_are_the_shares_of_the_causes(alternative: str, two: Any) -> None:
    moved = two.who_moved().loc[alternative]["moved"]
    faction = str(moved.idxmax())
    frame = causes_of(two, faction, alternative)
    shown = frame[frame["of_moved"] >= LEAST]
    panel = two.plot.causes(faction, alternative).child_axes[0]
    assert sorted(bar.get_width() for bar in panel.patches) == pytest.approx(sorted(shown["of_moved"]))
    plain = shown[~shown["kind"].isin(["joint", "unexplained"])]["of_moved"].sort_values(ascending=False)
    assert [bar.get_width() for bar in panel.patches][: len(plain)] == pytest.approx(list(plain))
    starts = [bar.get_x() for bar in panel.patches]
    if frame["of_moved"].sum() <= 1.005:
        assert starts == pytest.approx([0, *np.cumsum([bar.get_width() for bar in panel.patches])[:-1]])
    else:
        assert set(starts) == {0}
        assert "shares overlap" in told(two.plot.causes(faction, alternative))
    names = set(legend_texts(two.plot.causes(faction, alternative)))
    assert names == {KINDS[kind][0] for kind in set(shown["kind"])}


def test_every_kind_of_cause_has_a_look_of_its_own(two: Any) -> None:
    assert set(two.reasons()["kind"]) <= set(KINDS)
    looks = {(look["facecolor"], look.get("hatch")) for _, look in KINDS.values()}
    assert len(looks) == len(KINDS)


def test_rows_of_a_forest_fall(two: Any) -> None:
    ax = two.plot.forest("focus_fighters", "2016-12")
    rows = two.difference("focus_fighters", "2016-12").sort_values("difference", ascending=False)
    panel = ax.child_axes[0]
    dots = [line for line in panel.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx(list(rows["difference"]))
    titles = [two.titles[name] for name in rows.index.get_level_values("alternative")]
    heights = {text.replace("\n", " "): box.y0 for text, box in texts_of(ax)}
    assert heights[titles[0]] > heights[titles[1]]
    assert panel.get_xlabel() == "difference (persons)"
    for share in rows["p_higher"]:
        assert percent(share) in heights


def test_a_forest_marks_what_was_said_beforehand_to_be_no_effect(two: Any) -> None:
    panel = two.plot.forest("focus_fighters", "2016-12").child_axes[0]
    stated = [
        reading.no_effect
        for name in two.alternatives
        for reading in two.readouts[name]
        if (reading.outcome, reading.month) == ("focus_fighters", "2016-12")
    ]
    bands = [patch.get_width() / 2 for patch in panel.patches if isinstance(patch, Rectangle)]
    assert sorted(bands) == pytest.approx(sorted(stated))
    assert stated


def test_a_forest_of_an_outcome_of_the_run(two: Any) -> None:
    ax = two.plot.forest("peak_month")
    assert ax.child_axes[0].get_xlabel() == "difference (month)"
    assert "over the run" in told(ax)


@pytest.mark.parametrize("name", DRAWN)
def test_no_difference_is_a_sentence_and_no_empty_box(name: str, same: Any) -> None:
    ax = DRAWN[name](same, same.alternatives[0], {})
    assert not ax.child_axes
    sentences = {
        "difference": "No difference: focus_fighters is the same in every month of all 3 pairs.",
        "several": "No difference: strength_ratio is the same in every month of all 3 pairs.",
        "who_moved": "No faction moved: each differs from its side in the base in no pair.",
        "pair": "In this pair every faction stands on the same side in both arms, in every month.",
        "causes": "It stands on the same side in both arms, in every month of every pair.",
        "waterfall": "There is no first difference of this faction in which both choices can be set side by side.",
        "forest": "No difference: focus_fighters at the end of 2013-12 is the same in both arms of every pair.",
    }
    assert sentences[name] in told(ax)


REFUSED: list[tuple[str, Callable[[Any], Any], str]] = [
    ("outcome", lambda two: two.plot.difference("focus_fighter", OMAR), "did you mean 'focus_fighters'"),
    ("no months", lambda two: two.plot.difference("pledged_ever"), "outcome of the run as a whole"),
    ("alternative", lambda two: two.plot.who_moved("omar-hidden"), "there is no alternative 'omar-hidden'"),
    ("which", lambda two: two.plot.who_moved(), "name the alternative"),
    ("pair", lambda two: two.plot.pair(60, OMAR), "there is no pair 60; pairs are 0 to 59"),
    ("faction", lambda two: two.plot.causes("imo", OMAR), "unknown faction 'imo'"),
    ("month", lambda two: two.plot.forest("focus_fighters", "2019-01"), "2019-01 is outside"),
    ("month of a run", lambda two: two.plot.forest("pledged_ever", "2016-01"), "it has no months"),
    ("run of a month", lambda two: two.plot.forest("focus_fighters", "run"), "is an outcome by month"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("draw", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_what_is_not_there_is_refused(draw: Callable[[Any], Any], message: str, two: Any) -> None:
    with pytest.raises(UsageError, match=message):
        draw(two)


def test_more_alternatives_than_can_be_told_apart_are_refused() -> None:
    cases = [sim.load("baseline", set={"decision.theta": 2 + n / 10}) for n in range(7)]
    many = compare("baseline", cases, runs=2, until="2013-03")
    with pytest.raises(UsageError, match="1 to 6 alternatives, not 7; forest shows all"):
        many.plot.difference("focus_fighters")
    assert len(many.plot.difference("focus_fighters", list(many.alternatives[:6])).texts) > 0
