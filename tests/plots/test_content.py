"""That figures show what the run's tables say."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from sim.errors import UsageError
from sim.plots.marks import spread
from sim.plots.page import fit, month_ticks, width_of, wrap
from sim.plots.patrons import patrons
from sim.plots.record import Panel, marked_events, palette_of
from sim.plots.regions import regions
from sim.plots.ribbons import ribbons
from sim.plots.states import States
from sim.plots.ties import layout, ties
from sim.plots.timeline import timeline
from sim.plots.waterfall import find_decision, waterfall
from sim.scenario.quantities import month_index

from .drawing import texts_of


def test_the_bands_of_a_patron_add_up_to_its_men(run: Any) -> None:
    table, axes = run.data("patrons"), timeline(run)
    for k, panel in enumerate(axes.child_axes[:2]):
        of = table.words("patron").codes == k
        men = sum(table.numbers(name)[of] for name in ("core", "sworn", "declared", "allied"))
        tops = [band.get_paths()[0].vertices[:, 1].max() for band in panel.collections]
        assert max(tops) == pytest.approx(men.max())


def test_men_of_no_patron_are_counted_once(run: Any) -> None:
    panel = timeline(run).child_axes[2]
    table = run.data("factions")
    alone = table.words("fate").where("active") & table.words("allegiance").where("independent")
    peace = table.words("fate").where("reconciled")
    first = table.numbers("month") == table.numbers("month").min()
    men = table.numbers("fighters")
    top = max(band.get_paths()[0].vertices[:, 1].max() for band in panel.collections)
    months = table.numbers("month")
    totals = [men[(alone | peace) & (months == month)].sum() for month in np.unique(months)]
    assert top == pytest.approx(max(totals))
    assert men[alone & first].sum() > 0


def test_a_ribbon_for_every_faction_in_its_colours(run: Any) -> None:
    shown = {text for text, _ in texts_of(ribbons(run))}
    for faction in run.scenario.factions.values():
        assert any(text == faction.name or faction.name.startswith(text + " (") for text in shown), (
            faction.name
        )
    shapes = ribbons(run).child_axes[0].collections[-1]
    colours = {to_hex(colour) for colour in shapes.get_facecolor()}
    held = {name for name in np.unique(States.of(run).held.astype(str)) if name != "None"}
    assert colours == {palette_of(run).colour(name).lower() for name in held}


def test_spells_say_what_the_table_says(run: Any) -> None:
    states, table = States.of(run), run.data("factions")
    months = table.numbers("month") - month_index(run.scenario.period.start)
    who, held = table.words("faction").texts(), table.words("allegiance").texts()
    fate, pole = table.words("fate").texts(), table.words("pole").texts()
    spells = {name: list(states.spells(j)) for j, name in enumerate(states.names)}
    for month, name, option, state, side in zip(months, who, held, fate, pole, strict=True):
        now = [spell for spell in spells[name] if spell[0] <= month < spell[1]]
        if state not in ("active", "reconciled"):
            assert not now
            continue
        expected = "third" if side == "third_pole" else option
        assert [spell[2] for spell in now] == [expected]


def test_factions_that_moved_first_stand_first(run: Any) -> None:
    roster = [faction.name.split(" (")[0] for faction in run.scenario.factions.values()]
    boxes = sorted((-box.y0, text) for text, box in texts_of(ribbons(run)) if text.split(" (")[0] in roster)
    states = States.of(run)
    ids = {faction.name.split(" (")[0]: name for name, faction in run.scenario.factions.items()}
    first = [states.moved(states.names.index(ids[text.split(" (")[0]])) for _, text in boxes if text in ids]
    known = [month for month in first if month is not None]
    assert known == sorted(known)
    assert None not in first[: len(known)]


def test_more_factions_than_there_is_room_for_are_said_to_be_left_out(run: Any) -> None:
    texts = [text for text, _ in texts_of(ribbons(run, most=5))]
    assert "Allegiance of 5 of 38 factions" in texts


def test_lines_of_the_patrons_are_their_values(run: Any) -> None:
    panels = patrons(run).child_axes
    table = Panel(run, "patrons")
    for panel, name in zip(panels, ("legitimacy", "recognition", "momentum"), strict=True):
        drawn = np.concatenate([line.get_ydata() for line in panel.lines if len(line.get_ydata()) > 2])
        assert set(np.round(table.number(name).ravel(), 9)) <= set(np.round(drawn.astype(float), 9))
        assert panel.get_ylim()[0] == 0


def test_tiles_tell_the_strongest_side(run: Any) -> None:
    texts = [text for text, _ in texts_of(regions(run, "2013-01"))]
    assert "2013-01" in texts
    assert sum(bool(re.fullmatch(r"Taliban \d+ %", text)) for text in texts) > 10
    assert not any(text.startswith("ISKP ") and text.endswith("%") for text in texts)
    assert "frame: held by a patron, not the state" not in texts


def test_several_dates_stand_one_below_the_other(run: Any) -> None:
    texts = dict(texts_of(regions(run, "2014-12", "2021-12")))
    assert texts["2014-12"].y0 > texts["2021-12"].y0


@pytest.mark.parametrize("month", ["2011-01", "2015-13", "soon"])
def test_a_month_that_the_run_does_not_have_is_refused(month: str, run: Any) -> None:
    for draw in (lambda: regions(run, month), lambda: ties(run, month), lambda: waterfall(run, "imu", month)):
        with pytest.raises(UsageError, match=month):
            draw()


def test_the_waterfall_ends_where_the_utilities_do(run: Any) -> None:
    decision = find_decision(run)
    assert decision is not None
    frame = run.decisions.reset_index()
    rows = frame[(frame.faction == decision.faction) & (frame.month.astype(str) == decision.text)]
    utility = rows.set_index("option")["utility"]
    gap = utility[decision.other] - utility[decision.held]
    assert decision.differences.sum() == pytest.approx(gap)
    assert f"{gap:+.1f}" in [text for text, _ in texts_of(waterfall(run))]


def test_the_default_decision_is_a_move_to_the_patron_asked_about(run: Any) -> None:
    decision = find_decision(run)
    assert decision is not None
    assert decision.chosen == decision.other == "iskp" != decision.held


def test_one_that_stayed_is_held_against_its_best_alternative(run: Any) -> None:
    frame = run.decisions.reset_index()
    stayed = frame[(frame.held == frame.chosen) & (frame.faction == "haqqani")].iloc[0]
    decision = find_decision(run, "HQN", str(stayed.month))
    assert decision is not None
    assert decision.chosen == decision.held == "taliban" != decision.other
    rows = frame[(frame.faction == "haqqani") & (frame.month == stayed.month) & (frame.option != "taliban")]
    assert decision.other == rows.loc[rows.utility.idxmax(), "option"]


def test_no_decision_is_said_so(run: Any) -> None:
    texts = [text for text, _ in texts_of(waterfall(run, "aqis", "2013-01"))]
    assert "Nobody appraised its options then." in texts


def test_an_unknown_faction_is_refused(run: Any) -> None:
    with pytest.raises(UsageError, match="unknown faction 'imo'"):
        waterfall(run, "imo")


def test_nodes_are_coloured_by_what_they_hold_then(run: Any) -> None:
    early = ties(run, "2013-01")
    colours = {to_hex(colour) for dots in early.collections[1:] for colour in dots.get_facecolor()}
    palette = palette_of(run)
    assert colours == {palette.colour(name).lower() for name in ("taliban", "independent")} | {"#ffffff"}


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_the_layout_is_the_same_every_time_and_within_bounds(count: int) -> None:
    edges = [(n, n + 1, 0.5) for n in range(count - 1) if n != 3]
    one, other = layout(count, edges), layout(count, edges)
    assert one.shape == (count, 2)
    assert np.array_equal(one, other)
    assert ((one >= 0) & (one <= 1)).all()


def test_tied_nodes_stand_closer_than_others() -> None:
    at = layout(6, [(0, 1, 1.0), (1, 2, 1.0), (3, 4, 1.0), (4, 5, 1.0)])
    far = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2))
    assert max(far[0, 1], far[1, 2], far[3, 4], far[4, 5]) < far[:3, 3:].min()


def test_marks_are_the_scenarios_own_or_the_most_telling(run: Any, run_of: Callable[..., Any]) -> None:
    assert {event for _, event in marked_events(run)} == set(run.scenario.report.marks)
    six = marked_events(run_of("six months"))
    assert six == [(1, "banner_calls"), (1, "valley_operation"), (3, "banner_founded")]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20).map(sorted))
def test_spread_keeps_gaps_bounds_and_order(places: list[float]) -> None:
    out = spread(places, 0.5, 0.0, 10.0)
    assert all(b - a >= 0.5 - 1e-9 for a, b in pairwise(out))
    assert -1e-9 <= out[0] <= out[-1] <= 10 + 1e-9
    if all(b - a >= 0.5 for a, b in pairwise(places)):
        assert out == pytest.approx(places)


def test_texts_are_cut_and_wrapped_to_a_width() -> None:
    text = "Khyber, Orakzai and Kurram"
    assert fit(text, 8, 10) == text
    assert width_of(fit(text, 8, 0.8), 8) <= 0.8
    lines = wrap(text, 8, 0.9, 3)
    assert " ".join(lines) == text
    assert all(width_of(line, 8) <= 0.9 for line in lines)
    assert wrap(text, 8, 0.9, 1)[0].endswith("…")


@pytest.mark.parametrize("months", [1, 6, 30, 144, 1200])
@pytest.mark.parametrize("width", [1.5, 5.5])
def test_ticks_have_room(months: int, width: float) -> None:
    at, labels, name = month_ticks(range(month_index("2014-05"), month_index("2014-05") + months), width)
    assert at
    assert len(at) == len(labels) == len(set(labels))
    assert name == ("year" if len(labels[0]) == 4 else "month")
    gaps = np.diff(at) * width / months
    assert all(gap > width_of(labels[0], 7.5) for gap in gaps)
