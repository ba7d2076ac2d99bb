"""Runs come out as they did when the golden runs were last written."""

from __future__ import annotations

import copy

import pytest
from golden_runs import COMMAND, DATES, SHOWN, differences, golden_run, read, seeds_of

from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import compile_scenario
from sim.scenario.load import load_scenario

pytestmark = pytest.mark.core


def test_every_bundled_scenario_has_its_golden_runs() -> None:
    assert set(read()) == set(bundled_scenarios()), f"write them with `{COMMAND}`"
    for name, runs in read().items():
        assert set(runs) == {str(seed) for seed in seeds_of(name)}


@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_runs_come_out_as_they_did(name: str) -> None:
    config = compile_scenario(load_scenario(name))
    kept = read()[name]
    found = [
        line
        for seed in seeds_of(name)
        for line in differences(kept[str(seed)], golden_run(config, seed), f"{name}.{seed}.")
    ]
    assert not found, (
        f"{len(found)} golden numbers of {name} changed, the first: {'; '.join(found[:3])}. "
        f"If the model was meant to change, write them anew with `{COMMAND}` and read the difference."
    )


def test_a_golden_run_shows_what_changed() -> None:
    """A change in the last bit is a difference, and is named."""
    kept = read()["baseline"]["1"]
    changed = copy.deepcopy(kept)
    value = changed["monthly"][DATES[0]][SHOWN[0]]
    changed["monthly"][DATES[0]][SHOWN[0]] = value + 2.0**-20
    found = differences(kept, changed, "baseline.1.")
    assert len(found) == 1
    assert found[0].startswith(f"baseline.1.monthly.{DATES[0]}.{SHOWN[0]}: {value!r} was kept")
    del changed["digest"]
    assert len(differences(kept, changed)) == 2


def test_golden_runs_are_of_a_world_in_which_things_happen() -> None:
    for runs in read().values():
        for golden in runs.values():
            assert golden["summary"]["status"] == 0.0
            assert golden["summary"]["switches"] > 0.0
            assert golden["decisions"] > 20
