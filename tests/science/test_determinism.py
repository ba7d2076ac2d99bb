"""The same scenario and seed give the same record, however the run is driven."""

from __future__ import annotations

import numpy as np
import pytest
from records import assert_same
from worlds import compiled, run

from sim import state as s
from sim.engine.batch import run_batch
from sim.engine.kernel import simulate
from sim.engine.world import ARRAYS, MUTABLE, Decisions, History, World, empty_history
from sim.outcomes import M_WIDTH, O_WIDTH
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario

pytestmark = pytest.mark.core


def in_parts(config: Compiled, seed: int, stops: tuple[int, ...]) -> History:
    """A recorded run that stops before each of some months and goes on."""
    world = World(config.arrays, seed)
    kept = empty_history(world, config.months, True)
    options, room = world.CEN.shape[0], world.F.shape[0] * config.months
    outcomes, summary = np.zeros((config.months, M_WIDTH)), np.zeros(O_WIDTH)
    keys = np.empty((room, 5), dtype=np.int64)
    terms, values = np.empty((room, options, s.T_WIDTH)), np.empty((room, 2, options))
    done = 0
    for first, last in zip((0, *stops), (*stops, config.months), strict=True):
        done += simulate(
            *(getattr(world, name) for name in ARRAYS), world.T, world.V, world.Q, first, last,
            outcomes, summary, *(kept[name] for name in MUTABLE), keys[done:], terms[done:], values[done:],
        )  # fmt: skip
    world.status()
    return History(kept, outcomes, summary, Decisions(keys[:done], terms[:done], values[:done]), seed)


def test_a_run_is_the_same_twice() -> None:
    for seed in (0, 1, 2**64 - 1):
        assert_same(run(compiled("baseline"), seed), run(compiled("baseline"), seed))


def test_another_seed_is_another_run() -> None:
    one, other = run(compiled("baseline"), 1), run(compiled("baseline"), 2)
    assert one.arrays["F"].tobytes() != other.arrays["F"].tobytes()


def test_a_scenario_read_and_compiled_again_gives_the_same_run() -> None:
    again = compile_scenario(load_scenario("baseline"))
    for name, array in compiled("baseline").arrays.items():
        assert array.tobytes() == again.arrays[name].tobytes(), name
    assert_same(run(compiled("baseline"), 3), run(again, 3))


def test_a_run_leaves_the_scenario_as_it_was() -> None:
    config = compile_scenario(load_scenario("baseline"))
    before = {name: array.tobytes() for name, array in config.arrays.items()}
    run(config, 1)
    run_batch(config.arrays, config.months, range(3), monthly=True)
    assert {name: array.tobytes() for name, array in config.arrays.items()} == before


@pytest.mark.parametrize("name", list(bundled_scenarios()))
def test_many_runs_are_the_runs_one_by_one(name: str) -> None:
    config = compiled(name)
    seeds = [5, 3, 2**40, 3]
    summary, outcomes = run_batch(config.arrays, config.months, seeds, monthly=True)
    bare, nothing = run_batch(config.arrays, config.months, seeds)
    assert nothing.shape == (4, 0, M_WIDTH)
    assert np.array_equal(bare, summary)
    for place, seed in enumerate(seeds):
        history = run(config, seed)
        assert history.outcomes.tobytes() == outcomes[place].tobytes()
        assert history.summary.tobytes() == summary[place].tobytes()


@pytest.mark.parametrize("stops", [(1,), (30,), (31, 32, 100), (143,)])
def test_a_run_that_stops_and_goes_on_is_one_run(stops: tuple[int, ...]) -> None:
    config = compiled("baseline")
    for seed in (1, 4):
        whole, parts = run(config, seed), in_parts(config, seed, stops)
        assert_same(whole, parts)


def test_a_shorter_period_is_the_beginning_of_a_longer_one() -> None:
    long = compiled("baseline")
    short = compiled("baseline", "period.end=2024-06")
    assert short.months == long.months - 6
    one, other = run(short, 2), run(long, 2)
    for name in MUTABLE:
        assert one.arrays[name].tobytes() == other.arrays[name][: short.months].tobytes(), name
    assert one.outcomes.tobytes() == other.outcomes[: short.months].tobytes()


def test_the_room_for_splinters_changes_nothing() -> None:
    config = compiled("baseline")
    wide = compile_scenario(config.scenario, spare_rows=200)
    one, other = run(config, 6), run(wide, 6)
    rows = int(one.arrays["C"][-1, s.C_ROWS])
    assert rows > len(config.factions)
    for name in "FIX":
        assert one.arrays[name][-1, :rows].tobytes() == other.arrays[name][-1, :rows].tobytes()
    for name in "PWGHC":
        assert one.arrays[name].tobytes() == other.arrays[name].tobytes()
    assert one.outcomes.tobytes() == other.outcomes.tobytes()
    assert one.decisions.terms.tobytes() == other.decisions.terms.tobytes()
