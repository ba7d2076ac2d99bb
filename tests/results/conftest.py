"""Runs that the tests of results share; each is made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from scenarios_tiny import tiny_scenario_text

from sim.results.making import make_run
from sim.results.run import Run
from sim.scenario.load import load, load_text

Make = Callable[..., Run]


@cache
def _run(scenario: str, seed: int, until: str | None) -> Run:
    loaded = load_text(tiny_scenario_text(), name="tiny") if scenario == "tiny" else load(scenario)
    return make_run(loaded, seed, until=until)


@pytest.fixture(scope="session")
def make() -> Make:
    """A run by scenario, seed and last month; the same call gives the same run."""
    return lambda scenario="baseline", seed=1, until=None: _run(scenario, seed, until)


@pytest.fixture
def baseline(make: Make) -> Run:
    return make()


@pytest.fixture
def tiny(make: Make) -> Run:
    return make("tiny")


@pytest.fixture(scope="session")
def kept(make: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the baseline's run, without figures; not to be changed."""
    return make().save(tmp_path_factory.mktemp("kept") / "baseline", figures=False)
