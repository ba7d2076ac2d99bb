"""Limiting cases, in which it is known beforehand what must happen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare
from worlds import compiled, numbers, run, without_events

from sim import state as s
from sim.engine.world import History
from sim.rules.appraisal import UNAVAILABLE
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.quantities import Quantity
from sim.scenario.schema import Decision, Scenario
from sim.scenario.weights import Weights

WAKING = (
    "leader_dies", "revealed", "succession", "faction_succession", "strike", "operation", "resettlement",
    "offers_open", "founded", "unity_plea", "takeover", "release", "territorial_collapse",
)  # fmt: skip
"""Kinds of events that wake factions, or need a second patron."""
ASLEEP = {"wake_base": 0.0, "leader_loss_hazard": 0.0, "split_hazard": 0.0, "wake_crackdown": 0.0}
"""Nothing wakes a faction by chance either; a splinter wakes because it has just split off."""


def no_second_patron(scenario: Scenario) -> Scenario:
    """ISKP is never founded and asks for no oaths; nothing happens that wakes anyone."""
    iskp = {
        name: event.model_copy(update={"date": "2090-01"})
        for name, event in scenario.events.items()
        if event.kind in ("offers_open", "founded")
    }
    quiet = without_events(scenario, WAKING)
    # Without such an event a patron would be there from the start.
    return quiet.model_copy(update={"events": {**quiet.events, **iskp}})


def allegiances(history: History) -> np.ndarray:
    allegiance: np.ndarray = history.arrays["I"][:, :, s.I_ALLEGIANCE]
    return allegiance


@pytest.mark.core
def test_nobody_moves_without_a_second_patron_and_without_news() -> None:
    scenario = numbers(no_second_patron(compiled("baseline").scenario), "weights", ASLEEP)
    config = compile_scenario(scenario)
    for seed in range(8):
        history = run(config, seed)
        assert len(history.decisions.keys) == 0
        rows = len(config.factions)
        assert (allegiances(history)[:, :rows] == config.arrays["I"][:rows, s.I_ALLEGIANCE]).all()
        assert history.arrays["C"][-1, s.C_SWITCHES] == 0
        assert history.arrays["C"][-1, s.C_OFFERS] == 0


def test_somebody_moves_once_either_is_given_back() -> None:
    """Else the test above could not fail."""
    baseline = compiled("baseline").scenario
    awake = compile_scenario(no_second_patron(baseline))
    news = compile_scenario(numbers(baseline, "weights", ASLEEP))
    assert sum(run(awake, seed).arrays["C"][-1, s.C_SWITCHES] for seed in range(8)) > 0
    assert sum(run(news, seed).arrays["C"][-1, s.C_SWITCHES] for seed in range(8)) > 0


def test_nobody_swears_to_a_patron_that_is_never_founded() -> None:
    scenario = numbers(no_second_patron(compiled("baseline").scenario), "weights", {"wake_base": 0.2})
    config = compile_scenario(scenario)
    iskp, patrons = config.patrons.index("iskp"), len(config.patrons)
    for seed in range(4):
        history = run(config, seed)
        assert len(history.decisions.keys) > 100
        assert not np.isin(allegiances(history), (iskp, iskp + patrons)).any()
        assert (history.decisions.values[:, 0, [iskp, iskp + patrons]] == UNAVAILABLE).all()
        assert (history.decisions.values[:, 1, [iskp, iskp + patrons]] == 0.0).all()
        assert (history.arrays["P"][:, iskp, s.P_CORE] == 0.0).all()


def indifferent(theta: float, rationality: float = 1.0) -> Compiled:
    """The baseline with no weight and no constant: every option is worth nothing."""
    baseline = compiled("baseline").scenario
    worthless = {name: 0.0 for name in Weights.model_fields if name.startswith(("b_", "c_"))}
    scenario = numbers(baseline, "weights", worthless | {"wake_base": 0.3})
    nothing = Quantity(value=0.0)
    patrons = {
        name: patron.model_copy(update={"constant": nothing}) for name, patron in scenario.patrons.items()
    }
    chosen = Decision(theta=Quantity(value=theta), rationality=Quantity(value=rationality))
    return compile_scenario(scenario.model_copy(update={"patrons": patrons, "decision": chosen}))


@pytest.mark.parametrize("rationality", [0.0, 1.0, 5.0])
def test_zero_weights_and_theta_0_give_every_option_the_same_chance(rationality: float) -> None:
    config = indifferent(0.0, rationality)
    counted: dict[tuple[int, ...], np.ndarray] = {}
    for seed in range(6):
        decisions = run(config, seed).decisions
        exists = decisions.values[:, 0] > 0.5 * UNAVAILABLE
        assert (decisions.values[:, 0][exists] == 0.0).all()
        share = exists / exists.sum(axis=1, keepdims=True)
        assert np.array_equal(decisions.values[:, 1], share)
        for options, chosen in zip(exists, decisions.keys[:, 3], strict=True):
            there = tuple(int(option) for option in np.flatnonzero(options))
            counted.setdefault(there, np.zeros(len(there)))[there.index(int(chosen))] += 1
    large = {there: count for there, count in counted.items() if count.sum() >= 200}
    assert len(large) >= 2
    assert max(map(len, large)) > 3
    for there, count in large.items():
        assert chisquare(count).pvalue > 0.001, (there, count)


@pytest.mark.parametrize("theta", [1e-9, 0.5, 6.0])
def test_zero_weights_and_theta_above_0_move_nobody(theta: float) -> None:
    config = indifferent(theta)
    for seed in range(4):
        history = run(config, seed)
        decisions = history.decisions
        assert len(decisions.keys) > 500
        assert (decisions.keys[:, 2] == decisions.keys[:, 3]).all()
        assert history.arrays["C"][-1, s.C_SWITCHES] == 0


def test_a_patron_that_accepts_nobody_has_no_sworn_faction() -> None:
    base, closed = compiled("baseline"), compiled("baseline", "patrons.iskp.acceptance=0")
    iskp = closed.patrons.index("iskp")
    sworn, taken = 0, 0
    for seed in range(16):
        history = run(closed, seed)
        codes = history.arrays["I"]
        with_it = codes[:, :, s.I_ALLEGIANCE] == iskp
        assert not (with_it & (codes[:, :, s.I_OATH] == s.OATH_SWORN)).any()
        assert (history.arrays["P"][:, iskp, s.P_SWORN] == 0.0).all()
        assert (codes[-1, :, s.I_FIRST_ACCEPT][: len(closed.factions)] == -1).all()
        sworn += int(with_it.any(axis=0).sum())
        taken += int(run(base, seed).arrays["C"][-1, s.C_ACCEPTANCES])
    assert sworn > 0, "nobody asked, so nothing was shown"
    assert taken > 0


def test_no_slot_no_sworn_faction() -> None:
    """Statement M15: a patron without free slots refuses, and says so."""
    config = compiled("baseline", "patrons.iskp.franchise_slots=0")
    iskp = config.patrons.index("iskp")
    refused = 0
    for seed in range(8):
        codes = run(config, seed).arrays["I"]
        with_it = codes[:, :, s.I_ALLEGIANCE] == iskp
        assert not (with_it & (codes[:, :, s.I_OATH] == s.OATH_SWORN)).any()
        refused += int((with_it & (codes[:, :, s.I_OATH] == s.OATH_REFUSED)).any(axis=0).sum())
    assert refused > 0


def test_a_full_bond_and_no_reason_keep_every_oath() -> None:
    """An oath costs its bond to break: at the heaviest price nobody breaks one, and they do at none."""
    left = {}
    for price in (0, 30):
        config = compiled("baseline", f"weights.b_switch={price}", "weights.wake_base=0.1")
        left[price] = 0
        for seed in range(6):
            keys = run(config, seed).decisions
            bonded = keys.terms[np.arange(len(keys.keys)), 2 * len(config.patrons), s.T_BOND] < -15.0
            moved = keys.keys[:, 2] != keys.keys[:, 3]
            assert not (moved & bonded).any()
            left[price] += int(moved.sum())
    assert left[0] > left[30]
