"""Outcomes predicted without themselves: what left the record cannot be heard."""

from __future__ import annotations

import numpy as np
from calibrated import bundled, small, table_of
from numpy.typing import NDArray

from sim.experiments.calibration.accept import accept, fitted_values, record_without
from sim.experiments.patterns.units import Units
from sim.experiments.validation.held_out import accepted_without, pledge_probability, predict_without

SHARE = 0.15


def coded() -> tuple[Units, list[str]]:
    units = bundled().patterns.units
    assert units is not None
    return units, [units.clusters[row] for row in units.order(bundled().units)]


def predicted(units: Units | None = None) -> NDArray[np.float64]:
    return predict_without(small(), table_of(), SHARE, coded()[1], units)


def test_turning_a_left_out_outcome_round_changes_nothing_to_the_bit() -> None:
    units, clusters = coded()
    calibration, table = small(), table_of()
    found = predicted()
    for cluster in dict.fromkeys(clusters):
        out = [name for name, c in zip(calibration.units, clusters, strict=True) if c == cluster]
        turned = units
        for name in out:
            turned = turned.flipped(name)
        assert (turned.pledged != units.pledged).sum() == len(out)
        accepted = accepted_without(calibration, table, SHARE, out, turned)
        again = pledge_probability(table, accepted)
        rows = [calibration.units.index(name) for name in out]
        assert again[rows].tobytes() == found[rows].tobytes(), cluster


def test_turning_the_outcome_of_another_round_can_be_heard() -> None:
    units, clusters = coded()
    turned = units
    for name in ("imu", "ttp_orakzai", "ttp_khyber", "ttp_kurram", "haqqani"):
        turned = turned.flipped(name)
    others = [n for n, cluster in enumerate(clusters) if cluster not in ("imu", "haqqani")]
    assert (predicted(turned)[others] != predicted()[others]).any()


def test_units_that_leave_take_their_part_of_three_patterns_and_nothing_else() -> None:
    calibration, table = small(), table_of()
    names = [m.name for m in calibration.measures[: calibration.fitted]]
    pattern = np.array([m.pattern for m in calibration.measures[: calibration.fitted]])
    heard = np.isin(pattern, ["SF1", "SF4", "SF5"])
    out = [name for name, c in zip(calibration.units, coded()[1], strict=True) if c == "joint_oath_2014_10"]
    assert len(out) == 6
    keep = [name for name in calibration.units if name not in out]
    record, whole = record_without(calibration, keep), calibration.targets
    seen, everything = fitted_values(calibration, table, keep), fitted_values(calibration, table)
    for n, name in enumerate(names):
        observed = record.observed[n], whole.observed[n]
        simulated = seen[:, n], everything[:, n]
        if heard[n]:
            assert observed[0] != observed[1], name
            assert not np.array_equal(*simulated, equal_nan=True), name
        else:
            np.testing.assert_array_equal(*observed, err_msg=name)
            np.testing.assert_array_equal(*simulated, err_msg=name)
    # Ranges, scales and weights stay; they are of the pattern and not of its units.
    for part in ("low", "high", "scale", "weight", "log"):
        np.testing.assert_array_equal(getattr(record, part), getattr(whole, part))
    # By hand: of the seventeen that pledged the six have left.
    units, _ = coded()
    early = [m for m, name in zip(units.oath, units.names, strict=True) if name in keep and m is not None]
    assert len(early) == 11


def test_no_unit_left_out_is_the_whole_record() -> None:
    calibration, table = small(), table_of()
    found = accepted_without(calibration, table, SHARE, [])
    # The table keeps measures in single precision; the same runs are nearest.
    plain = accept(table, fitted_values(calibration, table), calibration.targets, SHARE, adjust=False)
    assert len(set(zip(found.draws, found.replicates, strict=True)) & set(
        zip(plain.draws, plain.replicates, strict=True)
    )) >= len(plain.draws) - 1  # fmt: skip
    assert (found.u == table.u[found.draws]).all()


def test_probabilities_are_shares_of_all_good_runs_of_accepted_draws() -> None:
    from dataclasses import replace

    calibration, table = small(), table_of()
    found = accepted_without(calibration, table, SHARE, ["imu"])
    good = table.good.copy()
    good[found.draws[0], 0] = False
    partly = replace(table, good=good)
    expected = np.zeros(38)
    for draw, weight in zip(found.draws, found.weights, strict=True):
        runs = partly.oath[draw][partly.good[draw]]
        expected += weight * (runs >= 0).mean(axis=0)
    np.testing.assert_allclose(pledge_probability(partly, found), expected)
    assert ((expected >= 0) & (expected <= 1)).all()


def test_each_group_is_predicted_without_itself() -> None:
    calibration, table = small(), table_of()
    ticks: list[None] = []
    groups = ["a" if n < 20 else "b" for n in range(38)]
    found = predict_without(calibration, table, SHARE, groups, tick=lambda: ticks.append(None))
    assert len(ticks) == 2
    for group in ("a", "b"):
        mine = [n for n in range(38) if groups[n] == group]
        alone = accepted_without(calibration, table, SHARE, [calibration.units[n] for n in mine])
        assert found[mine].tobytes() == pledge_probability(table, alone)[mine].tobytes()
