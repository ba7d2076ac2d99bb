"""The check of statements by paired runs: it tells a real effect from a wrong one, chance and none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.engine.batch import run_batch
from sim.experiments.statements import StatementResult, check_statement, check_statements
from sim.mechanisms import mechanism
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load

SEEDS = range(8)


@pytest.fixture(scope="module")
def baseline() -> Compiled:
    return compile_scenario(load("baseline").scenario)


def test_a_statement_that_holds_is_shown(baseline: Compiled) -> None:
    result = check_statement(mechanism("M14"), baseline, SEEDS)
    assert result.shown
    assert not result.inert
    assert result.difference == result.on - result.off < 0


def test_the_wrong_direction_is_not_shown(baseline: Compiled) -> None:
    wrong = replace(mechanism("M14"), direction=1)
    result = check_statement(wrong, baseline, SEEDS)
    assert not result.shown
    assert not result.inert


def test_a_statement_with_nothing_to_do_is_inert(baseline: Compiled) -> None:
    """In 2013 nobody but the state holds it, so there is no denial by a patron."""
    entry = replace(mechanism("M80"), window=("2013-01", "2013-12"))
    result = check_statement(entry, replace(baseline, months=12), SEEDS)
    assert result.inert
    assert result.changed == 0.0
    assert not result.shown
    assert result.on == result.off


def test_two_standard_errors_are_needed() -> None:
    entry = mechanism("M14")
    assert StatementResult(entry, changed=1.0, on=1.0, off=2.0, error=0.4).shown
    assert not StatementResult(entry, changed=1.0, on=1.0, off=2.0, error=0.6).shown


def test_the_default_arm_may_be_shared(baseline: Compiled) -> None:
    default = run_batch(baseline.arrays, baseline.months, SEEDS, monthly=True)[1]
    for name in ("M28", "M53"):
        alone = check_statement(mechanism(name), baseline, SEEDS)
        assert check_statement(mechanism(name), baseline, SEEDS, default) == alone


def test_the_check_leaves_the_scenario_as_it_was(baseline: Compiled) -> None:
    before = {name: np.copy(array) for name, array in baseline.arrays.items()}
    check_statement(mechanism("M53"), baseline, range(2))
    assert all(np.array_equal(before[name], array) for name, array in baseline.arrays.items())


def test_a_setting_holds_in_both_arms() -> None:
    loaded = load("baseline")
    (set_,) = check_statements(loaded, [mechanism("M23")], SEEDS)
    (bare,) = check_statements(loaded, [replace(mechanism("M23"), setting={})], SEEDS)
    assert set_.on != bare.on
    assert set_.mechanism.setting == {"patrons.{focus}.effort": 0.9}
