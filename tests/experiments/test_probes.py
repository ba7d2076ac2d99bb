"""Placebo dates, coding turned round, years ahead, statements taken out: small real runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from calibrated import bundled

from sim.errors import IncompleteError
from sim.experiments.patterns import many
from sim.experiments.validation import ablation, probes
from sim.experiments.validation.ablation import ablate, ablations
from sim.experiments.validation.probes import ahead, late_inputs, placebo, recoding
from sim.experiments.validation.schema import Ablation, Ahead, Placebo, Recoding
from sim.mechanisms import MECHANISMS
from sim.scenario.load import with_overrides
from sim.scenario.quantities import month_index

HOW: dict[str, Any] = {"workers": 1}
EVENT = "events.omar_revealed.date"
WITHOUT = ("events.mansour_killed", "events.hibatullah_succession")
POINTS = bundled().values(np.random.default_rng(4).random((3, 12)) * 0.4 + 0.3)


def coded() -> tuple[np.ndarray, list[str]]:
    calibration = bundled()
    units = calibration.patterns.units
    assert units is not None
    rows = units.order(calibration.units)
    return units.pledged[rows].astype(float), [units.clusters[row] for row in rows]


# Placebo dates


def moved(**changes: Any) -> pd.DataFrame:
    form = Placebo(
        event=EVENT, never="2024-12", without=WITHOUT, first="2016-01", last="2018-06", dates=2, runs=6
    ).model_copy(update=changes)  # fmt: skip
    return placebo(bundled(), POINTS, form, **HOW)


def test_the_shock_stands_at_its_own_date_and_at_placebo_dates() -> None:
    frame = moved()
    assert frame["month"].tolist() == ["2015-07", "2016-01", "2018-06"]
    assert frame["real"].tolist() == [True, False, False]
    last = month_index(bundled().patterns.until)
    # The window after the last date ends with the last month that is run.
    assert [month_index(month) + 6 <= last for month in frame["month"]] == [True] * 3
    assert (frame["low"] <= frame["ratio"]).all()
    assert (frame["ratio"] <= frame["high"]).all()
    assert frame["above_one"].between(0, 1).all()
    assert (frame["pairs"] <= 6).all()
    assert (frame["pairs"] > 0).all()
    pd.testing.assert_frame_equal(frame, moved())
    # A date among the placebo dates that is the scenario's own stands once.
    own = moved(first="2015-07", last="2018-06")
    assert own["month"].tolist() == ["2015-07", "2018-06"]
    pd.testing.assert_series_equal(own.iloc[0], frame.iloc[0])


def test_the_own_date_is_left_out_where_its_window_leaves_what_is_run() -> None:
    base = with_overrides(bundled().base, {EVENT: "2018-07", **dict.fromkeys(WITHOUT)})
    late = replace(bundled(), base=base)
    frame = placebo(
        late, POINTS, Placebo(event=EVENT, never="2024-12", last="2018-06", dates=1, runs=4), **HOW
    )
    assert frame["month"].tolist() == ["2016-01"]
    assert not frame["real"].any()
    inside = placebo(
        late, POINTS, Placebo(event=EVENT, never="2024-12", last="2018-06", dates=1, runs=4, window=5), **HOW
    )
    assert inside["month"].tolist() == ["2016-01", "2018-07"]
    assert inside["real"].tolist() == [False, True]


# Coding


def test_recoding_changes_rule_and_runs_and_nothing_where_nothing_is_recoded() -> None:
    calibration = bundled()
    outcome, _ = coded()
    form = Recoding(runs=1)
    frame = recoding(calibration, POINTS, form, **HOW).set_index("recoded")
    units = calibration.patterns.units
    assert units is not None
    marked = units.traits_of(calibration.units)[form.trait]
    calls = [name for name, mark in zip(calibration.units, marked, strict=True) if mark]
    assert frame.index.tolist() == ["as coded", *calls, "all 6"]
    assert frame.loc["as coded", "brier_rule"] == pytest.approx(0.117, abs=5e-4)
    rule = frame["brier_rule"].drop("as coded")
    assert (rule != frame.loc["as coded", "brier_rule"]).all()
    assert (frame["brier_model"] != frame.loc["as coded", "brier_model"]).sum() >= 1
    assert frame["patterns_inside"].between(0, 9).all()
    # One call, by hand: the rule on the new coding.
    turned = units.recoded("embedded", {calls[0]: 1 - units.traits["embedded"][units.names.index(calls[0])]})
    trait = turned.traits_of(calibration.units)["embedded"]
    expected = []
    for n in range(38):
        expected.append(outcome[trait == trait[n]].mean())
    brier = float(((np.array(expected) - outcome) ** 2).mean())
    assert frame.loc[calls[0], "brier_rule"] == pytest.approx(brier)
    # The number that follows from the coding, at the value it has, changes no run.
    now = {name: calibration.base.scenario.factions[name].embeddedness["taliban"].value for name in calls}
    same = [name for name in calls if now[name] == form.value]
    for name in same:
        assert frame.loc[name, "brier_model"] == frame.loc["as coded", "brier_model"]


# Years ahead


def test_years_ahead_are_those_after_the_fit_and_are_not_scored() -> None:
    form = Ahead(until="2021-12", runs=2)
    frame = ahead(bundled(), POINTS, form, **HOW)
    assert sorted(set(frame["year"])) == [2019, 2020, 2021]
    assert len(frame) == 3 * len(form.outcomes)
    assert not frame["scored"].any()
    at = frame[["q05", "q25", "q50", "q75", "q95"]].to_numpy()
    assert (np.diff(at, axis=1) >= 0).all()
    how = frame.groupby("outcome")["how"].first()
    assert how["attacks"] == "sum over the year"
    assert how["pledged_units"] == "at the end of the year"
    # By hand, of the same runs.
    witness = many.Asked(
        bundled().loaded, bundled().paths, "2021-12", ("attacks", "pledged_units"), bundled().patterns
    ).witness()
    attacks, pledged = [], []
    for n, point in enumerate(POINTS):
        witness.write(dict(zip(bundled().paths, point.tolist(), strict=True)))
        records, _ = witness.runs([2**47 + 2 * n, 2**47 + 2 * n + 1])
        attacks += records.monthly["attacks"][:, 84:96].sum(axis=1).tolist()
        pledged += records.monthly["pledged_units"][:, 95].tolist()
    mine = frame[frame["year"] == 2020].set_index("outcome")
    assert mine.loc["attacks", "q50"] == pytest.approx(np.median(attacks))
    assert mine.loc["pledged_units", "q95"] == pytest.approx(np.quantile(pledged, 0.95))


def test_inputs_dated_after_the_fit_are_listed() -> None:
    rows = late_inputs(bundled())
    months = [row["month"] for row in rows]
    assert months
    assert months == sorted(months)
    assert months[0] > "2018-12"
    names = {row["event"] for row in rows}
    events = bundled().base.scenario.events
    absolute = {name: event.date for name, event in events.items() if event.date[:2].isdigit()}
    assert {name for name, date in absolute.items() if date > "2018-12"} <= names
    assert not {name for name, date in absolute.items() if date <= "2018-12"} & names
    assert all(row["kind"] and row["source"] for row in rows)


# Ablation


def test_every_statement_is_taken_out_and_what_is_off_is_switched_on() -> None:
    listed = {name: (title, changes) for name, title, changes in ablations(bundled().base)}
    assert list(listed) == [*(f"M{n:02d}" for n in range(1, 81)), "embeddedness"]
    assert len(MECHANISMS) == 80
    on = {name for name, (title, _) in listed.items() if title.endswith("(switched on)")}
    assert on == {"M53", "M73"}
    for name, (_, changes) in list(listed.items())[:-1]:
        assert changes == {f"mechanisms.{name}": name in on}
    # Embeddedness in all places where it acts: every unit gets the mean of all.
    changes = listed["embeddedness"][1]
    factions = bundled().base.scenario.factions
    assert set(changes) == {f"factions.{name}.embeddedness.taliban" for name in factions}
    mean = np.mean([f.embeddedness["taliban"].value for f in factions.values()])
    assert list(changes.values()) == pytest.approx([mean] * 38, abs=1e-6)


FORM = Ablation(
    constants=("patrons.iskp.constant", "weights.c_independent"), draws=3, tries=2, runs=1, fresh=2
)


def ablated(monkeypatch: pytest.MonkeyPatch, changes: list[tuple[str, str, dict[str, Any]]]) -> pd.DataFrame:
    monkeypatch.setattr(ablation, "ablations", lambda loaded: iter(changes))
    calibration = bundled()
    return ablate(calibration, calibration.all_targets, POINTS, coded()[0], FORM, **HOW)


def test_taking_out_nothing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    on = bundled().base.scenario.mechanisms
    assert getattr(on, "M02", True)
    frame = ablated(monkeypatch, [
        ("nil", "Nothing", {"mechanisms.M02": True}), ("M02", "Without", {"mechanisms.M02": False}),
    ]).set_index("mechanism")  # fmt: skip
    nil = frame.loc["nil"]
    for name in ("in_range_change", "low", "high", "distance_change", "distance_error", "brier_change"):
        assert nil[name] == 0.0, name
    assert nil["in_range"] == frame.attrs["in_range"]
    assert nil["distance"] == frame.attrs["distance"]
    assert nil["brier"] == frame.attrs["brier"]
    out = frame.loc["M02"]
    assert out["distance_change"] != 0.0
    assert out["in_range_change"] == pytest.approx(out["in_range"] - frame.attrs["in_range"])
    assert out["brier_change"] == pytest.approx(out["brier"] - frame.attrs["brier"])
    assert out["low"] <= out["in_range_change"] <= out["high"]


def test_only_what_is_asked_for_is_taken_out() -> None:
    ticks: list[None] = []
    calibration = bundled()
    frame = ablate(
        calibration, calibration.all_targets, POINTS, coded()[0], FORM.model_copy(update={"draws": 2, "tries": 1}),
        lambda name: name == "embeddedness", lambda: ticks.append(None), **HOW,
    )  # fmt: skip
    assert frame["mechanism"].tolist() == ["embeddedness"]
    assert len(ticks) == 1


def test_the_first_try_is_the_draw_itself_and_others_move_the_constants_only() -> None:
    calibration = bundled()
    form = FORM.model_copy(update={"tries": 5})
    tried = ablation._tries(calibration, POINTS, POINTS, form)
    assert tried.shape == (3, 5, 12)
    np.testing.assert_array_equal(tried[:, 0], POINTS)
    columns = [calibration.paths.index(path) for path in form.constants]
    others = [n for n in range(12) if n not in columns]
    for n in range(1, 5):
        np.testing.assert_array_equal(tried[:, n, others], POINTS[:, others])
        assert (tried[:, n, columns] != POINTS[:, columns]).all()
    for column in columns:
        one = calibration.fields[column]
        for value in tried[:, :, column].ravel():
            one.take(float(value))


def test_a_stop_in_the_middle_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    ask = many.ask

    def stopped(*given: Any, **how: Any) -> Any:
        return ask(*given, **how)[0], False

    monkeypatch.setattr(many, "ask", stopped)
    with pytest.raises(IncompleteError, match="the same call goes on"):
        ahead(bundled(), POINTS, Ahead(until="2019-12", runs=1), **HOW)
    with pytest.raises(IncompleteError):
        probes.placebo(
            bundled(), POINTS, Placebo(event=EVENT, never="2024-12", without=WITHOUT, runs=1), **HOW
        )
