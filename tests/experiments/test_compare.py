"""Differences between scenarios under the same chance: the numbers, and what they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from compared import (
    MONTHLY_NAMES,
    MONTHS,
    OMAR,
    PAIRS,
    RUN_NAMES,
    SEED,
    SEEDS,
    UNTIL,
    WAZIRISTAN,
    arm,
    assert_same_frames,
    loaded,
    measure,
    numbers,
    outcomes,
    told,
)  # fmt: skip
from scenarios_tiny import tiny_scenario_text

import sim
from sim import state as s
from sim.api.discovery import scenario_rows
from sim.engine.world import History, run_engine
from sim.errors import BayahError
from sim.experiments.compare import frames, pairs
from sim.experiments.compare.arms import first_difference, make_arm, match
from sim.experiments.compare.comparison import FRAMES, Comparison
from sim.experiments.compare.measured import Task
from sim.experiments.compare.tally import Moments, new_moments, tally
from sim.experiments.execute.control import Abandoned, Stop
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_text, with_overrides

TITLES = {row["title"]: row["name"] for row in scenario_rows()}
WHAT_IFS = {row["name"]: TITLES[row["extends"]] for row in scenario_rows() if row["extends"]}
"""The bundled what-ifs and their bases."""


def compare(*given: Any, **how: Any) -> Comparison:
    """A comparison without a bar."""
    return sim.compare(*given, progress=False, **{"until": UNTIL, "seed": SEED, **how})


def assert_close(found: Any, wanted: Any, what: str, scale: Any = 1.0) -> None:
    found, wanted = np.asarray(found, dtype=float), np.asarray(wanted, dtype=float)
    close = np.isclose(found, wanted, rtol=1e-7, atol=1e-9 * (1.0 + np.abs(scale)), equal_nan=True)
    assert close.all(), (what, found[~close][:3], wanted[~close][:3])


# Nothing where nothing differs


@pytest.mark.core
@pytest.mark.parametrize("kind", ["itself", "an unchanged value", "an unchanged value from a month on"])
def test_a_what_if_equal_to_its_base_differs_nowhere(kind: str) -> None:
    effort = loaded("baseline").scenario.patrons["iskp"].effort.value
    changes = {
        "itself": None, "an unchanged value": {"patrons.iskp.effort": effort},
        "an unchanged value from a month on": {"patrons.iskp.effort@2014-11": effort},
    }[kind]  # fmt: skip
    same = compare("baseline", "baseline", runs=20, set=changes, until="2015-12")
    (name,) = same.alternatives
    assert name != same.base
    assert same.lever_months == {name: ""}
    frame = same.difference()
    zero = ["difference", "low", "high", "p_higher", "p_lower", "sd", "smallest"]
    assert (frame[zero] == 0).all(axis=None)
    assert (frame["base"] == frame["alternative"]).all()
    assert frame[["variance_reduction", "pairs_needed"]].isna().all(axis=None)
    assert (frame["first_month"] == "").all()
    assert (frame["pairs"] == 20).all()
    assert (same.frame("spread") == 0).all(axis=None)
    assert (
        same.who_moved()[["moved", "at_end", "pledged_difference", "low", "high", "later", "earlier"]] == 0
    ).all(axis=None)
    assert (same.moved_by_month() == 0).all(axis=None)
    assert len(same.reasons()) == 0
    assert (same.pairs["parted"] == "").all()
    assert "it says the same as the base: nothing differs." in same.text()


@cache
def whole(name: str) -> Compiled:
    return compile_scenario(loaded(name).scenario)


def records(source: Any, seed: int, months: int) -> History:
    return run_engine(source.arrays, months, seed, source.stages)


@pytest.mark.parametrize("name", WHAT_IFS)
def test_pairs_are_the_same_in_every_record_before_the_levers_differ(name: str) -> None:
    base, other = whole(WHAT_IFS[name]), whole(name)
    first = first_difference(base, other)
    assert first is not None
    for seed in (SEED, SEED + 1) if first else ():
        one, two = (records(each, seed, min(first + 1, base.months)) for each in (base, other))
        for key, array in one.arrays.items():
            mine, theirs = array[:first], two.arrays[key][:first]
            if key == "C":
                # The row at which an event stands is an address, which removing another one moves.
                mine, theirs = (np.delete(each, s.C_ABROAD_EVENT, axis=1) for each in (mine, theirs))
            assert mine.tobytes() == theirs.tobytes(), key
        assert one.outcomes[:first].tobytes() == two.outcomes[:first].tobytes()
        for key in ("keys", "terms", "values"):
            mine, theirs = (
                getattr(each.decisions, key)[each.decisions.keys[:, 0] < first] for each in (one, two)
            )
            assert mine.tobytes() == theirs.tobytes(), key


def test_the_first_month_of_the_levers_is_not_said_too_early() -> None:
    """A month too early would pass the test above; here something differs in the very month that is said."""
    told_at_once = 0
    for name in WHAT_IFS:
        base, other = whole(WHAT_IFS[name]), whole(name)
        first = first_difference(base, other)
        assert first is not None
        one, two = (records(each, SEED, first + 1) for each in (base, other))
        told_at_once += any(
            one.arrays[key][first].tobytes() != two.arrays[key][first].tobytes() for key in "FIXPWGH"
        )
    assert told_at_once >= len(WHAT_IFS) - 8


def test_the_first_month_of_dated_levers() -> None:
    base = arm("baseline").compiled
    for texts, first in (
        (("patrons.iskp.effort=0@2015-06",), 29),
        (("patrons.iskp.effort=0@2015-06", "weights.b_tie=1@2014-02"), 13),
        (("events.hafiz_saeed_killed.date=2016-03@2014-06",), 38),
        (("events.kabul_helps_splinter=null@2014-06",), 36),
        (("events.kabul_helps_splinter=null",), 36),
        (("patrons.iskp.effort=0@2016-07",), None),
        (("weights.b_tie=1",), 0),
    ):
        other = arm("baseline", *texts).compiled
        assert first_difference(base, other) == first, texts
        assert first_difference(other, base) == first, texts


# Who makes the pairs, and in what order


def test_results_do_not_depend_on_workers() -> None:
    again = compare("baseline", [OMAR, WAZIRISTAN], runs=PAIRS, workers=1)
    assert_same_frames(again, compare("baseline", [OMAR, WAZIRISTAN], runs=PAIRS, workers=3))
    assert_same_frames(again, told())


def test_results_do_not_depend_on_the_order_of_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = pairs.run_threads
    order = []

    def backwards(chunks: Iterator[int], *others: Any) -> None:
        order.extend(reversed(list(chunks)))
        threads(iter(order), *others)

    forwards = compare("baseline", OMAR, runs=100)
    monkeypatch.setattr(pairs, "run_threads", backwards)
    assert_same_frames(forwards, compare("baseline", OMAR, runs=100, workers=1))
    assert order == [3, 2, 1, 0]


def test_several_alternatives_at_once_are_each_alone() -> None:
    for name in (OMAR, WAZIRISTAN):
        alone = compare("baseline", name, runs=PAIRS)
        for frame in FRAMES:
            mine, theirs = alone.frame(frame).loc[name], told().frame(frame).loc[name]
            if frame == "spread":
                # Together, what either of them reads is kept of both.
                assert set(alone.kept) < set(told().kept)
                theirs = theirs.loc[list(alone.kept)]
            pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    reverse = compare("baseline", [WAZIRISTAN, OMAR], runs=PAIRS)
    pd.testing.assert_frame_equal(reverse.reasons().loc[OMAR], told().reasons().loc[OMAR], check_exact=True)


# The numbers


@pytest.mark.core
@pytest.mark.parametrize("name", [OMAR, WAZIRISTAN])
def test_differences_are_those_of_plain_formulas(name: str) -> None:
    (base, base_run), (other, other_run) = outcomes(loaded("baseline")), outcomes(loaded(name))
    frame = told().difference().loc[name]
    assert frame.index.get_level_values("outcome").unique().tolist() == list(
        dict.fromkeys((*MONTHLY_NAMES, *RUN_NAMES))
    )
    monthly, of_run = frame[frame.index.get_level_values("month") != "run"], frame.xs("run", level="month")
    assert len(monthly) == len(MONTHLY_NAMES) * MONTHS
    for part, one, two in ((monthly, base, other), (of_run, base_run, other_run)):
        wanted = numbers(one, two)
        moves = np.ravel((wanted["sd"] > 1e-9).T)
        scale = np.ravel(np.abs(wanted["base"]).T)
        for column, values in wanted.items():
            values = np.ravel(values.T)
            if column in ("variance_reduction", "pairs_needed"):
                assert_close(part[column].to_numpy()[moves], values[moves], column)
            else:
                assert_close(part[column], values, column, scale)
    ever = (other != base).any(axis=0)
    for m, outcome in enumerate(MONTHLY_NAMES):
        first = told().months[int(np.argmax(ever[:, m]))] if ever[:, m].any() else ""
        assert (frame.loc[outcome].drop("run", errors="ignore")["first_month"] == first).all()


def test_the_spread_is_that_of_the_pairs() -> None:
    (base, _), (other, _) = outcomes(loaded("baseline")), outcomes(loaded(OMAR))
    for outcome in told().kept:
        m = MONTHLY_NAMES.index(outcome)
        wanted = np.quantile(other[:, :, m] - base[:, :, m], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0).T
        found = told().spread(outcome).loc[OMAR]
        assert list(found.columns) == ["q05", "q25", "q50", "q75", "q95"]
        assert_close(found.to_numpy(), wanted, outcome)
    with pytest.raises(BayahError, match="was not kept"):
        told().spread("resistance" if "resistance" in MONTHLY_NAMES else MONTHLY_NAMES[-1])
    more = compare("baseline", OMAR, runs=4, outcomes=[MONTHLY_NAMES[-1]], until="2014-01")
    assert MONTHLY_NAMES[-1] in more.kept
    assert len(more.spread(MONTHLY_NAMES[-1])) == 13


def test_pairs_have_the_outcomes_of_both_runs() -> None:
    (base, base_run), (other, other_run) = outcomes(loaded("baseline")), outcomes(loaded(OMAR))
    frame = told().pairs.loc[OMAR]
    assert frame["seed"].tolist() == list(SEEDS)
    assert frame["made"].all()
    for n, outcome in enumerate(RUN_NAMES):
        assert_close(frame[f"base_{outcome}"], base_run[:, n], outcome)
        assert_close(frame[f"alternative_{outcome}"], other_run[:, n], outcome)
    differs = (base != other).any(axis=2)
    months = [told().months[int(np.argmax(one))] if one.any() else "" for one in differs]
    # A side can differ a month before an outcome does.
    assert all(parted <= month for parted, month in zip(frame["parted"], months, strict=True) if month)
    assert (frame["parted"] >= "2015-07").all()


def test_a_pair_is_made_again_whole() -> None:
    for name in ("baseline", OMAR):
        run = told().replay(5, name)
        row = told().pairs.loc[OMAR].iloc[5]
        prefix = "base" if name == "baseline" else "alternative"
        assert run.seed == row["seed"]
        assert all(run.summary[outcome] == row[f"{prefix}_{outcome}"] for outcome in RUN_NAMES)


@pytest.mark.slow
def test_the_interval_covers() -> None:
    """Over 200 samples of 25 pairs, the interval holds the difference of all 2000 about as often as it says."""
    seeds, months, months_read = range(2000), 36, (29, 35)
    (base, _), (other, _) = (outcomes(loaded(name), seeds, months) for name in ("baseline", OMAR))
    names = ("pledged_units", "focus_fighters", "incumbent_units", "third_units", "focus_sworn_units")
    columns = [MONTHLY_NAMES.index(name) for name in names]
    B, O = (np.ascontiguousarray(each[:, months_read][:, :, columns]) for each in (base, other))
    truth = (O - B).mean(axis=0)
    chance = np.random.default_rng(5)
    held = np.zeros(truth.shape)
    for _ in range(200):
        chosen = chance.choice(2000, 25, replace=False)
        block, moments = new_moments(*truth.shape), Moments((truth.shape[0], truth.shape[1]))
        tally(np.ascontiguousarray(B[chosen]), np.ascontiguousarray(O[chosen]), block)
        moments.merge(25, block)
        found = frames._columns([moments])
        held += (found["low"] <= truth) & (truth <= found["high"])
    # Before the levers differ there is nothing to cover.
    assert (held[0] == 200).all()
    for name, share in zip(names, held[1] / 200, strict=True):
        assert 0.90 <= share <= 0.98, (name, share)


# Who moved


def sides_of(source: Any, seed: int) -> list[list[str]]:
    """Where each faction stands in each month, by the full record of the engine."""
    config = source.compiled
    codes = records(config, seed, MONTHS).arrays["I"][:, : len(config.factions)]
    away = {s.FATE_WAITING: "not yet", s.FATE_RECONCILED: "exit"}
    return [
        [
            config.options[row[s.I_ALLEGIANCE]] if row[s.I_FATE] == s.FATE_ACTIVE else away.get(row[s.I_FATE], "gone")
            for row in month
        ]
        for month in codes
    ]  # fmt: skip


@pytest.mark.parametrize("name", [OMAR, WAZIRISTAN])
def test_who_moved_is_read_off_the_records(name: str) -> None:
    base, other = (np.array([sides_of(arm(each), seed) for seed in SEEDS]) for each in ("baseline", name))
    differs = base != other
    moved, by_month = told().who_moved().loc[name], told().moved_by_month().loc[name]
    assert moved.index.tolist() == list(arm("baseline").compiled.factions)
    assert by_month.columns.tolist() == told().months
    assert_close(by_month.to_numpy(), differs.mean(axis=0).T, "by month")
    for f, faction in enumerate(moved.index):
        row, mine = moved.loc[faction], differs[:, :, f]
        those = np.flatnonzero(mine.any(axis=1))
        assert row["moved"] == pytest.approx(len(those) / PAIRS)
        assert row["at_end"] == pytest.approx(mine[:, -1].mean())
        firsts = np.argmax(mine[those], axis=1)
        moves = told().pairs.loc[name][f"moved_{faction}"]
        assert [n for n, month in enumerate(moves) if month] == those.tolist()
        assert [told().months[month] for month in firsts] == moves.iloc[those].tolist()
        if len(those):
            assert row["month"] == told().months[int(np.median(firsts))]
            kinds = [(base[n, m, f], other[n, m, f]) for n, m in zip(those, firsts, strict=True)]
            assert row["share"] == pytest.approx(
                kinds.count((row["base_side"], row["alternative_side"])) / len(kinds)
            )
            assert row["share"] == pytest.approx(max(map(kinds.count, kinds)) / len(kinds))
        _assert_oaths(row, base[:, :, f] == "iskp", other[:, :, f] == "iskp")


def _assert_oaths(row: Any, base: Any, other: Any) -> None:
    """How often it swears to the focus patron, and when."""
    ever = [each.any(axis=1) for each in (base, other)]
    first = [np.argmax(each, axis=1) for each in (base, other)]
    assert row["pledged_base"] == pytest.approx(ever[0].mean())
    assert row["pledged_alternative"] == pytest.approx(ever[1].mean())
    both = ever[0] & ever[1]
    assert row["later"] == pytest.approx((both & (first[1] > first[0])).mean())
    assert row["earlier"] == pytest.approx((both & (first[1] < first[0])).mean())
    assert row["only_base"] == pytest.approx((ever[0] & ~ever[1]).mean())
    assert row["only_alternative"] == pytest.approx((ever[1] & ~ever[0]).mean())
    wanted = numbers(ever[0].astype(float), ever[1].astype(float))
    assert row["pledged_difference"] == pytest.approx(wanted["difference"])
    assert (row["low"], row["high"]) == pytest.approx((wanted["low"], wanted["high"]))


# Some pairs only


@pytest.mark.parametrize("kind", ["text", "function", "mask"])
def test_where_is_the_comparison_of_those_pairs(kind: str) -> None:
    frame = told().pairs.loc[OMAR]
    limit = float(frame["base_peak_fighters"].median())
    mask = (frame["base_peak_fighters"] > limit).to_numpy()
    condition: Any = {
        "text": f"base_peak_fighters > {limit!r}", "mask": mask,
        "function": lambda pairs: pairs["base_peak_fighters"] > limit,
    }[kind]  # fmt: skip
    some = told().where(condition, OMAR)
    seeds = [seed for seed, chosen in zip(SEEDS, mask, strict=True) if chosen]
    assert some.pairs_count == len(seeds) < PAIRS
    assert f"those {len(seeds)} of {PAIRS} pairs" in some.notes[-1]
    for name in (OMAR, WAZIRISTAN):
        assert some.pairs.loc[name]["seed"].tolist() == seeds
        (base, _), (other, _) = outcomes(loaded("baseline"), seeds), outcomes(loaded(name), seeds)
        for column, values in numbers(base, other).items():
            if column not in ("variance_reduction", "pairs_needed"):
                found = some.difference().loc[name].drop("run", level="month")[column]
                assert_close(found, np.ravel(values.T), column, np.ravel(np.abs(base.mean(axis=0)).T))
        whole, kept = told().pairs.loc[name], some.pairs.loc[name]
        pd.testing.assert_frame_equal(
            whole[mask].reset_index(drop=True), kept.reset_index(drop=True), check_exact=True
        )
    if kind == "mask":
        again = some.where(lambda pairs: pairs["seed"] >= seeds[3], WAZIRISTAN)
        assert again.pairs.loc[OMAR]["seed"].tolist() == seeds[3:]


@pytest.mark.parametrize(
    ("condition", "told_"),
    [
        ("base_peak > 3", "cannot be read"), ("seed == 11", "holds in 1 of 40 pairs"), ([True], "cannot be read"),
        ("seed +", "cannot be read"),
    ],
)  # fmt: skip
def test_a_condition_that_does_not_hold_is_told(condition: Any, told_: str) -> None:
    with pytest.raises(BayahError, match=told_):
        told().where(condition, OMAR)
    with pytest.raises(BayahError, match="name the alternative"):
        told().where("seed > 12")


# Weights


@pytest.fixture(scope="module")
def points() -> pd.DataFrame:
    return pd.DataFrame({"weights.b_tie": [0.0, 3.0, 8.0], "decision.theta": [3.0, 2.0, 4.0]})


def test_every_point_of_the_weights_has_pairs_of_its_own(points: pd.DataFrame) -> None:
    over = compare("baseline", OMAR, runs=31, weights=points)
    assert over.pairs_count == 30
    assert over.face == "weights: 3 draws of a frame, 30 pairs"
    frame = over.pairs.loc[OMAR]
    assert frame["seed"].tolist() == list(range(SEED, SEED + 30))
    assert frame["point"].tolist() == [0] * 10 + [1] * 10 + [2] * 10
    B, O = [], []
    for n, values in enumerate(points.to_dict("records")):
        seeds = range(SEED + 10 * n, SEED + 10 * n + 10)
        for name, found in (("baseline", B), (OMAR, O)):
            found.append(outcomes(with_overrides(loaded(name), values), seeds)[0])
    base, other = np.stack(B), np.stack(O)
    difference = other - base
    found = over.difference().loc[OMAR].drop("run", level="month")
    sd = np.sqrt(difference.var(axis=1, ddof=1).mean(axis=0))
    assert_close(found["difference"], np.ravel(difference.mean(axis=(0, 1)).T), "mean", 1e4)
    assert_close(found["sd"], np.ravel(sd.T), "sd", 1e4)
    moves = np.ravel(sd.T) > 1e-9
    apart = np.ravel((base.var(axis=1, ddof=1) + other.var(axis=1, ddof=1)).mean(axis=0).T)[moves]
    assert_close(
        found["variance_reduction"].to_numpy()[moves], apart / np.ravel(sd.T)[moves] ** 2, "reduction"
    )
    means = difference.mean(axis=1)
    between = np.sqrt(np.maximum(0, means.var(axis=0, ddof=1) - sd**2 / 10))
    assert_close(found["weights_sd"], np.ravel(between.T), "weights", 1e4)


def test_chance_and_weights_are_kept_apart() -> None:
    """Points that differ much show in the weights' spread, points that are the same only in that of chance."""
    values = np.linspace(0, 12, 12)
    apart = compare("baseline", OMAR, runs=144, weights=pd.DataFrame({"weights.b_switch": values}))
    alike = compare("baseline", OMAR, runs=144, weights=pd.DataFrame({"weights.b_switch": [3.0] * 12}))
    one, two = (each.difference("pledged_units", "2015-12").iloc[0] for each in (apart, alike))
    assert one["weights_sd"] > 1.0
    assert two["weights_sd"] < 0.15 * one["weights_sd"]
    assert two["weights_high"] - two["weights_low"] < 0.2 * (one["weights_high"] - one["weights_low"])
    # Chance alone is of the same size in both.
    ratio = (one["high"] - one["low"]) / (two["high"] - two["low"])
    assert 0.5 < ratio < 2
    assert one["weights_low"] <= one["difference"] <= one["weights_high"]


def test_what_an_alternative_sets_itself_is_not_varied() -> None:
    """Nobody is accepted in the alternative, whatever the weights say of the base."""
    over = compare(
        "baseline", runs=12, set={"patrons.iskp.acceptance": 0.0},
        weights=pd.DataFrame({"patrons.iskp.acceptance": [0.5, 1.0, 0.9], "weights.b_tie": [1.0, 2.0, 3.0]}),
    )  # fmt: skip
    (name,) = over.alternatives
    frame = over.pairs.loc[name]
    assert (frame["alternative_accepted_ever"] == 0).all()
    assert (frame["base_accepted_ever"] > 0).any()
    for pair in (0, 11):
        for which, prefix in (("baseline", "base"), (name, "alternative")):
            run = over.replay(pair, which)
            assert all(
                run.summary[outcome] == frame[f"{prefix}_{outcome}"].iloc[pair] for outcome in RUN_NAMES
            )
    dated = compare(
        "baseline", runs=6, set={"patrons.iskp.acceptance@2015-01": 0.0},
        weights=pd.DataFrame({"patrons.iskp.acceptance": [0.3, 0.6, 0.9]}),
    )  # fmt: skip
    (name,) = dated.alternatives
    assert (dated.pairs.loc[name]["alternative_accepted_ever"] == 0).all()
    assert (dated.pairs.loc[name]["parted"] >= "2015-01").all()


def test_one_pair_a_point_cannot_tell_chance_from_weights() -> None:
    over = compare(
        "baseline", OMAR, runs=6, weights=pd.DataFrame({"weights.b_tie": [0.0, 3.0, 8.0]}), until="2015-12"
    )
    some = over.where(lambda pairs: ~pairs["point"].duplicated())
    row = some.difference("pledged_units", "2015-12").iloc[0]
    assert np.isnan(row["low"])
    assert np.isnan(row["sd"])
    assert "Not told apart" in some.text()


@pytest.mark.parametrize(
    ("columns", "told_"),
    [
        ({"weights.b_ti": [1.0, 2.0]}, "did you mean"),
        ({"weights.b_tie": [1.0, "much"]}, "point 2: should be a number, not 'much'"),
        ({"weights.b_tie": [1.0, np.nan]}, "point 2: should be a number"),
        ({"patrons.iskp.effort": [0.5, 2.0]}, "point 2: 2 is outside 0 to 1"),
        ({}, "has no values to vary"),
    ],
)
def test_weights_that_cannot_be_are_told(columns: dict[str, list[Any]], told_: str) -> None:
    with pytest.raises(BayahError, match=told_):
        compare("baseline", OMAR, runs=4, weights=pd.DataFrame(columns))


def test_weights_from_files_and_designs(tmp_path: Path, points: pd.DataFrame) -> None:
    points.to_csv(tmp_path / "w.csv", index=False)
    points.to_parquet(tmp_path / "w.parquet")
    whole = compare("baseline", OMAR, runs=6, weights=points, until="2015-12")
    for name in ("w.csv", "w.parquet"):
        again = compare("baseline", OMAR, runs=6, weights=tmp_path / name, until="2015-12")
        assert_same_frames(whole, again)
        assert again.face == "weights: 3 draws of w, 6 pairs"
    two = compare("baseline", OMAR, runs=6, weights=tmp_path / "w.csv", draws=2, until="2014-12")
    assert two.pairs["point"].nunique() == 2
    design = compare("baseline", OMAR, runs=8, weights="weights-hypercube", draws=4, until="2013-06")
    assert design.face == "weights: 4 draws of weights-hypercube, 8 pairs"
    for draws in (1, 4, True, "two"):
        with pytest.raises(BayahError, match="draws: a number from 2 to 3"):
            compare("baseline", OMAR, runs=8, weights=points, draws=draws)
    with pytest.raises(BayahError, match="too few for 3 points"):
        compare("baseline", OMAR, runs=5, weights=points)


# Scenarios that differ in more than levers


@pytest.fixture
def tiny_file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, *pairs: tuple[str, str]) -> Path:
        text = tiny_scenario_text()
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / f"{name}.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


def test_other_rosters_are_said(tiny_file: Callable[..., Path]) -> None:
    third = tiny_scenario_text().split("  old_guard:\n")[1].split("regions:\n")[0]
    more = tiny_file(
        "more",
        (
            "regions:\n  plain:",
            f"  fresh_men:\n{third.replace('F03', 'F04').replace('Old Guard', 'Fresh')}regions:\n  plain:",
        ),
    )
    told_ = compare(tiny_file("tiny"), more, runs=6)
    assert told_.notes == (
        "more: only 'more' has fresh_men: they count in its outcomes and are told apart nowhere",
    )
    assert list(told_.factions) == ["guests", "sons", "old_guard"]
    assert told_.who_moved().loc["more"].index.tolist() == ["guests", "sons", "old_guard"]
    assert told_.lever_months == {"more": "2013-01"}
    assert "only 'more' has fresh_men" in told_.text().replace("\n  ", " ")
    seeds = range(SEED, SEED + 6)
    base, other = (outcomes(sim.load(file).loaded, seeds)[0] for file in (tiny_file("tiny"), more))
    assert_close(
        told_.difference("incumbent_units").loc["more"]["difference"],
        (other - base).mean(axis=0)[:, MONTHLY_NAMES.index("incumbent_units")], "units",
    )  # fmt: skip
    with pytest.raises(BayahError, match="unknown faction"):
        told_.explain("fresh_men")
    back = compare(more, tiny_file("tiny"), runs=4)
    with pytest.raises(BayahError, match="'fresh_men' is not in both scenarios"):
        back.explain("fresh_men")


APART = (
    ("start: 2013-01", "start: 2017-01"), ("end: 2016-12", "end: 2018-12"),
    ("  dates: [2014-12, 2016-12]\n", ""), ("date: 2013-04", "date: 2017-04"), ("date: 2015-07", "date: 2017-07"),
    ("date: 2014-06", "date: 2017-06"), ("date: 2015-01", "date: 2017-08"),
)  # fmt: skip


def test_other_periods_are_said(tiny_file: Callable[..., Path]) -> None:
    short = tiny_file("short", ("end: 2016-12", "end: 2015-12"), ("  dates: [2014-12, 2016-12]\n", ""))
    told_ = compare(tiny_file("tiny"), short, runs=5, until=None)
    assert told_.months == [f"{year}-{month:02d}" for year in (2013, 2014, 2015) for month in range(1, 13)]
    (note,) = told_.notes
    assert note == (
        "short: the periods differ (2013-01 to 2016-12; 2013-01 to 2015-12): the months that both have are compared"
    )
    monthly = told_.difference().drop("run", level="month")
    assert (monthly["difference"] == 0).all()
    assert len(told_.reasons()) == 0
    late = tiny_file("late", ("start: 2013-01", "start: 2013-03"))
    shifted = compare(tiny_file("tiny"), late, runs=5, until="2014-12")
    assert shifted.months[0] == "2013-03"
    assert any("the first months differ" in note for note in shifted.notes)
    assert len(shifted.reasons()) == 0
    seeds = range(SEED, SEED + 5)
    base = outcomes(sim.load(tiny_file("tiny")).loaded, seeds, 24)[0][:, 2:]
    other = outcomes(sim.load(late).loaded, seeds, 22)[0]
    m = MONTHLY_NAMES.index("incumbent_fighters")
    found = shifted.difference("incumbent_fighters")
    assert_close(found["difference"], (other - base).mean(axis=0)[:, m], "fighters", 1e4)
    assert (
        "decisions cannot be set side by side" in shifted.text()
        or "No faction stands elsewhere" in shifted.text()
    )
    with pytest.raises(BayahError, match="have no month in common: 2013-01 to 2016-12; 2017-01 to 2018-12"):
        compare(tiny_file("tiny"), tiny_file("apart", *APART), runs=4, until=None)


def test_other_patrons_are_said(tiny_file: Callable[..., Path]) -> None:
    text = tiny_scenario_text()
    banner = text.split("  banner:\n")[1].split("factions:\n")[0]
    three = tiny_file(
        "three",
        ("factions:\n  guests", f"  flag:\n{banner.replace('The Banner', 'The Flag')}factions:\n  guests"),
    )
    told_ = compare(tiny_file("tiny"), three, runs=6)
    assert any("the patrons differ (flag in one only)" in note for note in told_.notes)
    assert len(told_.reasons()) == 0
    assert list(told_.patrons) == ["elders", "banner", "flag"]
    seeds = range(SEED, SEED + 6)
    base, other = (outcomes(sim.load(file).loaded, seeds)[0] for file in (tiny_file("tiny"), three))
    m = MONTHLY_NAMES.index("focus_fighters")
    assert_close(
        told_.difference("focus_fighters")["difference"], (other - base).mean(axis=0)[:, m], "men", 1e4
    )
    with pytest.raises(BayahError, match="no patron in common"):
        compare("baseline", three, runs=4, until=None)
    focus = tiny_file("focus", ("focus: banner", "focus: elders"))
    assert any("the focus patrons differ" in note for note in compare(tiny_file("tiny"), focus, runs=4).notes)


# Runs that fail, and comparisons that are stopped


def test_runs_that_fail_are_left_out_and_told() -> None:
    hazard = {"weights.split_hazard": 0.015, "weights.split_crisis": 100, "weights.split_min": 0}
    source = with_overrides(loaded("baseline"), hazard)
    seeds = range(SEED, SEED + 40)
    _, summary = _statuses(source, seeds)
    good = summary == s.STATUS_GOOD
    assert 2 <= good.sum() < 40, "of these runs some should fail, and some not"
    told_ = compare("baseline", runs=40, set=hazard)
    (name,) = told_.alternatives
    assert told_.pairs_count == good.sum()
    assert told_.pairs.loc[name]["made"].tolist() == good.tolist()
    assert f"{40 - good.sum()} pairs with '{name}' failed and are left out" in told_.notes
    assert not told_.about["stopped"]
    kept = [seed for seed, fine in zip(seeds, good, strict=True) if fine]
    base, other = (outcomes(each, kept)[0] for each in (loaded("baseline"), source))
    m = MONTHLY_NAMES.index("incumbent_units")
    row = told_.difference("incumbent_units").loc[name]
    assert_close(row["difference"], (other - base).mean(axis=0)[:, m], "units")
    assert (row["pairs"] == good.sum()).all()
    sides = told_.moved_by_month().loc[name].to_numpy()
    assert sides.max() <= 1
    with pytest.raises(
        BayahError, match=r"pairs could be made, two are needed: .*no row left for a splinter"
    ):
        compare("baseline", runs=4, set={**hazard, "weights.split_hazard": 0.05})


def _statuses(source: Any, seeds: range) -> tuple[Any, Any]:
    from compared import compiled

    from sim.engine.batch import run_batch

    config = compiled(source)
    summary, monthly = run_batch(config.arrays, MONTHS, seeds, monthly=True)
    return monthly, summary[:, -1]


def test_a_block_that_is_given_up_leaves_no_trace() -> None:
    """The second interrupt comes in the middle of a block: its pairs are in no sum, and are not counted."""
    base, other = arm("baseline"), arm(OMAR)
    both, stop, done = match(base, other), Stop(), []

    def tick(made: int, failed: int) -> None:
        done.append(made)
        if len(done) == 40:
            stop.asked.set()
            stop.now.set()

    task = Task(({},), (tuple(range(64)),))
    (measured,) = pairs.measure_pairs(base, [other], [both], task, [0], 1, tick, stop)
    assert measured.done.sum() == 32
    assert measured.points[0].count == 32
    assert measured.sides[0, 0].sum() == 32
    whole, _ = measure(base, other, range(32))
    assert whole.points[0].values.tobytes() == measured.points[0].values.tobytes()
    assert issubclass(Abandoned, Exception)


# Questions that cannot be asked


@pytest.mark.parametrize(
    ("how", "told_"),
    [
        ({"runs": 0}, "runs: a number of pairs from 2 to"),
        ({"runs": 1}, "runs: a number of pairs from 2 to"),
        ({"runs": 2.5}, "runs: a number of pairs from 2 to"),
        ({"runs": True}, "runs: a number of pairs from 2 to"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**64}, "seed"),
        ({"seed": 2**64 - 2, "runs": 40}, "too few seeds"),
        ({"until": "2012-12"}, "2012-12 is before the first month"),
        ({"until": "later"}, "later"),
        ({"outcomes": ["pledged_unit"]}, "no monthly outcome 'pledged_unit' .did you mean 'pledged_units'"),
        ({"set": {"patrons.iskp.efort": 1}}, "did you mean 'effort'"),
    ],
)
def test_what_cannot_be_asked_is_told(how: dict[str, Any], told_: str) -> None:
    with pytest.raises(BayahError, match=told_) as caught:
        compare("baseline", OMAR, **{"runs": 4, **how})
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("ask", "told_"),
    [
        (lambda: told().difference("pledged"), "no outcome 'pledged'"),
        (
            lambda: told().difference(month="2016-07"),
            "2016-07 is outside the months compared, 2013-01 to 2016-06",
        ),
        (lambda: told().difference(month="June"), "is not a month"),
        (lambda: told().reasons("imo"), "unknown faction 'imo'"),
        (lambda: told().explain("imu"), "name the alternative"),
        (lambda: told().explain("imu", "omar-hidden"), "no alternative 'omar-hidden' .did you mean"),
        (lambda: told().frame("diff"), "no frame 'diff'"),
        (lambda: told().replay(PAIRS), "there is no pair 40"),
        (lambda: told().replay(-1), "there is no pair -1"),
        (lambda: told().replay(0, "other"), "no scenario 'other'"),
        (lambda: sim.compare("baseline", "no-such-what-if"), "no-such-what-if"),
        (lambda: sim.compare("baseline"), "name one or more scenarios"),
        (lambda: sim.compare("baseline", []), "name one or more scenarios"),
    ],
)
def test_questions_to_a_comparison_that_it_cannot_answer(ask: Callable[[], object], told_: str) -> None:
    with pytest.raises(BayahError, match=told_) as caught:
        ask()
    assert len(str(caught.value).splitlines()) == 1


def test_scenarios_that_are_called_the_same_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "tiny.yaml").write_text(tiny_scenario_text())
    (tmp_path / "a" / "tiny.yaml").write_text(
        tiny_scenario_text().replace("tolerance: {value: 0.6", "tolerance: {value: 0.1")
    )
    told_ = compare(tmp_path / "tiny.yaml", [tmp_path / "a" / "tiny.yaml", tmp_path / "tiny.yaml"], runs=4)
    assert told_.alternatives == ("tiny (2)", "tiny (3)")
    assert told_.lever_months == {"tiny (2)": "2013-01", "tiny (3)": ""}
    changed = compare(tmp_path / "tiny.yaml", runs=4, set={"patrons.banner.effort@2014-02": 0.1})
    assert changed.lever_months == {changed.alternatives[0]: "2014-02"}
    assert "patrons.banner.effort@2014-02" in changed.alternatives[0]
    assert make_arm(load_text(tiny_scenario_text()), "x", "2014-12").compiled.months == 24


def test_dates_that_weights_vary_act_before_the_levers_differ_as_they_stand() -> None:
    """The base's announcement moves to 2014-09 at one point; the alternative keeps its own date."""
    import pandas as pd

    weights = pd.DataFrame({"events.omar_revealed.date": ["2014-09", "2015-07"]})
    told = compare("baseline", "omar-hidden-until-2018", runs=8, until="2015-12", weights=weights)
    parted = told.pairs.droplevel("alternative").groupby("point")["parted"].min()
    assert parted.to_dict() == {0: "2014-09", 1: "2015-07"}
