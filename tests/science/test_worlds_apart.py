"""Worlds that differ in one thing differ in nothing before it and, elsewhere, only as it makes them differ."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from worlds import IDENTITIES, compiled, names_of, numbers, run, shifted

from sim import draws
from sim import state as s
from sim.engine.names import faction_names
from sim.engine.world import ARRAYS, MUTABLE, History, World, empty_history
from sim.outcomes import M_WIDTH, MONTHLY, O_WIDTH
from sim.rules.reorganise import split
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.dates import orphans_of, resolve_dates
from sim.scenario.quantities import Quantity
from sim.scenario.schema import DECISION_RULES, Scenario

EVENTS = (
    "omar_dies", "omar_revealed", "hakimullah_killed", "pakistan_talks", "zarb_e_azb", "mosul", "caliphate",
    "air_campaign", "iskp_founded", "unity_plea", "kunduz_2015", "kabul_helps_splinter", "mansour_killed",
    "campaign_2017", "doha_talks", "doha_truce", "takeover", "levant_returnees", "force_attrition", "new_era",
)  # fmt: skip


def assert_same_before(one: History, other: History, month: int) -> None:
    """Everything recorded before a month is the same, bit for bit."""
    for name in MUTABLE:
        mine, theirs = one.arrays[name][:month], other.arrays[name][:month]
        if name == "C":
            # A row of the table of events: rows move up where an event is left out.
            mine, theirs = (np.delete(column, s.C_ABROAD_EVENT, axis=1) for column in (mine, theirs))
        assert mine.tobytes() == theirs.tobytes(), name
    assert one.outcomes[:month].tobytes() == other.outcomes[:month].tobytes()
    first, second = (record.decisions.keys[:, 0] < month for record in (one, other))
    for name in ("keys", "terms", "values"):
        mine, theirs = getattr(one.decisions, name)[first], getattr(other.decisions, name)[second]
        assert mine.tobytes() == theirs.tobytes(), name


@pytest.mark.core
@pytest.mark.parametrize("event", EVENTS)
def test_nothing_before_a_change_knows_of_it(event: str) -> None:
    """An event moved, either way: the record up to the earlier of the two months is the same in every array."""
    base = compiled("baseline")
    for by in (-2, 7):
        moved = shifted(base, event, by)
        first = first_change(base, moved)
        assert 0 < first <= month_of(base, event)
        for seed in (1, 2):
            one, other = run(base, seed), run(moved, seed)
            assert_same_before(one, other, first)
            assert any(one.arrays[name].tobytes() != other.arrays[name].tobytes() for name in "PG")


def month_of(config: Compiled, event: str) -> int:
    """Month of an event from the start of the period."""
    return resolve_dates(config.scenario)[event] - config.start


def first_change(one: Compiled, other: Compiled) -> int:
    """First month in which two scenarios of the same events differ: events may be dated by the one that is moved."""
    first, second = (resolve_dates(config.scenario) for config in (one, other))
    return min(min(first[name], second[name]) for name in first if first[name] != second[name]) - one.start


def without(config: Compiled, event: str) -> Compiled:
    """The same scenario in which an event does not happen, nor those that cannot without it."""
    all_events = {name: data.model_dump() for name, data in config.scenario.events.items()}
    gone = {event, *orphans_of(all_events, event)}
    events = {name: data for name, data in config.scenario.events.items() if name not in gone}
    return compile_scenario(config.scenario.model_copy(update={"events": events}))


@pytest.mark.parametrize("event", ["omar_revealed", "zarb_e_azb", "mosul", "unity_plea", "takeover"])
def test_nothing_before_an_event_knows_that_it_will_happen(event: str) -> None:
    base = compiled("baseline")
    less = without(base, event)
    dates = resolve_dates(base.scenario)
    month = min(dates[name] for name in base.events if name not in less.events) - base.start
    for seed in (3, 4):
        one, other = run(base, seed), run(less, seed)
        assert_same_before(one, other, month)
        assert any(one.arrays[name].tobytes() != other.arrays[name].tobytes() for name in "PG")


# The order of factions


def reordered(scenario: Scenario, order: Sequence[str]) -> Compiled:
    """The same scenario with its factions in another order."""
    return compile_scenario(
        scenario.model_copy(update={"factions": {name: scenario.factions[name] for name in order}}),
        spare_rows=300,
    )


def by_name(config: Compiled, history: History) -> dict[str, np.ndarray]:
    """The record of a run with its factions in alphabetical order, and rows in codes as ranks in it."""
    names = names_of(config, history)
    order = sorted(range(len(names)), key=lambda row: names[row])
    rank = np.empty(len(names) + 1, dtype=np.int64)
    rank[order], rank[-1] = np.arange(len(names)), -1
    exists = np.arange(len(names))[None, :] < history.arrays["C"][:, s.C_ROWS, None]
    exists = exists[:, order]
    tables: dict[str, np.ndarray] = {"names": np.array([names[row] for row in order])}
    for name in "FIX":
        table = history.arrays[name][:, order].copy()
        table[~exists] = 0
        tables[name] = table
    for column in IDENTITIES:
        codes = tables["I"][:, :, column]
        codes[exists] = rank[codes[exists]]
    for name in "PWGHC":
        tables[name] = history.arrays[name]
    keys = history.decisions.keys.copy()
    keys[:, 1] = rank[keys[:, 1]]
    at = np.lexsort((keys[:, 1], keys[:, 0]))
    tables["keys"] = keys[at]
    tables["terms"], tables["values"] = history.decisions.terms[at], history.decisions.values[at]
    return tables


@pytest.mark.parametrize("rule", DECISION_RULES)
def test_the_order_of_factions_in_the_file_changes_nothing(rule: str) -> None:
    """The state and every decision are the same bit for bit.

    Monthly outcomes that are means over factions are summed in row order, so they agree to rounding only; nothing
    in a run reads them.
    """
    config = compiled(
        "baseline", f"decision.rule={rule}", "weights.wake_base=0.04", "weights.split_hazard=0.006"
    )
    names = list(config.factions)
    config = reordered(config.scenario, names)
    base = {seed: run(config, seed) for seed in (1, 2)}
    for number, order in enumerate((names[::-1], random.Random(5).sample(names, len(names)))):
        seed = number + 1
        other = reordered(config.scenario, order)
        assert other.factions != config.factions
        history = run(other, seed)
        one, two = by_name(config, base[seed]), by_name(other, history)
        assert len(one["names"]) > len(names), "no splinter, so nothing was shown of them"
        for name, table in one.items():
            assert table.shape == two[name].shape, name
            assert table.tobytes() == two[name].tobytes(), name
        assert np.allclose(base[seed].outcomes, history.outcomes, rtol=1e-11, atol=1e-11)
        exact = [at for at, column in enumerate(MONTHLY) if column.unit in ("count", "persons")]
        inexact = {"effective_organisations"}
        for at in exact:
            if MONTHLY[at].name not in inexact:
                assert np.array_equal(base[seed].outcomes[:, at], history.outcomes[:, at]), MONTHLY[at].name
        assert np.array_equal(base[seed].summary, history.summary)


# A world with one more faction, or one more split

HERMITS: dict[str, Any] = {
    "allegiance": "independent", "oath": "none", "parent": None, "lineage": None, "active_from": None,
    "foreign": False, "code": None, "aliases": (), "embeddedness": {}, "grievance_latent": {}, "rival_of": {},
    "fighters": Quantity(value=30.0), "local_share": Quantity(value=0.0), "globalism": Quantity(value=0.0),
    "salafism": Quantity(value=0.0), "autonomy": Quantity(value=1.0), "youth": Quantity(value=0.0),
    "relevance": Quantity(value=1.0), "war_chest": Quantity(value=12.0), "veteran_ties": Quantity(value=0.0),
    "home": "island", "theatre": "island",
}  # fmt: skip


def with_hermits(scenario: Scenario, first: bool) -> Compiled:
    """One more faction on an island of its own: no ties, no neighbours, nobody it could join or be joined by."""
    levant = next(region for region in scenario.regions.values() if region.area == "levant")
    alone = {"neighbours": (), "recruit_pool": Quantity(value=0.0), "held": {}, "support": {}, "reach": {}}
    nobody = {
        name: Quantity(value=0.0) for name in ("pressure", "offer", "push", "minority_grievance", "exposure")
    }
    island = levant.model_copy(update=alone | nobody)
    hermits = next(iter(scenario.factions.values())).model_copy(update=HERMITS)
    factions = (
        {"hermits": hermits, **scenario.factions} if first else {**scenario.factions, "hermits": hermits}
    )
    return compile_scenario(
        scenario.model_copy(update={"factions": factions, "regions": {**scenario.regions, "island": island}})
    )


def chosen_by_name(config: Compiled, history: History) -> dict[tuple[int, str], tuple[bytes, int]]:
    """Probabilities and choice of every decision, by month and faction."""
    names = names_of(config, history)
    return {
        (int(month), names[row]): (values[1].tobytes(), int(chosen))
        for (month, row, _, chosen, _), values in zip(
            history.decisions.keys, history.decisions.values, strict=True
        )
    }


@pytest.mark.parametrize("first", [False, True])
def test_one_more_faction_that_meets_nobody_changes_nobody(first: bool) -> None:
    """Without M09, which reads the share of factions that stand apart, all others live the same lives to the bit.

    What changes for good reason: the shares of factions (one more is counted), the agitation read from them, and
    the forces and patrons' reach on the island itself.
    """
    scenario = compiled("baseline", "mechanisms.M09=false").scenario
    base, more = compile_scenario(scenario), with_hermits(scenario, first)
    decided = 0
    for seed in range(4):
        one, other = run(base, seed), run(more, seed)
        hermit = more.factions.index("hermits")
        assert (other.arrays["I"][:, hermit, s.I_ALLEGIANCE] == 2 * len(more.patrons)).all()
        assert (other.arrays["I"][:, hermit, s.I_LEFT_PATRON] == -1).all()
        assert other.arrays["F"][0, hermit, s.F_FIGHTERS] > 0.0
        mine, theirs = by_name(base, one), by_name(more, other)
        rest = theirs["names"] != "hermits"
        assert np.array_equal(mine["names"], theirs["names"][rest])
        for name in "FX":
            assert mine[name].tobytes() == theirs[name][:, rest].tobytes(), name
        codes = [column for column in range(s.I_WIDTH) if column not in IDENTITIES]
        assert np.array_equal(mine["I"][:, :, codes], theirs["I"][:, rest][:, :, codes])
        counted = (s.P_SHARE, s.P_AGITATION)
        kept = [column for column in range(s.P_WIDTH) if column not in counted]
        assert np.array_equal(mine["P"][:, :, kept], theirs["P"][:, :, kept])
        assert np.array_equal(mine["H"], theirs["H"][:, :-1])
        assert np.array_equal(mine["G"], theirs["G"][:, :-1])
        assert np.array_equal(mine["W"], theirs["W"])
        before = chosen_by_name(base, one)
        after = {key: value for key, value in chosen_by_name(more, other).items() if key[1] != "hermits"}
        assert before == after
        decided += len(before)
    assert decided > 100


def test_one_more_faction_draws_nothing_that_is_not_its_own() -> None:
    """With M09 lives may drift apart, but wherever the odds of a decision are the same, so is the choice."""
    scenario = compiled("baseline").scenario
    base, more = compile_scenario(scenario), with_hermits(scenario, True)
    same = 0
    for seed in range(6):
        one, other = run(base, seed), run(more, seed)
        before, after = chosen_by_name(base, one), chosen_by_name(more, other)
        for key in before.keys() & after.keys():
            if before[key][0] == after[key][0]:
                assert before[key][1] == after[key][1]
                same += 1
    assert same > 200


def continued(world: World, months: int, first: int, split_row: int | None) -> History:
    """A recorded run that may be made to split a faction before month ``first``."""
    from sim.engine.kernel import simulate
    from sim.engine.world import Decisions

    kept = empty_history(world, months, True)
    options, room = world.CEN.shape[0], world.F.shape[0] * months
    outcomes, summary = np.zeros((months, M_WIDTH)), np.zeros(O_WIDTH)
    keys = np.zeros((room, 5), dtype=np.int64)
    terms, values = np.zeros((room, options, s.T_WIDTH)), np.zeros((room, 2, options))
    done = 0
    for begin, end in ((0, first), (first, months)):
        if begin == first and split_row is not None:
            split(world.F, world.I, world.X, world.P, world.C, world.A, split_row)
        done += simulate(
            *(getattr(world, name) for name in ARRAYS), world.T, world.V, world.Q, begin, end, outcomes, summary,
            *(kept[name] for name in MUTABLE), keys[done:], terms[done:], values[done:],
        )  # fmt: skip
    world.status()
    return History(kept, outcomes, summary, Decisions(keys[:done], terms[:done], values[:done]), 0)


def test_one_more_split_renumbers_nobody() -> None:
    """A splinter is addressed by its parent and the order of its birth, so the others keep their draws.

    The splinter itself may act, and what it does may change the odds of others; where the odds of a decision are
    the same in both worlds, so are the choices, and all who are in both have the same address.
    """
    config = compiled("baseline", "weights.split_hazard=0.01")
    config = compile_scenario(config.scenario, spare_rows=200)
    row, month, same, others = config.factions.index("imu"), 12, 0, 0
    for seed in range(4):
        one = continued(World(config.arrays, seed), config.months, month, None)
        other = continued(World(config.arrays, seed), config.months, month, row)
        assert_same_before(one, other, month)
        assert other.arrays["C"][month, s.C_ROWS] > one.arrays["C"][month, s.C_ROWS]
        first, second = entities(config, one), entities(config, other)
        assert "imu_s1" in second
        for name in first.keys() & second.keys():
            assert first[name] == second[name], name
        others += sum("_s" in name for name in first.keys() & second.keys())
        before, after = chosen_by_name(config, one), chosen_by_name(config, other)
        for key in before.keys() & after.keys():
            if before[key][0] == after[key][0]:
                assert before[key][1] == after[key][1]
                same += key[0] > month
    assert same > 100
    assert others > 20


def entities(config: Compiled, history: History) -> dict[str, int]:
    """Address of the draws of every faction."""
    rows = int(history.arrays["C"][-1, s.C_ROWS])
    parents = history.arrays["I"][-1, :, s.I_PARENT]
    names = faction_names(config.factions, parents, rows)
    found = dict(zip(names, history.arrays["I"][-1, :rows, s.I_ENTITY].tolist(), strict=True))
    for name in config.factions:
        assert found[name] == draws.entity_of("faction", name)
    return found


def test_the_order_of_a_line_does_not_decide_whether_its_oath_counts() -> None:
    """An oath of a line counts once, for the root, wherever the root stands in the file."""
    config = compiled("baseline", "patrons.iskp.constant=12")
    reverse = reordered(config.scenario, list(config.factions)[::-1])
    assert any(faction.lineage for faction in config.scenario.factions.values())
    pledged = [column.name for column in MONTHLY].index("pledged_units")
    for seed in range(6):
        one, other = run(config, seed), run(reverse, seed)
        assert np.array_equal(one.outcomes[:, pledged], other.outcomes[:, pledged])
        assert one.outcomes[-1, pledged] > 0


def test_numbers_are_what_they_are_set_to() -> None:
    """The helper that most tests here rest on."""
    scenario = numbers(compiled("baseline").scenario, "weights", {"clash": 0.5})
    assert compile_scenario(scenario).arrays["A"][s.A_CLASH] == 0.5
