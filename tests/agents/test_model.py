"""The Mesa driver as a Mesa model: steps, stops, copies, frames, and what it refuses."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref
from pathlib import Path

import numpy as np
import pytest
from records import assert_same, digest
from scenarios_tiny import tiny_scenario_text

from sim import state as s
from sim.agents import AllegianceModel, Faction, Patron
from sim.engine.names import faction_names
from sim.engine.world import run_engine
from sim.errors import RunError, ScenarioError, UsageError
from sim.outcomes import MONTHLY
from sim.scenario.bundled import bundled_scenarios
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.load import load_scenario, load_text

pytestmark = pytest.mark.core


@pytest.fixture(scope="module")
def baseline() -> Compiled:
    return compile_scenario(load_scenario("baseline"))


@pytest.fixture(scope="module")
def tiny() -> Compiled:
    return compile_scenario(load_text(tiny_scenario_text(), ["weights.wake_base=0.2"]).scenario)


def test_a_scenario_may_be_given_in_four_ways(tiny: Compiled, tmp_path: Path) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(tiny_scenario_text(), encoding="utf-8")
    by_path = AllegianceModel(path, seed=2).run()
    by_text = AllegianceModel(str(path), seed=2).run()
    by_scenario = AllegianceModel(load_scenario(path), seed=2).run()
    assert len({digest(history) for history in (by_path, by_text, by_scenario)}) == 1
    assert AllegianceModel(tiny).config is tiny
    assert AllegianceModel("baseline").config.scenario == load_scenario(bundled_scenarios()["baseline"])
    with pytest.raises(ScenarioError, match="no bundled scenario"):
        AllegianceModel("baselin")


def test_a_month_a_step_until_the_end(tiny: Compiled) -> None:
    model = AllegianceModel(tiny, seed=4)
    assert (model.date, model.months_done, model.running) == (None, 0, True)
    model.step()
    assert (model.date, model.months_done, model.steps) == ("2013-01", 1, 1)
    model.run_model()
    assert (model.date, model.months_done, model.running) == ("2016-12", 48, False)
    before = digest(model.history)
    model.step()
    assert (model.date, model.months_done, model.running) == ("2016-12", 48, False)
    assert digest(model.history) == before == digest(run_engine(tiny.arrays, tiny.months, 4))


def test_a_run_stops_where_it_is_told_and_goes_on(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=3)
    first = model.run(until="2014-12")
    assert (model.date, model.months_done, first.outcomes.shape[0]) == ("2014-12", 24, 24)
    assert_same(first, run_engine(baseline.arrays, 24, 3))
    assert model.run(until=30).arrays["F"].shape[0] == 30
    assert model.run(until="2013-06").outcomes.shape[0] == 30, "a month that is past asks for nothing more"
    assert_same(model.run(), run_engine(baseline.arrays, baseline.months, 3))


@pytest.mark.parametrize("until", ["2012-12", "2025-01", "soon", -1, 145])
def test_a_month_outside_the_period_is_refused(baseline: Compiled, until: str | int) -> None:
    with pytest.raises(UsageError):
        AllegianceModel(baseline).run(until=until)


@pytest.mark.parametrize("months", [0, 31, 100])
def test_a_pickled_model_goes_on_as_if_nothing_had_happened(baseline: Compiled, months: int) -> None:
    model = AllegianceModel(baseline, seed=8, agents={"imu": Hawk}, rule=first_come)
    model.run(until=months)
    twin = pickle.loads(pickle.dumps(model))
    history = model.run()
    assert twin.months_done == months
    assert_same(twin.run(), history)
    assert twin.datacollector.get_model_vars_dataframe().equals(
        model.datacollector.get_model_vars_dataframe()
    )
    assert twin.datacollector.get_agent_vars_dataframe().equals(
        model.datacollector.get_agent_vars_dataframe()
    )
    assert type(twin.faction("imu")) is Hawk
    assert all(agent.model is twin for agent in twin.agents)


@pytest.mark.parametrize("months", [0, 31, 100])
def test_a_copy_goes_its_own_way(baseline: Compiled, months: int) -> None:
    model = AllegianceModel(baseline, seed=8)
    before = digest(model.run(until=months))
    twin = copy.deepcopy(model)
    assert twin.config is model.config
    assert all(agent.model is twin for agent in twin.agents)
    history = twin.run()
    assert_same(history, run_engine(baseline.arrays, baseline.months, 8))
    assert (model.months_done, digest(model.history)) == (months, before)
    assert_same(model.run(), history)


def test_an_intervened_copy_parts_from_its_original(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=8)
    model.run(until="2015-06")
    twin = copy.deepcopy(model)
    twin.patron("iskp").acceptance = 0.0
    assert model.patron("iskp").acceptance > 0.0
    changed, as_was = twin.run(), model.run()
    assert np.array_equal(changed.outcomes[:30], as_was.outcomes[:30])
    assert not np.array_equal(changed.outcomes[30:], as_was.outcomes[30:])


def test_models_side_by_side_do_not_touch_each_other(baseline: Compiled) -> None:
    models = [AllegianceModel(baseline, seed=seed) for seed in (5, 6)]
    start = {name: array.tobytes() for name, array in baseline.arrays.items()}
    while models[0].running:
        for model in models:
            model.step()
    for model in models:
        assert_same(model.history, run_engine(baseline.arrays, baseline.months, model.seed))
    assert {name: array.tobytes() for name, array in baseline.arrays.items()} == start


def test_agents_are_the_patrons_and_the_factions_in_being(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1)
    seen: set[str] = set()
    numbers: dict[int, str] = {}
    while model.running:
        model.step()
        active = [faction for faction in model.all_factions if faction.fate == "active"]
        assert list(model.agents) == [*model.patrons, *active] or set(model.agents) == {
            *model.patrons,
            *active,
        }
        assert model.factions == active
        assert len({agent.unique_id for agent in model.agents}) == len(model.agents)
        for agent in model.agents:
            assert numbers.setdefault(agent.unique_id, agent.name) == agent.name
        seen |= {faction.fate for faction in model.all_factions}
    assert {"active", "destroyed", "dissolved", "merged"} <= seen
    gone = [faction for faction in model.all_factions if faction.fate != "active"]
    assert gone
    assert all(model.faction(faction.name) is faction for faction in model.all_factions)


def test_one_who_is_to_come_is_no_agent_yet(baseline: Compiled) -> None:
    late = [name for name, faction in baseline.scenario.factions.items() if faction.active_from]
    assert late
    model = AllegianceModel(baseline, seed=1)
    for name in late:
        faction, month = model.faction(name), baseline.scenario.factions[name].active_from
        assert faction.fate == "waiting"
        assert faction not in model.agents
        assert faction.active_from == month
    first = min(late, key=lambda name: str(baseline.scenario.factions[name].active_from))
    model.run(until=baseline.scenario.factions[first].active_from)
    assert model.faction(first) in model.agents


def test_splinters_are_named_after_their_parents_and_inherit_their_class(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=1, agents=dict.fromkeys(baseline.factions[:19], Hawk))
    model.run()
    splinters = model.all_factions[len(baseline.factions) :]
    assert {type(splinter) for splinter in splinters} == {Hawk, Faction}
    for splinter in splinters:
        assert splinter.name.startswith(splinter.parent + "_s")
        assert type(splinter) is type(model.faction(splinter.parent))
        assert splinter.born_month == splinter.active_from
    assert len(set(model.names)) == len(model.names)
    rows = int(model.world.C[s.C_ROWS])
    assert model.names == faction_names(baseline.factions, model.world.I[:, s.I_PARENT], rows)


def test_a_splinter_never_takes_the_name_of_a_faction() -> None:
    names = faction_names(["imu", "imu_s1"], np.array([-1, -1, 0, 0]), 4)
    assert names == ("imu", "imu_s1", "imu_s1_", "imu_s2")


def test_what_an_agent_stores_is_its_row(baseline: Compiled) -> None:
    model = AllegianceModel(baseline)
    for agent in model.agents:
        assert set(vars(agent)) - {"unique_id", "model", "pos"} == {"row"}


def test_frames_of_the_data_collector(baseline: Compiled) -> None:
    model = AllegianceModel(baseline, seed=2)
    history = model.run(until=60)
    months = model.datacollector.get_model_vars_dataframe()
    assert list(months) == ["month", *(column.name for column in MONTHLY)]
    assert list(months["month"].iloc[[0, -1]]) == ["2013-01", "2017-12"]
    assert np.array_equal(months.drop(columns="month").to_numpy(dtype=float), history.outcomes)
    agents = model.datacollector.get_agent_vars_dataframe()
    assert list(agents) == ["name", "fighters", "allegiance", "oath"]
    assert agents.index.names == ["Step", "AgentID"]
    last = agents.loc[60].set_index("name")
    for faction in model.factions:
        row = last.loc[faction.name]
        assert (row["fighters"], row["allegiance"], row["oath"]) == (
            faction.fighters, faction.allegiance, faction.oath,
        )  # fmt: skip
    sides = last.groupby("allegiance")["fighters"].sum()
    iskp = model.patron("iskp")
    assert sides["iskp"] == pytest.approx(iskp.core + iskp.sworn + iskp.declared)


def test_a_reporter_of_ones_own_is_an_attribute(tiny: Compiled) -> None:
    import mesa

    model = AllegianceModel(tiny)
    model.datacollector = mesa.DataCollector(model_reporters={"date": "date", "done": "months_done"})
    model.run(until=3)
    assert model.datacollector.get_model_vars_dataframe()["done"].tolist() == [1, 2, 3]


def test_mesas_generators_stay_unused(tiny: Compiled) -> None:
    state, before = np.random.get_state()[1].copy(), AllegianceModel(tiny, seed=9)  # noqa: NPY002
    own = before.rng.bit_generator.state, before.random.getstate()
    before.run()
    assert (before.rng.bit_generator.state, before.random.getstate()) == own
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_without_a_record_only_outcomes_are_kept(tiny: Compiled) -> None:
    bare, full = AllegianceModel(tiny, record=False).run(), AllegianceModel(tiny).run()
    assert np.array_equal(bare.outcomes, full.outcomes)
    assert np.array_equal(bare.summary, full.summary)
    assert bare.arrays["F"].shape[0] == len(bare.decisions.keys) == 0


def test_a_history_before_the_first_month_is_empty(tiny: Compiled) -> None:
    history = AllegianceModel(tiny).history
    assert history.outcomes.shape == (0, len(MONTHLY))
    assert history.arrays["F"].shape == (0, *tiny.arrays["F"].shape)


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "1", True, None])
def test_a_bad_seed_is_refused(tiny: Compiled, seed: object) -> None:
    with pytest.raises(UsageError, match="a seed is a whole number"):
        AllegianceModel(tiny, seed=seed)  # type: ignore[arg-type]


def test_a_run_that_breaks_says_so_and_stops(tiny: Compiled) -> None:
    model = AllegianceModel(tiny)
    model.step()
    model.patron("banner").captured = -5.0
    with pytest.raises(RunError, match="negative stock"):
        model.run()
    assert not model.running
    done = model.months_done
    model.step()
    assert model.months_done == done


def test_unknown_names_are_told(baseline: Compiled) -> None:
    model = AllegianceModel(baseline)
    assert model.faction("F30") is model.faction("imu")
    for call, name in ((model.faction, "inu"), (model.patron, "iskq"), (model.region, "nangahar")):
        with pytest.raises(UsageError, match="did you mean"):
            call(name)


def test_a_model_is_freed(tiny: Compiled) -> None:
    model = AllegianceModel(tiny)
    model.run(until=12)
    ghost = weakref.ref(model)
    del model
    gc.collect()
    assert ghost() is None


class Hawk(Faction):
    """Stays as it is, whatever comes; at module level, so that it can be pickled."""

    def choose(self, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
        return options.index(self.allegiance)


class Stern(Patron):
    """Accepts nobody once it exists."""

    def command(self, capacity: float) -> None:
        super().command(capacity)
        self.acceptance = 0.0


def first_come(faction: Faction, options: tuple[str, ...], utilities: np.ndarray, draw: float) -> int:
    return int(np.argmax(utilities))
