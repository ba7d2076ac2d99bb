"""No man is made or lost: stocks and flows balance to the grain, through splits, mergers, crushed fronts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import scenarios
from worlds import compiled, run, stock

from sim import state as s
from sim.engine.world import History
from sim.errors import RunError
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.schema import Scenario

GRAIN = 2.0**20
STRESS = (
    "weights.split_hazard=0.04", "weights.merge_hazard=0.3", "weights.crush_hazard=1", "weights.clash=0.05",
    "weights.leader_loss_hazard=0.05", "weights.wake_base=0.1", "weights.dissolve_floor=40",
    "weights.return_rate=0.1",
)  # fmt: skip
"""Much of everything that moves men."""


def assert_men_balance(config: Compiled, history: History) -> None:
    """In every month and exactly: men there and men gone are the men of the start and those who came."""
    # The record has room for rows that no splinter has taken yet: whatever it holds there is no record.
    rows = history.arrays["C"][:, s.C_ROWS].astype(int)
    used = np.arange(history.arrays["F"].shape[1])[None, :] < rows[:, None]
    there = stock(history, "F", s.F_FIGHTERS, s.F_KILLED, s.F_CAPTURED, s.F_SURRENDERED, s.F_LEFT)
    came = stock(history, "F", s.F_RECRUITED, s.F_RETURNED)
    start = config.arrays["F"][:, s.F_FIGHTERS].sum()
    assert np.array_equal((there * used).sum(axis=1), start + (came * used).sum(axis=1))
    core = config.arrays["H"][:, :-1, s.H_CORE].sum(axis=0)
    kept = stock(history, "P", s.P_CORE, s.P_KILLED, s.P_LEFT)
    assert np.array_equal(kept, core + stock(history, "P", s.P_JOINED))


def assert_stocks_hold(history: History) -> None:
    """No stock of men is negative, and all are whole grains."""
    rows = int(history.arrays["C"][-1, s.C_ROWS])
    men = history.arrays["F"][
        :,
        :rows,
        [s.F_FIGHTERS, s.F_RECRUITED, s.F_KILLED, s.F_CAPTURED, s.F_SURRENDERED, s.F_LEFT, s.F_RETURNED],
    ]
    last = men[-1]
    assert (last >= 0.0).all()
    assert np.array_equal(last, np.floor(last * GRAIN) / GRAIN)
    for array, columns in (
        ("P", [s.P_CORE, s.P_CAPTURED, s.P_KILLED, s.P_LEFT, s.P_JOINED]),
        ("H", [s.H_CORE, s.H_NOMINAL, s.H_FORCE, s.H_DEATHS]),
        ("G", [s.G_POOL, s.G_TAKEN, s.G_RETURNED]),
        ("C", [s.C_ABROAD_POOL, s.C_ABROAD_DIED, s.C_RETURNED, s.C_SURRENDERED]),
    ):
        assert (history.arrays[array][..., columns] >= 0.0).all(), array


def assert_counts_only_grow(history: History) -> None:
    """What was ever counted is never uncounted."""
    rows = int(history.arrays["C"][0, s.C_ROWS])
    for array, columns in (
        ("F", [s.F_RECRUITED, s.F_KILLED, s.F_CAPTURED, s.F_SURRENDERED, s.F_LEFT, s.F_RETURNED]),
        ("P", [s.P_KILLED, s.P_LEFT, s.P_JOINED, s.P_CRUSHED]),
        ("C", [s.C_OFFERS, s.C_ACCEPTANCES, s.C_SWITCHES, s.C_SPLITS, s.C_MERGERS, s.C_CRUSHED]),
    ):
        whole = history.arrays[array]
        some = whole[:, :rows] if array == "F" else whole
        assert (np.diff(some[..., columns], axis=0) >= 0.0).all(), array


@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_men_balance_in_every_bundled_scenario(name: str) -> None:
    config = compiled(name)
    for seed in range(4):
        history = run(config, seed)
        assert_men_balance(config, history)
        assert_stocks_hold(history)
        assert_counts_only_grow(history)


@pytest.mark.parametrize("shielded", [False, True])
def test_men_balance_where_much_happens(shielded: bool) -> None:
    """Statement M53 in both readings, with fronts crushed, splinters, mergers and dissolutions by the dozen."""
    config = compiled("baseline", *STRESS, f"mechanisms.M53={str(shielded).lower()}")
    config = compile_scenario(config.scenario, spare_rows=600)
    seen = np.zeros(3)
    for seed in range(4):
        history = run(config, seed)
        assert_men_balance(config, history)
        assert_stocks_hold(history)
        assert_counts_only_grow(history)
        seen += history.arrays["C"][-1, [s.C_SPLITS, s.C_MERGERS, s.C_CRUSHED]]
        rows = int(history.arrays["C"][-1, s.C_ROWS])
        last = history.arrays["F"][-1, :rows]
        fates = history.arrays["I"][-1, :rows, s.I_FATE]
        gone = np.isin(fates, (s.FATE_MERGED, s.FATE_DESTROYED, s.FATE_DISSOLVED))
        assert (last[gone, s.F_FIGHTERS] == 0.0).all()
        assert gone.any()
        for column in (s.F_CAPTURED, s.F_SURRENDERED, s.F_RETURNED, s.F_LEFT):
            assert last[:, column].sum() > 0.0
    assert (seen > 40).all(), seen


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(scenario=scenarios(max_months=24), seed=st.integers(0, 2**64 - 1))
def test_men_balance_in_random_scenarios(scenario: Scenario, seed: int) -> None:
    config = compile_scenario(scenario, spare_rows=200)
    try:
        history = run(config, seed)
    except RunError as error:
        assert "row" in str(error), error  # noqa: PT017
        assume(False)
    assert_men_balance(config, history)
    assert_stocks_hold(history)
    assert_counts_only_grow(history)


def test_releases_never_exceed_the_men_in_prison() -> None:
    """However many a release names, it frees no more than are held, and these join the core."""
    for held, named in ((500.0, 300.0), (500.0, 9000.0), (0.0, 700.0)):
        config = compiled(
            "baseline", f"patrons.iskp.captured={held}", f"events.prison_release.fighters={named}",
            "weights.crush_hazard=0", "patrons.iskp.recruits=0", "patrons.iskp.growth=0",
            "weights.infighting_drain=0", "weights.return_rate=0",
        )  # fmt: skip
        iskp, history = config.patrons.index("iskp"), run(config, 1)
        patron = history.arrays["P"][:, iskp]
        event = config.arrays["E"][config.arrays["E"][:, s.E_KIND] == s.EVENT_RELEASE][0]
        month, freed = int(event[s.E_MONTH]), min(held, named)
        assert patron[month - 1, s.P_CAPTURED] == held
        assert patron[month, s.P_CAPTURED] == held - freed
        assert patron[month, s.P_JOINED] - patron[month - 1, s.P_JOINED] == freed


def test_men_abroad_die_return_or_stay() -> None:
    """Statements M31 and M76: the pool abroad is used up by deaths and returns, and by nothing else."""
    config = compiled("baseline", "weights.return_rate=0.05")
    history = run(config, 1)
    run_state = history.arrays["C"]
    named = config.arrays["E"][config.arrays["E"][:, s.E_KIND] == s.EVENT_RETURNEES][0]
    since = int(named[s.E_MONTH])
    whole = run_state[since:, [s.C_ABROAD_POOL, s.C_ABROAD_DIED, s.C_RETURNED]].sum(axis=1)
    assert np.allclose(whole, named[s.E_SIZE], rtol=0, atol=1e-4)
    assert run_state[-1, s.C_ABROAD_DIED] > 0
    # Kin factions and regions together take all who return.
    kin = history.arrays["F"][-1, : int(run_state[-1, s.C_ROWS]), s.F_RETURNED].sum()
    settled = history.arrays["G"][-1, :, s.G_RETURNED].sum()
    assert kin > 0
    assert settled > 0
    assert kin + settled == pytest.approx(run_state[-1, s.C_RETURNED], abs=1e-3)
