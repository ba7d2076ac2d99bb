"""How a group is coded must not decide how many of it die: one faction of 600, or six of 100."""

from __future__ import annotations

import numpy as np
import pytest
from scenarios_tiny import tiny_scenario_text
from worlds import run

from sim import state as s
from sim.engine.batch import run_batch
from sim.outcomes import MONTHLY
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_text
from sim.scenario.quantities import Quantity
from sim.scenario.schema import Scenario

ASLEEP = [
    f"weights.{name}=0"
    for name in (
        "wake_base", "wake_leader", "wake_revealed", "wake_news", "wake_displaced", "wake_tie", "wake_answer",
        "wake_crackdown",
    )
]  # fmt: skip
"""No choices in between: a faction that never wakes never decides."""
WAR = [
    "patrons.banner.hostility.elders=0.9", "patrons.banner.recruits=60", "patrons.banner.growth=0.02",
    "weights.clash=0.03", "weights.split_hazard=0", "weights.dissolve_floor=0", "factions.sons.fighters=600",
    "regions.hills.recruit_pool=1000000",
]  # fmt: skip
"""Splits, dissolution and the cap on recruits go by the unit, so they must not come into it: the first two are
off, and the pool is so large that nobody reaches a cap."""


def coded(parts: int, *overrides: str) -> Compiled:
    """The tiny scenario at war, its Sons of the hills coded as so many factions of equal size."""
    scenario: Scenario = load_text(tiny_scenario_text(), [*ASLEEP, *WAR, *overrides]).scenario
    whole = scenario.factions["sons"]
    size = Quantity(value=whole.fighters.value / parts)
    part = whole.model_copy(update={"fighters": size, "code": None, "aliases": ()})
    factions = {name: faction for name, faction in scenario.factions.items() if name != "sons"}
    factions |= {f"sons_{n}": part for n in range(parts)}
    return compile_scenario(scenario.model_copy(update={"factions": factions, "ties": ()}))


def deaths_of_sons(config: Compiled, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deaths by pair and month, by region, pole and month, and of the Sons by month."""
    history = run(config, seed)
    mine = [row for row, name in enumerate(config.factions) if name.startswith("sons")]
    return (
        history.arrays["W"][..., s.W_DEATHS],
        history.arrays["H"][..., s.H_DEATHS],
        history.arrays["F"][:, mine, s.F_DEATHS].sum(axis=1),
    )


@pytest.mark.core
def test_one_of_600_or_six_of_100_die_alike() -> None:
    """Month by month and place by place; what is left is the rounding of men to grains of 2**-20."""
    one, six = (coded(parts, "weights.leader_loss_hazard=0") for parts in (1, 6))
    for seed in range(6):
        pairs, places, own = deaths_of_sons(one, seed)
        pairs_of_six, places_of_six, own_of_six = deaths_of_sons(six, seed)
        assert np.allclose(pairs, pairs_of_six, rtol=1e-6, atol=1e-4)
        assert np.allclose(places, places_of_six, rtol=1e-6, atol=1e-4)
        assert np.allclose(own, own_of_six, rtol=1e-6, atol=1e-4)
        assert pairs.sum() > 100.0
        assert own.sum() > 30.0
        assert own.min() >= 0.0


@pytest.mark.slow
def test_expected_deaths_are_the_same_where_chance_befalls_each_part() -> None:
    """Leaders lost by chance change the quality of each part apart: then only the expectation is the same."""
    column = [outcome.name for outcome in MONTHLY].index("rival_deaths")
    means, errors = [], []
    for parts in (1, 6):
        config = coded(parts, "weights.leader_loss_hazard=0.05")
        _, outcomes = run_batch(config.arrays, config.months, range(2000), monthly=True)
        deaths = outcomes[:, :, column].sum(axis=1)
        means.append(deaths.mean())
        errors.append(deaths.std(ddof=1) / np.sqrt(len(deaths)))
    # The runs share their seeds, so the error of the difference is at most that of independent runs.
    assert abs(means[0] - means[1]) < 3.5 * np.hypot(*errors)
    assert max(errors) < 0.01 * min(means)


def test_coding_matters_where_it_should() -> None:
    """The comparison has something to lose: the same men without enemies do not die."""
    peace = coded(6, "weights.leader_loss_hazard=0", "weights.clash=0")
    pairs, places, _ = deaths_of_sons(peace, 1)
    assert pairs.sum() == places.sum() == 0.0
