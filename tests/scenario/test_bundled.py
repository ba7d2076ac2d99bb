"""The bundled scenarios say what they must: who, where, with what evidence, and no decision put in."""

from __future__ import annotations

from typing import Any

import pytest

from sim.scenario.evidence import is_given
from sim.scenario.lint import lint, notes
from sim.scenario.load import Loaded, load
from sim.scenario.walk import numbers
from sim.scenario.weights import Weights

pytestmark = pytest.mark.core

WHAT_IFS = ("omar-hidden-until-2018", "no-waziristan-operation", "no-khorasan-oath")


@pytest.fixture(scope="module")
def baseline() -> Loaded:
    return load("baseline")


def test_who_and_where(baseline: Loaded) -> None:
    scenario = baseline.scenario
    codes = {faction.code for faction in scenario.factions.values()}
    assert codes == {f"F{number:02d}" for number in range(2, 40)}
    assert set(scenario.patrons) == {"taliban", "iskp"}
    assert len(scenario.regions) == 21
    assert len({region.grid for region in scenario.regions.values()}) == 21


@pytest.mark.parametrize("name", ["baseline", *WHAT_IFS])
def test_nothing_gives_pause(name: str) -> None:
    loaded = load(name)
    assert [problem.message for problem in lint(loaded)] == []
    assert all("switched off" not in note for note in notes(loaded))


def test_every_number_has_a_source(baseline: Loaded) -> None:
    bare = [
        path
        for path, number, _ in numbers(baseline.scenario)
        if is_given(path, baseline.tree) and not number.source
    ]
    assert bare == []


def test_every_weight_is_stated(baseline: Loaded) -> None:
    assert set(baseline.tree["weights"]) == set(Weights.model_fields)


def test_coding_leaves_the_outcome_out(baseline: Loaded) -> None:
    """At the start nobody stands with ISKP, has a tie to it or works where only the outcome put it."""
    for faction in baseline.scenario.factions.values():
        assert faction.allegiance in ("taliban", "independent")
        assert faction.embeddedness["iskp"].value == 0


def test_one_coding_rule_for_embeddedness(baseline: Loaded) -> None:
    """Coded yes reads 0.85 to 0.9, coded no 0.1 to 0.3: no value in between."""
    for faction_id, faction in baseline.scenario.factions.items():
        number = faction.embeddedness["taliban"]
        said_yes = (number.source or "").startswith("C embedded: yes")
        low, high = (0.85, 0.9) if said_yes else (0.1, 0.3)
        assert low <= number.value <= high, faction_id


def test_taliban_men_add_up(baseline: Loaded) -> None:
    taliban = baseline.scenario.patrons["taliban"]
    assert sum(share.value for share in taliban.core_regions.values()) == pytest.approx(1)
    assert taliban.core_fighters.value == 20000
    assert baseline.scenario.patrons["iskp"].core_fighters.value == 0


@pytest.mark.parametrize("name", WHAT_IFS)
def test_what_if_changes_its_levers_alone(name: str, baseline: Loaded) -> None:
    other = load(name)
    same = ("factions", "regions", "ties", "weights", "decision", "observation", "sources", "mechanisms")
    for section in same:
        assert other.tree[section] == baseline.tree[section], section
    changed = _changed(baseline.tree, other.tree)
    expected = {
        "omar-hidden-until-2018": {"omar_revealed", "mansour_killed", "hibatullah_succession"},
        "no-waziristan-operation": {"zarb_e_azb"},
        "no-khorasan-oath": {"iskp.acceptance"},
    }
    assert changed == expected[name]


def _changed(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    events = {key for key in old["events"] if old["events"][key] != new["events"].get(key)}
    fields = {
        f"{patron}.{field}"
        for patron, entry in old["patrons"].items()
        for field in entry
        if entry[field] != new["patrons"][patron].get(field)
    }
    return events | fields
