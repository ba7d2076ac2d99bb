"""Runs that figures are drawn of, each made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from scenarios_tiny import tiny_scenario_text

from sim.results.making import make_run
from sim.scenario.load import load, load_text

TINY_TIE = '  - {a: sons, b: old_guard, weight: 0.3, kind: kin, source: "C case coding"}\n'
SIX_MONTHS = [
    "period.start=2014-05", "period.end=2014-10", "factions.old_guard=null", "events.plea=null",
    "events.elder_succeeded=null", "events.elder_revealed=null", "events.elder_dies=null",
    "events.banner_founded.date=2014-08",
]  # fmt: skip


def _source(name: str) -> Any:
    if name == "six months":
        text = tiny_scenario_text().replace(TINY_TIE, "").replace("marks: [elder_revealed]", "marks: []")
        return load_text(text.replace("dates: [2014-12, 2016-12]", "dates: [2014-08]"), SIX_MONTHS)
    if name == "odd names":
        text = tiny_scenario_text().replace(
            "name: Guests", 'name: "_Guests of $5_ and {more} \\\\frac than $6 a head"'
        )
        text = text.replace(
            "name: The Banner", 'name: "The very long name of the Banner of the hills (B$a$nner)"'
        )
        return load_text(text.replace("name: Hills", 'name: "Hillsandvalleysandmoreofthesame beyond $x_1$"'))
    if name == "to 2027":
        return load("baseline", ["period.end=2027-12"])
    return load(name)


@pytest.fixture(scope="session")
def run_of() -> Callable[..., Any]:
    """A run of a scenario by name, seed 1 unless said otherwise."""

    @cache
    def make(name: str = "baseline", seed: int = 1) -> Any:
        return make_run(_source(name), seed=seed)

    return make


@pytest.fixture(scope="session")
def run(run_of: Callable[..., Any]) -> Any:
    """The baseline, seed 1."""
    return run_of()
