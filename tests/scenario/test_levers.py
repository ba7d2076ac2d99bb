"""Levers: writing a value through its slot is the same as compiling the scenario with that value."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sim import state as s
from sim.errors import UsageError
from sim.scenario.compile import Compiled, compile_scenario
from sim.scenario.levers import Levers
from sim.scenario.load import Loaded, load, with_overrides
from sim.scenario.walk import numbers
from sim.scenario.wording import dotted

PARTS_OF_ONE = ("ethnic_mix", "core_mix", "core_regions", "destinations", "regions")
WHOLE = {"franchise_slots"}


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load("baseline")


@pytest.fixture(scope="module")
def compiled(baseline: Loaded) -> Compiled:
    return compile_scenario(baseline.scenario)


def written(compiled: Compiled, values: dict[str, Any]) -> dict[str, Any]:
    arrays = {name: array.copy() for name, array in compiled.arrays.items()}
    Levers(compiled, list(values)).write(arrays, list(values.values()))
    return arrays


def assert_same(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert given.keys() == wanted.keys()
    for name, array in wanted.items():
        assert np.array_equal(given[name], array), name


def other_number(path: str, value: float) -> float:
    """Another value in the range of every unit."""
    if path.split(".")[-1] in WHOLE:
        return value + 1.0
    return 0.37 if value == 0.0 else value * 0.83


def test_every_number_of_the_baseline_has_a_slot(compiled: Compiled, baseline: Loaded) -> None:
    given = {dotted(path) for path, _, _ in numbers(baseline.scenario)}
    assert given <= set(compiled.levers)


@pytest.mark.core
def test_all_numbers_at_once_come_out_as_compiled(compiled: Compiled, baseline: Loaded) -> None:
    values = {}
    for path, number, _ in numbers(baseline.scenario):
        # Men of a core need regions to be in, and one of the patrons has none at the start.
        if not set(path) & set(PARTS_OF_ONE) and dotted(path) != "patrons.iskp.core_fighters":
            values[dotted(path)] = other_number(dotted(path), number.value)
    assert len(values) > 1100
    again = compile_scenario(with_overrides(baseline, values).scenario)
    assert_same(written(compiled, values), again.arrays)
    assert not np.array_equal(again.arrays["F"], compiled.arrays["F"])


def test_shares_of_one_whole_change_together(compiled: Compiled, baseline: Loaded) -> None:
    values: dict[str, float] = {}
    groups: dict[tuple[Any, ...], list[tuple[str, float]]] = {}
    for path, number, _ in numbers(baseline.scenario):
        if set(path) & set(PARTS_OF_ONE[:4]):
            groups.setdefault(path[:-1], []).append((dotted(path), number.value))
    for members in groups.values():
        turned = [value for _, value in members[1:] + members[:1]]
        values |= {path: value for (path, _), value in zip(members, turned, strict=True)}
    assert len(values) > 100
    again = compile_scenario(with_overrides(baseline, values).scenario)
    assert_same(written(compiled, values), again.arrays)


@pytest.mark.parametrize(
    "values",
    [
        {"decision.rule": "threshold"},
        {"structure.legitimacy_fall": "constant", "structure.concealment_erosion": True},
        {"mechanisms.M08": False, "mechanisms.M53": True},
        {"events.omar_revealed.date": "2016-03"},
        {"events.omar_dies.date": "2014-02"},
        {"events.iskp_founded.date": "2015-02", "decision.theta": 2.0},
        {"events.omar_revealed.date": "omar_dies + 3"},
        {"patrons.taliban.core_fighters": 12345.0, "ties.0.weight": 0.11, "ties.1.weight": 0.22},
        {"regions.nangarhar.offer": 0.4},
        {"factions.imu.fighters": 777.7},
    ],
    ids=lambda values: "+".join(values),
)
def test_a_value_of_any_kind_comes_out_as_compiled(
    compiled: Compiled, baseline: Loaded, values: dict[str, Any]
) -> None:
    again = compile_scenario(with_overrides(baseline, values).scenario)
    assert_same(written(compiled, values), again.arrays)
    assert any(not np.array_equal(again.arrays[name], compiled.arrays[name]) for name in again.arrays)


def test_dates_follow_the_event_they_are_dated_by(baseline: Loaded) -> None:
    first = {"events.omar_revealed.date": "omar_dies + 20", "events.zarb_e_azb.date": "omar_revealed - 8"}
    chained = with_overrides(baseline, first)
    start = compile_scenario(chained.scenario)
    values = {"events.omar_dies.date": "2013-06"}
    again = compile_scenario(with_overrides(chained, values).scenario)
    assert_same(written(start, values), again.arrays)
    for name in ("omar_revealed", "zarb_e_azb"):
        row = start.levers[f"events.{name}.date"].places[0][1][0]
        assert again.arrays["E"][row, s.E_MONTH] != start.arrays["E"][row, s.E_MONTH]


def test_an_unknown_lever_is_named_with_its_nearest(compiled: Compiled) -> None:
    with pytest.raises(UsageError, match=r"no lever 'weights\.b_embd' \(did you mean 'weights\.b_embed'\?\)"):
        Levers(compiled, ["weights.b_embd"])
