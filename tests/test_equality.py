"""Both drivers write the same record, bit for bit."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from records import assert_same, digest
from strategies import scenarios

from sim.agents import AllegianceModel
from sim.engine.world import History, run_engine
from sim.errors import RunError
from sim.outcomes import MONTHLY, SUMMARY
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.check import semantic_problems
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario
from sim.scenario.schema import DECISION_RULES, Scenario

TESTS = Path(__file__).resolve().parent


@cache
def compiled(name: str, *overrides: str) -> Compiled:
    return compile_scenario(load_scenario(name, overrides))


def by_engine(config: Compiled, seed: int) -> History | str:
    try:
        return run_engine(config.arrays, config.months, seed)
    except RunError as error:
        return str(error)


def by_mesa(config: Compiled, seed: int) -> History | str:
    try:
        return AllegianceModel(config, seed=seed).run()
    except RunError as error:
        return str(error)


def assert_equal_runs(config: Compiled, seed: int) -> None:
    one, other = by_engine(config, seed), by_mesa(config, seed)
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
    else:
        assert_same(one, other)


@pytest.mark.core
def test_drivers_agree_on_the_baseline() -> None:
    config = compiled("baseline")
    for seed in (1, 2**63 + 5):
        one, other = by_engine(config, seed), by_mesa(config, seed)
        assert isinstance(one, History)
        assert isinstance(other, History)
        assert_same(one, other)
        assert one.outcomes.shape == (config.months, len(MONTHLY))
        assert one.summary.shape == (len(SUMMARY),)
        assert len(one.decisions.keys) > 100


@pytest.mark.slow
def test_drivers_agree_on_the_baseline_for_many_seeds() -> None:
    digests = set()
    for seed in range(50):
        one, other = by_engine(compiled("baseline"), seed), by_mesa(compiled("baseline"), seed)
        assert isinstance(one, History)
        assert isinstance(other, History)
        assert_same(one, other)
        digests.add(digest(one))
    assert len(digests) == 50


@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_drivers_agree_on_every_bundled_scenario(name: str) -> None:
    assert_equal_runs(compiled(name), 7)


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_drivers_agree_by_every_decision_rule(rule: str) -> None:
    config = compiled("baseline", f"decision.rule={rule}", "weights.wake_base=0.05")
    assert_equal_runs(config, 3)


def test_every_decision_rule_decides_differently() -> None:
    """A rule that were not reached would make the comparison above say nothing of it."""
    found = {
        rule: digest(run_engine(config.arrays, config.months, 3))
        for rule in DECISION_RULES
        for config in [compiled("baseline", f"decision.rule={rule}", "weights.wake_base=0.05")]
    }
    assert len(set(found.values())) == len(DECISION_RULES)


@pytest.mark.core
@settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    derandomize=True,
)  # fmt: skip
@given(scenario=scenarios(), seed=st.integers(0, 2**64 - 1))
def test_drivers_agree_on_random_scenarios(scenario: Scenario, seed: int) -> None:
    assert semantic_problems(scenario) == []
    assert_equal_runs(compile_scenario(scenario), seed)


def in_a_process(code: str, *words: str, **variables: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        capture_output=True, text=True, check=False, cwd=TESTS, env={**os.environ, **variables}, timeout=300,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


DIGESTS = """
from records import digest
from sim.agents import AllegianceModel
from sim.engine.world import run_engine
from sim.scenario.compile import compile_scenario
from sim.scenario.load import load_scenario
config = compile_scenario(load_scenario("baseline"))
print(digest(run_engine(config.arrays, config.months, 11)), digest(AllegianceModel(config, seed=11).run()))
"""


@pytest.mark.slow
def test_the_hash_seed_of_python_changes_nothing() -> None:
    found = [in_a_process(DIGESTS, PYTHONHASHSEED=seed).split() for seed in ("0", "4242")]
    assert len({digest for pair in found for digest in pair}) == 1
