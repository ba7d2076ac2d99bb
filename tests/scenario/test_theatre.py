"""Groups, areas and titles: what differs from theatre to theatre is said by the scenario."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim import state as s
from sim.api.describing import describe
from sim.engine.world import run_engine
from sim.outcomes import M_FOCUS_ABROAD, M_FOCUS_NORTH, M_GUESTS_GATHERED, MONTHLY
from sim.results.frames import Record
from sim.scenario.compile import compile_scenario
from sim.scenario.load import Loaded, load_text, resolved_yaml
from sim.scenario.walk import numbers

Changed = Callable[..., list[str]]
GROUPS = "groups: [pashtun, tajik, uzbek, other]"
AREAS = "{east: [gathered], south: [gathered], north: [north], west: [west], pakistan: []"


def renamed(text: str) -> str:
    """The tiny scenario with two groups of its own."""
    text = text.replace(GROUPS, "groups: [hill_people, other]")
    return (
        text.replace("tajik: {value", "other: {value")
        .replace("pashtun:", "hill_people:")
        .replace("uzbek:", "other:")
    )


def test_mixes_are_read_by_the_scenarios_own_groups(tiny_text: str, tiny: Loaded) -> None:
    own = load_text(renamed(tiny_text))
    config, old = compile_scenario(own.scenario), compile_scenario(tiny.scenario)
    assert config.groups == ("hill_people", "other")
    guests = config.factions.index("guests")
    assert config.arrays["F"][guests, s.F_MIX_1 : s.F_MIX_4 + 1].tolist() == [0, 1, 0, 0]
    assert config.arrays["P"][0, s.P_MIX_1] == 1.0, "a core of which nothing is said is of the first group"
    assert config.arrays["G"][:, s.G_MIX_1].tolist() == old.arrays["G"][:, s.G_MIX_1].tolist()
    assert {"factions.guests.ethnic_mix.hill_people", "patrons.elders.core_mix.other"} <= config.levers.keys()


def test_tables_have_the_scenarios_groups_and_no_others(tiny_text: str) -> None:
    config = compile_scenario(load_text(renamed(tiny_text)).scenario)
    record = Record(config, run_engine(config.arrays, 3, 1))
    for table in (record.factions(), record.patrons(), record.regions()):
        mixes = [field.name for field in table.fields if field.name.startswith("mix_")]
        assert mixes == ["mix_hill_people", "mix_other"]


def test_what_areas_count_as_is_scenario_data(tiny_text: str) -> None:
    here = compile_scenario(load_text(tiny_text).scenario)
    there = compile_scenario(
        load_text(
            tiny_text.replace(AREAS, "{east: [north, west], south: [], pakistan: [abroad, gathered]")
        ).scenario
    )
    flags = [s.G_ABROAD, s.G_NORTH, s.G_WEST, s.G_GATHERED]
    assert here.arrays["G"][:, flags].tolist() == [[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert there.arrays["G"][:, flags].tolist() == [[0, 0, 0, 0], [0, 1, 1, 0], [1, 0, 0, 1]]
    mine, theirs = (run_engine(config.arrays, 30, 4).outcomes for config in (here, there))
    assert not mine[:, [M_FOCUS_NORTH, M_FOCUS_ABROAD]].any()
    assert theirs[-1, M_FOCUS_NORTH] > 0.5
    assert mine[0, M_GUESTS_GATHERED] > 500
    assert theirs[0, M_GUESTS_GATHERED] == 0
    regions = Record(there, run_engine(there.arrays, 2, 4)).regions()
    assert regions.words("area").texts()[:3].tolist() == ["south", "east", "pakistan"]


def test_titles_stand_in_tables(tiny_text: str) -> None:
    text = tiny_text.replace(
        "  focus: banner\n", "  focus: banner\n  titles: {focus_north: Men of the coast.}\n"
    )
    config = compile_scenario(load_text(text).scenario)
    fields = {
        field.name: field for field in Record(config, run_engine(config.arrays, 2, 1)).outcomes().fields
    }
    assert fields["focus_north"].meaning == "Men of the coast."
    general = {column.name: column.meaning for column in MONTHLY}
    assert fields["focus_west"].meaning == general["focus_west"]
    assert "Non-Pashtun share of its core." in str(describe("focus_minority"))


def test_no_outcome_and_no_column_has_the_name_of_a_people_or_a_place() -> None:
    tables = (*MONTHLY, *s.FACTION, *s.FACTION_CODES, *s.PATRON, *s.REGION, *s.REGION_PATRON, *s.CONTROL)
    for word in (
        "pashtun",
        "tajik",
        "uzbek",
        "asia",
        "afghan",
        "pakistan",
        "iran",
        "levant",
        "syria",
        "taliban",
    ):
        assert not [column for column in tables if word in f"{column.name} {column.meaning}".lower()], word


def test_a_resolved_scenario_with_groups_of_its_own_loads_again(tiny_text: str) -> None:
    own = load_text(renamed(tiny_text))
    again = load_text(resolved_yaml(own))
    assert again.scenario == own.scenario
    a, b = compile_scenario(own.scenario).arrays, compile_scenario(again.scenario).arrays
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not [path for path, _, _ in numbers(own.scenario) if "tajik" in path]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "ethnic_mix: {uzbek: {value: 1,", "ethnic_mix: {uzbeck: {value: 1,",
            ["bad.yaml:67:18: factions.guests.ethnic_mix.uzbeck: unknown group 'uzbeck' (did you mean 'uzbek'?)"],
        ),
        (
            "    area: pakistan", "    area: pakstan",
            ["bad.yaml:139:11: regions.valley.area: unknown area 'pakstan' (did you mean 'pakistan'?)"],
        ),
        (
            "north: [north]", "north: [nort]",
            ["areas.north.0: 'nort' is none of abroad, north, west, gathered (did you mean 'north'?)"],
        ),
        (GROUPS, "groups: []", ["groups: is empty"]),
        (GROUPS, "groups: [pashtun, tajik, uzbek, other, more]", ["groups: has too many entries; at most 4"]),
        (GROUPS, "groups: [pashtun, tajik, uzbek, pashtun]", ["groups.3: 'pashtun' is named twice"]),
        (
            "ethnic_mix: {uzbek: {value: 1, source: \"C case coding\"}}", "ethnic_mix: {}",
            ["factions.guests.ethnic_mix: is empty"],
        ),
        (
            "  focus: banner\n", "  focus: banner\n  titles: {focus_minorty: Others.}\n",
            ["report.titles.focus_minorty: unknown outcome 'focus_minorty' (did you mean 'focus_minority'?)"],
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(changed: Changed, old: str, new: str, told: list[str]) -> None:
    lines = changed((old, new))
    for text in told:
        assert any(text in line for line in lines), lines
